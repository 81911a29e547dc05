"""Values as the cells of Google Sheets: typed, so that a text is never parsed."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from exports.links import Link
from exports.plan import Block, Row, Value
from exports.stamp import Formula, Stamp, stamp_cells
from exports.text import cell_text

CELL_LIMIT = 50_000
EXACT = 2**53
"""Sheets keeps numbers as doubles: a longer whole number is an identifier and goes as text."""

VALUE, FORMAT = "userEnteredValue", "userEnteredFormat"
LINK = f"{FORMAT}.textFormat.link"
"""What of a cell is ours to write: the fields of a request that leaves all else of it alone."""

_DAY_ZERO = date(1899, 12, 30)
_DAY = timedelta(days=1)

Cell = dict[str, Any]
CellRow = dict[str, list[Cell]]


def cell(value: Value | Formula) -> Cell:
    """The cell that holds exactly `value`; nothing known is an empty cell."""
    match value:
        case None:
            return {}
        case bool():
            kind: str = "boolValue"
            entered: object = value
        case int() if abs(value) > EXACT:
            kind, entered = "stringValue", str(value)
        case int():
            kind, entered = "numberValue", value
        case Decimal():
            kind, entered = "numberValue", int(value) if value == value.to_integral_value() else float(value)
        case date():
            kind, entered = "numberValue", serial(value)
        case Formula():
            kind, entered = "formulaValue", value.text
        case Link():
            link = {"textFormat": {"link": {"uri": value.page}}}
            return cell(value.text) | {FORMAT: link}
        case _:
            kind, entered = "stringValue", cell_text(value, CELL_LIMIT)
    return {} if entered == "" and kind == "stringValue" else {VALUE: {kind: entered}}


def serial(moment: date) -> int | float:
    """Days since 30 December 1899, the way sheets count time."""
    if not isinstance(moment, datetime):
        return (moment - _DAY_ZERO).days
    day = moment.date()
    return (day - _DAY_ZERO).days + round((moment - datetime.combine(day, time())) / _DAY, 8)


def block_lines(block: Block) -> tuple[Row, ...]:
    """What stands in the block, from its heading down."""
    labels = tuple(column.label for column in block.columns)
    head: tuple[Row, ...] = ((block.heading,), (block.about_line,), block.total_line, labels)
    return (*head, *(block.rows or ((block.instead_of_rows,),)))


def cell_rows(lines: Iterable[Row]) -> list[CellRow]:
    return [{"values": [cell(value) for value in line]} for line in lines]


def stamp_row(stamp: Stamp, ahead: int) -> CellRow:
    return {"values": [cell(value) for value in stamp_cells(stamp, ahead=ahead)]}
