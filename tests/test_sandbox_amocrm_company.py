"""The demo company: repeatable, quickly founded, rich in what real accounts have; its staff; big accounts."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from sandbox.amocrm import AmoServer
from sandbox.amocrm.big import big_account, change
from sandbox.amocrm.cast import HOSTILE_NAMES
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.premises import COSTS
from sandbox.amocrm.small import HandClock
from sandbox.amocrm.staff import Staff
from sandbox.amocrm.truth import Lead

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def demo() -> Demo:
    return demo_company(now=NOW)


def live(demo: Demo, field: str) -> list[Lead]:
    wanted = demo.premises.fields[field]
    return [lead for lead in demo.account.leads.values() if wanted in lead.fields]


def test_the_company_is_founded_quickly_and_is_of_the_promised_size() -> None:
    started = time.monotonic()
    demo = demo_company(now=NOW)

    assert time.monotonic() - started < 5
    assert len(demo.account.leads) == 2000
    assert len(demo.premises.managers) == 12
    assert [user.is_active for user in demo.account.users.values()].count(False) == 1
    assert len(demo.account.pipelines) == 3


def test_the_same_seed_gives_the_same_company_and_another_another(demo: Demo) -> None:
    assert demo_company(now=NOW).account.events == demo.account.events
    assert demo_company(seed=7, now=NOW).account.events != demo.account.events


def test_history_is_told_in_order_and_ends_now(demo: Demo) -> None:
    moments = [event.created_at for event in demo.account.events]

    assert all(before <= after for before, after in pairwise(moments))
    assert moments[-1] <= NOW.timestamp()
    assert datetime.fromtimestamp(moments[0], UTC).year == 2025
    ids = [event.id for event in demo.account.events]
    assert ids == sorted(set(ids))


def test_every_leads_state_is_what_its_history_says(demo: Demo) -> None:
    statuses: dict[int, dict[str, int]] = {}
    for event in demo.account.events:
        if event.type == "lead_status_changed":
            previous = statuses.get(event.entity_id)
            assert previous is None or event.value_before[0]["lead_status"] == previous
            statuses[event.entity_id] = event.value_after[0]["lead_status"]

    for lead_id, status in statuses.items():
        lead = demo.account.leads[lead_id]
        assert status == {"id": lead.status_id, "pipeline_id": lead.pipeline_id}


def test_the_company_has_what_real_accounts_have(demo: Demo) -> None:
    account, fields = demo.account, demo.premises.fields
    signed, events = live(demo, "Номер договора"), Counter(event.type for event in account.events)
    names = {lead.name for lead in account.leads.values()}
    refunds = [lead for lead in live(demo, "Доплата") if lead.fields[fields["Доплата"]].startswith("-")]
    reopened = [
        event
        for event in account.events
        if event.type == "lead_status_changed"
        and event.value_before[0]["lead_status"]["id"] == 143
        and event.value_after[0]["lead_status"]["id"] != 143
    ]

    assert 300 < len(signed) < 900
    for blank in ("Сумма договора", "Дата договора", "Дата монтажа", "Закуп материалов"):
        assert sum(fields[blank] not in lead.fields for lead in signed) > 0, blank
    assert refunds
    assert reopened
    assert events["lead_deleted"] > events["lead_restored"] > 0
    assert events["entity_responsible_changed"] > 0
    assert events["sale_field_changed"] > 0
    assert set(HOSTILE_NAMES) <= names
    assert all(live(demo, name) for name in fields if ":" not in name)


def test_the_company_earns_what_a_healthy_one_earns_and_nearly_all_its_costs_are_known(demo: Demo) -> None:
    fields = demo.premises.fields
    costs, amount = [fields[article] for article in COSTS], fields["Сумма договора"]
    paid = [lead for lead in live(demo, "Доплата") if float(lead.fields.get(amount, 0))]
    known = [lead for lead in paid if all(cost in lead.fields for cost in costs)]
    revenue = sum(float(lead.fields[amount]) for lead in known)
    spent = sum(float(lead.fields[cost]) for lead in known for cost in costs)

    assert len(known) > 0.9 * len(paid)
    assert 0.30 < 1 - spent / revenue < 0.40


def test_some_contracts_fall_on_the_very_edge_of_a_month(demo: Demo) -> None:
    fields = demo.premises.fields
    edges = [
        datetime.fromtimestamp(event.created_at, UTC)
        for event in demo.account.events
        if event.type == "lead_status_changed"
        and event.value_after[0]["lead_status"]["id"] == demo.premises.statuses["Продажи"]["Договор"]
        and fields["Дата договора"] not in demo.account.leads[event.entity_id].fields
    ]

    assert any((moment.hour, moment.minute) == (21, 30) and moment.day >= 28 for moment in edges)


def test_managers_and_sources_differ(demo: Demo) -> None:
    fields, managers = demo.premises.fields, demo.premises.managers

    def discount(name: str) -> float:
        own = [lead for lead in live(demo, "Скидка") if lead.responsible_user_id == managers[name]]
        given = sum(float(lead.fields[fields["Скидка"]]) for lead in own)
        return given / sum(lead.price + float(lead.fields[fields["Скидка"]]) for lead in own)

    def lost(name: str) -> float:
        own = [one for one in demo.account.leads.values() if one.responsible_user_id == managers[name]]
        return sum(one.status_id == 143 for one in own) / len(own)

    assert discount("Сергей Волков") > 3 * discount("Анна Соколова")
    assert lost("Игорь Зайцев") > lost("Анна Соколова") + 0.1


def test_the_mapping_names_fields_and_statuses_that_exist(demo: Demo) -> None:
    mapping = demo.config["mapping"]
    account = demo.account

    def ids(node: object) -> list[int]:
        if isinstance(node, dict):
            return [found for below in node.values() for found in ids(below)]
        if isinstance(node, list):
            return [found for below in node for found in ids(below)]
        return [node] if isinstance(node, int) else []

    assert set(ids(mapping["fields"])) <= set(account.fields)
    assert {one["kind"] for one in mapping["pipelines"].values()} == {"sales", "service", "expenses"}
    for pipeline_id, pipeline in mapping["pipelines"].items():
        own = set(account.pipelines[pipeline_id].statuses)
        assert set(pipeline["steps"]) == (own if pipeline["kind"] != "expenses" else set())


def test_the_whole_company_can_be_read_over_http(demo: Demo) -> None:
    found: set[int] = set()
    with AmoServer(demo.account, rate=0) as server, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.token}"
        url: str | None = f"{server.url}/api/v4/leads?limit=250&order[id]=asc&with=contacts,loss_reason"
        while url is not None:
            reply = session.get(url, timeout=10)
            page = reply.json() if reply.status_code == 200 else {"_links": {}, "_embedded": {"leads": []}}
            found |= {lead["id"] for lead in page["_embedded"]["leads"]}
            url = page["_links"].get("next", {}).get("href")

    assert found == {lead.id for lead in demo.account.leads.values() if lead.deleted_at is None}


@pytest.mark.parametrize("deals", [20, 150])
def test_a_small_company_is_a_company_too(deals: int) -> None:
    demo = demo_company(deals=deals, months=4, now=NOW)

    assert len(demo.account.leads) == deals


def test_the_staff_goes_on_working_plausibly() -> None:
    clock = HandClock(NOW.timestamp())
    demo = demo_company(deals=300, months=6, now=NOW, clock=clock)
    told = len(demo.account.events)
    staff = Staff(demo, seed=5)
    for _ in range(300):
        clock.pass_by(7)
        action = staff.act()
        assert demo.account.leads[action.lead_id]
        assert action.text_ru

    kinds = Counter(event.type for event in demo.account.events[told:])
    assert {"lead_added", "lead_status_changed", "lead_deleted", "lead_restored"} <= set(kinds)
    assert len(staff.actions) == 300
    same = Staff(demo_company(deals=300, months=6, now=NOW, clock=HandClock(NOW.timestamp())), seed=5)
    assert same.act().text_ru == staff.actions[0].text_ru


def test_the_staff_works_in_its_own_thread_until_it_is_stopped() -> None:
    staff = Staff(demo_company(deals=60, months=3, now=NOW))
    stop = threading.Event()
    thread = staff.run(200, stop)
    until = time.monotonic() + 5
    while len(staff.actions) < 5 and time.monotonic() < until:
        time.sleep(0.01)
    stop.set()
    thread.join(5)

    assert not thread.is_alive()
    assert len(staff.actions) >= 5


def test_a_big_account_is_full_of_fields_and_events() -> None:
    demo = big_account(1_000, fields=34, now=NOW.timestamp())
    leads = demo.account.leads.values()

    assert {len(lead.fields) for lead in leads} == {34}
    assert len(demo.account.events) == 2_000
    assert max(Counter(lead.updated_at for lead in leads).values()) >= 250
    assert big_account(1_000, fields=34, now=NOW.timestamp()).account.events == demo.account.events


def test_a_big_accounts_ready_bytes_are_what_its_fields_say() -> None:
    demo = big_account(20, now=NOW.timestamp())
    with AmoServer(demo.account, rate=0) as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        ready = requests.get(f"{server.url}/api/v4/leads", headers=headers, timeout=5).content
        for lead in demo.account.leads.values():
            lead.head = None
        rendered = requests.get(f"{server.url}/api/v4/leads", headers=headers, timeout=5).content

    assert ready == rendered


def test_changes_of_a_big_account_move_its_leads_to_now() -> None:
    demo = big_account(500, now=NOW.timestamp())
    started = int(time.time())

    change(demo, 50)

    touched = [lead for lead in demo.account.leads.values() if lead.updated_at >= started]
    assert len(touched) == 50
    assert demo.account.shelves["leads"].between(started) == sorted(lead.id for lead in touched)


def test_an_account_is_served_from_the_command_line(tmp_path: Path) -> None:
    about = tmp_path / "about.json"
    command = [
        sys.executable,
        "-m",
        "sandbox.amocrm",
        "--leads",
        "30",
        "--rate",
        "0",
        "--describe",
        str(about),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        url, token = process.stdout.readline().strip(), process.stdout.readline().strip()
        process.stdin.write("change 3\n")
        process.stdin.flush()
        answer = process.stdout.readline().strip()
        headers = {"Authorization": f"Bearer {token}"}
        status = requests.get(f"{url}/api/v4/leads", headers=headers, timeout=5).status_code
        process.terminate()
        code = process.wait(10)

    described = json.loads(about.read_text(encoding="utf-8"))
    assert (status, code, answer) == (200, 0, "changed 3")
    assert (described["url"], described["token"]) == (url, token)
    assert "contract_amount" in described["mapping"]["fields"]
