"""The stand-in's batchUpdate: what the exporter's safety rests on must hold here as it does at Google."""

from contextlib import suppress
from typing import Any

import pytest

from sandbox.google import GoogleServer
from sandbox.google.batch import KINDS
from sandbox.google.errors import ApiError, Invalid

Json = dict[str, Any]
ROBOT = "robot@sandbox.iam.gserviceaccount.com"


@pytest.fixture
def google() -> GoogleServer:
    """The state alone: no port is opened."""
    return GoogleServer(quotas=False)


@pytest.fixture
def book(google: GoogleServer) -> str:
    """A spreadsheet with the tabs Продажи (102) and Сводка (101)."""
    made = google.create_spreadsheet("Показатели", share={ROBOT: "writer"})
    google.edit(made, add_tab(102, "Продажи", rows=10, columns=5), add_tab(101, "Сводка", rows=10, columns=5))
    return made


def add_tab(sheet_id: int, title: str, rows: int = 10, columns: int = 5) -> Json:
    grid = {"rowCount": rows, "columnCount": columns}
    return {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}}


def cells(*values: Any) -> Json:
    """A RowData; None is an empty cell."""
    kinds = {str: "stringValue", int: "numberValue", float: "numberValue", bool: "boolValue"}
    return {
        "values": [
            {} if value is None else {"userEnteredValue": {kinds[type(value)]: value}} for value in values
        ]
    }


def area(top: int, bottom: int, left: int, right: int, sheet_id: int = 102) -> Json:
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def write(grid_range: Json, *rows: Json, fields: str = "userEnteredValue") -> Json:
    return {"updateCells": {"range": grid_range, "rows": list(rows), "fields": fields}}


def formula(text: str, row: int = 0, column: int = 0, sheet_id: int = 101) -> Json:
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    value = {"userEnteredValue": {"formulaValue": text}}
    return {"updateCells": {"start": start, "rows": [{"values": [value]}], "fields": "userEnteredValue"}}


def test_a_batch_with_one_bad_request_changes_nothing(google: GoogleServer, book: str) -> None:
    before = google.revision(book)

    with pytest.raises(Invalid, match=r"Invalid requests\[1\]\.updateCells: Range \('Продажи'!A1:E11\)"):
        google.edit(book, write(area(0, 1, 0, 1), cells("новое")), write(area(0, 11, 0, 5)))

    assert google.values(book, "Продажи") == []
    assert google.revision(book) == before


def test_an_earlier_version_is_not_touched_by_a_later_write(google: GoogleServer, book: str) -> None:
    google.edit(book, write(area(0, 2, 0, 2), cells("a", 1), cells("b", 2)))
    kept = google.revision(book)

    google.edit(book, write(area(0, 2, 0, 2), cells("a", 5)))

    assert [dict(row) for row in google.book(book, kept).tab(102).rows.values()] == [
        {0: {"userEnteredValue": {"stringValue": "a"}}, 1: {"userEnteredValue": {"numberValue": 1}}},
        {0: {"userEnteredValue": {"stringValue": "b"}}, 1: {"userEnteredValue": {"numberValue": 2}}},
    ]
    assert google.values(book, "Продажи") == [["a", 5]]


def test_later_requests_of_a_batch_see_what_earlier_ones_did(google: GoogleServer, book: str) -> None:
    google.edit(
        book,
        add_tab(103, "Новая", rows=2, columns=2),
        {"appendDimension": {"sheetId": 103, "dimension": "ROWS", "length": 1}},
        write(area(2, 3, 0, 2, 103), cells("третья", 3)),
    )

    assert google.values(book, "Новая") == [[], [], ["третья", 3]]


