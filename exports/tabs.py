"""One tab of a spreadsheet: the requests that bring it from what it shows to what the plan says."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from exports.cells import LINK, VALUE, CellRow, block_lines, cell_rows, stamp_row
from exports.changes import changed_runs
from exports.drawing import Request, draw, heading_note
from exports.dressing import dressing
from exports.known import TAB_KEY, BlockMark, KnownTab, TabMark, own_id
from exports.plan import ABOUT_ROW, FIRST_ROW, TITLE_ROW, Block, Tab
from exports.stamp import STAMP_FORMATS, Stamp

SHAPE = 7
"""Raised when the drawing itself changes: every tab is then drawn anew, once."""

GROWTH = 200
"""So many rows more than needed are added when a tab is full, for every addition is a change of the grid."""


@dataclass(frozen=True, slots=True)
class TabUpdate:
    """`cells`: how many cells of tables are sent; 0 where only the stamp moves on. `is_drawn`: it has a new shape."""

    requests: list[Request]
    after: KnownTab
    cells: int
    is_drawn: bool = False


def update_tab(
    tab: Tab, shown: KnownTab, stamp: Stamp, *, ahead: int, whole: bool, elsewhere: frozenset[int]
) -> TabUpdate:
    """Write what changed, clear the tail of what became shorter, touch nothing else.

    A tab that is held keeps what it shows, and its stamp says so. `ahead`: seconds by which the book's clock is
    ahead of the account's; `elsewhere`: the charts of other tabs.
    """
    if tab.held and shown.mark is not None:
        return TabUpdate([_stamp(shown.sheet_id, stamp, ahead)], shown, 0)
    old = shown.mark or TabMark(tab.key, "", 0, ())
    schema = schema_of(tab)
    redrawn = schema != old.schema
    known = (None,) * len(tab.blocks) if redrawn else old.blocks
    contents = [_content(block, before, whole=whole) for block, before in zip(tab.blocks, known, strict=True)]
    marks = tuple(block for block, _ in contents)
    width = max(tab.width, old.width)
    dressed = dressing(tab, shown, width, elsewhere=elsewhere)
    mark = TabMark(tab.key, schema, width, marks, dressed.print, dressed.charts, tab.scope)
    requests = list(_columns(shown, width, old.width))
    requests += _head(shown, old)
    requests += _rows(shown, _height(tab, marks) - (FIRST_ROW - old.head))
    if redrawn:
        requests += _redraw(tab, shown.sheet_id, old)
    sent = 0
    for planned, before, (block, rows) in zip(tab.blocks, known, contents, strict=True):
        if whole or before is None or before.hash != block.hash:
            for start, end in _changed(before, block, whole=whole):
                part = rows[start:end]
                requests.append(_part(shown.sheet_id, block, (start, end), part, links=planned.has_links))
                sent += (end - start) * block.width
    requests += dressed.requests
    requests.append(_stamp(shown.sheet_id, stamp, ahead))
    is_new = shown.mark is None
    mark_id = own_id(tab.key) if is_new else shown.mark_id
    if mark != shown.mark:
        location = {"sheetId": shown.sheet_id}
        requests.append(mark_request(TAB_KEY, mark_id, mark.dump(), location, is_new=is_new))
    after = replace(_grown(shown, requests, mark, mark_id), dress=dressed.dress)
    return TabUpdate(requests, after, sent, redrawn)


def _height(tab: Tab, marks: tuple[BlockMark, ...]) -> int:
    """So many rows the tab needs: for its tables, and to hang its charts on."""
    return max(*(TITLE_ROW + block.rows for block in marks), *(chart.row + 1 for chart in tab.charts), 0)


def schema_of(tab: Tab) -> str:
    """What a tab looks like, without what it says."""
    blocks = [
        [
            block.column,
            [column.format for column in block.columns],
            block.row_formats,
            block.note,
            block.is_added_up,
        ]
        for block in tab.blocks
    ]
    return _hash([SHAPE, blocks])


def mark_request(key: str, number: int, value: str, location: dict[str, Any], *, is_new: bool) -> Request:
    """Leave a mark, or renew it; it lands in the same batch as what it speaks of."""
    if is_new:
        metadata = {"metadataId": number, "metadataKey": key, "metadataValue": value}
        metadata |= {"location": location, "visibility": "DOCUMENT"}
        return {"createDeveloperMetadata": {"developerMetadata": metadata}}
    return {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": number}}],
            "developerMetadata": {"metadataValue": value},
            "fields": "metadataValue",
        }
    }


def _columns(shown: KnownTab, width: int, old_width: int) -> Iterator[Request]:
    """Room for our columns; what people keep to the right of them moves on and keeps its formulas."""
    columns = shown.columns
    if shown.mark is not None and old_width < min(width, columns):
        area = {"sheetId": shown.sheet_id, "dimension": "COLUMNS", "startIndex": old_width, "endIndex": width}
        columns += width - old_width
        yield {"insertDimension": {"range": area, "inheritFromBefore": False}}
    if columns < width:
        yield _append(shown.sheet_id, "COLUMNS", width - columns)


def _rows(shown: KnownTab, height: int) -> Iterator[Request]:
    if shown.rows < height:
        yield _append(shown.sheet_id, "ROWS", height - shown.rows + GROWTH)


def _head(shown: KnownTab, old: TabMark) -> Iterator[Request]:
    """Room for our head where an earlier one was shorter; what stands below, people's too, moves down with it."""
    if old.head < FIRST_ROW:
        area = {"sheetId": shown.sheet_id, "dimension": "ROWS", "startIndex": ABOUT_ROW}
        area["endIndex"] = ABOUT_ROW + FIRST_ROW - old.head
        yield {"insertDimension": {"range": area, "inheritFromBefore": False}}


