"""Who wrote last to a spreadsheet: several processes of one machine may, one after another."""

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from exports.errors import FileNotWritten, Unreachable

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds for which another process is waited for
PAUSE = 0.2


class Latest:
    """The token of the last batch that a process of this machine sent to one spreadsheet, kept in a file.

    What a process remembers of a spreadsheet is worth nothing once another one has written there.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._clock = clock
        self._sleep = sleep
        self._is_alone = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes meanwhile; Unreachable if somebody does for too long."""
        with self._opened("a") as file:
            self._take(file)
            self._is_alone = True
            try:
                yield
            finally:
                self._is_alone = False

    def token(self) -> str | None:
        """None if no process of this machine has ever written there; "" where it could not be taken down."""
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def note(self, token: str | None) -> None:
        """What is about to be written, or was found there; said outside of `alone` it is not taken down.

        On a full disk the file is left empty, which is the token of no batch: the others look for themselves.
        """
        if not (self._is_alone and token):
            return
        with self._opened("w") as file:
            try:
                file.write(token.encode())
            except OSError as error:
                log.warning("latest.not_noted path=%s error=%s", self._path, error.strerror)

    def _opened(self, mode: str) -> FileIO:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return FileIO(self._path, mode)
        except OSError as error:
            raise FileNotWritten(
                f"Не пишется {self._path} ({error.strerror}), а без него процессы vitrina мешали бы друг другу: "
                "проверьте место на диске и права на папку."
            ) from error

    def _take(self, file: FileIO) -> None:
        deadline = self._clock() + PATIENCE
        while True:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if self._clock() >= deadline:
                    raise Unreachable(
                        "В эту таблицу пишет другая команда vitrina. Повторим позже."
                    ) from error
                self._sleep(PAUSE)


class Nobody(Latest):
    """For a spreadsheet to which no other process writes."""

    def __init__(self) -> None:
        super().__init__(Path())

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield

    def token(self) -> str | None:
        return None