@pytest.mark.parametrize(
    ("request_body", "words"),
    [
        (write(area(0, 3, 0, 6)), "exceeds grid limits. Max rows: 10, max columns: 5"),
        (write(area(0, 1, 0, 1), cells(1), cells(2)), "Attempting to write row: 1, beyond the last"),
        (write(area(0, 1, 0, 1), cells(1, 2)), "Attempting to write column: 1, beyond the last"),
        (write({"sheetId": 999}), "No grid with id: 999"),
        (write(area(0, 1, 0, 1), cells("ё" * 50_001)), "more than the maximum of 50000 characters"),
        (write(area(0, 1, 0, 1), cells("😀" * 25_001)), "more than the maximum of 50000 characters"),
        (write(area(0, 1, 0, 1), fields=""), "At least one field must be listed"),
        (write(area(0, 1, 0, 1), fields="row.values.note"), "Invalid field: row"),
        (add_tab(104, "Огромная", rows=400_000, columns=26), "above the limit of 10000000 cells"),
        (
            {"appendDimension": {"sheetId": 102, "dimension": "ROWS", "length": 2_000_000}},
            "above the limit of 10000000 cells",
        ),
        (add_tab(102, "Другая"), "already exists"),
        (add_tab(105, "ПРОДАЖИ"), 'A sheet with the name "ПРОДАЖИ" already exists'),
    ],
)
def test_limits_are_enforced(google: GoogleServer, book: str, request_body: Json, words: str) -> None:
    with pytest.raises(Invalid, match=r"^Invalid requests") as refused:
        google.edit(book, request_body)

    assert words in refused.value.message


def test_a_text_at_the_limit_is_taken(google: GoogleServer, book: str) -> None:
    google.edit(book, write(area(0, 1, 0, 1), cells("ё" * 50_000)))

    assert len(google.values(book, "Продажи!A1")[0][0]) == 50_000


def test_cells_of_the_range_that_no_row_covers_lose_only_the_masked_fields(
    google: GoogleServer, book: str
) -> None:
    google.edit(book, write(area(0, 3, 0, 2), cells("a", 1), cells("b", 2), cells("c", 3)))
    google.edit(book, write(area(2, 3, 0, 1), {"values": [{"note": "заметка"}]}, fields="note"))

    google.edit(book, write(area(0, 3, 0, 2), cells("новая"), cells(None, 7)))

    assert google.values(book, "Продажи") == [["новая"], ["", 7]]
    assert google.cell(book, "Продажи!A3") == {"note": "заметка"}


def test_with_start_only_the_given_cells_change(google: GoogleServer, book: str) -> None:
    google.edit(book, write(area(0, 2, 0, 2), cells("a", 1), cells("b", 2)))

    start = {"sheetId": 102, "rowIndex": 0, "columnIndex": 0}
    google.edit(book, {"updateCells": {"start": start, "rows": [cells("x")], "fields": "userEnteredValue"}})

    assert google.values(book, "Продажи") == [["x", 1], ["b", 2]]


def test_a_masked_field_that_is_absent_is_reset(google: GoogleServer, book: str) -> None:
    bold_red = {
        "userEnteredFormat": {
            "textFormat": {"bold": True, "italic": True},
            "numberFormat": {"type": "NUMBER", "pattern": "0"},
        }
    }
    everywhere = area(0, 1, 0, 1)
    google.edit(book, {"repeatCell": {"range": everywhere, "cell": bold_red, "fields": "userEnteredFormat"}})

    plain: Json = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    fields = "userEnteredFormat(textFormat/italic,numberFormat)"
    google.edit(book, {"repeatCell": {"range": everywhere, "cell": plain, "fields": fields}})

    assert google.cell(book, "Продажи!A1") == {"userEnteredFormat": {"textFormat": {"bold": True}}}


