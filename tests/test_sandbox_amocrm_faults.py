"""Faults by name: each looks as the real trouble does, and chance deals them out in its share."""

import json
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests

from sandbox.amocrm import AmoServer, OAuth
from sandbox.amocrm.fault_kinds import KINDS, PASSING, named
from sandbox.amocrm.faults import NO_RIGHTS
from sandbox.amocrm.small import Small

BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@pytest.fixture
def small() -> Small:
    small = Small()
    for _ in range(60):
        small.lead()
    return small


@pytest.fixture
def server(small: Small) -> Iterator[AmoServer]:
    with AmoServer(small.account, rate=0) as server:
        yield server


def get(server: AmoServer, path: str = "/leads?limit=250", timeout: float = 5) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.token}", "Connection": "close"}
    return requests.get(f"{server.url}/api/v4{path}", headers=headers, timeout=timeout)


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("429 html", 429, "text/html"),
        ("429 json", 429, "application/problem+json"),
        ("403 block", 403, "text/html"),
        ("403 rights", 403, "application/problem+json"),
        ("402", 402, "application/problem+json"),
        ("401", 401, "application/problem+json"),
        ("500", 500, "application/problem+json"),
        ("502 html", 502, "text/html"),
        ("503 html", 503, "text/html"),
        ("504 html", 504, "text/html"),
        ("error as 200", 200, "application/problem+json"),
        ("wrong content type", 200, "text/html"),
        ("204 mid-scan", 204, None),
        ("slow", 200, "application/hal+json"),
    ],
)
def test_a_named_fault_answers_as_the_trouble_does(
    server: AmoServer, name: str, status: int, kind: str | None
) -> None:
    server.faults.add(named(name, seconds=0.05, retry_after=7))

    reply = get(server, "/leads?page=2&limit=50")

    assert (reply.status_code, reply.headers.get("Content-Type")) == (status, kind)
    assert server.requests[-1].fault == name
    assert server.faults.met == {name: 1}
    if name == "429 json":
        assert reply.json()["retry_after"] == 7
    if name == "error as 200":
        assert reply.json()["title"] == "Internal Server Error"


@pytest.mark.parametrize(
    "name", ["timeout before", "timeout after", "timeout in body", "reset", "lost reply", "cut"]
)
def test_a_broken_line_gives_no_answer_and_does_not_last(server: AmoServer, name: str) -> None:
    server.faults.add(named(name, seconds=0.3))
    started = time.monotonic()

    with pytest.raises(BROKEN):
        get(server, timeout=0.15 if "timeout" in name else 5)

    assert time.monotonic() - started < 2
    assert get(server).status_code == 200


def test_a_truncated_body_is_no_json(server: AmoServer) -> None:
    server.faults.add(named("truncated json"))

    with pytest.raises(json.JSONDecodeError):
        json.loads(get(server).content)


def test_the_last_page_may_promise_one_that_is_empty(server: AmoServer) -> None:
    server.faults.add(named("next to empty"))

    body = get(server).json()
    after = requests.get(
        body["_links"]["next"]["href"], headers={"Authorization": f"Bearer {server.token}"}, timeout=5
    )

    assert len(body["_embedded"]["leads"]) == 60
    assert after.status_code == 204
    assert "next" not in get(server).json()["_links"]


def test_the_limit_may_be_lowered_in_silence(server: AmoServer) -> None:
    server.faults.add(named("limit lowered"))

    body = get(server).json()

    assert len(body["_embedded"]["leads"]) == 50
    assert "limit=50" in body["_links"]["self"]["href"]
    assert "next" in body["_links"]


def test_the_clock_of_a_reply_may_be_wrong(server: AmoServer) -> None:
    server.faults.add(named("clock skew"))

    wrong, right = (parsedate_to_datetime(get(server).headers["Date"]) for _ in range(2))

    assert 250 < (wrong - right).total_seconds() < 350


def test_a_standing_fault_meets_one_path_until_it_is_cleared(server: AmoServer) -> None:
    server.faults.stand(NO_RIGHTS, path="/users")

    during = [get(server, path).status_code for path in ("/users", "/users", "/leads")]
    server.faults.clear()

    assert during == [403, 403, 200]
    assert get(server, "/users").status_code == 200


def test_chance_deals_its_share_of_the_kinds_that_suit_and_stops_when_told(server: AmoServer) -> None:
    server.faults.random(0.5, ("500", "502 html", "204 mid-scan"), seed=3)

    statuses = [get(server, "/account").status_code for _ in range(60)]
    server.faults.random(0)
    after = [get(server, "/account").status_code for _ in range(10)]

    assert set(statuses) == {200, 500, 502}
    assert 15 <= 60 - statuses.count(200) <= 45
    assert sum(server.faults.met.values()) == 60 - statuses.count(200)
    assert set(after) == {200}


def test_chance_spares_the_token_endpoint_and_by_itself_never_shuts_the_door(server: AmoServer) -> None:
    server.faults.random(1.0, seed=1, seconds=0.0)

    reply = requests.post(f"{server.url}/oauth2/access_token", json={}, timeout=5)

    assert reply.status_code == 400
    assert not {"403 block", "401", "402", "403 rights"} & set(PASSING)
    assert set(PASSING) < set(KINDS)


@pytest.mark.parametrize(
    ("old_host", "status"), [("404", 404), ("401", 401), ("redirect", 301), ("page", 404), ("serve", 200)]
)
def test_a_renamed_account_is_found_by_its_refresh_token(small: Small, old_host: str, status: int) -> None:
    with AmoServer(small.account, rate=0, oauth=OAuth()) as server:
        oauth, old = OAuth(), server.url
        keys = {"client_id": oauth.client_id, "client_secret": oauth.client_secret}
        asked = {**keys, "redirect_uri": oauth.redirect_uri, "grant_type": "authorization_code"}
        code = {"code": server.grants.new_code()}
        pair = requests.post(f"{old}/oauth2/access_token", json={**asked, **code}, timeout=5).json()
        new = server.rename("newname", old_host)  # type: ignore[arg-type]
        bearer = {"Authorization": f"Bearer {pair['access_token']}"}

        told = requests.get(f"{old}/api/v4/account", headers=bearer, timeout=5, allow_redirects=False)
        path = f"{old}/oauth2/account/current/subdomain"
        found = requests.get(path, headers={"X-Refresh-Token": pair["refresh_token"]}, timeout=5).json()
        unknown = requests.get(path, headers={"X-Refresh-Token": "nonsense"}, timeout=5)
        there = requests.get(f"{new}/api/v4/account", headers=bearer, timeout=5).json()

    assert told.status_code == status
    assert found == {
        "id": small.account.settings.id,
        "subdomain": "newname",
        "domain": new.removeprefix("http://"),
        "top_level_domain": "ru",
    }
    assert unknown.status_code == 401
    assert there["subdomain"] == "newname"
    assert there["_links"]["self"]["href"].startswith(new)
