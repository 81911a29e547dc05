"""Text that a cell can hold: what people typed, without what breaks files."""

import re

CUT_MARK = "…[обрезано]"

_BREAKING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cell_text(text: str, limit: int) -> str:
    """`text` without control characters, at most `limit` UTF-16 units, visibly marked where it was cut.

    Sheets and Excel both count UTF-16 units, so an emoji counts twice and is never cut in half.
    """
    clean = _BREAKING.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if len(clean) <= limit // 2 or _units(clean) <= limit:
        return clean
    room = (limit - _units(CUT_MARK)) * 2
    return clean.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT_MARK


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
