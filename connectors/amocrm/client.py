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
from urllib3.exceptions import HTTPError, ReadTimeoutError

from connectors.amocrm import answers
from connectors.amocrm.bearer import Tokens, bearing
from connectors.amocrm.ending import pools
from connectors.amocrm.pace import Pace, Turn
from connectors.amocrm.repeating import Repeating, is_refused, is_retryable
from connectors.amocrm.silence import Silence
from connectors.amocrm.streams import Params
from connectors.base import Blocked, NotFound, RateLimited, TooSlow, Unauthorized, Unreachable

log = logging.getLogger(__name__)

WEBHOOKS = "/api/v4/webhooks"
"""The one thing of an account that we write: who is told of changes."""

KNOCK_AGAIN_AFTER = 3_600.0
"""Seconds for which an account that has blocked us is left alone; support says nothing when it lifts a block."""


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
        self._repeating = Repeating(self._timeouts.attempts, self._timeouts.give_up_after, sleep)
        self._silence = Silence(self._timeouts.give_up_after, clock)
        self._own = threading.local()
        self._sessions: WeakSet[requests.Session] = WeakSet()  # those of ended threads close themselves
        self._blocked: str | None = None
        self._knocked_at = float("-inf")

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
        return self._repeating.where(is_retryable)(self._answered, Question("GET", path, params))

    def write(self, method: Literal["POST", "DELETE"], payload: Mapping[str, Any]) -> bytes | None:
        """Change the list of webhooks, and nothing else.

        Sent again only where amoCRM has said that it did nothing: whoever hears of another error must look
        whether the change was made.
        """
        return self._repeating.where(is_refused)(self._answered, Question(method, WEBHOOKS, payload=payload))

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
        kind = question.path.rstrip("0123456789")
        with self._silence.watched(kind):
            return self._heard(question, kind, token)

    def _heard(self, question: Question, kind: str, token: str) -> bytes | None:
        path = question.path
        with self._pace.turn(kind) as turn:
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
                auth=bearing(token),
                timeout=(self._timeouts.connect, self._timeouts.read),
                allow_redirects=False,
                stream=True,
            )
            turn.answered(_size(reply))
            content: bytes = reply.raw.read(decode_content=True)
        except requests.ReadTimeout as error:
            raise TooSlow(f"{path}: amoCRM did not answer within {self._timeouts.read:g} s") from error
        except ReadTimeoutError as error:
            raise Unreachable(
                f"{path}: the answer stops before its end, or trickles and does not end"
            ) from error
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
            session = self._own.session = new_session(self._timeouts.give_up_after)
            session.headers["User-Agent"] = f"vitrina/{_version()}"
            session.headers["Accept"] = "application/hal+json, application/json"
            self._sessions.add(session)
        return session


def new_session(limit: float) -> requests.Session:
    """A session in which every answer has come within `limit` seconds, or is a timeout."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, Bounded(limit))
    return session


class Bounded(requests.adapters.HTTPAdapter):
    """Lines, straight or through a proxy, whose answers end."""

    def __init__(self, limit: float) -> None:
        self._pools = pools(limit)
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        super().init_poolmanager(*sizes, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **more)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _size(head: requests.Response) -> int:
    """The bytes to come, 0 where nobody says."""
    told = head.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() else 0


def _version() -> str:
    try:
        return version("vitrina")
    except PackageNotFoundError:
        return "0"
