"""Rectangles of a grid, and the two ways people write them: GridRange and A1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.google.errors import Invalid

_CORNER = re.compile(r"\$?([A-Za-z]{0,3})\$?([0-9]*)")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+")


@dataclass(frozen=True, slots=True)
class Area:
    """Rows top..bottom and columns left..right, half-open, counted from 0."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def is_empty(self) -> bool:
        return self.top >= self.bottom or self.left >= self.right

    def meets(self, other: Area) -> bool:
        return not self.common(other).is_empty

    def common(self, other: Area) -> Area:
        return Area(
            max(self.top, other.top),
            min(self.bottom, other.bottom),
            max(self.left, other.left),
            min(self.right, other.right),
        )

    def within(self, other: Area) -> bool:
        return self.common(other) == self

    def places(self) -> Iterator[tuple[int, int]]:
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                yield row, column

    @property
    def a1(self) -> str:
        first = f"{letters(self.left)}{self.top + 1}"
        last = f"{letters(self.right - 1)}{self.bottom}"
        return first if first == last else f"{first}:{last}"


def of_grid_range(grid_range: Mapping[str, Any], rows: int, columns: int, title: str) -> Area:
    """The rectangle meant; a missing bound reaches to the edge, one beyond the edge is refused."""
    area = Area(
        grid_range.get("startRowIndex", 0),
        grid_range.get("endRowIndex", rows),
        grid_range.get("startColumnIndex", 0),
        grid_range.get("endColumnIndex", columns),
    )
    if area.top < 0 or area.left < 0:
        raise Invalid("GridRange: an index must not be negative")
    if area.top > area.bottom or area.left > area.right:
        raise Invalid("GridRange: the start must not be beyond the end")
    return inside(area, rows, columns, title)


def inside(area: Area, rows: int, columns: int, title: str) -> Area:
    """`area` itself, or Google's refusal when it reaches beyond the grid."""
    if area.bottom > rows or area.right > columns or area.top > rows or area.left > columns:
        raise Invalid(
            f"Range ({address(title, area)}) exceeds grid limits. Max rows: {rows}, max columns: {columns}"
        )
    return area


def letters(column: int) -> str:
    """Column 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def column_number(text: str) -> int:
    """A is column 0; the inverse of `letters`."""
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def quoted(title: str) -> str:
    """The title as it stands before `!`: in apostrophes only when it needs them."""
    if _PLAIN_TITLE.fullmatch(title) and not _LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def address(title: str, area: Area) -> str:
    return f"{quoted(title)}!{area.a1}"


def split_a1(text: str) -> tuple[str | None, str | None]:
    """(tab, cells) of an A1 range; either may be missing."""
    if text.startswith("'"):
        match = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.+))?", text)
        if match is None:
            raise Invalid(f"Unable to parse range: {text}")
        return match[1].replace("''", "'"), match[2]
    title, mark, cells = text.rpartition("!")
    return (title, cells) if mark else (None, text)


def of_a1(cells: str, rows: int, columns: int) -> Area | None:
    """`A1`, `A1:B2`, `A:B`, `2:3`, `A2:B`; None when it is no range. May reach beyond the grid."""
    first, mark, last = cells.partition(":")
    start, end = _CORNER.fullmatch(first), _CORNER.fullmatch(last or first)
    if not start or not end or not (start[0] and end[0]) or (not mark and not (start[1] and start[2])):
        return None
    if "0" in (start[2], end[2]):
        return None
    left, right = (column_number(part[1]) if part[1] else None for part in (start, end))
    top, bottom = (int(part[2]) - 1 if part[2] else None for part in (start, end))
    if left is not None and right is not None and right < left:
        left, right = right, left
    if top is not None and bottom is not None and bottom < top:
        top, bottom = bottom, top
    return Area(
        top or 0,
        rows if bottom is None else bottom + 1,
        left or 0,
        columns if right is None else right + 1,
    )
