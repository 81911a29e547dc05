"""The HTTP client: what each answer means, what is repeated and what never, what is not said aloud."""

import gzip
import logging
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from connectors.amocrm.client import KNOCK_AGAIN_AFTER, Client, Timeouts
from connectors.amocrm.pace import Pace
from connectors.amocrm.patience import Patience, Stopped
from connectors.amocrm.silence import Silence
from connectors.amocrm.tokens import LongLived
from connectors.base import (
    BadRequest,
    Blocked,
    ContractBroken,
    Forbidden,
    NotFound,
    PaymentRequired,
    RateLimited,
    ServerFailed,
    Silent,
    SourceError,
    TooSlow,
    Unauthorized,
    Unreachable,
)
from sandbox.amocrm import faults
from sandbox.amocrm.account import Account
from sandbox.amocrm.server import AmoServer
from tests.doors import HEAD, speaking
from tests.fakes_amocrm import FakeClock, start

URL = "https://acme.amocrm.ru"
LEADS = "/api/v4/leads"
TOKEN = "eyJ0.secret-of-the-account.sig"
HAL = "application/hal+json"
PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"
PAGE = b'{"_embedded":{"leads":[{"id":1}]}}'


class Changing:
    """A token that can be replaced, as OAuth's can; `new_url` is found where somebody looks for it."""

    def __init__(self, new_url: str | None = None) -> None:
        self.refusals: list[str] = []
        self.url: str | None = None
        self._new_url = new_url

    def relocated(self) -> bool:
        is_new = self.url != self._new_url
        self.url = self._new_url
        return is_new

    def current(self) -> str:
        return f"token-{len(self.refusals)}"

    def refreshed(self, rejected: str) -> str:
        self.refusals.append(rejected)
        return self.current()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(clock: FakeClock) -> Iterator[Client]:
    pace = Pace(7, clock=clock, sleep=clock.sleep)
    with Client(URL, LongLived(TOKEN), pace, Timeouts(attempts=4), sleep=clock.sleep) as client:
        yield client


@pytest.fixture
def amocrm() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def answer(
    amocrm: responses.RequestsMock, status: int, body: bytes | str = b"", kind: str = HAL, **more: Any
) -> None:
    amocrm.get(URL + LEADS, body=body, status=status, content_type=kind, **more)


def test_a_good_answer_is_handed_over_as_it_came(client: Client, amocrm: responses.RequestsMock) -> None:
    answer(amocrm, 200, PAGE)

    assert client.get(LEADS, [("filter[id][]", "1"), ("filter[id][]", "2")]) == PAGE
    request = amocrm.calls[0].request
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert str(request.headers["User-Agent"]).startswith("vitrina/")
    assert "gzip" in str(request.headers["Accept-Encoding"])
    assert request.url == f"{URL}{LEADS}?filter%5Bid%5D%5B%5D=1&filter%5Bid%5D%5B%5D=2"


@pytest.mark.parametrize("status", [200, 204])
def test_no_body_is_no_records(client: Client, amocrm: responses.RequestsMock, status: int) -> None:
    answer(amocrm, status)

    assert client.get(LEADS) is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "error"),
    [
        (400, '{"status":400,"detail":"Request validation failed"}', PROBLEM, BadRequest),
        (401, '{"status":401,"detail":"Неверный логин или пароль"}', PROBLEM, Unauthorized),
        (402, '{"status":402,"detail":"Payment required"}', PROBLEM, PaymentRequired),
        (403, '{"status":403,"detail":"Forbidden"}', PROBLEM, Forbidden),
        (403, "<html>403 Forbidden</html>", HTML, Blocked),
        (403, "{not json", PROBLEM, Blocked),
        (404, '{"status":404}', PROBLEM, NotFound),
        (405, '{"status":405,"detail":"Method Not Allowed"}', PROBLEM, BadRequest),
        (422, '{"status":422,"detail":"Limit 250 per page"}', PROBLEM, BadRequest),
        (302, "", HTML, NotFound),
        (203, PAGE, HAL, ContractBroken),
    ],
)
def test_an_error_that_waiting_does_not_help_is_raised_at_once(
    client: Client,
    amocrm: responses.RequestsMock,
    *,
    status: int,
    body: str,
    kind: str,
    error: type[SourceError],
) -> None:
    answer(amocrm, status, body, kind)

    with pytest.raises(error) as raised:
        client.get(LEADS)

    assert type(raised.value) is error
    assert len(amocrm.calls) == 1


