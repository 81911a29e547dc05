"""A small tab with everything that we draw: formats, a chart, colours, a protection; and whether it came out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from exports.cells import block_lines, cell_rows
from exports.drawing import Request, draw
from exports.dressing import dressing
from exports.known import KnownTab
from exports.layout import BlockLayout, TabLayout
from exports.pictures import ChartLayout, SeriesLayout
from exports.plan import FIRST_ROW, TITLE_ROW, Column, Tab, Table, make_plan
from exports.stamp import Stamp
from exports.tones import BAD, BLUE, ColourLayout

FIELDS = (
    "spreadsheetId,"
    "sheets(properties(sheetId),charts(chartId),conditionalFormats(ranges),protectedRanges(protectedRangeId))"
)
_DAY = date(2026, 11, 22)
_ROWS = (
    (_DAY, Decimal("1234567.50"), Decimal("0.125")),
    (date(2026, 11, 23), Decimal("-5.00"), Decimal("0.5")),
)
_TABLE = Table(
    "sample",
    "Образец",
    "",
    "day",
    "",
    (Column("day", "date", "День"), Column("amount", "money", "Сумма"), Column("share", "percent", "Доля")),
    _ROWS,
)
_LAYOUT = TabLayout(
    "sample",
    "Образец",
    (BlockLayout("sample", colours=(ColourLayout(("amount",), "{amount}<0", BAD),)),),
    (ChartLayout("sample", "Образец", "sample", len(_ROWS), "day", (SeriesLayout("amount", BLUE),), 6, 8),),
)


def sample_requests(sheet_id: int, rows: int, columns: int) -> list[Request]:
    """Draw it on a tab of this size, in the very way in which every tab is drawn."""
    tab = _tab()
    lines = cell_rows(block_lines(tab.blocks[0]))
    area = {"sheetId": sheet_id, "startRowIndex": TITLE_ROW, "endRowIndex": TITLE_ROW + len(lines)}
    area |= {"startColumnIndex": 0, "endColumnIndex": tab.blocks[0].width}
    shown = KnownTab(sheet_id, tab.title, rows, columns)
    return [
        *draw(tab, sheet_id, drawn_width=0),
        *dressing(tab, shown, tab.width, elsewhere=frozenset()).requests,
        {"updateCells": {"range": area, "rows": lines, "fields": "userEnteredValue"}},
    ]


def sample_flaw(shown: Sequence[Sequence[str]], sheet: Mapping[str, Any]) -> str | None:
    """What did not come out: of the texts that people see, and of `sheet` as FIELDS tells of it."""
    day, amount, share, *_ = (*shown[FIRST_ROW], "", "", "") if len(shown) > FIRST_ROW else ("", "", "")
    if day != f"{_DAY:%d.%m.%Y}":
        return f"день выглядит как {day!r}"
    if "".join(filter(str.isdigit, amount)) != "1234568" or not amount.endswith("₽"):
        return f"сумма выглядит как {amount!r}"
    if "".join(filter(str.isdigit, share)) != "125" or not share.endswith("%"):
        return f"доля выглядит как {share!r}"
    found = {name: len(sheet.get(name, ())) for name in ("charts", "conditionalFormats", "protectedRanges")}
    wanted = {"charts": 1, "conditionalFormats": 1 + len(_tab().rules), "protectedRanges": 1}
    return None if found == wanted else f"диаграммы, цвета и защита не те: {found} вместо {wanted}"


def _tab() -> Tab:
    moment = datetime.combine(_DAY, time())
    (tab,) = make_plan((_LAYOUT,), {_TABLE.name: _TABLE}, Stamp(moment, moment, 0, "")).tabs
    return tab
