"""The colours of a book, and when a figure wears one."""

from dataclasses import dataclass

BLUE, GREEN, AMBER, RED, VIOLET, GREY = "#3C78D8", "#4C9F70", "#E69138", "#C0392B", "#8E63B0", "#9AA0A6"


@dataclass(frozen=True, slots=True)
class Tone:
    """How a cell looks that calls for attention, or for none."""

    text: str
    background: str | None = None


@dataclass(frozen=True, slots=True)
class ColourLayout:
    """Columns of a mart that wear `tone` where `when` is true: a formula with columns of the mart in braces."""

    columns: tuple[str, ...]
    when: str
    tone: Tone


ALARMED = Tone("#FFFFFF", "#C00000")
BAD = Tone("#A61C00", "#FCE8E6")
WARNING = Tone("#7F6000", "#FFF4CC")
GOOD = Tone("#0B6B3A", "#E6F4EA")


def rgb(colour: str) -> dict[str, float]:
    """`#RRGGBB` as the shares that Google counts in."""
    names = ("red", "green", "blue")
    shares = (round(int(colour[place : place + 2], 16) / 255, 4) for place in (1, 3, 5))
    return dict(zip(names, shares, strict=True))
