"""The door for orders: another process drives the account, troubles it, and asks it for the truth."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.amocrm import AmoServer, Posting
from sandbox.amocrm.acts import VERBS, Acts, SetClock
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.control import Control

ROOT = Path(__file__).parents[1]


@pytest.fixture
def demo() -> Demo:
    return demo_company(deals=40, months=3, clock=SetClock(time.time))


class Driver:
    """What a test in another process holds."""

    def __init__(self, url: str) -> None:
        self.url = url

    def act(self, verb: str, **order: Any) -> Any:
        reply = requests.post(f"{self.url}/act", json={"verb": verb, **order}, timeout=10)
        assert reply.status_code == 200, reply.text
        return reply.json()["result"]

    def ask(self, path: str, **params: Any) -> Any:
        reply = requests.get(f"{self.url}{path}", params, timeout=10)
        assert reply.status_code == 200, reply.text
        return reply.json()


@pytest.fixture
def server(demo: Demo) -> Iterator[AmoServer]:
    with AmoServer(demo.account, rate=0, lag=0.001, posting=Posting(time_scale=0.001)) as server:
        yield server


@pytest.fixture
def driver(demo: Demo, server: AmoServer) -> Iterator[Driver]:
    assert isinstance(demo.account.clock, SetClock)
    control = Control(server, Acts(demo, server, demo.account.clock))
    control.start()
    yield Driver(control.url)
    control.stop()


@contextlib.contextmanager
def door(seen: list[bytes]) -> Iterator[str]:
    """A receiver of webhooks that answers 204."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Silent."""

    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=receiver.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{receiver.server_address[1]}/hook"
    receiver.shutdown()
    thread.join(5)
    receiver.server_close()


def get(server: AmoServer, path: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.token}", "Connection": "close"}
    return requests.get(f"{server.url}/api/v4{path}", headers=headers, timeout=5)


def wait_for(condition: Callable[[], bool], timeout: float = 5) -> None:
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)


def test_verbs_are_ordered_and_the_truth_is_told(demo: Demo, driver: Driver) -> None:
    place = demo.premises
    lead = driver.act(
        "add_lead",
        name="Окна",
        pipeline_id=place.pipelines["Продажи"],
        status_id=place.statuses["Продажи"]["Замер"],
        responsible_user_id=place.head,
        fields={str(place.fields["Сумма договора"]): 500},
    )
    other = driver.act(
        "add_lead",
        pipeline_id=place.pipelines["Продажи"],
        status_id=place.statuses["Продажи"]["Замер"],
        responsible_user_id=place.head,
    )
    driver.act("update_lead", lead_id=lead, price=700, dated={"updated_at": 1_700_000_000})
    driver.act("merge_leads", survivor_id=lead, losers=[other])

    truth = driver.ask("/truth", of="leads,merges,events")

    by_id = {one["id"]: one for one in truth["leads"]}
    assert len(by_id) == len(demo.account.leads)
    assert (by_id[lead]["price"], by_id[lead]["fields"][str(place.fields["Сумма договора"])]) == (700, "500")
    assert by_id[other]["merged_into"] == lead
    assert truth["merges"][0]["losers"] == [other]
    assert len(truth["events"]) == len(demo.account.events)


def test_every_verb_that_may_be_ordered_exists(demo: Demo) -> None:
    assert [verb for verb in VERBS if not callable(getattr(demo.account, verb, None))] == []


@pytest.mark.parametrize(
    "order",
    [
        {"verb": "shutdown"},
        {"verb": "update_lead", "lead_id": 1},
        {"verb": "update_lead", "lead": 1},
        {"verb": "fault", "name": "plague"},
        {"verb": "posting", "loss": 1},
        {},
    ],
)
def test_a_refused_order_says_why_and_the_account_goes_on(driver: Driver, order: dict[str, Any]) -> None:
    reply = requests.post(f"{driver.url}/act", json=order, timeout=5)

    assert reply.status_code == 400
    assert reply.json()["error"]
    assert driver.act("act", times=1) == 1


