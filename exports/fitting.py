"""The plan within what one request to Google may hold."""

from dataclasses import replace

from exports.links import Link
from exports.plan import Plan, Row, Tab, Value

STEPS = (1_000, 700, 500, 350, 250, 150, 100)
"""To so many rows long tables are cut, where all of them do not fit."""

_NUMBER = len('{"userEnteredValue":{"numberValue":}},')
_TEXT = len('{"userEnteredValue":{"stringValue":""}},')
_NOTHING = len("{},")
_LINK = _TEXT + len(',"userEnteredFormat":{"textFormat":{"link":{"uri":""}}}')
_TAB = 10_000  # its drawing
_ROW = len('{"values":[]},')


def fitted(plan: Plan, most: int) -> Plan:
    """`plan`, its long tables cut as far as it takes to write all of it in about `most` bytes.

    How far depends on what the plan holds, not on what is sent: from refresh to refresh it stays the same.
    """
    sizes = [[_size(row) for row in block.rows] for tab in plan.tabs for block in tab.blocks]
    if sum(map(sum, sizes)) <= most:
        return plan
    cut = plan
    for rows in STEPS:
        tabs = (replace(tab, blocks=tuple(block.first(rows) for block in tab.blocks)) for tab in plan.tabs)
        cut = replace(plan, tabs=tuple(tabs))
        kept = (len(block.rows) for tab in cut.tabs for block in tab.blocks)
        if sum(sum(size[:rows]) for size, rows in zip(sizes, kept, strict=True)) <= most:
            break
    return cut


def size_of(tab: Tab) -> int:
    """About so many bytes it takes to make and fill a tab."""
    return _TAB + sum(_size(row) for block in tab.blocks for row in block.rows)


def _size(row: Row) -> int:
    return _ROW + sum(map(_cell_size, row))


def _cell_size(value: Value) -> int:
    if value is None:
        return _NOTHING
    if isinstance(value, Link):
        return _LINK + len(value.text.encode()) + len(value.page)
    return _TEXT + len(value.encode()) if isinstance(value, str) else _NUMBER + len(str(value))
