"""How often Google may be asked: so many requests a minute, and a pause between two to one book."""

from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Literal

Kind = Literal["read", "write"]

MINUTE = 60.0
LONGEST = 185.0
"""Seconds: Google works at one request for 180 at most, and a little more."""

KEPT = 5
"""Of a minute's requests so many are left, by drafts and by books that are not urgent, to what cannot wait."""


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

    def wait(self, kind: Kind, book: str, keep: int = 0) -> None:
        """Return when a request may go out: never more than the budget in any minute, `keep` of it left to others."""
        while (delay := self._take(kind, book, keep)) > 0:
            self._sleep(delay)

    def has_room(self, kind: Kind, book: str, keep: int = 0) -> bool:
        """Whether a request could go out at once and leave `keep` of the minute's budget to others."""
        with self._lock:
            return self._delay(kind, book, self._clock(), keep) <= 0

    def close(self, seconds: float) -> None:
        """Let nothing out for so long: Google has said that it is too much."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _take(self, kind: Kind, book: str, keep: int) -> float:
        """0 and the request is counted, or how long to wait before asking again."""
        with self._lock:
            now = self._clock()
            delay = self._delay(kind, book, now, keep)
            if delay <= 0:
                self._sent[kind].append(now)
                self._last[book] = now
            return delay

    def _delay(self, kind: Kind, book: str, now: float, keep: int) -> float:
        sent = self._sent[kind]
        while sent and now - sent[0] >= MINUTE:
            sent.popleft()
        delay = max(self._closed_until - now, self._last.get(book, float("-inf")) + self._gap - now)
        over = len(sent) + min(keep, self._per_minute[kind] - 1) - self._per_minute[kind]
        return max(delay, sent[over] + MINUTE - now) if over >= 0 else delay
