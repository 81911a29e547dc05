"""The way to Google Sheets and back, over real HTTP, against a strict stand-in."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports import book as limits
from exports.book import Habits, SheetsBook
from exports.cells import CELL_LIMIT, block_rows
from exports.errors import (
    ApiDisabled,
    ExportError,
    KeyRevoked,
    KeyUnreadable,
    NotShared,
    ProtectedRange,
    QuotaExceeded,
    Refused,
    SpreadsheetGone,
    TooLarge,
    Unreachable,
)
from exports.google import Google, connect
from exports.known import own_id
from exports.layout import BlockLayout, TabLayout
from exports.pace import Pace
from exports.plan import Column, Plan, Row, Stamp, Tab, Table, make_plan
from exports.refusals import refusal
from exports.text import cell_text
from sandbox.google.faults import Fault, On
from sandbox.google.server import GoogleServer

ROBOT = "robot@project.iam.gserviceaccount.com"
LAYOUT = (
    TabLayout("deals", "Сделки", (BlockLayout("totals"), BlockLayout("deals"))),
    TabLayout("months", "Месяцы", (BlockLayout("months"),)),
)


@dataclass
class Hand:
    """Time that passes only when somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture(scope="module")
def server() -> Iterator[GoogleServer]:
    with GoogleServer(quotas=False, validate=True) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: GoogleServer) -> dict[str, str]:
    return server.service_account(ROBOT)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def google(server: GoogleServer, key: dict[str, str], hand: Hand) -> Google:
    server.heal()
    server.forget_requests()
    return connect(key, server.url, timeouts=(2.0, 0.5), clock=hand.clock, sleep=hand.sleep)


@pytest.fixture
def sheet(server: GoogleServer) -> str:
    return server.create_spreadsheet("Показатели", share={ROBOT: "writer"})


@pytest.fixture
def book(google: Google, sheet: str, hand: Hand) -> SheetsBook:
    return SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep)


def plan_of(
    run: int = 1, rows: int = 5, *, state: str = "данные полные", names: list[str] | None = None
) -> Plan:
    """A book whose every figure carries the number of its run."""
    moment = datetime(2026, 11, 22, 12, 45)
    texts = names if names is not None else [f"Сделка {number}" for number in range(rows)]
    deals: tuple[Row, ...] = tuple(
        (number, name, Decimal(run), date(2026, 11, 22)) for number, name in enumerate(texts)
    )
    tables = {
        "deals": table("deals", (("id", "deal"), ("name", "text"), ("run", "money"), ("on", "date")), deals),
        "months": table("months", (("month", "month"), ("run", "integer")), ((date(2026, 11, 1), run),)),
        "totals": table("totals", (("run", "integer"),), ((run,),)),
    }
    return make_plan(LAYOUT, tables, Stamp(moment, moment, run, state))


def table(name: str, columns: tuple[tuple[str, Any], ...], rows: tuple[Row, ...]) -> Table:
    return Table(name, name, "Смысл.", "", "", tuple(Column(each, how, each) for each, how in columns), rows)


def writes(server: GoogleServer) -> int:
    return sum(seen.kind == "write" for seen in server.requests)


def reads(server: GoogleServer) -> int:
    return sum(seen.kind == "read" for seen in server.requests)


def typed(sheet_id: int, row: int, column: int, value: dict[str, str]) -> dict[str, Any]:
    """What a person's typing into a cell comes to."""
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    rows = [{"values": [{"userEnteredValue": value}]}]
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def names_of(server: GoogleServer, sheet: str) -> list[str]:
    return [row[0] for row in server.values(sheet, "Сделки!D4:D")]


def test_a_refresh_is_one_request(server: GoogleServer, book: SheetsBook) -> None:
    for run in range(1, 21):
        done = book.refresh(plan_of(run), run)
        assert done.tabs_sent == ("Сделки", "Месяцы")

    assert (writes(server), reads(server)) == (20, 1)


def test_values_arrive_as_what_they_are_and_look_as_they_should(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(1500, rows=1), 1500)

    assert server.values(sheet, "Сделки!C4:F4") == [[0, "Сделка 0", 1500, 46348]]
    assert server.values(sheet, "Сделки!D4:F4", shown=True) == [["Сделка 0", "1\xa0500 ₽", "22.11.2026"]]
    assert server.values(sheet, "Месяцы!A4:B4", shown=True) == [["11.2026", "1\xa0500"]]
    assert server.values(sheet, "Сделки!A1:G1", shown=True)[0] == [
        "Данные на",
        "22.11.2026 12:45",
        "Проверено",
        "22.11.2026 12:45",
        "Запись №",
        "1\xa0500",
        "данные полные",
    ]


