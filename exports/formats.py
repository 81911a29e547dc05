"""How each format of a mart's column looks in a cell; Sheets and Excel read the same patterns."""

from dataclasses import dataclass
from typing import Literal

Format = Literal[
    "text", "integer", "year", "money", "percent", "change", "date", "month", "datetime",
    "days", "number", "deal", "by_row", "hidden", "prose", "link",
]  # fmt: skip

Kind = Literal["TEXT", "NUMBER", "PERCENT", "DATE", "DATE_TIME"]


@dataclass(frozen=True, slots=True)
class Look:
    """The pattern of a number, its kind in Google's words, and the width it needs in pixels."""

    kind: Kind
    pattern: str
    pixels: int
    wraps: bool = False

    @property
    def is_text(self) -> bool:
        return self.kind == "TEXT"


_COUNT = Look("NUMBER", "#,##0", 90)

LOOKS: dict[str, Look] = {
    "text": Look("TEXT", "@", 110),
    "prose": Look("TEXT", "@", 110, wraps=True),
    "link": Look("TEXT", "@", 220),
    "integer": _COUNT,
    "year": Look("NUMBER", "0", 60),
    "money": Look("NUMBER", '#,##0" ₽";[Red]-#,##0" ₽";"–"', 105),
    "percent": Look("PERCENT", "0.0%", 90),
    "change": Look("PERCENT", '"▲ "0.0%;"▼ "0.0%;0.0%', 90),
    "date": Look("DATE", "dd.mm.yyyy", 95),
    "month": Look("DATE", "mm.yyyy", 80),
    "datetime": Look("DATE_TIME", "dd.mm.yyyy hh:mm", 130),
    "days": _COUNT,
    "number": Look("NUMBER", "#,##0.0", 90),
    "deal": Look("NUMBER", "0", 90),
    "by_row": Look("NUMBER", "#,##0", 92),
}
"""Every format that is shown; `hidden` is not. Two are our own: `prose`, sentences that run over several
lines, and `link`, a name that leads to a page. No money is a dash, so that it stands back among amounts; what is
not known is an empty cell."""
