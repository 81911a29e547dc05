"""A change too large for one request: nobody sees it come, and it comes to the same as if it had come at once."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from exports.book import Client, Habits, SheetsBook
from exports.cells import block_lines, cell_rows
from exports.drafts import make_draft
from exports.errors import Refused, TooLarge, Unreachable
from exports.google import Google, connect
from exports.known import FIELDS, Known, own_id, read_known
from exports.layout import BlockLayout, TabLayout
from exports.pace import KEPT, LONGEST
from exports.plan import FIRST_ROW, Plan, Row, make_plan
from exports.sending import prepare
from exports.sheets import Batch, make_batch
from sandbox.google.book import Book, Tab
from sandbox.google.errors import Invalid
from sandbox.google.faults import Fault
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT, Hand, names_of, plan_of, table, typed, writes

pytest_plugins = ["tests.google_fixtures"]

SMALL = 4_000  # bytes of a request
DEALS = (("deal_id", "deal"), ("name", "text"), ("amount", "money"), ("on", "date"), ("is_paid", "text"))
SUMS = (("month", "month"), ("amount", "money"))
LAYOUT = (
    TabLayout("deals", "Сделки", (BlockLayout("sums"), BlockLayout("deals"))),
    TabLayout("months", "Месяцы", (BlockLayout("sums"),)),
)
PAGES = "https://acme.amocrm.ru/leads/detail/"


def drafted_plan(run: int, deals: Sequence[Row], *, columns: int = 5, pages: str = PAGES) -> Plan:
    """A table with links, one without, and the number of the run in all of them."""
    rows = tuple(row[:columns] for row in deals)
    sums: tuple[Row, ...] = tuple((date(2026, month, 1), Decimal(run)) for month in range(1, 13))
    tables = {"deals": table("deals", DEALS[:columns], rows), "sums": table("sums", SUMS, sums)}
    return make_plan(LAYOUT, tables, replace(plan_of(run).stamp, alarm_after=900), deal_url=pages)


def deals_of(run: int, rows: int) -> list[Row]:
    return [
        (
            number,
            f"={run}+{number}",
            Decimal(run),
            date(2026, 1 + number % 12, 1),
            "да" if number % 3 else None,
        )
        for number in range(rows)
    ]


def batch_of(plan: Plan, known: Known, token: str) -> Batch:
    return make_batch(plan, known, run=plan.stamp.run, token=token, locale="ru_RU", time_zone="Europe/Moscow")


def drafts(book: Book) -> list[Tab]:
    return [tab for tab in book.tabs if tab.properties.get("hidden")]


def shown(book: Book) -> list[Any]:
    """All that people can see, and the marks."""
    tabs = [tab for tab in book.tabs if not tab.properties.get("hidden")]
    ids = {tab.sheet_id for tab in tabs}
    marks = {
        number: {name: told for name, told in mark.items() if name != "metadataValue" or "token" not in told}
        for number, mark in book.metadata.items()
        if mark["location"].get("sheetId", tabs[0].sheet_id) in ids
    }
    return [marks, [(tab.properties, _filled(tab), tab.charts, tab.rules, tab.protected) for tab in tabs]]


def _filled(tab: Tab) -> dict[tuple[int, int], Any]:
    return {
        (row, column): cell
        for row, line in tab.rows.items()
        for column, cell in line.items()
        if cell
    }  # fmt: skip


def send(server: GoogleServer, sheet: str, body: bytes) -> None:
    server.edit(sheet, *json.loads(body)["requests"], by=ROBOT)


VALUES = st.tuples(
    st.integers(1, 999),
    st.one_of(
        st.none(), st.text(max_size=60), st.sampled_from(["=1+1", "+7 916", "0050", "-5", "'а", "ИСТИНА"])
    ),
    st.one_of(st.none(), st.decimals(-1000, 1000, places=2)),
    st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1))),
    st.one_of(st.none(), st.sampled_from(["да", "нет"])),
)
PLANS = st.lists(st.tuples(st.lists(VALUES, max_size=40), st.sampled_from([5, 5, 3])), min_size=1, max_size=4)


@settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # what fails is small enough; to make it smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(PLANS, st.integers(300, 5_000))
def test_a_draft_comes_to_the_same_as_the_batch_itself(
    server: GoogleServer, plans: list[tuple[list[Row], int]], most: int
) -> None:
    plain, by_draft = (server.create_spreadsheet("Показатели", share={ROBOT: "writer"}) for _ in range(2))
    known = Known("Europe/Moscow", ())

    for run, (deals, columns) in enumerate(plans):
        batch = batch_of(drafted_plan(run, deals, columns=columns), known, str(run))
        draft = make_draft(batch, known, most)
        before = shown(server.book(by_draft))
        send(server, plain, batch.body)
        for portion in draft.portions if draft else ():
            send(server, by_draft, portion)
            assert shown(server.book(by_draft)) == before, "nobody sees it come"
            assert len(drafts(server.book(by_draft))) == 1
        send(server, by_draft, draft.body if draft else batch.body)

        assert shown(server.book(by_draft)) == shown(server.book(plain))
        assert drafts(server.book(by_draft)) == []
        assert server.book(by_draft).metadata.keys() == server.book(plain).metadata.keys()
        known = batch.after


def test_the_request_that_shows_it_carries_no_values_but_links(server: GoogleServer) -> None:
    plan, known = drafted_plan(1, deals_of(1, 300)), Known("Europe/Moscow", ())
    plan = replace(plan, stamp=replace(plan.stamp, state="синхронизация остановлена: " + "я" * 1_000))
    batch = batch_of(plan, known, "1")

    draft = make_draft(batch, known, SMALL)

    assert draft is not None
    requests = json.loads(draft.body)["requests"]
    values = [cell for request in requests if "updateCells" in request for row in request["updateCells"]["rows"]
              for cell in row["values"] if "userEnteredValue" in cell]  # fmt: skip
    assert len(values) < 20, "the stamps alone"
    assert sum("copyPaste" in request for request in requests) == 3
    assert len(draft.portions) > 5
    assert max(map(len, draft.portions)) < 1.3 * SMALL
    assert b"formulaValue" in draft.body
    assert not any(b"formulaValue" in portion for portion in draft.portions), "a copy would hold its result"


class Killed(BaseException):
    """The end of a process."""


class Mortal:
    """A client whose process dies over its writing of this number, before it has landed or after."""

    def __init__(self, google: Google, death: int, *, lands: bool) -> None:
        self._google, self._left, self._lands = google, death, lands
        self.read = google.read

    def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
        self._left -= 1
        if self._left or self._lands:
            self._google.apply(spreadsheet_id, body, keep)
        if not self._left:
            raise Killed


HABITS = Habits(request_size=SMALL)


def born(client: Client, sheet: str, hand: Hand) -> SheetsBook:
    return SheetsBook(client, sheet, HABITS, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)


def check(server: GoogleServer, sheet: str, plan: Plan) -> None:
    """Every cell of ours is as planned, nothing else is there, and no draft."""
    book = server.book(sheet)
    assert [tab.title for tab in book.tabs] == ["Сделки", "Месяцы", "Лист1"]
    assert len(book.metadata) == 3
    for tab in plan.tabs:
        (found,) = [each for each in book.tabs if each.title == tab.title]
        assert values(found) == {
            (1 + row, block.column + column): cell["userEnteredValue"]
            for block in tab.blocks
            for row, line in enumerate(cell_rows(block_lines(block)))
            for column, cell in enumerate(line["values"])
            if cell
        }


def values(tab: Tab) -> dict[tuple[int, int], Any]:
    return {
        place: cell["userEnteredValue"]
        for place, cell in _filled(tab).items()
        if place[0] > 0 and "userEnteredValue" in cell
    }


def test_wherever_the_writer_is_killed_the_old_or_the_new_is_shown(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    old, new, last = (drafted_plan(run, deals_of(run, 60)) for run in (1, 2, 3))
    born(google, sheet, hand).refresh(old, 1)
    deaths = 0

    for death in range(1, 20):
        for lands in (False, True):
            before = shown(server.book(sheet))
            with pytest.raises(Killed):
                born(Mortal(google, death, lands=lands), sheet, hand).refresh(new, 2)
            if is_over := shown(server.book(sheet)) != before:
                check(server, sheet, new)
            else:
                assert len(drafts(server.book(sheet))) == (0 if (death, lands) == (1, False) else 1)
            deaths += 1
            born(google, sheet, hand).refresh(last if death % 2 else old, 3)
            check(server, sheet, last if death % 2 else old)
        if is_over:
            break
    assert deaths >= 8


def test_what_shows_a_draft_is_waited_for_as_long_as_google_may_work_at_it(
    server: GoogleServer, key: dict[str, str], sheet: str, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[tuple[bool, float]] = []
    send_on = requests.Session.request

    def noted(session: requests.Session, method: str, url: str, **named: Any) -> requests.Response:
        if ":batchUpdate" in url:
            waits.append((b"copyPaste" in named["data"], named["timeout"][1]))
        return send_on(session, method, url, **named)

    monkeypatch.setattr(requests.Session, "request", noted)
    google = connect(key, server.url, timeouts=(2.0, 60.0), clock=hand.clock, sleep=hand.sleep)

    born(google, sheet, hand).refresh(drafted_plan(1, deals_of(1, 60)), 1)

    assert waits[-1] == (True, LONGEST)
    assert {*waits[:-1]} == {(False, 60.0)}


@pytest.mark.parametrize("fault", ["unavailable", "unavailable_after", "hang_after", "bad_gateway"])
def test_an_answer_that_is_lost_over_a_draft_does_no_harm(
    server: GoogleServer, google: Google, sheet: str, hand: Hand, fault: Fault
) -> None:
    book = born(google, sheet, hand)
    book.refresh(drafted_plan(1, deals_of(1, 60)), 1)
    plan = drafted_plan(2, deals_of(2, 60))
    portions = len(prepare(batch_of(plan, read_known(google.read(sheet, FIELDS)), "2"), Known("", ()), SMALL)
                   .draft.portions)  # type: ignore[union-attr]  # fmt: skip
    before = server.revision(sheet)
    server.forget_requests()

    server.fail(fault, 2, on="write", seconds=1)
    book.refresh(plan, 2)

    check(server, sheet, plan)
    repeated = fault.endswith("after")
    assert server.revision(sheet) - before == portions + 1 + repeated, "only what may land twice did"
    assert writes(server) == portions + 1 + (1 if repeated else 2), (
        "and what makes the draft was not tried again"
    )
    assert book.refresh(plan, 3).skipped


def test_what_arrives_late_finds_nothing_to_spoil(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    sent: list[bytes] = []

    class Lost(Mortal):
        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            sent.append(body)
            super().apply(spreadsheet_id, body, keep)

    class Belated(Mortal):
        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            super().apply(spreadsheet_id, body, keep)
            if drafts(server.book(sheet)):
                with pytest.raises(Invalid, match="No grid with id"):
                    send(server, sheet, sent[-1])

    with pytest.raises(Killed):
        born(Lost(google, 3, lands=False), sheet, hand).refresh(drafted_plan(1, deals_of(1, 60)), 1)
    born(google, sheet, hand).refresh(drafted_plan(2, deals_of(2, 60)), 2)
    plan = drafted_plan(3, deals_of(3, 60))

    born(Belated(google, 0, lands=True), sheet, hand).refresh(plan, 3)

    check(server, sheet, plan)


def test_a_draft_that_people_took_away_is_not_missed(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    class Meddled(Mortal):
        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            super().apply(spreadsheet_id, body, keep)
            if self._left == -2:
                (draft,) = drafts(server.book(sheet))
                server.edit(sheet, {"deleteSheet": {"sheetId": draft.sheet_id}})

    plan = drafted_plan(1, deals_of(1, 60))
    client = Meddled(google, 0, lands=True)

    born(client, sheet, hand).refresh(plan, 1)

    check(server, sheet, plan)


def test_what_a_killed_one_left_goes_with_whatever_comes_next(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    plan = drafted_plan(1, deals_of(1, 60))
    born(google, sheet, hand).refresh(plan, 1)
    with pytest.raises(Killed):
        born(Mortal(google, 2, lands=True), sheet, hand).refresh(drafted_plan(2, deals_of(2, 60)), 2)
    (left,) = drafts(server.book(sheet))
    twin = {"sourceSheetId": left.sheet_id, "newSheetId": 777, "newSheetName": "vitrina: черновик 7"}
    server.edit(sheet, {"duplicateSheet": twin})

    assert not born(google, sheet, hand).refresh(plan, 3).skipped, "though there is nothing else to tell"

    assert [tab.title for tab in server.book(sheet).tabs if tab.sheet_id == left.sheet_id] == []
    assert server.book(sheet).titled("vitrina: черновик 7") is not None, "what bears no mark is people's own"


def test_the_draft_of_another_reader_goes_before_anything_is_written(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    with pytest.raises(Killed):
        born(Mortal(google, 3, lands=True), sheet, hand).refresh(drafted_plan(1, deals_of(1, 60)), 1)
    theirs = [(number, f"чужая {number}", Decimal(7), None, None) for number in range(60)]
    plan = drafted_plan(2, theirs)
    for_one = replace(plan, tabs=tuple(replace(tab, scope="manager 7") for tab in plan.tabs))
    began = server.revision(sheet)

    born(google, sheet, hand).refresh(for_one, 2)

    for number in range(began + 1, server.revision(sheet) + 1):
        texts = [str(cell) for tab in server.book(sheet, number).tabs for cell in _filled(tab).values()]
        assert not any("'=1+" in text for text in texts), "not even hidden"
        assert len(drafts(server.book(sheet, number))) == (number < server.revision(sheet))
    check(server, sheet, plan)


def test_a_draft_leaves_requests_of_the_minute_to_what_cannot_wait(
    server: GoogleServer, key: dict[str, str], sheet: str, hand: Hand
) -> None:
    class Watched(Mortal):
        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            super().apply(spreadsheet_id, body, keep)
            if drafts(server.book(sheet)):
                assert google.has_room("другая", KEPT - 1)

    server.heal()
    google = connect(key, server.url, writes_per_minute=KEPT + 2, clock=hand.clock, sleep=hand.sleep)
    plan = drafted_plan(1, deals_of(1, 100))

    done = born(Watched(google, 0, lands=True), sheet, hand).refresh(plan, 1)

    assert done.requests > 5
    assert hand.now >= 60, "the draft waited for the next minute"
    check(server, sheet, plan)


def test_a_book_of_more_than_a_request_holds_is_written_whole(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    plan = plan_of(1, names=["я" * 40_000] * 150)

    done = book.refresh(plan, 1)

    assert done.bytes > 12_000_000
    assert max(len(seen.body) for seen in server.requests) < 2_100_000
    assert writes(server) == done.requests - 1 == 8
    assert len(names_of(server, sheet)) == 150
    assert book.refresh(plan, 2).skipped


def test_what_cannot_land_whole_is_refused_before_it_is_sent(server: GoogleServer, book: SheetsBook) -> None:
    huge = drafted_plan(1, deals_of(1, 600), pages=f"{PAGES}?{'q' * 20_000}=")

    with pytest.raises(TooLarge, match=r"12\.\d МБ при пределе 10 МБ.*Сделки"):
        book.refresh(huge, 1)

    assert writes(server) == 0


def test_without_room_for_a_draft_one_large_request_goes(
    server: GoogleServer, google: Google, sheet: str, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    grid = {"rowCount": 89_520, "columnCount": 100}
    server.edit(sheet, {"addSheet": {"properties": {"title": "Архив", "gridProperties": grid}}})

    done = born(google, sheet, hand).refresh(drafted_plan(1, deals_of(1, 900)), 1)

    assert (writes(server), done.bytes > SMALL) == (1, True)
    assert "sheets.many_cells cells=8978000 most=9000000" in caplog.text
    assert len(server.values(sheet, f"Сделки!D{FIRST_ROW + 1}:D")) == 900


def test_tabs_that_go_with_it_take_room_until_then(server: GoogleServer) -> None:
    of_owner = drafted_plan(1, deals_of(1, 60))
    of_sales = replace(of_owner, tabs=tuple(replace(tab, scope="sales") for tab in of_owner.tabs))
    known = batch_of(of_owner, Known("Europe/Moscow", ()), "1").after

    def is_drafted(rows: int) -> bool:
        tabs = tuple(replace(tab, rows=rows, columns=100) for tab in known.tabs)
        grown = replace(known, tabs=tabs)
        return prepare(batch_of(of_sales, grown, "2"), grown, SMALL).draft is not None

    assert (is_drafted(44_000), is_drafted(45_000)) == (True, False)


def test_where_no_copy_is_taken_one_large_request_goes(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    class Merged(Mortal):
        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            if b"copyPaste" in body:
                raise Refused("You can't paste into a part of a merge.")
            super().apply(spreadsheet_id, body, keep)

    plan = drafted_plan(1, deals_of(1, 60))

    born(Merged(google, 0, lands=True), sheet, hand).refresh(plan, 1)

    check(server, sheet, plan)


def test_a_draft_outlives_failures_that_pass(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    class Shaky(Mortal):
        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            if self._left in (-1, -3):
                server.fail("unavailable" if self._left == -1 else "quota", 1, on="write")
            super().apply(spreadsheet_id, body, keep)

    plan = drafted_plan(1, deals_of(1, 100))

    born(Shaky(google, 0, lands=True), sheet, hand).refresh(plan, 1, tries=1)

    check(server, sheet, plan)


def test_nothing_is_told_of_a_draft_that_could_not_be_filled(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    plan = drafted_plan(1, deals_of(1, 60))
    book = born(google, sheet, hand)
    book.refresh(plan, 1)
    server.edit(sheet, typed(own_id("deals"), 60, 9, {"stringValue": "моё"}))
    before = shown(server.book(sheet))
    server.fail("unavailable", 100, on="write")

    with pytest.raises(Unreachable):
        book.refresh(drafted_plan(2, deals_of(2, 60)), 2, tries=1)

    server.heal()
    assert shown(server.book(sheet)) == before