def test_writing_values_leaves_notes_formats_validation_widths_and_filters(
    google: GoogleServer, book: str
) -> None:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "да"}]}, "strict": True}
    shape = {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "без НДС"}
    columns = {"sheetId": 102, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    google.edit(
        book,
        {"repeatCell": {"range": area(0, 1, 0, 1), "cell": shape, "fields": "userEnteredFormat,note"}},
        {"setDataValidation": {"range": area(0, 1, 0, 1), "rule": rule}},
        {
            "setBasicFilter": {
                "filter": {"range": area(0, 5, 0, 2), "criteria": {"0": {"hiddenValues": ["x"]}}}
            }
        },
        {
            "updateDimensionProperties": {
                "range": columns,
                "properties": {"pixelSize": 240},
                "fields": "pixelSize",
            }
        },
    )
    before = google.book(book).tab(102)

    google.edit(book, write({"sheetId": 102}, cells("новое", 5)))

    after = google.book(book).tab(102)
    assert google.cell(book, "Продажи!A1") == {
        **shape,
        "dataValidation": rule,
        "userEnteredValue": {"stringValue": "новое"},
    }
    assert after.basic_filter == before.basic_filter
    assert after.column_sizes == {0: {"pixelSize": 240}}


def test_a_text_that_looks_like_a_formula_stays_a_text(google: GoogleServer, book: str) -> None:
    hostile = ["=IMPORTXML(1)", "+7 916", "-5", "@x", "0050", "'quoted"]

    google.edit(book, write(area(0, 6, 0, 1), *(cells(text) for text in hostile)))

    assert [row[0] for row in google.values(book, "Продажи")] == hostile


def test_deleting_rows_breaks_what_points_at_them_and_carries_the_rest(
    google: GoogleServer, book: str
) -> None:
    bold = {"booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}}
    google.edit(
        book,
        formula("=SUM('Продажи'!A1:A10)+'Продажи'!$B$3"),
        formula("='Продажи'!A9*2", row=1),
        formula("=SUM('Продажи'!A3:A4)", row=2),
        {"addNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "хвост", "range": area(6, 9, 0, 1)}}},
        {
            "addNamedRange": {
                "namedRange": {"namedRangeId": "n2", "name": "голова", "range": area(2, 4, 0, 1)}
            }
        },
        {"addConditionalFormatRule": {"index": 0, "rule": {"ranges": [area(0, 8, 0, 1)], **bold}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 5, "range": area(5, 10, 0, 5)}}},
    )

    rows = {"sheetId": 102, "dimension": "ROWS", "startIndex": 2, "endIndex": 4}
    google.edit(book, {"deleteDimension": {"range": rows}})

    after = google.book(book)
    assert google.cell(book, "Сводка!A1")["userEnteredValue"] == {
        "formulaValue": "=SUM('Продажи'!A1:A8)+#REF!"
    }
    assert google.cell(book, "Сводка!A2")["userEnteredValue"] == {"formulaValue": "='Продажи'!A7*2"}
    assert google.cell(book, "Сводка!A3")["userEnteredValue"] == {"formulaValue": "=SUM(#REF!)"}
    assert {key: item["range"]["startRowIndex"] for key, item in after.named.items()} == {"n1": 4}
    assert after.tab(102).rules[0]["ranges"] == [area(0, 6, 0, 1)]
    assert after.tab(102).protected[5]["range"] == area(3, 8, 0, 5)
    assert after.tab(102).row_count == 8


def test_inserting_and_renaming_carry_formulas_of_other_tabs(google: GoogleServer, book: str) -> None:
    google.edit(book, formula("=SUM('Продажи'!B2:B9)-'Продажи'!B1"))

    columns = {"sheetId": 102, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
    renamed = {"properties": {"sheetId": 102, "title": "Sales"}, "fields": "title"}
    google.edit(book, {"insertDimension": {"range": columns}}, {"updateSheetProperties": renamed})

    assert google.cell(book, "Сводка!A1")["userEnteredValue"] == {
        "formulaValue": "=SUM(Sales!D2:D9)-Sales!D1"
    }


def test_deleting_a_tab_breaks_the_formulas_that_point_at_it(google: GoogleServer, book: str) -> None:
    google.edit(book, formula("='Продажи'!A1+1"))

    google.edit(book, {"deleteSheet": {"sheetId": 102}})

    assert google.cell(book, "Сводка!A1")["userEnteredValue"] == {"formulaValue": "=#REF!+1"}
    assert google.values(book, "Сводка!A1", shown=True) == [["#REF!"]]


def test_protection_holds_for_writers_who_are_not_named(google: GoogleServer, book: str) -> None:
    protected = {"range": {"sheetId": 102}, "unprotectedRanges": [area(0, 10, 3, 5)]}
    google.edit(book, {"addProtectedRange": {"protectedRange": protected}})

    google.edit(book, write(area(0, 1, 3, 4), cells("можно")), by=ROBOT)
    for forbidden in (
        write(area(0, 1, 2, 4), cells("нельзя", "x")),
        {"deleteDimension": {"range": {"sheetId": 102, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}}},
        {"updateSheetProperties": {"properties": {"sheetId": 102, "title": "Моё"}, "fields": "title"}},
        {"deleteSheet": {"sheetId": 102}},
    ):
        with pytest.raises(Invalid, match="protected cell or object"):
            google.edit(book, forbidden, by=ROBOT)
    google.edit(book, write(area(0, 1, 0, 1), cells("владелец")))

    assert google.values(book, "Продажи") == [["владелец", "", "", "можно"]]


def test_a_second_protection_of_a_whole_tab_is_refused(google: GoogleServer, book: str) -> None:
    protect = {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 102}}}}
    google.edit(book, protect, by=ROBOT)

    google.edit(book, write(area(0, 1, 0, 1), cells("своё")), by=ROBOT)
    with pytest.raises(Invalid, match='Sheet "Продажи" already has sheet protection'):
        google.edit(book, protect, by=ROBOT)


