"""Books on their way out: each written in its turn, several at a time, none held up by another."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Lock

from exporting import Exporter, StillLoading
from exports.turns import Turns
from warehouse.publish import NothingPublished

log = logging.getLogger(__name__)

AT_ONCE = 4  # books that are written at the same time
KEPT = 5  # requests of a minute's budget that only urgent books may use
LOOK = 60.0  # seconds between looks at whether another process has written what we could not


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
        self._writers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="book")
        self._shown: datetime | None = None

    def send(self, news: object) -> None:
        """Start writing whatever books are due, `news` being what there is to tell."""
        self._look()
        while (name := self._next(news)) is not None:
            self._writers.submit(self._write, name, news)

    def stop(self) -> None:
        """Let what is under way end."""
        self._writers.shutdown(wait=True)

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
        """The build that all books show which can be written at all."""
        return self._shown

    def _look(self) -> None:
        """What a person has put right and written by hand need not wait for its hour."""
        with self._lock:
            is_awaited = any(error.needs_people for error in self._turns.problems.values())
        if is_awaited and self._clock() - self._looked_at >= LOOK:
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
                self._turns.written(name, news)
            is_told = exported.error is None and self._turns.is_told(news)
        if is_told and exported.built_at != self._shown:
            self._note_shown(exported.built_at)

    def _give_back(self, name: str) -> None:
        with self._lock:
            self._turns.given_back(name)

    def _note_shown(self, built_at: datetime) -> None:
        try:
            self._exporter.note_shown(built_at)
        except Exception:
            log.exception("task.failed name=export built_at=%s", built_at)
        else:
            self._shown = built_at
