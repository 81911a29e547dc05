"""Tokens: a pair that works once must survive threads, processes, lost answers and crashes."""

import base64
import json
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from connectors.amocrm import moved
from connectors.amocrm.claims import expiry
from connectors.amocrm.client import Client, Timeouts
from connectors.amocrm.pace import Pace
from connectors.amocrm.tokens import EARLY, LongLived, OAuthPair
from connectors.base import (
    Blocked,
    NotFound,
    RateLimited,
    ServerFailed,
    SourceError,
    Unauthorized,
    Unreachable,
)
from sandbox.amocrm import faults
from sandbox.amocrm.account import Account
from sandbox.amocrm.exchange import EMPTY, problem
from sandbox.amocrm.grants import OAuth
from sandbox.amocrm.moving import OldHost
from sandbox.amocrm.server import TOKEN_PATH, AmoServer
from tests.fakes_amocrm import FakeClock

ROOT = Path(__file__).parents[1]
DAY = 86_400.0
LOOK_UP = moved.PATH
REGISTRATION = OAuth()
KEYS = (REGISTRATION.client_id, REGISTRATION.client_secret, REGISTRATION.redirect_uri)
ADDRESS = "https://acme.amocrm.ru/oauth2/access_token"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_767_225_600.0)


@pytest.fixture
def server(clock: FakeClock) -> Iterator[AmoServer]:
    with AmoServer(Account(clock), rate=0, oauth=REGISTRATION) as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "amocrm_tokens.json"


def opened(server: AmoServer, file: Path, clock: FakeClock, code: str | None = None) -> OAuthPair:
    return OAuthPair(server.url, *KEYS, file, code, now=clock)


def exchanges(server: AmoServer) -> int:
    return len(server.asked(TOKEN_PATH))


# The code, once


def test_a_code_begins_a_pair_that_later_starts_find(server: AmoServer, file: Path, clock: FakeClock) -> None:
    code = server.grants.new_code()

    token = opened(server, file, clock, code).current()

    assert opened(server, file, clock, code).current() == token
    assert opened(server, file, clock).current() == token
    assert exchanges(server) == 1


