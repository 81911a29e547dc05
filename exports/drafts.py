"""A change too large for one request: written to a hidden tab in portions, then copied to where it is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from exports.cells import FORMAT, LINK, VALUE, Cell, CellRow
from exports.drawing import Request
from exports.known import DRAFT_KEY, Known, free_title, own_id
from exports.sheets import Batch, encoded, sweeping

TITLE = "vitrina: черновик"

WORTH_IT = 1_000
"""Rows of fewer bytes are sent as they are: to copy them takes almost as many."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A hidden tab of ours, and the request that shows what stands there and takes it away, in one.

    `portions`: the requests that make and fill it, in their order; each may be repeated but the first.
    `cells`: so many the spreadsheet has more while it is there.
    """

    sheet_id: int
    cells: int
    portions: tuple[bytes, ...]
    body: bytes

    def is_in(self, known: Known) -> bool:
        """Whether the tab is there already."""
        return any(tab.sheet_id == self.sheet_id for tab in known.tabs)


def make_draft(batch: Batch, known: Known, most: int) -> Draft | None:
    """What does the same as `batch` by portions of about `most` bytes and one more request; None: nothing is long.

    The shown tabs are as they were until that last request, which leaves them as `batch` would, its marks included.
    The tab's number is new each time, so that a request that was given up and arrives late finds nothing to spoil;
    a tab that somebody was killed over goes before this one comes.
    """
    sheet_id = _free_id(batch, known)
    rows: list[CellRow] = []
    sizes: list[int] = []
    shown: list[Request] = []
    for request in batch.requests:
        plain = _plain(request.get("updateCells", {}))
        taken = [len(encoded([row])) for row in plain]
        if sum(taken) < WORTH_IT:
            shown.append(request)
            continue
        shown += _copied(request["updateCells"], sheet_id, len(rows))
        rows += plain
        sizes += taken
    if not rows:
        return None
    swept = sweeping(known)
    width = max(len(row["values"]) for row in rows)
    making = [*swept, *_making(sheet_id, free_title(TITLE, known.tabs), (len(rows), width))]
    portions = tuple(_portions(making, sheet_id, rows, sizes, most))
    body = encoded([*(each for each in shown if each not in swept), {"deleteSheet": {"sheetId": sheet_id}}])
    return Draft(sheet_id, len(rows) * width, portions, body)


def _free_id(batch: Batch, known: Known) -> int:
    sheet_id = own_id(batch.token)
    while sheet_id in {tab.sheet_id for tab in (*known.tabs, *batch.after.tabs)}:
        sheet_id += 1
    return sheet_id


def _plain(writing: dict[str, Any]) -> list[CellRow]:
    """The rows of a request as values alone; none where there is a formula, for a copy would hold its result."""
    rows: list[CellRow] = writing.get("rows", [])
    if any("formulaValue" in cell.get(VALUE, {}) for row in rows for cell in row["values"]):
        return []
    if LINK not in writing.get("fields", ""):
        return rows
    return [
        {"values": [{VALUE: cell[VALUE]} if VALUE in cell else {} for cell in row["values"]]} for row in rows
    ]


def _making(sheet_id: int, title: str, size: tuple[int, int]) -> Iterator[Request]:
    grid = {"rowCount": size[0], "columnCount": size[1]}
    properties = {"sheetId": sheet_id, "title": title, "hidden": True, "gridProperties": grid}
    mark = {"metadataId": sheet_id, "metadataKey": DRAFT_KEY, "metadataValue": "{}", "visibility": "DOCUMENT"}
    yield {"addSheet": {"properties": properties}}
    yield {"createDeveloperMetadata": {"developerMetadata": mark | {"location": {"sheetId": sheet_id}}}}


def _portions(
    making: Sequence[Request], sheet_id: int, rows: Sequence[CellRow], sizes: Sequence[int], most: int
) -> Iterator[bytes]:
    """The rows in pieces of at most so many bytes, and always of one row."""
    requests, first, taken = list(making), 0, 0
    for place, size in enumerate(sizes):
        if taken and taken + size > most:
            yield encoded([*requests, _put(sheet_id, first, rows[first:place])])
            requests, first, taken = [], place, 0
        taken += size
    yield encoded([*requests, _put(sheet_id, first, rows[first:])])


def _put(sheet_id: int, first: int, rows: Sequence[CellRow]) -> Request:
    start = {"sheetId": sheet_id, "rowIndex": first, "columnIndex": 0}
    return {"updateCells": {"start": start, "rows": rows, "fields": VALUE}}


def _copied(writing: dict[str, Any], sheet_id: int, first: int) -> Iterator[Request]:
    """What comes to the same as `writing` whose rows stand on the draft from `first` on.

    The place is emptied before: what a copy makes of empty cells need not be known then.
    """
    area, rows = writing["range"], writing["rows"]
    height, width = len(rows), max(len(row["values"]) for row in rows)
    yield {"updateCells": {**writing, "rows": []}}
    source = {"sheetId": sheet_id, "startRowIndex": first, "endRowIndex": first + height}
    source |= {"startColumnIndex": 0, "endColumnIndex": width}
    destination = {**area, "endRowIndex": area["startRowIndex"] + height}
    destination |= {"endColumnIndex": area["startColumnIndex"] + width}
    yield {"copyPaste": {"source": source, "destination": destination, "pasteType": "PASTE_VALUES"}}
    for column in sorted(
        {place for row in rows for place, cell in enumerate(row["values"]) if FORMAT in cell}
    ):
        strip = {**destination, "startColumnIndex": area["startColumnIndex"] + column}
        strip |= {"endColumnIndex": area["startColumnIndex"] + column + 1}
        lines = [{"values": [_link(cell) for cell in row["values"][column : column + 1]]} for row in rows]
        yield {"updateCells": {"range": strip, "rows": lines, "fields": LINK}}


def _link(cell: Cell) -> Cell:
    """What a cell brings beside its value: links are formats, which are not copied with values."""
    return {FORMAT: cell[FORMAT]} if FORMAT in cell else {}
