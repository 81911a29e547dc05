"""Books for roles: whatever the marts hold and whoever had the book before, nothing of others is stored in it."""

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any, get_args

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bootstrap import Parts
from config import from_mapping
from config_books import Audience
from exporting import Exporter
from exports.audience import AUDIENCES, Rights
from exports.google import connect
from exports.grants import GRANTS, OWN, ROWS
from exports.known import TAB_KEY
from exports.layout import LAYOUT
from jobs import Jobs
from metrics import catalog
from metrics.catalog import Column, Model
from sandbox.google.book import Tab
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT, writes

ANNA, BORIS, VERA = 7_700_001, 7_700_002, 7_700_003
PEOPLE = {ANNA: "Анна Соколова", BORIS: "Борис Иванов", VERA: "Вера Уткина"}
NOTED = "Аркадий Замятин"
SHOWN = tuple(dict.fromkeys(block.mart for tab in LAYOUT for block in tab.blocks))
CATALOG = catalog.load()
READERS: tuple[dict[str, Any], ...] = (
    {"for": "owner"},
    {"for": "sales"},
    {"for": "accountant"},
    {"for": "marketer"},
    {"for": "manager", "whose": ANNA},
    {"for": "manager", "whose": BORIS},
    {"for": "manager", "whose": BORIS, "show": {"receivables": ["deal_id", "client"], "payroll": "all"}},
    {"show": {"turnover_by_manager": ["month", "net_amount"], "payroll": ["manager"], "leads_by_day": "all"}},
)
TYPES = {
    "text": "varchar", "integer": "bigint", "year": "bigint", "days": "bigint", "deal": "bigint",
    "money": "decimal(18,2)", "number": "decimal(18,2)", "by_row": "decimal(18,2)", "percent": "decimal(18,6)",
    "date": "date", "month": "date",
}  # fmt: skip


@dataclass(frozen=True)
class Trace:
    """Where a value that stands nowhere else comes from; `whose`: the number in its row, if rows have one."""

    mart: str
    column: str
    whose: int | None
    kind: str | None


