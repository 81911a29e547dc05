"""The plan of a book: what every tab shows, as values; no destination is known here."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from exports.formats import LOOKS, Format
from exports.layout import BlockLayout, TabLayout
from exports.links import with_deals_named
from exports.overlay import Chart, Place, Rule, charts, rules
from exports.stamp import STAMP_FORMATS, Stamp
from exports.tables import (
    ABOUT_ROW,
    FIRST_ROW,
    HEADER_ROW,
    ROW_FORMAT,
    TITLE_ROW,
    TOTAL_ROW,
    Block,
    Column,
    Cut,
    Row,
    Table,
    Value,
)

__all__ = [
    "ABOUT_ROW",
    "FIRST_ROW",
    "HEADER_ROW",
    "ROW_FORMAT",
    "TITLE_ROW",
    "TOTAL_ROW",
    "Block",
    "Column",
    "Plan",
    "Row",
    "Tab",
    "Table",
    "Value",
    "define",
    "make_plan",
]

NOT_RENEWED = "лист не обновлён"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: tables side by side, each with a range of columns to itself.

    `held`: why its figures are not to be trusted; where it shows older ones, they stay.
    `scope`: for whom it is made, empty for the owner; what was made for others must not stay in its place.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
    held: str | None = None
    charts: tuple[Chart, ...] = ()
    rules: tuple[Rule, ...] = ()
    scope: str = ""

    @property
    def width(self) -> int:
        last = self.blocks[-1]
        return max(last.column + last.width, len(STAMP_FORMATS))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a book shows; `deal_url` + a deal's id is that deal's page."""

    tabs: tuple[Tab, ...]
    stamp: Stamp
    deal_url: str | None = None

    @property
    def state(self) -> str:
        """What the book says of itself, all its tabs together."""
        told = (self.stamp.state, self.stamp.sources, *(tab.held for tab in self.tabs if tab.held))
        return "; ".join(filter(None, told))

    def stamp_of(self, tab: Tab) -> Stamp:
        """The first row of this tab."""
        return replace(self.stamp, state=tab.held) if tab.held else self.stamp


def make_plan(
    layout: Sequence[TabLayout],
    tables: Mapping[str, Table],
    stamp: Stamp,
    definitions: Table | None = None,
    *,
    deal_url: str | None = None,
    held: Mapping[str, str] | None = None,
    kept: Mapping[str, Tab] | None = None,
) -> Plan:
    """Every tab of `layout` filled from `tables`; what is missing is said on its tab, never left out.

    `held`: mart → why it must not be shown; a tab with such a mart shows nothing new. `kept`: by key the tabs that
    were made of these very tables before.
    """
    if deal_url is not None:
        tables = {name: with_deals_named(table, deal_url) for name, table in tables.items()}
    meanings = definitions or define(layout, tables)
    known = kept or {}
    tabs = (known[tab.key] if tab.key in known else _tab(tab, tables, meanings) for tab in layout)
    return Plan(tuple(_held(tab, held or {}) for tab in tabs), stamp, deal_url)


def define(layout: Sequence[TabLayout], tables: Mapping[str, Table]) -> Table:
    """What every shown table means, from its own header."""
    columns = (
        Column("tab", "text", "Лист"),
        Column("title", "text", "Таблица"),
        Column("meaning", "prose", "Что показывает"),
        Column("grain", "text", "Строка"),
        Column("date_base", "prose", "По какой дате"),
        Column("columns", "prose", "Столбцы"),
    )
    rows = tuple(
        (
            tab.title,
            block.title or table.title,
            table.meaning,
            _grain(table),
            table.date_base,
            ", ".join(column.label for column in _shown(block, table)),
        )
        for tab in layout
        for block in tab.blocks
        if (table := tables.get(block.mart)) is not None
    )
    title, meaning = "Определения", "Что означает каждая таблица этой книги."
    return Table("definitions", title, meaning, "table", "", columns, rows)


def _grain(table: Table) -> str:
    """What one row is; behind a key that is not shown stands the column that people read for it."""
    keys = [name.strip() for name in table.grain.split(",")]
    return " × ".join(_label(table.columns, key) for key in keys)


def _label(columns: Sequence[Column], key: str) -> str:
    places = [place for place, column in enumerate(columns) if column.name == key]
    shown = [column.label for place in places for column in columns[place:] if column.format != "hidden"]
    return shown[0] if shown else key