def test_the_staff_works_until_it_is_stopped(demo: Demo, driver: Driver) -> None:
    before = len(demo.account.journal)
    driver.act("staff", per_second=200, without=["throw_away"])
    wait_for(lambda: driver.ask("/counters")["acts"] > 20)
    done = driver.act("stop")
    time.sleep(0.05)

    assert (driver.ask("/counters")["acts"], driver.ask("/counters")["working"]) == (done, False)
    assert len(demo.account.journal) > before + 20


def test_troubles_are_switched_on_and_off(server: AmoServer, driver: Driver) -> None:
    driver.act("stand", name="403 rights", path="/users")
    driver.act("fault", name="502 html", path="/leads", times=1)
    driver.act("random", rate=1.0, kinds=["500"], seed=5)
    troubled = [get(server, path).status_code for path in ("/users", "/leads", "/leads")]
    driver.act("calm")
    calm = [get(server, path).status_code for path in ("/users", "/leads", "/leads")]
    driver.act("rate", per_second=1)
    get(server, "/leads")
    refused = get(server, "/leads").status_code
    driver.act("rate", per_second=0)
    driver.act("settings", is_api_filter_enabled=False, touching=["notes"])
    driver.act("manners", over_limit="refuse", ignored_filters=["id"])
    driver.act("lag", low=0.0)
    driver.act("skew", seconds=3600)

    assert (troubled, calm, refused) == ([403, 502, 500], [200, 200, 200], 429)
    counters = driver.ask("/counters")
    assert counters["faults"] == {"403 rights": 1, "502 html": 1, "500": 1}
    assert (counters["refused_429"], counters["requests"]) == (1, 8)
    assert server.account.settings.touching == {"notes"}
    assert get(server, "/leads?limit=500").status_code == 422
    assert server.account.clock() > time.time() + 3000


def test_deliveries_are_told_with_the_leads_they_were_about(demo: Demo, driver: Driver) -> None:
    seen: list[bytes] = []
    with door(seen) as url:
        driver.act("subscribe", destination=url, codes=["add_lead", "update_lead"])
        driver.act("act", times=30, bustle=False)
        assert driver.act("settle", timeout=5)
        told = driver.ask("/deliveries", status=204)
        driver.act("posting", drop=1.0)
        driver.act("act", times=10)
        assert driver.act("settle", timeout=5)
        counters = driver.ask("/counters")

    assert told
    assert sorted(one["body"].encode() for one in told) == sorted(seen)
    assert all(one["leads"] and set(one["leads"]) <= set(demo.account.leads) for one in told)
    assert (counters["delivered"], counters["told"] - counters["dropped"]) == (len(told), len(told))
    assert counters["dropped"] > 0


def test_the_account_lives_in_a_process_of_its_own(tmp_path: Path) -> None:
    about = tmp_path / "about.json"
    arguments = ["--deals", "20", "--rate", "0", "--lag", "0", "0.01", "--oauth", "--control", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.amocrm", *arguments, "--describe", str(about)],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    alarm = threading.Timer(20, process.kill)
    alarm.start()
    try:
        assert process.stdout is not None
        url, token, control = (process.stdout.readline().strip() for _ in range(3))
        driver = Driver(control)
        driver.act("act", times=20)
        known = json.loads(about.read_text(encoding="utf-8"))
        assert (known["url"], known["token"], known["control"]) == (url, token, control)
        assert known["oauth"]["code"]
        reply = requests.get(f"{url}/api/v4/leads", headers={"Authorization": f"Bearer {token}"}, timeout=5)
        assert reply.status_code == 200
        assert driver.ask("/counters")["acts"] == 20
        process.terminate()
        assert process.wait(10) == 0
    finally:
        alarm.cancel()
        process.kill()
        process.communicate(timeout=10)
