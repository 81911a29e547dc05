"""Sleep that can be ended: a pause of minutes must not hold up who wants to stop."""

from queue import Empty, SimpleQueue

from connectors.base import SourceError


class Stopped(SourceError):
    """We were told to stop while we waited for the source."""


class Patience:
    """Sleeps for many threads; after `end` whoever sleeps, or would, gets Stopped.

    Ctrl-C calls `end` wherever its thread stands, amid `sleep` or amid `end` itself: an Event would wait there for
    its own lock for ever, this queue has none that Python code could hold.
    """

    def __init__(self) -> None:
        self._ended: SimpleQueue[None] = SimpleQueue()

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds; Stopped if the end comes first."""
        try:
            self._ended.get(timeout=max(0.0, seconds))
        except Empty:
            return
        self.end()  # for whoever sleeps beside us, or will
        raise Stopped("told to stop while waiting for amoCRM")

    def end(self) -> None:
        """Wake everybody."""
        self._ended.put(None)
