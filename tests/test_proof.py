"""`vitrina check --live`: a spreadsheet proved end to end, its failures told, and nothing left behind."""

import json
import signal
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from exports.google import Google, connect
from exports.known import own_id
from exports.proof import KEY, TITLE, Proof, Step
from sandbox.google.faults import Fault
from sandbox.google.server import GoogleServer
from tests.cli_stand import BAD_USAGE, DONE, FAILED, INTERRUPTED, ROBOT, Place, lines, until
from tests.fakes_google import Hand, writes

pytest_plugins = ["tests.google_fixtures"]
NAMES = [
    "доступ",
    "запись",
    "чтение",
    "копирование",
    "формула отметки",
    "всё или ничего",
    "таблица короче",
    "оформление",
    "уборка",
]


def proved(client: Any, sheet: str, hand: Hand) -> list[Step]:
    proof = Proof(client, sheet, now=lambda: datetime.now(UTC), sleep=hand.sleep)
    steps = list(proof.steps())
    return [*steps, proof.clean_up()] if proof.is_begun else steps


def test_a_good_spreadsheet_is_proved_and_left_as_it_was(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    server.edit(sheet, {"addSheet": {"properties": {"sheetId": own_id(KEY), "title": TITLE}}})
    before = server.book(sheet)

    steps = proved(google, sheet, hand)

    assert [(step.name, step.problem) for step in steps] == [(name, None) for name in NAMES]
    after = server.book(sheet)
    assert [(tab.sheet_id, tab.title, tab.rows) for tab in after.tabs] == [
        (tab.sheet_id, tab.title, tab.rows) for tab in before.tabs
    ]
    assert (after.metadata, after.properties) == (before.metadata, before.properties)
    assert writes(server) <= 8


@pytest.mark.parametrize("fault", ["unavailable", "unavailable_after", "bad_gateway", "quota", "hang_after"])
def test_what_passes_by_itself_is_waited_for(
    server: GoogleServer, google: Google, sheet: str, hand: Hand, fault: Fault
) -> None:
    server.fail(fault, times=2, on="write", seconds=0.7)

    steps = proved(google, sheet, hand)

    assert [step.problem for step in steps] == [None] * len(NAMES)
    assert [tab.title for tab in server.book(sheet).tabs] == ["Лист1"]


def test_what_does_not_pass_is_told_and_what_is_left_is_named(
    server: GoogleServer, google: Google, sheet: str, hand: Hand
) -> None:
    foreign = server.create_spreadsheet("Чужая", share={})
    (refused,) = proved(google, foreign, hand)
    assert "Дайте доступ «Редактор»" in str(refused.problem)

    proof = Proof(google, sheet, now=lambda: datetime.now(UTC), sleep=hand.sleep)
    steps = proof.steps()
    assert [next(steps).problem, next(steps).problem] == [None, None]
    server.fail("unavailable", times=100, on="any")
    cleaned = proof.clean_up()
    server.heal()
    assert f"лист «{TITLE}» остался, удалите его сами" in str(cleaned.problem)

    again = proved(google, sheet, hand)
    assert [step.problem for step in again] == [None] * len(NAMES)
    assert [tab.title for tab in server.book(sheet).tabs] == ["Лист1"]


class Twisted:
    """A spreadsheet that keeps something else than it is given."""

    def __init__(self, google: Google, changes: Mapping[str, str], *, forgets: bool = False) -> None:
        self._google, self._changes, self._forgets = google, changes, forgets

    def read(self, spreadsheet_id: str, fields: str) -> Mapping[str, Any]:
        return self._google.read(spreadsheet_id, fields)

    def values(
        self, spreadsheet_id: str, tabs: Sequence[str], *, shown: bool = False
    ) -> list[list[list[Any]]]:
        return self._google.values(spreadsheet_id, tabs, shown=shown)

    def apply(self, spreadsheet_id: str, body: bytes) -> None:
        text = body.decode()
        for old, new in self._changes.items():
            text = text.replace(old, new)
        requests = json.loads(text)["requests"]
        if self._forgets and len(requests) == 2:  # both halves of what is to be refused, one after the other
            self._google.apply(spreadsheet_id, json.dumps({"requests": requests[:1]}).encode())
        self._google.apply(spreadsheet_id, json.dumps({"requests": requests}).encode())


TWISTS: tuple[tuple[str, str, str, str], ...] = (
    ('"stringValue":"=1+1"', '"formulaValue":"=1+1"', "чтение", "A3: записано '=1+1', стоит "),
    ('"stringValue":"0050"', '"numberValue":50', "чтение", "A7: записано '0050', стоит 50"),
    ('"boolValue":true', '"numberValue":1', "чтение", "A24: записано True, стоит 1"),
    (
        '"startColumnIndex":1,"endColumnIndex":2,"startRowIndex":0',
        '"startColumnIndex":0,"endColumnIndex":1,"startRowIndex":0',
        "копирование",
        "B2: записано '=IMPORTXML(",
    ),
    ('"formulaValue":"=IF(', '"formulaValue":"=ЕСЛИ(', "формула отметки", "вместо «свежо»"),
    ('Index":1,"endRowIndex":28', 'Index":1,"endRowIndex":7', "таблица короче", "осталось строк 27"),
    ("₽", "$", "оформление", "сумма выглядит как '1"),
    ('"pattern":"dd.mm.yyyy"', '"pattern":"yyyy-mm-dd"', "оформление", "день выглядит как '2026-11-22'"),
)


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: twist[2])
def test_a_spreadsheet_that_keeps_something_else_is_found_out(
    google: Google, sheet: str, hand: Hand, twist: tuple[str, str, str, str]
) -> None:
    given, kept, name, told = twist

    steps = proved(Twisted(google, {given: kept}), sheet, hand)

    (problem,) = [each for each in steps if each.problem]
    assert problem.name == name
    assert told in str(problem.problem)


