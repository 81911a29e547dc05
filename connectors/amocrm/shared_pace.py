"""The pace of requests: one for all processes of this machine that share an integration."""

import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.amocrm.pace import MARGIN, Book, Pace

_MOST_BYTES = 65_536


class SharedPace(Pace):
    """A Pace whose book is a small file: the same hard rule, and the same pauses, over all who name that file.

    A start is written down under a lock of the file, at the moment at which it happens; nobody sleeps with
    the lock, and the system takes it back from a process that dies. Moments are those of CLOCK_MONOTONIC,
    which all processes of a machine read alike and nobody can set: by a clock that is put forward more would
    start in a second than is allowed. It begins anew when the machine starts; a book from before is known by
    moments that have not come yet, and is forgotten. A book that cannot be read counts as full. What a process had
    under way when it died holds its place for LATEST seconds: nobody knows whether it was sent.
    """

    def __init__(
        self,
        path: Path,
        per_second: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        margin: float = MARGIN,
    ) -> None:
        super().__init__(per_second, clock=clock, sleep=sleep, margin=margin)
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _opened(self) -> Iterator[Book]:
        with self._changed:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                before = os.pread(file, _MOST_BYTES, 0)
                book = self._read(before)
                known = _text(book) if book else None
                book = book or Book(deque([self._clock()] * self._per_second))
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
