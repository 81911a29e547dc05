"""The batch for Google Sheets: pure requests, judged without any Google."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.cells import CELL_LIMIT, cell, serial
from exports.changes import changed_runs
from exports.drawing import draw
from exports.known import RUN_KEY, TAB_KEY, Known, KnownTab, TabMark, own_id, read_known
from exports.layout import BlockLayout, TabLayout
from exports.plan import TOTAL_ROW, Column, Plan, Row, Table, make_plan
from exports.sheets import Batch, make_batch
from exports.stamp import Stamp
from exports.text import CUT_MARK, cell_text

STAMP = Stamp(datetime(2026, 11, 22, 12, 45), datetime(2026, 11, 22, 12, 46), 7, "данные полные")
LAYOUT = (
    TabLayout("first", "Первый", (BlockLayout("a"), BlockLayout("b"))),
    TabLayout("second", "Второй", (BlockLayout("c"),)),
)
EMPTY = Known("Etc/GMT", (KnownTab(0, "Лист1", 1000, 26),))


def table(name: str, rows: int, start: int = 0, columns: int = 2) -> Table:
    shape = tuple(
        Column(f"c{place}", "money" if place else "text", f"Столбец {place}") for place in range(columns)
    )
    lines: tuple[Row, ...] = tuple(
        (f"строка {start + number}", *(Decimal(number) for _ in range(columns - 1))) for number in range(rows)
    )
    return Table(name, f"Таблица {name}", "Смысл.", "c0", "", shape, lines)


def plan_of(a: int | Table = 3, b: int | Table = 2, c: int | Table = 4) -> Plan:
    """Tables of so many rows, or the very tables."""
    wanted = {"a": a, "b": b, "c": c}
    tables = {name: each if isinstance(each, Table) else table(name, each) for name, each in wanted.items()}
    return make_plan(LAYOUT, tables, STAMP)


def batch_of(plan: Plan, known: Known, *, whole: bool = False) -> Batch:
    keys = [tab.key for tab in plan.tabs] if whole else []
    return make_batch(
        plan, known, run=7, token="7-x", locale="ru_RU", time_zone="Europe/Moscow", whole=keys
    )  # fmt: skip


def kinds(batch: Batch) -> list[str]:
    return [next(iter(request)) for request in batch.requests]


def written(batch: Batch) -> list[dict[str, Any]]:
    """The areas whose values are sent, the stamps' left out."""
    areas = [request["updateCells"]["range"] for request in batch.requests if "updateCells" in request]
    return [area for area in areas if area["startRowIndex"] != 0]


def test_the_first_batch_makes_settings_tabs_and_marks_in_one() -> None:
    batch = batch_of(plan_of(), EMPTY)

    names = kinds(batch)

    assert names[0] == "updateSpreadsheetProperties"
    assert names.count("addSheet") == 2
    assert names.count("createDeveloperMetadata") == 3
    assert list(batch.cells) == ["Первый", "Второй"]
    assert names.count("addConditionalFormatRule") == 2, "that of the first row, once a tab"
    assert not set(names) & {"deleteSheet", "deleteDimension", "autoResizeDimensions"}


def test_unchanged_data_sends_nothing_but_the_stamp_and_the_run() -> None:
    first = batch_of(plan_of(), EMPTY)

    again = batch_of(plan_of(), first.after)

    assert again.is_only_stamp
    assert kinds(again) == ["updateCells", "updateCells", "updateDeveloperMetadata"]


def test_of_a_long_block_only_the_rows_that_changed_are_sent() -> None:
    rows = list(table("c", 100).rows)
    first = batch_of(plan_of(c=table("c", 100)), EMPTY)
    rows[10], rows[40] = ("другая", Decimal(1)), ("третья", Decimal(2))

    again = batch_of(plan_of(c=replace(table("c", 100), rows=tuple(rows[:99]))), first.after)

    assert [(area["startRowIndex"], area["endRowIndex"]) for area in written(again)] == [
        (15, 16),
        (45, 46),
        (104, 105),
    ]
    assert again.cells == {"Второй": 6}


