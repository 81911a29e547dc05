"""Whether an account filters what it is asked to filter."""

import logging
import threading
from collections.abc import Callable

from connectors.base import FilterIgnored, Stream

log = logging.getLogger(__name__)


class Filters:
    """What is known of the filters of one account.

    Those of leads, contacts, companies and customers are a package that is paid for; an account without it
    answers as if nothing had been filtered, and says so nowhere but in its settings. What the settings say is
    asked before the first such question, if they were not read before; that filters work is believed until an
    answer shows otherwise.
    """

    def __init__(self, read_setting: Callable[[], bool]) -> None:
        self._read_setting = read_setting
        self._is_paid: bool | None = None
        self._ignored: set[str] = set()
        self._guard = threading.Lock()

    @property
    def is_paid(self) -> bool:
        """Whether the account has the filters that are paid for."""
        with self._guard:
            if self._is_paid is None:
                self._is_paid = self._read_setting()
                log.info("filters.read is_paid=%s", self._is_paid)
            return self._is_paid

    def learned(self, *, is_paid: bool) -> None:
        """What the settings say now; what answers have shown before is found out anew."""
        with self._guard:
            self._is_paid = is_paid
            self._ignored.clear()

    def work_for(self, stream: Stream) -> bool:
        """Whether to ask with a filter."""
        return stream.name not in self._ignored and (not stream.is_filter_paid or self.is_paid)

    def caught(self, stream: Stream, error: FilterIgnored) -> None:
        """Never lean on a filter again that an answer has shown to be ignored."""
        log.warning("filters.ignored stream=%s error=%s", stream.name, error)
        with self._guard:
            if stream.is_filter_paid:
                self._is_paid = False
            else:
                self._ignored.add(stream.name)
