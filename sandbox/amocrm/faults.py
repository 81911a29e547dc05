"""Faults on demand: what the next requests of a kind meet instead of, or after, being served."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Literal

from sandbox.amocrm.exchange import EMPTY, HTML, Reply, Request, page_of_gateway, problem
from sandbox.amocrm.fields import compact
from sandbox.amocrm.query import pairs_of, replaced

Line = Literal["ok", "reset", "cut", "hang", "stall"]
Match = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong.

    `reply` is given instead of the true one. `line`: "reset" breaks the connection, "cut" breaks it in the
    middle of the body, "hang" keeps silent for `seconds` and then breaks it, "stall" falls silent in the
    middle of the body. `garble` spoils the true reply, `alter` the request before it is served. With `served`
    the request takes effect first, so only its answer is lost.
    """

    reply: Reply | None = None
    line: Line = "ok"
    garble: Callable[[Reply], Reply] | None = None
    seconds: float = 0.0
    served: bool = False
    alter: Callable[[Request], Request] | None = None
    name: str = ""


BAD_GATEWAY = Fault(page_of_gateway(502))
UNAVAILABLE = Fault(page_of_gateway(503))
GATEWAY_TIMEOUT = Fault(page_of_gateway(504))
TOO_MANY = Fault(page_of_gateway(429))
BLOCKED = Fault(page_of_gateway(403))
UNAUTHORIZED = Fault(problem(401, "Неверный логин или пароль"))
SPURIOUS_EMPTY = Fault(EMPTY)
RESET = Fault(line="reset")
CUT = Fault(line="cut", served=True)
LOST_REPLY = Fault(line="reset", served=True)
UNPAID = Fault(problem(402, "Payment required"))
NO_RIGHTS = Fault(problem(403, "Access denied"))
ERROR_AS_OK = Fault(replace(problem(500, "ErrInternalServer"), status=200))


def server_error(detail: str = "ErrInternalServer") -> Fault:
    return Fault(problem(500, detail, trace_id="00000000000000000000000000000000"))


def too_many(retry_after: int) -> Fault:
    """429 in the JSON form, which tells how long to wait."""
    return Fault(problem(429, "Request limit exceeded", retry_after=retry_after))


def hang(seconds: float, *, served: bool = False) -> Fault:
    """Silence for at most `seconds` (or until the server stops), then a broken line."""
    return Fault(line="hang", seconds=seconds, served=served)


def stall(seconds: float) -> Fault:
    """Half of the true answer, then silence for at most `seconds`, then a broken line."""
    return Fault(line="stall", seconds=seconds, served=True)


def slow(seconds: float) -> Fault:
    """The true answer, late."""
    return Fault(seconds=seconds, served=True)


def truncated() -> Fault:
    """A complete HTTP reply whose JSON ends too early."""

    def half(reply: Reply) -> Reply:
        return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.content_type)

    return Fault(garble=half, served=True)


def wrong_content_type(content_type: str = HTML) -> Fault:
    """The true body under another name."""
    return Fault(garble=lambda reply: Reply(reply.status, reply.body, content_type), served=True)


def next_to_nothing() -> Fault:
    """The last page of a list names a next one, which is empty."""

    def promise(reply: Reply) -> Reply:
        page = json.loads(reply.body) if reply.status == 200 else {}
        links = page.get("_links", {})
        if "_page" not in page or "next" in links:
            return reply
        address, _, query = links["self"]["href"].partition("?")
        after = replaced(pairs_of(query), page=page["_page"] + 1)
        links["next"] = {"href": f"{address}?{after}"}
        return replace(reply, body=compact(page).encode())

    return Fault(garble=promise, served=True)


def lower_limit(limit: int = 50) -> Fault:
    """The page is shorter than was asked, and says so only in its own links."""

    def lower(request: Request) -> Request:
        return Request(
            request.method, request.path, replaced(pairs_of(request.query), limit=limit), request.headers,
            request.body,
        )  # fmt: skip

    return Fault(alter=lower, served=True)


def skewed(seconds: float) -> Fault:
    """The true answer, dated by a clock that is wrong by `seconds`."""

    def date(reply: Reply) -> Reply:
        wrong = formatdate(time.time() + seconds, usegmt=True)
        return replace(reply, headers=(*reply.headers, ("Date", wrong)))

    return Fault(garble=date, served=True)


class Faults:
    """What requests meet: first a script, in the order of writing; then what stands; then chance.

    `met` counts the faults that came to pass, by name.
    """

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._script: list[tuple[Match, Fault]] = []
        self._standing: list[tuple[Match, Fault]] = []
        self._chance: Callable[[Request], Fault | None] | None = None

    def add(
        self, fault: Fault, *, times: int = 1, path: str = "", method: str = "", when: Match | None = None
    ) -> None:
        """The next `times` requests whose path ends with `path` (and that `when` accepts) meet `fault`."""
        with self._lock:
            self._script += [(_matching(path, method, when), fault)] * times

    def stand(self, fault: Fault, *, path: str = "", method: str = "", when: Match | None = None) -> None:
        """Every such request meets `fault` until `clear`."""
        with self._lock:
            self._standing.append((_matching(path, method, when), fault))

    def random(self, rate: float, kinds: Iterable[str] = (), seed: int = 0, **sizes: float) -> None:
        """From now on a share of `rate` of the requests meet a fault of one of these kinds; 0 ends it.

        Kinds are names of `fault_kinds.KINDS`; without any, those that pass by themselves. `sizes` are
        `seconds` and `retry_after` of those that have them.
        """
        from sandbox.amocrm.fault_kinds import chance

        with self._lock:
            self._chance = chance(rate, tuple(kinds), seed, **sizes) if rate else None

    def take(self, request: Request) -> Fault | None:
        """The fault this request meets; one of the script is used up by it."""
        with self._lock:
            fault = self._find(request)
            if fault is not None:
                self.met[fault.name] += 1
            return fault

    def clear(self) -> None:
        """Neither script, nor standing faults, nor chance."""
        with self._lock:
            self._script.clear()
            self._standing.clear()
            self._chance = None

    @property
    def left(self) -> int:
        """How many faults of the script nobody has met yet."""
        with self._lock:
            return len(self._script)

    def _find(self, request: Request) -> Fault | None:
        for place, (matches, fault) in enumerate(self._script):
            if matches(request):
                del self._script[place]
                return fault
        for matches, fault in self._standing:
            if matches(request):
                return fault
        return self._chance(request) if self._chance is not None else None


def _matching(path: str, method: str, when: Match | None) -> Match:
    def matches(request: Request) -> bool:
        is_meant = request.path.endswith(path) and method in ("", request.method)
        return is_meant and (when is None or when(request))

    return matches
