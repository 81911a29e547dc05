"""References inside formulas: how they follow rows, columns and tabs, or become #REF!."""

from __future__ import annotations

import re
from typing import Protocol

from sandbox.google.areas import column_number, letters, quoted

GONE = "#REF!"

_TOKEN = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
  | (?P<tab>'(?:[^']|'')+'|[^\W\d][\w.]*)?(?P<mark>(?(tab)!|))
    (?:
        (?P<cell>\$?[A-Z]{1,3}\$?[1-9]\d*(?::\$?[A-Z]{1,3}\$?[1-9]\d*)?)
      | (?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3})
      | (?P<rows>\$?[1-9]\d*:\$?[1-9]\d*)
    )(?![\w(])
  | (?P<word>\w+)
    """,
    re.VERBOSE,
)
_CORNER = re.compile(r"(\$?)([A-Z]*)(\$?)(\d*)")


class Movement(Protocol):
    """How rows or columns of a tab moved; None stands for "deleted"."""

    @property
    def dimension(self) -> str: ...

    def place(self, index: int) -> int | None: ...

    def span(self, start: int, end: int) -> tuple[int, int] | None: ...


def moved_formula(formula: str, home: str, target: str, move: Movement) -> str:
    """The formula of a cell in tab `home` after rows or columns of tab `target` moved."""

    def replace(match: re.Match[str]) -> str:
        reference = match["cell"] or match["columns"] or match["rows"]
        if not reference or _title(match["tab"], home) != target:
            return match[0]
        prefix = match[0][: len(match[0]) - len(reference)]
        moved = _moved_reference(reference, move)
        return GONE if moved is None else prefix + moved

    return _TOKEN.sub(replace, formula)


def carried_formula(formula: str, down: int, right: int) -> str:
    """The formula as it reads `down` rows and `right` columns further; `$` holds a reference fast."""

    def corner(match: re.Match[str]) -> str:
        column, row = match[2], match[4]
        if column and not match[1]:
            column = letters(column_number(column) + right)
        if row and not match[3]:
            row = str(int(row) + down)
        return f"{match[1]}{column}{match[3]}{row}"

    def replace(match: re.Match[str]) -> str:
        reference = match["cell"] or match["columns"] or match["rows"]
        if not reference:
            return match[0]
        prefix = match[0][: len(match[0]) - len(reference)]
        return prefix + ":".join(_CORNER.sub(corner, part, count=1) for part in reference.split(":"))

    return _TOKEN.sub(replace, formula)


def renamed_formula(formula: str, old: str, new: str) -> str:
    """The formula after tab `old` was renamed to `new`."""

    def replace(match: re.Match[str]) -> str:
        if not match["tab"] or _title(match["tab"], "") != old:
            return match[0]
        return quoted(new) + match[0][len(match["tab"]) :]

    return _TOKEN.sub(replace, formula)


def orphaned_formula(formula: str, title: str) -> str:
    """The formula after tab `title` was deleted."""

    def replace(match: re.Match[str]) -> str:
        return GONE if match["tab"] and _title(match["tab"], "") == title else match[0]

    return _TOKEN.sub(replace, formula)


def _title(prefix: str | None, home: str) -> str:
    if not prefix:
        return home
    return prefix[1:-1].replace("''", "'") if prefix.startswith("'") else prefix


def _moved_reference(reference: str, move: Movement) -> str | None:
    first, colon, last = reference.partition(":")
    start, end = _CORNER.fullmatch(first), _CORNER.fullmatch(last or first)
    if start is None or end is None:
        return reference
    dimension = move.dimension
    part = 4 if dimension == "ROWS" else 2
    if not start[part]:
        return reference  # whole columns do not mind rows, and the other way round
    a, b = (_index(corner[part], dimension) for corner in (start, end))
    if not colon:
        new = move.place(a)
        return None if new is None else _written(start, dimension, new)
    stretch = move.span(min(a, b), max(a, b) + 1)
    if stretch is None:
        return None
    return f"{_written(start, dimension, stretch[0])}:{_written(end, dimension, stretch[1] - 1)}"


def _index(text: str, dimension: str) -> int:
    return int(text) - 1 if dimension == "ROWS" else column_number(text)


def _written(corner: re.Match[str], dimension: str, index: int) -> str:
    if dimension == "ROWS":
        return f"{corner[1]}{corner[2]}{corner[3]}{index + 1}"
    return f"{corner[1]}{letters(index)}{corner[3]}{corner[4]}"
