"""The books as they were written, and every cell in them that is not as it should be."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string

from sandbox.google.server import GoogleServer
from tests.independent.book import Shown, linked

Grid = list[list[Any]]
HEADING, ABOUT, TOTALS, LABELS, FIRST = 1, 2, 3, 4, 5
NO_ROWS = "нет строк"
_DAY_ZERO = date(1899, 12, 30)


def read_workbook(path: Path) -> dict[str, Grid]:
    """Tab → grid of plain values, a moment at midnight as its date."""
    book = openpyxl.load_workbook(path, read_only=True)
    grids = {sheet.title: [[_plain(value) for value in row] for row in sheet.values] for sheet in book}
    with zipfile.ZipFile(path) as archive:
        for number, grid in enumerate(grids.values(), 1):
            for (row, column), page in _links(archive, number):
                grid[row][column] = linked(grid[row][column], page.rpartition("/")[2])
    return grids


def _links(archive: zipfile.ZipFile, number: int) -> Iterator[tuple[tuple[int, int], str]]:
    """Place and page of every link of a sheet."""
    sheet = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
    found = re.findall(r'<hyperlink ref="([A-Z]+)(\d+)" r:id="(\w+)"', sheet)
    if not found:
        return
    relations = archive.read(f"xl/worksheets/_rels/sheet{number}.xml.rels").decode()
    pages = dict(re.findall(r'Id="(\w+)"[^>]*Target="([^"]*)"', relations))
    for letters, row, key in found:
        yield (int(row) - 1, column_index_from_string(letters) - 1), pages[key]


def read_spreadsheet(google: GoogleServer, spreadsheet: str) -> dict[str, Grid]:
    """The same of a spreadsheet; a number shown as a date is that date."""
    grids: dict[str, Grid] = {}
    for tab in google.book(spreadsheet).tabs:
        grid = grids[tab.title] = [[None] * tab.column_count for _ in range(tab.row_count)]
        for row, cells in tab.rows.items():
            for column, cell in cells.items():
                grid[row][column] = _entered(cell)
    return grids


def _entered(cell: Mapping[str, Any]) -> Any:
    value = next(iter(cell.get("userEnteredValue", {}).values()), None)
    look = cell.get("userEnteredFormat", {})
    kind = look.get("numberFormat", {}).get("type")
    page = look.get("textFormat", {}).get("link", {}).get("uri")
    if page:
        return linked(value, page.rpartition("/")[2])
    if kind == "DATE" and isinstance(value, (int, float)):
        return _DAY_ZERO + timedelta(days=value)
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    return Decimal(repr(value)) if isinstance(value, float) else value


def differences(tab: str, tables: Iterable[Shown], grid: Grid) -> Iterator[str]:
    """Every cell of the tab that is not as expected, each as one line."""
    column = 0
    for table in tables:
        yield from _table_differences(f"{tab} / {table.heading}", table, grid, column)
        column += len(table.labels) + 1


def _table_differences(where: str, table: Shown, grid: Grid, left: int) -> Iterator[str]:
    width = len(table.labels)
    heading, labels = _cells(grid, HEADING, left, 1)[0], tuple(_cells(grid, LABELS, left, width))
    if heading != table.heading:
        yield f"{where}: the heading is {heading!r}"
    if (about := _cells(grid, ABOUT, left, 1)[0]) != table.about:
        yield f"{where}: under the heading stands {about!r}, expected {table.about!r}"
    totals = _cells(grid, TOTALS, left, width)
    for label, value, cell in zip(table.labels, table.totals or (None,) * width, totals, strict=True):
        if not _same(value, cell):
            yield f"{where} / total / {label}: expected {value}, found {cell}"
    if labels != table.labels:
        yield f"{where}: the labels are {labels}"
    lines = (_cells(grid, number, left, width) for number in range(FIRST, len(grid)))
    found = [line for line in lines if any(cell is not None for cell in line)]
    if not table.rows:
        yield from (f"{where}: expected no rows, found {line}" for line in found if line[0] != "нет строк")
        return
    yield from _row_differences(where, table, found)


def _row_differences(where: str, table: Shown, found: list[list[Any]]) -> Iterator[str]:
    keyed = {_key(line, table.keys): line for line in found}
    keys = [_key(row, table.keys) for row in table.rows]
    yield from (f"{where}: unexpected row {line}" for key, line in keyed.items() if key not in set(keys))
    for key, row, behind in zip(keys, table.rows, table.deals, strict=True):
        if key not in keyed:
            yield f"{where}: no row {row} · deals {behind[:12]}"
            continue
        for label, value, cell in zip(table.labels, row, keyed[key], strict=True):
            if not _same(value, cell):
                yield f"{where} / {key} / {label}: expected {value}, found {cell} · deals {behind[:12]}"
    if len(found) != len(table.rows):
        yield f"{where}: {len(found)} rows, expected {len(table.rows)}"
    order = [_key(line, table.keys) for line in found]
    if sorted(map(str, order)) == sorted(map(str, keys)) and order != keys:
        place = next(
            place for place, (one, other) in enumerate(zip(order, keys, strict=True)) if one != other
        )
        yield f"{where}: row {place + 1} is {order[place]}, expected {keys[place]}"


def _key(row: Sequence[Any], places: Sequence[int]) -> tuple[Any, ...]:
    return tuple(int(row[place]) if isinstance(row[place], Decimal) else row[place] for place in places)


def _cells(grid: Grid, row: int, left: int, width: int) -> list[Any]:
    line = grid[row] if row < len(grid) else []
    return [line[place] if place < len(line) else None for place in range(left, left + width)]


def _same(value: Any, cell: Any) -> bool:
    if isinstance(value, (int, Decimal)) and isinstance(cell, (int, Decimal)):
        return abs(Decimal(value) - Decimal(cell)) < Decimal("1e-9")
    if isinstance(value, date) or isinstance(cell, date):
        return bool(value == cell)
    return (value or None) == (cell or None)


def all_differences(book: Mapping[str, list[Shown]], grids: Mapping[str, Grid]) -> list[str]:
    missing = [f"{tab}: no such tab" for tab in book if tab not in grids]
    return missing + [
        line for tab, tables in book.items() if tab in grids for line in differences(tab, tables, grids[tab])
    ]