def test_without_memory_of_rows_a_changed_block_is_sent_whole() -> None:
    known = batch_of(plan_of(c=100), EMPTY).after
    forgotten = replace(known, tabs=tuple(replace(tab, mark=forget(tab.mark)) for tab in known.tabs))
    rows = (("другая", Decimal(1)), *table("c", 100).rows[1:])

    again = batch_of(plan_of(c=replace(table("c", 100), rows=rows)), forgotten)

    assert [(area["startRowIndex"], area["endRowIndex"]) for area in written(again)] == [(1, 105)]


def forget(mark: TabMark | None) -> TabMark | None:
    """The mark as it is found on the sheet after a restart."""
    if mark is None:
        return None
    return replace(mark, blocks=tuple(replace(block, lines=None) for block in mark.blocks))


@given(
    st.lists(st.sampled_from("abc"), max_size=30),
    st.lists(st.sampled_from("abc"), max_size=30),
)
def test_sending_the_changed_rows_gives_the_new_table(old: list[str], new: list[str]) -> None:
    extent = max(len(old), len(new))
    shown = old + [""] * (extent - len(old))

    for start, end in changed_runs([ord(each) for each in old], [ord(each) for each in new], extent):
        content = new[start:end]
        shown[start:end] = content + [""] * (end - start - len(content))

    assert shown == new + [""] * (extent - len(new))


def test_only_the_block_that_changed_is_sent() -> None:
    first = batch_of(plan_of(), EMPTY)

    again = batch_of(plan_of(b=table("b", 2, start=5)), first.after)

    assert written(again) == [
        {
            "sheetId": own_id("first"),
            "startRowIndex": 1,
            "endRowIndex": 7,
            "startColumnIndex": 3,
            "endColumnIndex": 5,
        }
    ]
    assert again.cells == {"Первый": 12}


def test_a_shorter_table_clears_its_tail_once() -> None:
    long = batch_of(plan_of(c=500), EMPTY)
    short = batch_of(plan_of(c=20), long.after)
    same_length = batch_of(plan_of(c=table("c", 20, start=1)), short.after)

    assert [(area["startRowIndex"], area["endRowIndex"]) for area in written(short)] == [(1, 505)]
    assert [(area["startRowIndex"], area["endRowIndex"]) for area in written(same_length)] == [(1, 25)]


def test_a_grid_that_is_too_small_grows_before_it_is_written() -> None:
    first = batch_of(plan_of(), EMPTY)

    grown = batch_of(plan_of(c=900), first.after)

    names = kinds(grown)
    assert names.index("appendDimension") < names.index("updateCells", names.index("appendDimension"))
    assert next(tab.rows for tab in grown.after.tabs if tab.title == "Второй") >= 905
    assert "appendDimension" not in kinds(batch_of(plan_of(c=1000), grown.after))


def test_room_is_never_made_by_setting_a_size_because_that_deletes_what_people_added() -> None:
    first = batch_of(plan_of(), EMPTY)
    for batch in (first, batch_of(plan_of(c=900), first.after), batch_of(plan_of(c=1), first.after)):
        for request in batch.requests:
            fields = request.get("updateSheetProperties", {}).get("fields", "")
            assert "rowCount" not in fields
            assert "columnCount" not in fields


def test_values_are_sent_without_touching_anything_else_of_a_cell() -> None:
    batch = batch_of(plan_of(), EMPTY)

    assert {r["updateCells"]["fields"] for r in batch.requests if "updateCells" in r} == {"userEnteredValue"}


def test_a_new_shape_is_drawn_and_moves_peoples_columns_aside() -> None:
    first = batch_of(plan_of(), EMPTY)
    wide = table("b", 2, columns=6)

    batch = batch_of(plan_of(b=wide), first.after)

    inserted = [
        request["insertDimension"]["range"] for request in batch.requests if "insertDimension" in request
    ]
    assert inserted == [{"sheetId": own_id("first"), "dimension": "COLUMNS", "startIndex": 8, "endIndex": 9}]
    sizes = [
        r["updateDimensionProperties"]["range"] for r in batch.requests if "updateDimensionProperties" in r
    ]
    widths = [area["startIndex"] for area in sizes if area["dimension"] == "COLUMNS"]
    assert widths == [8], "people may have set the widths of older columns"


