"""Tables typed in a Google spreadsheet: read exactly, answered beside the row, kept when Google fails."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bootstrap import Parts
from config import from_mapping
from connectors.inputs.tables import TABLES
from exports.google import connect
from inputs import Inputs, StaffUnknown
from sandbox.google.server import GoogleServer
from warehouse.inputs import standing
from warehouse.records import replace_snapshot

ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def server() -> Iterator[GoogleServer]:
    with GoogleServer(quotas=False, validate=True) as running:
        yield running


class Desk:
    """A spreadsheet that somebody types in, and the product that reads it."""

    def __init__(self, server: GoogleServer, folder: Path) -> None:
        server.heal()
        self.server = server
        self.spreadsheet = server.create_spreadsheet("Ввод", share={ROBOT: "writer"})
        content = {
            "amocrm": {"url": "http://127.0.0.1:9"},
            "google": {"api_url": server.url, "writes_per_minute": 6000, "reads_per_minute": 6000},
            "inputs": {"spreadsheet": self.spreadsheet},
        }
        key = json.dumps(server.service_account(ROBOT))
        self.parts = Parts(from_mapping(content, folder, {"VITRINA_GOOGLE_KEY": key}, {"inputs"}))
        self.inputs = Inputs(self.parts)
        self.tabs: dict[str, int] = {}

    def type_tab(self, title: str, *rows: Sequence[Any]) -> None:
        if title not in self.tabs:
            self.tabs[title] = 100 + len(self.tabs)
            grid = {"rowCount": 20, "columnCount": 4}
            properties = {"sheetId": self.tabs[title], "title": title, "gridProperties": grid}
            self.server.edit(self.spreadsheet, {"addSheet": {"properties": properties}})
        cells = [{"values": [_cell(value) for value in row]} for row in rows]
        start = {"sheetId": self.tabs[title], "rowIndex": 0, "columnIndex": 0}
        fields = "userEnteredValue,userEnteredFormat.numberFormat"
        self.server.edit(self.spreadsheet, {"updateCells": {"start": start, "rows": cells, "fields": fields}})

    def hire(self, *names: str) -> None:
        """Let these be the account's staff, and nobody else."""
        users = [{"id": number, "name": name} for number, name in enumerate(names, 1)]
        page = json.dumps({"_embedded": {"users": users}}).encode()
        with self.parts.warehouse.transaction("users") as tx:
            replace_snapshot(tx, "users", "users", [(page, self.parts.now())])

    def titles(self) -> list[str]:
        return [tab.title for tab in self.server.book(self.spreadsheet).tabs]

    def shown(self, title: str) -> list[list[Any]]:
        return self.server.values(self.spreadsheet, title)

    def rows(self, name: str) -> list[dict[str, str]] | None:
        with self.parts.warehouse.transaction("look") as tx:
            return standing(tx, name)

    def writes(self) -> int:
        return sum(seen.kind == "write" for seen in self.server.requests)


def _cell(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, date):
        number = {"type": "DATE", "pattern": "dd.mm.yyyy"}
        serial = (value - date(1899, 12, 30)).days
        return {"userEnteredValue": {"numberValue": serial}, "userEnteredFormat": {"numberFormat": number}}
    if isinstance(value, int | float):
        return {"userEnteredValue": {"numberValue": value}}
    return {"userEnteredValue": {"stringValue": value}}


