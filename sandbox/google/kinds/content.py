"""Request kinds about what stands in cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sandbox.google import masks
from sandbox.google.areas import Area
from sandbox.google.book import TEXT_LIMIT, Book, Cell, Json, Tab
from sandbox.google.errors import Invalid
from sandbox.google.formulas import carried_formula
from sandbox.google.messages import MESSAGES
from sandbox.google.protection import Editor, guard
from sandbox.google.reading import effective


def update_cells(book: Book, editor: Editor, body: Json) -> Json:
    """Write `rows`; with `range`, the rest of the range loses the masked fields."""
    rows = [row.get("values", []) for row in body.get("rows", [])]
    if ("range" in body) == ("start" in body):
        raise Invalid("Exactly one of 'range' and 'start' must be set.")
    mask = _cell_mask(body)
    tab = book.edit(body["range" if "range" in body else "start"].get("sheetId", 0))
    if "range" in body:
        area = tab.area(body["range"])
        _check_extent(rows, area)
    else:
        top, left = body["start"].get("rowIndex", 0), body["start"].get("columnIndex", 0)
        widest = max((len(row) for row in rows), default=0)
        area = tab.inside(Area(top, top + len(rows), left, left + widest))
    guard(tab, editor, area)
    for number, row in enumerate(rows):
        for offset, new in enumerate(row):
            write(tab, area.top + number, area.left + offset, new, mask)
    if "range" in body:
        for place in _uncovered(tab, area, rows):
            write(tab, *place, {}, mask)
    return {}


def repeat_cell(book: Book, editor: Editor, body: Json) -> Json:
    """Write one cell all over the range; relative references of a formula follow."""
    mask = _cell_mask(body)
    tab = book.edit(body["range"].get("sheetId", 0))
    area = tab.area(body["range"])
    guard(tab, editor, area)
    new = body.get("cell", {})
    formula = new.get("userEnteredValue", {}).get("formulaValue")
    alike: dict[int, tuple[Cell, Cell]] = {}  # a cell that stands in many places is merged once
    for row, column in area.places():
        if formula:
            shown = carried_formula(formula, row - area.top, column - area.left)
            write(tab, row, column, {**new, "userEnteredValue": {"formulaValue": shown}}, mask)
            continue
        old = tab.cell(row, column)
        if id(old) not in alike:
            alike[id(old)] = old, _merged(old, new, mask)
        tab.put(row, column, alike[id(old)][1])
    return {}


def copy_paste(book: Book, editor: Editor, body: Json) -> Json:
    """PASTE_VALUES only: what the source amounts to is written, formats and notes stay, an empty cell empties.

    A destination of several times the size is filled again and again, into a smaller one all of the source goes.
    """
    if body.get("pasteType") != "PASTE_VALUES" or body.get("pasteOrientation", "NORMAL") != "NORMAL":
        raise Invalid("Only pasteType PASTE_VALUES with pasteOrientation NORMAL is offered here.")
    source_tab = book.tab(body["source"].get("sheetId", 0))
    source = source_tab.area(body["source"])
    if source.is_empty:
        raise Invalid("The source of a copy must not be empty.")
    tab = book.edit(body["destination"].get("sheetId", 0))
    target = tab.area(body["destination"])
    height, width = source.bottom - source.top, source.right - source.left
    times_down, times_right = (
        max(1, (target.bottom - target.top) // height),
        max(1, (target.right - target.left) // width),
    )
    target = tab.inside(
        Area(target.top, target.top + times_down * height, target.left, target.left + times_right * width)
    )
    guard(tab, editor, target)
    copied = {place: _amount(book, source_tab, place) for place in source.places()}
    for row, column in target.places():
        new = copied[source.top + (row - target.top) % height, source.left + (column - target.left) % width]
        if new or "userEnteredValue" in tab.cell(row, column):
            write(tab, row, column, new, {"userEnteredValue": {}})
    return {}


def _amount(book: Book, tab: Tab, place: tuple[int, int]) -> Cell:
    """A cell as its value alone: of a formula the result."""
    cell = tab.cell(*place)
    entered = cell.get("userEnteredValue", {})
    if "formulaValue" not in entered:
        return {"userEnteredValue": entered} if entered else {}
    value = effective(book, tab, cell)
    if not value or "errorValue" in value:
        raise Invalid("The result of this formula cannot be pasted here.")
    return {"userEnteredValue": value}


def set_data_validation(book: Book, editor: Editor, body: Json) -> Json:
    tab = book.edit(body["range"].get("sheetId", 0))
    area = tab.area(body["range"])
    guard(tab, editor, area)
    rule = {"dataValidation": body["rule"]} if body.get("rule") else {}
    for row, column in area.places():
        write(tab, row, column, rule, {"dataValidation": {}})
    return {}


def write(tab: Tab, row: int, column: int, new: Cell, mask: masks.Mask) -> None:
    """Take the masked fields of `new` into one cell; everything else about the cell stays."""
    tab.put(row, column, _merged(tab.cell(row, column), new, mask))


def _merged(old: Cell, new: Cell, mask: masks.Mask) -> Cell:
    value = new.get("userEnteredValue")
    if value and "userEnteredValue" in mask:
        _check_text(value)
    merged = masks.overlay(old, new, mask)
    if merged.get("note") == "":
        del merged["note"]
    if "userEnteredValue" in mask and "textFormatRuns" not in mask:
        merged.pop("textFormatRuns", None)
    return merged


def _check_text(value: Mapping[str, object]) -> None:
    text = str(value.get("stringValue") or value.get("formulaValue") or "")
    if len(text) > TEXT_LIMIT // 2 and len(text.encode("utf-16-le")) // 2 > TEXT_LIMIT:
        raise Invalid(
            f"Your input contains more than the maximum of {TEXT_LIMIT} characters in a single cell."
        )


def _cell_mask(body: Json) -> masks.Mask:
    if not body.get("fields"):
        raise Invalid("At least one field must be listed in 'fields'. (use '*' to indicate all fields)")
    return masks.expand(masks.parse(body["fields"]), MESSAGES["CellData"], "CellData")


def _check_extent(rows: list[list[Cell]], area: Area) -> None:
    """Row and column numbers in these refusals are counted from 0, as Google counts them."""
    if len(rows) > area.bottom - area.top:
        raise Invalid(
            f"Attempting to write row: {area.bottom}, beyond the last requested row of: {area.bottom - 1}"
        )
    if any(len(row) > area.right - area.left for row in rows):
        raise Invalid(
            f"Attempting to write column: {area.right}, beyond the last requested column of: {area.right - 1}"
        )


def _uncovered(tab: Tab, area: Area, rows: list[list[Cell]]) -> Iterator[tuple[int, int]]:
    """The places of the range that `rows` says nothing about and that hold anything."""
    for row in [row for row in tab.rows if area.top <= row < area.bottom]:
        number = row - area.top
        covered = area.left + (len(rows[number]) if number < len(rows) else 0)
        for column in [c for c in tab.rows[row] if covered <= c < area.right]:
            yield row, column
