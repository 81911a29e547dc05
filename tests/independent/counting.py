"""Sums, shares and groups of plain Python values, rounded where a reader would see it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any, TypeVar

BLANK = "не заполнено"
DEALS = "deals behind"
"""The key under which a row names the deals that it counts; it is never shown."""

Row = dict[str, Any]
Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def total(amounts: Iterable[Decimal | int]) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0))


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Six digits after the point; nothing where there is nothing to divide by."""
    return rounded(Decimal(part) / Decimal(whole), 6) if whole else None


def mean(amounts: Sequence[Decimal]) -> Decimal | None:
    return rounded(total(amounts) / len(amounts), 2) if amounts else None


def middle(amounts: Sequence[Decimal]) -> Decimal | None:
    return rounded(Decimal(median(amounts)), 2) if amounts else None


def rounded(number: Decimal, digits: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def month(day: date) -> date:
    return day.replace(day=1)


def month_end(first: date) -> date:
    return month(first + timedelta(days=31)) - timedelta(days=1)


def months_back(day: date, count: int) -> date:
    """The same day of an earlier month, or the last day of that month."""
    number = day.year * 12 + day.month - 1 - count
    first = date(number // 12, number % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), month_end(first))


def over(groups: Mapping[Any, Any], *more: Mapping[Any, Any]) -> list[Any]:
    """The keys of all groupings, each once."""
    return list(dict.fromkeys(key for one in (groups, *more) for key in one))
