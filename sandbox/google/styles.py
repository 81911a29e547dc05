"""The look of a cell on the page: its format, and the rules that lie over it, as CSS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.google.book import Book, Cell, Json, Tab
from sandbox.google.calculating import NotCalculated, calculated
from sandbox.google.formatter import Shown, display

_ALIGNMENT = {"LEFT": "left", "CENTER": "center", "RIGHT": "right"}
_VERTICAL = {"TOP": "top", "MIDDLE": "middle", "BOTTOM": "bottom"}
_BORDER = {
    "DOTTED": "1px dotted",
    "DASHED": "1px dashed",
    "SOLID": "1px solid",
    "SOLID_MEDIUM": "2px solid",
    "SOLID_THICK": "3px solid",
    "DOUBLE": "3px double",
}

_LINK = {"red": 0.07, "green": 0.33, "blue": 0.8}

_NUMBER_TESTS: Mapping[str, Callable[[float, float], bool]] = {
    "NUMBER_LESS": lambda value, bound: value < bound,
    "NUMBER_LESS_THAN_EQ": lambda value, bound: value <= bound,
    "NUMBER_GREATER": lambda value, bound: value > bound,
    "NUMBER_GREATER_THAN_EQ": lambda value, bound: value >= bound,
    "NUMBER_EQ": lambda value, bound: value == bound,
    "NUMBER_NOT_EQ": lambda value, bound: value != bound,
}
_TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "TEXT_EQ": lambda text, sample: text.lower() == sample.lower(),
    "TEXT_CONTAINS": lambda text, sample: sample.lower() in text.lower(),
    "TEXT_NOT_CONTAINS": lambda text, sample: sample.lower() not in text.lower(),
    "TEXT_STARTS_WITH": lambda text, sample: text.lower().startswith(sample.lower()),
}


def look(cell: Cell, value: Mapping[str, Any], locale: str) -> tuple[Shown, str]:
    """What the cell, which amounts to `value`, shows and the CSS it shows it in."""
    cell_format = cell.get("userEnteredFormat", {})
    shown = display(value or cell.get("userEnteredValue", {}), cell_format.get("numberFormat"), locale)
    rules = css(cell_format)
    if "horizontalAlignment" not in cell_format:
        if "numberValue" in value:
            rules["text-align"] = "right"
        elif "boolValue" in value or "errorValue" in value:
            rules["text-align"] = "center"
    if shown.colour:
        rules["color"] = shown.colour
    return shown, _text(rules)


def conditional(book: Book, tab: Tab, row: int, column: int, value: Mapping[str, Any]) -> str:
    """CSS of the first conditional rule that the cell of this value meets; gradients are not drawn."""
    for rule in tab.rules:
        if "booleanRule" not in rule or not _covers(tab, rule["ranges"], row, column):
            continue
        condition = rule["booleanRule"]["condition"]
        if condition["type"] == "CUSTOM_FORMULA":
            is_met = _is_true(book, tab, rule, row, column)
        else:
            is_met = _meets(condition, value)
        if is_met:
            return _text(css(rule["booleanRule"].get("format", {})))
    return ""


def _is_true(book: Book, tab: Tab, rule: Json, row: int, column: int) -> bool:
    """Whether the rule's formula holds for a cell; it speaks of the first cell of the rule's first range."""
    first = tab.area(rule["ranges"][0])
    formula = rule["booleanRule"]["condition"]["values"][0].get("userEnteredValue", "")
    try:
        return bool(calculated(book, tab, formula, carried=(row - first.top, column - first.left)))
    except NotCalculated:
        return False


def css(cell_format: Mapping[str, Any]) -> dict[str, str]:
    text = cell_format.get("textFormat", {})
    if "link" in text:
        text = {"underline": True, "foregroundColor": _LINK, **text}
    lines = [
        name for name, key in (("underline", "underline"), ("line-through", "strikethrough")) if text.get(key)
    ]
    wanted = {
        "text-align": _ALIGNMENT.get(cell_format.get("horizontalAlignment", "")),
        "vertical-align": _VERTICAL.get(cell_format.get("verticalAlignment", "")),
        "white-space": "pre-wrap" if cell_format.get("wrapStrategy") == "WRAP" else None,
        "background-color": colour(cell_format, "backgroundColor"),
        "color": colour(text, "foregroundColor"),
        "font-weight": "700" if text.get("bold") else None,
        "font-style": "italic" if text.get("italic") else None,
        "font-size": f"{text['fontSize'] * 1.3:g}px" if "fontSize" in text else None,
        "text-decoration": " ".join(lines) or None,
    }
    for side, border in cell_format.get("borders", {}).items():
        line = _BORDER.get(border.get("style", ""))
        wanted[f"border-{side}"] = f"{line} {colour(border, 'color') or '#000000'}" if line else None
    return {name: value for name, value in wanted.items() if value}


def colour(message: Mapping[str, Any], name: str) -> str | None:
    """The colour of that name, by its newer field if it is there."""
    style = message.get(f"{name}Style", {})
    channels: Json | None = style.get("rgbColor", message.get(name))
    if channels is None:
        return None
    red, green, blue = (round(255 * channels.get(channel, 0)) for channel in ("red", "green", "blue"))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _covers(tab: Tab, ranges: list[Json], row: int, column: int) -> bool:
    areas = [tab.area(item) for item in ranges]
    return any(area.top <= row < area.bottom and area.left <= column < area.right for area in areas)


def _meets(condition: Json, value: Mapping[str, Any]) -> bool:
    kind = str(condition["type"])
    if kind in ("BLANK", "NOT_BLANK"):
        return bool(value) == (kind == "NOT_BLANK")
    sample = (condition.get("values") or [{}])[0].get("userEnteredValue", "")
    if kind in _NUMBER_TESTS and "numberValue" in value:
        bound = _number(sample)
        return bound is not None and _NUMBER_TESTS[kind](float(value["numberValue"]), bound)
    if kind in _TEXT_TESTS and "stringValue" in value:
        return _TEXT_TESTS[kind](str(value["stringValue"]), sample)
    return False


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _text(rules: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in rules.items())