def test_rules_have_no_identity_and_pile_up(google: GoogleServer, book: str) -> None:
    rule = {
        "ranges": [area(0, 1, 0, 1)],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}},
    }

    for _ in range(2):
        assert google.edit(book, {"addConditionalFormatRule": {"rule": rule, "index": 0}}) == [{}]

    assert len(google.book(book).tab(102).rules) == 2


def test_metadata_is_found_by_key_changed_and_dies_with_its_tab(google: GoogleServer, book: str) -> None:
    def metadata(key: int, value: str, location: Json) -> Json:
        body = {"metadataId": key, "metadataKey": "table", "metadataValue": value, "location": location}
        return {"createDeveloperMetadata": {"developerMetadata": {**body, "visibility": "DOCUMENT"}}}

    google.edit(book, metadata(9, "sales", {"sheetId": 102}), metadata(8, "book", {"spreadsheet": True}))
    reply = google.edit(
        book,
        {
            "updateDeveloperMetadata": {
                "dataFilters": [{"developerMetadataLookup": {"metadataId": 9}}],
                "developerMetadata": {"metadataValue": "продажи"},
                "fields": "metadataValue",
            }
        },
    )
    changed = reply[0]["updateDeveloperMetadata"]["developerMetadata"]
    with pytest.raises(Invalid, match="already exists"):
        google.edit(book, metadata(9, "again", {"sheetId": 101}))
    google.edit(book, {"deleteSheet": {"sheetId": 102}})

    assert [(item["metadataId"], item["metadataValue"]) for item in changed] == [(9, "продажи")]
    assert changed[0]["location"] == {"locationType": "SHEET", "sheetId": 102}
    assert set(google.book(book).metadata) == {8}


def test_new_rows_look_like_the_last_one(google: GoogleServer, book: str) -> None:
    shape = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}}}
    whole_column = {"sheetId": 102, "startColumnIndex": 1, "endColumnIndex": 2}
    google.edit(book, {"repeatCell": {"range": whole_column, "cell": shape, "fields": "userEnteredFormat"}})

    google.edit(book, {"appendDimension": {"sheetId": 102, "dimension": "ROWS", "length": 3}})

    assert google.cell(book, "Продажи!B13") == shape
    assert google.cell(book, "Продажи!A13") == {}


