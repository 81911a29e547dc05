"""The page that shows a spreadsheet as its owner would see it, and keeps itself up to date."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request

from sandbox.google.book import Book, Cell, Json, Row, Tab
from sandbox.google.charts import charts, rows_under
from sandbox.google.drive import Drive, File
from sandbox.google.errors import NotFound
from sandbox.google.reading import effective
from sandbox.google.styles import conditional, look

_COLUMN_PIXELS = 100
_NO_CELLS: Row = {}


def blueprint(drive: Drive) -> Blueprint:
    """The list of spreadsheets, the page of one, and the state it asks for every second."""
    routes = Blueprint("page", __name__, template_folder="templates", static_folder="static")

    @routes.get("/")
    def spreadsheets() -> str:
        listed = [(key, file.latest.book.properties["title"]) for key, file in drive.files.items()]
        return render_template("spreadsheets.html", spreadsheets=listed)

    @routes.get("/spreadsheets/d/<spreadsheet_id>")
    @routes.get("/spreadsheets/d/<spreadsheet_id>/edit")
    def spreadsheet(spreadsheet_id: str) -> str:
        title = _file(drive, spreadsheet_id).latest.book.properties["title"]
        return render_template("spreadsheet.html", title=title, spreadsheet_id=spreadsheet_id)

    @routes.get("/spreadsheets/d/<spreadsheet_id>/state")
    def state(spreadsheet_id: str) -> Response:
        since = request.args.get("since", default=0, type=int)
        tab_since = request.args.get("tab_since", default=since, type=int)
        tab_id = request.args.get("tab", type=int)
        seen = page_state(_file(drive, spreadsheet_id), tab_id, since, tab_since)
        text = json.dumps(seen, ensure_ascii=False, separators=(",", ":"))
        return Response(text, content_type="application/json; charset=UTF-8")

    return routes


def _file(drive: Drive, spreadsheet_id: str) -> File:
    try:
        return drive.file(spreadsheet_id)
    except NotFound:
        abort(404)


def page_state(file: File, tab_id: int | None, since: int, tab_since: int) -> Json:
    """All tabs in outline, and of one tab the cells that changed since the page last saw it.

    `since` is the version the page knows of the spreadsheet, `tab_since` of the open tab: a version
    that is no longer kept brings the tab whole.
    """
    latest = file.latest
    book = latest.book
    known = file.at(since)
    visible = [tab for tab in book.tabs if not tab.properties.get("hidden")]
    chosen = next((tab for tab in visible if tab.sheet_id == tab_id), visible[0])
    seen = file.at(tab_since) if tab_since else None
    before = _same_tab(seen, chosen)
    zone = ZoneInfo(book.properties["timeZone"])
    return {
        "revision": latest.number,
        "saved": f"{datetime.fromtimestamp(latest.at, UTC).astimezone(zone):%d.%m.%Y %H:%M:%S}",
        "author": latest.author,
        "title": book.properties["title"],
        "status": file.status,
        "tabs": [_outline(tab, known) for tab in visible],
        "tab": chosen.sheet_id,
        "whole": before is None,
        "charts": _charts(book, chosen, seen, before),
        **_cells(book, chosen, before),
    }


def _same_tab(book: Book | None, tab: Tab) -> Tab | None:
    """The tab in that version, if its cells can be compared one by one."""
    tabs = book.tabs if book else []
    return next((t for t in tabs if t.sheet_id == tab.sheet_id and t.rules == tab.rules), None)


def _charts(book: Book, tab: Tab, seen: Book | None, before: Tab | None) -> list[Json] | None:
    """What hangs over the tab; None, where it hangs there as it did."""
    if book is seen:
        return None
    now = charts(book, tab)
    return None if seen and before and charts(seen, before) == now else now


def _outline(tab: Tab, known: Book | None) -> Json:
    old = next((t for t in known.tabs if t.sheet_id == tab.sheet_id), None) if known else None
    grid = tab.properties["gridProperties"]
    widths = {
        column: 0 if size.get("hiddenByUser") else size.get("pixelSize", _COLUMN_PIXELS)
        for column, size in tab.column_sizes.items()
        if column < tab.column_count
    }
    return {
        "id": tab.sheet_id,
        "title": tab.title,
        "rows": tab.row_count,
        "columns": tab.column_count,
        "usedRows": max(_used_rows(tab), rows_under(tab)),
        "usedColumns": max((max(cells) for cells in tab.rows.values() if cells), default=-1) + 1,
        "frozenRows": grid.get("frozenRowCount", 0),
        "frozenColumns": grid.get("frozenColumnCount", 0),
        "widths": widths,
        "heights": {row: size["pixelSize"] for row, size in tab.row_sizes.items() if "pixelSize" in size},
        "changed": old is not None and next(_changed(tab, old), None) is not None,
    }


def _used_rows(tab: Tab) -> int:
    """Rows down to the last value; a format alone does not make a row used."""
    for row in sorted(tab.rows, reverse=True):
        if any("userEnteredValue" in cell for cell in tab.rows[row].values()):
            return row + 1
    return 0


def _changed(tab: Tab, old: Tab | None) -> Iterator[tuple[int, int, Cell]]:
    """The cells that differ; rows that both versions share are not looked into."""
    before = old.rows if old else {}
    for row in sorted(tab.rows.keys() | before.keys()):
        now, then = tab.rows.get(row, _NO_CELLS), before.get(row, _NO_CELLS)
        if now is then:
            continue
        for column in sorted(now.keys() | then.keys()):
            cell = now.get(column, {})
            if cell != then.get(column, {}):
                yield row, column, cell


def _cells(book: Book, tab: Tab, before: Tab | None) -> Json:
    """Each cell as [row, column, text, number of its style, content, note]."""
    styles: dict[str, int] = {}
    found: list[list[Any]] = []
    style_of = _remembered(styles)
    for row, column, cell in _changed(tab, before):
        value = effective(book, tab, cell)
        shown, css = look(cell, value, book.properties["locale"])
        over = conditional(book, tab, row, column, value) if tab.rules else ""
        formula = cell.get("userEnteredValue", {}).get("formulaValue", "")
        line = [row, column, shown.text, style_of(f"{css};{over}".strip(";")), formula, cell.get("note", "")]
        found.append(line if line[-1] or line[-2] else line[:4])
    return {"cells": found, "styles": list(styles)}


def _remembered(styles: dict[str, int]) -> Callable[[str], int]:
    return lambda css: styles.setdefault(css, len(styles))
