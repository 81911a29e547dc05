"""Walkers of one stream: threads that share its windows and bring pages to the one who writes."""

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.base import Page, Source
from sync.merge import BYTES_AT_ONCE, PAGES_AT_ONCE
from warehouse.cursors import EPOCH, Window

GATHERING = 0.5
"""Seconds for which pages are gathered while they come slowly: opening the file costs more than merging one."""

WORTH_SPLITTING = {"by_value": 3, "windows": 20}
"""Pages that a stretch must still hold, by its density so far, to be shared. A walk by windows is some way ahead of
what it handed over, and all of that is read twice when its later half is given away."""

LONGEST_STOP = 60.0
"""Seconds that walkers are given, all together, to come back from the question that they are at."""


@dataclass(slots=True, eq=False)
class Part:
    """A window being walked. `until` may shrink while it is: its later half was given to an idle walker.

    `walked`: how far its walker has come, `pages` beyond `counted_from`; `reached`: how far of that is kept for good.
    """

    since: datetime
    until: datetime
    reached: datetime = field(init=False)
    walked: datetime = field(init=False)
    counted_from: datetime = field(init=False)
    pages: int = 0

    def __post_init__(self) -> None:
        self.reached = self.walked = self.counted_from = self.since

    def came(self, page: Page) -> None:
        """Note how far the walker is with this page; before the very first one there was nothing for ages."""
        is_first = self.walked == EPOCH
        self.walked = max(self.walked, page.cursor or self.walked)
        if is_first:
            self.counted_from = self.walked
        else:
            self.pages += bool(page.ids)

    def pages_left(self) -> float:
        """Estimated by the density so far; 0 while nothing is known."""
        walked = (self.walked - self.counted_from).total_seconds()
        left = (self.until - self.walked).total_seconds()
        return self.pages * left / walked if walked > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _Done:
    """A walker has come to the end of its part, or failed with `error`."""

    part: Part
    error: BaseException | None = None


_NOBODY = Part(EPOCH, EPOCH)


class Crew:
    """Walkers in threads; the pages they bring come out in batches, in the thread that asks for them."""

    def __init__(
        self, stream: str, source: Source, windows: list[Window], walkers: int, beginning: datetime
    ) -> None:
        """`beginning`: what was dated before it is as good as nothing, and does not count as a share."""
        self._stream = stream
        self._source = source
        self._walkers = walkers
        self._worth_splitting = WORTH_SPLITTING.get(source.streams[stream].walk, 2)
        self._waiting = [Part(window.since, window.until) for window in reversed(windows)]
        self._open: list[Part] = []  # being walked, or walked with pages not yet committed
        self._beginning = beginning
        self._total = _span(windows, beginning)
        self._brought: queue.Queue[tuple[Part, Page] | _Done] = queue.Queue(maxsize=2 * walkers)
        self._turn = threading.Lock()
        self._stop = threading.Event()

    def batches(self) -> Iterator[list[tuple[Part, Page]]]:
        """Pages as they come in; after each batch was taken, the parts it finished are closed."""
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._walkers)]
        for thread in threads:
            thread.start()
        running = len(threads)
        try:
            while running or not self._brought.empty():
                batch, finished = self._collect()
                if batch:
                    yield batch
                for done in finished:
                    running -= done.part is _NOBODY
                    self._close(done)
        finally:
            self._stop.set()
            self._empty()
            deadline = time.monotonic() + LONGEST_STOP
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))

    def left(self) -> list[Window]:
        with self._turn:
            return [Window(part.reached, part.until) for part in [*self._waiting, *self._open]]

    def share(self) -> float:
        return 1.0 - _span(self.left(), self._beginning) / self._total if self._total else 1.0

    def _collect(self) -> tuple[list[tuple[Part, Page]], list[_Done]]:
        pages: list[tuple[Part, Page]] = []
        finished: list[_Done] = []
        until = None
        while len(pages) + len(finished) < PAGES_AT_ONCE and _has_room([page for _, page in pages]):
            try:
                item = self._brought.get(timeout=until and max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            until = until or time.monotonic() + GATHERING
            if not isinstance(item, _Done):
                pages.append(item)
                continue
            finished.append(item)
            if self._is_over(finished):
                until = time.monotonic()
        return pages, finished

    def _is_over(self, finished: list[_Done]) -> bool:
        """Whether there is nothing to wait for: no part is left but those `finished`, or one of them failed."""
        parts = [done.part for done in finished]
        with self._turn:
            is_read = not self._waiting and all(part in parts for part in self._open)
        return is_read or any(done.error for done in finished)

    def _close(self, done: _Done) -> None:
        if done.error is not None:
            raise done.error
        with self._turn:
            if done.part in self._open:
                self._open.remove(done.part)

    def _work(self) -> None:
        part = _NOBODY
        try:
            while (part := self._take()) is not _NOBODY:
                self._walk(part)
                self._bring(_Done(part))
        except BaseException as error:  # noqa: BLE001 – handed to the thread that asked, and raised there
            self._bring(_Done(part, error))
        finally:
            self._bring(_Done(_NOBODY))

    def _walk(self, part: Part) -> None:
        for page in self._source.changed(self._stream, part.since, part.until):
            with self._turn:
                part.came(page)
                is_over = part.walked >= part.until
            self._bring((part, page))
            if self._stop.is_set() or is_over:
                return

    def _take(self) -> Part:
        """The next window, else the later half of the fullest one; _NOBODY when nothing is worth sharing."""
        while not self._stop.is_set():
            with self._turn:
                if self._waiting:
                    self._open.append(self._waiting.pop())
                    return self._open[-1]
                if not self._open:
                    return _NOBODY
                fullest = max(self._open, key=Part.pages_left)
                if fullest.pages_left() > self._worth_splitting:
                    middle = fullest.walked + (fullest.until - fullest.walked) / 2
                    middle = middle.replace(microsecond=0)
                    half = Part(middle, fullest.until)
                    fullest.until = middle
                    self._open.append(half)
                    return half
            self._stop.wait(0.05)
        return _NOBODY

    def _bring(self, item: tuple[Part, Page] | _Done) -> None:
        while True:
            try:
                self._brought.put(item, timeout=0.2)
            except queue.Full:
                if self._stop.is_set():
                    return
            else:
                return

    def _empty(self) -> None:
        while True:
            try:
                self._brought.get_nowait()
            except queue.Empty:
                return


def _has_room(pages: list[Page]) -> bool:
    """Whether one more page as large as the largest can be merged by the same statement."""
    sizes = [len(page.body) for page in pages]
    return not sizes or sum(sizes) + max(sizes) <= BYTES_AT_ONCE


def _span(windows: list[Window], beginning: datetime) -> timedelta:
    """The time that windows cover from the beginning on."""
    stretches = (window.until - max(window.since, beginning) for window in windows)
    return sum((each for each in stretches if each > timedelta()), timedelta())
