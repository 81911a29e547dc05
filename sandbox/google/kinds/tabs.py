"""Request kinds about whole tabs and about the spreadsheet itself."""

from __future__ import annotations

from typing import Any

from sandbox.google import masks
from sandbox.google.areas import Area
from sandbox.google.book import COLUMN_LIMIT, TAB_LIMIT, Book, Json, Tab
from sandbox.google.errors import Invalid
from sandbox.google.formulas import orphaned_formula, renamed_formula
from sandbox.google.messages import MESSAGES
from sandbox.google.protection import Editor, guard, guard_whole

_TITLE_LIMIT = 100


def add_sheet(book: Book, _editor: Editor, body: Json) -> Json:
    asked = body.get("properties", {})
    sheet_id = asked.get("sheetId", _free_id(book))
    title = asked.get("title") or _free_title(book)
    if sheet_id < 0 or any(tab.sheet_id == sheet_id for tab in book.tabs):
        raise Invalid(f"Sheet with id {sheet_id} already exists or the id is not allowed.")
    _check_title(book, title, None)
    grid = {"rowCount": 1000, "columnCount": 26, **asked.get("gridProperties", {})}
    properties = {**asked, "sheetId": sheet_id, "title": title, "sheetType": "GRID", "gridProperties": grid}
    index = properties.pop("index", len(book.tabs))
    if not 0 <= index <= len(book.tabs):
        raise Invalid(f"Invalid index: {index}")
    tab = Tab(properties)
    _check_grid(tab)
    book.own(tab, index)
    if len(book.tabs) > TAB_LIMIT:
        raise Invalid(f"This action would increase the number of sheets above the limit of {TAB_LIMIT}.")
    book.check_size()
    return {"addSheet": {"properties": sheet_properties(book, tab)}}


def delete_sheet(book: Book, editor: Editor, body: Json) -> Json:
    tab = book.tab(body.get("sheetId", 0))
    guard(tab, editor, tab.grid)
    visible = [other for other in book.tabs if other is not tab and not other.properties.get("hidden")]
    if not visible:
        raise Invalid("You can't remove all the visible sheets in a document.")
    book.tabs.remove(tab)
    gone = tab.sheet_id
    book.named = {key: item for key, item in book.named.items() if item["range"].get("sheetId", 0) != gone}
    book.metadata = {key: item for key, item in book.metadata.items() if located_on(item) != gone}
    for other, row, column, cell in list(book.cells()):
        formula = cell.get("userEnteredValue", {}).get("formulaValue")
        if formula and (new := orphaned_formula(formula, tab.title)) != formula:
            book.edit(other.sheet_id).put(row, column, {**cell, "userEnteredValue": {"formulaValue": new}})
    return {}


def duplicate_sheet(book: Book, _editor: Editor, body: Json) -> Json:
    source = book.tab(body.get("sourceSheetId", 0))
    sheet_id = body.get("newSheetId", _free_id(book))
    title = body.get("newSheetName") or f"Копия {source.title}"
    if any(tab.sheet_id == sheet_id for tab in book.tabs):
        raise Invalid(f"Sheet with id {sheet_id} already exists or the id is not allowed.")
    _check_title(book, title, None)
    twin = source.clone()
    twin.properties = {**source.properties, "sheetId": sheet_id, "title": title}
    twin.protected, twin.banded, twin.charts = {}, {}, {}
    twin.rules = [_on_sheet(rule, source.sheet_id, sheet_id) for rule in source.rules]
    if source.basic_filter:
        twin.basic_filter = _on_sheet(source.basic_filter, source.sheet_id, sheet_id)
    book.own(twin, body.get("insertSheetIndex", 0))
    book.check_size()
    return {"duplicateSheet": {"properties": sheet_properties(book, twin)}}


def update_sheet_properties(book: Book, editor: Editor, body: Json) -> Json:
    new = body.get("properties", {})
    tab = book.edit(new.get("sheetId", 0))
    guard_whole(tab, editor)
    mask = masks.expand(masks.parse(body.get("fields", "")), MESSAGES["SheetProperties"], "SheetProperties")
    mask = {name: below for name, below in mask.items() if name not in ("sheetId", "sheetType")}
    if "*" in mask.get("gridProperties", {}) or mask.get("gridProperties") == {}:
        mask["gridProperties"] = {name: {} for name in MESSAGES["GridProperties"]}
    moves = "index" in mask
    mask.pop("index", None)
    old_title, size = tab.title, (tab.row_count, tab.column_count)
    properties = masks.overlay(tab.properties, new, mask)
    if "title" not in properties:
        raise Invalid("The sheet must have a title.")
    _check_title(book, properties["title"], tab)
    rows, columns = (properties.get("gridProperties", {}).get(key, 0) for key in ("rowCount", "columnCount"))
    if (rows, columns) != size:
        _guard_shrinking(tab, editor, rows, columns)
    tab.properties = properties
    _check_grid(tab)
    if (rows, columns) != size:
        tab.resize(rows, columns)
        book.check_size()
    if tab.title != old_title:
        _rename_in_formulas(book, old_title, tab.title)
    if all(other.properties.get("hidden") for other in book.tabs):
        raise Invalid("You can't hide all the sheets in a document.")
    if moves:
        _move(book, tab, new.get("index", 0))
    return {}