class Marts:
    """Every mart that is shown, filled with values each of which stands in one cell only."""

    def __init__(self, seed: int) -> None:
        self.traces: dict[str, Trace] = {}
        self._random = random.Random(seed)

    def write(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as file:
            file.execute("begin")
            for schema in ("mart", "core", "ops"):
                file.execute(f"create schema {schema}")
            for mart in SHOWN:
                self._fill(file, CATALOG[mart])
            file.execute("create table core.users (user_id bigint, name varchar, is_active boolean)")
            file.executemany(
                "insert into core.users values (?, ?, true)", [list(who) for who in PEOPLE.items()]
            )
            file.execute("create table core.settings as select 'https://a.amocrm.ru' as account_url, "
                         "'Europe/Moscow' as timezone")  # fmt: skip
            built = {
                "data_at": "2026-11-22T10:00:00+00:00",
                "built_at": "2026-11-22T10:00:00+00:00",
                "run": 1,
            }
            file.execute("create table ops.notes as select 'build' as name, ? as value", [json.dumps(built)])
            file.execute("commit")

    def _fill(self, file: duckdb.DuckDBPyConnection, model: Model) -> None:
        columns = ", ".join(f'"{column.name}" {_type(column)}' for column in model.columns)
        file.execute(f"create table mart.{model.name} ({columns})")
        for _ in range(self._random.randint(1, 4)):
            whose = self._random.choice([None, *PEOPLE])
            kind = self._kind(model)
            row = [self._value(model, column, whose, kind) for column in model.columns]
            file.execute(f"insert into mart.{model.name} values ({', '.join('?' * len(row))})", row)

    def _kind(self, model: Model) -> str | None:
        column, kinds = next((rows[model.name] for rows in ROWS.values() if model.name in rows), ("", ()))
        return self._random.choice([*kinds, "profit"]) if column else None

    def _value(self, model: Model, column: Column, whose: int | None, kind: str | None) -> Any:
        if column.name == OWN:
            return whose
        if column.name == "format":
            return "money"
        if kind is not None and any(rows.get(model.name, ("",))[0] == column.name for rows in ROWS.values()):
            return kind
        number = 10_000 + len(self.traces)
        value: Any
        match _type(column):
            case "varchar":
                token, value = f"t{number}x", f"t{number}x"
            case "date":
                value = date(1899, 12, 30) + timedelta(days=number)
                token = str(number)
            case "bigint":
                value = 4_000_000 + number
                token = str(value)
            case _:
                value = Decimal(8_000_000 + number)
                token = str(value)
        self.traces[token] = Trace(model.name, column.name, whose, kind)
        return value


def _type(column: Column) -> str:
    numbers = (OWN, "rule_id", "line")
    return "bigint" if column.name in numbers else TYPES.get(column.format, "varchar")


class Reader:
    """One spreadsheet that passes from hand to hand, and the product that fills it."""

    def __init__(self, folder: Path, google: GoogleServer) -> None:
        self.folder, self.google = folder, google
        self.sheet = google.create_spreadsheet("Книга", share={ROBOT: "writer"})
        self._copies = 0

    def export(self, reader: Mapping[str, Any]) -> None:
        book: dict[str, Any] = {"name": "книга", "kind": "sheets", **reader}
        whose = book.pop("whose", None)
        book |= {"spreadsheets": {whose: self.sheet}} if whose else {"spreadsheet": self.sheet}
        content = {
            "amocrm": {"url": "https://a.amocrm.ru"},
            "google": {"api_url": self.google.url, "writes_per_minute": 9000, "reads_per_minute": 9000},
            "exports": {"books": [book]},
        }
        key = json.dumps(self.google.service_account(ROBOT))
        parts = Parts(from_mapping(content, self.folder, {"VITRINA_GOOGLE_KEY": key}, {"google"}))
        robot = connect(json.loads(key), self.google.url, gap=0)  # in a hurry
        parts.__dict__["_robots"] = {ROBOT: robot}, Lock()
        jobs = Jobs(parts)
        (done,) = Exporter(jobs).export()
        assert done.error is None

    def titles(self) -> list[str]:
        return [tab.title for tab in self.google.book(self.sheet).tabs]

    def stored(self) -> str:
        """All that the spreadsheet holds, once each: cells, notes, formats, titles, marks, objects."""
        found: dict[str, None] = {}
        seen: dict[int, object] = {}
        waiting: list[object] = [vars(self.google.book(self.sheet))]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, Mapping | list | tuple | Tab):
                if id(thing) not in seen:
                    seen[id(thing)] = thing
                    parts = vars(thing) if isinstance(thing, Tab) else thing
                    waiting += [*parts, *parts.values()] if isinstance(parts, Mapping) else parts
            else:
                found[str(thing)] = None
        return "\n".join(found)

    def scribble(self) -> None:
        """What people do: a note beside a figure, another name for a tab, a copy of it with its mark."""
        book = self.google.book(self.sheet)
        marks = {each["location"]["sheetId"]: each["metadataValue"] for each in book.metadata.values()
                 if each["metadataKey"] == TAB_KEY}  # fmt: skip
        busy = next(tab.sheet_id for tab in book.tabs if tab.sheet_id in marks)
        place = {
            "sheetId": busy,
            "startRowIndex": 3,
            "endRowIndex": 4,
            "startColumnIndex": 0,
            "endColumnIndex": 1,
        }
        self._copies += 1
        renamed = {"sheetId": busy, "title": f"Всё об {NOTED} {self._copies}"}
        copy = {"sourceSheetId": busy, "newSheetId": self._copies, "newSheetName": f"Копия {self._copies}"}
        mark = {"metadataKey": TAB_KEY, "metadataValue": marks[busy], "visibility": "DOCUMENT"}
        mark |= {"location": {"sheetId": self._copies}}
        self.google.edit(
            self.sheet,
            {"repeatCell": {"range": place, "cell": {"note": NOTED}, "fields": "note"}},
            {"updateSheetProperties": {"properties": renamed, "fields": "title"}},
            {"duplicateSheet": copy},
            {"createDeveloperMetadata": {"developerMetadata": mark}},
        )


@pytest.fixture(scope="module")
def google() -> Iterator[GoogleServer]:
    with GoogleServer(quotas=False, validate=True) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


def rights_of(reader: Mapping[str, Any]) -> Rights:
    chosen = {mart: () if names == "all" else tuple(names) for mart, names in reader.get("show", {}).items()}
    return Rights(reader.get("for", "owner"), tuple(chosen.items()), reader.get("whose"))


def may_see(trace: Trace, rights: Rights) -> bool:
    grant = rights.grant(trace.mart)
    if grant is None or not grant.allows(trace.column):
        return False
    return all((trace.whose if column == OWN else trace.kind) in values for column, values in grant.rows)


