"""The pace of requests: one for all threads that share an integration."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MARGIN = 0.025
"""Seconds added to every window: a request arrives a little later than it starts, never at one speed."""

WARY = 0.2
WARY_FOR = 600.0
"""After a refusal every window is so much longer for so long, in seconds: somebody counted more than we did."""

FIRST_PAUSE = 10.0
LONGEST_PAUSE = 300.0


@dataclass(slots=True)
class Book:
    """What must be remembered of the requests so far: the latest starts in their order, and refusals."""

    starts: deque[float] = field(default_factory=deque)
    paused_until: float = float("-inf")
    struck_at: float = float("-inf")
    strikes: int = 0

    def window(self, now: float, margin: float) -> float:
        """The seconds that may not hold more starts than allowed."""
        return 1.0 + margin + (WARY if now < self.struck_at + WARY_FOR else 0.0)


class Pace:
    """No more than `per_second` starts in any one second, in the order of asking.

    amoCRM counts requests in every second of its clock and answers repeated excess with a block of the
    whole account, so this is a sliding window and not a bucket: a bucket lets twice its size through
    where one second meets the next. Nobody spins: the first in line sleeps exactly as long as it must,
    the others sleep until they are first. To end the waiting early, let `sleep` raise.
    """

    def __init__(
        self,
        per_second: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        margin: float = MARGIN,
    ) -> None:
        if per_second < 1:
            raise ValueError(f"a pace of {per_second} requests per second never starts")
        self._clock = clock
        self._sleep = sleep
        self._per_second = per_second
        self._margin = margin
        self._book = Book()
        self._wait = 0.0
        self._line: deque[object] = deque()
        self._changed = threading.Condition()

    def start(self) -> float:
        """Return, when a request may start, the moment it does."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._line[0] is ticket)
            while (started := self._try()) is None:
                self._sleep(self._wait)
            return started
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def landed(self, started: float) -> None:
        """Count a start from now: the request had to open its line first, and arrived later than others do.

        Otherwise those that follow over open lines would arrive within the same second as it.
        """
        with self._opened() as book:
            if started in book.starts:
                book.starts.remove(started)
                book.starts.append(self._clock())

    def pause(self, seconds: float) -> None:
        """Let nobody start for so long; a longer pause under way stays."""
        with self._opened() as book:
            book.paused_until = max(book.paused_until, self._clock() + seconds)

    def refused(self, started: float, retry_after: float | None) -> float:
        """Pause everybody because a request was one too many; return for how long.

        Where the source names no time the pauses double. Requests that were under way together are one
        refusal, however many they were.
        """
        with self._opened() as book:
            if started >= book.struck_at:
                book.struck_at = self._clock()
                book.strikes += 1
            doubled = FIRST_PAUSE * 2.0 ** min(book.strikes - 1, 10)
            seconds = min(doubled, LONGEST_PAUSE) if retry_after is None else retry_after
        self.pause(seconds)
        return seconds

    def accepted(self, started: float) -> None:
        """Forget earlier refusals: a request that started after them went through."""
        with self._opened() as book:
            if started >= book.struck_at:
                book.strikes = 0

    @contextmanager
    def _opened(self) -> Iterator[Book]:
        """The book, for one reader and writer at a time."""
        with self._changed:
            yield self._book

    def _try(self) -> float | None:
        """Note a start and return its moment; None, with `_wait` telling the seconds that are missing."""
        with self._opened() as book:
            now = self._clock()
            window = book.window(now, self._margin)
            while book.starts and book.starts[0] <= now - window:
                book.starts.popleft()
            free_at = book.paused_until
            if len(book.starts) >= self._per_second:
                free_at = max(free_at, book.starts[-self._per_second] + window)
            if now < free_at:
                self._wait = free_at - now
                return None
            book.starts.append(now)
            return now
