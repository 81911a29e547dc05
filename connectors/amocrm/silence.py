"""How long nothing has been answered, whatever was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.base import ServerFailed, Silent, SourceError, Unreachable

AT_LEAST = 2
"""Different things that were asked in vain; a single one may be too much to ask, and its asker makes it smaller."""

PAUSE = 60.0
"""Seconds in which nothing was asked, which is longer than anybody waits to ask again: what comes then is another
attempt, and its silence begins anew."""


class Silence:
    """What all threads have asked in vain since the last answer; after `longest` seconds of it, Silent.

    Else every stream would be tried for as long as one question may take, one after another.
    """

    def __init__(self, longest: float, clock: Callable[[], float]) -> None:
        self._longest = longest
        self._clock = clock
        self._guard = threading.Lock()
        self._since = self._until = float("-inf")
        self._asked: set[str] = set()

    @contextmanager
    def watched(self, path: str) -> Iterator[None]:
        """A question within the block; a refusal is an answer, too, an error of the server is none."""
        began = self._clock()
        try:
            yield
        except ServerFailed as error:
            self._lasts(path, began, error)
            raise
        except Unreachable:
            with self._guard:
                self._goes_on(began)
            raise
        except SourceError:
            self._ends()
            raise
        self._ends()

    def _lasts(self, path: str, began: float, error: ServerFailed) -> None:
        with self._guard:
            self._goes_on(began)
            self._asked.add(path)
            seconds, asked = self._until - self._since, len(self._asked)
        if seconds > self._longest and asked >= AT_LEAST:
            raise Silent(f"{error}; nothing was answered for {seconds:.0f} s") from error

    def _goes_on(self, began: float) -> None:
        if began > self._until + PAUSE:
            self._since = began
            self._asked.clear()
        self._since = min(self._since, began)
        self._until = self._clock()

    def _ends(self) -> None:
        with self._guard:
            self._until = float("-inf")