@given(seed=st.integers(0, 2**32), readers=st.lists(st.sampled_from(READERS), min_size=3, max_size=3))
@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_book_stores_nothing_that_its_reader_may_not_see(
    google: GoogleServer, folder: Path, seed: int, readers: list[dict[str, Any]]
) -> None:
    marts = Marts(seed)
    marts.write(folder / "state" / "vitrina-marts.duckdb")
    book = Reader(folder, google)
    for before, reader in pairwise([None, *readers]):
        assert reader is not None
        book.export(reader)
        rights = rights_of(reader)
        stored = book.stored()
        found = [marts.traces[token] for token in set(re.findall(r"\w+", stored)) & set(marts.traces)]

        assert found or "show" in reader
        assert [trace for trace in found if not may_see(trace, rights)] == []
        if rights.manager is not None:
            assert {trace.whose for trace in found} <= {rights.manager}
            others = set(PEOPLE) - {rights.manager}
            assert not [who for who in others if str(who) in stored or PEOPLE[who] in stored]
        if rights.audience in ("sales", "marketer"):
            assert not [each for each in found if re.search("payroll|wages|costs|net_profit|cash", str(each))]
        if rights.audience == "marketer":
            assert not [each for each in found if each.column in ("manager", "client", "name", "deal_id")]
        if not rights.is_everything and reader != before:
            assert NOTED not in stored, "what people noted on the tabs of the one before is gone with them"
        book.scribble()


def test_what_is_granted_exists_and_says_whose_it_is_where_it_must() -> None:
    assert get_args(Audience) == AUDIENCES
    for reader, marts in GRANTS.items():
        for mart, columns in marts.items():
            model = CATALOG[mart]
            shown = [column.name for column in model.columns if column.format != "hidden"]
            known = {column.name for column in model.columns}
            assert mart in SHOWN
            assert [name for name in columns.split() if name not in shown] == [], (reader, mart)
            assert {name for name, _ in [ROWS.get(reader, {}).get(mart, ("", ()))] if name} <= known
            assert reader != "manager" or OWN in known, mart


def test_a_manager_sees_nothing_that_measures_him_against_the_others() -> None:
    told = {f"{mart}.{name}" for mart, columns in GRANTS["manager"].items() for name in columns.split()}

    assert told.isdisjoint({"turnover_by_manager.net_rate", "installation_shifts.last_shift_by"})
    assert not [each for each in told if re.search("place|profit_amount|cost|margin|overhead", each)]


@pytest.mark.parametrize("audience", ["owner", "sales"])
def test_only_a_book_of_a_manager_has_the_rows_of_one(audience: str) -> None:
    with pytest.raises(ValueError, match=audience):
        Rights(audience, manager=ANNA)
    with pytest.raises(ValueError, match="manager"):
        Rights("manager")


def test_a_total_that_does_not_hold_is_told_to_others_without_its_row(
    google: GoogleServer, folder: Path
) -> None:
    published = folder / "state" / "vitrina-marts.duckdb"
    Marts(1).write(published)
    broken = [
        {"model": "funnel_by_month", "text": "leads = mart.funnel_parts.leads", "key": "deal_id=4242424"}
    ]
    with duckdb.connect(str(published)) as file:
        file.execute("insert into ops.notes values ('identities', ?)", [json.dumps(broken)])
    book = Reader(folder, google)

    book.export({"for": "marketer"})
    assert "лист не обновлён" in book.stored()
    assert "4242424" not in book.stored()


def test_a_book_changes_hands_in_one_request_and_keeps_what_people_made(
    google: GoogleServer, folder: Path
) -> None:
    Marts(2).write(folder / "state" / "vitrina-marts.duckdb")
    book = Reader(folder, google)
    own = {"properties": {"sheetId": 77, "title": "Мои расчёты"}}
    google.edit(book.sheet, {"addSheet": own}, {"deleteSheet": {"sheetId": 0}})
    book.export({"for": "sales"})
    google.forget_requests()

    book.export({"for": "marketer"})

    assert writes(google) == 1
    assert book.titles() == ["Сводка", "Воронка", "Источники", "Определения", "Мои расчёты"]
    google.edit(book.sheet, {"deleteSheet": {"sheetId": 77}})
    book.export({"for": "manager", "whose": VERA, "show": {"payroll": "all"}})
    assert book.titles() == ["Моя зарплата", "Определения"]


def test_a_robot_is_one_by_whatever_key(google: GoogleServer, tmp_path: Path) -> None:
    key, other = (json.dumps(google.service_account(name)) for name in (ROBOT, f"other-{ROBOT}"))
    again = json.dumps({**json.loads(key), "private_key_id": "another"})
    books = [
        {"name": name, "kind": "sheets", "spreadsheet": name, "key_env": name} for name in ("AGAIN", "OTHER")
    ]
    content = {"amocrm": {"url": "https://a.amocrm.ru"}, "exports": {"books": books}}
    secrets = {"VITRINA_GOOGLE_KEY": key, "AGAIN": again, "OTHER": other}
    parts = Parts(from_mapping(content, tmp_path, secrets, {"google"}))

    assert parts.robot("AGAIN") is parts.google
    assert parts.robot("OTHER").robot == f"other-{ROBOT}"
