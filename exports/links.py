"""Deals by their names, which lead to their pages, instead of by numbers that nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exports.plan import Column, Row, Table, Value

NAMELESS = "без названия"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a page."""

    text: str
    page: str

    def __str__(self) -> str:
        return self.text


def with_deals_named(table: "Table", deal_url: str) -> "Table":
    """The table with deals under their names; the columns of numbers that have a name are no longer shown."""
    pairs = _pairs(table.columns)
    if not pairs:
        return table
    columns = list(table.columns)
    for number, name in pairs:
        columns[name] = replace(columns[name], format="link", label=columns[number].label)
        columns[number] = replace(columns[number], format="hidden")
    rows = tuple(_linked(row, pairs, deal_url) for row in table.rows)
    return replace(table, columns=tuple(columns), rows=rows)


def _pairs(columns: "Sequence[Column]") -> list[tuple[int, int]]:
    """Places of a deal's number and of its name: `deal_id` and `name`, `x_id` and `x_name`."""
    places = {column.name: place for place, column in enumerate(columns)}
    numbers = {
        column.name: "name" if column.name == "deal_id" else f"{column.name.removesuffix('_id')}_name"
        for column in columns
        if column.format == "deal"
    }
    return [(places[number], places[name]) for number, name in numbers.items() if name in places]


def _linked(row: "Row", pairs: Sequence[tuple[int, int]], deal_url: str) -> "Row":
    cells: list[Value] = list(row)
    for number, name in pairs:
        deal, text = row[number], row[name]
        cells[name] = None if deal is None else Link(str(text or NAMELESS), f"{deal_url}{deal}")
    return tuple(cells)
