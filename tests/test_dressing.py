"""Charts, colours and protection: put on a sheet once, found again, and never taken from people."""

import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from exports.book import SheetsBook
from exports.colours import COLOURS, TAB_COLOURS
from exports.google import Google
from exports.known import own_id
from exports.layout import LAYOUT, BlockLayout, TabLayout
from exports.overlay import letters
from exports.pictures import ChartLayout, SeriesLayout
from exports.plan import Column, Plan, Table, make_plan
from exports.stamp import IS_ALARMED, Stamp
from exports.tones import BAD, GOOD, ColourLayout, rgb
from exports.xlsx import render
from metrics import catalog
from sandbox.google.book import Tab
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT, Hand

pytest_plugins = ["tests.google_fixtures"]

STAMP = Stamp(datetime(2026, 11, 22, 12, 45), datetime(2026, 11, 22, 12, 46), 7, "данные полные")
MONTHS = Table(
    "months", "Месяцы", "Суммы по месяцам.", "month", "",
    (Column("month", "month", "Месяц"), Column("amount", "money", "Оборот"), Column("plan", "money", "План"),
     Column("note", "text", "Примечание")),
    tuple((date(2026, number, 1), Decimal(number), Decimal(5), "растёт") for number in range(1, 4)),
)  # fmt: skip
CHART = ChartLayout(
    "turnover", "Оборот и план", "months", 3, "month",
    (SeriesLayout("amount", "#3C78D8"), SeriesLayout("plan", "#E69138", is_line=True)), 10, 8,
)  # fmt: skip
BELOW = ColourLayout(("amount",), "{amount}<{plan}", BAD)
RISING = ColourLayout(("note",), '{note}="растёт"', GOOD)


def plan_of(
    *colours: ColourLayout, charts: tuple[ChartLayout, ...] = (CHART,), columns: int = 4, run: int = 7
) -> Plan:
    table = replace(
        MONTHS, columns=MONTHS.columns[:columns], rows=tuple(row[:columns] for row in MONTHS.rows)
    )
    layout = (TabLayout("one", "Один", (BlockLayout("months", colours=colours),), charts),)
    return make_plan(layout, {"months": table}, replace(STAMP, run=run))


def tab_of(server: GoogleServer, spreadsheet: str) -> Tab:
    [tab] = [each for each in server.book(spreadsheet).tabs if each.sheet_id == own_id("one")]
    return tab


def formulas(tab: Tab) -> list[str]:
    """Of the rules in their order; that of the first row, which every tab has, is left out."""
    conditions = [rule["booleanRule"]["condition"] for rule in tab.rules]
    found = [each["values"][0]["userEnteredValue"] for each in conditions]
    return [each for each in found if each != STALE]


def dressed(server: GoogleServer, spreadsheet: str) -> tuple[list[int], list[str], list[int]]:
    tab = tab_of(server, spreadsheet)
    return sorted(tab.charts), formulas(tab), sorted(tab.protected)


STALE = f'=AND({IS_ALARMED.removeprefix("=")};N("vitrina")=0)'
TURNOVER, PROTECTION = own_id("one/chart/turnover"), own_id("one/protection")
LOW = '=AND(AND(ISNUMBER($B6);ISNUMBER($C6);$B6<$C6);N("vitrina")=0)'
HIGH = '=AND(AND($D6="растёт");N("vitrina")=0)'


def test_a_tab_is_dressed_once(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    for run in range(1, 4):
        book.refresh(plan_of(BELOW, RISING, run=run), run)

    assert dressed(server, sheet) == ([TURNOVER], [LOW, HIGH], [PROTECTION])
    assert len(tab_of(server, sheet).rules) == 3
    spec = tab_of(server, sheet).charts[TURNOVER]["spec"]["basicChart"]
    area = {"sheetId": own_id("one"), "startRowIndex": 4, "endRowIndex": 8}
    assert [each["type"] for each in spec["series"]] == ["COLUMN", "LINE"]
    assert spec["series"][1]["series"]["sourceRange"]["sources"] == [
        area | {"startColumnIndex": 2, "endColumnIndex": 3}
    ]


def test_after_a_restart_nothing_is_doubled(
    server: GoogleServer, book: SheetsBook, sheet: str, google: Google, hand: Hand
) -> None:
    book.refresh(plan_of(BELOW), 1)
    before = dressed(server, sheet)

    SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep).refresh(plan_of(BELOW, run=2), 2)

    assert dressed(server, sheet) == before