def test_a_refused_question_says_what_was_wrong_with_it(
    client: Client, amocrm: responses.RequestsMock
) -> None:
    errors = '[{"request_id":"0","errors":[{"code":"InvalidType","path":"filter.id"}]}]'
    answer(amocrm, 400, f'{{"validation-errors":{errors},"detail":"Request validation failed"}}', PROBLEM)

    with pytest.raises(BadRequest, match=r"InvalidType.*filter\.id"):
        client.get(LEADS)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, '{"title":"ErrInternalServer","status":500}', PROBLEM),
        (502, "<html>502 Bad Gateway</html>", HTML),
        (503, "", HTML),
        (504, "<html>504 Gateway Time-out</html>", HTML),
        (200, "<html>login</html>", HTML),
        (200, PAGE[:-9], HAL),
        (200, "<html></html>", HAL),
    ],
)
def test_what_passes_by_itself_is_tried_again(
    client: Client, clock: FakeClock, amocrm: responses.RequestsMock, *, status: int, body: str, kind: str
) -> None:
    answer(amocrm, status, body, kind)
    answer(amocrm, 200, PAGE)

    assert client.get(LEADS) == PAGE
    assert 0 < sum(clock.slept) < 10


def test_trying_again_ends(client: Client, amocrm: responses.RequestsMock) -> None:
    answer(amocrm, 502, "<html>", HTML)

    with pytest.raises(ServerFailed):
        client.get(LEADS)

    assert len(amocrm.calls) == 4


def test_a_question_too_big_is_soon_left_to_its_asker(client: Client, amocrm: responses.RequestsMock) -> None:
    answer(amocrm, 504, "<html>", HTML)

    with pytest.raises(TooSlow):
        client.get(LEADS)

    assert len(amocrm.calls) == 2


