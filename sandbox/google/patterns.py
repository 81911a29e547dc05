"""Number patterns: a section of the pattern language turned into text for one number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from sandbox.google.locales import Locale

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.)
  | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\] | \[(?P<bracket>[^\]]*)\]
  | (?P<digit>[0\#?]) | (?P<sign>[.,%]) | (?P<exponent>[Ee][+-]) | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_COLOURS = {
    "red": "#ff0000",
    "green": "#00ff00",
    "blue": "#0000ff",
    "black": "#000000",
    "white": "#ffffff",
    "yellow": "#ffff00",
    "cyan": "#00ffff",
    "magenta": "#ff00ff",
}


@dataclass(slots=True)
class Section:
    """One `;`-separated part of a pattern, read into what it asks for."""

    text: str
    colour: str | None = None
    condition: tuple[str, Decimal] | None = None
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    grouped: bool = False
    thousands: int = 0
    percents: int = 0
    exponent: bool = False
    has_point: bool = False


def sections(pattern: str) -> list[str]:
    """The pattern cut at the semicolons that stand outside quotes and brackets."""
    parts, current = [], ""
    for match in _TOKEN.finditer(pattern):
        if match["other"] == ";":
            parts.append(current)
            current = ""
        else:
            current += match[0]
    return [*parts, current]


def read_section(text: str) -> Section:
    """Tokens: digits stay as 0, # or ?; literals carry a leading apostrophe."""
    section = Section(text)
    commas = 0
    for match in _TOKEN.finditer(text):
        target = section.after if section.has_point else section.before
        literal = _literal(match)
        if match["digit"]:
            section.grouped = section.grouped or (commas > 0 and _has_digit(section.before))
            commas = 0
            target.append(match["digit"])
        elif match["sign"] == "." and not section.has_point:
            section.thousands += commas
            commas = 0
            section.has_point = True
        elif match["sign"] == ",":
            commas += 1
        elif match["exponent"]:
            section.exponent = True
        elif match["bracket"] is not None:
            _read_bracket(section, match["bracket"])
        elif match["sign"] == "%":
            section.percents += 1
            target.append("'%")
        elif literal:
            target.append("'" + literal)
    if _has_digit(section.before) or _has_digit(section.after):
        section.thousands += commas
    return section


def _literal(match: re.Match[str]) -> str:
    if match["space"]:
        return " "
    return match["quoted"] or match["escaped"] or match["currency"] or match["other"] or ""


def _read_bracket(section: Section, text: str) -> None:
    condition = _CONDITION.fullmatch(text.replace(" ", ""))
    if condition:
        section.condition = condition[1], Decimal(condition[2])
    elif text.lower() in _COLOURS:
        section.colour = _COLOURS[text.lower()]


def _has_digit(tokens: list[str]) -> bool:
    return any(token in ("0", "#", "?") for token in tokens)


def number_text(number: Decimal, section: Section, locale: Locale) -> str:
    """The number, which is not negative, as the section writes it."""
    if section.exponent:
        return _scientific(number, section, locale)
    number = number * 100**section.percents / 1000**section.thousands
    places = sum(token in ("0", "#", "?") for token in section.after)
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:f}".partition(".")
    text = _whole_part(whole.lstrip("0"), section, locale)
    decimals = _fraction_part(fraction, section)
    point = locale.decimal if section.has_point and decimals.lstrip("\0") else ""
    return text + point + decimals.lstrip("\0")


def _whole_part(digits: str, section: Section, locale: Locale) -> str:
    """Placeholders take digits from the right; the leftmost takes all that remain."""
    text, taken, left = "", 0, digits
    placeholders = sum(token in ("0", "#", "?") for token in section.before)
    for piece in reversed(section.before):
        if piece not in ("0", "#", "?"):
            text = piece[1:] + text
            continue
        placeholders -= 1
        run, left = (left, "") if placeholders == 0 else (left[-1:], left[:-1])
        if not run and piece != "#":
            run = "0" if piece == "0" else " "
        for digit in reversed(run):
            if section.grouped and taken and taken % 3 == 0:
                text = locale.group + text
            text = digit + text
            taken += 1
    return text


def _fraction_part(fraction: str, section: Section) -> str:
    """Optional places at the end fall away when they are zero; literals stay."""
    shown: list[str] = []
    needed = False
    number = len(fraction)
    for piece in reversed(section.after):
        if piece not in ("0", "#", "?"):
            shown.insert(0, piece[1:])
            continue
        number -= 1
        digit = fraction[number]
        needed = needed or piece != "#" or digit != "0"
        if needed:
            shown.insert(0, digit)
    return "".join(shown) if needed else "\0" + "".join(shown)


def _scientific(number: Decimal, section: Section, locale: Locale) -> str:
    places = max(0, sum(token in ("0", "#", "?") for token in section.after) - 2)
    return f"{number:.{places}E}".replace(".", locale.decimal)
