"""A flood at the door: thousands of deliveries while another process builds everything anew, again and again."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.wire import encode
from tests.callers import post
from tests.harness import Program, SetClock, make_jobs, rows, wait_until

pytestmark = pytest.mark.soak

DELIVERIES = int(os.environ.get("FLOOD_DELIVERIES", "10000"))
SECONDS = 60.0
LONGEST_ANSWER = 1.0
CAUGHT_UP_WITHIN = 60.0
DEALS = 2000
PRICES = """
    select id, (payload ->> '$.price')::bigint from raw.records where stream = 'leads' and not is_deleted
"""


def test_a_flood_of_deliveries_is_answered_at_once_and_digested_soon(tmp_path: Path, free_port: int) -> None:
    company = demo_company(deals=DEALS, months=12)
    with AmoServer(company.account, rate=7) as server:
        program = Program(
            tmp_path / "product", server, company.mapping,
            amocrm={"requests_per_second": 7}, webhooks={"port": free_port},
        )  # fmt: skip
        prepared = make_jobs(program.folder, server, company.mapping, SetClock(datetime.now(UTC)))
        server.limiter.rate = 0
        prepared.sync()
        prepared.build()
        server.limiter.rate = 7
        leads = [one.id for one in company.account.leads.values() if one.deleted_at is None]
        order = [leads[number % len(leads)] for number in range(DELIVERIES)]
        bodies = list(told(company, order))
        with (tmp_path / "errors.txt").open("w") as errors, program.serving(errors) as service:
            assert service.stdout is not None
            assert service.stdout.readline().startswith("http://127.0.0.1")
            builds: list[int] = []
            stop = threading.Event()
            workers = [
                threading.Thread(target=rebuild, args=(program, builds, stop)),
                threading.Thread(target=change, args=(company, order)),
            ]
            for worker in workers:
                worker.start()
            answered = post(tmp_path, free_port, bodies, seconds=SECONDS, lines=16)
            ended = time.monotonic()
            stop.set()
            wait_until(lambda: not prepared.parts.inbox.waiting(1), 300, "all deliveries digested")
            caught_up = time.monotonic() - ended
            for worker in workers:
                worker.join(120)
        print(
            f"\nflood: {answered}; beside {len(builds)} full builds of another process; "
            f"caught up {caught_up:.1f} s after the last"
        )
        prices = dict(rows(prepared, PRICES))

    assert answered.statuses == {204}
    assert answered.took[-1] < LONGEST_ANSWER
    assert builds
    assert set(builds) == {0}
    assert caught_up < CAUGHT_UP_WITHIN
    assert prices == {lead: company.account.leads[lead].price for lead in leads}


def told(company: Demo, order: list[int]) -> Iterator[bytes]:
    """What is posted of each change: what counts is whom it names, and that it comes after the change."""
    for lead in order:
        yield encode(company.account, "leads", "update", company.account.leads[lead], {})


def change(company: Demo, order: list[int]) -> None:
    """Change the deals one after another, as quickly as it is told of them."""
    began = time.monotonic()
    for number, lead in enumerate(order):
        time.sleep(max(0.0, began + number * SECONDS / len(order) - time.monotonic()))
        company.account.update_lead(lead, price=company.account.leads[lead].price + 100)


def rebuild(program: Program, builds: list[int], stop: threading.Event) -> None:
    while not stop.is_set():
        builds.append(program.run("rebuild", "--wait", "120", timeout=300).returncode)
