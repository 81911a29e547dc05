"""The pace of requests: one for all threads that share an integration."""

import threading
import time
from bisect import insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from connectors.base import RateLimited

MARGIN = 0.005
"""Seconds added to every window: what is known of arrivals is never exact."""

LATEST = 3.0
"""Seconds after its start at which a request of which nothing more was heard has arrived, or never will."""

SOON = 0.02
"""Seconds until it is looked again for the answer of a request that holds others up."""

AT_ONCE = 3
APART = 0.7
"""So many requests may start together; the others of a second are spread over this part of it. What comes in a
bunch is held up by itself, at either end, and arrives at no regular pace."""

NOTICED = 0.001
"""Less than so many seconds between two requests are no distance that a line would keep."""

RECENT = 400
UNSURE = 0.4
"""So many answers of a kind and size are remembered, to judge by the quickest of them how late the next one is. That
one was late itself, the less the more there are: by about a tenth of a second divided among them, at most by this."""

WARY = 0.2
WARY_FOR = 600.0
"""After a refusal every window is so much longer for so long, in seconds: somebody counted more than we did."""

FIRST_PAUSE = 10.0
LONGEST_PAUSE = 300.0
LONGEST_TOLD = 3_600.0
"""Seconds of a pause that the source may ask for; after those it is found out whether it still wants one."""


@dataclass(slots=True)
class Book:
    """What must be remembered of the requests so far: the latest arrivals in their order, and refusals.

    `under_way`: starts of requests of which it is not known yet when they arrived.
    """

    starts: deque[float] = field(default_factory=deque)
    under_way: list[float] = field(default_factory=list)
    paused_until: float = float("-inf")
    struck_at: float = float("-inf")
    strikes: int = 0

    def window(self, now: float, margin: float) -> float:
        """The seconds that may not hold more starts than allowed."""
        return 1.0 + margin + (WARY if now < self.struck_at + WARY_FOR else 0.0)

    def free_at(self, now: float, window: float, most: int) -> tuple[float, float]:
        """When fewer than `most` requests are within `window`: at the earliest, and by all that is known."""
        while self.starts and self.starts[0] <= now - window:
            self.starts.popleft()
        self.under_way = [start for start in self.under_way if start + LATEST > now - window]
        earliest = sorted((*self.starts, *self.under_way))[-most:]
        latest = sorted((*self.starts, *(min(now, start + LATEST) for start in self.under_way)))[-most:]
        if len(latest) < most:
            return now, now
        return earliest[0] + window, latest[0] + window

    def apart_at(self, most: int) -> float:
        """When the next one may start for not all to start at once; a few may, and those of a very fast pace."""
        if APART / most < NOTICED or len(self.starts) + len(self.under_way) < AT_ONCE:
            return float("-inf")
        return max((*self.starts, *self.under_way)) + APART / most


Taken = dict[int, deque[float]]
"""How long the latest answers of a kind took, by their sizes in powers of two."""


class Turn:
    """The place of one request among the others."""

    def __init__(
        self, started: float, settle: Callable[[float, int], None], clock: Callable[[], float]
    ) -> None:
        self.started = started
        self._settle: Callable[[float, int], None] | None = settle
        self._clock = clock

    def answered(self, size: int = 0) -> None:
        """The answer begins to come, `size` bytes if it says so, or there is none; only the first word counts."""
        settle, self._settle = self._settle, None
        if settle is not None:
            settle(self._clock() - self.started, size)


class Pace:
    """No more than `per_second` starts in any one second, in the order of asking.

    amoCRM counts requests in every second of its clock and answers repeated excess with a block of the
    whole account, so this is a sliding window and not a bucket: a bucket lets twice its size through
    where one second meets the next. Nobody spins: the first in line sleeps exactly as long as it must,
    the others sleep until they are first. To end the waiting early, let `sleep` raise.

    amoCRM counts arrivals, and a busy machine or line makes one request later than another. A request that is
    asked within `turn` therefore may still be anywhere until its answer begins to come; then it is taken to have
    arrived as much later than it started as the answer is later than the quickest of its kind could be.

    A pause of more than `patience` seconds is not waited for: RateLimited says how long it still lasts.
    """

    def __init__(
        self,
        per_second: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        margin: float = MARGIN,
        patience: float = float("inf"),
    ) -> None:
        if per_second < 1:
            raise ValueError(f"a pace of {per_second} requests per second never starts")
        self._clock = clock
        self._sleep = sleep
        self._per_second = per_second
        self._margin = margin
        self._patience = patience
        self._book = Book()
        self._wait = 0.0
        self._line: deque[object] = deque()
        self._changed = threading.Condition()
        self._took: dict[str, Taken] = defaultdict(dict)

    @contextmanager
    def turn(self, kind: str = "") -> Iterator[Turn]:
        """Hold a place among the requests from the moment at which this one may start; see `Turn.answered`.

        `kind`: requests that usually take amoCRM the same time.
        """
        started = self._start()
        turn = Turn(started, partial(self._settle, kind, started), self._clock)
        try:
            yield turn
        except BaseException:
            self._arrived(started, self._clock() - started)  # nobody knows when, but it was before this
            raise
        turn.answered()

    def _start(self) -> float:
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

    def _settle(self, kind: str, started: float, took: float, size: int) -> None:
        self._arrived(started, self._lateness(kind, took, size))

    def _lateness(self, kind: str, took: float, size: int) -> float:
        """By how much an answer took longer than it could have; the first of its kind is late as a whole."""
        power = size.bit_length()
        with self._changed:
            known = self._took[kind]
            quickest = _quickest(known, power)
            known.setdefault(power, deque(maxlen=RECENT)).append(took)
        return max(0.0, took - quickest)

    def _arrived(self, started: float, late: float) -> None:
        with self._opened() as book:
            kept: deque[float] | list[float] = book.under_way if started in book.under_way else book.starts
            if started in kept:
                kept.remove(started)
                insort(book.starts, started + late)

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
            seconds = min(doubled, LONGEST_PAUSE) if retry_after is None else min(retry_after, LONGEST_TOLD)
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
            if (left := book.paused_until - now) > self._patience:
                raise RateLimited(f"amoCRM asked for a pause, of which {left:.0f} s are left", left)
            earliest, latest = book.free_at(now, book.window(now, self._margin), self._per_second)
            at_least = max(book.paused_until, book.apart_at(self._per_second))
            if now >= max(latest, at_least):
                book.under_way.append(now)
                return now
            free_at = earliest if earliest > now else min(latest, now + SOON)
            self._wait = max(free_at, at_least) - now
            return None


def _quickest(known: Taken, power: int) -> float:
    """The least that an answer of this size can have taken, by all of its kind and by those of its size.

    A large one takes its time by nature. A small one may be ahead of the quickest so far by as much as that is
    ahead of the large ones.
    """
    if not known:
        return 0.0
    least, largest = min(map(min, known.values())), max(known)
    ahead = min(known[largest]) - least if power < largest else 0.0
    judged = [least - ahead - UNSURE / sum(map(len, known.values()))]
    if like := known.get(power):
        judged.append(min(like) - UNSURE / len(like))
    return max(0.0, *judged)
