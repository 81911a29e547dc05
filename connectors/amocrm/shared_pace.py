"""The pace of requests: one for all processes of this machine that share an integration."""

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.amocrm.locks import lock
from connectors.amocrm.pace import MARGIN, Book, Pace

LONGEST_LOCK = 30.0
"""Seconds; the book is kept for less than a millisecond, unless who has it was stopped amid that."""


class SharedPace(Pace):
    """A Pace whose book is a small file: the same hard rule, and the same pauses, over all who name that file.

    A start is written down under a lock of the file, at the moment at which it happens; nobody sleeps with
    the lock, and the system takes it back from a process that dies. Moments are those of CLOCK_MONOTONIC,
    which all processes of a machine read alike and nobody can set: by a clock that is put forward more would
    start in a second than is allowed. It begins anew when the machine starts; a book from before is known by
    moments that have not come yet, and is forgotten. One that cannot be read counts as full from now on. What a
    process had under way when it died holds its place for LATEST seconds: nobody knows whether it was sent.
    """

    def __init__(
        self,
        path: Path,
        per_second: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        margin: float = MARGIN,
        patience: float = float("inf"),
    ) -> None:
        super().__init__(per_second, clock=clock, sleep=sleep, margin=margin, patience=patience)
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _opened(self) -> Iterator[Book]:
        with self._changed:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                lock(file, self._path, LONGEST_LOCK)
                before = os.pread(file, os.fstat(file).st_size, 0)
                book = self._read(before)
                known = _text(book) if book else None
                book = book or self._full()
                yield book
                if _text(book) != known:
                    self._write(file, book, len(before))
            finally:
                os.close(file)

    def _read(self, text: bytes) -> Book | None:
        """What was written; None if that cannot be read."""
        if not text:
            return Book()
        try:
            written_at, paused_until, struck_at, strikes, *starts = json.loads(text)
            book = Book(
                deque(sorted(float(each) for each in starts if not isinstance(each, list))),
                [float(each[0]) for each in starts if isinstance(each, list)],
                float(paused_until),
                float(struck_at),
                int(strikes),
            )
            return Book() if float(written_at) > self._clock() else book
        except (ValueError, TypeError, IndexError):
            return None

    def _full(self) -> Book:
        """A pause in place of all the starts that there may have been: to write that down takes a line."""
        book, now = Book(), self._clock()
        book.paused_until = now + book.window(now, self._margin)
        return book

    def _write(self, file: int, book: Book, old_size: int) -> None:
        """In place: a process killed amid this leaves what cannot be read, and then everybody waits a little."""
        text = f"[{self._clock()!r}, {_text(book)}]".encode()
        os.pwrite(file, text, 0)
        if len(text) < old_size:
            os.ftruncate(file, len(text))


def _text(book: Book) -> str:
    """The starts under way stand in brackets."""
    under_way = [[start] for start in book.under_way]
    return json.dumps([book.paused_until, book.struck_at, book.strikes, *under_way, *book.starts])[1:-1]
