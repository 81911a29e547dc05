"""spreadsheets.get: a version of a spreadsheet as Google replies it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.google import masks
from sandbox.google.areas import Area
from sandbox.google.book import Book, Cell, Json, Tab
from sandbox.google.calculating import NotCalculated, as_value, calculated
from sandbox.google.formatter import display
from sandbox.google.formulas import GONE
from sandbox.google.kinds.tabs import located_on, sheet_properties
from sandbox.google.protection import Editor, may_edit

_PIXELS = {"ROWS": 21, "COLUMNS": 100}
_WHITE = {"red": 1, "green": 1, "blue": 1}

DEFAULT_FORMAT: Json = {
    "backgroundColor": _WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": _WHITE},
}

_REFERENCE_MESSAGES = {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex", "startIndex"}


def spreadsheet(
    book: Book,
    reader: Editor,
    mask: masks.Mask | None,
    ranges: Iterable[str] = (),
    *,
    with_cells: bool = False,
) -> Json:
    """The whole reply; a mask cuts it, and one that names the cells brings them by itself."""
    located = [book.locate(text) for text in ranges]
    cells_mask = _below(mask, "sheets", "data") if mask is not None else ({} if with_cells else None)
    wanted = [tab for tab in book.tabs if not located or any(tab is other for other, _ in located)]
    sheets = []
    for tab in wanted:
        sheet = _sheet(book, tab, reader)
        if cells_mask is not None:
            areas = [tab.inside(area) for other, area in located if other is tab] or [tab.grid]
            sheet["data"] = [grid_data(book, tab, area, cells_mask) for area in areas]
        sheets.append(sheet)
    reply: Json = {
        "spreadsheetId": book.spreadsheet_id,
        "properties": {"defaultFormat": DEFAULT_FORMAT, **book.properties},
        "sheets": sheets,
        "namedRanges": list(book.named.values()),
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.spreadsheet_id}/edit",
        "developerMetadata": [item for item in book.metadata.values() if located_on(item) is None],
    }
    reply = {name: value for name, value in reply.items() if value != []}
    picked: Json = outward(reply if mask is None else masks.pick(reply, mask))
    return picked


def _below(mask: masks.Mask, *names: str) -> masks.Mask | None:
    """What the mask says below these names; None when it does not reach there, {} for everything."""
    for name in names:
        if not mask or "*" in mask:
            return {}
        if name not in mask:
            return None
        mask = mask[name]
    return mask


def _sheet(book: Book, tab: Tab, reader: Editor) -> Json:
    protected = [
        {**item, "requestingUserCanEdit": True} if may_edit(item, reader) else item
        for item in tab.protected.values()
    ]
    metadata = [item for item in book.metadata.values() if item["location"].get("sheetId") == tab.sheet_id]
    sheet: Json = {
        "properties": sheet_properties(book, tab),
        "basicFilter": tab.basic_filter,
        "protectedRanges": protected,
        "bandedRanges": list(tab.banded.values()),
        "conditionalFormats": tab.rules,
        "charts": list(tab.charts.values()),
        "developerMetadata": metadata,
    }
    return {name: both_colours(value) for name, value in sheet.items() if value}


def grid_data(book: Book, tab: Tab, area: Area, mask: masks.Mask) -> Json:
    """The cells of a rectangle; what is empty at the ends is left out."""
    cell_mask = _below(mask, "rowData", "values")
    data: Json = {}
    if area.top:
        data["startRow"] = area.top
    if area.left:
        data["startColumn"] = area.left
    if cell_mask is not None:
        rows = [_row(book, tab, row, area, cell_mask) for row in _filled(tab, area)]
        while rows and not rows[-1]:
            rows.pop()
        if rows:
            data["rowData"] = rows
    data["rowMetadata"] = _sizes(book, tab, tab.row_sizes, range(area.top, area.bottom), "ROWS")
    data["columnMetadata"] = _sizes(book, tab, tab.column_sizes, range(area.left, area.right), "COLUMNS")
    return data


def _filled(tab: Tab, area: Area) -> range:
    last = max((row for row, cells in tab.rows.items() if cells and row < area.bottom), default=-1)
    return range(area.top, last + 1)


def _row(book: Book, tab: Tab, row: int, area: Area, mask: masks.Mask) -> Json:
    cells = tab.rows.get(row, {})
    last = max((column for column in cells if column < area.right), default=-1)
    values = [
        masks.pick(full_cell(book, tab, cells.get(column, {})), mask) for column in range(area.left, last + 1)
    ]
    while values and not values[-1]:
        values.pop()
    return {"values": values} if values else {}


def full_cell(book: Book, tab: Tab, cell: Cell) -> Json:
    """A cell with what is derived from it: the effective value and the text people see."""
    result: Json = dict(cell)
    number_format = cell.get("userEnteredFormat", {}).get("numberFormat")
    if "userEnteredFormat" in cell:
        result["userEnteredFormat"] = both_colours(cell["userEnteredFormat"])
    if cell:
        result["effectiveFormat"] = {**DEFAULT_FORMAT, **result.get("userEnteredFormat", {})}
    value = effective(book, tab, cell)
    if value:
        result["effectiveValue"] = value
        result["formattedValue"] = display(value, number_format, book.properties["locale"]).text
    return result


def effective(book: Book, tab: Tab, cell: Cell) -> Mapping[str, Any]:
    """What a cell amounts to.  Of formulas that are not calculated only a broken one has a value, its error."""
    value: Mapping[str, Any] = cell.get("userEnteredValue", {})
    formula = value.get("formulaValue")
    if formula is None:
        return value
    if GONE in formula:
        return {"errorValue": {"type": "REF", "message": "Ссылка не существует."}}
    try:
        return as_value(calculated(book, tab, formula))
    except NotCalculated:
        return {}


def _sizes(book: Book, tab: Tab, sizes: Mapping[int, Json], stretch: range, dimension: str) -> list[Json]:
    marked: dict[int, list[Json]] = {}
    for item in book.metadata.values():
        place = item["location"].get("dimensionRange", {})
        if place and place.get("sheetId", 0) == tab.sheet_id and place["dimension"] == dimension:
            marked.setdefault(place.get("startIndex", 0), []).append(item)
    result = []
    for index in stretch:
        size: Json = {"pixelSize": _PIXELS[dimension], **sizes.get(index, {})}
        if index in marked:
            size["developerMetadata"] = marked[index]
        result.append(size)
    return result


def outward(value: Any) -> Any:
    """Proto3's manners: sheetId 0 is left out of ranges, colour channels that are 0 are left out."""
    if isinstance(value, list):
        return [outward(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value and value.keys() <= {"red", "green", "blue", "alpha"}:
        return {name: _channel(share) for name, share in value.items() if share}
    result = {name: outward(item) for name, item in value.items()}
    if result.get("sheetId") == 0 and (_REFERENCE_MESSAGES & result.keys() or "dimension" in result):
        del result["sheetId"]
    if result.get("rowIndex") == 0 or result.get("columnIndex") == 0:
        zero = ("rowIndex", "columnIndex", "sheetId")
        result = {name: item for name, item in result.items() if name not in zero or item}
    return result


def _channel(share: float) -> float:
    """A colour is kept in bytes and told as float32: a half comes back as 127/255."""
    (rounded,) = struct.unpack("f", struct.pack("f", int(share * 255 + 0.499) / 255))
    return float(f"{rounded:.8g}")


def both_colours(value: Any) -> Any:
    """Every colour under its old name and its new one, whichever it was written by."""
    if isinstance(value, list):
        return [both_colours(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {name: both_colours(item) for name, item in value.items()}
    for name, item in value.items():
        if name.endswith(("olorStyle",)) and "rgbColor" in item:
            result.setdefault(name.removesuffix("Style"), item["rgbColor"])
        elif name.endswith(("Color", "color")) and name != "rgbColor" and isinstance(item, dict):
            result.setdefault(f"{name}Style", {"rgbColor": item})
    return result
