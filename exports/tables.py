"""Tables as values: what a mart shows, and a block of a tab made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from exports.formats import Format
from exports.links import Link

Value = str | int | bool | Decimal | date | datetime | Link | None
Row = tuple[Value, ...]

TITLE_ROW, ABOUT_ROW, TOTAL_ROW, HEADER_ROW, FIRST_ROW = 1, 2, 3, 4, 5
"""Row 0 is the stamp; from FIRST_ROW on stand the rows of the tables. Counted from 0. Totals stand above the labels:
growing rows do not move them, and charts, filters and people's formulas take the rows under the labels alone."""

TOTAL = "Итого"

ROW_FORMAT = "format"
"""The column that names the format of a row, where the columns leave it to the row."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a mart as its header describes it."""

    name: str
    format: Format
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """A mart: what its header says, and its rows in the order in which they are shown.

    `count`: how many rows there are, where those at hand are but the first of them. `totals`: by column, of all
    rows; `coverage`: how much of what the figures are made of is known.
    """

    name: str
    title: str
    meaning: str
    grain: str
    date_base: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    count: int | None = None
    totals: Mapping[str, Value] = field(default_factory=dict)
    coverage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """What the heading says of a table that need not be shown whole: the first or the last rows, and of how many."""

    word: str
    count: int


@dataclass(frozen=True, slots=True)
class Block:
    """A table at its place: from `column` on, its columns are its own from top to bottom.

    `note`: what the table means, for whoever points at its heading; `about`: by which date it counts and how much of
    it is known, for all to see. `totals`: a value for each column, of all rows, shown or not; none where there are no
    rows. `is_added_up`: whether it is a table that has totals.
    """

    name: str
    title: str
    column: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    row_formats: tuple[Format, ...] | None = None
    instead_of_rows: str = "нет строк"
    cut: Cut | None = None
    note: str = ""
    about: str = ""
    totals: Row = ()
    is_added_up: bool = False

    @property
    def total_line(self) -> Row:
        """The totals, with what they are of in the first column, which has none."""
        if not self.totals:
            return ()
        first, *others = self.totals
        return (self._total_word if first is None else first, *others)

    @property
    def about_line(self) -> str:
        """What stands under the heading; what the totals are of as well, where they leave no room for it."""
        has_room = not self.totals or self.totals[0] is None
        return self.about if has_room else " · ".join(filter(None, (self.about, self._total_word)))

    @property
    def _total_word(self) -> str:
        return f"{TOTAL} по всем {self.cut.count}" if self.cut and self.is_cut else TOTAL

    @property
    def is_cut(self) -> bool:
        return self.cut is not None and len(self.rows) < self.cut.count

    @property
    def heading(self) -> str:
        if self.cut is None or not self.is_cut:
            return self.title
        return f"{self.title} · {self.cut.word} {len(self.rows)} из {self.cut.count}"

    @property
    def width(self) -> int:
        return len(self.columns)

    @property
    def has_links(self) -> bool:
        return any(column.format == "link" for column in self.columns)

    def format(self, row: int, column: int) -> Format:
        """The format of a cell, the row's own where the column leaves it to the row."""
        own = self.columns[column].format
        return self.row_formats[row] if own == "by_row" and self.row_formats else own
