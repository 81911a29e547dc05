"""A Google spreadsheet kept equal to the plan, over real HTTP, against a strict stand-in."""

import json
import logging
import resource
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.book import Client, Habits, SheetsBook
from exports.cells import CELL_LIMIT, block_lines, cell_rows
from exports.errors import FileNotWritten, TooLarge, Unreachable
from exports.google import Google
from exports.known import own_id
from exports.latest import Latest
from exports.layout import BlockLayout, TabLayout
from exports.pace import LONGEST
from exports.plan import Plan, Tab, make_plan
from exports.text import cell_text
from sandbox.google.faults import Fault
from sandbox.google.server import GoogleServer
from tests.fakes_google import LAYOUT, ROBOT, Hand, names_of, plan_of, reads, table, typed, writes

pytest_plugins = ["tests.google_fixtures"]


def test_a_refresh_is_one_request(server: GoogleServer, book: SheetsBook) -> None:
    for run in range(1, 21):
        done = book.refresh(plan_of(run), run)
        assert done.tabs_sent == ("Сделки", "Месяцы")

    assert (writes(server), reads(server)) == (20, 1)


def test_values_arrive_as_what_they_are_and_look_as_they_should(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(1500, rows=1), 1500)

    assert server.values(sheet, "Сделки!C6:F6") == [[0, "Сделка 0", 1500, 46348]]
    assert server.values(sheet, "Сделки!D6:F6", shown=True) == [["Сделка 0", "1\xa0500 ₽", "22.11.2026"]]
    assert server.values(sheet, "Месяцы!A6:B6", shown=True) == [["11.2026", "1\xa0500"]]
    assert server.values(sheet, "Сделки!A1:H1", shown=True)[0] == [
        "Данные на",
        "22.11.2026 12:45",
        "Проверено",
        "22.11.2026 12:45",
        "Запись №",
        "1\xa0500",
        "",
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
    assert server.values(sheet, "Месяцы!H1") == [["синхронизация остановлена: ключ отозван"]]


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
                    ("Сделки", ((0, 5), (5, 0), (5, 4), (9, 4))),
                    ("Месяцы", ((0, 5), (5, 1))),
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
        "startRowIndex": 5,
        "endRowIndex": 6,
        "startColumnIndex": 3,
        "endColumnIndex": 4,
    }
    renamed = {"properties": {"sheetId": deals, "title": "Наши сделки"}, "fields": "title"}
    server.edit(
        sheet,
        {"updateSheetProperties": renamed},
        {"updateSheetProperties": {"properties": {"sheetId": months, "index": 0}, "fields": "index"}},
        {"addSheet": {"properties": {"sheetId": 77, "title": "Мои расчёты"}}},
        typed(77, 0, 0, {"formulaValue": "='Наши сделки'!E6*2"}),
        typed(deals, 5, 8, {"formulaValue": "=E6/10"}),
        typed(months, 52, 0, {"stringValue": "подпись"}),
        {"repeatCell": {"range": cell, "cell": {"note": "позвонить"}, "fields": "note"}},
        {"repeatCell": {"range": cell, "cell": yellow, "fields": "userEnteredFormat.backgroundColorStyle"}},
        {"updateDimensionProperties": {"properties": {"pixelSize": 333}, "fields": "pixelSize", "range": {
            "sheetId": deals, "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}}},
    )  # fmt: skip

    for run, rows in ((2, 40), (3, 5), (4, 30)):
        book.refresh(plan_of(run, rows), run)

    assert [tab.title for tab in server.book(sheet).tabs][:2] == ["Месяцы", "Наши сделки"]
    assert {tab.title for tab in server.book(sheet).tabs} == {"Месяцы", "Наши сделки", "Мои расчёты", "Лист1"}
    assert server.cell(sheet, "Мои расчёты!A1")["userEnteredValue"] == {"formulaValue": "='Наши сделки'!E6*2"}
    assert server.cell(sheet, "Наши сделки!I6")["userEnteredValue"] == {"formulaValue": "=E6/10"}
    assert server.values(sheet, "Месяцы!A53") == [["подпись"]]
    touched = server.cell(sheet, "Наши сделки!D6")
    assert touched["note"] == "позвонить"
    assert touched["userEnteredFormat"]["backgroundColorStyle"]["rgbColor"] == {"red": 1, "green": 1}
    assert server.values(sheet, "Наши сделки!E6") == [[4]]


def test_what_people_drew_over_a_table_survives_its_shrinking_and_growing(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    deals, own = own_id("deals"), 77
    book.refresh(plan_of(1, rows=500), 1)
    area = {
        "sheetId": deals,
        "startRowIndex": 4,
        "endRowIndex": 505,
        "startColumnIndex": 2,
        "endColumnIndex": 6,
    }
    column = {**area, "startColumnIndex": 9, "endColumnIndex": 10}
    figures = {**area, "startRowIndex": 5, "startColumnIndex": 4, "endColumnIndex": 5}
    red = {"textFormat": {"foregroundColorStyle": {"rgbColor": {"red": 1}}}}
    above = {"condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "100"}]}, "format": red}
    choice = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "проверено"}]}}
    source = {"sourceRange": {"sources": [figures]}}
    chart = {
        "basicChart": {"chartType": "LINE", "domains": [{"domain": source}], "series": [{"series": source}]}
    }
    place = {"overlayPosition": {"anchorCell": {"sheetId": own, "rowIndex": 5}}}
    server.edit(
        sheet,
        {"addSheet": {"properties": {"sheetId": own, "title": "Мой лист"}}},
        typed(own, 0, 0, {"formulaValue": "=SUM('Сделки'!E6:E505)"}),
        typed(deals, 402, 9, {"formulaValue": "=E402*2"}),
        {"setBasicFilter": {"filter": {"range": area, "criteria": {"3": {"hiddenValues": ["Сделка 7"]}}}}},
        {"addConditionalFormatRule": {"index": 0, "rule": {"ranges": [figures], "booleanRule": above}}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "мой", "name": "суммы", "range": figures}}},
        {"setDataValidation": {"range": column, "rule": choice}},
        {"addProtectedRange": {"protectedRange": {"range": column, "warningOnly": True}}},
        {"addChart": {"chart": {"chartId": 9, "spec": chart, "position": place}}},
        {"repeatCell": {"range": {**figures, "startRowIndex": 450, "endRowIndex": 451}, "fields": "note",
                        "cell": {"note": "спросить"}}},
        {"updateDimensionProperties": {"properties": {"hiddenByUser": True}, "fields": "hiddenByUser", "range": {
            "sheetId": deals, "dimension": "COLUMNS", "startIndex": 4, "endIndex": 5}}},
    )  # fmt: skip

    before = drawn_by_people(server, sheet)
    for run, rows in enumerate((20, 500, 0, 501), start=2):
        book.refresh(plan_of(run, rows=rows), run)
        assert drawn_by_people(server, sheet) == before

    assert len(names_of(server, sheet)) == 501


