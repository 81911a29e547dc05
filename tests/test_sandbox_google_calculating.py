"""The stand-in calculates the few formulas that compare; it colours by them, and of others it says nothing."""

import json
from datetime import datetime, timedelta
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

from exports.cells import serial
from exports.stamp import FRESH, IS_ALARMED, LATE, SILENT, Stamp, stamp_cells
from sandbox.google.server import GoogleServer
from tests.fakes_google import typed

pytest_plugins = ["tests.google_fixtures"]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3-8/4", 5),
        ("=-(2-5)", 3),
        ('=IF(A1>=10;"много";"мало")', "много"),
        ('=IF(AND(A1=10;B1<>"нет";NOT(FALSE));LEN("ёж");N("слово"))', 2),
        ("=OR(ISNUMBER(B1);ISBLANK(C1);A1<0)", True),
        ('=$B$1="ДА"', True),
        ('=C1=""', True),
        ("=C1+1", 1),
        ('="a""b"', 'a"b'),
        ("=NOW()-TODAY()<1", True),
        ('=SEARCH("Д";"да, ДА")+SEARCH("ж";"ёж")', 3),
        ('=ISNUMBER(SEARCH("а";B1))', True),
        ('=ISNUMBER(SEARCH("нет";B1))', False),
        ('=ISNUMBER(SEARCH("нет";C1))', False),
        ('=SEARCH("нет";B1)', ""),
        ('=IF(SEARCH("нет";B1)>0;1;2)', ""),
        ('=AND(SEARCH("нет";B1);TRUE)', ""),
        ("=SUM(A1:B1)", ""),
        ("=1/0", ""),
        ("=A1>B1", ""),
        ("=IF(1;2)", ""),
        ("=IF(1,2,3)", ""),
        ("=D1", ""),
    ],
)
def test_a_formula_is_calculated_or_has_no_value(
    server: GoogleServer, sheet: str, formula: str, value: object
) -> None:
    tab = server.book(sheet).tabs[0].sheet_id
    for column, cell in enumerate(
        [{"numberValue": 10}, {"stringValue": "да"}, {}, {"formulaValue": formula}]
    ):
        server.edit(sheet, typed(tab, 0, column, cell))  # type: ignore[arg-type]

    (row,) = server.values(sheet, "A1:D1")

    assert (row[3:] or [""])[0] == value


@pytest.mark.parametrize(
    ("data_age", "stamp_age", "word"),
    [(0, 0, FRESH), (1_000, 0, LATE), (1_000, 1_000, SILENT), (800, 800, FRESH)],
)
def test_the_first_row_speaks_up_by_the_clock_of_the_book(
    server: GoogleServer, sheet: str, data_age: int, stamp_age: int, word: str
) -> None:
    moved = {"properties": {"timeZone": "Asia/Omsk"}, "fields": "timeZone"}
    server.edit(sheet, {"updateSpreadsheetProperties": moved})
    moscow = datetime.now(ZoneInfo("Europe/Moscow")).replace(tzinfo=None)
    stamp = Stamp(
        moscow - timedelta(seconds=data_age), moscow - timedelta(seconds=stamp_age), 1, "", alarm_after=900
    )
    tab = server.book(sheet).tabs[0].sheet_id
    for column, value in enumerate(stamp_cells(stamp, ahead=3 * 3600)):
        if isinstance(value, datetime):
            server.edit(sheet, typed(tab, 0, column, {"numberValue": serial(value)}))  # type: ignore[dict-item]
        elif column == 6:
            server.edit(sheet, typed(tab, 0, column, {"formulaValue": value.text}))  # type: ignore[union-attr]
    area = {"sheetId": tab, "endRowIndex": 1, "endColumnIndex": 8}
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": IS_ALARMED}]}
    look = {"backgroundColorStyle": {"rgbColor": {"red": 1}}}
    rule = {"ranges": [area], "booleanRule": {"condition": condition, "format": look}}
    server.edit(sheet, {"addConditionalFormatRule": {"rule": rule}})

    assert server.values(sheet, "G1") == [[word]]
    with urlopen(f"{server.url}/spreadsheets/d/{sheet}/state", timeout=5) as reply:
        page = json.load(reply)
    is_red = ["#ff0000" in page["styles"][cell[3]] for cell in page["cells"]]
    assert is_red == [word != FRESH] * 3