def test_an_empty_note_takes_the_note_away(google: GoogleServer, book: str) -> None:
    for note in ("заметка", ""):
        google.edit(book, write(area(0, 1, 0, 1), {"values": [{"note": note}]}, fields="note"))

    assert google.cell(book, "Продажи!A1") == {}


def test_repeated_formulas_follow_their_cells(google: GoogleServer, book: str) -> None:
    value = {"userEnteredValue": {"formulaValue": "=A1*$B$1"}}
    target = area(0, 2, 2, 3)

    google.edit(book, {"repeatCell": {"range": target, "cell": value, "fields": "userEnteredValue"}})

    assert google.cell(book, "Продажи!C2")["userEnteredValue"] == {"formulaValue": "=A2*$B$1"}


def test_moving_a_tab_counts_positions_before_the_move(google: GoogleServer, book: str) -> None:
    move = {"properties": {"sheetId": 0, "index": 2}, "fields": "index"}

    google.edit(book, {"updateSheetProperties": move})

    assert [tab.title for tab in google.book(book).tabs] == ["Продажи", "Лист1", "Сводка"]


def test_values_are_pasted_without_formats(google: GoogleServer, book: str) -> None:
    shape = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    google.edit(
        book,
        write(area(0, 2, 0, 2), cells("a", 1), cells("b", 2)),
        {"repeatCell": {"range": area(0, 2, 0, 2), "cell": shape, "fields": "userEnteredFormat"}},
        {
            "copyPaste": {
                "source": area(0, 2, 0, 2),
                "destination": area(0, 2, 0, 2, 101),
                "pasteType": "PASTE_VALUES",
            }
        },
    )

    assert google.values(book, "Сводка") == [["a", 1], ["b", 2]]
    assert "userEnteredFormat" not in google.cell(book, "Сводка!A1")


def pasted(source: Json, destination: Json, **more: Any) -> Json:
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": "PASTE_VALUES", **more}}


def test_what_is_pasted_is_the_value_and_an_empty_cell_empties(google: GoogleServer, book: str) -> None:
    shape = {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "моё"}
    link = {"userEnteredFormat": {"textFormat": {"link": {"uri": "https://example.com"}}}}
    lines = [{"values": [{"userEnteredValue": {"stringValue": "=1+1"}, **link}, {}]}, cells(True, "0050")]
    google.edit(
        book,
        write(area(0, 2, 0, 2), *lines),
        write(area(2, 3, 0, 1), {"values": [{"userEnteredValue": {"formulaValue": "=LEN(B2)"}}]}),
        write(area(0, 3, 0, 2, 101), cells("было", "было"), cells("было"), cells("было")),
        {"repeatCell": {"range": area(0, 3, 0, 2, 101), "cell": shape, "fields": "userEnteredFormat,note"}},
    )

    google.edit(book, pasted(area(0, 3, 0, 2), area(0, 1, 0, 1, 101)))

    assert google.values(book, "Сводка") == [["=1+1"], [True, "0050"], [4]]
    for place in ("A1", "B1", "A3"):
        pasted_over = dict(google.cell(book, f"Сводка!{place}"))
        pasted_over.pop("userEnteredValue", None)
        assert pasted_over == shape, "formats, links and notes of neither are touched"


def test_a_copy_that_does_not_fit_is_refused(google: GoogleServer, book: str) -> None:
    before = google.revision(book)

    for source, destination, words in (
        (
            area(0, 2, 0, 2),
            area(9_999, 10_000, 0, 1, 101),
            "requests\\[0\\].copyPaste: Range .* exceeds grid",
        ),
        (area(0, 2, 0, 2, 999), area(0, 1, 0, 1), "No grid with id: 999"),
        (area(0, 2, 0, 2), area(0, 1, 0, 1, 999), "No grid with id: 999"),
        (area(0, 0, 0, 2), area(0, 1, 0, 1), "must not be empty"),
    ):
        with pytest.raises(Invalid, match=words):
            google.edit(book, pasted(source, destination))
    for more in ({"pasteType": "PASTE_NORMAL"}, {"pasteOrientation": "TRANSPOSE"}):
        with pytest.raises(Invalid, match="Only pasteType PASTE_VALUES"):
            google.edit(book, pasted(area(0, 1, 0, 1), area(0, 1, 0, 1, 101), **more))
    assert google.revision(book) == before


