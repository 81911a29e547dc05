"""The stand-in posts its webhooks as amoCRM does: it retries, gives up, and may lose, repeat and mix."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from sandbox.amocrm import AmoServer, Posting
from sandbox.amocrm.posting import is_hopeless, wait_after
from sandbox.amocrm.small import Small

SAMPLES = Path(__file__).parent / "samples" / "amocrm"
FAST = 1e-6
ALL_LEADS = ["add_lead", "update_lead", "status_lead", "responsible_lead", "delete_lead", "restore_lead"]


class Door:
    """A receiver that answers as it is told and remembers what came."""

    def __init__(self, statuses: list[int] | None = None, wait: float = 0.0) -> None:
        self.statuses = statuses or []
        self.wait = wait
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                door.bodies.append(body)
                door.headers.append(dict(self.headers))
                time.sleep(door.wait)
                status = door.statuses.pop(0) if door.statuses else 204
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook/secret"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for body in self.bodies]


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.close()


def test_each_change_is_posted_to_who_subscribed_to_its_action(small: Small, door: Door) -> None:
    with AmoServer(small.account, rate=0) as server:
        small.account.subscribe(door.url, ["add_lead", "status_lead", "delete_lead"])
        lead = small.lead()
        small.account.update_lead(lead, price=5)
        small.account.move_lead(lead, small.measure)
        small.account.delete_lead(lead)
        assert server.sender.settle(5)

    actions = {key.split("[")[1].rstrip("]") for form in door.forms() for key in form if key[:5] == "leads"}
    assert actions == {"add", "status", "delete"}
    assert len(door.bodies) == 3
    status = next(form for form in door.forms() if "leads[status][0][id]" in form)
    assert status["leads[status][0][old_status_id]"] == str(small.new)
    assert all(sent.status == 204 and sent.attempt == 1 for sent in server.deliveries)


def test_a_delivery_has_the_headers_of_a_captured_one(small: Small, door: Door) -> None:
    with AmoServer(small.account, rate=0) as server:
        small.account.subscribe(door.url, ALL_LEADS)
        small.lead()
        assert server.sender.settle(5)

    captured = (SAMPLES / "webhook_lead_add.headers").read_text(encoding="utf-8").splitlines()
    expected = dict(line.split(": ", 1) for line in captured if line)
    headers = door.headers[0]
    assert set(expected) <= set(headers)
    for name in ("Content-Type", "User-Agent", "Accept-Encoding"):
        assert headers[name] == expected[name]


def test_history_written_with_a_moment_is_not_told(small: Small, door: Door) -> None:
    with AmoServer(small.account, rate=0) as server:
        small.account.subscribe(door.url, ALL_LEADS)
        small.lead(moment=5)
        assert server.sender.settle(5)

    assert door.bodies == []


@pytest.mark.parametrize(
    ("statuses", "tries"), [([500] * 9, 5), ([499] * 9, 5), ([404] * 9, 3), ([302] * 9, 3), ([500, 200], 2)]
)
def test_a_failed_delivery_is_tried_again_as_often_as_its_status_deserves(
    small: Small, door: Door, statuses: list[int], tries: int
) -> None:
    door.statuses = statuses
    with AmoServer(small.account, rate=0, posting=Posting(time_scale=FAST)) as server:
        small.account.subscribe(door.url, ["add_lead"])
        small.lead()
        assert server.sender.settle(5)

    assert [sent.attempt for sent in server.deliveries] == list(range(1, tries + 1))
    assert len(set(door.bodies)) == 1


def test_the_waits_between_tries_are_the_documented_ones() -> None:
    assert [wait_after(attempt, 503) for attempt in range(1, 6)] == [300, 900, 900, 3600, None]
    assert [wait_after(attempt, 0) for attempt in range(1, 4)] == [300, 900, None]
    assert wait_after(1, 204) is None


def test_an_answer_that_comes_too_late_is_a_failure(small: Small, door: Door) -> None:
    door.wait = 0.3
    with AmoServer(small.account, rate=0, posting=Posting(timeout=0.05, time_scale=FAST)) as server:
        small.account.subscribe(door.url, ["add_lead"])
        small.lead()
        assert server.sender.settle(5)

    assert [sent.status for sent in server.deliveries] == [0, 0, 0]


def test_a_receiver_that_failed_more_than_a_hundred_times_is_switched_off(small: Small, door: Door) -> None:
    door.statuses = [404] * 1000
    with AmoServer(small.account, rate=0, posting=Posting(time_scale=1e-3)) as server:
        webhook = small.account.subscribe(door.url, ["update_lead"])
        lead = small.lead()
        for price in range(1, 140):
            small.account.update_lead(lead, price=price)
        assert server.sender.settle(10)
        switched_off = webhook.disabled
        received = len(door.bodies)
        small.account.update_lead(lead, price=1_000)
        assert server.sender.settle(5)

    assert switched_off
    assert len(door.bodies) == received


def test_old_failures_are_forgotten() -> None:
    assert is_hopeless([100.0] * 101, 200.0, 1.0)
    assert not is_hopeless([100.0] * 100, 200.0, 1.0)
    assert not is_hopeless([100.0] * 101, 100.0 + 7201, 1.0)


def test_the_post_may_lose_repeat_and_join(small: Small, door: Door) -> None:
    received = []
    for posting in (Posting(drop=1.0), Posting(duplicate=1.0), Posting(batch_seconds=0.05)):
        door.bodies.clear()
        with AmoServer(small.account, rate=0, posting=posting) as server:
            small.account.subscribe(door.url, ["add_lead"])
            small.lead("1")
            small.lead("2")
            assert server.sender.settle(5)
        received.append(len(door.bodies))

    assert received == [0, 4, 1]
    assert "leads[add][1][id]" in door.forms()[0]


def test_the_post_may_come_out_of_order(small: Small, door: Door) -> None:
    posting = Posting(reorder=0.5, reorder_seconds=0.3, seed=3)
    with AmoServer(small.account, rate=0, posting=posting) as server:
        small.account.subscribe(door.url, ["add_lead"])
        leads = [small.lead(str(number)) for number in range(20)]
        assert server.sender.settle(5)

    came = [int(form["leads[add][0][id]"]) for form in door.forms()]
    assert sorted(came) == leads
    assert came != leads


def test_webhooks_are_subscribed_changed_found_and_removed_over_the_api(small: Small) -> None:
    with AmoServer(small.account, rate=0) as server, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.token}"
        url = f"{server.url}/api/v4/webhooks"
        wanted = {"destination": "https://svc.example/hook", "settings": ["add_lead"]}
        made = session.post(url, json=wanted, timeout=5)
        changed = session.post(url, json={**wanted, "settings": ["update_lead"]}, timeout=5)
        found = session.get(url, params={"filter[destination]": wanted["destination"]}, timeout=5)
        unknown = session.post(url, json={**wanted, "settings": ["add_leads"]}, timeout=5)
        removed = session.delete(url, json={"destination": wanted["destination"]}, timeout=5)
        again = session.delete(url, json={"destination": wanted["destination"]}, timeout=5)

    assert (made.status_code, changed.status_code) == (201, 201)
    assert made.json()["id"] == changed.json()["id"]
    assert [one["settings"] for one in found.json()["_embedded"]["webhooks"]] == [["update_lead"]]
    assert (unknown.status_code, removed.status_code, again.status_code) == (400, 204, 404)
