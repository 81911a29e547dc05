"""The values collection: plain lists of cell contents, read and written by range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.google.areas import Area, address, letters
from sandbox.google.book import Book, Cell, Json, Tab
from sandbox.google.errors import Invalid, Malformed, NotOffered
from sandbox.google.formatter import display
from sandbox.google.kinds.content import write
from sandbox.google.kinds.metadata import stretch_area
from sandbox.google.protection import Editor, guard
from sandbox.google.reading import effective

_VALUE_ONLY: Json = {"userEnteredValue": {}}


def get(book: Book, a1: str, query: Mapping[str, str]) -> Json:
    """A ValueRange: clamped to the grid, without the empty ends, gaps as empty texts."""
    tab, area = book.locate(a1)
    if area.top >= tab.row_count or area.left >= tab.column_count:
        tab.inside(area)
    return value_range(book, tab, area.common(tab.grid), query)


def value_range(book: Book, tab: Tab, area: Area, query: Mapping[str, str]) -> Json:
    render = query.get("valueRenderOption", "FORMATTED_VALUE")
    dates = query.get("dateTimeRenderOption", "SERIAL_NUMBER")
    lines = [
        _trimmed(
            [
                _shown(book, tab, tab.cell(row, column), render, dates)
                for column in range(area.left, area.right)
            ]
        )
        for row in range(area.top, min(area.bottom, max(tab.rows, default=-1) + 1))
    ]
    while lines and not lines[-1]:
        lines.pop()
    major = query.get("majorDimension", "ROWS")
    if major == "COLUMNS" and lines:
        width = max(len(line) for line in lines)
        padded = [line + [""] * (width - len(line)) for line in lines]
        lines = [_trimmed(list(column)) for column in zip(*padded, strict=True)]
    reply: Json = {"range": address(tab.title, area), "majorDimension": major}
    return {**reply, "values": lines} if lines else reply


def _trimmed(line: list[Any]) -> list[Any]:
    while line and line[-1] == "":
        line.pop()
    return line


def _shown(book: Book, tab: Tab, cell: Cell, render: str, dates: str) -> Any:
    entered = cell.get("userEnteredValue", {})
    if render == "FORMULA" and "formulaValue" in entered:
        return entered["formulaValue"]
    value = effective(book, tab, cell)
    if not value:
        return ""
    number_format = cell.get("userEnteredFormat", {}).get("numberFormat")
    is_date = bool(number_format) and number_format["type"] in ("DATE", "TIME", "DATE_TIME")
    as_text = render == "FORMATTED_VALUE" or "errorValue" in value
    if as_text or (is_date and dates == "FORMATTED_STRING"):
        return display(value, number_format, book.properties["locale"]).text
    return next(iter(value.values()))


def update(book: Book, editor: Editor, a1: str, body: Json, option: str | None) -> tuple[Book, Json, Area]:
    """Write by A1 range; the reply names the part that the values really covered."""
    draft = book.draft()
    tab, area = draft.locate(a1)
    _check_option(option)
    reply, written = _write(draft, editor, (tab, area), body)
    return draft, reply, written


def batch_update(book: Book, editor: Editor, body: Json) -> tuple[Book, Json]:
    """values:batchUpdate and its data-filter twin: all ranges are written, or none is."""
    _check_option(body.get("valueInputOption"))
    draft = book.draft()
    responses: list[Json] = []
    sheets: set[int] = set()
    rows: set[tuple[int, int]] = set()
    columns: set[tuple[int, int]] = set()
    for number, item in enumerate(body.get("data", [])):
        try:
            tab, area = _target(draft, item)
            reply, written = _write(draft, editor, (tab, area), item)
        except Invalid as refusal:
            raise refusal.within(f"data[{number}]") from None
        if "dataFilter" in item:
            reply["dataFilter"] = item["dataFilter"]
        else:
            reply["spreadsheetId"] = book.spreadsheet_id
        responses.append(reply)
        sheets.add(tab.sheet_id)
        rows.update((tab.sheet_id, row) for row in range(written.top, written.bottom))
        columns.update((tab.sheet_id, column) for column in range(written.left, written.right))
    totals = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(reply.get("updatedCells", 0) for reply in responses),
        "totalUpdatedSheets": len(sheets),
    }
    return draft, {
        "spreadsheetId": book.spreadsheet_id,
        **{name: total for name, total in totals.items() if total},
        "responses": responses,
    }


def _target(book: Book, item: Json) -> tuple[Tab, Area]:
    if "dataFilter" not in item:
        return book.locate(item.get("range", ""))
    data_filter = item["dataFilter"]
    if "a1Range" in data_filter:
        return book.locate(data_filter["a1Range"])
    if "gridRange" in data_filter:
        tab = book.tab(data_filter["gridRange"].get("sheetId", 0))
        return tab, tab.area(data_filter["gridRange"])
    lookup = data_filter.get("developerMetadataLookup", {})
    for key, metadata in book.metadata.items():
        if key == lookup.get("metadataId") or metadata["metadataKey"] == lookup.get("metadataKey"):
            sheet_id, area = stretch_area(book, metadata["location"])
            return book.tab(sheet_id), area
    raise Invalid("No developer metadata matched the data filter.")


def clear(book: Book, editor: Editor, ranges: list[str]) -> tuple[Book, list[str]]:
    """Take the values out of the ranges; formats, notes and validation stay."""
    draft = book.draft()
    cleared = []
    for a1 in ranges:
        tab, area = draft.locate(a1)
        if area.top >= tab.row_count or area.left >= tab.column_count:
            tab.inside(area)
        tab, area = draft.edit(tab.sheet_id), area.common(tab.grid)
        guard(tab, editor, area)
        for row in [row for row in tab.rows if area.top <= row < area.bottom]:
            for column in [c for c in tab.rows[row] if area.left <= c < area.right]:
                write(tab, row, column, {}, _VALUE_ONLY)
        cleared.append(address(tab.title, area))
    return draft, cleared


def _write(draft: Book, editor: Editor, target: tuple[Tab, Area], item: Json) -> tuple[Json, Area]:
    """null leaves a cell as it is, an empty text clears it, everything else is stored as it comes."""
    tab, area = target
    lines = _lines(item)
    if item.get("majorDimension") == "COLUMNS":
        height = max((len(line) for line in lines), default=0)
        lines = [[line[i] if i < len(line) else None for line in lines] for i in range(height)]
    width = max((len(line) for line in lines), default=0)
    if area.bottom - area.top > 1 or area.right - area.left > 1:
        _check_extent(tab, area, len(lines), width)
    written = tab.inside(Area(area.top, area.top + max(1, len(lines)), area.left, area.left + max(1, width)))
    tab = draft.edit(tab.sheet_id)
    guard(tab, editor, written)
    touched: set[tuple[int, int]] = set()
    for number, line in enumerate(lines):
        for offset, value in enumerate(line):
            if value is not None:
                write(tab, area.top + number, area.left + offset, _cell(value), _VALUE_ONLY)
                touched.add((number, offset))
    reply: Json = {"updatedRange": address(tab.title, written)}
    counts = {
        "updatedRows": len({row for row, _ in touched}),
        "updatedColumns": len({column for _, column in touched}),
        "updatedCells": len(touched),
    }
    return {**reply, **{name: count for name, count in counts.items() if count}}, written


def _check_extent(tab: Tab, area: Area, height: int, width: int) -> None:
    """A single cell is a starting point; a larger range must hold everything."""
    beyond = ""
    if height > area.bottom - area.top:
        beyond = f"row [{area.bottom + 1}]"
    elif width > area.right - area.left:
        beyond = f"column [{letters(area.right)}]"
    if beyond:
        where = address(tab.title, area)
        raise Invalid(f"Requested writing within range [{where}], but tried writing to {beyond}")


def _lines(item: Json) -> list[list[Any]]:
    lines: list[list[Any]] = item.get("values", [])
    for number, line in enumerate(lines):
        if not isinstance(line, list):
            raise Malformed(
                f"data.values[{number}]",
                f"Invalid value at 'data.values[{number}]' (type.googleapis.com/google.protobuf.ListValue), "
                f'"{line}"',
            )
    return lines


def _check_option(option: str | None) -> None:
    if option is None:
        raise Invalid("'valueInputOption' is required but not specified")
    if option != "RAW":
        raise NotOffered(
            f"valueInputOption {option} is refused here: texts would be read as formulas and dates."
        )


def _cell(value: Any) -> Json:
    if value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return {"userEnteredValue": {"numberValue": value}}
    if isinstance(value, str):
        return {"userEnteredValue": {"stringValue": value}}
    raise Invalid(f"Invalid values[0][0]: {type(value).__name__}_value is not a value of a cell")