def update_spreadsheet_properties(book: Book, _editor: Editor, body: Json) -> Json:
    mask = masks.expand(
        masks.parse(body.get("fields", "")), MESSAGES["SpreadsheetProperties"], "SpreadsheetProperties"
    )
    properties = masks.overlay(book.properties, body.get("properties", {}), mask)
    for name in ("title", "locale", "timeZone"):
        if not properties.get(name):
            raise Invalid(f"The spreadsheet property {name} must not be empty.")
    book.properties = {"autoRecalc": "ON_CHANGE", **properties}
    return {}


def sheet_properties(book: Book, tab: Tab) -> Json:
    """SheetProperties as Google replies them: what has its default value is left out."""
    properties = {
        name: value
        for name, value in tab.properties.items()
        if name == "sheetId" or value not in (False, None, {})
    }
    grid = {name: value for name, value in properties["gridProperties"].items() if value not in (0, False)}
    return {**properties, "index": book.tabs.index(tab), "gridProperties": grid}


def located_on(metadata: Json) -> int | None:
    """The tab that a piece of developer metadata belongs to; None when it is the spreadsheet's."""
    location = metadata["location"]
    if "dimensionRange" in location:
        return int(location["dimensionRange"].get("sheetId", 0))
    sheet_id: int | None = location.get("sheetId")
    return sheet_id


def _move(book: Book, tab: Tab, index: int) -> None:
    """Positions are meant as they are before the tab moves."""
    if not 0 <= index <= len(book.tabs):
        raise Invalid(f"Invalid index: {index}")
    current = book.tabs.index(tab)
    book.tabs.pop(current)
    book.tabs.insert(index - 1 if index > current else index, tab)


def _guard_shrinking(tab: Tab, editor: Editor, rows: int, columns: int) -> None:
    guard(tab, editor, Area(min(rows, tab.row_count), tab.row_count, 0, tab.column_count))
    guard(tab, editor, Area(0, tab.row_count, min(columns, tab.column_count), tab.column_count))


def _check_grid(tab: Tab) -> None:
    grid = tab.properties["gridProperties"]
    if tab.row_count < 1 or tab.column_count < 1:
        raise Invalid("A grid must have at least one row and one column.")
    if tab.column_count > COLUMN_LIMIT:
        raise Invalid(f"A grid cannot have more than {COLUMN_LIMIT} columns.")
    if grid.get("frozenRowCount", 0) >= tab.row_count:
        raise Invalid("You can't freeze all visible rows on the sheet.")
    if grid.get("frozenColumnCount", 0) >= tab.column_count:
        raise Invalid("You can't freeze all visible columns on the sheet.")


def _check_title(book: Book, title: str, own: Tab | None) -> None:
    if len(title) > _TITLE_LIMIT:
        raise Invalid(f"A sheet title cannot be longer than {_TITLE_LIMIT} characters.")
    if any(tab is not own and tab.title.lower() == title.lower() for tab in book.tabs):
        raise Invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _rename_in_formulas(book: Book, old: str, new: str) -> None:
    for tab, row, column, cell in list(book.cells()):
        formula = cell.get("userEnteredValue", {}).get("formulaValue")
        if formula and (renamed := renamed_formula(formula, old, new)) != formula:
            own = book.edit(tab.sheet_id)
            own.put(row, column, {**cell, "userEnteredValue": {"formulaValue": renamed}})


def _free_id(book: Book) -> int:
    """An id the way Google gives them out: large, and the same every time for the same book."""
    return max((tab.sheet_id for tab in book.tabs), default=0) + 1_000_003


def _free_title(book: Book) -> str:
    number = len(book.tabs) + 1
    while book.titled(f"Лист{number}"):
        number += 1
    return f"Лист{number}"


def _on_sheet(value: Any, old: int, new: int) -> Any:
    if isinstance(value, list):
        return [_on_sheet(item, old, new) for item in value]
    if not isinstance(value, dict):
        return value
    result = {name: _on_sheet(item, old, new) for name, item in value.items()}
    if any(name.endswith(("RowIndex", "ColumnIndex")) for name in value):
        result["sheetId"] = new if value.get("sheetId", 0) == old else value.get("sheetId", 0)
    return result
