"""The account over real HTTP: every stream against the truth of a stand-in, amid edits, limits and faults."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from connectors.amocrm.client import Client, Timeouts
from connectors.amocrm.pace import Pace
from connectors.amocrm.source import AmoCrm
from connectors.amocrm.streams import IDS_AT_ONCE
from connectors.amocrm.tokens import LongLived
from connectors.base import BadRequest, Forbidden, Page, Source
from sandbox.amocrm import faults
from sandbox.amocrm.account import Account
from sandbox.amocrm.exchange import Reply
from sandbox.amocrm.server import AmoServer
from tests.fakes_amocrm import FakeClock, digest, ids, page_of

START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = START + timedelta(days=60)
SAMPLES = Path(__file__).parent / "samples" / "amocrm"

VALUES: dict[str, Any] = {
    "text": '=IMPORTXML("http://x")',
    "numeric": "1.5",
    "checkbox": True,
    "select": "да",
    "multiselect": ["да", "нет"],
    "radiobutton": "нет",
    "date": date(2026, 4, 30),
    "date_time": datetime(2026, 4, 30, 21, 30, tzinfo=UTC),
    "birthday": date(1990, 1, 1),
    "url": "https://example.test/?a=1&b=%22",
    "textarea": 'строка\nдругая "строка" \\ 😀',
    "multitext": [("+7 999 000-11-22", "WORK"), ("007", "MOB")],
    "streetaddress": "ул. Ленина, 1",
    "smart_address": {"city": "Тверь", "country": "RU"},
    "monetary": "100.10",
    "legal_entity": {"name": "ООО «Окна»", "vat_id": "7700000000", "kpp": None},
    "file": {"file_uuid": "u-1", "version_uuid": "v-1", "file_name": "договор.pdf", "file_size": 20763},
    "chained_list": [(1001, 12235), (1002, 12236)],
    "tracking_data": "yandex",
    "linked_entity": {"name": "Ivan", "entity_id": 7000001, "entity_type": "contacts", "catalog_id": None},
    "items": [{"sku": "A-1", "unit_price": 10.0, "quantity": 2.0, "metadata": []}],
    "price": "12",
    "category": ["да"],
    "payer": {"name": "ООО", "type": "legal"},
    "supplier": {"entity_id": 521717},
}

CHOICES = {
    **{kind: ["да", "нет"] for kind in ("select", "multiselect", "radiobutton", "category")},
    "multitext": ["WORK", "MOB"],
}


class Firm:
    """A small account with something in every stream."""

    def __init__(self) -> None:
        self.clock = FakeClock(UNTIL.timestamp())
        self.account = Account(self.clock)
        self.anna = self.account.add_user("Анна")
        self.boris = self.account.add_user("Борис")
        self.sales = self.account.add_pipeline("Продажи", ["Новая", "Замер", "Договор"])
        self.new = self.account.status(self.sales, "Новая")
        self.measure = self.account.status(self.sales, "Замер")
        self.source = self.account.add_field("Источник", "select", ["Сайт", "Звонок"])
        self.account.add_field("Телефон", "multitext", entity="contacts", code="PHONE")
        self.account.add_field("Сайт", "url", entity="companies", code="WEB")
        self.account.add_loss_reason("Дорого")

    def leads(self, count: int, *, step: float = 600.0) -> list[int]:
        """So many leads, one after another since the beginning."""
        return [
            self.account.add_lead(
                f"Сделка {number}",
                pipeline_id=self.sales,
                status_id=self.new,
                responsible_user_id=self.anna,
                moment=START.timestamp() + number * step,
            )
            for number in range(count)
        ]


@pytest.fixture
def firm() -> Firm:
    return Firm()


@pytest.fixture
def server(firm: Firm) -> Iterator[AmoServer]:
    with AmoServer(firm.account, rate=0) as server:
        yield server


@pytest.fixture
def source(firm: Firm, server: AmoServer) -> Iterator[AmoCrm]:
    with opened(server) as client:
        yield AmoCrm(client, digest, (firm.source,))


def opened(server: AmoServer, *, per_second: int = 1_000) -> Client:
    return Client(
        server.url,
        LongLived(server.token),
        Pace(per_second),
        Timeouts(connect=2.0, read=5.0),
        sleep=lambda seconds: time.sleep(min(seconds, 0.05)),
    )


def has_filters(url: str) -> None:
    """Let the recorded account say that it filters."""
    account = {"id": 31_000_001, "is_api_filter_enabled": True}
    responses.get(f"{url}/api/v4/account", json=account, content_type="application/hal+json")


def rows(pages: Iterable[Page]) -> dict[int | str, dict[str, Any]]:
    """The last version of every record that came."""
    return {row["id"]: row for page in pages for row in json.loads(page.body)["_embedded"][page.collection]}


def test_it_is_a_source(source: AmoCrm) -> None:
    as_source: Source = source

    assert set(as_source.streams) > {"account", "users", "pipelines", "leads", "tasks", "events"}


# Snapshots


def test_every_small_collection_comes_whole(firm: Firm, source: AmoCrm) -> None:
    account = firm.account
    expected = {
        "account": {account.settings.id},
        "users": set(account.users),
        "pipelines": set(account.pipelines),
        "loss_reasons": set(account.loss_reasons),
        "lead_fields": {each.id for each in account.fields_of("leads")},
        "contact_fields": {each.id for each in account.fields_of("contacts")},
        "company_fields": {each.id for each in account.fields_of("companies")},
    }

    came = {name: set(rows(source.snapshot(name))) for name in expected}

    assert came == expected


def test_pipelines_bring_their_statuses(firm: Firm, source: AmoCrm) -> None:
    (pipeline,) = rows(source.snapshot("pipelines")).values()

    names = [status["name"] for status in pipeline["_embedded"]["statuses"]]
    assert {"Новая", "Замер", "Договор"} < set(names)


def test_more_users_than_a_page_come_all(firm: Firm, source: AmoCrm) -> None:
    for number in range(600):
        firm.account.add_user(f"User {number}")

    assert set(rows(source.snapshot("users"))) == set(firm.account.users)


def test_users_may_be_closed_to_the_grant(server: AmoServer, source: AmoCrm) -> None:
    server.api.is_admin = False

    with pytest.raises(Forbidden):
        list(source.snapshot("users"))


def test_the_account_tells_its_zone_and_money(source: AmoCrm) -> None:
    account = source.account()

    assert account["id"] == 31_000_001
    assert account["currency"] == "RUB"
    assert account["_embedded"]["datetime_settings"]["timezone"] == "Europe/Moscow"
    assert account["is_api_filter_enabled"] is True


# Changes


def test_what_changed_comes_with_what_hangs_on_it(firm: Firm, source: AmoCrm) -> None:
    account, at = firm.account, START.timestamp()
    company = account.add_company("ООО", responsible_user_id=firm.anna, moment=at)
    contact = account.add_contact("Иван", responsible_user_id=firm.anna, company_id=company, moment=at)
    lead = account.add_lead(
        "Окна",
        pipeline_id=firm.sales,
        status_id=firm.new,
        responsible_user_id=firm.anna,
        contacts=[contact],
        company_id=company,
        elements=[(527001, 4521, 2)],
        fields={firm.source: "Сайт"},
        moment=at + 5,
    )
    task = account.add_task(
        "Позвонить",
        responsible_user_id=firm.anna,
        complete_till=int(at) + 900,
        entity_id=lead,
        entity_type="leads",
        moment=at + 7,
    )

    came = {
        name: rows(source.changed(name, START, UNTIL)) for name in ("leads", "contacts", "companies", "tasks")
    }

    assert {name: set(each) for name, each in came.items()} == {
        "leads": {lead},
        "contacts": {contact},
        "companies": {company},
        "tasks": {task},
    }
    embedded = came["leads"][lead]["_embedded"]
    assert [each["id"] for each in embedded["contacts"]] == [contact]
    assert [each["id"] for each in embedded["catalog_elements"]] == [527001]


def test_history_comes_whole_and_a_tracked_field_has_its_own(firm: Firm, source: AmoCrm) -> None:
    leads = firm.leads(150)
    for number, lead in enumerate(leads):
        at = START.timestamp() + 100_000 + number
        firm.account.move_lead(lead, firm.measure, moment=at)
        firm.account.update_lead(lead, price=number + 1, responsible_user_id=firm.boris, moment=at + 1)
        firm.account.update_lead(lead, fields={firm.source: "Сайт"}, moment=at + 2)
    firm.account.delete_lead(leads[0], moment=START.timestamp() + 200_000)
    field = f"custom_field_{firm.source}_value_changed"
    truth = {event.id: event.type for event in firm.account.events}

    events = rows(source.changed("events", START, UNTIL))
    tracked = rows(source.changed(f"events_field_{firm.source}", START, UNTIL))

    assert set(tracked) == {each for each, kind in truth.items() if kind == field}
    assert set(events) == {each for each, kind in truth.items() if kind in set(_types(source))}
    assert len(events) == 601
    assert {"value_before", "value_after"} <= set(next(iter(events.values())))


def _types(source: AmoCrm) -> list[str]:
    return [value for key, value in source.streams["events"].params if key == "filter[type][]"]


def test_every_type_of_custom_field_passes_byte_for_byte(
    firm: Firm, server: AmoServer, source: AmoCrm
) -> None:
    fields = {}
    for kind, value in VALUES.items():
        choices = CHOICES.get(kind, [])
        fields[firm.account.add_field(f"Поле {kind}", kind, choices)] = value
    at = START.timestamp()
    firm.account.add_lead(
        "Все поля",
        pipeline_id=firm.sales,
        status_id=firm.new,
        responsible_user_id=firm.anna,
        fields=fields,
        moment=at,
    )

    page = next(iter(source.changed("leads", START, UNTIL)))

    asked = server.asked("/leads")[0]
    headers = {"Authorization": f"Bearer {server.token}"}
    sent = requests.get(f"{server.url}{asked.path}?{asked.query}", headers=headers, timeout=5).content
    assert page.body == sent
    (lead,) = rows([page]).values()
    assert [value["field_type"] for value in lead["custom_fields_values"]] == list(VALUES)


@responses.activate
def test_a_page_of_a_real_account_stays_as_it_came() -> None:
    """Its spaces, its order, its numbers as text, and types nobody has documented."""
    real = (SAMPLES / "leads_page.json").read_bytes()
    odd = real.replace(b'"numeric"', b'"type_of_tomorrow"').replace(b"124000", b"1.24000e5")
    url = "https://acme.amocrm.ru"
    since = datetime.fromtimestamp(1_654_014_000, UTC)

    for body in (real, odd):
        has_filters(url)
        responses.get(f"{url}/api/v4/leads", body=body, content_type="application/hal+json")
        client = Client(url, LongLived("token"), Pace(100))
        page = next(iter(AmoCrm(client, digest).changed("leads", since, UNTIL)))
        client.close()
        responses.reset()

        assert page.body == body
        assert page.ids == (9228191,)
        assert page.cursor == datetime.fromtimestamp(1_654_014_416, UTC)


@pytest.mark.parametrize("inclusive", [True, False])
def test_stretches_may_be_walked_at_once(
    firm: Firm, server: AmoServer, source: AmoCrm, *, inclusive: bool
) -> None:
    server.api.manners.inclusive = inclusive
    leads = firm.leads(1_500, step=60.0)
    cuts = [START + timedelta(hours=6 * number) for number in range(6)]

    def walk(number: int) -> list[int | str]:
        return ids(source.changed("leads", cuts[number], cuts[number + 1]))

    with ThreadPoolExecutor(5) as threads:
        came = {each for stretch in threads.map(walk, range(5)) for each in stretch}

    assert came == set(leads)


@pytest.mark.parametrize("lag", [0.0, 0.05])
def test_edits_made_while_pages_are_read_lose_nothing(firm: Firm, lag: float) -> None:
    """A quick hand edits leads all the while; one more walk of what changed since brings the truth."""
    leads = firm.leads(1_200, step=20.0)
    stop = threading.Event()

    def edit() -> None:
        number = 0
        while not stop.wait(0.001):
            number += 1
            firm.clock.now = UNTIL.timestamp() + number
            firm.account.update_lead(leads[number * 7 % len(leads)], price=number)

    with AmoServer(firm.account, rate=0, lag=lag) as server, opened(server) as client:
        source = AmoCrm(client, digest)
        hand = threading.Thread(target=edit)
        hand.start()
        came = rows(source.changed("leads", START, UNTIL))
        stop.set()
        hand.join(10)
        firm.clock.now += 60
        came |= rows(source.changed("leads", UNTIL, UNTIL + timedelta(days=1)))

    assert {number: row["price"] for number, row in came.items()} == {
        number: lead.price for number, lead in firm.account.leads.items()
    }


def test_the_limit_is_kept_and_a_refusal_only_delays(firm: Firm) -> None:
    leads = firm.leads(1_000)

    with AmoServer(firm.account, rate=7) as server, opened(server, per_second=7) as client:
        server.faults.add(faults.too_many(1), path="/leads")
        came = set(rows(AmoCrm(client, digest).changed("leads", START, UNTIL)))
        assert server.max_in_any_second(server.limiter.window) <= 7

    assert came == set(leads)
    assert [one.status for one in server.requests].count(429) == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.SPURIOUS_EMPTY,
        faults.BAD_GATEWAY,
        faults.GATEWAY_TIMEOUT,
        faults.RESET,
        faults.CUT,
        faults.truncated(),
        faults.wrong_content_type(),
    ],
    ids=["empty", "502", "504", "reset", "cut", "truncated", "html"],
)
@pytest.mark.parametrize("stream", ["leads", "tasks", "events"])
def test_a_fault_amid_a_walk_loses_nothing(
    firm: Firm, server: AmoServer, source: AmoCrm, stream: str, fault: faults.Fault
) -> None:
    for number, lead in enumerate(firm.leads(600)):
        at = START.timestamp() + number * 600
        firm.account.add_task(
            "t",
            responsible_user_id=firm.anna,
            complete_till=1,
            entity_id=lead,
            entity_type="leads",
            moment=at,
        )
    expected: dict[str, set[Any]] = {
        "leads": set(firm.account.leads),
        "tasks": set(firm.account.tasks),
        "events": {event.id for event in firm.account.events if event.type == "lead_added"},
    }
    asked = iter(range(1_000))
    server.faults.add(fault, path=f"/{stream}", when=lambda request: next(asked) in {1, 3})
    server.faults.add(fault, path=f"/{stream}", when=lambda request: next(asked) > 4)

    came = set(rows(source.changed(stream, START, UNTIL)))

    assert came == expected[stream]


# By id, and the trash


def test_objects_come_by_their_ids_fifty_at_a_time(firm: Firm, server: AmoServer, source: AmoCrm) -> None:
    leads = firm.leads(130)
    wanted = [*leads[5:104], *leads[5:20], 404]

    came = rows(source.by_ids("leads", wanted))

    assert set(came) == set(leads[5:104])
    assert len(server.asked("/leads")) == 2
    assert "contacts" in came[leads[5]]["_embedded"]


@pytest.mark.parametrize("stream", ["contacts", "companies", "tasks"])
def test_whatever_deliveries_name_can_be_asked_for(firm: Firm, source: AmoCrm, stream: str) -> None:
    add: dict[str, Callable[[], int]] = {
        "contacts": lambda: firm.account.add_contact("c", responsible_user_id=firm.anna),
        "companies": lambda: firm.account.add_company("c", responsible_user_id=firm.anna),
        "tasks": lambda: firm.account.add_task("t", responsible_user_id=firm.anna, complete_till=1),
    }
    there = [add[stream]() for _ in range(3)]

    assert set(rows(source.by_ids(stream, there[:2]))) == set(there[:2])


def test_a_question_by_ids_shrinks_until_it_can_be_answered(
    firm: Firm, server: AmoServer, source: AmoCrm
) -> None:
    leads = firm.leads(IDS_AT_ONCE)
    server.faults.add(faults.GATEWAY_TIMEOUT, times=2, path="/leads")

    assert set(rows(source.by_ids("leads", leads))) == set(leads)


def test_no_ids_are_no_question(server: AmoServer, source: AmoCrm) -> None:
    assert list(source.by_ids("leads", [])) == []
    assert list(source.trashed_among([])) == []
    assert not server.requests


@pytest.mark.parametrize("live_among_deleted", [False, True])
def test_the_trash_is_told_as_tombstones_of_what_is_really_deleted(
    firm: Firm, server: AmoServer, source: AmoCrm, *, live_among_deleted: bool
) -> None:
    server.api.manners.live_among_deleted = live_among_deleted
    leads = firm.leads(600)
    for number, lead in enumerate(leads[:300]):
        firm.account.delete_lead(lead, moment=START.timestamp() + 400_000 + number // 40)
    firm.account.restore_lead(leads[7], moment=START.timestamp() + 500_000)
    dead = {number for number, lead in firm.account.leads.items() if lead.deleted_at}

    pages = list(source.trashed(START, UNTIL))
    among = list(source.trashed_among([*leads[:10], *leads[400:410]]))

    assert set(rows(pages)) == set(ids(pages)) == dead
    assert set(rows(among)) == set(ids(among)) == set(leads[:10]) - {leads[7]}
    assert all(page.tombstones and page.stream == "leads" for page in [*pages, *among])
    assert pages[-1].cursor == UNTIL


def test_what_lies_in_the_trash_does_not_come_alive(firm: Firm, source: AmoCrm) -> None:
    leads = firm.leads(3)
    firm.account.delete_lead(leads[0], moment=START.timestamp() + 5_000)

    assert set(rows(source.changed("leads", START, UNTIL))) == set(leads[1:])
    assert set(rows(source.by_ids("leads", leads))) == set(leads[1:])


# Without the filters that are paid for


def without_filters(firm: Firm, server: AmoServer, *, is_told: bool) -> None:
    """Switch them off; an account may not tell, or tell the opposite."""
    firm.account.settings.is_api_filter_enabled = False
    if not is_told:
        told = faults.Fault(garble=_as_if_enabled, served=True)
        server.faults.add(told, times=100, path="/account")


def _as_if_enabled(reply: Reply) -> Reply:
    body = reply.body.replace(b'"is_api_filter_enabled":false', b'"is_api_filter_enabled":true')
    return Reply(reply.status, body, reply.content_type)


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("stream", ["leads", "contacts", "companies"])
def test_without_filters_the_same_changes_come(
    firm: Firm, server: AmoServer, source: AmoCrm, stream: str, *, is_told: bool
) -> None:
    without_filters(firm, server, is_told=is_told)
    add: dict[str, Callable[[float], int]] = {
        "leads": lambda at: firm.account.add_lead(
            "l", pipeline_id=firm.sales, status_id=firm.new, responsible_user_id=firm.anna, moment=at
        ),
        "contacts": lambda at: firm.account.add_contact("c", responsible_user_id=firm.anna, moment=at),
        "companies": lambda at: firm.account.add_company("c", responsible_user_id=firm.anna, moment=at),
    }
    made = [add[stream](START.timestamp() + 60 * number) for number in range(900)]

    pages = list(source.changed(stream, START + timedelta(minutes=300), UNTIL))

    assert set(ids(pages)) >= set(made[300:])
    assert [page.cursor for page in pages if page.cursor] == [UNTIL]
    assert pages[-1].cursor == UNTIL
    assert not source.filters_enabled


def test_whether_there_are_filters_is_told_by_the_account_read_as_a_stream(
    firm: Firm, server: AmoServer, source: AmoCrm
) -> None:
    told = []
    for _ in range(2):
        list(source.snapshot("account"))
        told.append(source.filters_enabled)
        without_filters(firm, server, is_told=True)

    assert told == [True, False]
    assert [one.path for one in server.requests] == ["/api/v4/account"] * 2


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("count", [3, 120])
def test_without_filters_objects_still_come_by_their_ids(
    firm: Firm, server: AmoServer, source: AmoCrm, count: int, *, is_told: bool
) -> None:
    without_filters(firm, server, is_told=is_told)
    leads = firm.leads(1_000)
    wanted = [*leads[-count + 1 :], leads[1]]

    came = rows(source.by_ids("leads", [*wanted, 404]))

    assert set(came) >= set(wanted)
    assert 404 not in came
    assert "contacts" in came[leads[1]]["_embedded"]


@pytest.mark.parametrize("stub_by_id", [False, True])
def test_without_filters_the_trash_is_told_all_the_same(
    firm: Firm, server: AmoServer, source: AmoCrm, *, stub_by_id: bool
) -> None:
    without_filters(firm, server, is_told=True)
    server.api.manners.stub_by_id = stub_by_id
    leads = firm.leads(400)
    for number, lead in enumerate(leads[:300]):
        firm.account.delete_lead(lead, moment=START.timestamp() + 400_000 + number)

    buried = list(source.trashed(START, UNTIL))
    among = list(source.trashed_among([*leads[:5], *leads[350:355]]))

    assert set(ids(buried)) == set(leads[:300])
    assert buried[-1].cursor == UNTIL
    assert set(rows(among)) == set(ids(among)) == set(leads[:5])
    assert all(page.tombstones for page in [*buried, *among])
    assert list(source.by_ids("leads", leads[:5])) == []
    assert source.newest_trashed() == START + timedelta(seconds=400_299)


def test_a_quiet_probe_is_one_small_question(firm: Firm, server: AmoServer, source: AmoCrm) -> None:
    firm.leads(500, step=1.0)

    assert source.newest("leads") == START + timedelta(seconds=499)
    assert source.newest("contacts") is None
    assert [one.path for one in server.requests] == ["/api/v4/leads", "/api/v4/contacts"]
    assert "limit=1" in server.requests[0].query


def test_the_filters_of_tasks_are_not_paid_for(firm: Firm, server: AmoServer, source: AmoCrm) -> None:
    without_filters(firm, server, is_told=True)
    tasks = [firm.account.add_task("t", responsible_user_id=firm.anna, complete_till=1) for _ in range(20)]

    assert set(ids(source.by_ids("tasks", tasks))) == set(tasks)
    assert len(server.requests) == 1


@pytest.mark.parametrize("stream", ["leads", "tasks"])
def test_everything_comes_by_rising_ids_while_people_delete_and_edit(
    firm: Firm, server: AmoServer, source: AmoCrm, stream: str
) -> None:
    leads = firm.leads(1_300, step=60.0)
    for lead in leads:
        firm.account.add_task("t", responsible_user_id=firm.anna, complete_till=1, entity_id=lead)
    stop = threading.Event()

    def tidy() -> None:
        for lead in leads[:200]:
            firm.account.delete_lead(lead, moment=UNTIL.timestamp())
            firm.account.update_lead(leads[-1 - lead % 50], price=lead, moment=UNTIL.timestamp())
            if stop.wait(0.001):
                return

    hand = threading.Thread(target=tidy)
    hand.start()
    came = ids(source.everything(stream))
    stop.set()
    hand.join(10)

    if stream == "leads":
        assert set(came) >= set(leads[200:])
    else:
        assert set(came) == set(firm.account.tasks)


# The rest of the promises


def test_a_delivery_is_understood_without_a_question(server: AmoServer, source: AmoCrm) -> None:
    delivery = source.understand((SAMPLES / "webhook_lead_add.form").read_bytes())

    assert [(change.stream, change.id) for change in delivery.changes] == [("leads", 32966269)]
    assert not server.requests


def test_a_page_says_when_it_was_asked_for(server: AmoServer, firm: Firm) -> None:
    """Among equal stamps what was asked for later wins, so the moment is that of the question."""
    firm.leads(1)
    moments = iter([START, UNTIL])

    with opened(server) as client:
        (page,) = AmoCrm(client, digest, now=lambda: next(moments)).changed(
            "leads", START, START + timedelta(hours=1)
        )

    assert page.fetched_at == START


def test_a_stream_is_walked_only_as_it_can_be(source: AmoCrm) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        source.changed("pipelines", START, UNTIL)
    with pytest.raises(ValueError, match="by_value"):
        source.snapshot("leads")
    with pytest.raises(KeyError):
        source.changed("talks", START, UNTIL)


@responses.activate
@pytest.mark.parametrize("body", [b"[]", b'{"name":"no id"}', b'{"id":'])
def test_an_account_without_an_id_is_a_broken_contract(body: bytes) -> None:
    url = "https://acme.amocrm.ru"
    responses.get(f"{url}/api/v4/account", body=body, content_type="application/hal+json")
    client = Client(url, LongLived("token"), Pace(100), Timeouts(attempts=1))

    with pytest.raises(Exception, match="account"):
        AmoCrm(client, digest).account()


@responses.activate
def test_a_trash_that_ignores_what_it_was_asked_for_buries_nobody_alive() -> None:
    url = "https://acme.amocrm.ru"
    stamp = int(START.timestamp())
    live: list[dict[str, Any]] = [
        {"id": 1, "updated_at": stamp, "is_deleted": False},
        {"id": 2, "updated_at": stamp, "is_deleted": None},
    ]
    has_filters(url)
    responses.get(f"{url}/api/v4/leads", body=page_of("leads", live), content_type="application/hal+json")
    client = Client(url, LongLived("token"), Pace(100))

    assert ids(AmoCrm(client, digest).trashed(START, UNTIL)) == []
    assert list(AmoCrm(client, digest).trashed_among([1, 2])) == []


def test_the_stand_in_refuses_questions_that_amocrm_does_not_know(server: AmoServer) -> None:
    """That the walks ask only what is documented is proved by all tests above, as long as this holds."""
    with opened(server) as client, pytest.raises(BadRequest):
        client.get("/api/v4/tasks", [("order[updated_at]", "asc")])
