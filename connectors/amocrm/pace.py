"""The pace of requests: one for all threads that share an integration."""

import threading
import time
from collections import deque
from collections.abc import Callable

MARGIN = 0.025
"""Seconds added to every window: a request arrives a little later than it starts, never at one speed."""

FIRST_PAUSE = 10.0
LONGEST_PAUSE = 300.0


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
        self._window = 1.0 + margin
        self._starts: deque[float] = deque(maxlen=per_second)
        self._paused_until = float("-inf")
        self._struck_at = float("-inf")
        self._strikes = 0
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
        with self._changed:
            if started in self._starts:
                self._starts.remove(started)
                self._starts.append(self._clock())

    def pause(self, seconds: float) -> None:
        """Let nobody start for so long; a longer pause under way stays."""
        with self._changed:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def refused(self, started: float, retry_after: float | None) -> float:
        """Pause everybody because a request was one too many; return for how long.

        Where the source names no time the pauses double. Requests that were under way together are one
        refusal, however many they were.
        """
        with self._changed:
            if started >= self._struck_at:
                self._struck_at = self._clock()
                self._strikes += 1
            doubled = FIRST_PAUSE * 2.0 ** min(self._strikes - 1, 10)
            seconds = min(doubled, LONGEST_PAUSE) if retry_after is None else retry_after
        self.pause(seconds)
        return seconds

    def accepted(self, started: float) -> None:
        """Forget earlier refusals: a request that started after them went through."""
        with self._changed:
            if started >= self._struck_at:
                self._strikes = 0

    def _try(self) -> float | None:
        """Note a start and return its moment; None, with `_wait` telling the seconds that are missing."""
        with self._changed:
            now = self._clock()
            free_at = self._paused_until
            if len(self._starts) == self._starts.maxlen:
                free_at = max(free_at, self._starts[0] + self._window)
            if now < free_at:
                self._wait = free_at - now
                return None
            self._starts.append(now)
            return now