@pytest.fixture
def desk(server: GoogleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("exports.google.connect", partial(connect, gap=0.0))  # nobody else writes here
    return Desk(server, tmp_path)


def test_numbers_and_days_come_exactly_whatever_they_look_like(desk: Desk) -> None:
    desk.type_tab(
        "Деньги",
        ("Дата", "Счёт", "Остаток"),
        (date(2026, 5, 1), "Касса", 0.1 + 0.2),
        ("02.05.2026", "Касса", "1 234,50"),
    )

    assert desk.inputs.take().accepted == ["Деньги"]

    assert desk.rows("cash") == [
        {"on_day": "2026-05-01", "account": "Касса", "amount": f"{Decimal('0.30')}"},
        {"on_day": "2026-05-02", "account": "Касса", "amount": "1234.50"},
    ]


def test_the_answer_stands_beside_the_row_and_goes_when_it_is_corrected(desk: Desk) -> None:
    header = ("Месяц", "Источник", "Сумма", "Примечание")
    desk.type_tab("Реклама", header, ("05.2026", "Сайт", "10 тыс."), ("05.2026", "Авито", 20_000))

    desk.inputs.take()

    assert desk.shown("Реклама")[0] == [*header, "Ошибки"]
    assert desk.shown("Реклама")[1][4].startswith("Сумма: нужно число")
    assert [cells["source"] for cells in desk.rows("ads") or ()] == ["Авито"]

    desk.type_tab("Реклама", header, ("05.2026", "Сайт", 10_000))
    desk.inputs.take()

    assert desk.shown("Реклама")[:2] == [[*header, "Ошибки"], ["05.2026", "Сайт", 10_000]]
    assert len(desk.rows("ads") or ()) == 2


def test_nothing_is_written_while_the_answer_stays_the_same(desk: Desk) -> None:
    desk.type_tab("Реклама", ("Месяц", "Источник", "Сумма"), ("05.2026", "Сайт", "много"))
    desk.inputs.take()
    desk.server.forget_requests()

    for _ in range(3):
        desk.inputs.take()

    assert desk.writes() == 0


def test_a_column_that_is_missing_is_told_at_the_head_and_the_last_version_stays(desk: Desk) -> None:
    desk.type_tab("Курсы", ("Дата", "Валюта", "Курс"), (date(2026, 5, 1), "USD", 92.4481))
    desk.inputs.take()

    desk.type_tab("Курсы", ("Дата", "Валюта", "Цена"))
    desk.inputs.take()

    assert desk.shown("Курсы")[0][3] == "Ошибки: нет столбцов: Курс; действует прежняя версия таблицы"
    assert [cells["rate"] for cells in desk.rows("exchange") or ()] == ["92.4481"]


@pytest.mark.parametrize("trouble", ["not shared", "unreachable"])
def test_a_spreadsheet_that_google_does_not_show_leaves_all_versions_in_force(
    desk: Desk, trouble: str
) -> None:
    desk.type_tab("Курсы", ("Дата", "Валюта", "Курс"), (date(2026, 5, 1), "USD", 90))
    desk.inputs.take()

    if trouble == "not shared":
        desk.server.share(desk.spreadsheet, ROBOT, None)
    else:
        desk.server.fail("bad_gateway", times=1)
    look = desk.inputs.take()

    assert [(name, row) for name, row, *_ in look.refused] == [("", 0)]
    assert len(desk.rows("exchange") or ()) == 1
    desk.server.heal()
    desk.server.share(desk.spreadsheet, ROBOT, "writer")
    assert desk.inputs.take().refused == []


def test_other_tabs_and_other_columns_are_left_alone(desk: Desk) -> None:
    desk.type_tab("Заметки", ("Дата", "Счёт"), ("не наше", "10 тыс."))
    desk.type_tab("Праздники", ("Дата", "мои слова", "Рабочий"), ("завтра", "важно", "да"))

    desk.inputs.take()

    assert desk.shown("Заметки") == [["Дата", "Счёт"], ["не наше", "10 тыс."]]
    assert desk.shown("Праздники")[1][:3] == ["завтра", "важно", "да"]
    assert desk.shown("Праздники")[1][3].startswith("Дата: нужна дата")


TITLES = [table.title for table in TABLES]


def test_an_empty_spreadsheet_is_made_ready_to_type_in_once(desk: Desk) -> None:
    desk.inputs.take()
    assert desk.titles() == ["Лист1"], "whom to choose from is not known yet"

    desk.hire("Анна", '=HYPERLINK("http://x")')
    desk.server.forget_requests()
    desk.inputs.take()

    assert (desk.titles(), desk.writes()) == (["Лист1", "Списки", *TITLES, "Как заполнять"], 1)
    assert desk.shown("Списки") == [["Сотрудники", "Статьи"], ['=HYPERLINK("http://x")'], ["Анна"]]
    for table in TABLES:
        assert desk.shown(table.title) == [[column.title for column in table.columns]]
        for place, column in enumerate(table.columns):
            head = desk.server.cell(desk.spreadsheet, f"{table.title}!{chr(ord('A') + place)}1")
            assert column.note in head["note"]
            assert column.example in head["note"]
    whom = desk.server.cell(desk.spreadsheet, "Планы!B7")["dataValidation"]
    assert whom["condition"] == {
        "type": "ONE_OF_RANGE",
        "values": [{"userEnteredValue": "='Списки'!$A$2:$A$500"}],
    }
    measure = desk.server.cell(desk.spreadsheet, "Планы!C7")["dataValidation"]
    assert (measure["condition"]["type"], measure["strict"]) == ("ONE_OF_LIST", True)
    assert "dataValidation" not in desk.server.cell(desk.spreadsheet, "Расходы!B7"), "any article will do"

    assert desk.inputs.take().refused == []
    desk.server.edit(desk.spreadsheet, {"deleteSheet": {"sheetId": _number(desk, "Курсы")}})
    desk.inputs.take()
    assert "Курсы" not in desk.titles(), "what people took away is not made again by itself"
    assert (desk.inputs.provide(), desk.inputs.provide()) == (["Курсы"], [])


def test_the_lists_follow_the_staff_wherever_they_stand(desk: Desk) -> None:
    desk.hire("Анна", "Борис")
    desk.inputs.take()
    desk.inputs.take()
    renamed = {"sheetId": _number(desk, "Списки"), "title": "Люди", "hidden": True}
    desk.server.edit(
        desk.spreadsheet, {"updateSheetProperties": {"properties": renamed, "fields": "title,hidden"}}
    )

    desk.hire("Вера")
    desk.server.forget_requests()
    desk.inputs.take()

    assert (desk.shown("Люди"), desk.writes()) == ([["Сотрудники", "Статьи"], ["Вера"]], 1)
    desk.inputs.take()
    assert desk.writes() == 1


def test_empty_tables_never_take_the_place_of_those_in_force(desk: Desk) -> None:
    desk.hire("Анна")
    desk.type_tab("Курсы", ("Дата", "Валюта", "Курс"), (date(2026, 5, 1), "USD", 90))
    desk.inputs.take()
    desk.server.edit(desk.spreadsheet, {"deleteSheet": {"sheetId": desk.tabs["Курсы"]}})

    desk.inputs.take()

    assert desk.titles() == ["Лист1"]
    assert len(desk.rows("exchange") or ()) == 1


def test_nobody_is_to_choose_from_before_the_account_is_loaded(desk: Desk) -> None:
    with pytest.raises(StaffUnknown):
        desk.inputs.provide()


def _number(desk: Desk, title: str) -> int:
    return next(tab.sheet_id for tab in desk.server.book(desk.spreadsheet).tabs if tab.title == title)
