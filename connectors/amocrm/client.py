"""HTTP to an amoCRM account: a question with a token, in pace, repeated where that helps."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self
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

from connectors.amocrm import answers
from connectors.amocrm.pace import Pace
from connectors.amocrm.streams import Params
from connectors.amocrm.tokens import Tokens
from connectors.base import Blocked, RateLimited, SourceError, TooSlow, Unauthorized, Unreachable

log = logging.getLogger(__name__)

SLOW_ATTEMPTS = 2
"""How often a question is repeated that amoCRM had no time for: its asker can make it smaller."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one question may take, in seconds, and how often it may be tried."""

    connect: float = 5.0
    read: float = 30.0
    attempts: int = 6
    give_up_after: float = 300.0


class Client:
    """Asks one account, from any number of threads.

    Nothing but GET: what people keep in amoCRM cannot be harmed from here. Once amoCRM has blocked us it is
    not asked again: every further knock makes a block longer.
    """

    def __init__(
        self,
        url: str,
        tokens: Tokens,
        pace: Pace,
        timeouts: Timeouts | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._tokens = tokens
        self._pace = pace
        self._timeouts = timeouts or Timeouts()
        self._sleep = sleep
        self._own = threading.local()
        self._sessions: WeakSet[requests.Session] = WeakSet()  # those of ended threads close themselves
        self._blocked: str | None = None
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

    def get(self, path: str, params: Params = ()) -> bytes | None:
        """The body of an answer as it came; None where amoCRM says that there is nothing (204)."""
        trying = Retrying(
            retry=retry_if_exception(_is_retryable),
            stop=self._should_stop,
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        return trying(self._get, path, params)

    def _get(self, path: str, params: Params) -> bytes | None:
        token = self._tokens.current()
        try:
            return self._ask(path, params, token)
        except Unauthorized:
            return self._ask(path, params, self._tokens.refreshed(token))

    def _ask(self, path: str, params: Params, token: str) -> bytes | None:
        if self._blocked:
            raise Blocked(self._blocked)
        session, is_new = self._session()
        started = self._pace.start()
        try:
            reply = self._send(session, path, params, token)
        finally:
            if is_new:
                self._pace.landed(started)
        try:
            body = answers.read(reply.status_code, reply.headers, reply.content, path)
        except RateLimited as error:
            error.retry_after = self._pace.refused(started, error.retry_after)
            log.warning("amocrm.paused path=%s seconds=%.0f", path, error.retry_after)
            raise
        except Blocked as error:
            self._blocked = str(error)
            log.error("amocrm.blocked path=%s", path)
            raise
        self._pace.accepted(started)
        return body

    def _send(self, session: requests.Session, path: str, params: Params, token: str) -> requests.Response:
        began = time.monotonic()
        try:
            reply = session.get(
                self._url + path,
                params=list(params),
                auth=_Bearer(token),
                timeout=(self._timeouts.connect, self._timeouts.read),
                allow_redirects=False,
            )
        except requests.ReadTimeout as error:
            raise TooSlow(f"{path}: amoCRM did not answer within {self._timeouts.read:g} s") from error
        except requests.RequestException as error:
            raise Unreachable(f"{path}: {self._url} cannot be reached ({type(error).__name__})") from error
        log.debug(
            "amocrm.get path=%s status=%d bytes=%d seconds=%.3f request_id=%s",
            path,
            reply.status_code,
            len(reply.content),
            time.monotonic() - began,
            reply.headers.get("X-Request-Id"),
        )
        return reply

    def _session(self) -> tuple[requests.Session, bool]:
        """This thread's own session, as requests does not promise that threads may share one; is it new?"""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is not None:
            return session, False
        session = self._own.session = requests.Session()
        session.headers["User-Agent"] = f"vitrina/{_version()}"
        session.headers["Accept"] = "application/hal+json, application/json"
        self._sessions.add(session)
        return session, True

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


def _version() -> str:
    try:
        return version("vitrina")
    except PackageNotFoundError:
        return "0"