def _append(sheet_id: int, dimension: str, length: int) -> Request:
    return {"appendDimension": {"sheetId": sheet_id, "dimension": dimension, "length": length}}


def _grown(shown: KnownTab, requests: list[Request], mark: TabMark, mark_id: int) -> KnownTab:
    """The tab as it will be once `requests` have landed."""
    more = {"ROWS": 0, "COLUMNS": 0}
    for request in requests:
        if "appendDimension" in request:
            more[request["appendDimension"]["dimension"]] += request["appendDimension"]["length"]
        elif "insertDimension" in request:
            area = request["insertDimension"]["range"]
            more[area["dimension"]] += area["endIndex"] - area["startIndex"]
    rows, columns = shown.rows + more["ROWS"], shown.columns + more["COLUMNS"]
    return replace(shown, rows=rows, columns=columns, mark=mark, mark_id=mark_id)


def _redraw(tab: Tab, sheet_id: int, old: TabMark) -> Iterator[Request]:
    """Clear what stood there in the old shape, column range by column range, then draw the new one."""
    for block in old.blocks:
        yield _part(sheet_id, block, (0, block.rows + FIRST_ROW - old.head), [], links=True)
        yield heading_note(sheet_id, block.column, "")
    stood = {block.column: block.width for block in old.blocks}
    yield from draw(tab, sheet_id, drawn_width=old.width, stood=stood)


def _content(block: Block, before: BlockMark | None, *, whole: bool) -> tuple[BlockMark, list[CellRow]]:
    """The mark of a block and its rows; the mark that it has and no rows, where the same stands there."""
    lines = block_lines(block)
    if before is not None and before.lines == lines and not whole:
        return before, []
    rows = cell_rows(lines)
    return BlockMark(block.column, block.width, len(lines), _hash(rows), lines), rows


def _changed(before: BlockMark | None, block: BlockMark, *, whole: bool) -> list[tuple[int, int]]:
    extent = max(block.rows, before.rows if before else 0)
    remembered = None if whole or before is None else before.lines
    return changed_runs(remembered, block.lines or (), extent)


def _part(
    sheet_id: int, block: BlockMark, run: tuple[int, int], rows: list[CellRow], *, links: bool
) -> Request:
    """Some rows of a block, counted from its heading."""
    columns = (block.column, block.column + block.width)
    request = _write(sheet_id, (TITLE_ROW + run[0], TITLE_ROW + run[1]), columns, rows)
    if links:
        request["updateCells"]["fields"] += f",{LINK}"
    return request


def _stamp(sheet_id: int, stamp: Stamp, ahead: int) -> Request:
    return _write(sheet_id, (0, TITLE_ROW), (0, len(STAMP_FORMATS)), [stamp_row(stamp, ahead)])


def _write(sheet_id: int, rows: tuple[int, int], columns: tuple[int, int], content: list[CellRow]) -> Request:
    """Values alone, over a stated range: its cells that `content` does not cover become empty."""
    area = {"sheetId": sheet_id, "startRowIndex": rows[0], "endRowIndex": rows[1]}
    area |= {"startColumnIndex": columns[0], "endColumnIndex": columns[1]}
    return {"updateCells": {"range": area, "rows": content, "fields": VALUE}}


def _hash(value: object) -> str:
    return hashlib.sha256(_json(value).encode()).hexdigest()[:16]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