def drawn_by_people(server: GoogleServer, sheet: str) -> list[Any]:
    """All that stands in the spreadsheet beside values of ours."""
    book = server.book(sheet)
    return [
        book.named,
        *(
            (
                tab.title,
                tab.basic_filter,
                tab.rules,
                tab.protected,
                tab.charts,
                tab.column_sizes,
                {
                    (row, column): {**cell, "userEnteredValue": None} if column < 8 else cell
                    for row, line in tab.rows.items()
                    for column, cell in line.items()
                    if column >= 8 or "note" in cell or tab.title == "Мой лист"
                },
            )
            for tab in book.tabs
        ),
    ]


def test_a_wider_table_moves_peoples_columns_aside(
    server: GoogleServer, book: SheetsBook, sheet: str, google: Google
) -> None:
    book.refresh(plan_of(1), 1)
    server.edit(sheet, typed(own_id("months"), 5, 8, {"stringValue": "моё"}))
    columns = tuple((f"c{place}", "integer") for place in range(9))
    wide = table("months", columns, (tuple(range(9)),))
    tables = {"months": wide, "totals": table("totals", (("run", "integer"),), ((1,),))}

    book.refresh(make_plan(LAYOUT, tables, plan_of().stamp), 2)

    assert server.values(sheet, "Месяцы!A6:K6") == [[*range(9), "моё"]]


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
    server.edit(sheet, typed(own_id("deals"), 5, 3, {"stringValue": "ой"}))

    book.refresh(plan_of(1), 2)
    assert names_of(server, sheet)[0] == "ой"
    hand.now += 86_400
    book.refresh(plan_of(1), 3)

    assert names_of(server, sheet)[0] == "Сделка 0"


