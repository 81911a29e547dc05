"""Without webhooks: a small question every few seconds, and what changed is here within half a minute."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config_shape import Every
from exporting import Exporter
from jobs import REFERENCE, Jobs
from polled import rhythm_beside
from probing import IN_TURN
from sandbox.amocrm import AmoServer, faults
from sandbox.amocrm.company import Demo, demo_company
from service import Service
from tests.harness import SECRET, Office, SetClock, an_office, make_jobs, rows, wait_until
from warehouse import database

PROMISED = 30.0  # seconds from a click to the warehouse
AT_MOST = 40  # requests a minute of an account in which nothing happens, as README says


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with an_office(tmp_path_factory.mktemp("office"), deals=30, months=2) as office:
        yield office


@pytest.fixture(scope="module")
def origin(office: Office) -> Jobs:
    jobs = office.product("origin")
    jobs.sync()
    return jobs


@pytest.fixture
def jobs(office: Office, origin: Jobs, request: pytest.FixtureRequest) -> Jobs:
    """Loaded, and probed until nothing was restless any more."""
    jobs = office.product(request.node.name, origin)
    rounds(jobs)
    office.clock.pass_by(60)
    return jobs


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The warehouse files that were opened, on a machine that is quick."""
    opened: list[Path] = []

    def noted(path: Path, *more: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        opened.append(path)
        return connect(path, *more, **options)

    connect = database.connect
    monkeypatch.setattr(database, "connect", noted)
    monkeypatch.setattr(database, "LINGER", 3600.0)
    monkeypatch.setattr(database, "LONGEST_HOLD", 3600.0)
    return opened


def rounds(jobs: Jobs, turns: int = 4) -> int:
    """As many probes as it takes to ask about everything; how many records changed."""
    return sum(jobs.probe() for _ in range(turns))


def deal(office: Office, place: int) -> int:
    return sorted(one.id for one in office.company.account.leads.values() if one.deleted_at is None)[place]


def price(jobs: Jobs, deal_id: int) -> str:
    """The budget of a deal as we keep it."""
    ((told,),) = rows(
        jobs, f"select payload ->> '$.price' from raw.records where stream = 'leads' and id = {deal_id}"
    )
    return str(told)


def test_what_changed_is_here_after_one_round(office: Office, jobs: Jobs) -> None:
    account, edited, buried = office.company.account, deal(office, 0), deal(office, 1)
    account.update_lead(edited, price=777_000)
    account.delete_lead(buried)
    owner = account.leads[edited].responsible_user_id
    contact = account.add_contact("Новый человек", responsible_user_id=owner)
    company = account.add_company("Новая фирма", responsible_user_id=owner)
    task = account.add_task("Позвонить", responsible_user_id=owner, complete_till=0, entity_id=edited)

    rounds(jobs)

    kept = rows(jobs, "select stream, id, is_deleted from raw.records")
    assert {("contacts", contact, False), ("companies", company, False), ("tasks", task, False)} <= set(kept)
    assert ("leads", buried, True) in kept
    ((price,),) = rows(
        jobs, f"select payload ->> '$.price' from raw.records where stream = 'leads' and id = {edited}"
    )
    assert price == "777000"
    assert rows(jobs, f"select 1 from raw.events where entity_id = {edited} and type = 'sale_field_changed'")


def test_what_is_heard_between_two_polls_opens_the_warehouse_once(
    office: Office, jobs: Jobs, openings: list[Path]
) -> None:
    account, edited = office.company.account, deal(office, 6)
    account.update_lead(edited, price=333_000)
    rounds(jobs, turns=1)
    assert (price(jobs, edited), len(openings)) == ("333000", 1 + 1)  # and once to look here

    openings.clear()
    account.update_lead(edited, price=444_000)
    office.clock.pass_by(1)
    for body in office.ear.take():
        jobs.parts.inbox.keep(body)
    assert jobs.drain().deliveries > 0
    assert (price(jobs, edited), len(openings)) == ("444000", 1 + 1)

    openings.clear()
    jobs.sync()
    assert len(openings) == 1


def test_what_comes_into_sight_behind_a_newer_change_is_found(office: Office, jobs: Jobs) -> None:
    account, one, other = office.company.account, deal(office, 2), deal(office, 3)
    account.update_lead(one, price=1_000)
    rounds(jobs)
    account.update_lead(
        other, price=2_000, moment=office.clock() - 3
    )  # its moment is before the newest one known

    office.clock.pass_by(5)
    jobs.probe()

    ((price,),) = rows(
        jobs, f"select payload ->> '$.price' from raw.records where stream = 'leads' and id = {other}"
    )
    assert price == "2000"


def test_a_probe_of_a_quiet_account_is_two_small_questions_and_opens_no_warehouse(
    office: Office, jobs: Jobs
) -> None:
    before = len(office.server.requests)
    file = jobs.parts.config.warehouse.path
    touched = file.stat().st_mtime_ns

    jobs.probe()  # the deals and the trash
    asked = list(office.server.requests)[before:]

    assert [one.path for one in asked] == ["/api/v4/leads", "/api/v4/leads"]
    assert all("limit=1&" in f"{one.query}&" for one in asked)
    assert file.stat().st_mtime_ns == touched


def test_a_quiet_minute_stays_within_what_the_manual_says(office: Office, jobs: Jobs) -> None:
    jobs.sync()
    office.clock.pass_by(60)
    rounds(jobs)
    office.clock.pass_by(60)
    before, every = len(office.server.requests), Every()
    for _ in range(60 // every.probe):
        jobs.probe()
    spent: float = len(office.server.requests) - before
    rhythm: dict[float, tuple[str, ...]] = {
        float(getattr(every, name)): (name,) for name in ("leads", "events")
    }
    rhythm[float(every.contacts)] = ("contacts", "companies", "tasks", "trash")
    rhythm[float(every.reference)] = REFERENCE
    for each in (rhythm, rhythm_beside(jobs.parts.config)):
        for seconds, names in each.items():
            began = len(office.server.requests)
            jobs.sync(names)
            spent += (len(office.server.requests) - began) * 60 / seconds

    assert spent <= AT_MOST


def test_a_stream_without_the_right_leaves_the_others_probed(office: Office, jobs: Jobs) -> None:
    office.server.faults.stand(faults.NO_RIGHTS, path="/contacts")
    edited = deal(office, 4)
    office.company.account.update_lead(edited, price=3_000)

    assert rounds(jobs) > 0

    office.server.faults.clear()


def test_a_deal_that_was_never_loaded_is_left_to_the_first_load(office: Office) -> None:
    empty = office.product("empty")
    empty.sync(["account", "lead_fields"])

    assert rounds(empty) == 0
    assert rows(empty, "select 1 from raw.records where stream = 'leads'") == []


# --- the service


@pytest.fixture(scope="module")
def company() -> Demo:
    return demo_company(deals=20, months=2)


@pytest.fixture
def service(company: Demo, tmp_path: Path) -> Iterator[tuple[Service, Jobs, AmoServer]]:
    """An account that tells nobody and shows its changes two seconds late; probed five times as often as usual."""
    with AmoServer(company.account, rate=0, lag=(1.0, 2.0)) as server:
        often = {"sync": {"every": {"probe": 1}}}
        jobs = make_jobs(tmp_path, server, company.mapping, SetClock(), **often)
        jobs = Jobs(type(jobs.parts)(jobs.parts.config))  # by the clock on the wall
        service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=0, secret=SECRET, max_body=10_000)
        service.start()
        try:
            wait_until(lambda: service.health()["built_at"], 60, "the first build")
            yield service, jobs, server
        finally:
            service.stop()


def test_a_click_is_in_the_warehouse_in_time(service: tuple[Service, Jobs, AmoServer], company: Demo) -> None:
    _, jobs, _ = service
    account = company.account
    edited, buried = sorted(one.id for one in account.leads.values() if one.deleted_at is None)[:2]
    owner = account.leads[edited].responsible_user_id
    of_leads = "select 1 from raw.records where stream = 'leads' and"

    def contact() -> str:
        made = account.add_contact("Новый", responsible_user_id=owner)
        return f"select 1 from raw.records where stream = 'contacts' and id = {made}"

    def edit() -> str:
        account.update_lead(edited, price=4_000)
        return f"{of_leads} id = {edited} and (payload ->> '$.price') = '4000'"

    def bury() -> str:
        account.delete_lead(buried)
        return f"{of_leads} id = {buried} and is_deleted"

    def task() -> str:
        made = account.add_task("Дело", responsible_user_id=owner, complete_till=0, entity_id=edited)
        return f"select 1 from raw.records where stream = 'tasks' and id = {made}"

    clicks: list[Callable[[], str]] = [edit, bury, contact, task]
    delays = {}
    for click in clicks:
        clicked, question = time.monotonic(), click()
        wait_until(lambda: rows(jobs, question), PROMISED, click.__name__)  # noqa: B023 - asked at once
        delays[click.__name__] = time.monotonic() - clicked

    # At most a whole round is waited for; at the usual pace each of its probes comes so much later.
    slower = len(IN_TURN) * (Every().probe - 1)
    assert max(delays.values()) + slower < PROMISED, delays
