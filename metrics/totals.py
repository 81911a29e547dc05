"""Totals of a whole mart: which columns add up, which are shares of sums, and how much of it is known at all.

Said in the mart's header, `Total:` by columns, `Coverage:` by words, and counted over the rows that a reader may see.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_STATEMENT = re.compile(r"(?P<name>\S[^=]*?) *= *(?P<part>[^/]+?) +/ +(?P<whole>[^/]+)")
_TERM = re.compile(
    r"(?:mart\.(?P<mart>[a-z]\w*)\.)?(?P<column>[a-z]\w*)(?: +- +(?P<less>[a-z]\w*))?(?: +where +(?P<where>.+))?"
)
_WORD = re.compile(r"[a-z]\w*")
ROWS = "rows"
"""Stands in place of a column where rows are counted."""

_PLACES: Mapping[str, Decimal] = {"money": Decimal("0.01"), "percent": Decimal("0.000001")}


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a column, or of one less another, of the rows that fit a condition; of ROWS their number.

    `mart`: whose column it is, where not of the mart that says it.
    """

    column: str
    less: str | None = None
    where: str | None = None
    mart: str | None = None

    @property
    def sql(self) -> str:
        each = self.column if self.less is None else f"coalesce({self.column}, 0) - coalesce({self.less}, 0)"
        what = "count(*)" if self.column == ROWS else f"sum({each})"
        return what if self.where is None else f"{what} filter ({self.where})"

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of the mart that says it."""
        if self.mart is not None:
            return ()
        return (self.column,) if self.less is None else (self.column, self.less)

    @property
    def words(self) -> frozenset[str]:
        """Everything in it that may be a column's name."""
        return frozenset({*self.columns, *_WORD.findall(self.where or "")} if self.mart is None else ())


@dataclass(frozen=True, slots=True)
class Total:
    """The total of a column: a sum, or with a `whole` the share of one sum in another, never a sum of shares."""

    column: str
    part: Sum
    whole: Sum | None = None

    @property
    def is_sum(self) -> bool:
        return self.whole is None

    @property
    def sums(self) -> tuple[Sum, ...]:
        return (self.part,) if self.whole is None else (self.part, self.whole)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what should be known is: «words: part of whole»."""

    words: str
    part: Sum
    whole: Sum

    @property
    def sums(self) -> tuple[Sum, ...]:
        return self.part, self.whole


Counted = Mapping[Sum, Any]
"""What sums come to over the rows that somebody may see."""


def read_totals(lines: Iterable[str]) -> tuple[Total, ...]:
    """Names of columns with commas, or «column = part / whole»; ValueError where it is neither."""
    totals: list[Total] = []
    for line in lines:
        if "=" in line.partition(" where ")[0]:
            name, part, whole = _shared(line)
            totals.append(Total(name, part, whole))
        else:
            names = [name.strip() for name in line.rstrip(",").split(",")]
            totals += [Total(name, _sum(name)) for name in names]
    columns = [total.column for total in totals]
    if len(set(columns)) != len(columns):
        raise ValueError("a column has two totals")
    return tuple(totals)


def read_coverage(lines: Iterable[str]) -> tuple[Coverage, ...]:
    """«words = part / whole», one a line; ValueError where it is something else."""
    return tuple(Coverage(*_shared(line)) for line in lines)


def _shared(line: str) -> tuple[str, Sum, Sum]:
    found = _STATEMENT.fullmatch(line)
    if found is None:
        raise ValueError(f"{line!r} is not «name = part / whole»")
    return found["name"], _sum(found["part"]), _sum(found["whole"])


def _sum(text: str) -> Sum:
    found = _TERM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not «column», «column - column» or either «where condition»")
    return Sum(found["column"], found["less"], found["where"], found["mart"])


def sums_of(items: Iterable[Total | Coverage]) -> list[Sum]:
    """Everything that is to be added up for them, once."""
    return list(dict.fromkeys(each for item in items for each in item.sums))


def is_seen(item: Total | Coverage, columns: Iterable[str], may_see: Iterable[str]) -> bool:
    """Whether it is made of nothing but what somebody may see of the mart's columns."""
    hidden = set(columns) - set(may_see)
    return not any(hidden & each.words for each in item.sums)


def total_of(total: Total, column_format: str, counted: Counted) -> Any:
    """What stands under the heading of the column; nothing where nothing is known of it."""
    part = counted[total.part]
    if total.whole is None or part is None:
        return part
    whole = counted[total.whole]
    if not whole:
        return None
    places = _PLACES.get(column_format, Decimal("0.1"))
    return (Decimal(part) / Decimal(whole)).quantize(places, ROUND_HALF_UP)
