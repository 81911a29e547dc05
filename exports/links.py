"""Deals by their names, which lead to their pages, instead of by numbers that nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMELESS = "без названия"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a page."""

    text: str
    page: str

    def __str__(self) -> str:
        return self.text


def named_by(formats: Mapping[str, str]) -> dict[str, str]:
    """Number of a deal → the column of its name, for the numbers that have one: `deal_id` → `name`."""
    pairs = {
        column: "name" if column == "deal_id" else f"{column.removesuffix('_id')}_name"
        for column, name in formats.items()
        if name == "deal"
    }
    return {number: name for number, name in pairs.items() if name in formats}


def linked(row: Sequence[object], number: int, name: int, deal_url: str) -> Link | None:
    """The name that leads to the deal; nothing where the row is of no deal."""
    deal, text = row[number], row[name]
    return None if deal is None else Link(str(text or NAMELESS), f"{deal_url}{deal}")