def test_unchanged_figures_cost_nothing_but_a_stamp_now_and_then(
    server: GoogleServer, book: SheetsBook, hand: Hand
) -> None:
    book.refresh(plan_of(1), 1)
    server.forget_requests()

    sent = []
    for minute in range(60):
        hand.now += 60
        sent.append(not book.refresh(plan_of(1), 2 + minute).skipped)

    assert sent.count(True) == writes(server) == 12
    assert reads(server) <= 4


def test_a_reason_why_figures_are_late_is_shown_at_once(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(1), 1)

    done = book.refresh(plan_of(1, state="синхронизация остановлена: ключ отозван"), 2)

    assert (done.tabs_sent, done.skipped) == ((), False)
    assert server.values(sheet, "Месяцы!G1") == [["синхронизация остановлена: ключ отозван"]]


def test_nobody_ever_sees_a_half(server: GoogleServer, book: SheetsBook, sheet: str, google: Google) -> None:
    book.refresh(plan_of(1), 1)
    seen: list[set[float]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            latest = server.book(sheet)
            values = {
                cell["userEnteredValue"]["numberValue"]
                for tab, places in (
                    ("Сделки", ((0, 5), (3, 0), (3, 4), (7, 4))),
                    ("Месяцы", ((0, 5), (3, 1))),
                )
                for place in places
                for cell in [next(each for each in latest.tabs if each.title == tab).cell(*place)]
            }
            seen.append(values)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for run in range(2, 12):
            book.refresh(plan_of(run), run)
    finally:
        done.set()
        watcher.join(timeout=5)

    assert {len(values) for values in seen} == {1}, "every figure and every stamp is of one run"
    assert len({tuple(values) for values in seen}) > 3


def test_no_tail_is_left_when_a_table_shrinks(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    for run, rows in enumerate((500, 20, 500, 20), start=1):
        book.refresh(plan_of(run, rows), run)
        assert names_of(server, sheet) == [f"Сделка {number}" for number in range(rows)]


def test_what_people_added_stays(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    book.refresh(plan_of(1, rows=30), 1)
    deals, months = own_id("deals"), own_id("months")
    yellow = {"userEnteredFormat": {"backgroundColorStyle": {"rgbColor": {"red": 1, "green": 1}}}}
    cell = {
        "sheetId": deals,
        "startRowIndex": 3,
        "endRowIndex": 4,
        "startColumnIndex": 3,
        "endColumnIndex": 4,
    }
    renamed = {"properties": {"sheetId": deals, "title": "Наши сделки"}, "fields": "title"}
    server.edit(
        sheet,
        {"updateSheetProperties": renamed},
        {"updateSheetProperties": {"properties": {"sheetId": months, "index": 0}, "fields": "index"}},
        {"addSheet": {"properties": {"sheetId": 77, "title": "Мои расчёты"}}},
        typed(77, 0, 0, {"formulaValue": "='Наши сделки'!E4*2"}),
        typed(deals, 3, 8, {"formulaValue": "=E4/10"}),
        typed(months, 50, 0, {"stringValue": "подпись"}),
        {"repeatCell": {"range": cell, "cell": {"note": "позвонить"}, "fields": "note"}},
        {"repeatCell": {"range": cell, "cell": yellow, "fields": "userEnteredFormat.backgroundColorStyle"}},
        {"updateDimensionProperties": {"properties": {"pixelSize": 333}, "fields": "pixelSize", "range": {
            "sheetId": deals, "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}}},
    )  # fmt: skip

    for run, rows in ((2, 40), (3, 5), (4, 30)):
        book.refresh(plan_of(run, rows), run)

    assert [tab.title for tab in server.book(sheet).tabs][:2] == ["Месяцы", "Наши сделки"]
    assert {tab.title for tab in server.book(sheet).tabs} == {"Месяцы", "Наши сделки", "Мои расчёты", "Лист1"}
    assert server.cell(sheet, "Мои расчёты!A1")["userEnteredValue"] == {"formulaValue": "='Наши сделки'!E4*2"}
    assert server.cell(sheet, "Наши сделки!I4")["userEnteredValue"] == {"formulaValue": "=E4/10"}
    assert server.values(sheet, "Месяцы!A51") == [["подпись"]]
    touched = server.cell(sheet, "Наши сделки!D4")
    assert touched["note"] == "позвонить"
    assert touched["userEnteredFormat"]["backgroundColorStyle"]["rgbColor"] == {"red": 1, "green": 1}
    assert server.values(sheet, "Наши сделки!E4") == [[4]]


def test_a_wider_table_moves_peoples_columns_aside(
    server: GoogleServer, book: SheetsBook, sheet: str, google: Google
) -> None:
    book.refresh(plan_of(1), 1)
    server.edit(sheet, typed(own_id("months"), 3, 7, {"stringValue": "моё"}))
    columns = tuple((f"c{place}", "integer") for place in range(9))
    wide = table("months", columns, (tuple(range(9)),))
    tables = {"months": wide, "totals": table("totals", (("run", "integer"),), ((1,),))}

    book.refresh(make_plan(LAYOUT, tables, plan_of().stamp), 2)

    assert server.values(sheet, "Месяцы!A4:K4") == [[*range(9), "моё"]]


def test_a_deleted_tab_comes_back(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    book.refresh(plan_of(1), 1)
    server.edit(sheet, {"deleteSheet": {"sheetId": own_id("deals")}})

    done = book.refresh(plan_of(2), 2)

    assert [tab.title for tab in server.book(sheet).tabs] == ["Сделки", "Месяцы", "Лист1"]
    assert done.requests == 3, "refused, looked, sent again"


def test_rows_that_people_deleted_are_made_again(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    book.refresh(plan_of(1, rows=100), 1)
    rows = {"sheetId": own_id("deals"), "dimension": "ROWS", "startIndex": 50, "endIndex": 300}
    server.edit(sheet, {"deleteDimension": {"range": rows}})

    book.refresh(plan_of(2, rows=100), 2)

    assert len(names_of(server, sheet)) == 100


def test_a_value_that_people_typed_over_is_healed_within_a_day(
    server: GoogleServer, book: SheetsBook, sheet: str, hand: Hand
) -> None:
    book.refresh(plan_of(1), 1)
    server.edit(sheet, typed(own_id("deals"), 3, 3, {"stringValue": "ой"}))

    book.refresh(plan_of(1), 2)
    assert names_of(server, sheet)[0] == "ой"
    hand.now += 86_400
    book.refresh(plan_of(1), 3)

    assert names_of(server, sheet)[0] == "Сделка 0"


def test_after_a_restart_the_marks_tell_what_is_there(
    server: GoogleServer, google: Google, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(1, rows=50), 1)
    server.forget_requests()

    again = SheetsBook(google, sheet)
    first, second = again.refresh(plan_of(1, rows=50), 2), again.refresh(plan_of(3, rows=2), 3)

    assert (first.tabs_sent, second.tabs_sent) == ((), ("Сделки", "Месяцы"))
    assert (writes(server), reads(server)) == (2, 1)
    assert names_of(server, sheet) == ["Сделка 0", "Сделка 1"]


@pytest.mark.parametrize("fault", ["unavailable_after", "hang_after"])
def test_a_lost_answer_is_not_sent_twice(
    server: GoogleServer, book: SheetsBook, sheet: str, fault: Fault
) -> None:
    server.fail(fault, on="write", seconds=1)

    done = book.refresh(plan_of(1, rows=300), 1)

    assert (writes(server), reads(server), done.requests) == (1, 2, 3)
    assert [tab.title for tab in server.book(sheet).tabs] == ["Сделки", "Месяцы", "Лист1"]
    assert book.refresh(plan_of(1, rows=300), 2).skipped


class Killed(BaseException):
    """The process ends here."""


def test_a_process_that_dies_before_the_answer_leaves_exactly_one_copy(
    server: GoogleServer, google: Google, sheet: str
) -> None:
    def die(seconds: float) -> None:
        raise Killed

    server.fail("unavailable_after", on="write")
    with pytest.raises(Killed):
        SheetsBook(google, sheet, sleep=die).refresh(plan_of(1, rows=300), 1)

    done = SheetsBook(google, sheet).refresh(plan_of(1, rows=300), 2)

    assert done.cells == 0, "the marks tell that all is there already"
    assert [tab.title for tab in server.book(sheet).tabs] == ["Сделки", "Месяцы", "Лист1"]
    assert len(server.book(sheet).metadata) == 3


def test_with_googles_own_quotas_nothing_is_ever_refused() -> None:
    hand = Hand(now=time.time())
    with GoogleServer(quotas=True, clock=hand.clock) as strict:
        client = connect(strict.service_account(ROBOT), strict.url, clock=hand.clock, sleep=hand.sleep)
        sheets = [strict.create_spreadsheet(name, share={ROBOT: "writer"}) for name in ("одна", "другая")]
        books = [SheetsBook(client, each, clock=hand.clock, sleep=hand.sleep) for each in sheets]
        began = hand.now
        for run in range(1, 81):
            for book in books:
                book.refresh(plan_of(run, rows=1), run)

        assert {seen.status for seen in strict.requests} == {200}
        assert hand.now - began < 60 * 160 / 45


@pytest.mark.parametrize("fault", ["unavailable", "internal", "bad_gateway", "hang", "quota"])
@pytest.mark.parametrize("on", ["write", "read"])
def test_what_passes_is_waited_for(
    server: GoogleServer, book: SheetsBook, hand: Hand, fault: Fault, on: On
) -> None:
    server.fail(fault, on=on, seconds=0.8)

    book.refresh(plan_of(1), 1)

    assert book.refresh(plan_of(1), 2).skipped
    assert 0 < sum(hand.waits) < 60


@pytest.mark.parametrize(("fault", "error"), [("unavailable", Unreachable), ("bad_gateway", Unreachable),
                                              ("quota", QuotaExceeded)])  # fmt: skip
def test_what_does_not_pass_is_given_up_in_bounded_time(
    server: GoogleServer, book: SheetsBook, hand: Hand, fault: Fault, error: type[ExportError]
) -> None:
    server.fail(fault, times=100, on="read")

    with pytest.raises(error) as caught:
        book.refresh(plan_of(1), 1)

    assert caught.value.retryable
    assert reads(server) <= limits.ATTEMPTS
    assert sum(hand.waits) < 300


def test_a_stale_token_is_renewed_without_anybody_noticing(server: GoogleServer, book: SheetsBook) -> None:
    server.fail("unauthorized", on="write")

    assert book.refresh(plan_of(1), 1).requests == 2


def test_a_token_server_that_stumbles_is_waited_for(server: GoogleServer, book: SheetsBook) -> None:
    server.fail("unavailable", on="token")

    assert book.refresh(plan_of(1), 1).requests == 2


def test_a_spreadsheet_that_is_not_shared_names_the_robot(server: GoogleServer, google: Google) -> None:
    alien = server.create_spreadsheet("Чужая")

    with pytest.raises(NotShared, match=f"Дайте доступ «Редактор» адресу {ROBOT}"):
        SheetsBook(google, alien).refresh(plan_of(), 1)


def test_a_reader_cannot_write(server: GoogleServer, google: Google) -> None:
    shown = server.create_spreadsheet("Только смотреть", share={ROBOT: "reader"})

    with pytest.raises(NotShared, match=ROBOT):
        SheetsBook(google, shown).refresh(plan_of(), 1)


def test_after_people_act_the_next_refresh_works(server: GoogleServer, google: Google) -> None:
    late = server.create_spreadsheet("Ещё не открыта")
    book = SheetsBook(google, late)
    with pytest.raises(NotShared):
        book.refresh(plan_of(), 1)

    server.share(late, ROBOT, "writer")

    assert not book.refresh(plan_of(), 2).skipped


def test_a_wrong_number_of_a_spreadsheet_is_said(google: Google) -> None:
    with pytest.raises(SpreadsheetGone, match="нет-такой"):
        SheetsBook(google, "нет-такой").refresh(plan_of(), 1)


def test_an_api_that_is_off_leads_to_its_switch(server: GoogleServer, book: SheetsBook) -> None:
    server.fail("api_disabled", on="read")

    with pytest.raises(ApiDisabled, match=r"Включите его: https://console\.developers\.google\.com/apis"):
        book.refresh(plan_of(), 1)


def test_protected_cells_are_named_to_people(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    book.refresh(plan_of(1), 1)
    area = {"range": {"sheetId": own_id("months")}, "editors": {"users": []}}
    server.edit(sheet, {"addProtectedRange": {"protectedRange": area}})

    with pytest.raises(ProtectedRange, match=f"добавьте {ROBOT} в редакторы"):
        book.refresh(plan_of(2), 2)


def test_a_revoked_key_is_not_tried_again_and_again(server: GoogleServer, hand: Hand) -> None:
    key = server.service_account("old@project.iam.gserviceaccount.com")
    server.revoke("old@project.iam.gserviceaccount.com")

    with pytest.raises(KeyRevoked, match="ключ отозван или часы") as caught:
        SheetsBook(connect(key, server.url), "any").refresh(plan_of(), 1)

    assert not caught.value.retryable


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"type": "service_account"},
        {"private_key": "?", "client_email": "a@b", "token_uri": "http://127.0.0.1/"},
    ],
)
def test_a_key_that_is_no_key_is_said(broken: dict[str, str]) -> None:
    with pytest.raises(KeyUnreadable, match="нужен файл JSON сервисного аккаунта"):
        connect(broken)


def test_a_host_that_does_not_answer_is_said(key: dict[str, str], free_port: int, hand: Hand) -> None:
    nowhere = connect(key, f"http://127.0.0.1:{free_port}", clock=hand.clock, sleep=hand.sleep)

    with pytest.raises(Unreachable) as caught:
        SheetsBook(nowhere, "any", sleep=hand.sleep, clock=hand.clock).refresh(plan_of(), 1)

    assert caught.value.retryable


def test_a_stand_in_gets_everything_even_the_tokens_of_a_real_key(
    server: GoogleServer, key: dict[str, str], sheet: str, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    real = key | {"token_uri": "https://oauth2.googleapis.com/token", "universe_domain": "googleapis.com"}
    before = threading.active_count()

    client = connect(real, server.url, clock=hand.clock, sleep=hand.sleep)
    SheetsBook(client, sheet).refresh(plan_of(), 1)

    assert server.values(sheet, "Месяцы!B4") == [[1]]
    assert threading.active_count() <= before + 1, "nothing is looked up in the background"


def test_a_dry_run_writes_nothing(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    told = book.refresh(plan_of(1), 1, dry_run=True)

    assert (told.tabs_sent, writes(server)) == (("Сделки", "Месяцы"), 0)
    assert book.refresh(plan_of(1), 1).cells == told.cells


def test_what_cannot_land_whole_is_refused_before_it_is_sent(server: GoogleServer, book: SheetsBook) -> None:
    huge = plan_of(1, names=["я" * 40_000] * 150)

    with pytest.raises(TooLarge, match=r"12\.\d МБ при пределе 10 МБ.*Сделки"):
        book.refresh(huge, 1)

    assert writes(server) == 0


def test_a_spreadsheet_that_would_overflow_is_refused_before_it_is_sent(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    grid = {"rowCount": 90_000, "columnCount": 100}
    server.edit(sheet, {"addSheet": {"properties": {"title": "Архив", "gridProperties": grid}}})

    with pytest.raises(TooLarge, match="Удалите из неё лишние листы"):
        book.refresh(plan_of(1), 1)

    assert writes(server) == 0


def test_settings_of_a_spreadsheet_are_made_once_and_then_peoples_own(
    server: GoogleServer, google: Google, sheet: str, caplog: pytest.LogCaptureFixture
) -> None:
    habits = Habits(locale="ru_RU", time_zone="Asia/Yekaterinburg")
    SheetsBook(google, sheet, habits).refresh(plan_of(1), 1)
    assert server.book(sheet).properties["timeZone"] == "Asia/Yekaterinburg"
    change = {"properties": {"timeZone": "Europe/Samara"}, "fields": "timeZone"}
    server.edit(sheet, {"updateSpreadsheetProperties": change})

    with caplog.at_level(logging.WARNING):
        SheetsBook(google, sheet, habits).refresh(plan_of(2), 2)

    assert server.book(sheet).properties["timeZone"] == "Europe/Samara"
    assert "sheets.time_zone_differs book=Europe/Samara ours=Asia/Yekaterinburg" in caplog.text


HOSTILE = ['=IMPORTXML("http://x")', "+7 916 000-00-00", "-5", "@x", "007", "1e5", "'в кавычках", "🪟 окно",
           "\u202eнаоборот", "две\nстроки", "a\x00b", "я" * 60_000, "🪟" * 40_000]  # fmt: skip


def test_hostile_texts_arrive_as_those_texts(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    book.refresh(plan_of(1, names=HOSTILE), 1)

    for place, text in enumerate(HOSTILE):
        assert server.cell(sheet, f"Сделки!D{4 + place}")["userEnteredValue"] == {
            "stringValue": cell_text(text, CELL_LIMIT)
        }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=20))
def test_any_text_arrives_as_that_text(
    server: GoogleServer, book: SheetsBook, sheet: str, names: list[str]
) -> None:
    book.refresh(plan_of(1, names=names), 1)

    for place, text in enumerate(names):
        stored = server.cell(sheet, f"Сделки!D{4 + place}").get("userEnteredValue", {"stringValue": ""})
        assert stored == {"stringValue": cell_text(text, CELL_LIMIT)}


STEP = st.tuples(
    st.sampled_from(["change", "change", "append", "drop last", "insert first", "empty", "fill"]),
    st.integers(0, 29),
    st.sampled_from([None, None, "unavailable", "unavailable_after", "restart"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=2, max_size=8))
def test_whatever_happens_the_sheet_shows_the_plan_and_nothing_else(
    server: GoogleServer, google: Google, hand: Hand, steps: list[tuple[str, int, Any]]
) -> None:
    sheet = server.create_spreadsheet("Показатели", share={ROBOT: "writer"})
    book = SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep)
    names = [f"Сделка {number}" for number in range(30)]

    for number, (change, place, accident) in enumerate(steps):
        names = changed(names, change, place)
        if accident == "restart":
            book = SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep)
        elif accident:
            server.fail(accident, on="write")
        plan = plan_of(number // 3, names=names)
        book.refresh(plan, number)
        server.heal()

        for tab in plan.tabs:
            assert shown(server, sheet, tab.title) == expected(tab)


def changed(names: list[str], change: str, place: int) -> list[str]:
    """The table after one of the things that happen to tables."""
    match change:
        case "change":
            return [f"{name}!" if number == place else name for number, name in enumerate(names)]
        case "append":
            return [*names, f"новая {place}"]
        case "drop last":
            return names[:-1]
        case "insert first":
            return [f"первая {place}", *names]
        case "empty":
            return []
        case _:
            return [f"Сделка {number}" for number in range(place)]


def shown(server: GoogleServer, sheet: str, title: str) -> dict[tuple[int, int], Any]:
    """Every cell of a tab that holds anything, below the stamp."""
    (tab,) = [each for each in server.book(sheet).tabs if each.title == title]
    return {
        (row, column): cell["userEnteredValue"]
        for row, cells in tab.rows.items()
        for column, cell in cells.items()
        if row > 0 and "userEnteredValue" in cell
    }


def expected(tab: Tab) -> dict[tuple[int, int], Any]:
    return {
        (1 + row, block.column + column): cell["userEnteredValue"]
        for block in tab.blocks
        for row, line in enumerate(block_rows(block))
        for column, cell in enumerate(line["values"])
        if cell
    }


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"message": "Invalid requests[0].updateCells: Range exceeds grid limits."}, Refused),
        (400, {"message": "Request payload size exceeds the limit: 10485760 bytes."}, TooLarge),
        (400, {"message": "… above the limit of 10000000 cells."}, TooLarge),
        (403, {"errors": [{"domain": "usageLimits", "reason": "userRateLimitExceeded"}]}, QuotaExceeded),
        (403, {"errors": [{"domain": "usageLimits", "reason": "storageQuotaExceeded"}]}, NotShared),
        (403, {"message": "You are trying to edit a protected cell or object."}, ProtectedRange),
        (401, {}, KeyRevoked),
        (408, {}, Unreachable),
        (409, {}, Unreachable),
        (413, None, TooLarge),
        (418, None, Refused),
        (502, None, Unreachable),
    ],
)
def test_every_refusal_has_its_meaning(
    status: int, body: dict[str, Any] | None, error: type[ExportError]
) -> None:
    raw = b"<html>502</html>" if body is None else json.dumps({"error": body}).encode()

    assert type(refusal(status, raw, book="1abc", robot=ROBOT)) is error


def test_the_pace_keeps_to_the_budget_of_any_minute_and_to_the_pause_between_requests() -> None:
    hand = Hand()
    pace = Pace({"read": 50, "write": 50}, gap=1.0, clock=hand.clock, sleep=hand.sleep)
    sent = []
    for _ in range(120):
        pace.wait("write", "one")
        sent.append(hand.now)

    assert max(sum(start <= moment < start + 60 for moment in sent) for start in sent) == 50
    assert min(after - before for before, after in pairwise(sent)) >= 1.0


def test_books_of_one_robot_share_its_budget_but_not_the_pause() -> None:
    hand = Hand()
    pace = Pace({"read": 5, "write": 3}, gap=1.0, clock=hand.clock, sleep=hand.sleep)

    for book in ("one", "two", "three", "four"):
        pace.wait("write", book)
    pace.wait("read", "five")

    assert hand.waits == [60.0]
