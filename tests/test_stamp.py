"""The first row of a tab: how fresh its figures are, and that it notices when nobody writes any more."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest

from exports import xlsx
from exports.book import Habits, SheetsBook
from exports.google import Google
from exports.stamp import Delay, Formula, Stamp, seconds_ahead, stamp_cells
from sandbox.google.server import GoogleServer
from tests.fakes_google import Hand, plan_of

pytest_plugins = ["tests.google_fixtures"]

STAMP = Stamp(
    datetime(2026, 11, 22, 12, 45), datetime(2026, 11, 22, 12, 46), 7, "данные полные", alarm_after=900
)
ALARM = '=IF((NOW()-$D$1)*86400>900;"НЕ ОБНОВЛЯЕТСЯ";IF((NOW()-$B$1)*86400>900;"ДАННЫЕ ОТСТАЮТ";"свежо"))'


def test_the_row_tells_what_is_late_and_how_long_a_change_takes() -> None:
    stamp = replace(STAMP, sources="таблицы ввода: не принято строк 2", delay=Delay(9, 185))

    *_, words = stamp_cells(stamp)

    assert words == (
        "данные полные · таблицы ввода: не принято строк 2 · "
        "от правки в amoCRM до ячейки 9 с, в 95 % случаев до 3 мин"
    )
    assert stamp_cells(STAMP)[6:] == (Formula(ALARM), "данные полные")
    assert stamp_cells(replace(STAMP, alarm_after=None))[6] is None


@pytest.mark.parametrize(
    ("zone", "ahead"),
    [("Europe/Moscow", 0), ("Asia/Yekaterinburg", 7200), ("Europe/Kaliningrad", -3600), ("GMT+03:07", 0)],
)
def test_a_book_of_another_zone_is_not_late_for_that(zone: str, ahead: int) -> None:
    assert seconds_ahead(zone, "Europe/Moscow", STAMP.checked_at) == ahead


def test_the_formula_follows_the_clock_of_the_book(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    book = SheetsBook(google, sheet, Habits(look_every=0, stamp_every=0), clock=hand.clock, sleep=hand.sleep)
    plan = replace(plan_of(1), stamp=STAMP)
    book.refresh(plan, 1)
    assert server.cell(sheet, "Месяцы!G1")["userEnteredValue"] == {"formulaValue": ALARM}
    assert server.book(sheet).properties["autoRecalc"] == "MINUTE"

    moved = {
        "properties": {"timeZone": "Asia/Omsk", "autoRecalc": "ON_CHANGE"},
        "fields": "timeZone,autoRecalc",
    }
    server.edit(sheet, {"updateSpreadsheetProperties": moved})
    book.refresh(plan, 2)

    assert server.cell(sheet, "Месяцы!G1")["userEnteredValue"] == {
        "formulaValue": ALARM.replace("900", str(900 + 3 * 3600))
    }
    assert server.book(sheet).properties["autoRecalc"] == "ON_CHANGE", "set once, then it is the owner's"


def test_a_workbook_has_the_same_formula_and_turns_red() -> None:
    plan = replace(plan_of(1, names=["=1+1"]), stamp=STAMP)

    sheet = openpyxl.load_workbook(BytesIO(xlsx.render(plan)))["Сделки"]

    assert sheet["G1"].value == ALARM.replace(";", ",")
    assert sheet["D6"].data_type == "s", "a text that looks like a formula is none"
    (rule,) = [rule for area in sheet.conditional_formatting for rule in area.rules]
    assert rule.formula == ['AND(LEN($G$1)>0,$G$1<>"свежо")']
