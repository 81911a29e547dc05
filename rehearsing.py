"""Rehearsing a sync: what it would change, without a trace in the warehouse."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bootstrap import Parts
from connectors.base import Page, SourceError
from lacking import lacks
from loaded import Loaded
from polled import REFERENCE, chosen
from stops import concerns_all
from sync.again import AGAIN, pages_again
from sync.loss import Breaker, MassLoss
from sync.poll import TRASH
from sync.rehearse import Rehearsed, rehearse, rehearse_burial, rehearse_snapshot
from syncing import Syncing
from warehouse.cursors import Cursor, read_cursor

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Rehearsal:
    """What a sync would do, stream by stream, and what it would fail at."""

    streams: list[Rehearsed] = field(default_factory=list)
    errors: dict[str, SourceError | MassLoss] = field(default_factory=dict)
    lacking: dict[str, SourceError] = field(default_factory=dict)


class Rehearsing:
    """The rehearsals of one configuration. The account is asked as for a sync; nothing is written, runs included."""

    def __init__(self, parts: Parts, loaded: Loaded, syncing: Syncing) -> None:
        self.parts = parts
        self._loaded = loaded
        self._syncing = syncing

    def rehearse(
        self, names: Sequence[str] = (), *, since: datetime | None = None, full: bool = False
    ) -> Rehearsal:
        """Tell what `sync` with the same words would change; what was never loaded is not asked for at all."""
        told = Rehearsal()
        if not self.parts.warehouse.path.exists():
            told.streams = [Rehearsed(name, is_loaded=False) for name in chosen(self.parts.config, names)]
            return told
        for name in self._syncing.wanted(names):
            try:
                for stream in self._syncing.expand(name):
                    told.streams.append(self._rehearse(stream, since, full))
            except (SourceError, MassLoss) as error:
                if isinstance(error, SourceError) and lacks(name, error):
                    told.lacking[name] = error
                    continue
                log.error("rehearsal.stopped stream=%s error=%s: %s", name, type(error).__name__, error)
                told.errors[name] = error
                if isinstance(error, SourceError) and concerns_all(error):
                    raise
        return told

    def rehearse_deal(self, deal_id: int) -> Rehearsal | None:
        """The same of `sync_deal`; None if the account does not know the deal."""
        source = self._syncing.source()
        pages = [*source.by_ids("leads", [deal_id]), *source.trashed_among([deal_id])]
        if not any(page.ids for page in pages):
            return None
        told = self.rehearse(["events"])
        told.streams.insert(0, rehearse("leads", pages, self.parts.warehouse))
        return told

    def _rehearse(self, stream: str, since: datetime | None, full: bool) -> Rehearsed:
        warehouse, source = self.parts.warehouse, self._syncing.source()
        with warehouse.transaction(f"cursor:{stream}") as tx:
            cursor = read_cursor(tx, stream)
        if cursor is None:
            return Rehearsed(stream, is_loaded=False)
        known = source.streams.get(stream)
        if known is not None and known.walk == "snapshot":
            pages: Iterable[Page] = source.snapshot(stream)
            may_be_empty = stream not in REFERENCE
            return rehearse_snapshot(stream, known.collection, pages, warehouse, may_be_empty=may_be_empty)
        start, until = self._stretch(cursor, since, full)
        if stream in AGAIN:
            overlap = timedelta(seconds=self.parts.config.sync.overlap)
            pages = pages_again(stream, source, warehouse, until=until, overlap=overlap)
            return rehearse(stream, pages, warehouse)
        if stream == TRASH:
            loss = self.parts.config.sync.loss
            breaker = Breaker(loss.share, loss.at_least)
            return rehearse_burial(stream, source.trashed(start, until), warehouse, breaker)
        return rehearse(stream, source.changed(stream, start, until), warehouse)

    def _stretch(self, cursor: Cursor, since: datetime | None, full: bool) -> tuple[datetime, datetime]:
        """From where to where a sync would read."""
        settings = self.parts.config.sync
        until = (self.parts.now() - timedelta(seconds=settings.settle)).replace(microsecond=0)
        if since is None and full:
            since = self._loaded.beginning()
        return since or min(cursor.reached, until) - timedelta(seconds=settings.overlap), until
