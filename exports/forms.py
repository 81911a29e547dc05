"""The tabs that people type in, made in their spreadsheet once: headers with notes, lists to choose from, a guide."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from exports.cells import cell_rows
from exports.drawing import Request
from exports.formats import LOOKS, Format
from exports.known import own_id
from exports.remarks import TypedTab
from exports.template import GUIDE, Blank, guide

LISTS = "Списки"
LISTS_KEY = "vitrina_lists"
"""The tab of names to choose from, and the mark by which we know it again."""

ROWS = 500
_NARROW, _SIGN, _MARGIN = 100, 8, 28
_GUIDE_WIDTHS = (110, 170, 420, 100, 170)
_HEAD = {"textFormat": {"bold": True}, "wrapStrategy": "WRAP", "verticalAlignment": "MIDDLE"}
_REQUIRED = {"backgroundColorStyle": {"rgbColor": {"red": 1, "green": 0.95, "blue": 0.8}}}
_OTHER = {"backgroundColorStyle": {"rgbColor": {"red": 0.91, "green": 0.93, "blue": 0.95}}}
_HEAD_FIELDS = (
    "userEnteredValue,note,"
    "userEnteredFormat(textFormat.bold,wrapStrategy,verticalAlignment,backgroundColorStyle)"
)

Lists = Mapping[str, Sequence[str]]
"""What can be chosen, by the header of its column on the tab of lists."""


def form_requests(
    blanks: Sequence[Blank],
    lists: Lists,
    titles: Collection[str],
    ids: Collection[int],
    lists_title: str | None,
) -> Iterator[Request]:
    """The tabs that are not there yet; of those that stand under `titles` nothing is touched.

    Names to choose from stand in cells, never in a rule: what stands in a rule is read as if it were typed.
    `lists_title`: what their tab is called, if it is there.
    """
    taken = set(ids)
    source = lists_title or _title(LISTS, titles)
    if lists_title is None:
        yield from _lists_tab(source, _free(LISTS, taken), lists)
    for table in dict.fromkeys(blank.table for blank in blanks):
        if table not in titles:
            columns = [blank for blank in blanks if blank.table == table]
            rules = [_rule(each, lists, source) for each in columns]
            yield from _table_tab(table, _free(table, taken), columns, rules)
    if GUIDE not in titles:
        yield from _guide_tab(_free(GUIDE, taken), guide(blanks))


def list_requests(tab: TypedTab, lists: Lists) -> list[Request]:
    """What brings the tab of lists up to date; nothing where it is."""
    wanted = _lines(lists)
    shown = [tuple((*line, *[""] * len(lists))[: len(lists)]) for line in tab.grid]
    if shown == wanted or tab.rows < ROWS:
        return []
    return [_put(tab.sheet_id, wanted, ROWS)]


def _lists_tab(title: str, number: int, lists: Lists) -> Iterator[Request]:
    yield _tab(title, number, len(lists))
    metadata = {
        "metadataId": number,
        "metadataKey": LISTS_KEY,
        "metadataValue": "{}",
        "visibility": "DOCUMENT",
    }
    yield {"createDeveloperMetadata": {"developerMetadata": metadata | {"location": {"sheetId": number}}}}
    yield _put(number, _lines(lists), ROWS)


def _table_tab(
    title: str, number: int, columns: Sequence[Blank], rules: Sequence[dict[str, Any] | None]
) -> Iterator[Request]:
    yield _tab(title, number, len(columns) + 1)  # the last is for our remarks
    heads = [
        {
            "userEnteredValue": {"stringValue": each.title},
            "note": "\n".join(filter(None, (each.note, each.example and f"Например: {each.example}"))),
            "userEnteredFormat": _HEAD | (_REQUIRED if each.is_required else _OTHER),
        }
        for each in columns
    ]
    area = _area(number, (0, 1), (0, len(heads)))
    yield {"updateCells": {"range": area, "rows": [{"values": heads}], "fields": _HEAD_FIELDS}}
    for place, (each, rule) in enumerate(zip(columns, rules, strict=True)):
        yield _width(number, place, max(_NARROW, _SIGN * len(each.title) + _MARGIN))
        below = _area(number, (1, ROWS), (place, place + 1))
        look: Format | None = "text" if each.is_text else each.look
        if look is not None:
            shape = {"numberFormat": {"type": LOOKS[look].kind, "pattern": LOOKS[look].pattern}}
            cell = {"userEnteredFormat": shape}
            yield {"repeatCell": {"range": below, "cell": cell, "fields": "userEnteredFormat.numberFormat"}}
        if rule is not None:
            yield {"setDataValidation": {"range": below, "rule": rule}}


def _rule(blank: Blank, lists: Lists, source: str) -> dict[str, Any] | None:
    """What may be chosen: of our own words nothing else, of names also one that is not on the list yet."""
    if blank.choices:
        values = [{"userEnteredValue": each} for each in blank.choices]
        return {"condition": {"type": "ONE_OF_LIST", "values": values}, "strict": True, "showCustomUi": True}
    if blank.from_list is not None and lists.get(blank.from_list):
        column = chr(ord("A") + list(lists).index(blank.from_list))
        tab = source.replace("'", "''")
        values = [{"userEnteredValue": f"='{tab}'!${column}$2:${column}${ROWS}"}]
        return {
            "condition": {"type": "ONE_OF_RANGE", "values": values},
            "strict": False,
            "showCustomUi": True,
        }
    return None


def _guide_tab(number: int, lines: Sequence[tuple[str, ...]]) -> Iterator[Request]:
    yield _tab(GUIDE, number, len(lines[0]), rows=len(lines) + 1)
    yield _put(number, lines, len(lines))
    wrapped = {"userEnteredFormat": {"wrapStrategy": "WRAP", "verticalAlignment": "TOP"}}
    area = _area(number, (0, len(lines)), (0, len(lines[0])))
    fields = "userEnteredFormat(wrapStrategy,verticalAlignment)"
    yield {"repeatCell": {"range": area, "cell": wrapped, "fields": fields}}
    for place, pixels in enumerate(_GUIDE_WIDTHS):
        yield _width(number, place, pixels)


def _tab(title: str, number: int, columns: int, rows: int = ROWS) -> Request:
    grid = {"rowCount": rows, "columnCount": columns, "frozenRowCount": 1}
    return {"addSheet": {"properties": {"sheetId": number, "title": title, "gridProperties": grid}}}


def _put(number: int, lines: Sequence[tuple[str, ...]], end: int) -> Request:
    area = _area(number, (0, end), (0, len(lines[0])))
    return {"updateCells": {"range": area, "rows": cell_rows(lines), "fields": "userEnteredValue"}}


def _lines(lists: Lists) -> list[tuple[str, ...]]:
    """The tab of lists, row by row, as far as a list has room."""
    longest = min(max(map(len, lists.values()), default=0), ROWS - 1)
    rows = [tuple(_nth(each, row) for each in lists.values()) for row in range(longest)]
    return [tuple(lists), *rows]


def _nth(values: Sequence[str], place: int) -> str:
    return values[place] if place < len(values) else ""


def _area(number: int, rows: tuple[int, int], columns: tuple[int, int]) -> dict[str, int]:
    area = {"sheetId": number, "startRowIndex": rows[0], "endRowIndex": rows[1]}
    return area | {"startColumnIndex": columns[0], "endColumnIndex": columns[1]}


def _width(number: int, place: int, pixels: int) -> Request:
    column = {"sheetId": number, "dimension": "COLUMNS", "startIndex": place, "endIndex": place + 1}
    change = {"range": column, "properties": {"pixelSize": pixels}, "fields": "pixelSize"}
    return {"updateDimensionProperties": change}


def _free(title: str, taken: set[int]) -> int:
    """A number of our own for a tab: always the same where it is free."""
    number = own_id(f"inputs/{title}")
    while number in taken:
        number += 1
    taken.add(number)
    return number


def _title(title: str, titles: Collection[str]) -> str:
    while title in titles:
        title += " 2"
    return title