def test_without_a_code_and_a_pair_it_says_what_to_do(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    with pytest.raises(Unauthorized, match="VITRINA_AMOCRM_CODE"):
        opened(server, file, clock).current()

    assert exchanges(server) == 0


def test_a_new_code_begins_anew(server: AmoServer, file: Path, clock: FakeClock) -> None:
    opened(server, file, clock, server.grants.new_code()).current()
    server.grants.revoke()

    token = opened(server, file, clock, server.grants.new_code()).current()

    assert server.grants._access[token] > clock.now


def test_a_refused_code_leaves_no_pair_behind(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, "def50200-mistyped")

    for _ in range(3):
        with pytest.raises(Unauthorized, match="Cannot decrypt the authorization code"):
            pair.current()

    assert exchanges(server) == 1
    assert not file.exists()


# Refreshing


def test_a_living_token_is_not_replaced(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    token = pair.current()
    clock.now += DAY - EARLY - 1

    assert pair.current() == token
    assert exchanges(server) == 1


def test_a_token_is_replaced_a_little_before_its_end(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    token = pair.current()
    clock.now += DAY - EARLY + 1

    assert pair.current() != token
    assert exchanges(server) == 2


def test_refreshing_goes_on_for_months(server: AmoServer, file: Path, clock: FakeClock) -> None:
    code = server.grants.new_code()
    for _ in range(40):
        opened(server, file, clock, code).current()
        clock.now += 4 * DAY

    assert exchanges(server) == 40


def test_a_token_refused_too_early_is_replaced_through_the_client(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    server.grants.expire_access()

    with Client(server.url, pair, Pace(50), Timeouts(attempts=1)) as client:
        assert client.get("/api/v4/account")

    assert [one.status for one in server.requests] == [200, 401, 200, 200]


def test_threads_refresh_once(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    clock.now += 2 * DAY

    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(lambda _: pair.current(), range(16)))

    assert len(tokens) == 1
    assert exchanges(server) == 2


def test_who_comes_second_takes_what_the_first_one_stored(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    code = server.grants.new_code()
    pairs = [opened(server, file, clock, code) for _ in range(6)]
    rejected = {pair.current() for pair in pairs}.pop()
    ready = threading.Barrier(6)

    def refresh(pair: OAuthPair) -> str:
        ready.wait(10)
        return pair.refreshed(rejected)

    with ThreadPoolExecutor(6) as threads:
        tokens = set(threads.map(refresh, pairs))

    assert len(tokens) == 1
    assert rejected not in tokens
    assert exchanges(server) == 2


def test_processes_refresh_once(server: AmoServer, file: Path, clock: FakeClock) -> None:
    opened(server, file, clock, server.grants.new_code()).current()
    late = clock.now + 2 * DAY
    program = (
        "import sys; from pathlib import Path; from connectors.amocrm.tokens import OAuthPair\n"
        f"print(OAuthPair(*sys.argv[1:5], Path(sys.argv[5]), now=lambda: {late}).current())"
    )
    command = [sys.executable, "-c", program, server.url, *KEYS, str(file)]

    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {process.communicate(timeout=30)[0] for process in started}

    assert len(said) == 1
    assert exchanges(server) == 2


# An account that was renamed


@pytest.mark.parametrize("old_host", ["404", "401", "redirect", "page"])
def test_a_renamed_account_is_found_by_its_id_and_read_on(
    server: AmoServer, file: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture, old_host: OldHost
) -> None:
    """Whether its token still lives or not; every later process knows the new address."""
    home = server.url
    for number, wait in enumerate((0.0, 2 * DAY)):
        pair = opened(server, file, clock, server.grants.new_code())
        pair.current()
        old = server.url
        server.rename(f"name{number}", old_host)
        clock.now += wait

        with Client(old, pair, Pace(50), Timeouts(attempts=1)) as client:
            assert client.get("/api/v4/account")
            assert client.url == server.url != old
        again = OAuthPair(old, *KEYS, file, now=clock)
        assert again.current() == pair.current()
        assert again.url == server.url

    assert home != server.url
    assert "amocrm.moved" in caplog.text


def test_an_account_that_is_lost_altogether_is_not_looked_for_all_the_time(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    server.faults.add(faults.Fault(problem(404)), times=99, path="/account")

    with Client(server.url, pair, Pace(50), Timeouts(attempts=1)) as client:
        for _ in range(5):
            with pytest.raises(NotFound):
                client.get("/api/v4/account")

    assert len(server.asked(LOOK_UP)) == 1


def test_a_look_up_that_fails_uses_nothing_up(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    old = server.url
    server.rename("newname", "401")
    clock.now += 2 * DAY
    for fault, error in ((faults.BAD_GATEWAY, ServerFailed), (faults.LOST_REPLY, Unreachable)):
        server.faults.add(fault, path=LOOK_UP)
        with pytest.raises(error):
            pair.current()

    assert OAuthPair(old, *KEYS, file, now=clock).current()


def test_a_new_address_in_the_configuration_beats_the_one_remembered(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    old = server.url
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    server.rename("newname")
    assert pair.relocated()

    other = OAuthPair("http://127.0.0.1:9", *KEYS, file, now=clock)
    other.current()

    assert other.url == "http://127.0.0.1:9"
    assert OAuthPair(old, *KEYS, file, now=clock).url == old


def token_of(**claims: object) -> str:
    said = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{said}.sig"


@pytest.mark.parametrize(
    ("domain", "url", "asked"),
    [
        ("api-b.amocrm.ru", "https://acme.amocrm.ru", f"https://api-b.amocrm.ru{LOOK_UP}"),
        ("api-g.kommo.com", "https://acme.amocrm.com", f"https://api-g.kommo.com{LOOK_UP}"),
        ("127.0.0.1:81", "http://127.0.0.1:80", f"http://127.0.0.1:81{LOOK_UP}"),
        ("127.0.0.1:81", "https://acme.amocrm.ru", None),
        ("api-b.amocrm.ru", "http://127.0.0.1:80", None),
        ("api.amocrm.ru.evil.example", "https://acme.amocrm.ru", None),
        ("evilamocrm.ru", "https://acme.amocrm.ru", None),
        ("evil.example/.amocrm.ru", "https://acme.amocrm.ru", None),
        ("user@evil.example#.amocrm.ru", "https://acme.amocrm.ru", None),
        (None, "https://acme.amocrm.ru", None),
    ],
)
def test_a_refresh_token_is_shown_to_amocrm_alone(domain: str | None, url: str, asked: str | None) -> None:
    assert moved.whom_to_ask(token_of(api_domain=domain), url) == asked


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"id": 7, "domain": "newname.amocrm.ru"}, "https://newname.amocrm.ru"),
        ({"id": 8, "domain": "newname.amocrm.ru"}, None),
        ({"id": 7, "domain": "acme.amocrm.ru"}, None),
        ({"id": 7, "domain": "evil.example"}, None),
        ({"id": 7}, None),
        ([], None),
    ],
)
def test_only_the_same_account_is_believed_to_have_moved(answer: object, found: str | None) -> None:
    body = json.dumps(answer).encode()

    assert moved.new_url(body, token_of(account_id=7), "https://acme.amocrm.ru") == found


# What goes wrong


def test_a_refresh_whose_answer_was_lost_is_not_sent_again(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    clock.now += 2 * DAY
    server.faults.add(faults.LOST_REPLY, path=TOKEN_PATH)

    for again in (pair, pair, opened(server, file, clock)):
        with pytest.raises(Unauthorized, match=r"lost.*VITRINA_AMOCRM_CODE"):
            again.current()

    assert exchanges(server) == 2


def test_a_refresh_that_never_arrived_is_sent_again_once_amocrm_says_so(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    clock.now += 2 * DAY
    server.faults.add(faults.Fault(EMPTY, line="reset"), path=TOKEN_PATH)
    with pytest.raises(Unreachable):
        pair.current()

    assert pair.current() == opened(server, file, clock).current()
    assert len(server.asked(LOOK_UP)) == 1


def test_a_crash_before_a_refresh_was_sent_costs_nothing(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    opened(server, file, clock, server.grants.new_code()).current()
    clock.now += 2 * DAY
    file.write_text(file.read_text().replace('"is_spent": false', '"is_spent": true'))

    assert opened(server, file, clock).current()
    assert '"is_spent": false' in file.read_text()


def test_a_client_does_not_repeat_a_lost_refresh(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    clock.now += 2 * DAY
    server.faults.add(faults.LOST_REPLY, path=TOKEN_PATH)

    with Client(server.url, pair, Pace(50), sleep=clock.sleep) as client, pytest.raises(Unauthorized):
        client.get("/api/v4/account")

    assert exchanges(server) == 2


def test_a_new_code_heals_a_lost_refresh(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    clock.now += 2 * DAY
    server.faults.add(faults.LOST_REPLY, path=TOKEN_PATH)
    with pytest.raises(Unauthorized):
        pair.current()

    assert opened(server, file, clock, server.grants.new_code()).current()


def test_a_new_code_that_is_lost_does_not_take_the_old_pair_with_it(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    token = opened(server, file, clock, server.grants.new_code()).current()
    server.faults.add(faults.LOST_REPLY, path=TOKEN_PATH)
    pair = opened(server, file, clock, server.grants.new_code())
    with pytest.raises(Unauthorized, match="lost"):
        pair.current()

    assert pair.current() == token
    assert exchanges(server) == 2


def test_what_another_process_stored_after_a_lost_answer_is_taken(
    server: AmoServer, file: Path, clock: FakeClock
) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    clock.now += 2 * DAY
    server.faults.add(faults.LOST_REPLY, path=TOKEN_PATH)
    with pytest.raises(Unauthorized):
        pair.current()

    elsewhere = opened(server, file, clock, server.grants.new_code()).current()

    assert opened(server, file, clock).current() == elsewhere


def test_a_crash_amid_a_refresh_counts_as_a_lost_answer(file: Path, clock: FakeClock) -> None:
    first = {"access_token": "a1", "refresh_token": "r1", "expires_in": 86_400}
    with responses.RequestsMock() as amocrm:
        amocrm.post(ADDRESS, json=first)
        pair = OAuthPair("https://acme.amocrm.ru", *KEYS, file, "code", now=clock)
        pair.current()
        clock.now += 2 * DAY
        amocrm.replace(responses.POST, ADDRESS, body=MemoryError())
        with pytest.raises(MemoryError):
            pair.current()

        with pytest.raises(Unauthorized, match="lost"):
            OAuthPair("https://acme.amocrm.ru", *KEYS, file, "code", now=clock).current()

        assert len(amocrm.calls) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 429}, RateLimited),
        ({"status": 502, "body": "<html>"}, ServerFailed),
        ({"body": requests.ConnectTimeout()}, Unreachable),
        ({"body": requests.exceptions.SSLError()}, Unreachable),
        ({"status": 403, "body": "<html>403</html>"}, Blocked),
        ({"status": 302, "headers": {"Location": "https://elsewhere.example"}}, NotFound),
        ({"status": 404, "json": {"status": 404}}, NotFound),
        ({"status": 401, "json": {"hint": "Token has been revoked"}}, Unauthorized),
    ],
)
def test_a_refresh_that_used_nothing_up_leaves_the_pair_as_it_was(
    file: Path, clock: FakeClock, answer: dict[str, Any], error: type[SourceError]
) -> None:
    first = {"access_token": "a1", "refresh_token": "r1", "expires_in": 86_400}
    with responses.RequestsMock() as amocrm:
        amocrm.post(ADDRESS, json=first)
        pair = OAuthPair("https://acme.amocrm.ru", *KEYS, file, "code", now=clock)
        pair.current()
        kept = file.read_bytes()
        clock.now += 2 * DAY
        amocrm.replace(responses.POST, ADDRESS, **answer)

        with pytest.raises(error):
            pair.current()

    assert file.read_bytes() == kept


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 504, "body": "<html>"},
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError("reset")},
        {"body": "<html>200</html>"},
        {"json": {"access_token": "a2", "expires_in": 86_400}},
        {"json": {"access_token": "a 2\n", "refresh_token": "r2", "expires_in": 86_400}},
    ],
)
def test_an_answer_that_may_have_used_the_token_up_is_a_lost_one(
    file: Path, clock: FakeClock, answer: dict[str, Any]
) -> None:
    with responses.RequestsMock() as amocrm:
        amocrm.post(ADDRESS, **answer)

        for _ in range(2):
            with pytest.raises(Unauthorized, match="lost"):
                OAuthPair("https://acme.amocrm.ru", *KEYS, file, "code", now=clock).current()

        assert len(amocrm.calls) == 1


def test_a_host_where_nobody_listens_uses_nothing_up(file: Path, free_port: int, clock: FakeClock) -> None:
    with pytest.raises(Unreachable):
        OAuthPair(f"http://127.0.0.1:{free_port}", *KEYS, file, "code", now=clock).current()

    assert not file.exists()


def test_a_refusal_is_not_asked_for_again(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = opened(server, file, clock, server.grants.new_code())
    pair.current()
    server.grants.revoke()
    clock.now += 2 * DAY

    for _ in range(5):
        with pytest.raises(Unauthorized, match="Token has been revoked"):
            pair.current()

    assert exchanges(server) == 2


def test_a_disk_that_cannot_be_written_costs_no_token(
    server: AmoServer, tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "amocrm_tokens.json.part").mkdir()

    with pytest.raises(OSError, match="part"):
        opened(server, tmp_path / "amocrm_tokens.json", clock, server.grants.new_code()).current()

    assert exchanges(server) == 0


def test_a_damaged_file_says_what_to_do(file: Path, server: AmoServer, clock: FakeClock) -> None:
    file.parent.mkdir()
    file.write_text('{"access": "a1"')

    with pytest.raises(Unauthorized, match="remove it"):
        opened(server, file, clock).current()


# Secrets


def test_the_file_belongs_to_its_owner_alone(server: AmoServer, file: Path, clock: FakeClock) -> None:
    opened(server, file, clock, server.grants.new_code()).current()

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    assert modes == {file.name: 0o600, f"{file.name}.lock": 0o600}


def test_a_netrc_of_the_machine_is_kept_out_of_the_exchange(
    file: Path, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.amocrm.ru login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with responses.RequestsMock() as amocrm:
        amocrm.post(ADDRESS, json={"access_token": "a1", "refresh_token": "r1", "expires_in": 86_400})
        OAuthPair("https://acme.amocrm.ru", *KEYS, file, "code", now=clock).current()

        assert "Authorization" not in amocrm.calls[0].request.headers


def test_errors_do_not_give_secrets_away(server: AmoServer, file: Path, clock: FakeClock) -> None:
    pair = OAuthPair(server.url, KEYS[0], "a-wrong-secret", KEYS[2], file, "def50200-the-code", now=clock)

    with pytest.raises(Unauthorized, match="client_secret") as raised:
        pair.current()

    assert "a-wrong-secret" not in str(raised.value)
    assert "the-code" not in str(raised.value)


@pytest.mark.parametrize("token", ["", "  ", "токен", "two words", "line\nbreak"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(Unauthorized, match="copy it again") as raised:
        LongLived(token)

    assert not token.strip() or token not in str(raised.value)


def test_a_long_lived_token_is_used_without_the_space_around_it() -> None:
    assert LongLived(" eyJ0.token \n").current() == "eyJ0.token"


def test_a_long_lived_token_has_no_successor() -> None:
    with pytest.raises(Unauthorized, match="make a new one"):
        LongLived("eyJ0.token").refreshed("eyJ0.token")


def test_the_end_of_a_token_is_read_in_it() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 1_900_000_000}).encode()).decode().rstrip("=")

    assert LongLived(f"e30.{claims}.sig").expires_at == 1_900_000_000
    assert expiry("not-a-jwt") is None
    assert expiry("a.!.c") is None
    assert expiry("a.W10.c") is None