def test_a_lost_answer_doubles_nothing(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    server.fail("unavailable_after", on="write")

    book.refresh(plan_of(BELOW), 1)

    assert dressed(server, sheet) == ([TURNOVER], [LOW], [PROTECTION])


def test_new_colours_take_the_place_of_ours_and_leave_those_of_people(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(BELOW), 1)
    area = {"sheetId": own_id("one"), "startColumnIndex": 0, "endColumnIndex": 1}
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": "моё"}]}
    theirs = {"ranges": [area], "booleanRule": {"condition": condition, "format": {}}}
    server.edit(sheet, {"addConditionalFormatRule": {"index": 0, "rule": theirs}})

    book.refresh(plan_of(RISING, run=2), 2)

    assert dressed(server, sheet)[1] == ["моё", HIGH]


def test_what_people_took_away_stays_away_until_the_shape_is_another(
    server: GoogleServer, book: SheetsBook, sheet: str, google: Google, hand: Hand
) -> None:
    book.refresh(plan_of(BELOW), 1)
    server.edit(
        sheet,
        {"deleteEmbeddedObject": {"objectId": TURNOVER}},
        *[{"deleteConditionalFormatRule": {"sheetId": own_id("one"), "index": 0}}] * 2,
        {"deleteProtectedRange": {"protectedRangeId": PROTECTION}},
    )

    again = SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep)
    again.refresh(plan_of(BELOW, run=2), 2)
    assert dressed(server, sheet) == ([], [], [])

    again.refresh(plan_of(BELOW, RISING, run=3), 3)
    assert dressed(server, sheet) == ([TURNOVER], [LOW, HIGH], [PROTECTION])


def test_a_chart_that_people_moved_keeps_its_place_and_follows_its_figures(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(), 1)
    chart = tab_of(server, sheet).charts[TURNOVER]
    moved = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 1, "columnIndex": 1}}}
    server.edit(
        sheet,
        {"deleteEmbeddedObject": {"objectId": TURNOVER}},
        {"addChart": {"chart": chart | {"position": moved}}},
    )

    book.refresh(plan_of(charts=(replace(CHART, title="Иначе"),), run=2), 2)

    [other] = [tab for tab in server.book(sheet).tabs if tab.charts]
    assert other.sheet_id == 0
    assert other.charts[TURNOVER]["spec"]["title"] == "Иначе"


def test_a_chart_that_is_no_longer_planned_goes_and_those_of_people_stay(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(), 1)
    theirs = tab_of(server, sheet).charts[TURNOVER] | {"chartId": 77}
    server.edit(sheet, {"addChart": {"chart": theirs}})

    book.refresh(plan_of(charts=(), run=2), 2)

    assert dressed(server, sheet)[0] == [77]


def test_our_columns_warn_and_those_of_people_do_not(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    book.refresh(plan_of(columns=2), 1)
    book.refresh(plan_of(columns=4, run=2), 2)

    [ours] = tab_of(server, sheet).protected.values()

    assert ours["warningOnly"]
    assert (ours["range"]["startColumnIndex"], ours["range"]["endColumnIndex"]) == (0, 8)


def test_a_tab_that_its_owner_protected_is_written_and_not_protected_twice(
    server: GoogleServer, book: SheetsBook, sheet: str, google: Google, hand: Hand
) -> None:
    book.refresh(plan_of(), 1)
    server.edit(
        sheet,
        {"deleteProtectedRange": {"protectedRangeId": PROTECTION}},
        {"addProtectedRange": {"protectedRange": {
            "protectedRangeId": 5, "range": {"sheetId": own_id("one")}, "editors": {"users": [ROBOT]}}}},
    )  # fmt: skip

    SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep).refresh(plan_of(BELOW, run=2), 2)

    assert dressed(server, sheet) == ([TURNOVER], [LOW], [5])


def test_colours_and_charts_of_columns_that_are_not_shown_are_left_out() -> None:
    [tab] = plan_of(BELOW, RISING, columns=2).tabs

    assert (tab.charts, tab.rules) == ((), ())


