"""HTTP to an amoCRM account: a question with a token, in pace, repeated where that helps."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Literal, Self
from weakref import WeakSet

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
    wait_random,
)
from urllib3.exceptions import HTTPError

from connectors.amocrm import answers
from connectors.amocrm.pace import Pace, Turn
from connectors.amocrm.streams import Params
from connectors.amocrm.tokens import Tokens
from connectors.base import Blocked, NotFound, RateLimited, SourceError, TooSlow, Unauthorized, Unreachable

log = logging.getLogger(__name__)

WEBHOOKS = "/api/v4/webhooks"
"""The one thing of an account that we write: who is told of changes."""

KNOCK_AGAIN_AFTER = 3_600.0
"""Seconds for which an account that has blocked us is left alone; support says nothing when it lifts a block."""

PIECE = 65_536
"""Bytes of an answer that are read at once: the library's own pieces are so small that they take as long again."""

SLOW_ATTEMPTS = 2
"""How often a question is repeated that amoCRM had no time for: its asker can make it smaller."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent to the account."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    params: Params = ()
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one question may take, in seconds, and how often it may be tried."""

    connect: float = 5.0
    read: float = 30.0
    attempts: int = 6
    give_up_after: float = 300.0


class Client:
    """Asks one account, from any number of threads.

    Nothing but GET, save for the list of webhooks: what people keep in amoCRM cannot be harmed from here. Once
    amoCRM has blocked us it is left alone, but for one knock an hour: every further one may make a block longer.
    """

    def __init__(
        self,
        url: str,
        tokens: Tokens,
        pace: Pace,
        timeouts: Timeouts | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url.rstrip("/")
        self._clock = clock
        self._tokens = tokens
        self._pace = pace
        self._timeouts = timeouts or Timeouts()
        self._sleep = sleep
        self._own = threading.local()
        self._sessions: WeakSet[requests.Session] = WeakSet()  # those of ended threads close themselves
        self._blocked: str | None = None
        self._knocked_at = float("-inf")
        self._backoff = wait_exponential(multiplier=0.5, max=30.0) + wait_random(0.0, 0.5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        for session in list(self._sessions):
            session.close()
        self._own = threading.local()

    @property
    def url(self) -> str:
        """Where the account lives, as far as is known; not where it was set up, if it has moved since."""
        return self._tokens.url or self._url

    def get(self, path: str, params: Params = ()) -> bytes | None:
        """The body of an answer as it came; None where amoCRM says that there is nothing (204)."""
        return self._trying(_is_retryable)(self._answered, Question("GET", path, params))

    def write(self, method: Literal["POST", "DELETE"], payload: Mapping[str, Any]) -> bytes | None:
        """Change the list of webhooks, and nothing else.

        Sent again only where amoCRM has said that it did nothing: whoever hears of another error must look
        whether the change was made.
        """
        return self._trying(_is_refused)(self._answered, Question(method, WEBHOOKS, payload=payload))

    def _trying(self, is_worth_it: Callable[[BaseException], bool]) -> Retrying:
        return Retrying(
            retry=retry_if_exception(is_worth_it),
            stop=self._should_stop,
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )

    def _answered(self, question: Question) -> bytes | None:
        is_knock = self._is_knock()
        try:
            body = self._with_token(question)
        except Blocked as error:
            self._blocked, self._knocked_at = str(error), self._clock()
            log.error("amocrm.blocked path=%s", question.path)
            raise
        if is_knock:
            self._blocked = None
        return body

    def _is_knock(self) -> bool:
        """Whether this question finds out if the block is over; Blocked while it is not yet time for that."""
        if self._blocked is None:
            return False
        if self._clock() - self._knocked_at < KNOCK_AGAIN_AFTER:
            raise Blocked(self._blocked)
        self._knocked_at = self._clock()
        return True

    def _with_token(self, question: Question) -> bytes | None:
        token = self._tokens.current()
        try:
            return self._ask(question, token)
        except Unauthorized:
            return self._ask(question, self._tokens.refreshed(token))
        except NotFound:
            if not self._tokens.relocated():
                raise
            return self._ask(question, self._tokens.current())

    def _ask(self, question: Question, token: str) -> bytes | None:
        path = question.path
        with self._pace.turn(path.rstrip("0123456789")) as turn:
            reply, content = self._send(question, token, turn)
        started = turn.started
        try:
            body = answers.read(reply.status_code, reply.headers, content, path, method=question.method)
        except RateLimited as error:
            error.retry_after = self._pace.refused(started, error.retry_after)
            log.warning("amocrm.paused path=%s seconds=%.0f", path, error.retry_after)
            raise
        self._pace.accepted(started)
        return body

    def _send(self, question: Question, token: str, turn: Turn) -> tuple[requests.Response, bytes]:
        began = time.monotonic()
        path, url = question.path, self.url
        try:
            reply = self._session().request(
                question.method,
                url + path,
                params=list(question.params),
                json=question.payload,
                auth=_Bearer(token),
                timeout=(self._timeouts.connect, self._timeouts.read),
                allow_redirects=False,
                stream=True,
            )
            turn.answered(_size(reply))
            content = _body(reply, path, began + self._timeouts.give_up_after)
        except requests.ReadTimeout as error:
            raise TooSlow(f"{path}: amoCRM did not answer within {self._timeouts.read:g} s") from error
        except (requests.RequestException, HTTPError) as error:
            raise Unreachable(f"{path}: {url} cannot be reached ({type(error).__name__})") from error
        log.debug(
            "amocrm.%s path=%s status=%d bytes=%d seconds=%.3f request_id=%s",
            question.method.lower(),
            path,
            reply.status_code,
            len(content),
            time.monotonic() - began,
            reply.headers.get("X-Request-Id"),
        )
        return reply, content

    def _session(self) -> requests.Session:
        """This thread's own session, as requests does not promise that threads may share one."""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            session.headers["User-Agent"] = f"vitrina/{_version()}"
            session.headers["Accept"] = "application/hal+json, application/json"
            self._sessions.add(session)
        return session

    def _should_stop(self, state: RetryCallState) -> bool:
        error = _error(state)
        attempts = self._timeouts.attempts
        if isinstance(error, TooSlow):
            attempts = min(attempts, SLOW_ATTEMPTS)
        return (stop_after_attempt(attempts) | stop_before_delay(self._timeouts.give_up_after))(state)

    def _wait(self, state: RetryCallState) -> float:
        error = _error(state)
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return error.retry_after
        return self._backoff(state)


def _body(reply: requests.Response, path: str, deadline: float) -> bytes:
    """All of an answer, as it comes; the read timeout is for a silence, and begins anew with every byte."""
    pieces: list[bytes] = []
    while piece := reply.raw.read1(PIECE, decode_content=True):
        pieces.append(piece)
        if time.monotonic() > deadline:
            reply.close()
            raise Unreachable(f"{path}: the answer trickles and does not end")
    return b"".join(pieces)


class _Bearer(requests.auth.AuthBase):
    """The token as a header; being an `auth`, it keeps a .netrc of this machine from replacing it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, SourceError) and error.retryable


def _is_refused(error: BaseException) -> bool:
    return isinstance(error, RateLimited)


def _size(head: requests.Response) -> int:
    """The bytes to come, 0 where nobody says."""
    told = head.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() else 0


def _version() -> str:
    try:
        return version("vitrina")
    except PackageNotFoundError:
        return "0"
