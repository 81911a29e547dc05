"""Request kinds about rows and columns."""

from __future__ import annotations

from typing import TypeVar

from sandbox.google import masks
from sandbox.google.areas import Area
from sandbox.google.book import Book, Json, Tab
from sandbox.google.errors import Invalid
from sandbox.google.messages import MESSAGES
from sandbox.google.protection import Editor, guard, guard_whole
from sandbox.google.shift import Dimension, Move, move_references

Item = TypeVar("Item")


def append_dimension(book: Book, editor: Editor, body: Json) -> Json:
    """Add rows at the bottom or columns at the right.

    New rows look like the last one and new columns like the last one (formats and
    validation, no values).  That Google does the same is not verified.
    """
    tab = book.edit(body.get("sheetId", 0))
    guard_whole(tab, editor)
    length = body.get("length", 0)
    if length < 1:
        raise Invalid(f"Invalid length: {length}")
    _grow(book, tab, _dimension(body), length)
    return {}


def insert_dimension(book: Book, editor: Editor, body: Json) -> Json:
    tab, dimension, start, end = _stretch(book, body["range"])
    size = _size(tab, dimension)
    if start > size or end <= start:
        raise Invalid(f"Cannot insert at {start}..{end}: the grid has {size} {dimension.lower()}.")
    guard(tab, editor, _slice(tab, dimension, min(start, size - 1), size))
    move = Move(tab.sheet_id, dimension, start, end - start)
    inherits = body.get("inheritFromBefore", False)
    if inherits and start == 0:
        raise Invalid("inheritFromBefore cannot be true when inserting at the beginning.")
    model = start - 1 if inherits else start
    _resize(tab, dimension, size + move.count)
    _carry_cells(tab, move)
    _look_like(tab, dimension, model if inherits else model + move.count, start, end)
    move_references(book, move)
    book.check_size()
    return {}


def delete_dimension(book: Book, editor: Editor, body: Json) -> Json:
    tab, dimension, start, end = _stretch(book, body["range"])
    size = _size(tab, dimension)
    if end > size or end <= start:
        raise Invalid(f"Cannot delete {start}..{end}: the grid has {size} {dimension.lower()}.")
    if end - start == size:
        raise Invalid(f"You can't delete all the {dimension.lower()} on the sheet.")
    guard(tab, editor, _slice(tab, dimension, start, end))
    move = Move(tab.sheet_id, dimension, start, start - end)
    _carry_cells(tab, move)
    move_references(book, move)
    frozen_key = "frozenRowCount" if dimension == "ROWS" else "frozenColumnCount"
    grid = tab.properties["gridProperties"]
    frozen = grid.get(frozen_key, 0)
    lost = max(0, min(end, frozen) - start)
    tab.properties = {**tab.properties, "gridProperties": {**grid, frozen_key: frozen - lost}}
    _resize(tab, dimension, size + move.count)
    return {}


def update_dimension_properties(book: Book, editor: Editor, body: Json) -> Json:
    tab, dimension, start, end = _stretch(book, body["range"])
    mask = masks.expand(
        masks.parse(body.get("fields", "")), MESSAGES["DimensionProperties"], "DimensionProperties"
    )
    if end > _size(tab, dimension):
        raise Invalid(f"The {dimension.lower()} {start}..{end} are not all on the grid.")
    guard_whole(tab, editor)
    sizes = tab.row_sizes if dimension == "ROWS" else tab.column_sizes
    for index in range(start, end):
        sizes[index] = masks.overlay(sizes.get(index, {}), body.get("properties", {}), mask)
    return {}


def auto_resize_dimensions(book: Book, editor: Editor, body: Json) -> Json:
    """Accepted and forgotten: the stand-in does not measure text."""
    guard_whole(_stretch(book, body["dimensions"])[0], editor)
    return {}


def _stretch(book: Book, dimension_range: Json) -> tuple[Tab, Dimension, int, int]:
    tab = book.edit(dimension_range.get("sheetId", 0))
    dimension = _dimension(dimension_range)
    start = dimension_range.get("startIndex", 0)
    end = dimension_range.get("endIndex", _size(tab, dimension))
    if start < 0 or end < start:
        raise Invalid(f"Invalid dimension range: {start}..{end}")
    return tab, dimension, start, end


def _dimension(message: Json) -> Dimension:
    if message.get("dimension") not in ("ROWS", "COLUMNS"):
        raise Invalid("No dimension specified.")
    return "ROWS" if message["dimension"] == "ROWS" else "COLUMNS"


def _size(tab: Tab, dimension: Dimension) -> int:
    return tab.row_count if dimension == "ROWS" else tab.column_count


def _slice(tab: Tab, dimension: Dimension, start: int, end: int) -> Area:
    if dimension == "ROWS":
        return Area(start, end, 0, tab.column_count)
    return Area(0, tab.row_count, start, end)


def _resize(tab: Tab, dimension: Dimension, size: int) -> None:
    rows, columns = (size, tab.column_count) if dimension == "ROWS" else (tab.row_count, size)
    tab.resize(rows, columns)


def _grow(book: Book, tab: Tab, dimension: Dimension, length: int) -> None:
    size = _size(tab, dimension)
    _resize(tab, dimension, size + length)
    book.check_size()
    _look_like(tab, dimension, size - 1, size, size + length)


def _carry_cells(tab: Tab, move: Move) -> None:
    """Move cells and sizes; what was deleted is gone."""
    if move.dimension == "ROWS":
        tab.rows = _carried(tab.rows, move)
        tab.row_sizes = _carried(tab.row_sizes, move)
    else:
        tab.rows = {row: _carried(cells, move) for row, cells in tab.rows.items()}
        tab.column_sizes = _carried(tab.column_sizes, move)
    tab.forget_ownership()


def _carried(items: dict[int, Item], move: Move) -> dict[int, Item]:
    places = ((move.place(index), item) for index, item in items.items())
    return {place: item for place, item in places if place is not None}


def _look_like(tab: Tab, dimension: Dimension, model: int, start: int, end: int) -> None:
    """Give new rows or columns the formats and validation of the model one."""
    looks = ("userEnteredFormat", "dataValidation")
    if dimension == "ROWS":
        cells = [(model, column) for column in tab.rows.get(model, {})]
    else:
        cells = [(row, model) for row, line in tab.rows.items() if model in line]
    for row, column in cells:
        cell = tab.cell(row, column)
        look = {name: cell[name] for name in looks if name in cell}
        if look:
            for index in range(start, end):
                tab.put(*((index, column) if dimension == "ROWS" else (row, index)), look)
