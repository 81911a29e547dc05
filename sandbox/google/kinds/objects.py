"""Request kinds about what lies over the cells: filters, names, protection, colours, charts."""

from __future__ import annotations

from typing import Any

from sandbox.google import masks
from sandbox.google.book import Book, Json, Tab
from sandbox.google.errors import Invalid
from sandbox.google.messages import MESSAGES
from sandbox.google.protection import Editor, guard_whole, is_whole_sheet, may_edit


def set_basic_filter(book: Book, editor: Editor, body: Json) -> Json:
    new = body.get("filter", {})
    tab = book.edit(new.get("range", {}).get("sheetId", 0))
    guard_whole(tab, editor)
    tab.basic_filter = {**new, "range": _whole(tab, new.get("range", {}))}
    return {}


def clear_basic_filter(book: Book, editor: Editor, body: Json) -> Json:
    tab = book.edit(body.get("sheetId", 0))
    guard_whole(tab, editor)
    tab.basic_filter = None
    return {}


def add_named_range(book: Book, _editor: Editor, body: Json) -> Json:
    new = body["namedRange"]
    key = new.get("namedRangeId") or str(1_000_000 + len(book.named))
    if key in book.named:
        raise Invalid(f"A named range with id {key} already exists.")
    named = _named(book, {**new, "namedRangeId": key})
    book.named[key] = named
    return {"addNamedRange": {"namedRange": named}}


def update_named_range(book: Book, _editor: Editor, body: Json) -> Json:
    new = body["namedRange"]
    key = new.get("namedRangeId", "")
    if key not in book.named:
        raise Invalid(f"No named range with id: {key}")
    mask = masks.expand(masks.parse(body.get("fields", "")), MESSAGES["NamedRange"], "NamedRange")
    merged = masks.overlay(book.named[key], new, mask)
    book.named[key] = _named(book, {**merged, "namedRangeId": key})
    return {}


def delete_named_range(book: Book, _editor: Editor, body: Json) -> Json:
    if book.named.pop(body.get("namedRangeId", ""), None) is None:
        raise Invalid(f"No named range with id: {body.get('namedRangeId', '')}")
    return {}


def add_protected_range(book: Book, editor: Editor, body: Json) -> Json:
    """Protect cells; the account that asks for it keeps the right to edit them."""
    new = body["protectedRange"]
    if "range" not in new:
        raise Invalid("A protected range must have a range.")
    tab = book.edit(new["range"].get("sheetId", 0))
    protected = {**new, "range": {**new["range"], "sheetId": tab.sheet_id}}
    if not is_whole_sheet(protected):
        protected["range"] = _whole(tab, protected["range"])
    elif any(is_whole_sheet(item) for item in tab.protected.values()):
        raise Invalid(f'Sheet "{tab.title}" already has sheet protection.')
    for item in protected.get("unprotectedRanges", []):
        tab.area(item)
    asked = {name: value for name, value in protected.get("editors", {}).items() if value}
    users = list(dict.fromkeys([*asked.get("users", []), editor.email]))
    protected = {name: value for name, value in protected.items() if value}
    key = _new_id(new.get("protectedRangeId"), _all(book, "protected"), "protected range")
    tab.protected[key] = {**protected, "protectedRangeId": key, "editors": {**asked, "users": users}}
    reply = {**tab.protected[key], "editors": asked, "requestingUserCanEdit": True}
    return {"addProtectedRange": {"protectedRange": reply}}


def update_protected_range(book: Book, editor: Editor, body: Json) -> Json:
    new = body["protectedRange"]
    key = new.get("protectedRangeId", 0)
    tab = _holder(book, "protected", key, "protected range")
    if not may_edit(tab.protected[key], editor):
        raise Invalid(f"Only its editors may change the protected range {key}.")
    mask = masks.expand(masks.parse(body["fields"]), MESSAGES["ProtectedRange"], "ProtectedRange")
    merged = masks.overlay(tab.protected[key], new, mask)
    place = {**merged.get("range", {}), "sheetId": tab.sheet_id}
    merged["range"] = place if is_whole_sheet({"range": place}) else _whole(tab, place)
    tab.protected[key] = {**merged, "protectedRangeId": key}
    return {}


def delete_protected_range(book: Book, editor: Editor, body: Json) -> Json:
    key = body.get("protectedRangeId", 0)
    tab = _holder(book, "protected", key, "protected range")
    if not may_edit(tab.protected[key], editor):
        guard_whole(tab, editor)
        raise Invalid(f"Only its editors may remove the protected range {key}.")
    del tab.protected[key]
    return {}


def add_banding(book: Book, editor: Editor, body: Json) -> Json:
    new = body["bandedRange"]
    tab = book.edit(new.get("range", {}).get("sheetId", 0))
    guard_whole(tab, editor)
    area = tab.area(new.get("range", {}))
    if any(tab.area(item["range"]).meets(area) for item in tab.banded.values()):
        raise Invalid("You cannot add alternating background colors to a range that already has them.")
    key = _new_id(new.get("bandedRangeId"), _all(book, "banded"), "banded range")
    tab.banded[key] = {**new, "bandedRangeId": key, "range": _whole(tab, new.get("range", {}))}
    return {"addBanding": {"bandedRange": tab.banded[key]}}


def delete_banding(book: Book, editor: Editor, body: Json) -> Json:
    key = body.get("bandedRangeId", 0)
    tab = _holder(book, "banded", key, "banded range")
    guard_whole(tab, editor)
    del tab.banded[key]
    return {}


