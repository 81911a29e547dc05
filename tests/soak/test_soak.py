"""`make soak`: minutes of a busy account, bad lines and sudden deaths; at the end everything is as in a fresh load.

SOAK_SECONDS (900) says how long. The staff acts 20 times a second; webhooks are dropped, doubled and reordered; the
account answers with faults at random; the service is killed again and again. Then all is calm, the product catches up
and reconciles once, and what it holds is compared with a warehouse that was loaded from nothing.
"""

import os
import random
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.amocrm import AmoServer, Posting
from sandbox.amocrm.company import demo_company
from sandbox.amocrm.staff import Staff
from tests.harness import HOOKS, SECRET, Program, SetClock, differences, ledgers, make_jobs, rows, without

SECONDS = float(os.environ.get("SOAK_SECONDS", "900"))
DEATHS = 20
ACTS = 20.0
ALIVE = (
    "select stream, id, version, payload from raw.records "
    "where not is_deleted and stream in ('leads', 'contacts', 'companies', 'tasks') order by 1, 2"
)


@pytest.mark.soak
def test_after_a_storm_the_warehouse_equals_the_account(tmp_path: Path, free_port: int) -> None:
    company = demo_company(deals=300, months=6)
    posting = Posting(drop=0.3, duplicate=0.2, reorder=0.2, time_scale=0.002)
    with AmoServer(company.account, rate=7, posting=posting) as server:
        program = Program(tmp_path / "product", server, company.mapping, webhooks={"port": free_port})
        company.account.subscribe(f"http://127.0.0.1:{free_port}/webhooks/amocrm/{SECRET}", HOOKS)
        stop = threading.Event()
        working = Staff(company, seed=11).run(ACTS, stop)
        server.faults.random(0.03, seed=11)
        lives(program, server, SECONDS)
        stop.set()
        working.join(10)
        server.faults.clear()
        server.sender.settle(5.0)
        most = server.max_in_any_second()

        clock = SetClock(datetime.now(UTC) + timedelta(seconds=30))
        server.limiter.rate = 0
        jobs = make_jobs(program.folder, server, company.mapping, clock)
        jobs.drain()
        jobs.sync()
        found = jobs.reconcile()
        jobs.build()
        fresh = make_jobs(tmp_path / "fresh", server, company.mapping, clock)
        fresh.sync()
        fresh.build()
        told(server, most, [each.healed for each in found])

        assert most <= 7
        assert all(each.agrees for each in found)
        assert rows(jobs, ALIVE) == rows(fresh, ALIVE)
        binned = {lead.id for lead in company.account.leads.values() if lead.deleted_at is not None}
        assert differences(without(ledgers(jobs), binned), without(ledgers(fresh), binned)) == []


def lives(program: Program, server: AmoServer, seconds: float) -> None:
    """The service lives DEATHS times and is killed each time, at no particular moment."""
    chance = random.Random(11)
    for _ in range(DEATHS):
        with program.serving():
            time.sleep(seconds / DEATHS * chance.uniform(0.5, 1.5))
        for hook in server.account.webhooks.values():
            hook.disabled = False  # a person sees the notice of amoCRM and switches it on


def told(server: AmoServer, most: int, healed: list[int]) -> None:
    good = sum(sent.is_good for sent in server.deliveries)
    print(
        f"\nsoak: {SECONDS:.0f} s, {DEATHS} deaths, {len(server.account.leads)} deals, "
        f"{len(server.requests)} requests, at most {most} arrived in a second, "
        f"{good} of {len(server.deliveries)} deliveries answered, healed by reconciliation: {healed}"
    )
