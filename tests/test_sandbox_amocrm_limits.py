"""The stand-in's unfriendly side: its limiter, faults on demand, an ended subscription, lagging lists."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
import requests

from sandbox.amocrm import AmoServer, faults
from sandbox.amocrm.limiter import Limiter
from sandbox.amocrm.small import Small


@pytest.fixture
def small() -> Small:
    small = Small()
    small.lead()
    return small


@pytest.fixture
def server(small: Small) -> Iterator[AmoServer]:
    with AmoServer(small.account, rate=0) as server:
        yield server


def get(server: AmoServer, path: str = "/leads", timeout: float = 5) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.token}", "Connection": "close"}
    return requests.get(f"{server.url}/api/v4{path}", headers=headers, timeout=timeout)


def test_the_eighth_request_of_a_second_is_refused_and_the_next_second_is_free() -> None:
    limiter = Limiter(7, window=1.0)

    served = [limiter.refuse(10 + number / 100) is None for number in range(8)]

    assert served == [True] * 7 + [False]
    assert limiter.refuse(12.0) is None


def test_refused_requests_count_against_the_limit_too() -> None:
    limiter = Limiter(2, window=1.0)
    for moment in (0.0, 0.1, 0.5):
        limiter.refuse(moment)

    assert limiter.refuse(1.05) is not None
    assert limiter.refuse(2.2) is None


def test_who_goes_on_knocking_is_shut_out_until_somebody_unblocks_him() -> None:
    limiter = Limiter(1, strikes=3, window=1.0)
    statuses = [reply.status if (reply := limiter.refuse(0.01 * number)) else 200 for number in range(6)]

    assert statuses == [200, 429, 429, 429, 403, 403]
    assert limiter.refuse(1_000.0) is not None
    limiter.unblock()
    assert limiter.refuse(1_002.0) is None


def test_the_account_answers_429_as_a_page_or_as_json_and_blocks_the_token_endpoint_too(
    small: Small,
) -> None:
    with AmoServer(small.account, rate=1, strikes=2) as server:
        replies = [get(server), get(server)]
        server.limiter.reply = "json"
        replies += [get(server), requests.post(f"{server.url}/oauth2/access_token", timeout=5)]

    assert [reply.status_code for reply in replies] == [200, 429, 429, 403]
    assert replies[1].headers["Content-Type"] == "text/html"
    assert replies[2].json()["retry_after"] == 1
    assert "nginx" in replies[3].text


def test_what_was_asked_is_recorded(small: Small, server: AmoServer) -> None:
    get(server, "/leads?limit=1")
    get(server, "/nothing")

    assert [(one.method, one.path, one.query, one.status) for one in server.requests] == [
        ("GET", "/api/v4/leads", "limit=1", 200),
        ("GET", "/api/v4/nothing", "", 404),
    ]
    assert len(server.asked("/leads")) == 1
    assert server.max_in_any_second(window=60) == 2


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        (faults.BAD_GATEWAY, 502, "text/html"),
        (faults.GATEWAY_TIMEOUT, 504, "text/html"),
        (faults.TOO_MANY, 429, "text/html"),
        (faults.too_many(3), 429, "application/problem+json"),
        (faults.BLOCKED, 403, "text/html"),
        (faults.UNAUTHORIZED, 401, "application/problem+json"),
        (faults.server_error(), 500, "application/problem+json"),
        (faults.wrong_content_type(), 200, "text/html"),
        (faults.SPURIOUS_EMPTY, 204, None),
    ],
)
def test_a_fault_meets_the_next_request_of_its_path_and_is_used_up(
    server: AmoServer, fault: faults.Fault, status: int, content_type: str | None
) -> None:
    server.faults.add(fault, path="/leads")

    other, hit, after = get(server, "/account"), get(server), get(server)

    assert (other.status_code, after.status_code) == (200, 200)
    assert (hit.status_code, hit.headers.get("Content-Type")) == (status, content_type)
    assert server.faults.left == 0


def test_a_script_of_faults_is_played_in_its_order(server: AmoServer) -> None:
    server.faults.add(faults.BAD_GATEWAY, path="/leads", times=2)
    server.faults.add(faults.too_many(1), path="/leads", when=lambda request: "page=2" in request.query)

    statuses = [get(server, path).status_code for path in ("/leads", "/leads", "/leads", "/leads?page=2")]

    assert statuses == [502, 502, 200, 429]


@pytest.mark.parametrize("fault", [faults.RESET, faults.CUT, faults.hang(0.2)])
def test_a_broken_line_is_no_answer(server: AmoServer, fault: faults.Fault) -> None:
    server.faults.add(fault)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get(server)

    assert get(server).status_code == 200


def test_a_truncated_body_is_no_json(server: AmoServer) -> None:
    server.faults.add(faults.truncated())

    reply = get(server)

    assert reply.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        reply.json()


def test_a_silent_server_does_not_outlive_its_stop(small: Small) -> None:
    server = AmoServer(small.account, rate=0).start()
    server.faults.add(faults.hang(60))
    failed: list[Exception] = []

    def ask() -> None:
        try:
            get(server, timeout=10)
        except requests.RequestException as error:
            failed.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    _wait_for(lambda: server.faults.left == 0)
    started = time.monotonic()
    server.stop()
    asking.join(5)

    assert not asking.is_alive()
    assert failed
    assert time.monotonic() - started < 3


def test_latency_is_paid_by_each_request_and_not_by_all_together(small: Small) -> None:
    with AmoServer(small.account, rate=0, latency=0.2) as server:
        started = time.monotonic()
        threads = [threading.Thread(target=get, args=(server,)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        took = time.monotonic() - started

    assert 0.2 <= took < 0.95


def test_without_a_subscription_writing_ends_at_once_and_reading_after_thirty_days(
    small: Small, server: AmoServer
) -> None:
    small.account.settings.subscription_ended_at = int(small.clock.now)
    headers = {"Authorization": f"Bearer {server.token}"}

    written = requests.post(f"{server.url}/api/v4/webhooks", headers=headers, json={}, timeout=5)
    read = get(server)
    small.clock.pass_by(31 * 86_400)
    late = get(server)

    assert [written.status_code, read.status_code, late.status_code] == [402, 200, 402]
    assert late.json()["title"] == "Payment Required"


def test_a_lagging_account_shows_a_change_only_after_its_lag(small: Small) -> None:
    with AmoServer(small.account, rate=0, lag=5) as server:
        old = get(server).json()["_embedded"]["leads"][0]
        small.account.update_lead(old["id"], price=77)
        new = small.lead("Новая")
        now = get(server).json()["_embedded"]["leads"]
        events_now = len(get(server, "/events").json()["_embedded"]["events"])
        small.clock.pass_by(6)
        later = get(server).json()["_embedded"]["leads"]
        events_later = len(get(server, "/events").json()["_embedded"]["events"])
        small.account.delete_lead(new)
        still = get(server).json()["_embedded"]["leads"]
        small.clock.pass_by(6)
        gone = get(server).json()["_embedded"]["leads"]

    assert [lead["price"] for lead in now] == [0]
    assert {lead["id"]: lead["price"] for lead in later} == {old["id"]: 77, new: 0}
    assert (events_now, events_later) == (1, 3)
    assert (len(still), len(gone)) == (2, 1)


def test_rows_show_up_each_in_its_own_time_but_never_in_an_older_state(small: Small) -> None:
    with AmoServer(small.account, rate=0, lag=(1, 20)) as server:
        leads = [small.lead(f"Окна {number}", price=1) for number in range(30)]
        for lead in leads:
            small.account.update_lead(lead, price=2)
        seen: list[dict[int, int]] = []
        for _ in range(21):
            small.clock.pass_by(1)
            shown = get(server, "/leads?limit=250").json()["_embedded"]["leads"]
            seen.append({lead["id"]: lead["price"] for lead in shown if lead["id"] in leads})

    assert seen[-1] == dict.fromkeys(leads, 2)
    assert len({tuple(sorted(page)) for page in seen}) > 5
    assert any(sorted(page) != leads[: len(page)] for page in seen)
    assert all(
        before.get(lead, 0) <= after.get(lead, 0) for before, after in pairwise(seen) for lead in leads
    )


@pytest.mark.parametrize(("purges", "status"), [(True, 204), (False, 200)])
@pytest.mark.parametrize("lag", [0, 5])
def test_the_trash_is_emptied_by_the_clock_where_the_account_does_so(
    small: Small, purges: bool, status: int, lag: float
) -> None:
    gone = small.lead()
    small.account.delete_lead(gone)
    with AmoServer(small.account, rate=0, lag=lag) as server:
        server.api.manners.purges = purges
        small.clock.pass_by(29 * 86_400)
        early = get(server, "/leads?with=only_deleted")
        small.clock.pass_by(2 * 86_400)
        get(server)
        small.clock.pass_by(5)
        late = get(server, "/leads?with=only_deleted")

    assert (early.status_code, late.status_code) == (200, status)
    assert small.account.leads[gone].purged is purges


def _wait_for(condition: Callable[[], bool], timeout: float = 5) -> None:
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)
