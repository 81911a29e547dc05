"""The page draws the charts that the spreadsheet holds, from the cells as they stand there."""

import re
from typing import Any

import pytest

from exports.charts import chart_place, chart_spec
from exports.overlay import Chart, Series
from exports.plan import FIRST_ROW, HEADER_ROW
from sandbox.google.drawing import ticks
from sandbox.google.server import GoogleServer
from tests.test_sandbox_google_page import put, state

pytest_plugins = ["tests.google_fixtures"]

Json = dict[str, Any]
TURNOVER = Series(1, "#3C78D8", is_line=False)
PLAN = Series(2, "#E69138", is_line=True)
CHART = Chart("turnover", "Оборот & план", 3, 0, (TURNOVER, PLAN), 30, 8, 620, 300)
MONEY = {"numberFormat": {"type": "NUMBER", "pattern": '#,##0" ₽"'}}
LABELS = ("Месяц", "Оборот", "План")
FIGURES = (("07.2026", 1_000_000, 1_500_000), ("08.2026", -500_000, 1_500_000), ("09.2026", 2_000_000, None))


@pytest.fixture
def sheet_id(server: GoogleServer, sheet: str) -> int:
    """A tab with figures and the chart over them, as the exporter asks for it."""
    number = server.book(sheet).tabs[0].sheet_id
    cells = [put(label, HEADER_ROW, column, number) for column, label in enumerate(LABELS)]
    for row, (month, *amounts) in enumerate(FIGURES, FIRST_ROW):
        cells.append(put(month, row, 0, number))
        for column, amount in enumerate(amounts, 1):
            if amount is not None:
                cells.append(put(amount, row, column, number, userEnteredFormat=MONEY))
    server.edit(sheet, *cells, add(CHART, number))
    return number


def add(chart: Chart, number: int) -> Json:
    place = chart_place(chart, number)
    return {"addChart": {"chart": {"chartId": 7, "spec": chart_spec(chart, number), "position": place}}}


def drawn(server: GoogleServer, sheet: str) -> str:
    [chart] = state(server, sheet)["charts"]
    return str(chart["svg"])


def test_a_chart_shows_its_title_figures_months_and_names(
    server: GoogleServer, sheet: str, sheet_id: int
) -> None:
    seen = state(server, sheet)

    [chart] = seen["charts"]
    picture = chart["svg"]
    assert (chart["row"], chart["column"], chart["left"], chart["top"]) == (30, 0, 8, 0)
    assert 'width="620" height="300"' in picture
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    assert texts[0] == "Оборот &amp; план"
    assert texts[1:5] == ["-500\u00a0000 ₽", "0 ₽", "500\u00a0000 ₽", "1\u00a0000\u00a0000 ₽"]
    assert texts[-5:] == ["07.2026", "08.2026", "09.2026", "Оборот", "План"]
    assert seen["tabs"][0]["usedRows"] == 30 + 15  # the rows that the chart covers are there to scroll to


def test_columns_stand_on_nought_and_a_line_ends_where_figures_end(
    server: GoogleServer, sheet: str, sheet_id: int
) -> None:
    picture = drawn(server, sheet)

    columns = re.findall(
        r'<rect x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="#3c78d8"', picture
    )
    columns = columns[:-1]  # the last is the sign before the name
    (first, down, highest) = [(float(y), float(y) + float(height)) for _, y, height in columns]
    assert first[1] == pytest.approx(down[0], abs=0.2)  # what is negative hangs where the others stand
    assert highest[1] == pytest.approx(first[1], abs=0.2)
    assert (highest[1] - highest[0]) == pytest.approx(4 * (down[1] - down[0]), abs=0.5)
    [line] = re.findall(r'<path d="([^"]*)" fill="none" stroke="#e69138"', picture)
    assert line.count("M") == 1
    assert line.count("L") == 1


def test_only_a_change_of_its_cells_draws_a_chart_again(
    server: GoogleServer, sheet: str, sheet_id: int
) -> None:
    seen, before = state(server, sheet)["revision"], drawn(server, sheet)

    server.edit(sheet, put("заметка", 50, 5, sheet_id))
    unchanged = state(server, sheet, since=seen)["charts"]
    server.edit(sheet, put(3_000_000, FIRST_ROW + 2, 1, sheet_id))

    assert unchanged is None
    assert state(server, sheet, since=seen)["charts"][0]["svg"] != before
    latest = server.revision(sheet)
    assert state(server, sheet, since=latest)["charts"] is None


def test_what_people_do_to_a_chart_is_seen(server: GoogleServer, sheet: str, sheet_id: int) -> None:
    seen = server.revision(sheet)

    server.edit(sheet, {"deleteEmbeddedObject": {"objectId": 7}})

    assert state(server, sheet, since=seen)["charts"] == []


@pytest.mark.parametrize("kind", ["PIE", "none"])
def test_a_chart_without_figures_or_of_another_kind_says_so(
    server: GoogleServer, sheet: str, kind: str
) -> None:
    number = server.book(sheet).tabs[0].sheet_id
    request = add(CHART, number)
    if kind == "PIE":
        request["addChart"]["chart"]["spec"] = {"title": "Оборот & план", "pieChart": {}}
    server.edit(sheet, request)

    picture = drawn(server, sheet)

    assert "Оборот &amp; план" in picture
    assert "нет данных" in picture
    assert "<path" not in picture


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 0, (0, 1)),
        (0, 130, (0, 50, 100, 150)),
        (-300, 1_500, (-500, 0, 500, 1_000, 1_500)),
        (-4, -0, (-4, -3, -2, -1, 0)),
    ],
)
def test_the_axis_has_round_figures(low: float, high: float, marks: tuple[float, ...]) -> None:
    assert ticks(low, high) == pytest.approx(marks)
