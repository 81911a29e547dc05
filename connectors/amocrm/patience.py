"""Sleep that can be ended: a pause of minutes must not hold up who wants to stop."""

import threading

from connectors.base import SourceError


class Stopped(SourceError):
    """We were told to stop while we waited for the source."""


class Patience:
    """Sleeps for many threads; after `end` whoever sleeps, or would, gets Stopped."""

    def __init__(self) -> None:
        self._ended = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds; Stopped if the end comes first."""
        if self._ended.wait(seconds):
            raise Stopped("told to stop while waiting for amoCRM")

    def end(self) -> None:
        """Wake everybody."""
        self._ended.set()