def test_the_line_of_totals_has_room_for_its_words_and_none_where_nothing_is_added_up() -> None:
    """A new tab's first column is as wide as its words; that of a tab which stands may be narrower."""
    added = replace(table("c", 9), count=90, totals={"c1": Decimal(1)})
    layout = (TabLayout("second", "Второй", (BlockLayout("c", limit=9),)),)
    plain, long = (make_plan(layout, {"c": each}, STAMP) for each in (table("c", 9), added))

    def height(batch: Batch) -> int:
        sizes = [r["updateDimensionProperties"] for r in batch.requests if "updateDimensionProperties" in r]
        rows = [each["properties"]["pixelSize"] for each in sizes if each["range"]["dimension"] == "ROWS"]
        return int(rows[0])

    first = batch_of(plain, EMPTY)

    assert height(first) < height(batch_of(long, EMPTY)) < height(batch_of(long, first.after))


def test_a_shape_that_shrinks_and_grows_again_takes_no_second_room() -> None:
    wide = plan_of(b=table("b", 2, columns=6))
    known = batch_of(plan_of(), batch_of(wide, EMPTY).after).after

    again = batch_of(wide, known)

    assert "insertDimension" not in kinds(again)
    assert "appendDimension" not in kinds(again)


def test_what_an_older_shape_wrote_is_cleared() -> None:
    first = batch_of(plan_of(a=50), EMPTY)

    batch = batch_of(plan_of(a=3, b=table("b", 2, columns=4)), first.after)

    cleared = [
        r["updateCells"] for r in batch.requests if "updateCells" in r and not r["updateCells"]["rows"]
    ]
    assert [area["range"]["endRowIndex"] for area in cleared] == [55, 7]


def test_a_renamed_and_moved_tab_is_found_by_its_mark() -> None:
    known = batch_of(plan_of(), EMPTY).after
    moved = replace(known, tabs=tuple(replace(tab, title=f"моё {tab.title}") for tab in reversed(known.tabs)))

    batch = batch_of(plan_of(c=5), moved)

    assert "addSheet" not in kinds(batch)
    assert list(batch.cells) == ["моё Второй"]


def test_a_deleted_tab_comes_back_at_its_place() -> None:
    known = batch_of(plan_of(), EMPTY).after
    left = replace(known, tabs=tuple(tab for tab in known.tabs if tab.title != "Второй"))

    batch = batch_of(plan_of(), left)

    added = [request["addSheet"]["properties"] for request in batch.requests if "addSheet" in request]
    assert [(tab["title"], tab["index"]) for tab in added] == [("Второй", 1)]
    assert [tab.title for tab in batch.after.tabs] == ["Первый", "Второй", "Лист1"]


def test_a_foreign_tab_keeps_its_name_and_its_number() -> None:
    foreign = Known("Etc/GMT", (KnownTab(own_id("first"), "первый", 10, 10),))

    batch = batch_of(plan_of(), foreign)

    added = [request["addSheet"]["properties"] for request in batch.requests if "addSheet" in request]
    assert [(tab["sheetId"], tab["title"]) for tab in added] == [
        (own_id("first") + 1, "Первый 2"),
        (own_id("second"), "Второй"),
    ]


def test_a_whole_refresh_repeats_values_that_people_may_have_typed_over() -> None:
    first = batch_of(plan_of(), EMPTY)

    batch = batch_of(plan_of(), first.after, whole=True)

    assert len(written(batch)) == 3
    assert not {"addSheet", "repeatCell", "updateDimensionProperties"} & set(kinds(batch))


def test_marks_read_back_are_the_marks_that_were_written() -> None:
    batch = batch_of(plan_of(), EMPTY)
    metadata = [
        r["createDeveloperMetadata"]["developerMetadata"]
        for r in batch.requests
        if "createDeveloperMetadata" in r
    ]
    by_sheet = {each["location"].get("sheetId"): each for each in metadata}
    protected = [r["addProtectedRange"]["protectedRange"] for r in batch.requests if "addProtectedRange" in r]
    rules = [r["addConditionalFormatRule"]["rule"] for r in batch.requests if "addConditionalFormatRule" in r]
    reply = {
        "properties": {"timeZone": "Europe/Moscow"},
        "developerMetadata": [by_sheet[None]],
        "sheets": [
            {
                "properties": {
                    "sheetId": tab.sheet_id,
                    "title": tab.title,
                    "index": index,
                    "gridProperties": {"rowCount": tab.rows, "columnCount": tab.columns},
                },
                "developerMetadata": [by_sheet[tab.sheet_id]] if tab.sheet_id in by_sheet else [],
                "conditionalFormats": [
                    each for each in rules if each["ranges"][0]["sheetId"] == tab.sheet_id
                ],
                "protectedRanges": [each for each in protected if each["range"]["sheetId"] == tab.sheet_id],
            }
            for index, tab in enumerate(batch.after.tabs)
        ],
    }

    assert read_known(reply) == batch.after
    assert all(len(each["metadataValue"]) < 1000 for each in metadata)


