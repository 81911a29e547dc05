"""A flood at the door: thousands of deliveries while another process builds everything anew, again and again."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.wire import encode
from tests.harness import SECRET, Program, SetClock, make_jobs, rows, wait_until

pytestmark = pytest.mark.soak

DELIVERIES = int(os.environ.get("FLOOD_DELIVERIES", "10000"))
SECONDS = 60.0
LONGEST_ANSWER = 1.0
CAUGHT_UP_WITHIN = 60.0
DEALS = 2000

CLIENT = """
import http.client, json, sys, threading, time
port, path, seconds, lines = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), 16
bodies = open(sys.argv[4], "rb").read().splitlines()
took, statuses, began = [], [], time.monotonic() + 0.2

def post(first):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for number in range(first, len(bodies), lines):
        time.sleep(max(0.0, began + number * seconds / len(bodies) - time.monotonic()))
        asked = time.monotonic()
        line.request("POST", path, bodies[number])
        reply = line.getresponse()
        reply.read()
        took.append(time.monotonic() - asked)
        statuses.append(reply.status)
    line.close()

threads = [threading.Thread(target=post, args=(first,)) for first in range(lines)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps({"took": sorted(took), "statuses": statuses, "seconds": time.monotonic() - began}))
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
        bodies = tmp_path / "bodies"
        bodies.write_bytes(b"\n".join(told(company, order)))
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
            words = [str(free_port), f"/webhooks/amocrm/{SECRET}", str(SECONDS), str(bodies)]
            done = subprocess.run(
                [sys.executable, "-c", CLIENT, *words],
                capture_output=True,
                text=True,
                timeout=300,
                check=True,
            )
            ended = time.monotonic()
            stop.set()
            wait_until(lambda: not prepared.parts.inbox.waiting(1), 300, "all deliveries digested")
            caught_up = time.monotonic() - ended
            for worker in workers:
                worker.join(120)
        said = json.loads(done.stdout)
        took = said["took"]
        p50, p99 = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
        print(
            f"\nflood: {len(took)} deliveries in {said['seconds']:.1f} s beside {len(builds)} full builds of another "
            f"process: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {took[-1] * 1000:.0f} ms; "
            f"caught up {caught_up:.1f} s after the last"
        )
        prices = dict(
            rows(
                prepared, "select id, (payload ->> '$.price')::bigint from raw.records where stream = 'leads'"
            )
        )

    assert set(said["statuses"]) == {204}
    assert took[-1] < LONGEST_ANSWER
    assert builds
    assert set(builds) == {0}
    assert caught_up < CAUGHT_UP_WITHIN
    assert {lead: prices[lead] for lead in prices} == {
        lead: company.account.leads[lead].price for lead in prices
    }


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
