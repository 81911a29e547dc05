"""The few formulas that are calculated: those that compare clocks, figures and texts; the others have no value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google.areas import column_number
from sandbox.google.book import Book, Tab


class Error:
    """What a function says that has no answer; who is asked about it but ISNUMBER has none either."""


Result = float | str | bool | Error | None

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?)
      | "(?P<text>(?:[^"]|"")*)"
      | (?P<name>[A-Z]+)\(
      | (?P<fixed_column>\$?)(?P<column>[A-Z]{1,3})(?P<fixed_row>\$?)(?P<row>[1-9]\d*)(?![\w(])
      | (?P<truth>TRUE|FALSE)\b
      | (?P<sign><>|<=|>=|[-+*/<>=();])
    )""",
    re.VERBOSE,
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b),
    "<=": lambda a, b: bool(a <= b),
    ">=": lambda a, b: bool(a >= b),
}


def _search(_: float, sought: Result, text: Result) -> float | Error:
    """Where the one begins in the other, whatever its case, counted from 1."""
    place = _text(text).casefold().find(_text(sought).casefold())
    return Error() if place < 0 else float(place + 1)


def _text(value: Result) -> str:
    return "" if value is None else str(value)


_FUNCTIONS: Mapping[str, Callable[..., Result]] = {  # each is told the time, and then its arguments
    "NOW": float,
    "TODAY": lambda now: float(int(now)),
    "IF": lambda _, condition, yes, no: yes if condition else no,
    "AND": lambda _, *conditions: all(conditions),
    "OR": lambda _, *conditions: any(conditions),
    "NOT": lambda _, condition: not condition,
    "LEN": lambda _, value: float(len(_text(value))),
    "SEARCH": _search,
    "N": lambda _, value: 0.0 if isinstance(value, str) else float(value or 0),
    "ISNUMBER": lambda _, value: isinstance(value, float),
    "ISBLANK": lambda _, value: value is None,
}
_DAY_ZERO = date(1899, 12, 30).toordinal()
_DEEPEST = 8  # formulas that speak of formulas


class NotCalculated(Exception):
    """The formula is none of the few."""


def calculated(
    book: Book, tab: Tab, formula: str, *, carried: tuple[int, int] = (0, 0), depth: int = 0
) -> Result:
    """What a formula amounts to, read so many rows and columns further than where it stands.

    NotCalculated where it says more than is understood here.
    """
    if depth > _DEEPEST:
        raise NotCalculated
    try:
        return _Reader(book, tab, formula.removeprefix("="), carried, depth).whole()
    except (TypeError, ZeroDivisionError) as error:
        raise NotCalculated from error


def as_value(result: Result) -> Mapping[str, Any]:
    """A result as the value of a cell."""
    match result:
        case None:
            return {"numberValue": 0}
        case bool():
            return {"boolValue": result}
        case str():
            return {"stringValue": result}
        case _:
            return {"numberValue": result}


class _Reader:
    """Reads a formula from left to right and calculates as it goes."""

    def __init__(self, book: Book, tab: Tab, text: str, carried: tuple[int, int], depth: int) -> None:
        self._book, self._tab, self._depth = book, tab, depth
        self._down, self._right = carried
        self._tokens = _tokens(text)
        self._place = 0

    def whole(self) -> Result:
        result = self._comparison()
        if self._place != len(self._tokens) or isinstance(result, Error):
            raise NotCalculated
        return result

    def _comparison(self) -> Result:
        left = self._sum()
        sign = self._sign(*_COMPARISONS)
        return left if sign is None else _COMPARISONS[sign](*_comparable(left, self._sum()))

    def _sum(self) -> Result:
        result = self._product()
        while sign := self._sign("+", "-"):
            other = self._product()
            result = _number(result) + (_number(other) if sign == "+" else -_number(other))
        return result

    def _product(self) -> Result:
        result = self._atom()
        while sign := self._sign("*", "/"):
            other = _number(self._atom())
            result = _number(result) * other if sign == "*" else _number(result) / other
        return result

    def _atom(self) -> Result:
        if self._sign("("):
            result = self._comparison()
            self._must(")")
            return result
        if self._sign("-"):
            return -_number(self._atom())
        token = self._next()
        match token.lastgroup:
            case "number":
                return float(token["number"])
            case "text":
                return str(token["text"]).replace('""', '"')
            case "truth":
                return bool(token["truth"] == "TRUE")
            case "name":
                return self._call(token["name"])
            case "row":
                row = int(token["row"]) - 1 + (0 if token["fixed_row"] else self._down)
                column = column_number(token["column"]) + (0 if token["fixed_column"] else self._right)
                return self._cell(row, column)
        raise NotCalculated

    def _call(self, name: str) -> Result:
        arguments: list[Result] = []
        if not self._sign(")"):
            arguments.append(self._comparison())
            while self._sign(";"):
                arguments.append(self._comparison())
            self._must(")")
        function = _FUNCTIONS.get(name)
        if function is None or (name != "ISNUMBER" and any(isinstance(each, Error) for each in arguments)):
            raise NotCalculated
        return function(self._now(), *arguments)

    def _now(self) -> float:
        here = datetime.now(ZoneInfo(self._book.properties["timeZone"])).replace(tzinfo=None)
        seconds = (here - here.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        return here.toordinal() - _DAY_ZERO + seconds / 86_400

    def _cell(self, row: int, column: int) -> Result:
        entered = self._tab.cell(row, column).get("userEnteredValue", {})
        if "formulaValue" in entered:
            return calculated(self._book, self._tab, entered["formulaValue"], depth=self._depth + 1)
        value = next(iter(entered.values()), None)
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def _sign(self, *signs: str) -> str | None:
        if self._place < len(self._tokens) and self._tokens[self._place]["sign"] in signs:
            self._place += 1
            return str(self._tokens[self._place - 1]["sign"])
        return None

    def _must(self, sign: str) -> None:
        if self._sign(sign) is None:
            raise NotCalculated

    def _next(self) -> re.Match[str]:
        if self._place == len(self._tokens):
            raise NotCalculated
        self._place += 1
        return self._tokens[self._place - 1]


@lru_cache
def _tokens(text: str) -> tuple[re.Match[str], ...]:
    found, place = [], 0
    while place < len(text.rstrip()):
        token = _TOKEN.match(text, place)
        if token is None:
            raise NotCalculated
        found.append(token)
        place = token.end()
    return tuple(found)


def _number(value: Result) -> float:
    if isinstance(value, str | Error):
        raise NotCalculated
    return float(value or 0)


def _comparable(left: Result, right: Result) -> tuple[Any, Any]:
    """An empty cell is 0 beside a number and an empty text beside a text; texts compare whatever their case."""
    if isinstance(left, Error) or isinstance(right, Error):
        raise NotCalculated
    pair = [left, right]
    for place, other in ((0, right), (1, left)):
        if pair[place] is None:
            pair[place] = "" if isinstance(other, str) else 0.0
    if isinstance(pair[0], str) and isinstance(pair[1], str):
        return pair[0].casefold(), pair[1].casefold()
    if isinstance(pair[0], str) != isinstance(pair[1], str):
        raise NotCalculated
    return pair[0], pair[1]
