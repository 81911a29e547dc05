"""What lies over the cells of a tab: charts, and colours that figures wear."""

import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exports.colours import COLOURS
from exports.formats import LOOKS, Format
from exports.layout import TabLayout
from exports.pictures import ChartLayout
from exports.tones import ColourLayout, Tone

_NAMED = re.compile(r"\{(\w+)\}")
_ALPHABET = 26


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column of a mart stands on its tab, and how it is shown."""

    column: int
    format: Format


Places = Mapping[tuple[str, str], Place]
"""(mart, column) → its place in a block; what is not shown is not there."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line or columns of a chart: the column of the tab that holds its figures."""

    column: int
    colour: str
    is_line: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart over `rows` rows of a block; sizes in pixels, `left` from the left edge of the tab."""

    key: str
    title: str
    rows: int
    domain: int
    series: tuple[Series, ...]
    row: int
    left: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Columns of a block whose cells wear `tone` where `formula` is true.

    The formula speaks of the first row of figures; names of functions are English and `;` stands between arguments,
    so that it means the same in every locale.
    """

    columns: tuple[int, ...]
    formula: str
    tone: Tone


def charts(tab: TabLayout, places: Sequence[Places]) -> tuple[Chart, ...]:
    """The charts whose figures stand on the tab, each and every one of their columns."""
    anywhere = ChainMap(*map(dict, places))
    return tuple(_chart(each, anywhere) for each in tab.charts if _has(anywhere, each.mart, each.columns))


def rules(tab: TabLayout, places: Sequence[Places], first_row: int) -> tuple[Rule, ...]:
    """The colours of the columns that are shown; one that depends on a column that is not is left out.

    Where a mart stands in two blocks, a colour of one may depend on a column that only the other shows: their rows
    are the same.
    """
    found: list[Rule] = []
    for block, own in zip(tab.blocks, places, strict=False):
        reachable = ChainMap(dict(own), *map(dict, places))
        for each in COLOURS.get(block.mart, ()) if block.colours is None else block.colours:
            named = _NAMED.findall(each.when)
            if _has(own, block.mart, each.columns) and _has(reachable, block.mart, named):
                found.append(_rule(each, block.mart, reachable, first_row))
    return tuple(found)


def letters(column: int) -> str:
    """Column 0 is A, 26 is AA."""
    before, place = divmod(column, _ALPHABET)
    return (letters(before - 1) if before else "") + chr(ord("A") + place)


def _has(places: Places, mart: str, names: Sequence[str]) -> bool:
    return all((mart, name) in places for name in names)


def _chart(layout: ChartLayout, places: Places) -> Chart:
    series = tuple(
        Series(places[layout.mart, each.column].column, each.colour, each.is_line) for each in layout.series
    )
    domain = places[layout.mart, layout.domain].column
    return Chart(
        layout.key, layout.title, layout.rows, domain, series,
        layout.row, layout.left, layout.width, layout.height,
    )  # fmt: skip


def _rule(layout: ColourLayout, mart: str, places: Places, first_row: int) -> Rule:
    """A figure is told from an empty cell and from words, which a comparison alone does not do."""
    named = {name: places[mart, name] for name in dict.fromkeys(_NAMED.findall(layout.when))}
    cells = {name: f"${letters(place.column)}{first_row + 1}" for name, place in named.items()}
    figures = [cells[name] for name, place in named.items() if not LOOKS[place.format].is_text]
    conditions = [*(f"ISNUMBER({cell})" for cell in figures), layout.when.format_map(cells)]
    columns = tuple(places[mart, name].column for name in layout.columns)
    return Rule(columns, f"AND({';'.join(conditions)})", layout.tone)