def test_who_answers_nothing_is_not_asked_for_everything(clock: FakeClock) -> None:
    timeouts = Timeouts(read=30, give_up_after=100)
    pace = Pace(7, clock=clock, sleep=clock.sleep)
    streams = [f"/api/v4/{name}" for name in ("leads", "contacts", "companies", "tasks")]

    def silence(_: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        clock.now += 30
        raise requests.ReadTimeout

    with (
        responses.RequestsMock() as amocrm,
        Client(URL, LongLived(TOKEN), pace, timeouts, sleep=clock.sleep, clock=clock) as client,
    ):
        for path in streams:
            amocrm.add_callback("GET", URL + path, silence)
        amocrm.get(URL + "/api/v4/account", body=PAGE, content_type=HAL)
        for path in (streams[0], streams[0], streams[0]):  # one of them alone may be too much to ask
            with pytest.raises(TooSlow):
                client.get(path)
        with pytest.raises(Silent, match="nothing was answered for 2"):
            client.get(streams[1])
        assert len(amocrm.calls) == 7
        assert not Silent.retryable
        client.get("/api/v4/account")  # that was an answer: the silence begins anew
        for path in (streams[2], streams[2]):
            with pytest.raises(TooSlow):
                client.get(path)
        with pytest.raises(Silent):
            client.get(streams[3])


def test_time_in_which_nothing_was_asked_is_no_silence() -> None:
    clock = FakeClock()
    silence = Silence(100, clock)

    def ask_in_vain(path: str, seconds: float) -> None:
        with silence.watched(path):
            clock.now += seconds
            raise ServerFailed("503")

    with pytest.raises(ServerFailed):
        ask_in_vain("leads", 1)
    clock.now += 300  # nobody asks until the next poll
    with pytest.raises(ServerFailed, match=r"^503$"):
        ask_in_vain("contacts", 1)
    clock.now += 31  # the longest wait before a question is asked again
    with pytest.raises(ServerFailed, match=r"^503$"):
        ask_in_vain("tasks", 60)
    with pytest.raises(Silent, match="nothing was answered for 103 s"):
        ask_in_vain("leads", 11)


def test_a_broken_line_is_tried_again_and_named(client: Client, amocrm: responses.RequestsMock) -> None:
    answer(amocrm, 200, requests.ConnectionError("refused"))  # type: ignore[arg-type]

    with pytest.raises(Unreachable, match=r"acme\.amocrm\.ru"):
        client.get(LEADS)

    assert len(amocrm.calls) == 4


@pytest.mark.parametrize(
    ("body", "kind", "headers", "seconds"),
    [
        ('{"status":429,"retry_after":42}', PROBLEM, {}, 42.0),
        ("<html>429</html>", HTML, {"Retry-After": "7"}, 7.0),
        ("<html>429</html>", HTML, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 10.0),
        ('{"status":429,"retry_after":"soon"}', PROBLEM, {}, 10.0),
        ("<html>429</html>", HTML, {}, 10.0),
    ],
)
def test_too_many_requests_wait_as_long_as_they_are_told(
    client: Client,
    clock: FakeClock,
    amocrm: responses.RequestsMock,
    *,
    body: str,
    kind: str,
    headers: dict[str, str],
    seconds: float,
) -> None:
    answer(amocrm, 429, body, kind, headers=headers)
    answer(amocrm, 200, PAGE)
    before = clock.now

    assert client.get(LEADS) == PAGE
    assert clock.now - before == pytest.approx(seconds)


def test_too_many_requests_pause_every_thread(clock: FakeClock, amocrm: responses.RequestsMock) -> None:
    pace = Pace(7, clock=clock, sleep=clock.sleep)
    impatient = Client(URL, LongLived(TOKEN), pace, Timeouts(attempts=1))
    answer(amocrm, 429, '{"retry_after":30}', PROBLEM)
    with pytest.raises(RateLimited) as raised:
        impatient.get(LEADS)

    assert raised.value.retry_after == 30.0
    assert start(pace) == pytest.approx(1_030.0)


def test_a_wait_longer_than_the_patience_is_not_begun(
    clock: FakeClock, amocrm: responses.RequestsMock
) -> None:
    pace = Pace(7, clock=clock, sleep=clock.sleep, patience=60.0)
    client = Client(URL, LongLived(TOKEN), pace, Timeouts(give_up_after=60.0), sleep=clock.sleep)
    answer(amocrm, 429, '{"retry_after":300}', PROBLEM)

    with pytest.raises(RateLimited):
        client.get(LEADS)
    with pytest.raises(RateLimited, match="300 s are left"):  # nor by the next question
        client.get("/api/v4/account")

    assert clock.slept == []
    assert len(amocrm.calls) == 1


def test_once_blocked_it_does_not_knock_again(client: Client, amocrm: responses.RequestsMock) -> None:
    answer(amocrm, 403, "<html>403</html>", HTML)
    with pytest.raises(Blocked):
        client.get(LEADS)

    with pytest.raises(Blocked):
        client.get("/api/v4/account")

    assert len(amocrm.calls) == 1


def test_a_block_is_looked_after_once_an_hour_and_then_forgotten(amocrm: responses.RequestsMock) -> None:
    clock = FakeClock()
    pace = Pace(7, clock=clock, sleep=clock.sleep)
    client = Client(URL, LongLived(TOKEN), pace, sleep=clock.sleep, clock=clock)
    answer(amocrm, 403, "<html>403</html>", HTML)
    answer(amocrm, 403, "<html>403</html>", HTML)
    answer(amocrm, 200, b"{}")
    answer(amocrm, 200, b"{}")
    asked = []

    for seconds in (0, 10, KNOCK_AGAIN_AFTER, 10, KNOCK_AGAIN_AFTER, 10):
        clock.sleep(seconds)
        with suppress(Blocked):
            client.get(LEADS)
        asked.append(len(amocrm.calls))

    assert asked == [1, 1, 2, 2, 3, 4]


def test_an_expired_token_is_replaced_once_and_the_question_repeated(
    clock: FakeClock, amocrm: responses.RequestsMock
) -> None:
    tokens = Changing()
    client = Client(URL, tokens, Pace(7, clock=clock, sleep=clock.sleep), sleep=clock.sleep)
    answer(amocrm, 401, '{"status":401}', PROBLEM)
    answer(amocrm, 200, PAGE)

    assert client.get(LEADS) == PAGE
    assert tokens.refusals == ["token-0"]
    assert amocrm.calls[1].request.headers["Authorization"] == "Bearer token-1"


def test_a_new_token_that_is_refused_too_ends_it(clock: FakeClock, amocrm: responses.RequestsMock) -> None:
    tokens = Changing()
    client = Client(URL, tokens, Pace(7, clock=clock, sleep=clock.sleep), sleep=clock.sleep)
    answer(amocrm, 401, '{"status":401}', PROBLEM)

    with pytest.raises(Unauthorized):
        client.get(LEADS)

    assert tokens.refusals == ["token-0"]
    assert len(amocrm.calls) == 2


@pytest.mark.parametrize("status", [301, 404])
def test_an_account_that_has_moved_is_asked_where_it_lives_now(
    clock: FakeClock, amocrm: responses.RequestsMock, status: int
) -> None:
    tokens = Changing("https://newname.amocrm.ru")
    client = Client(URL, tokens, Pace(7, clock=clock, sleep=clock.sleep), sleep=clock.sleep)
    answer(amocrm, status, "", HTML, headers={"Location": "https://elsewhere.example"})
    amocrm.get(f"https://newname.amocrm.ru{LEADS}", body=PAGE, content_type=HAL)

    assert client.get(LEADS) == PAGE
    assert client.get(LEADS) == PAGE
    assert client.url == "https://newname.amocrm.ru"
    assert len(amocrm.calls) == 3


def test_the_bearer_follows_no_redirect(client: Client, amocrm: responses.RequestsMock) -> None:
    answer(amocrm, 301, "", HTML, headers={"Location": "https://elsewhere.example/api/v4/leads"})

    with pytest.raises(NotFound, match=r"amocrm\.url"):
        client.get(LEADS)

    assert len(amocrm.calls) == 1


def test_a_netrc_of_the_machine_does_not_replace_the_token(
    client: Client, amocrm: responses.RequestsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.amocrm.ru login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    answer(amocrm, 200, PAGE)

    client.get(LEADS)

    assert amocrm.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [400, 401, 403, 429, 502])
def test_neither_errors_nor_logs_give_the_token_or_a_record_away(
    client: Client, amocrm: responses.RequestsMock, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    answer(amocrm, status, '{"name":"Ivan Ivanov","phone":"+79990001122"}', PROBLEM)

    with pytest.raises(SourceError) as raised:
        client.get(LEADS, [("query", "Ivan Ivanov")])

    for text in (str(raised.value), repr(client), caplog.text):
        assert TOKEN not in text
        assert "Ivan" not in text
        assert "+7999" not in text


def test_a_request_is_one_line_of_the_log(
    client: Client, amocrm: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "connectors.amocrm")
    answer(amocrm, 200, PAGE, headers={"X-Request-Id": "r-1"})

    client.get(LEADS)

    (line,) = caplog.messages
    assert line.startswith(f"amocrm.get path={LEADS} status=200 bytes={len(PAGE)} ")
    assert line.endswith("request_id=r-1")


# Over real HTTP


@pytest.fixture
def server() -> Iterator[AmoServer]:
    with AmoServer(Account(), rate=0) as server:
        yield server


def real_client(server: AmoServer, *, per_second: int = 100, **timeouts: Any) -> Client:
    return Client(
        server.url,
        LongLived(server.token),
        Pace(per_second),
        Timeouts(connect=2.0, **timeouts),
        sleep=lambda seconds: time.sleep(min(seconds, 0.02)),
    )


@pytest.mark.parametrize("fault", [faults.RESET, faults.CUT, faults.truncated(), faults.UNAVAILABLE])
def test_a_line_that_breaks_once_is_not_noticed(server: AmoServer, fault: faults.Fault) -> None:
    server.faults.add(fault, times=2)

    with real_client(server, read=5.0) as client:
        body = client.get("/api/v4/account")

    assert body
    assert body.startswith(b'{"id":')
    assert len(server.requests) == 3


def test_silence_is_not_waited_for_longer_than_the_timeout(server: AmoServer) -> None:
    server.faults.add(faults.hang(5.0), times=2)
    began = time.monotonic()

    with real_client(server, read=0.2) as client, pytest.raises(TooSlow, match=r"0\.2 s"):
        client.get("/api/v4/account")

    assert time.monotonic() - began < 3.0


def test_an_answer_that_trickles_is_not_waited_for_to_its_end() -> None:
    head = HEAD + b"Content-Length: 1000\r\n\r\n"
    timeouts = Timeouts(connect=5, read=5, give_up_after=0.3)
    began = time.monotonic()

    with (
        speaking(head, *[b" "] * 1000, pause=0.02) as url,
        Client(url, LongLived(TOKEN), Pace(1000), timeouts) as client,
        pytest.raises(Unreachable, match="trickles"),
    ):
        client.get("/api/v4/account")

    assert time.monotonic() - began < 5


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ([HEAD, b"X-Slow: ", *[b"x"] * 1000], TooSlow),
        ([HEAD, *[b"X-Slow: x\r\n"] * 90], TooSlow),
        ([CHUNKED, *[b"0"] * 1000], Unreachable),
        ([CHUNKED, b"1;", *[b"x"] * 1000], Unreachable),
    ],
    ids=["a line of the head", "lines of the head", "the size of a chunk", "words beside a chunk"],
)
def test_nor_is_a_head_or_anything_else_that_trickles(pieces: list[bytes], error: type[SourceError]) -> None:
    timeouts = Timeouts(connect=5, read=0.3, attempts=1, give_up_after=0.5)
    began = time.monotonic()

    with (
        speaking(*pieces, pause=0.02) as url,
        Client(url, LongLived(TOKEN), Pace(1000), timeouts) as client,
        pytest.raises(error),
    ):
        client.get("/api/v4/account")

    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("is_chunked", [True, False])
