"""How often Google may be asked: so many requests a minute, and a pause between two to one book."""

from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Literal

Kind = Literal["read", "write"]

MINUTE = 60.0


class Pace:
    """Shared by all books of one robot, for Google counts requests by robot; safe between threads."""

    def __init__(
        self,
        per_minute: Mapping[Kind, int],
        *,
        gap: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._per_minute = dict(per_minute)
        self._gap = gap
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._sent: dict[Kind, deque[float]] = {kind: deque() for kind in per_minute}
        self._last: dict[str, float] = {}
        self._closed_until = float("-inf")

    def wait(self, kind: Kind, book: str) -> None:
        """Return when a request may go out: never more than the budget in any minute."""
        while (delay := self._take(kind, book)) > 0:
            self._sleep(delay)

    def close(self, seconds: float) -> None:
        """Let nothing out for so long: Google has said that it is too much."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _take(self, kind: Kind, book: str) -> float:
        """0 and the request is counted, or how long to wait before asking again."""
        with self._lock:
            now = self._clock()
            sent = self._sent[kind]
            while sent and now - sent[0] >= MINUTE:
                sent.popleft()
            delay = max(self._closed_until - now, self._last.get(book, float("-inf")) + self._gap - now)
            if len(sent) >= self._per_minute[kind]:
                delay = max(delay, sent[0] + MINUTE - now)
            if delay <= 0:
                sent.append(now)
                self._last[book] = now
            return delay