def add_conditional_format_rule(book: Book, editor: Editor, body: Json) -> Json:
    """Insert a rule at its place.  There is no id: asking twice gives two rules."""
    rule = body["rule"]
    if not rule.get("ranges") or ("booleanRule" in rule) == ("gradientRule" in rule):
        raise Invalid("A rule needs ranges and exactly one of booleanRule and gradientRule.")
    tab = book.edit(rule["ranges"][0].get("sheetId", 0))
    guard_whole(tab, editor)
    if any(item.get("sheetId", 0) != tab.sheet_id for item in rule["ranges"]):
        raise Invalid("All ranges of a rule must be on the same sheet.")
    for item in rule["ranges"]:
        tab.area(item)
    index = body.get("index", 0)
    if not 0 <= index <= len(tab.rules):
        raise Invalid(f"Invalid rule index: {index}")
    tab.rules.insert(index, rule)
    return {}


def delete_conditional_format_rule(book: Book, editor: Editor, body: Json) -> Json:
    tab = book.edit(body.get("sheetId", 0))
    guard_whole(tab, editor)
    index = body.get("index", 0)
    if not 0 <= index < len(tab.rules):
        raise Invalid(f"No conditional format on sheet: {tab.sheet_id} at index: {index}")
    return {"deleteConditionalFormatRule": {"rule": tab.rules.pop(index)}}


def add_chart(book: Book, editor: Editor, body: Json) -> Json:
    chart = body["chart"]
    overlay = chart.get("position", {}).get("overlayPosition", {})
    if "anchorCell" not in overlay or "spec" not in chart:
        raise Invalid("A chart needs a spec and an overlayPosition with an anchorCell.")
    tab = book.edit(overlay["anchorCell"].get("sheetId", 0))
    guard_whole(tab, editor)
    _check_spec(book, chart["spec"])
    key = _new_id(chart.get("chartId"), _all(book, "charts"), "chart")
    tab.charts[key] = {**chart, "chartId": key}
    return {"addChart": {"chart": tab.charts[key]}}


def update_chart_spec(book: Book, editor: Editor, body: Json) -> Json:
    key = body.get("chartId", 0)
    tab = _holder(book, "charts", key, "chart")
    guard_whole(tab, editor)
    _check_spec(book, body.get("spec", {}))
    tab.charts[key] = {**tab.charts[key], "spec": body.get("spec", {})}
    return {}


def delete_embedded_object(book: Book, editor: Editor, body: Json) -> Json:
    key = body.get("objectId", 0)
    tab = _holder(book, "charts", key, "chart")
    guard_whole(tab, editor)
    del tab.charts[key]
    return {}


def _named(book: Book, named: Json) -> Json:
    tab = book.tab(named.get("range", {}).get("sheetId", 0))
    others = [item["name"] for key, item in book.named.items() if key != named["namedRangeId"]]
    if not named.get("name") or named["name"] in others:
        raise Invalid(f"A named range needs a name that is not taken: {named.get('name', '')}")
    return {**named, "range": _whole(tab, named.get("range", {}))}


def _whole(tab: Tab, grid_range: Json) -> Json:
    """The range with its bounds filled in from the grid as it is now, as Google stores it."""
    area = tab.area(grid_range)
    return {
        "sheetId": tab.sheet_id,
        "startRowIndex": area.top,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }


_SPECS = (
    "basicChart", "pieChart", "bubbleChart", "candlestickChart", "orgChart", "histogramChart",
    "waterfallChart", "treemapChart", "scorecardChart",
)  # fmt: skip


def _check_spec(book: Book, spec: Json) -> None:
    """Exactly one kind of chart; a basic one has as many pieces in its domain as in each of its series."""
    if sum(name in spec for name in _SPECS) != 1:
        raise Invalid("Exactly one chart specification must be set.")
    _check_sources(book, spec)
    basic = spec.get("basicChart", {})
    pieces = [*(each.get("domain") for each in basic.get("domains", []))]
    pieces += [each.get("series") for each in basic.get("series", [])]
    counts = {len((each or {}).get("sourceRange", {}).get("sources", [])) for each in pieces}
    if "basicChart" in spec and (not basic.get("series") or not basic.get("domains")):
        raise Invalid("A basic chart needs a domain and a series.")
    if len(counts) > 1:
        raise Invalid("The domain and every series must have the same number of source ranges.")


def _check_sources(book: Book, value: Any) -> None:
    """Each source range of a chart is one row or one column."""
    if isinstance(value, list):
        for item in value:
            _check_sources(book, item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "sources":
                areas = [book.tab(source.get("sheetId", 0)).area(source) for source in item]
                if any(area.bottom - area.top > 1 and area.right - area.left > 1 for area in areas):
                    raise Invalid(
                        "ChartSourceRange ranges require all rows or all columns to have length of 1"
                    )
            else:
                _check_sources(book, item)


def _all(book: Book, kind: str) -> set[int]:
    return {key for tab in book.tabs for key in getattr(tab, kind)}


def _new_id(asked: int | None, taken: set[int], noun: str) -> int:
    if asked is None:
        return max(taken, default=0) + 1_000_003
    if asked < 1 or asked in taken:
        raise Invalid(f"Id {asked} of a {noun} is already taken or not allowed.")
    return asked


def _holder(book: Book, kind: str, key: int, noun: str) -> Tab:
    for tab in book.tabs:
        if key in getattr(tab, kind):
            return book.edit(tab.sheet_id)
    raise Invalid(f"No {noun} with id: {key}")