@pytest.mark.parametrize("value", ["", "{", "[]", '{"tab":"first"}', '{"tab":"first","blocks":3}'])
def test_a_mark_that_cannot_be_read_makes_the_tab_not_ours(value: str) -> None:
    sheet = {
        "properties": {
            "sheetId": 5,
            "title": "?",
            "index": 0,
            "gridProperties": {"rowCount": 1, "columnCount": 1},
        },
        "developerMetadata": [{"metadataId": 1, "metadataKey": TAB_KEY, "metadataValue": value}],
    }
    run = {"metadataId": 2, "metadataKey": RUN_KEY, "metadataValue": value}

    known = read_known({"properties": {"timeZone": "Z"}, "sheets": [sheet], "developerMetadata": [run]})

    assert known.find("first") is None
    assert (known.run_id, known.token) == (2, None)


def test_of_a_tab_and_a_copy_people_made_ours_is_kept_up() -> None:
    known = batch_of(plan_of(), EMPTY).after
    ours = known.find("first")
    assert ours is not None
    copy = replace(ours, sheet_id=99, title="Копия", mark_id=1)

    assert replace(known, tabs=(copy, *known.tabs)).find("first") == ours


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, {}),
        ("", {}),
        (True, {"boolValue": True}),
        (12, {"numberValue": 12}),
        (Decimal("1234567.50"), {"numberValue": 1234567.5}),
        (Decimal("3.00"), {"numberValue": 3}),
        (40702810900000012345, {"stringValue": "40702810900000012345"}),
        (date(2026, 11, 22), {"numberValue": 46348}),
        (datetime(2026, 11, 22, 12, 45), {"numberValue": 46348.53125}),
        ("=IMPORTXML(\"http://x\")", {"stringValue": '=IMPORTXML("http://x")'}),
        ("007", {"stringValue": "007"}),
        ("a\x00b", {"stringValue": "ab"}),
    ],
)  # fmt: skip
def test_a_value_becomes_a_typed_cell(value: Any, expected: dict[str, Any]) -> None:
    assert cell(value).get("userEnteredValue", {}) == expected


def test_days_are_counted_as_sheets_count_them() -> None:
    assert serial(date(2020, 1, 1)) == 43831
    assert serial(date(1999, 1, 2)) == 36162


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text_stays_a_text(text: str) -> None:
    entered = cell(text).get("userEnteredValue", {"stringValue": ""})

    assert entered == {"stringValue": cell_text(text, CELL_LIMIT)}
    entered["stringValue"].encode()


def test_a_long_text_is_cut_visibly_at_googles_limit() -> None:
    text = cell("🪟" * 60_000)["userEnteredValue"]["stringValue"]

    assert CELL_LIMIT - 1 <= len(text.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert text.endswith(CUT_MARK)


def test_the_body_is_compact_and_readable() -> None:
    batch = batch_of(plan_of(c=1000), EMPTY)

    assert "строка 999".encode() in batch.body
    assert b'": ' not in batch.body
    assert len(batch_of(plan_of(c=1001), batch.after).body) / 2006 < 70, "bytes a cell"


def test_only_tables_that_are_added_up_have_a_line_of_totals_even_before_their_first_row() -> None:
    columns = (Column("whom", "text", "Кто"), Column("amount", "money", "Сумма"))
    plain = Table("plain", "Список", "", "whom", "", columns, ())
    layout = (TabLayout("one", "Один", (BlockLayout("plain"), BlockLayout("added"))),)
    added = replace(plain, name="added", totals={"amount": None})
    [shown] = make_plan(layout, {"plain": plain, "added": added}, STAMP).tabs

    cells = [each["repeatCell"]["range"] for each in draw(shown, 1, drawn_width=0) if "repeatCell" in each]

    lines = [area for area in cells if area["startRowIndex"] == TOTAL_ROW]
    assert {(area["startColumnIndex"], area["endColumnIndex"]) for area in lines} == {(3, 4), (4, 5)}
