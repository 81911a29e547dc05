"""The page of a spreadsheet: what it is sent, and that it is sent only what changed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.google import GoogleServer

Json = dict[str, Any]
TIMEOUT = 10


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with GoogleServer(quotas=False, keep_revisions=5) as server:
        yield server


@pytest.fixture
def book(google: GoogleServer) -> str:
    return google.create_spreadsheet("Показатели <владельцу>")


def page(google: GoogleServer, path: str, **query: int) -> requests.Response:
    return requests.get(f"{google.url}{path}", params=query, timeout=TIMEOUT)


def state(google: GoogleServer, book: str, **query: int) -> Json:
    found: Json = page(google, f"/spreadsheets/d/{book}/state", **query).json()
    return found


def put(value: Any, row: int = 0, column: int = 0, sheet_id: int = 0, **also: Any) -> Json:
    """A request that writes one cell with everything given."""
    kind = "stringValue" if isinstance(value, str) else "numberValue"
    cell = {"userEnteredValue": {kind: value}, **also}
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    fields = ",".join(cell)
    return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}}


def test_the_page_stands_on_its_own(google: GoogleServer, book: str) -> None:
    answer = page(google, f"/spreadsheets/d/{book}/edit")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>Показатели &lt;владельцу&gt;</title>" in answer.text
    assert '<div id="status"' in answer.text
    linked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert [link for link in linked if link.startswith("/")] == [
        "/static/spreadsheet.css",
        "/static/spreadsheet.js",
    ]
    for link in linked[1:]:
        text = page(google, link).text
        assert text
        assert "://" not in text


def test_all_spreadsheets_are_listed_and_unknown_ones_are_not_found(google: GoogleServer, book: str) -> None:
    assert f"/spreadsheets/d/{book}" in page(google, "/").text
    assert page(google, "/spreadsheets/d/unknown").status_code == 404
    assert page(google, "/spreadsheets/d/unknown/state").status_code == 404


def test_cells_come_as_people_see_them(google: GoogleServer, book: str) -> None:
    money = {"numberFormat": {"type": "NUMBER", "pattern": '#,##0" ₽";[Red]-#,##0" ₽"'}}
    head = {
        "textFormat": {"bold": True},
        "backgroundColorStyle": {"rgbColor": {"red": 1, "green": 0.5}},
        "horizontalAlignment": "CENTER",
        "wrapStrategy": "WRAP",
    }
    google.edit(
        book,
        put("Оборот", userEnteredFormat=head, note="без НДС"),
        put(-1234.5, row=1, userEnteredFormat=money),
    )

    seen = state(google, book)

    assert (seen["whole"], seen["revision"], seen["title"]) == (True, 2, "Показатели <владельцу>")
    (first, second) = seen["cells"]
    assert first[:3] == [0, 0, "Оборот"]
    assert first[5] == "без НДС"
    assert second[:3] == [1, 0, "-1\u00a0235 ₽"]
    assert seen["styles"][first[3]] == (
        "text-align:center;white-space:pre-wrap;background-color:#ff8000;font-weight:700"
    )
    assert seen["styles"][second[3]] == "text-align:right;color:#ff0000"


def test_only_what_changed_is_sent_again(google: GoogleServer, book: str) -> None:
    google.edit(book, *(put(number, row=number) for number in range(50)))
    seen = state(google, book)["revision"]

    google.edit(book, put(7, row=7), put(800, row=8), put(9, row=60))

    later = state(google, book, since=seen)
    assert later["whole"] is False
    assert [cell[:3] for cell in later["cells"]] == [[8, 0, "800"], [60, 0, "9"]]
    assert state(google, book, since=later["revision"])["cells"] == []


def test_a_cleared_cell_is_sent_empty(google: GoogleServer, book: str) -> None:
    google.edit(book, put("x"))
    seen = state(google, book)["revision"]

    google.edit(book, {"updateCells": {"range": {"sheetId": 0}, "fields": "userEnteredValue"}})

    assert [cell[:3] for cell in state(google, book, since=seen)["cells"]] == [[0, 0, ""]]


def test_a_version_that_is_no_longer_kept_brings_the_tab_whole(google: GoogleServer, book: str) -> None:
    for number in range(8):
        google.edit(book, put(number, row=number))

    seen = state(google, book, since=2)

    assert seen["whole"] is True
    assert len(seen["cells"]) == 8


def test_tabs_are_outlined_hidden_ones_left_out_and_changed_ones_marked(
    google: GoogleServer, book: str
) -> None:
    def add(sheet_id: int, **properties: Any) -> Json:
        return {"addSheet": {"properties": {"sheetId": sheet_id, "title": f"Лист {sheet_id}", **properties}}}

    columns = {"sheetId": 5, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    width = {"range": columns, "properties": {"pixelSize": 240}, "fields": "pixelSize"}
    row = columns | {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    height = {"range": row, "properties": {"pixelSize": 4}, "fields": "pixelSize"}
    frozen = {"rowCount": 9, "columnCount": 4, "frozenRowCount": 2, "frozenColumnCount": 1}
    google.edit(
        book,
        add(5, gridProperties=frozen),
        add(6, hidden=True),
        {"updateDimensionProperties": width},
        {"updateDimensionProperties": height},
    )
    seen = state(google, book)["revision"]
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    column = {"sheetId": 5, "startColumnIndex": 1, "endColumnIndex": 2}
    google.edit(
        book,
        put("x", row=3, column=2, sheet_id=5),
        {"repeatCell": {"range": column, "cell": bold, "fields": "userEnteredFormat"}},
    )

    later = state(google, book, since=seen, tab=0)

    assert [(tab["title"], tab["changed"]) for tab in later["tabs"]] == [("Лист1", False), ("Лист 5", True)]
    assert later["tabs"][1] == {
        "id": 5,
        "title": "Лист 5",
        "rows": 9,
        "columns": 4,
        "usedRows": 4,
        "usedColumns": 3,
        "frozenRows": 2,
        "frozenColumns": 1,
        "widths": {"1": 240},
        "heights": {"1": 4},
        "changed": True,
    }
    assert later["cells"] == []
    assert [3, 2, "x"] in [cell[:3] for cell in state(google, book, tab=5)["cells"]]
    assert state(google, book, tab=404)["tab"] == 0


def test_conditional_rules_colour_the_cells_they_meet(google: GoogleServer, book: str) -> None:
    red = {"textFormat": {"foregroundColorStyle": {"rgbColor": {"red": 0.8}}}}
    condition = {"type": "NUMBER_LESS", "values": [{"userEnteredValue": "0"}]}
    rule = {
        "ranges": [{"sheetId": 0, "endColumnIndex": 1}],
        "booleanRule": {"condition": condition, "format": red},
    }
    google.edit(
        book,
        put(-1),
        put(1, row=1),
        put(-1, column=1),
        {"addConditionalFormatRule": {"index": 0, "rule": rule}},
    )

    seen = state(google, book)

    styles = {(cell[0], cell[1]): seen["styles"][cell[3]] for cell in seen["cells"]}
    assert styles == {
        (0, 0): "text-align:right;color:#cc0000",
        (0, 1): "text-align:right",
        (1, 0): "text-align:right",
    }


def test_the_status_lines_are_shown(google: GoogleServer, book: str) -> None:
    google.set_status(book, [("Задержка", "4,2 с"), ("Последнее действие", "Анна: договор")])

    assert google.notes(book) == [("Задержка", "4,2 с"), ("Последнее действие", "Анна: договор")]
    assert state(google, book)["status"] == [["Задержка", "4,2 с"], ["Последнее действие", "Анна: договор"]]


def test_a_large_tab_stays_quick_to_follow(google: GoogleServer, book: str) -> None:
    rows = [{"values": [{"userEnteredValue": {"numberValue": 1}}] * 15}] * 3000
    grid = {"rowCount": 3000, "columnCount": 15}
    google.edit(
        book,
        {"addSheet": {"properties": {"sheetId": 5, "title": "Большая", "gridProperties": grid}}},
        {"updateCells": {"range": {"sheetId": 5}, "rows": rows, "fields": "userEnteredValue"}},
    )
    seen = state(google, book, tab=5)
    google.edit(book, put("x", row=2999, column=14, sheet_id=5))

    answer = page(google, f"/spreadsheets/d/{book}/state", tab=5, since=seen["revision"])

    assert len(seen["cells"]) == 45_000
    assert len(answer.content) < 2_000
    assert answer.elapsed.total_seconds() < 1
