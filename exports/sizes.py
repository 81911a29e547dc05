"""About how many bytes a tab takes in a request to Google, without writing it."""

from collections.abc import Iterator, Sequence

from exports.links import Link
from exports.plan import Row, Tab, Value

_NUMBER = len('{"userEnteredValue":{"numberValue":}},')
_TEXT = len('{"userEnteredValue":{"stringValue":""}},')
_NOTHING = len("{},")
_LINK = _TEXT + len(',"userEnteredFormat":{"textFormat":{"link":{"uri":""}}}')
_TAB = 10_000  # its drawing
_ROW = len('{"values":[]},')


def as_many_as_fit(tabs: Sequence[Tab], most: int) -> Iterator[str]:
    """The keys of the first tabs that go into one request, and always of one."""
    size = 0
    for tab in tabs:
        if size and size + size_of(tab) > most:
            return
        yield tab.key
        size += size_of(tab)


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
