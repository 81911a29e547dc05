"""Our remarks beside what people typed: one column of a tab is ours, written only when it says other things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEADER = "Ошибки"  # the head of our column begins with it
HEAD_WITHIN = 10  # rows


@dataclass(frozen=True, slots=True)
class TypedTab:
    """A tab that people fill in: its size, and all its cells as texts."""

    sheet_id: int
    rows: int
    columns: int
    grid: tuple[tuple[str, ...], ...]


def remark_requests(
    tab: TypedTab, header_row: int, remarks: Mapping[int, str], whole: str | None
) -> list[dict[str, Any]]:
    """Requests that make our column show exactly `remarks`, by row from 1, and `whole` in its head.

    Nothing where nothing is to be said and nothing was, or where the column says it already.
    """
    column = _ours(tab.grid)
    is_silent = not remarks and whole is None
    if column is None and is_silent:
        return []
    at = column if column is not None else max((len(line) for line in tab.grid), default=0)
    wanted = dict(remarks)
    if not is_silent or column is not None:
        wanted[header_row] = f"{HEADER}: {whole}" if whole else HEADER
    last = max([len(tab.grid), *wanted])
    present = [line[at] if at < len(line) else "" for line in tab.grid] + [""] * (last - len(tab.grid))
    texts = [wanted.get(number, "") for number in range(1, last + 1)]
    if texts == present:
        return []
    return [*_room(tab, at, last), _column(tab.sheet_id, at, texts)]


def _ours(grid: Sequence[Sequence[str]]) -> int | None:
    for line in grid[:HEAD_WITHIN]:
        for at, text in enumerate(line):
            if text == HEADER or text.startswith(f"{HEADER}: "):
                return at
    return None


def _room(tab: TypedTab, at: int, last: int) -> list[dict[str, Any]]:
    wanted = (("ROWS", last - tab.rows), ("COLUMNS", at + 1 - tab.columns))
    return [
        {"appendDimension": {"sheetId": tab.sheet_id, "dimension": dimension, "length": missing}}
        for dimension, missing in wanted
        if missing > 0
    ]


def _column(sheet_id: int, at: int, texts: Sequence[str]) -> dict[str, Any]:
    rows = [{"values": [{"userEnteredValue": {"stringValue": text}} if text else {}]} for text in texts]
    area = {
        "sheetId": sheet_id,
        "startRowIndex": 0,
        "endRowIndex": len(texts),
        "startColumnIndex": at,
        "endColumnIndex": at + 1,
    }
    return {"updateCells": {"range": area, "rows": rows, "fields": "userEnteredValue"}}
