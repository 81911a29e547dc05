"""The token endpoint: codes and refresh tokens work once, and every refusal has its documented body."""

import base64
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.amocrm import AmoServer, OAuth, faults
from sandbox.amocrm.small import Small


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture
def server(small: Small) -> Iterator[AmoServer]:
    with AmoServer(small.account, rate=0, oauth=OAuth()) as server:
        yield server


def exchange(server: AmoServer, **wanted: str) -> requests.Response:
    oauth = server.grants.oauth
    assert oauth is not None
    keys = {
        "client_id": oauth.client_id,
        "client_secret": oauth.client_secret,
        "redirect_uri": oauth.redirect_uri,
    }
    return requests.post(f"{server.url}/oauth2/access_token", json={**keys, **wanted}, timeout=5)


def by_code(server: AmoServer) -> dict[str, Any]:
    reply = exchange(server, grant_type="authorization_code", code=server.grants.new_code())
    assert reply.status_code == 200
    return dict(reply.json())


def refresh(server: AmoServer, token: str) -> requests.Response:
    return exchange(server, grant_type="refresh_token", refresh_token=token)


def status_with(server: AmoServer, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{server.url}/api/v4/account", headers=headers, timeout=5).status_code


def test_a_code_gives_a_pair_and_the_access_token_opens_the_account(server: AmoServer) -> None:
    pair = by_code(server)

    assert pair["token_type"] == "Bearer"
    assert pair["expires_in"] == 86_400
    assert status_with(server, pair["access_token"]) == 200


def test_the_access_token_tells_its_account_and_its_end(small: Small, server: AmoServer) -> None:
    payload = by_code(server)["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    assert claims["account_id"] == small.account.settings.id
    assert claims["exp"] == int(small.clock.now) + 86_400


def test_a_refresh_gives_a_new_pair_and_kills_the_old_refresh_token_only(server: AmoServer) -> None:
    first = by_code(server)
    second = refresh(server, first["refresh_token"]).json()

    again = refresh(server, first["refresh_token"])

    assert (again.status_code, again.json()["hint"]) == (400, "Token has been revoked")
    assert second["refresh_token"] != first["refresh_token"]
    assert status_with(server, first["access_token"]) == status_with(server, second["access_token"]) == 200


def test_of_many_who_use_one_refresh_token_at_once_one_wins(server: AmoServer) -> None:
    token = by_code(server)["refresh_token"]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(refresh(server, token).status_code)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)

    assert sorted(statuses) == [200] + [400] * 7


def test_a_lost_answer_has_used_the_token_up(server: AmoServer) -> None:
    token = by_code(server)["refresh_token"]
    server.faults.add(faults.LOST_REPLY, path="/oauth2/access_token")

    with pytest.raises(requests.ConnectionError):
        refresh(server, token)

    assert refresh(server, token).json()["hint"] == "Token has been revoked"


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ({"client_id": "x"}, "Check the `client_id` parameter"),
        ({"client_secret": "x"}, "Check the `client_secret` parameter"),
        ({"redirect_uri": "https://other.example"}, "Redirect URI is not associated with client"),
        ({"refresh_token": "garbage"}, "Invalid refresh token"),
        ({"grant_type": "authorization_code", "code": "garbage"}, "Cannot decrypt the authorization code"),
        ({"grant_type": "password"}, "Check the `grant_type` parameter"),
    ],
)
def test_a_refusal_names_its_cause(server: AmoServer, wanted: dict[str, str], hint: str) -> None:
    reply = exchange(server, **{"grant_type": "refresh_token", "refresh_token": "x", **wanted})

    assert (reply.status_code, reply.json()["hint"]) == (400, hint)
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_refusals_may_come_as_401(server: AmoServer) -> None:
    assert server.grants.oauth is not None
    server.grants.oauth.refusal_status = 401

    reply = refresh(server, "garbage")

    assert (reply.status_code, reply.json()["status"]) == (401, 401)


def test_everything_runs_out_in_its_time(small: Small, server: AmoServer) -> None:
    late_code = server.grants.new_code()
    pair = by_code(server)
    small.clock.pass_by(21 * 60)
    expired = exchange(server, grant_type="authorization_code", code=late_code)
    small.clock.pass_by(86_400)
    access = status_with(server, pair["access_token"])
    small.clock.pass_by(91 * 86_400)
    dead = refresh(server, pair["refresh_token"])

    assert expired.json()["hint"] == "Authorization code has expired"
    assert access == 401
    assert dead.status_code == 400


def test_a_revoked_integration_is_shut_out_altogether(server: AmoServer) -> None:
    pair = by_code(server)
    server.grants.revoke()

    assert status_with(server, pair["access_token"]) == 401
    assert status_with(server, server.token) == 401
    assert refresh(server, pair["refresh_token"]).status_code == 400