@pytest.mark.parametrize("is_packed", [True, False])
def test_an_answer_may_come_in_any_pieces_and_packing(*, is_chunked: bool, is_packed: bool) -> None:
    body = b'{"items": "' + b"".join(b"%d " % number for number in range(60_000)) + b'"}'
    packed = gzip.compress(body) if is_packed else body
    head = HEAD + (b"Content-Encoding: gzip\r\n" if is_packed else b"")
    parts = [packed[first : first + 50_000] for first in range(0, len(packed), 50_000)]
    if is_chunked:
        pieces = [b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b"")]
        head += b"Transfer-Encoding: chunked\r\n\r\n"
    else:
        pieces, head = parts, head + b"Content-Length: %d\r\n\r\n" % len(packed)

    with speaking(head, *pieces) as url, Client(url, LongLived(TOKEN), Pace(1000)) as client:
        assert client.get("/api/v4/account") == body
    with (
        speaking(head, *pieces[:-1]) as url,
        Client(url, LongLived(TOKEN), Pace(1000), Timeouts(attempts=1)) as client,
        pytest.raises(Unreachable),
    ):
        client.get("/api/v4/account")


def test_a_host_where_nobody_listens_is_unreachable(free_port: int) -> None:
    client = Client(f"http://127.0.0.1:{free_port}", LongLived(TOKEN), Pace(9), Timeouts(attempts=1))

    with pytest.raises(Unreachable):
        client.get("/api/v4/account")


