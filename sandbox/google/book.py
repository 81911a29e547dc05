"""A spreadsheet as one value: tabs of cells that are shared between versions and copied on writing."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.google.areas import Area, inside, of_a1, of_grid_range, split_a1
from sandbox.google.errors import Invalid

Json = dict[str, Any]
Cell = Mapping[str, Any]
Row = dict[int, Cell]

CELL_LIMIT = 10_000_000
COLUMN_LIMIT = 18_278
TAB_LIMIT = 200
TEXT_LIMIT = 50_000

_NOTHING: Cell = {}


@dataclass
class Tab:
    """One worksheet.  Cells and objects are never changed in place, only replaced."""

    properties: Json
    rows: dict[int, Row] = field(default_factory=dict)
    row_sizes: dict[int, Json] = field(default_factory=dict)
    column_sizes: dict[int, Json] = field(default_factory=dict)
    basic_filter: Json | None = None
    protected: dict[int, Json] = field(default_factory=dict)
    banded: dict[int, Json] = field(default_factory=dict)
    charts: dict[int, Json] = field(default_factory=dict)
    rules: list[Json] = field(default_factory=list)
    _own_rows: set[int] = field(default_factory=set)

    @property
    def sheet_id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        return int(self.properties["gridProperties"]["rowCount"])

    @property
    def column_count(self) -> int:
        return int(self.properties["gridProperties"]["columnCount"])

    @property
    def grid(self) -> Area:
        return Area(0, self.row_count, 0, self.column_count)

    def area(self, grid_range: Mapping[str, Any]) -> Area:
        return of_grid_range(grid_range, self.row_count, self.column_count, self.title)

    def inside(self, area: Area) -> Area:
        return inside(area, self.row_count, self.column_count, self.title)

    def cell(self, row: int, column: int) -> Cell:
        return self.rows.get(row, {}).get(column, _NOTHING)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Replace one cell; an unchanged cell leaves its row shared with earlier versions."""
        cells = self.rows.get(row)
        if self.cell(row, column) == cell:
            return
        if row not in self._own_rows:
            self.rows[row] = dict(cells) if cells else {}
            self._own_rows.add(row)
        if cell:
            self.rows[row][column] = cell
        else:
            self.rows[row].pop(column, None)

    def resize(self, rows: int, columns: int) -> None:
        """Set the size of the grid; what falls off the edge is gone."""
        grid = {**self.properties["gridProperties"], "rowCount": rows, "columnCount": columns}
        self.properties = {**self.properties, "gridProperties": grid}
        self.rows = {
            row: cells if all(c < columns for c in cells) else {c: v for c, v in cells.items() if c < columns}
            for row, cells in self.rows.items()
            if row < rows
        }
        self.forget_ownership()

    def forget_ownership(self) -> None:
        """Rows were moved about: copy each again before its next writing."""
        self._own_rows = set()

    def clone(self) -> Tab:
        twin = copy.copy(self)
        twin.rows = dict(self.rows)
        twin.row_sizes, twin.column_sizes = dict(self.row_sizes), dict(self.column_sizes)
        twin.protected, twin.banded = dict(self.protected), dict(self.banded)
        twin.charts, twin.rules = dict(self.charts), list(self.rules)
        twin.forget_ownership()
        return twin


@dataclass
class Book:
    """One version of a spreadsheet.  Work on a `draft()`; a version that was committed stays as it is."""

    spreadsheet_id: str
    properties: Json
    tabs: list[Tab]
    named: dict[str, Json] = field(default_factory=dict)
    metadata: dict[int, Json] = field(default_factory=dict)
    _own_tabs: set[int] = field(default_factory=set)

    def draft(self) -> Book:
        """A version to work on: tabs are shared until `edit` asks for one."""
        return Book(
            self.spreadsheet_id, self.properties, list(self.tabs), dict(self.named), dict(self.metadata)
        )

    @property
    def cell_count(self) -> int:
        return sum(tab.row_count * tab.column_count for tab in self.tabs)

    def titled(self, title: str) -> Tab | None:
        return next((tab for tab in self.tabs if tab.title == title), None)

    def tab(self, sheet_id: int) -> Tab:
        for tab in self.tabs:
            if tab.sheet_id == sheet_id:
                return tab
        raise Invalid(f"No grid with id: {sheet_id}")

    def edit(self, sheet_id: int) -> Tab:
        """The tab to write to: this draft's own copy of it."""
        tab = self.tab(sheet_id)
        if sheet_id not in self._own_tabs:
            twin = tab.clone()
            self.tabs[self.tabs.index(tab)] = twin
            self._own_tabs.add(sheet_id)
            return twin
        return tab

    def own(self, tab: Tab, index: int) -> None:
        """Take in a tab that was made for this draft."""
        self.tabs.insert(index, tab)
        self._own_tabs.add(tab.sheet_id)

    def check_size(self) -> None:
        if self.cell_count > CELL_LIMIT:
            raise Invalid(
                "This action would increase the number of cells in the workbook "
                f"above the limit of {CELL_LIMIT} cells."
            )

    def locate(self, a1: str) -> tuple[Tab, Area]:
        """The tab and the rectangle that an A1 text means; a whole tab when it names only the tab."""
        title, cells = split_a1(a1)
        if title is None and cells is not None:
            named = next((item for item in self.named.values() if item["name"] == cells), None)
            if named is not None:
                tab = self.tab(named["range"].get("sheetId", 0))
                return tab, tab.area(named["range"])
            tab_or_none = self.titled(cells)
            if tab_or_none is not None:
                return tab_or_none, tab_or_none.grid
        tab_or_none = self.titled(title) if title is not None else self._first_visible()
        if tab_or_none is None:
            raise Invalid(f"Unable to parse range: {a1}")
        tab = tab_or_none
        area = of_a1(cells, tab.row_count, tab.column_count) if cells else tab.grid
        if area is None:
            raise Invalid(f"Unable to parse range: {a1}")
        return tab, area

    def _first_visible(self) -> Tab | None:
        return next((tab for tab in self.tabs if not tab.properties.get("hidden")), None)

    def cells(self) -> Iterator[tuple[Tab, int, int, Cell]]:
        for tab in self.tabs:
            for row, cells in tab.rows.items():
                for column, cell in cells.items():
                    yield tab, row, column, cell