def test_who_is_started_anew_for_every_refresh_heals_too(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    def born() -> SheetsBook:
        return SheetsBook(google, sheet, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)

    born().refresh(plan_of(1), 1)
    server.edit(sheet, typed(own_id("deals"), 5, 3, {"stringValue": "ой"}))
    shown = []
    for run in range(2, 6):
        hand.now += 30_000
        born().refresh(plan_of(1), run)
        shown.append(names_of(server, sheet)[0])

    assert shown == ["ой", "ой", "Сделка 0", "Сделка 0"]


def test_two_processes_that_write_by_turns_leave_no_row_of_each_other(
    server: GoogleServer, google: Google, sheet: str, hand: Hand, tmp_path: Path
) -> None:
    def born() -> SheetsBook:
        latest = Latest(tmp_path / "books" / sheet)
        return SheetsBook(google, sheet, latest=latest, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)

    names = [f"Сделка {number}" for number in range(40)]
    changed = [*names[:7], "другая", *names[8:]]
    service, by_hand = born(), born()
    service.refresh(plan_of(1, names=names), 1)
    by_hand.refresh(plan_of(1, names=changed), 2)

    service.refresh(plan_of(1, names=[*names[:-1], "последняя"]), 3)

    assert names_of(server, sheet) == [*names[:-1], "последняя"]
    server.forget_requests()
    for run in range(4, 9):
        service.refresh(plan_of(run, names=names), run)
    assert (writes(server), reads(server)) == (5, 0)


class Killed(BaseException):
    """The end of a process, just when its request has landed."""


class Mortal:
    """A client whose process dies over its first request."""

    def __init__(self, google: Google) -> None:
        self._google = google
        self.read = google.read

    def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
        self._google.apply(spreadsheet_id, body, keep)
        raise Killed


def test_what_a_killed_process_wrote_is_not_overlooked_by_another(
    server: GoogleServer, google: Google, sheet: str, hand: Hand, tmp_path: Path
) -> None:
    def born(client: Client) -> SheetsBook:
        latest = Latest(tmp_path / "books" / sheet)
        return SheetsBook(client, sheet, latest=latest, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)

    names = [f"Сделка {number}" for number in range(40)]
    service, by_hand = born(google), born(Mortal(google))
    service.refresh(plan_of(1, names=names), 1)

    with pytest.raises(Killed):
        by_hand.refresh(plan_of(1, names=["другая", *names[1:]]), 2)
    service.refresh(plan_of(1, names=[*names[:-1], "последняя"]), 3)

    assert names_of(server, sheet) == [*names[:-1], "последняя"]


def test_what_was_written_over_a_full_disk_is_not_overlooked_by_another(
    server: GoogleServer, google: Google, sheet: str, hand: Hand, tmp_path: Path
) -> None:
    def born() -> SheetsBook:
        latest = Latest(tmp_path / "books" / sheet)
        return SheetsBook(google, sheet, latest=latest, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)

    names = [f"Сделка {number}" for number in range(40)]
    service, by_hand = born(), born()
    service.refresh(plan_of(1, names=names), 1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        by_hand.refresh(plan_of(1, names=["другая", *names[1:]]), 2)
        service.refresh(plan_of(1, names=[*names[:-1], "последняя"]), 3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert names_of(server, sheet) == [*names[:-1], "последняя"]


def test_a_folder_that_takes_no_files_is_told_in_a_sentence(
    server: GoogleServer, google: Google, sheet: str, tmp_path: Path
) -> None:
    (tmp_path / "books").write_text("это файл")
    book = SheetsBook(google, sheet, latest=Latest(tmp_path / "books" / sheet))

    with pytest.raises(
        FileNotWritten, match=f"Не пишется {tmp_path}/books/{sheet} .*проверьте место на диске"
    ):
        book.refresh(plan_of(1), 1)

    assert writes(server) == 0


def test_while_one_process_writes_another_waits_and_then_gives_up(
    server: GoogleServer, google: Google, sheet: str, hand: Hand, tmp_path: Path
) -> None:
    one, other = (Latest(tmp_path / sheet, clock=hand.clock, sleep=hand.sleep) for _ in range(2))

    with one.alone(), pytest.raises(Unreachable, match="другая команда vitrina"):
        SheetsBook(google, sheet, latest=other, clock=hand.clock, sleep=hand.sleep).refresh(plan_of(1), 1)

    assert (sum(hand.waits) >= 30, writes(server)) == (True, 0)


def large_plan(run: int) -> Plan:
    """Three tabs of 1.2 MB each, and a small one."""
    heavy = tuple((number, f"{run} {'я' * 10_000}") for number in range(60))
    tables = {
        name: table(name, (("id", "integer"), ("text", "text")), heavy if name != "small" else ((run, "да"),))
        for name in ("one", "two", "three", "small")
    }
    layout = [TabLayout(name, name, (BlockLayout(name),)) for name in tables]
    return make_plan(layout, tables, plan_of(run).stamp)


def test_a_large_book_is_filled_and_changed_at_once_by_requests_that_are_not_large(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    started = server.revision(sheet)

    first, again = book.refresh(large_plan(1), 1), book.refresh(large_plan(2), 2)

    bodies = [len(seen.body) for seen in server.requests if seen.kind == "write"]
    assert max(bodies) < 2_000_000
    assert (len(bodies), first.requests, again.requests) == (6, 4, 3), "two portions and what shows them"
    assert first.tabs_sent == again.tabs_sent == ("one", "two", "three", "small")
    seen = set()
    for revision in range(started + 1, server.revision(sheet) + 1):
        tabs = [tab for tab in server.book(sheet, revision).tabs if not tab.properties.get("hidden")][:-1]
        assert [tab.title for tab in tabs] in ([], ["one", "two", "three", "small"])
        assert [("userEnteredValue" in tab.cell(62, 1)) for tab in tabs] in ([], [True, True, True, False])
        runs = {tab.cell(0, 5)["userEnteredValue"]["numberValue"] for tab in tabs}
        runs |= {int(tab.cell(62, 1)["userEnteredValue"]["stringValue"][0]) for tab in tabs[:3]}
        assert len(runs) <= 1
        seen |= runs
    assert seen == {1, 2}


def test_a_large_book_is_healed_in_turns(
    server: GoogleServer, book: SheetsBook, sheet: str, hand: Hand
) -> None:
    book.refresh(large_plan(1), 1)
    for name in ("one", "two", "three", "small"):
        server.edit(sheet, typed(own_id(name), 5, 1, {"stringValue": "ой"}))
    hand.now += 86_400
    server.forget_requests()

    done = [book.refresh(large_plan(1), run).tabs_sent for run in range(2, 7)]

    assert done == [("one",), ("two",), ("three", "small"), (), ()]
    assert max(len(seen.body) for seen in server.requests) < 2_000_000
    assert [server.values(sheet, f"{name}!B6")[0][0][:2] for name in ("one", "two", "three")] == ["1 "] * 3
    assert server.values(sheet, "small!B6") == [["да"]]


def test_who_is_started_anew_for_every_refresh_heals_a_large_book_in_turns_too(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    def born() -> SheetsBook:
        return SheetsBook(google, sheet, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)

    born().refresh(large_plan(1), 1)
    server.edit(sheet, typed(own_id("small"), 5, 1, {"stringValue": "ой"}))
    hand.now += 86_400

    done = [born().refresh(large_plan(1), run).tabs_sent for run in range(2, 7)]

    assert done == [("one",), ("two",), ("three", "small"), (), ()]
    assert server.values(sheet, "small!B6") == [["да"]]


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


def test_what_was_given_up_and_lands_over_something_newer_is_written_over_at_once(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    given_up: list[bytes] = []

    class Slow(Mortal):
        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            if not given_up:
                given_up.append(body)
                raise Unreachable("60 s are over")
            google.apply(spreadsheet_id, body, keep)

    book = SheetsBook(Slow(google), sheet, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)
    SheetsBook(google, sheet, clock=hand.clock, wall=hand.wall).refresh(plan_of(1, names=["прежнее"]), 1)
    with pytest.raises(Unreachable):
        book.refresh(plan_of(2, names=["старое"]), 2, tries=1)
    for _ in range(3):
        book.refresh(plan_of(3, names=["новое"]), 3)

    server.edit(sheet, *json.loads(given_up[0])["requests"], by=ROBOT)
    assert names_of(server, sheet) == ["старое"]
    hand.now += 15
    book.refresh(plan_of(3, names=["новое"]), 4)

    assert names_of(server, sheet) == ["новое"]
    hand.now += LONGEST
    book.refresh(plan_of(3, names=["новое"]), 5)
    server.forget_requests()
    book.refresh(plan_of(6, names=["дальше"]), 6)
    assert (writes(server), reads(server)) == (1, 0), "it cannot land any more"


def test_a_dry_run_writes_nothing(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    told = book.refresh(plan_of(1), 1, dry_run=True)

    assert (told.tabs_sent, writes(server)) == (("Сделки", "Месяцы"), 0)
    assert book.refresh(plan_of(1), 1).cells == told.cells


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
        assert server.cell(sheet, f"Сделки!D{6 + place}")["userEnteredValue"] == {
            "stringValue": cell_text(text, CELL_LIMIT)
        }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=20))
def test_any_text_arrives_as_that_text(
    server: GoogleServer, book: SheetsBook, sheet: str, names: list[str]
) -> None:
    book.refresh(plan_of(1, names=names), 1)

    for place, text in enumerate(names):
        stored = server.cell(sheet, f"Сделки!D{6 + place}").get("userEnteredValue", {"stringValue": ""})
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
        for row, line in enumerate(cell_rows(block_lines(block)))
        for column, cell in enumerate(line["values"])
        if cell
    }
