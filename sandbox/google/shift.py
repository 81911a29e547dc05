"""What happens to everything that points at a tab when its rows or columns move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sandbox.google.book import Book, Json, Tab
from sandbox.google.formulas import moved_formula

Dimension = Literal["ROWS", "COLUMNS"]
Key = TypeVar("Key")

_RANGE_KEYS = {"ROWS": ("startRowIndex", "endRowIndex"), "COLUMNS": ("startColumnIndex", "endColumnIndex")}
_POINT_KEYS = {"ROWS": "rowIndex", "COLUMNS": "columnIndex"}


@dataclass(frozen=True, slots=True)
class Move:
    """`count` rows or columns were inserted before `at`, or (negative) deleted from `at` on."""

    sheet_id: int
    dimension: Dimension
    at: int
    count: int

    def place(self, index: int) -> int | None:
        """Where the row or column went; None when it was deleted."""
        if index < self.at:
            return index
        if self.count < 0 and index < self.at - self.count:
            return None
        return index + self.count

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where the half-open stretch went; None when nothing of it is left."""
        if self.count >= 0:
            return (
                start + self.count if start >= self.at else start,
                end + self.count if end > self.at else end,
            )
        first, last = self.at, self.at - self.count
        new_start = start if start < first else max(first, start + self.count)
        new_end = end if end <= first else max(first, end + self.count)
        if start >= first and end <= last and end > start:
            return None
        return new_start, new_end


def moved(value: Any, move: Move) -> Any:
    """`value` with every range, point and stretch in it moved; None when what it is about is gone."""
    if isinstance(value, list):
        return [item for item in (moved(item, move) for item in value) if item is not None]
    if not isinstance(value, Mapping):
        return value
    result: Json = {}
    for name, old in value.items():
        item = moved(old, move)
        if item is None and name in ("range", "dimensionRange", "location"):
            return None
        if item is not None:
            result[name] = item
    return _moved_message(result, move)


def _moved_message(message: Json, move: Move) -> Json | None:
    if message.get("sheetId", 0) != move.sheet_id:
        return message
    start_key, end_key = _RANGE_KEYS[move.dimension]
    if "title" not in message and (start_key in message or end_key in message):
        span = move.span(message.get(start_key, 0), message.get(end_key, 2**31 - 1))
        if span is None:
            return None
        message = dict(message)
        if start_key in message:
            message[start_key] = span[0]
        if end_key in message:
            message[end_key] = span[1]
    if message.get("dimension") == move.dimension and "startIndex" in message:
        span = move.span(message["startIndex"], message["endIndex"])
        return None if span is None else {**message, "startIndex": span[0], "endIndex": span[1]}
    point = _POINT_KEYS[move.dimension]
    if point in message:
        place = move.place(message[point])
        message = {**message, point: move.at if place is None else place}
    return message


def move_references(book: Book, move: Move) -> None:
    """Carry named ranges, metadata, decorations and formulas of the whole book along."""
    book.named = _kept(book.named, move)
    book.metadata = _kept(book.metadata, move)
    for tab in list(book.tabs):
        own = book.edit(tab.sheet_id)
        _move_objects(own, move)
    target = book.tab(move.sheet_id).title
    for tab, row, column, cell in list(book.cells()):
        formula = cell.get("userEnteredValue", {}).get("formulaValue")
        if formula:
            new = moved_formula(formula, tab.title, target, move)
            if new != formula:
                book.edit(tab.sheet_id).put(row, column, {**cell, "userEnteredValue": {"formulaValue": new}})


def _move_objects(tab: Tab, move: Move) -> None:
    tab.protected, tab.banded = _kept(tab.protected, move), _kept(tab.banded, move)
    tab.charts = _kept(tab.charts, move)
    tab.rules = [rule for rule in moved(tab.rules, move) if rule["ranges"]]
    tab.basic_filter = moved(tab.basic_filter, move) if tab.basic_filter else None


def _kept(objects: Mapping[Key, Json], move: Move) -> dict[Key, Json]:
    both = ((key, moved(item, move)) for key, item in objects.items())
    return {key: item for key, item in both if item is not None}
