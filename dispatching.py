"""Books on their way out: each written in its turn, several at a time, none held up by another."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread

from exporting import Exporter, StillLoading
from exports.pace import KEPT
from exports.turns import Turns
from warehouse.publish import NothingPublished

log = logging.getLogger(__name__)

AT_ONCE = 4  # books that are written at the same time
LOOK = 60.0  # seconds between looks at what other processes have written, or could not write
GRACE = (
    5.0  # seconds for which the end waits for what is under way; what became of it the next start finds out
)
EFFORT = 10  # a workbook that took s seconds to write is left alone for s * EFFORT seconds


class Dispatch:
    """Keeps the books of one service equal to what is published; whoever calls never waits for the network."""

    def __init__(
        self,
        exporter: Exporter,
        *,
        refresh_every: float,
        stamp_every: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exporter = exporter
        self._turns = Turns(refresh_every=refresh_every, stamp_every=stamp_every, clock=clock)
        self._lock = Lock()
        self._clock = clock
        self._looked_at = clock()
        self._hands = Hands(AT_ONCE)
        self._built: dict[str, datetime] = {}  # the build that a book shows
        self._shown: datetime | None = None

    def send(self, news: object) -> None:
        """Start writing whatever books are due, `news` being what there is to tell."""
        self._look()
        while (name := self._next(news)) is not None:
            self._hands.give(partial(self._write, name, news))

    def stop(self) -> None:
        """Let what is under way end, if it does soon: Google may work at one large request for minutes."""
        if not self._hands.rest(GRACE):
            log.warning("dispatch.left_under_way seconds=%g", GRACE)

    @property
    def problems(self) -> Mapping[str, str]:
        """Why books are not written, by name."""
        with self._lock:
            return {name: f"{type(error).__name__}: {error}" for name, error in self._turns.problems.items()}

    @property
    def grave(self) -> str | None:
        """Why a book that is urgent stands still until a person does something."""
        urgency = self._exporter.urgency()
        with self._lock:
            problems = self._turns.problems
        told = (str(error) for name, error in problems.items() if urgency.get(name) and error.needs_people)
        return next(told, None)

    @property
    def shown(self) -> datetime | None:
        """The build that all books show whose cells count and which can be written at all."""
        return self._shown

    def _look(self) -> None:
        """What somebody has written by hand, or could not write, need not wait for its hour."""
        if self._clock() - self._looked_at >= LOOK:
            self._looked_at = self._clock()
            for name in self._exporter.put_right():
                with self._lock:
                    self._turns.wake(name)

    def _next(self, news: object) -> str | None:
        urgency = self._exporter.urgency()
        with self._lock:
            if self._turns.being_written >= AT_ONCE:
                return None
            return self._turns.take(
                urgency, news, lambda name: self._exporter.has_room(name, 0 if urgency[name] else KEPT)
            )

    def _write(self, name: str, news: object) -> None:
        """In a thread of its own: nobody sees what it raises, so that is logged; the book comes again."""
        began = self._clock()
        try:
            exported = self._exporter.refresh(name)
        except (NothingPublished, StillLoading):  # trouble before there were figures: /healthz tells it
            self._give_back(name)
            return
        except Exception:
            log.exception("task.failed name=export book=%s", name)
            self._give_back(name)
            return
        with self._lock:
            if exported.error is not None:
                self._turns.failed(name, exported.error)
            else:
                effort = EFFORT * (self._clock() - began) if exported.kind == "xlsx" else 0.0
                self._turns.written(name, news, effort)
                self._built[name] = exported.built_at
            shown = self._in_all_cells()
        if shown is not None and (self._shown is None or shown > self._shown):
            self._note_shown(shown, exported.at)

    def _give_back(self, name: str) -> None:
        with self._lock:
            self._turns.given_back(name)

    def _in_all_cells(self) -> datetime | None:
        """The last build that stands in every book whose cells count, as far as it can be written at all."""
        going = self._exporter.live - self._turns.problems.keys()
        if not going <= self._built.keys():
            return None
        return min((self._built[name] for name in going), default=None)

    def _note_shown(self, built_at: datetime, moment: datetime) -> None:
        try:
            self._exporter.note_shown(built_at, moment)
        except Exception:
            log.exception("task.failed name=export built_at=%s", built_at)
        else:
            with self._lock:
                self._shown = max(built_at, self._shown or built_at)


class Hands:
    """A few threads that are kept, each with its own line to Google; a program may end without them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads: list[Thread] = []
        self._given: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def give(self, work: Callable[[], None]) -> None:
        if len(self._threads) < self._most:
            self._threads.append(Thread(target=self._work, name=f"book {len(self._threads)}", daemon=True))
            self._threads[-1].start()
        self._given.put(work)

    def rest(self, within: float) -> bool:
        """Take on nothing more; whether what is under way ended within so many seconds."""
        for _ in self._threads:
            self._given.put(None)
        deadline = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (work := self._given.get()) is not None:
            work()
