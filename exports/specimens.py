"""Values that are hard on spreadsheets, and what has to be read where they were written."""

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from exports.cells import CELL_LIMIT, EXACT, cell
from exports.plan import Value

_DAY = date(2026, 11, 22)

SPECIMENS: tuple[Value, ...] = (
    '=IMPORTXML("https://example.com";"//a")',
    "=1+1",
    "+7 916 000-11-22",
    "-5",
    "@Алёна",
    "0050",
    "1,5",
    "12.05.2026",
    "ИСТИНА",
    "'в кавычках'",
    "<b>&amp;</b>",
    "две\nстроки",
    "  пробелы по краям  ",
    "бабушка 👵🏻",
    "שלום",
    "я" * CELL_LIMIT,
    None,
    0,
    EXACT,
    EXACT + 1,
    Decimal("1234567.50"),
    Decimal("-0.01"),
    True,
    False,
    _DAY,
    datetime.combine(_DAY, time(12, 45, 30)),
    "конец",
)
"""What looks like a formula, a number, a date or a truth and is none; long ones, odd ones, and those that are."""


def as_read(value: Value) -> object:
    """What Google says of a cell that holds `value`; an empty one is an empty text."""
    entered: dict[str, object] = cell(value).get("userEnteredValue", {"": ""})
    return next(iter(entered.values()))


def is_same(wanted: object, found: object) -> bool:
    """Whether both are the same and of the same kind; numbers may come back as whole ones or with a point."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return math.isclose(wanted, found, rel_tol=1e-12)
    return wanted == found


def at(line: Sequence[Any], place: int) -> Any:
    """What stands there; empty ends are not told."""
    return line[place] if place < len(line) else ""