@pytest.mark.parametrize(
    "request_body",
    [
        {"mergeCells": {"range": area(0, 1, 0, 2)}},
        {"update_cells": {}},
        {"updateCells": {"range": area(0, 1, 0, 1), "fields": "note", "rows": [{"cells": []}]}},
        {"updateCells": {"range": area(0, 1, 0, 1), "fields": "note", "rows": {"values": []}}},
        {"updateCells": {"range": {"sheetId": "102"}, "fields": "note"}},
        {"addSheet": {}, "deleteSheet": {"sheetId": 102}},
        {"repeatCell": {"cell": {"note": "x"}, "fields": "note"}},
        {"appendDimension": {"sheetId": 102, "dimension": "rows", "length": 1}},
        write(
            area(0, 1, 0, 1),
            {"values": [{"userEnteredValue": {"stringValue": "x", "numberValue": 1}}]},
        ),
        {},
    ],
)
def test_what_the_api_does_not_know_is_refused(google: GoogleServer, book: str, request_body: Json) -> None:
    with pytest.raises(ApiError) as refused:
        google.edit(book, request_body)

    assert refused.value.body()["error"]["code"] == 400


def test_every_kind_refuses_an_empty_body_or_lives_with_it(google: GoogleServer, book: str) -> None:
    accepted = []
    for name in KINDS:
        with suppress(Invalid):
            google.edit(book, {name: {}})
            accepted.append(name)

    assert accepted == ["addSheet", "deleteSheet"]


def chart(**spec: Json) -> Json:
    place = {"overlayPosition": {"anchorCell": {"sheetId": 102, "rowIndex": 0, "columnIndex": 0}}}
    return {"addChart": {"chart": {"chartId": 6001, "spec": spec, "position": place}}}


def of_column(*columns: int) -> Json:
    return {"sourceRange": {"sources": [area(0, 4, column, column + 1) for column in columns]}}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"basicChart": {"domains": [{"domain": of_column(0)}]}},
        {"basicChart": {"series": [{"series": of_column(1)}]}},
        {"basicChart": {"domains": [{"domain": of_column(0)}], "series": [{"series": of_column(1, 2)}]}},
        {"basicChart": {"chartType": "FUNNEL"}},
        {"basicChart": {}, "pieChart": {}},
    ],
)
def test_a_chart_that_google_would_not_draw_is_refused(google: GoogleServer, book: str, spec: Json) -> None:
    with pytest.raises((ApiError, Invalid)):
        google.edit(book, chart(**spec))


def test_a_range_that_is_protected_can_be_changed_by_its_number(google: GoogleServer, book: str) -> None:
    ours = {"protectedRangeId": 8, "range": area(0, 2, 0, 2), "warningOnly": True}
    google.edit(book, {"addProtectedRange": {"protectedRange": ours}})
    wider = {"protectedRangeId": 8, "range": {"sheetId": 102, "startColumnIndex": 0, "endColumnIndex": 4}}

    google.edit(book, {"updateProtectedRange": {"protectedRange": wider, "fields": "range"}})

    kept = google.book(book).tab(102).protected[8]
    assert (kept["range"]["endColumnIndex"], kept["warningOnly"]) == (4, True)
    with pytest.raises(Invalid, match="No protected range with id: 9"):
        google.edit(
            book, {"updateProtectedRange": {"protectedRange": {"protectedRangeId": 9}, "fields": "range"}}
        )
