"""Books that an earlier version wrote, with a shorter head: moved once, and nothing of people's is harmed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from exports.book import Habits, SheetsBook
from exports.cells import block_lines, cell_rows
from exports.errors import Unreachable
from exports.google import Google
from exports.known import TAB_KEY, own_id
from exports.layout import BlockLayout, TabLayout
from exports.plan import ABOUT_ROW, FIRST_ROW, HEADER_ROW, Plan, make_plan
from exports.widths import pixels
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT, Hand, names_of, plan_of, table, typed, writes

pytest_plugins = ["tests.google_fixtures"]

DEALS = own_id("deals")
OWN = 77


@pytest.fixture
def older(server: GoogleServer, sheet: str, google: Google, hand: Hand) -> str:
    """A spreadsheet as it stood before there were a line about the table and a line of totals."""
    SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep).refresh(plan_of(1, rows=30), 1)
    for tab in plan_of().tabs:
        ours = own_id(tab.key)
        rows = {"sheetId": ours, "dimension": "ROWS", "startIndex": ABOUT_ROW, "endIndex": HEADER_ROW}
        frozen = {"properties": {"sheetId": ours, "gridProperties": {"frozenRowCount": 3}}}
        frozen["fields"] = "gridProperties.frozenRowCount"  # type: ignore[assignment]
        mark = json.loads(next(
            each["metadataValue"] for each in server.book(sheet).metadata.values()
            if each["metadataKey"] == TAB_KEY and each["location"].get("sheetId") == ours
        ))  # fmt: skip
        del mark["head"]
        mark["schema"] = "of an earlier version"
        mark["blocks"] = [[column, width, rows - 2, told] for column, width, rows, told in mark["blocks"]]
        value = {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": ours}}],
            "fields": "metadataValue",
        }
        value["developerMetadata"] = {"metadataValue": json.dumps(mark)}  # type: ignore[assignment]
        server.edit(
            sheet,
            {"deleteDimension": {"range": rows}},
            {"updateSheetProperties": frozen},
            {"updateDeveloperMetadata": value},
        )
    assert server.values(sheet, "Сделки!D4") == [["Сделка 0"]]
    return sheet


def refreshed(google: Google, sheet: str, hand: Hand, plan: Plan) -> None:
    SheetsBook(google, sheet, clock=hand.clock, sleep=hand.sleep).refresh(plan, plan.stamp.run)


def test_it_is_moved_once_and_shows_the_plan(
    server: GoogleServer, older: str, google: Google, hand: Hand
) -> None:
    refreshed(google, older, hand, plan_of(2, rows=30))
    rows = [tab.row_count for tab in server.book(older).tabs]
    before = writes(server)
    refreshed(google, older, hand, plan_of(3, rows=30))

    assert writes(server) == before + 1
    assert [tab.row_count for tab in server.book(older).tabs] == rows, "no row was put in a second time"
    for tab in plan_of(3, rows=30).tabs:
        [there] = [each for each in server.book(older).tabs if each.title == tab.title]
        assert there.properties["gridProperties"]["frozenRowCount"] == FIRST_ROW
        for block in tab.blocks:
            wanted = [line["values"] for line in cell_rows(block_lines(block))]
            for number, line in enumerate(wanted, 1):
                found = [there.cell(number, block.column + place) for place in range(block.width)]
                values = [{"userEnteredValue": value} if value else {} for value in map(entered, found)]
                assert values == [*line, *[{}] * (block.width - len(line))], (tab.title, number)


def test_a_table_that_stands_elsewhere_now_brings_its_widths(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    """What was the gap between two tables, or a column of another one, is no room for what stands there now."""
    columns = {"a": 2, "b": 6, "c": 2, "d": 2}

    def laid_out(run: int, *marts: str) -> Plan:
        tables = {
            mart: table(mart, tuple((f"{mart}{number}", "money") for number in range(count)), ())
            for mart, count in columns.items()
        }
        blocks = tuple(map(BlockLayout, marts))
        return make_plan(
            (TabLayout("deals", "Сделки", blocks),), tables, replace(plan_of(run).stamp, run=run)
        )

    def widths() -> list[int]:
        sizes = server.book(sheet).tabs[0].column_sizes
        return [sizes[place]["pixelSize"] for place in range(12)]

    refreshed(google, sheet, hand, laid_out(1, "a", "b", "d"))
    place = {"sheetId": DEALS, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    server.edit(
        sheet,
        {
            "updateDimensionProperties": {
                "range": place,
                "properties": {"pixelSize": 333},
                "fields": "pixelSize",
            }
        },
    )
    refreshed(google, sheet, hand, laid_out(2, "a", "c", "b", "d"))
    fresh = pixels(laid_out(2, "a", "c", "b", "d").tabs[0])

    assert widths()[1] == 333, "a person's own width stays where the table does"
    assert all(found >= wanted for found, wanted in zip(widths(), fresh, strict=False)), (
        "all else can be read"
    )


def test_it_is_moved_by_way_of_a_draft_alike(
    server: GoogleServer, older: str, google: Google, hand: Hand
) -> None:
    plan, whole = plan_of(2, rows=30), server.create_spreadsheet("Новая", share={ROBOT: "writer"})
    refreshed(google, whole, hand, plan)
    by_draft = SheetsBook(google, older, Habits(request_size=1_000), clock=hand.clock, sleep=hand.sleep)
    before = writes(server)

    by_draft.refresh(plan, 2)

    assert writes(server) > before + 2
    assert head_of(server, older) == head_of(server, whole)
    assert len(names_of(server, older)) == 30
    assert SheetsBook(google, older, clock=hand.clock, sleep=hand.sleep).refresh(plan, 3).cells == 0


def test_rows_are_not_put_in_twice_by_a_request_that_was_given_up_and_lands_late(
    server: GoogleServer, older: str, google: Google, hand: Hand
) -> None:
    first: list[bytes] = []

    class Slow:
        """The first answer never comes, and what was sent lands after all just before the next try does."""

        read = google.read

        def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
            first.append(body)
            if len(first) == 1:
                raise Unreachable("нет ответа")
            if len(first) == 2:
                google.apply(spreadsheet_id, first[0], keep)
            google.apply(spreadsheet_id, body, keep)

    plan = plan_of(2, rows=30)
    rows = [tab.row_count for tab in server.book(older).tabs]

    SheetsBook(Slow(), older, clock=hand.clock, sleep=hand.sleep).refresh(plan, 2)

    assert [tab.row_count for tab in server.book(older).tabs[:2]] == [count + 2 for count in rows[:2]]
    [deals] = [tab for tab in server.book(older).tabs if tab.title == "Сделки"]
    assert max(row for row, line in deals.rows.items() if any(map(entered, line.values()))) == FIRST_ROW + 29
    assert SheetsBook(google, older, clock=hand.clock, sleep=hand.sleep).refresh(plan, 3).cells == 0


def test_it_looks_like_a_new_one(server: GoogleServer, older: str, google: Google, hand: Hand) -> None:
    fresh = server.create_spreadsheet("Новая", share={ROBOT: "writer"})
    for sheet in (older, fresh):
        refreshed(google, sheet, hand, plan_of(2, rows=30))

    assert head_of(server, older) == head_of(server, fresh)


def head_of(server: GoogleServer, sheet: str) -> list[Any]:
    """How every cell down to the labels looks, and how high the rows are."""
    return [
        (tab.title, tab.row_sizes.get(row), [tab.cell(row, column).get("userEnteredFormat") for column in range(12)])
        for tab in server.book(sheet).tabs[: len(plan_of().tabs)]
        for row in range(FIRST_ROW)
    ]  # fmt: skip


def entered(cell: Mapping[str, Any]) -> Any:
    return cell.get("userEnteredValue")


def test_what_people_added_goes_with_the_rows_it_belongs_to(
    server: GoogleServer, older: str, google: Google, hand: Hand
) -> None:
    figures = {"sheetId": DEALS, "startRowIndex": 3, "endRowIndex": 33, "startColumnIndex": 4}
    figures["endColumnIndex"] = 5
    table = {**figures, "startRowIndex": 2, "startColumnIndex": 2, "endColumnIndex": 6}
    tenth = {**figures, "startRowIndex": 9 + 3, "endRowIndex": 10 + 3}
    server.edit(
        older,
        {"addSheet": {"properties": {"sheetId": OWN, "title": "Мой лист"}}},
        typed(OWN, 0, 0, {"formulaValue": "=SUM('Сделки'!E4:E33)"}),
        typed(DEALS, 12, 9, {"formulaValue": "=E13*2"}),
        typed(DEALS, 12, 10, {"stringValue": "спросить о сроке"}),
        {"repeatCell": {"range": tenth, "cell": {"note": "звонил"}, "fields": "note"}},
        {"setBasicFilter": {"filter": {"range": table, "criteria": {"3": {"hiddenValues": ["Сделка 7"]}}}}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "мой", "name": "суммы", "range": figures}}},
        typed(OWN, 1, 0, {"formulaValue": "='Сделки'!D13"}),
    )

    for run, rows in ((2, 500), (3, 20), (4, 500)):
        refreshed(google, older, hand, plan_of(run, rows=rows))

    book = server.book(older)
    [deals] = [tab for tab in book.tabs if tab.title == "Сделки"]
    assert server.cell(older, "Мой лист!A1")["userEnteredValue"] == {"formulaValue": "=SUM('Сделки'!E6:E35)"}
    assert server.cell(older, "Мой лист!A2")["userEnteredValue"] == {"formulaValue": "='Сделки'!D15"}
    assert server.cell(older, "Сделки!J15")["userEnteredValue"] == {"formulaValue": "=E15*2"}
    assert server.values(older, "Сделки!K15") == [["спросить о сроке"]]
    assert server.values(older, "Сделки!D15") == [["Сделка 9"]]
    assert deals.cell(14, 4)["note"] == "звонил"
    assert deals.basic_filter is not None
    assert deals.basic_filter["range"] == table | {"startRowIndex": HEADER_ROW, "endRowIndex": 35}
    assert book.named["мой"]["range"] == figures | {"startRowIndex": FIRST_ROW, "endRowIndex": 35}
    assert len(names_of(server, older)) == 500
