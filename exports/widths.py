"""How wide the columns of a tab are made when they are first drawn."""

from collections.abc import Iterator

from exports.formats import LOOKS
from exports.plan import STAMP_FORMATS, Block, Tab

SPACER = 28
WIDEST = 340
_SIGN = 7
_SAMPLE = 200


def pixels(tab: Tab) -> tuple[int, ...]:
    """The width of every column of ours: room for figures, for texts within reason, and for the stamp."""
    widths = [SPACER] * tab.width
    for block in tab.blocks:
        widths[block.column : block.column + block.width] = _block_pixels(block)
    for place, name in enumerate(STAMP_FORMATS):
        widths[place] = max(widths[place], LOOKS[name].pixels if name == "datetime" else 0)
    return tuple(widths)


def _block_pixels(block: Block) -> Iterator[int]:
    for place, column in enumerate(block.columns):
        look = LOOKS[column.format]
        if not look.is_text or look.wraps:
            yield look.pixels
        else:
            texts = [column.label, *(str(row[place] or "") for row in block.rows[:_SAMPLE])]
            yield min(max(look.pixels, _SIGN * max(map(len, texts)) + 16), WIDEST)
