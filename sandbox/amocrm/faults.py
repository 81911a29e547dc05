"""Faults on demand: what the next requests of a kind meet instead of, or after, being served."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.amocrm.exchange import EMPTY, HTML, Reply, Request, page_of_gateway, problem

Match = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong.

    `reply` is given instead of the true one. `line`: "reset" breaks the connection, "cut" breaks it in the
    middle of the body, "hang" keeps silent for `seconds` and then breaks it. `garble` spoils the true body.
    With `served` the request takes effect first, so only its answer is lost.
    """

    reply: Reply | None = None
    line: Literal["ok", "reset", "cut", "hang"] = "ok"
    garble: Callable[[Reply], Reply] | None = None
    seconds: float = 0.0
    served: bool = False


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


def server_error(detail: str = "ErrInternalServer") -> Fault:
    return Fault(problem(500, detail, trace_id="00000000000000000000000000000000"))


def too_many(retry_after: int) -> Fault:
    """429 in the JSON form, which tells how long to wait."""
    return Fault(problem(429, "Request limit exceeded", retry_after=retry_after))


def hang(seconds: float, *, served: bool = False) -> Fault:
    """Silence for at most `seconds` (or until the server stops), then a broken line."""
    return Fault(line="hang", seconds=seconds, served=served)


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


class Faults:
    """A script of faults, consumed in the order of writing by the requests they match."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._script: list[tuple[Match, Fault]] = []

    def add(
        self, fault: Fault, *, times: int = 1, path: str = "", method: str = "", when: Match | None = None
    ) -> None:
        """The next `times` requests whose path ends with `path` (and that `when` accepts) meet `fault`."""

        def matches(request: Request) -> bool:
            is_meant = request.path.endswith(path) and method in ("", request.method)
            return is_meant and (when is None or when(request))

        with self._lock:
            self._script += [(matches, fault)] * times

    def take(self, request: Request) -> Fault | None:
        """The fault this request meets, used up by it."""
        with self._lock:
            for place, (matches, fault) in enumerate(self._script):
                if matches(request):
                    del self._script[place]
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._script.clear()

    @property
    def left(self) -> int:
        """How many faults nobody has met yet."""
        with self._lock:
            return len(self._script)
