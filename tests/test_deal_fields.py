"""Every custom field of every deal as rows, with a new field there at once; and what everything was called."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from jobs import Jobs
from metrics.ledgers import refresh
from tests.harness import Office, an_office, rows


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with an_office(tmp_path_factory.mktemp("office"), deals=8, months=1) as office:
        yield office


@pytest.fixture(scope="module")
def jobs(office: Office) -> Jobs:
    jobs = office.product("ours")
    jobs.sync()
    return jobs


def after(office: Office, jobs: Jobs, streams: str, sql: str) -> list[tuple[Any, ...]]:
    office.clock.pass_by(60)
    jobs.sync(streams.split())
    with jobs.parts.warehouse.transaction("test") as tx:
        refresh(tx, jobs.parts.meaning)
        return tx.execute(sql)


def test_a_new_field_can_be_asked_for_by_its_name_and_by_its_type(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    deal = next(lead.id for lead in account.leads.values() if lead.deleted_at is None)
    made = {
        "Площадь": ("numeric", "12.5"),
        "Проверено": ("checkbox", True),
        "Сдача": ("date", date(2026, 6, 1)),
        "Заметка": ("textarea", "два\nслова"),
    }
    ids = {name: account.add_field(name, kind) for name, (kind, _) in made.items()}
    rooms = account.add_field("Комнаты", "multiselect", ("Кухня", "Зал"))
    values = {ids[name]: value for name, (_, value) in made.items()} | {rooms: ("Кухня", "Зал")}
    account.update_lead(deal, fields=values)

    found = after(
        office,
        jobs,
        "lead_fields leads",
        "select field_name, seq, field_type, value, number, moment, flag, enum_id is not null from core.deal_fields "
        f"where deal_id = {deal} and field_id >= {min(ids.values())} order by 1, 2",
    )

    midnight = datetime(2026, 5, 31, 21)  # in Moscow
    assert found == [
        ("Заметка", 1, "textarea", "два\nслова", None, None, None, False),
        ("Комнаты", 1, "multiselect", "Кухня", None, None, None, True),
        ("Комнаты", 2, "multiselect", "Зал", None, None, None, True),
        ("Площадь", 1, "numeric", "12.5", Decimal("12.5000"), None, None, False),
        ("Проверено", 1, "checkbox", "true", None, None, True, False),
        ("Сдача", 1, "date", str(int(midnight.replace(tzinfo=UTC).timestamp())), None, midnight, None, False),
    ]


def test_no_type_of_field_loses_what_is_in_it(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    deal = next(lead.id for lead in account.leads.values() if lead.deleted_at is None)
    company = {"name": "ООО «Окна»", "vat_id": "007", "kpp": None}
    file = {"file_uuid": "u-1", "version_uuid": "v-1", "file_name": "договор.pdf", "file_size": 20763}
    made: dict[str, Any] = {
        "text": '=IMPORTXML("http://x")',
        "url": "https://example.test/?a=1&b=%22",
        "streetaddress": "ул. Ленина, 1",
        "smart_address": {"city": "Тверь", "country": "RU"},
        "legal_entity": company,
        "file": file,
        "chained_list": [(1001, 12235), (1002, 12236)],
        "tracking_data": "007",
        "monetary": "100.10",
        "birthday": date(1990, 1, 1),
    }
    ids = {kind: account.add_field(f"Поле {kind}", kind) for kind in made}
    account.update_lead(deal, fields={ids[kind]: value for kind, value in made.items()})

    found = after(
        office,
        jobs,
        "lead_fields leads",
        "select field_type, value from core.deal_fields "
        f"where deal_id = {deal} and field_id in ({', '.join(map(str, ids.values()))}) order by field_id, seq",
    )

    told: dict[str, list[Any]] = {}
    for kind, value in found:
        told.setdefault(kind, []).append(json.loads(value) if value.startswith("{") else value)
    assert told == {
        "text": ['=IMPORTXML("http://x")'],
        "url": ["https://example.test/?a=1&b=%22"],
        "streetaddress": ["ул. Ленина, 1"],
        "smart_address": ["Тверь", "RU"],
        "legal_entity": [company],
        "file": [file],
        "chained_list": ["12235", "12236"],
        "tracking_data": ["007"],
        "monetary": ["100.10"],
        "birthday": [str(int(datetime(1989, 12, 31, 21, tzinfo=UTC).timestamp()))],
    }


def test_a_field_that_is_emptied_has_no_row(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    deal = next(lead.id for lead in account.leads.values() if lead.deleted_at is None)
    field = account.add_field("Ключ", "text")
    sql = "select deal_id, value from core.deal_fields where field_name = 'Ключ'"
    account.update_lead(deal, fields={field: "есть"})
    assert after(office, jobs, "lead_fields leads", sql) == [(deal, "есть")]

    account.update_lead(deal, fields={field: None})

    assert after(office, jobs, "leads", sql) == []


def test_former_names_are_kept_with_their_time(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    deal = next(lead.id for lead in account.leads.values() if lead.deleted_at is None)
    field = account.add_field("Цвет", "select", ("Белый", "Серый"))
    account.update_lead(deal, fields={field: "Белый"})
    after(office, jobs, "lead_fields leads", "select 1")
    white = account.fields[field].choice("Белый").id
    account.rename_field(field, "Цвет рамы")
    account.rename_choice(field, white, "Белоснежный")

    found = after(
        office,
        jobs,
        "lead_fields",
        "select part_id, label, until is null, since is null from core.labels "
        f"where stream = 'lead_fields' and id = {field} order by part_id nulls first, since, until nulls last",
    )

    assert found[:2] == [(None, "Цвет", False, False), (None, "Цвет рамы", True, False)]
    assert (white, "Белый", False, False) in found
    assert (white, "Белоснежный", True, False) in found
    sql = f"select field_name, value from core.deal_fields where deal_id = {deal} and field_id = {field}"
    assert rows(jobs, sql) == [("Цвет рамы", "Белоснежный")]
    first = "select distinct since from core.labels where stream = 'users'"
    assert rows(jobs, first) == [(None,)]  # nobody knows since when people had been called so
