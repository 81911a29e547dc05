"""What people see in a cell, above all in the Russian locale."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.google.formatter import EPOCH, Shown, display

NBSP = "\u00a0"


def shown(value: Any, pattern: str | None, kind: str = "NUMBER", locale: str = "ru_RU") -> str:
    number_format = {"type": kind, "pattern": pattern} if pattern else None
    return display({"numberValue": value}, number_format, locale).text


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1234567, '#,##0" ₽"', f"1{NBSP}234{NBSP}567 ₽"),
        (1234567.5, '#,##0" ₽"', f"1{NBSP}234{NBSP}568 ₽"),
        (-999.5, '#,##0" ₽"', f"-1{NBSP}000 ₽"),
        (0, '#,##0" ₽"', "0 ₽"),
        (-0.2, '#,##0" ₽"', "0 ₽"),
        (1234567.891, '#,##0.00" ₽"', f"1{NBSP}234{NBSP}567,89 ₽"),
        (0.5, '#,##0.00" ₽"', "0,50 ₽"),
        (0.1234, "0.0%", "12,3%"),
        (1, "0.0%", "100,0%"),
        (-0.0505, "0.0%", "-5,1%"),
        (1234, "#,##0", f"1{NBSP}234"),
        (7, "000", "007"),
        (1.5, "0.##", "1,5"),
        (0.25, "#.##", ",25"),
        (1234567, '#,##0,"\u00a0тыс. ₽"', f"1{NBSP}235{NBSP}тыс. ₽"),
        (1234567, '#,##0.0,,"\u00a0млн ₽"', f"1,2{NBSP}млн ₽"),
        (1234567, "# ##0 ₽", "1234 567 ₽"),
        (1234.5, "@", "1234,5"),
        (5, '[<10]"мало";"много"', "мало"),
        (50, '[<10]"мало";"много"', "много"),
    ],
)
def test_numbers(value: float, pattern: str, text: str) -> None:
    assert shown(value, pattern) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5, Shown("5 ₽")), (-5, Shown("-5 ₽", "#ff0000")), (0, Shown("–"))],
)
def test_sections_choose_by_sign_and_give_a_colour(value: float, expected: Shown) -> None:
    pattern = '#,##0" ₽";[Red]-#,##0" ₽";"–"'

    assert display({"numberValue": value}, {"type": "NUMBER", "pattern": pattern}, "ru_RU") == expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("dd.mm.yyyy", "22.11.2026"),
        ("dd.mm.yyyy hh:mm", "22.11.2026 12:45"),
        ("mm.yyyy", "11.2026"),
        ("mmmm yyyy", "ноябрь 2026"),
        ("d mmmm yyyy", "22 ноября 2026"),
        ("ddd, d mmm", "вс, 22 нояб."),
        ("yy-m-d h:mm:ss am/pm", "26-11-22 12:45:00 PM"),
        ("[h]:mm", "1112364:45"),
        ('"на" dd.mm', "на 22.11"),
    ],
)
def test_dates(pattern: str, text: str) -> None:
    assert shown(46348.53125, pattern, "DATE_TIME") == text


def test_a_format_without_a_pattern_takes_the_locales_own() -> None:
    def bare(kind: str, value: float, locale: str = "ru_RU") -> str:
        return display({"numberValue": value}, {"type": kind}, locale).text

    assert bare("DATE", 46348) == "22.11.2026"
    assert bare("DATE", 2**53) == "9007199254740992", "no such day"
    assert bare("DATE", 46348, "en_US") == "11/22/2026"
    assert bare("PERCENT", 0.5) == "50,00%"
    assert bare("CURRENCY", 1) == "1,00 ₽"


def test_values_without_a_format() -> None:
    assert shown(1.5, None) == "1,5"
    assert shown(1 / 1024, None, locale="en_US") == "0.0009765625"
    assert shown(100.0, None) == "100"
    assert display({"boolValue": True}, None, "ru_RU").text == "ИСТИНА"
    assert display({"boolValue": False}, None, "en_US").text == "FALSE"
    assert display({"errorValue": {"type": "DIVIDE_BY_ZERO"}}, None, "ru_RU").text == "#DIV/0!"
    assert display({}, None, "ru_RU").text == ""


@given(st.text())
def test_a_text_is_shown_as_it_is(text: str) -> None:
    for number_format in (None, {"type": "TEXT", "pattern": "@"}, {"type": "NUMBER", "pattern": "#,##0"}):
        assert display({"stringValue": text}, number_format, "ru_RU").text == text


@given(st.integers(-(10**12), 10**12))
def test_grouped_digits_are_the_digits_of_the_number(value: int) -> None:
    assert int(shown(value, "#,##0").replace(NBSP, "")) == value


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))
def test_moments_come_back_to_the_minute(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0)
    serial = (minute - EPOCH).total_seconds() / 86_400

    assert shown(serial, "dd.mm.yyyy hh:mm", "DATE_TIME") == f"{minute:%d.%m.%Y %H:%M}"
