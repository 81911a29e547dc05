"""Probing: where no webhook tells us, a small question every few seconds finds out whether anything has changed."""

import logging
from datetime import datetime, timedelta

from bootstrap import Parts
from connectors.base import Forbidden
from loaded import Loaded
from sync.loss import Breaker, MassLoss
from sync.merge import keep_pages
from sync.poll import TRASH, poll_trash
from syncing import Syncing
from warehouse.cursors import read_cursor

log = logging.getLogger(__name__)
FIRST = "leads"  # asked about every time
IN_TURN = (TRASH, "contacts", "companies", "tasks")  # one of them each time
LATE = timedelta(seconds=60)  # how much later than their moment changes may come into sight
RESTLESS = timedelta(seconds=30)
"""So long after a change others are looked for that came into sight behind it."""


class Probing:
    """The probes of one configuration.

    A probe only brings early what the polls, with their overlaps, bring completely; how far those are stays as it is.
    """

    def __init__(self, parts: Parts, loaded: Loaded, syncing: Syncing) -> None:
        self.parts = parts
        self._loaded = loaded
        self._syncing = syncing
        self._newest: dict[str, datetime | None] = {}
        self._moved_at: dict[str, datetime] = {}
        self._turn = 0

    def probe(self) -> int:
        """Ask about the deals and about one of the others; return how many records were new or changed."""
        other = IN_TURN[self._turn % len(IN_TURN)]
        self._turn += 1
        with self.parts.warehouse.lingering():
            changed = self._look(FIRST)
            if changed:
                changed += sum(self._fetch(stream, None) for stream in self._syncing.expand("events"))
            changed += self._look(other)
        if changed:
            log.info("probe.changed records=%d", changed)
        return changed

    def _look(self, stream: str) -> int:
        """Fetch what is new of a stream if anything may be; one that cannot be read is left to its polls."""
        try:
            if stream == "tasks":  # they cannot be asked for in the order of change: to fetch is to look
                return self._fetch(stream, None)
            source = self._syncing.source()
            newest = source.newest_trashed() if stream == TRASH else source.newest(stream)
            now = self.parts.now()
            if stream not in self._newest or self._newest[stream] != newest:
                self._newest[stream], self._moved_at[stream] = newest, now
            return self._fetch(stream, newest) if now - self._moved_at[stream] < RESTLESS else 0
        except (Forbidden, MassLoss) as error:
            log.debug("probe.refused stream=%s error=%s", stream, error)
            return 0

    def _fetch(self, stream: str, newest: datetime | None) -> int:
        """Take over the latest of a stream that was loaded once; as late as `newest`, whatever our clock says."""
        parts, source = self.parts, self._syncing.source()
        until = max(filter(None, (parts.now(), newest))) + timedelta(seconds=1)
        with parts.warehouse.transaction(f"cursor:{stream}") as tx:
            cursor = read_cursor(tx, stream)
        if cursor is None:
            return 0
        if stream == TRASH:
            settings = parts.config.sync
            breaker = Breaker(settings.loss.share, settings.loss.at_least)
            overlap = timedelta(seconds=settings.overlap)
            return poll_trash(source, parts.warehouse, breaker, since=until, until=until, overlap=overlap)
        changed = 0
        for page in source.changed(stream, min(cursor.complete_until, until) - LATE, until):
            if page.ids:
                with parts.warehouse.transaction(f"probe:{stream}") as tx:
                    changed += keep_pages(tx, [page])
        return changed