def test_half_of_a_request_is_found_out(google: Google, sheet: str, hand: Hand) -> None:
    steps = proved(Twisted(google, {}, forgets=True), sheet, hand)

    assert [each.problem for each in steps if each.problem] == ["от отклонённого запроса записана половина"]


@pytest.fixture
def place(server: GoogleServer, tmp_path: Path) -> Place:
    """A folder with one spreadsheet and one workbook; amoCRM is not asked for any of this."""
    server.heal()
    spreadsheet = server.create_spreadsheet("Показатели", share={ROBOT: "writer"})
    books = [
        {"name": "owner", "kind": "sheets", "spreadsheet": spreadsheet},
        {"name": "excel", "kind": "xlsx", "path": "x.xlsx"},
    ]
    content = {
        "amocrm": {"url": "http://127.0.0.1:9"},
        "google": {"api_url": server.url},
        "exports": {"books": books},
    }
    return Place(tmp_path, content, {"VITRINA_GOOGLE_KEY": json.dumps(server.service_account(ROBOT))})


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("manager", "Есть: owner, excel"),
        ("excel", "это не таблица Google, испытывать нечего; таблицы: owner"),
    ],
)
def test_only_a_spreadsheet_can_be_proved(place: Place, name: str, told: str) -> None:
    done = place.call("check", "--live", name)

    assert (done.exit_code, told in done.stderr) == (BAD_USAGE, True), done.stderr


def test_a_robot_that_is_not_let_in_is_told(server: GoogleServer, place: Place) -> None:
    place.content["exports"]["books"][0]["spreadsheet"] = server.create_spreadsheet("Чужая", share={})

    done = place.call("check", "--live", "owner")

    assert (done.exit_code, len(lines(done.stdout))) == (FAILED, 1)
    assert "✗ доступ: Таблица " in done.stdout


def test_each_step_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exports.google.connect", partial(connect, gap=0.0))

    done = place.call("check", "--live", "owner")

    assert (done.exit_code, done.stderr) == (DONE, "")
    assert [line.split(":")[0] for line in lines(done.stdout)] == [f"✓ {name}" for name in NAMES]


def test_after_ctrl_c_nothing_is_left_behind(server: GoogleServer, place: Place) -> None:
    sheet = place.content["exports"]["books"][0]["spreadsheet"]
    process = place.start("check", "--live", "owner")
    until(lambda: len(server.book(sheet).tabs) == 2)
    process.send_signal(signal.SIGINT)

    said, complaint = process.communicate(timeout=60)

    assert [tab.title for tab in server.book(sheet).tabs] == ["Лист1"]
    assert lines(said)[-1] == "✓ уборка: проверочный лист убран"
    assert (process.returncode, complaint) == (INTERRUPTED, "прервано: испытана не вся таблица\n")
