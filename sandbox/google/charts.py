"""The charts of a tab as its readers see them: read from the stored charts and the cells that they name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.google.book import Book, Cell, Json, Tab
from sandbox.google.drawing import Picture, Series, svg
from sandbox.google.errors import Invalid
from sandbox.google.formatter import display, number
from sandbox.google.locales import known
from sandbox.google.reading import effective
from sandbox.google.styles import colour

ROW_PIXELS = 21
_SIZE = (600, 371)
_COLOURS = ("#4285f4", "#ea4335", "#fbbc04", "#34a853", "#ff6d01", "#46bdc6")
_DRAWN = {"COLUMN": False, "LINE": True}
"""Kinds of series that are drawn, and whether each is a line."""


@dataclass(frozen=True, slots=True)
class _Source:
    """The cells of one range of a chart, its header apart."""

    book: Book
    tab: Tab
    header: str
    cells: tuple[Cell, ...]

    def texts(self) -> tuple[str, ...]:
        return tuple(_shown(self.book, self.tab, cell) for cell in self.cells)

    def numbers(self) -> tuple[float | None, ...]:
        """What is no number leaves a gap."""
        values = (effective(self.book, self.tab, cell).get("numberValue") for cell in self.cells)
        return tuple(None if value is None else float(value) for value in values)

    def pattern(self) -> str | None:
        """How the figures are written, which is also how the axis writes them."""
        formats = (cell.get("userEnteredFormat", {}).get("numberFormat", {}) for cell in self.cells)
        return next((found["pattern"] for found in formats if "pattern" in found), None)


def charts(book: Book, tab: Tab) -> list[Json]:
    """Every chart over the cells of the tab: where it hangs and what it looks like."""
    return [_hung(book, chart) for chart in tab.charts.values() if "overlayPosition" in chart["position"]]


def rows_under(tab: Tab) -> int:
    """So many rows the charts of the tab reach down."""
    places = (chart["position"].get("overlayPosition", {}) for chart in tab.charts.values())
    return max((_row(place) + -(-_height(place) // ROW_PIXELS) for place in places), default=0)


def _hung(book: Book, chart: Json) -> Json:
    place = chart["position"]["overlayPosition"]
    width, height = int(place.get("widthPixels", _SIZE[0])), _height(place)
    return {
        "row": _row(place),
        "column": place.get("anchorCell", {}).get("columnIndex", 0),
        "left": place.get("offsetXPixels", 0),
        "top": place.get("offsetYPixels", 0),
        "svg": svg(_picture(book, chart["spec"]), width, height),
    }


def _row(place: Json) -> int:
    return int(place.get("anchorCell", {}).get("rowIndex", 0))


def _height(place: Json) -> int:
    return int(place.get("heightPixels", _SIZE[1]))


def _picture(book: Book, spec: Json) -> Picture:
    """What is drawn of a chart; of a kind that is not drawn only its title."""
    title, basic = spec.get("title", ""), spec.get("basicChart", {})
    of_all = basic.get("chartType", "")
    kinds = [each.get("type", of_all) for each in basic.get("series", [])]
    if not kinds or not all(kind in _DRAWN for kind in kinds):
        return Picture(title, (), (), str)
    headers = basic.get("headerCount", 0)
    try:
        domains = [_source(book, each["domain"], headers) for each in basic.get("domains", [])]
        sources = [_source(book, each["series"], headers) for each in basic["series"]]
    except Invalid:  # its cells are gone
        return Picture(title, (), (), str)
    signs, pattern = known(book.properties["locale"]), sources[0].pattern()
    return Picture(
        title,
        domains[0].texts() if domains else (),
        tuple(
            Series(source.header, source.numbers(), _colour(each, place), _DRAWN[kind])
            for place, (each, source, kind) in enumerate(zip(basic["series"], sources, kinds, strict=True))
        ),
        lambda value: number(value, pattern, signs).text,
        has_legend=basic.get("legendPosition") != "NO_LEGEND",
    )


def _source(book: Book, data: Json, headers: int) -> _Source:
    """The cells of a chart's data, one after another, as many ranges as it has."""
    found: list[Cell] = []
    tab = None
    for source in data["sourceRange"]["sources"]:
        tab = book.tab(source.get("sheetId", 0))
        found += (tab.cell(row, column) for row, column in tab.area(source).places())
    if tab is None:
        raise Invalid("A chart without a range.")
    header = " ".join(_texts(book, tab, found[:headers]))
    return _Source(book, tab, header, tuple(found[headers:]))


def _texts(book: Book, tab: Tab, cells: Iterable[Cell]) -> list[str]:
    return [_shown(book, tab, cell) for cell in cells]


def _shown(book: Book, tab: Tab, cell: Cell) -> str:
    value = effective(book, tab, cell)
    look = cell.get("userEnteredFormat", {}).get("numberFormat")
    return display(value, look, book.properties["locale"]).text if value else ""


def _colour(series: Json, place: int) -> str:
    return colour(series, "color") or _COLOURS[place % len(_COLOURS)]
