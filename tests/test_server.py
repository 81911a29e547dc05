"""The door: what is kept, what is refused, and how quickly it answers."""

import errno
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from webhooks.serve import Door
from webhooks.server import create_app

SECRET = "a-long-and-unguessable-key"
PATH = f"/webhooks/amocrm/{SECRET}"
ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "tests" / "samples" / "amocrm"


class Spool:
    """Keeps what the door hands over; may fail as a disk does."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.failure: Exception | None = None
        self.health: dict[str, Any] = {"ok": True, "inbox": 0}
        self.gate = threading.Event()
        self.gate.set()

    def keep(self, body: bytes) -> None:
        if self.failure:
            raise self.failure
        assert self.gate.wait(10)
        self.kept.append(body)


@pytest.fixture
def spool() -> Spool:
    return Spool()


@pytest.fixture
def door(spool: Spool) -> FlaskClient:
    return create_app(spool.keep, SECRET, lambda: spool.health, max_body=4_096).test_client()


def headers_of(name: str) -> dict[str, str]:
    lines = (SAMPLES / f"{name}.headers").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


@pytest.mark.parametrize("name", sorted(each.stem for each in SAMPLES.glob("*.form")))
def test_what_real_accounts_sent_is_kept_byte_for_byte(door: FlaskClient, spool: Spool, name: str) -> None:
    body = (SAMPLES / f"{name}.form").read_bytes()

    reply = door.post(PATH, data=body, headers=headers_of(name))

    assert (reply.status_code, reply.data) == (204, b"")
    assert spool.kept == [body]


@pytest.mark.parametrize(
    "kind", [None, "application/json", "text/plain", "multipart/form-data; boundary=x", "junk"]
)
def test_any_content_type_is_kept(door: FlaskClient, spool: Spool, kind: str | None) -> None:
    assert door.post(PATH, data=b"leads[add][0][id]=7", content_type=kind).status_code == 204
    assert spool.kept == [b"leads[add][0][id]=7"]


@pytest.mark.parametrize("key", ["wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "ключ", "%00", "%FF"])
def test_a_wrong_key_finds_nothing(door: FlaskClient, spool: Spool, key: str) -> None:
    reply = door.post(f"/webhooks/amocrm/{key}", data=b"x")

    assert reply.status_code == 404
    assert spool.kept == []


@pytest.mark.parametrize("path", ["/", "/webhooks/amocrm/", "/webhooks/amocrm", f"{PATH}/more"])
def test_there_is_nothing_else_behind_the_door(door: FlaskClient, path: str) -> None:
    assert door.post(path).status_code == 404


def test_only_posts_are_deliveries(door: FlaskClient) -> None:
    assert door.get(PATH).status_code == 405


@pytest.mark.parametrize(("size", "status"), [(4_096, 204), (4_097, 413), (1_000_000, 413)])
def test_a_body_has_a_limit(door: FlaskClient, spool: Spool, size: int, status: int) -> None:
    assert door.post(PATH, data=b"x" * size).status_code == status
    assert len(spool.kept) == (status == 204)


def test_a_wrong_key_does_not_learn_the_limit(door: FlaskClient) -> None:
    assert door.post("/webhooks/amocrm/wrong", data=b"x" * 5_000).status_code == 404


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (OSError(errno.EROFS, "Read-only file system"), 500),
        (ValueError("a mistake of ours"), 500),
    ],
)
def test_what_was_not_kept_is_not_acknowledged(
    door: FlaskClient, spool: Spool, failure: Exception, status: int
) -> None:
    """Anything from 500 up makes amoCRM send it again, five times at most."""
    spool.failure = failure

    assert door.post(PATH, data=b"leads[add][0][id]=7").status_code == status

    spool.failure = None
    assert door.post(PATH, data=b"leads[add][0][id]=7").status_code == 204


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), ValueError("ours")])
def test_logs_hold_neither_the_key_nor_the_body(
    door: FlaskClient, spool: Spool, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    caplog.set_level("DEBUG")
    spool.failure = failure

    door.post(PATH, data=b"contacts[add][0][name]=Ivan")

    assert "door.not_kept" in caplog.text
    assert SECRET not in caplog.text
    assert "Ivan" not in caplog.text


def test_health_is_told_as_it_is(door: FlaskClient, spool: Spool) -> None:
    reply = door.get("/healthz")
    assert (reply.status_code, reply.json) == (200, {"ok": True, "inbox": 0})

    spool.health = {"ok": False, "trouble": "the token has expired"}
    reply = door.get("/healthz")
    assert (reply.status_code, reply.json) == (503, {"ok": False, "trouble": "the token has expired"})


def test_health_that_cannot_be_told_is_no_health(spool: Spool) -> None:
    def health() -> dict[str, Any]:
        raise OSError("the published copy is gone")

    reply = create_app(spool.keep, SECRET, health).test_client().get("/healthz")

    assert (reply.status_code, reply.json) == (503, {"ok": False})


def test_a_door_without_a_secret_is_not_built() -> None:
    with pytest.raises(ValueError, match="secret"):
        create_app(lambda body: None, "", lambda: {"ok": True})


def test_the_package_itself_needs_no_flask() -> None:
    program = "import sys, webhooks; sys.exit('flask' in sys.modules)"

    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=30, check=False)
    assert finished.returncode == 0


# Served


@pytest.fixture
def served(spool: Spool) -> Iterator[str]:
    with Door(create_app(spool.keep, SECRET, lambda: spool.health, max_body=4_096), "127.0.0.1", 0) as door:
        yield f"http://127.0.0.1:{door.port}"


def test_a_served_door_keeps_and_answers(served: str, spool: Spool) -> None:
    reply = requests.post(f"{served}{PATH}", data=b"leads[add][0][id]=7", timeout=5)

    assert (reply.status_code, reply.content) == (204, b"")
    assert spool.kept == [b"leads[add][0][id]=7"]


def test_a_body_without_a_length_has_the_same_limit(served: str, spool: Spool) -> None:
    small, large = iter([b"x" * 100] * 2), iter([b"x" * 100] * 100)

    assert requests.post(f"{served}{PATH}", data=small, timeout=5).status_code == 204
    assert requests.post(f"{served}{PATH}", data=large, timeout=5).status_code == 413
    assert spool.kept == [b"x" * 200]


def test_a_sender_that_hangs_up_amid_its_body_leaves_nothing(served: str, spool: Spool) -> None:
    port = int(served.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nleads".encode())

    assert requests.get(f"{served}/healthz", timeout=5).status_code == 200
    assert spool.kept == []


def test_a_busy_address_is_said_at_once(spool: Spool) -> None:
    app = create_app(spool.keep, SECRET, lambda: spool.health)
    with Door(app, "127.0.0.1", 0) as door, pytest.raises(OSError, match="in use"):
        Door(app, "127.0.0.1", door.port)


def test_what_is_under_way_is_answered_before_the_door_closes(spool: Spool) -> None:
    """Also what still waits for a thread: there are more senders than threads."""
    door = Door(create_app(spool.keep, SECRET, lambda: spool.health), "127.0.0.1", 0)
    door.start()
    spool.gate.clear()
    with ThreadPoolExecutor(9) as threads:
        url = f"http://127.0.0.1:{door.port}{PATH}"
        replies = [threads.submit(requests.post, url, data=b"x", timeout=5) for _ in range(8)]
        time.sleep(0.2)
        stopped = threads.submit(door.stop)
        time.sleep(0.1)
        spool.gate.set()

        stopped.result(10)
        assert {reply.result(10).status_code for reply in replies} == {204}

    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{door.port}/healthz", timeout=2)


def test_a_door_may_be_closed_twice_or_without_having_been_open(spool: Spool) -> None:
    app = create_app(spool.keep, SECRET, lambda: spool.health)
    never_open = Door(app, "127.0.0.1", 0)
    never_open.stop()
    with Door(app, "127.0.0.1", 0) as door:
        door.stop()


def test_answers_come_quickly_at_a_hundred_a_second(tmp_path: Path, spool: Spool) -> None:
    def keep(body: bytes) -> None:
        (tmp_path / f"{time.monotonic_ns()}").write_bytes(body)

    body = (SAMPLES / "webhook_lead_update.form").read_bytes()
    took: list[float] = []

    def send(session: requests.Session, url: str) -> None:
        for _ in range(50):
            began = time.monotonic()
            assert session.post(url, data=body, timeout=5).status_code == 204
            took.append(time.monotonic() - began)
            time.sleep(max(0.0, 0.04 - took[-1]))

    with (
        Door(create_app(keep, SECRET, lambda: spool.health), "127.0.0.1", 0) as door,
        ThreadPoolExecutor(4) as threads,
    ):
        sessions = [requests.Session() for _ in range(4)]
        list(threads.map(lambda session: send(session, f"http://127.0.0.1:{door.port}{PATH}"), sessions))
        for session in sessions:
            session.close()

    assert len(took) == 200
    assert statistics.quantiles(took, n=20)[-1] < 0.25
