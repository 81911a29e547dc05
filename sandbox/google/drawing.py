"""Columns and lines over one axis, drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

_SIGN = 6.2  # pixels that a sign takes, about
_TOP, _BOTTOM, _RIGHT, _LEGEND = 44, 28, 18, 26
_STEPS = 5
_INK, _QUIET, _LINE, _ZERO = "#5f6368", "#70757a", "#e8eaed", "#9aa0a6"


@dataclass(frozen=True, slots=True)
class Series:
    """Figures under their name; None leaves a gap."""

    name: str
    figures: tuple[float | None, ...]
    colour: str
    is_line: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart without its size: `written` says how the axis writes a figure."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    written: Callable[[float], str]
    has_legend: bool = True

    @property
    def extent(self) -> tuple[float, float]:
        """From the lowest to the highest figure, and nought with them."""
        figures = [figure for each in self.series for figure in each.figures if figure is not None]
        return min(0.0, *figures, 0.0), max(0.0, *figures, 0.0)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The field between the axes, and where a figure stands in it."""

    left: float
    right: float
    top: float
    bottom: float
    ticks: tuple[float, ...]
    places: int

    @property
    def slot(self) -> float:
        return (self.right - self.left) / max(self.places, 1)

    def x(self, place: int) -> float:
        """The middle of a label's slot."""
        return self.left + self.slot * (place + 0.5)

    def y(self, figure: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - (figure - low) / (high - low) * (self.bottom - self.top)


def svg(picture: Picture, width: int, height: int) -> str:
    """The chart in so many pixels; without figures it says so."""
    inside = [_text(16, 26, picture.title, size=15, colour=_INK, weight=500)]
    figures = [figure for each in picture.series for figure in each.figures if figure is not None]
    if figures:
        inside += _drawn(picture, width, height)
    else:
        inside.append(_text(width / 2, height / 2, "нет данных", anchor="middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(picture.title)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">{"".join(inside)}</svg>'
    )


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Round figures, evenly apart, that reach from below `low` to above `high`."""
    if low == high:
        return low, low + 1
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / _STEPS))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each * _STEPS >= span)
    return tuple(step * place for place in range(math.floor(low / step), math.ceil(high / step) + 1))


def _drawn(picture: Picture, width: int, height: int) -> Iterator[str]:
    marks = ticks(*picture.extent)
    written = [picture.written(mark) for mark in marks]
    frame = _Frame(
        left=24 + _SIGN * max(map(len, written)),
        right=width - _RIGHT,
        top=_TOP,
        bottom=height - _BOTTOM - (_LEGEND if picture.has_legend else 0),
        ticks=marks,
        places=max(len(picture.labels), *(len(each.figures) for each in picture.series)),
    )
    for mark, text in zip(marks, written, strict=True):
        y = frame.y(mark)
        yield _rule(frame, y, _ZERO if mark == 0 else _LINE)
        yield _text(frame.left - 8, y + 4, text, anchor="end")
    yield from _labels(picture.labels, frame)
    yield from _columns([each for each in picture.series if not each.is_line], frame)
    for each in picture.series:
        if each.is_line:
            yield _curve(each, frame)
    if picture.has_legend:
        yield from _legend(picture.series, width, height)


def _labels(labels: tuple[str, ...], frame: _Frame) -> Iterator[str]:
    """As many labels as stand beside each other."""
    room = _SIGN * max(map(len, labels), default=0) + 8
    each = max(math.ceil(room / frame.slot), 1)
    for place in range(0, len(labels), each):
        yield _text(frame.x(place), frame.bottom + 18, labels[place], anchor="middle")


def _columns(series: list[Series], frame: _Frame) -> Iterator[str]:
    """The columns of one label stand side by side, from nought up or down."""
    thick = frame.slot * 0.66 / max(len(series), 1)
    for nth, each in enumerate(series):
        for place, figure in enumerate(each.figures):
            if figure:
                x = frame.x(place) + thick * (nth - len(series) / 2)
                top, bottom = sorted((frame.y(figure), frame.y(0)))
                yield (
                    f'<rect x="{x:.1f}" y="{top:.1f}" width="{thick:.1f}" height="{bottom - top:.1f}" '
                    f'fill="{each.colour}"/>'
                )


def _curve(series: Series, frame: _Frame) -> str:
    """A line through the figures, broken where there is none."""
    path, is_on = "", False
    for place, figure in enumerate(series.figures):
        if figure is not None:
            path += f"{'L' if is_on else 'M'}{frame.x(place):.1f} {frame.y(figure):.1f}"
        is_on = figure is not None
    return (
        f'<path d="{path}" fill="none" stroke="{series.colour}" stroke-width="2.5" stroke-linejoin="round"/>'
    )


def _legend(series: tuple[Series, ...], width: int, height: int) -> Iterator[str]:
    sizes = [34 + _SIGN * len(each.name) for each in series]
    x, y = (width - sum(sizes)) / 2, height - 14
    for each, size in zip(series, sizes, strict=True):
        thick = 3 if each.is_line else 10
        yield f'<rect x="{x:.1f}" y="{y - 4 - thick / 2:.1f}" width="12" height="{thick}" fill="{each.colour}"/>'
        yield _text(x + 18, y, each.name)
        x += size


def _rule(frame: _Frame, y: float, colour: str) -> str:
    return f'<path d="M{frame.left:.1f} {y:.1f}H{frame.right:.1f}" stroke="{colour}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 11,
    colour: str = _QUIET,
    weight: int = 400,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{colour}">{escape(text)}</text>'
    )
