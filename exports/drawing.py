"""How a tab is drawn: formats, frozen rows and widths, sent only when the tab's shape changes."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeVar

from exports.formats import LOOKS, Format, Look
from exports.plan import ABOUT_ROW, FIRST_ROW, HEADER_ROW, TITLE_ROW, TOTAL_ROW, Block, Tab
from exports.stamp import STAMP_FORMATS
from exports.widths import pixels

Request = dict[str, Any]
T = TypeVar("T")

_HEADER = {
    "textFormat": {"bold": True},
    "backgroundColorStyle": {"rgbColor": {"red": 0.91, "green": 0.93, "blue": 0.95}},
    "wrapStrategy": "WRAP",
    "verticalAlignment": "MIDDLE",
}
_HEADING = {"textFormat": {"bold": True, "fontSize": 12}}
_HEADING_FIELDS = "textFormat(bold,fontSize)"
_LABEL_FIELDS = "textFormat.bold,backgroundColorStyle,verticalAlignment,horizontalAlignment"
_ABOUT_FIELDS = "textFormat(fontSize,foregroundColorStyle)"
_BARE_FIELDS = (
    "textFormat(bold,fontSize,foregroundColorStyle),"
    "backgroundColorStyle,wrapStrategy,verticalAlignment,horizontalAlignment"
)
_TOTAL = {
    "textFormat": {"bold": True},
    "backgroundColorStyle": {"rgbColor": {"red": 0.95, "green": 0.965, "blue": 0.98}},
    "verticalAlignment": "MIDDLE",
}
_TOTAL_FIELDS = f"numberFormat,wrapStrategy,{_LABEL_FIELDS}"
_WORD_FIELDS = f"wrapStrategy,{_LABEL_FIELDS}"
_SPARE_PIXELS, _ROW_PIXELS, _TWO_LINES = 4, 21, 38
_GREY = {"rgbColor": {"red": 0.4, "green": 0.4, "blue": 0.4}}
_ABOUT = {"textFormat": {"fontSize": 9, "foregroundColorStyle": _GREY}}
_DATA_FIELDS = "numberFormat,horizontalAlignment,wrapStrategy,verticalAlignment"


def draw(
    tab: Tab, sheet_id: int, *, drawn_width: int, stood: Mapping[int, int] | None = None
) -> Iterator[Request]:
    """Requests that give our columns the shape of `tab`.

    Columns left of `drawn_width` were drawn before: people may have set their widths since, and keep them but where
    another table, or the gap behind one, has given place. `stood`: by its first column how many each table had.
    """
    yield _freeze(sheet_id)
    yield _total_height(sheet_id, tab, is_new=not drawn_width)
    if drawn_width:
        yield from _plain(sheet_id, max(tab.width, drawn_width))
    for place, name in enumerate(STAMP_FORMATS):
        yield _stamp_cell(sheet_id, place, name)
    for block in tab.blocks:
        end = block.column + block.width
        yield _look(sheet_id, (TITLE_ROW, ABOUT_ROW), (block.column, end), _HEADING, _HEADING_FIELDS)
        yield _look(sheet_id, (ABOUT_ROW, TOTAL_ROW), (block.column, end), _ABOUT, _ABOUT_FIELDS)
        yield from _totals(sheet_id, block)
        if block.note:
            yield heading_note(sheet_id, block.column, block.note)
        yield from _header(sheet_id, block)
        for columns, name in _runs([column.format for column in block.columns], block.column):
            yield _data(sheet_id, (FIRST_ROW, None), columns, name)
        yield from _own_rows(sheet_id, block)
    for place, size in enumerate(pixels(tab)):
        if place >= drawn_width or _has_given_place(tab, place, stood or {}):
            yield _width(sheet_id, place, size)


def _has_given_place(tab: Tab, place: int, stood: Mapping[int, int]) -> bool:
    """Whether something else stood in the column, and not merely nothing, before the table that stands there now."""
    here = [block for block in tab.blocks if block.column <= place][-1]
    had = stood.get(here.column, 0)
    is_among_them = any(place < column + width for column, width in stood.items())
    return is_among_them and had != here.width and place >= here.column + had


def heading_note(sheet_id: int, column: int, note: str) -> Request:
    """What is told to whoever points at the heading of a block; nothing takes it away."""
    area = {"sheetId": sheet_id, "startRowIndex": TITLE_ROW, "endRowIndex": ABOUT_ROW}
    area |= {"startColumnIndex": column, "endColumnIndex": column + 1}
    return {"repeatCell": {"range": area, "cell": {"note": note} if note else {}, "fields": "note"}}


def _freeze(sheet_id: int) -> Request:
    properties = {"sheetId": sheet_id, "gridProperties": {"frozenRowCount": FIRST_ROW}}
    return {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}}


def _plain(sheet_id: int, width: int) -> Iterator[Request]:
    """Take back what an earlier shape drew; colours that people gave to rows of data stay.

    A row that was put in above the labels of a shorter head looks like them.
    """
    yield _look(sheet_id, (TITLE_ROW, ABOUT_ROW), (0, width), {}, _HEADING_FIELDS)
    yield _look(sheet_id, (ABOUT_ROW, TOTAL_ROW), (0, width), {}, _BARE_FIELDS)
    yield _look(sheet_id, (TOTAL_ROW, HEADER_ROW), (0, width), {}, _TOTAL_FIELDS)
    yield _look(sheet_id, (HEADER_ROW, FIRST_ROW), (0, width), {}, _WORD_FIELDS)
    yield _look(sheet_id, (FIRST_ROW, None), (0, width), {}, _DATA_FIELDS)


def _stamp_cell(sheet_id: int, place: int, name: Format) -> Request:
    look = {
        "numberFormat": _number_format(name),
        "horizontalAlignment": "LEFT",
        "textFormat": {"fontSize": 9, "foregroundColorStyle": _GREY},
    }
    fields = "numberFormat,horizontalAlignment,textFormat(fontSize,foregroundColorStyle)"
    return _look(sheet_id, (0, TITLE_ROW), (place, place + 1), look, fields)


def _header(sheet_id: int, block: Block) -> Iterator[Request]:
    """Labels stand over their figures: one request for each run of columns that lean to the same side."""
    for columns, side in _runs([_side(LOOKS[column.format]) for column in block.columns], block.column):
        look = _HEADER | {"horizontalAlignment": side}
        yield _look(sheet_id, (HEADER_ROW, FIRST_ROW), columns, look, _WORD_FIELDS)


def _totals(sheet_id: int, block: Block) -> Iterator[Request]:
    """Totals look like the figures of their column; what they are of may run over two lines."""
    if not block.is_added_up:
        return
    for columns, name in _runs([column.format for column in block.columns], block.column):
        look = _TOTAL | {"numberFormat": _number_format(name), "horizontalAlignment": _side(LOOKS[name])}
        yield _look(sheet_id, (TOTAL_ROW, HEADER_ROW), columns, look, _TOTAL_FIELDS)
    words = _TOTAL | {"horizontalAlignment": "LEFT", "wrapStrategy": "WRAP"}
    yield _look(sheet_id, (TOTAL_ROW, HEADER_ROW), (block.column, block.column + 1), words, _WORD_FIELDS)


def _total_height(sheet_id: int, tab: Tab, *, is_new: bool) -> Request:
    """Where no table has totals, their row is a narrow gap; where people may keep a column too narrow for the words
    that all rows were added up, it has room for two lines.
    """
    size = _SPARE_PIXELS
    if any(block.is_added_up for block in tab.blocks):
        is_told = any(block.is_added_up and block.cut for block in tab.blocks)
        size = _TWO_LINES if is_told and not is_new else _ROW_PIXELS
    area = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": TOTAL_ROW, "endIndex": HEADER_ROW}
    properties = {"pixelSize": size}
    return {"updateDimensionProperties": {"range": area, "properties": properties, "fields": "pixelSize"}}


def _runs(values: Iterable[T], start: int) -> Iterator[tuple[tuple[int, int], T]]:
    """Half-open runs of equal values, counted from `start`."""
    for value, run in groupby(values):
        end = start + len(list(run))
        yield (start, end), value
        start = end


def _side(look: Look) -> str:
    return "LEFT" if look.is_text else "RIGHT"


def _own_rows(sheet_id: int, block: Block) -> Iterator[Request]:
    """The formats of rows that bring their own: one request where rows and the columns that ask stand together."""
    for rows, name in _runs(block.row_formats or (), FIRST_ROW):
        for columns, asks in _runs([column.format == "by_row" for column in block.columns], block.column):
            if asks:
                yield _data(sheet_id, rows, columns, name)


def _data(sheet_id: int, rows: tuple[int, int | None], columns: tuple[int, int], name: Format) -> Request:
    look = LOOKS[name]
    shape = {
        "numberFormat": _number_format(name),
        "horizontalAlignment": _side(look),
        "wrapStrategy": "WRAP" if look.wraps else "CLIP",
        "verticalAlignment": "TOP",
    }
    return _look(sheet_id, rows, columns, shape, _DATA_FIELDS)


def _number_format(name: Format) -> dict[str, str]:
    return {"type": LOOKS[name].kind, "pattern": LOOKS[name].pattern}


def _look(
    sheet_id: int, rows: tuple[int, int | None], columns: tuple[int, int], look: dict[str, Any], fields: str
) -> Request:
    area = {"sheetId": sheet_id, "startRowIndex": rows[0], "endRowIndex": rows[1]}
    area |= {"startColumnIndex": columns[0], "endColumnIndex": columns[1]}
    bounded = {name: bound for name, bound in area.items() if bound is not None}
    cell = {"userEnteredFormat": look} if look else {}
    return {"repeatCell": {"range": bounded, "cell": cell, "fields": f"userEnteredFormat({fields})"}}


def _width(sheet_id: int, place: int, size: int) -> Request:
    column = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": place, "endIndex": place + 1}
    return {
        "updateDimensionProperties": {
            "range": column,
            "properties": {"pixelSize": size},
            "fields": "pixelSize",
        }
    }