def test_threads_have_sessions_of_their_own_and_share_the_pace(server: AmoServer) -> None:
    server.limiter.rate = 7
    seen: set[int] = set()

    with real_client(server, per_second=7, read=5.0) as client, ThreadPoolExecutor(6) as threads:

        def ask(_: int) -> bool:
            seen.add(threading.get_ident())
            return client.get("/api/v4/account") is not None

        assert all(threads.map(ask, range(16)))
        assert len(client._sessions) == len(seen)

    assert {one.status for one in server.requests} == {200}
    assert server.max_in_any_second(server.limiter.window) <= 7


def test_the_end_may_come_at_any_moment_of_a_pause() -> None:
    patience = Patience()
    outcome: list[str] = []

    def end_at_every_line(*_: object) -> Any:
        patience.end()
        return end_at_every_line

    def pause() -> None:
        sys.settrace(end_at_every_line)
        try:
            patience.sleep(5)
        except Stopped:
            outcome.append("stopped")
        finally:
            sys.settrace(None)

    sleepers = [threading.Thread(target=pause, daemon=True) for _ in range(3)]
    for sleeper in sleepers:
        sleeper.start()
    for sleeper in sleepers:
        sleeper.join(2)

    assert outcome == ["stopped"] * 3


def test_nobody_is_woken_before_the_end() -> None:
    patience = Patience()
    patience.sleep(0.01)
    patience.sleep(-1.0)
    threading.Timer(0.05, patience.end).start()

    with pytest.raises(Stopped):
        patience.sleep(5)
    with pytest.raises(Stopped):
        patience.sleep(0)
