"""How wide the columns of a tab are made when they are first drawn."""

from textwrap import wrap

from exports.formats import LOOKS
from exports.plan import Block, Tab
from exports.stamp import ALARM, STAMP_FORMATS

SPACER = 28
WIDEST = 420
_SIGN, _LABEL_SIGN, _HEADING_SIGN, _ABOUT_SIGN = 7, 8, 9, 6
_BOLD_SIGN = 7
_WIDE, _WIDE_SIGN = frozenset("ДЖМШЩЪЫЮФжмшщъыюфWMm@%№—"), 10
_THIN, _THIN_SIGN = frozenset(" .,:;!|'()[]ilIjtfr·-1"), 5
_PADDING = 16  # so that no word of a label is broken
_SAMPLE = 200
_STAMP_PIXELS = {"text": 72, "datetime": 108}
_ALARM_PIXELS = 112  # for the longest of its words


def pixels(tab: Tab) -> tuple[int, ...]:
    """The width of every column of ours: room for figures, for texts within reason, and for the stamp."""
    widths = [SPACER] * tab.width
    for block in tab.blocks:
        widths[block.column : block.column + block.width] = _block_pixels(block)
    for place, name in enumerate(STAMP_FORMATS[:-1]):  # the last may run on to the right
        needed = _ALARM_PIXELS if place == ALARM else _STAMP_PIXELS.get(name, 0)
        widths[place] = max(widths[place], needed)
    for block in tab.blocks:
        for place, column in enumerate(block.columns, block.column):
            widths[place] = _apart(column.label, widths[place])
    return tuple(widths)


def label_lines(tab: Tab) -> int:
    """How many lines the longest label takes in its column."""
    widths = pixels(tab)
    return max(
        len(wrap(column.label, max(widths[place] // _LABEL_SIGN, 1))) or 1
        for block in tab.blocks
        for place, column in enumerate(block.columns, block.column)
    )


def row_lines(block: Block, row: int) -> int:
    """How many lines the longest text of a row takes; more than one only where texts run over several."""
    widths = _block_pixels(block)
    return max(
        (
            len(wrap(str(value), max(widths[place] // _SIGN, 1))) or 1
            for place, value in enumerate(block.rows[row])
            if LOOKS[block.columns[place].format].wraps and value
        ),
        default=1,
    )


def _block_pixels(block: Block) -> list[int]:
    widths = [_column_pixels(block, place) for place in range(block.width)]
    longest = max(_HEADING_SIGN * len(block.heading), _ABOUT_SIGN * len(block.about_line))
    wanted = longest - sum(widths) - SPACER
    if wanted > 0:  # neither line must run into that of the next block
        widths = [width + wanted // block.width + 1 for width in widths]
    return widths


def _column_pixels(block: Block, place: int) -> int:
    column = block.columns[place]
    look = LOOKS[column.format]
    word = str(block.total_line[0]) if block.total_line and not place else ""
    if not look.is_text:
        widest = max(map(len, [*column.label.split(), word]))
        return max(look.pixels, _LABEL_SIGN * widest + _PADDING)
    texts = [column.label, word, *(str(row[place] or "") for row in block.rows[:_SAMPLE])]
    if not block.rows and not place:
        texts.append(block.instead_of_rows)
    return min(max(look.pixels, max(map(_text_pixels, texts)) + _PADDING), WIDEST)


def _apart(label: str, width: int) -> int:
    """The width at which no line of the label reaches the label beside it."""
    longest = max(map(len, wrap(label, width // _BOLD_SIGN)), default=0)
    needed = _BOLD_SIGN * longest + _BOLD_SIGN
    return width if needed <= width else _apart(label, needed)


def _text_pixels(text: str) -> int:
    """About so wide a text is; signs differ by half."""
    wide, thin = (sum(sign in signs for sign in text) for signs in (_WIDE, _THIN))
    return _WIDE_SIGN * wide + _THIN_SIGN * thin + _SIGN * (len(text) - wide - thin)