def test_the_workbook_has_the_same_charts_and_colours() -> None:
    [sheet] = load_workbook(BytesIO(render(plan_of(BELOW)))).worksheets
    ranges = sheet.conditional_formatting
    archive = zipfile.ZipFile(BytesIO(render(plan_of(BELOW))))
    drawing = archive.read("xl/charts/chart1.xml").decode()

    assert re.findall(r"<c:f>(.*?)</c:f>", drawing) == [
        "Один!$B$5", "Один!$A$6:$A$8", "Один!$B$6:$B$8", "Один!$C$5", "Один!$A$6:$A$8", "Один!$C$6:$C$8",
    ]  # fmt: skip
    assert [(str(area.sqref), rule.formula) for area in ranges for rule in area.rules] == [
        ("B6:B8", ["AND(ISNUMBER($B6),ISNUMBER($C6),$B6<$C6)"])
    ]


@pytest.mark.parametrize("tab", LAYOUT, ids=lambda tab: str(tab.key))
def test_every_chart_and_colour_of_the_book_speaks_of_columns_that_are_shown(tab: TabLayout) -> None:
    shown = {
        (block.mart, column.name)
        for block in tab.blocks
        for column in catalog.load()[block.mart].columns
        if column.format != "hidden" and (block.columns is None or column.name in block.columns)
    }
    asked = {(chart.mart, name) for chart in tab.charts for name in chart.columns}
    for block in tab.blocks:
        for colour in COLOURS.get(block.mart, ()):
            named = re.findall(r"\{(\w+)\}", colour.when)
            asked |= {(block.mart, name) for name in (*colour.columns, *named)}

    assert asked <= shown


def test_colours_are_of_tables_that_stand_on_a_tab() -> None:
    assert set(COLOURS) <= {block.mart for tab in LAYOUT for block in tab.blocks}


def test_columns_are_lettered_as_sheets_letter_them() -> None:
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_a_heading_tells_what_its_table_means_and_by_which_date(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    told = "Суммы по месяцам.\nПо какой дате: дата договора."
    table = replace(MONTHS, date_base="дата договора")
    layout = (TabLayout("one", "Один", (BlockLayout("months"),)),)
    plan = make_plan(layout, {"months": table}, STAMP)
    book.refresh(plan, 1)
    wide = replace(table, columns=(*table.columns, Column("more", "integer", "Ещё")), name="wide")
    wide = replace(wide, rows=tuple((*row, 1) for row in wide.rows))
    two = (TabLayout("one", "Один", (BlockLayout("wide"), BlockLayout("months"))),)

    book.refresh(make_plan(two, {"months": table, "wide": wide}, STAMP), 2)

    noted = {
        (row, column): cell["note"] for tab, row, column, cell in server.book(sheet).cells() if "note" in cell
    }
    assert noted == {(1, 0): told, (1, 6): told}
    [drawn] = load_workbook(BytesIO(render(plan))).worksheets
    assert drawn["A2"].comment is not None
    assert drawn["A2"].comment.text == told


def test_every_tab_has_a_colour_that_its_owner_may_change(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    assert set(TAB_COLOURS) == {tab.key for tab in LAYOUT}
    plan = make_plan((TabLayout("cash", "Деньги", (BlockLayout("months"),)),), {"months": MONTHS}, STAMP)
    book.refresh(plan, 1)
    [cash] = [tab for tab in server.book(sheet).tabs if tab.title == "Деньги"]
    assert cash.properties["tabColorStyle"] == {"rgbColor": rgb(TAB_COLOURS["cash"])}
    theirs = {"rgbColor": {"red": 1}}
    changed = {"sheetId": cash.sheet_id, "tabColorStyle": theirs}
    server.edit(sheet, {"updateSheetProperties": {"properties": changed, "fields": "tabColorStyle"}})

    book.refresh(plan_of(), 2)
    book.refresh(plan, 3)

    assert server.book(sheet).tab(cash.sheet_id).properties["tabColorStyle"] == theirs
    [drawn] = load_workbook(BytesIO(render(plan))).worksheets
    assert drawn.sheet_properties.tabColor is not None
    assert drawn.sheet_properties.tabColor.rgb == f"FF{TAB_COLOURS['cash'].removeprefix('#')}"