def _tab(layout: TabLayout, tables: Mapping[str, Table], definitions: Table) -> Tab:
    blocks: list[Block] = []
    column = 0
    for spec in layout.blocks or (BlockLayout(definitions.name),):
        table = tables.get(spec.mart) if layout.blocks else definitions
        block = _missing(spec, column) if table is None else _block(spec, table, column)
        blocks.append(block)
        column += block.width + 1
    places = [
        {
            (block.name, each.name): Place(place, each.format)
            for place, each in enumerate(block.columns, block.column)
        }
        for block in blocks
    ]
    return Tab(
        layout.key,
        layout.title,
        tuple(blocks),
        charts=charts(layout, places),
        rules=rules(layout, places, FIRST_ROW),
        scope=layout.scope,
    )


def _held(tab: Tab, held: Mapping[str, str]) -> Tab:
    """The tab without rows, if one of its marts is held."""
    reason = next((held[block.name] for block in tab.blocks if block.name in held), None)
    if reason is None:
        return tab
    emptied = (
        replace(block, rows=(), row_formats=None, instead_of_rows=NOT_RENEWED, cut=None, about="", totals=())
        for block in tab.blocks
    )
    return replace(tab, blocks=tuple(emptied), held=reason)


def _missing(spec: BlockLayout, column: int) -> Block:
    text = f"таблица {spec.mart} ещё не построена"
    columns = (Column("missing", "text", "нет данных"),)
    return Block(spec.mart, spec.title or spec.mart, column, columns, (), instead_of_rows=text)


def _block(spec: BlockLayout, table: Table, column: int) -> Block:
    names = [each.name for each in table.columns]
    count = len(table.rows) if table.count is None else table.count
    cut = None if spec.limit is None else Cut(_kept_word(spec, table), count)
    shown = _shown(spec, table)
    places = [names.index(each.name) for each in shown]
    cells = tuple(tuple(_sound(row[place], table.name) for place in places) for row in table.rows)
    formats = None
    if any(each.format == "by_row" for each in shown):
        formats = tuple(_row_format(row[names.index(ROW_FORMAT)], table.name) for row in table.rows)
    title = spec.title or table.title
    if spec.empty and not cells:
        title += f" · {spec.empty}"
    note = table.meaning + (f"\nПо какой дате: {table.date_base}." if table.date_base else "")
    return Block(
        table.name,
        title,
        column,
        shown,
        cells,
        formats,
        cut=cut,
        note=note,
        about=_about(table),
        totals=_totals(table, shown),
        is_added_up=any(column.name in table.totals for column in shown),
    )


def _about(table: Table) -> str:
    """By which date the table counts, and how much of it is known."""
    base = table.date_base[:1].upper() + table.date_base[1:]
    return " · ".join(filter(None, (base, *table.coverage)))


def _totals(table: Table, shown: Sequence[Column]) -> Row:
    """The totals of the columns that are shown; none at all where there is nothing to add up."""
    totals = tuple(_sound(table.totals.get(column.name), table.name) for column in shown)
    return totals if table.rows and any(value is not None for value in totals) else ()


def _shown(spec: BlockLayout, table: Table) -> tuple[Column, ...]:
    if spec.columns is None:
        return tuple(column for column in table.columns if column.format != "hidden")
    by_name = {column.name: column for column in table.columns}
    return tuple(by_name[name] for name in spec.columns if by_name[name].format != "hidden")


def _kept_word(spec: BlockLayout, table: Table) -> str:
    dated = {column.name for column in table.columns if column.format in ("date", "month", "datetime")}
    newest_first = bool(spec.order) and spec.order[0].removeprefix("-") in dated
    return "показаны последние" if newest_first else "показаны первые"


def _row_format(value: Value, table: str) -> Format:
    if value not in LOOKS:
        raise ValueError(f"{table}: a row asks for the format {value!r}")
    return value  # type: ignore[return-value]


def _sound(value: object, table: str) -> Value:
    """The value itself, a float as a decimal; what is no number (NaN, infinity) becomes an empty cell."""
    if isinstance(value, (float, Decimal)) and not math.isfinite(value):
        log.warning("plan.not_a_number table=%s", table)
        return None
    return Decimal(repr(value)) if isinstance(value, float) else value  # type: ignore[return-value]
