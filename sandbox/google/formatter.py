"""What people see in a cell: a value under its number format, in the spreadsheet's locale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sandbox.google import locales
from sandbox.google.locales import Locale
from sandbox.google.patterns import Section, number_text, read_section, sections

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - serials carry no zone

_DATE_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<elapsed>h+|m+|s+)\]|(?P<half>am/pm|a/p)'
    r"|(?P<part>d+|m+|y+|h+|s+)|(?P<fraction>\.0+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]hms]*\]')


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of a cell and the colour that its pattern asks for."""

    text: str
    colour: str | None = None


def display(value: Mapping[str, Any], number_format: Mapping[str, str] | None, locale: str) -> Shown:
    """An ExtendedValue as people see it; a formula that nobody calculated shows itself."""
    signs = locales.known(locale)
    pattern = _pattern(number_format, signs)
    if "stringValue" in value:
        return Shown(_text(str(value["stringValue"]), pattern))
    if "boolValue" in value:
        return Shown(signs.true if value["boolValue"] else signs.false)
    if "numberValue" in value:
        return number(value["numberValue"], pattern, signs)
    if "errorValue" in value:
        return Shown(_ERRORS.get(value["errorValue"].get("type", ""), "#ERROR!"))
    return Shown(str(value.get("formulaValue", "")))


_ERRORS = {
    "REF": "#REF!",
    "NAME": "#NAME?",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}


def number(value: float, pattern: str | None, signs: Locale) -> Shown:
    if not pattern or pattern == "@":
        return Shown(plain_number(value, signs))
    if is_date_pattern(pattern):
        return Shown(_date(value, pattern, signs))
    exact = Decimal(repr(value))
    parts = _sections(pattern)
    section, signed = _choose(parts, exact)
    if section is None:
        return Shown(plain_number(value, signs))
    text = number_text(abs(exact), section, signs)
    shows_zero = signed and not re.search(r"[1-9]", text)
    return Shown(("-" if signed and not shows_zero else "") + text, section.colour)


def plain_number(value: float, signs: Locale) -> str:
    """A number without a format: its shortest exact digits."""
    exact = Decimal(repr(value)).normalize()
    text = f"{exact:f}" if -10 <= exact.adjusted() < 15 else f"{exact:E}"
    return text.replace(".", signs.decimal)


def is_date_pattern(pattern: str) -> bool:
    return re.search(r"[dmyhs]", _QUOTED.sub("", pattern), re.IGNORECASE) is not None


def _pattern(number_format: Mapping[str, str] | None, signs: Locale) -> str | None:
    if not number_format:
        return None
    if number_format.get("pattern"):
        return number_format["pattern"]
    return {
        "TEXT": "@",
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": '#,##0.00" ₽"' if signs is locales.RUSSIAN else '"$"#,##0.00',
        "DATE": signs.date,
        "TIME": signs.time,
        "DATE_TIME": f"{signs.date} {signs.time}",
        "SCIENTIFIC": "0.00E+00",
    }.get(number_format.get("type", ""))


@lru_cache(maxsize=256)
def _sections(pattern: str) -> tuple[Section, ...]:
    return tuple(read_section(text) for text in sections(pattern))


def _choose(parts: tuple[Section, ...], value: Decimal) -> tuple[Section | None, bool]:
    """The section for this number, and whether the minus sign is still to be written."""
    if any(part.condition for part in parts):
        for part in parts:
            if part.condition is None or _holds(value, *part.condition):
                return part, value < 0
        return None, False
    if value < 0 and len(parts) > 1:
        return parts[1], False
    if value == 0 and len(parts) > 2:
        return parts[2], False
    return parts[0], value < 0


def _holds(value: Decimal, sign: str, bound: Decimal) -> bool:
    return {
        "<": value < bound,
        ">": value > bound,
        "<=": value <= bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[sign]


def _text(text: str, pattern: str | None) -> str:
    """A text goes through the fourth section, when there is one."""
    parts = _sections(pattern) if pattern and "@" in pattern else ()
    if len(parts) == 4 or (len(parts) == 1 and pattern != "@"):
        literals = [piece[1:] for piece in parts[-1].before if piece.startswith("'")]
        return "".join(text if literal == "@" else literal for literal in literals)
    return text


def _date(serial: float, pattern: str, signs: Locale) -> str:
    whole_seconds = round(serial * 86_400, 3)
    try:
        moment = EPOCH + timedelta(seconds=whole_seconds)
    except OverflowError:  # no such day
        return f"{serial:.0f}"
    tokens = list(_DATE_TOKEN.finditer(pattern))
    parts = [match["part"].lower() if match["part"] else "" for match in tokens]
    halves = any(match["half"] for match in tokens)
    with_day = any(part in ("d", "dd") for part in parts)
    text = ""
    for number, match in enumerate(tokens):
        if match["part"]:
            minutes = parts[number].startswith("m") and _is_minute(parts, tokens, number)
            text += _date_part(parts[number], moment, signs, minutes=minutes, halves=halves, of_day=with_day)
        elif match["elapsed"]:
            unit = {"h": 3600, "m": 60, "s": 1}[match["elapsed"][0].lower()]
            text += str(int(whole_seconds // unit)).zfill(len(match["elapsed"]))
        elif match["half"]:
            text += "AM" if moment.hour < 12 else "PM"
        elif match["fraction"]:
            text += signs.decimal + f"{moment.microsecond:06}"[: len(match["fraction"]) - 1]
        else:
            text += match["quoted"] or match["escaped"] or match["other"] or ""
    return text


def _is_minute(parts: list[str], tokens: list[re.Match[str]], number: int) -> bool:
    """`m` means minutes right after hours or right before seconds; a month otherwise."""
    before = [_unit(parts[i], tokens[i]) for i in range(number) if _unit(parts[i], tokens[i])]
    after = [_unit(parts[i], tokens[i]) for i in range(number + 1, len(parts)) if _unit(parts[i], tokens[i])]
    return bool((before and before[-1] == "h") or (after and after[0] == "s"))


def _unit(part: str, token: re.Match[str]) -> str:
    return (part or (token["elapsed"] or "").lower())[:1]


def _date_part(
    part: str, moment: datetime, signs: Locale, *, minutes: bool, halves: bool, of_day: bool
) -> str:
    letter, width = part[0], len(part)
    if letter == "m" and minutes:
        return str(moment.minute).zfill(min(width, 2))
    if letter == "m" and width >= 3:
        names = signs.months_short if width == 3 else signs.months_of if of_day else signs.months
        name = names[moment.month - 1]
        return name[0].upper() if width == 5 else name
    if letter == "d" and width >= 3:
        return (signs.days_short if width == 3 else signs.days)[moment.weekday()]
    if letter == "y":
        return f"{moment.year % 100:02}" if width <= 2 else f"{moment.year:04}"
    hour = (moment.hour % 12 or 12) if halves else moment.hour
    value = {"d": moment.day, "m": moment.month, "h": hour, "s": moment.second}[letter]
    return str(value).zfill(min(width, 2))
