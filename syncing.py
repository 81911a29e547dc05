"""Syncing: everything that brings records of the account into the warehouse."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bootstrap import Parts
from connectors.amocrm.patience import Stopped
from connectors.amocrm.source import AmoCrm
from connectors.base import SourceError
from lacking import LACKING, clear_lack, lacks, note_lack
from loaded import LONG_AGO, Loaded
from polled import BESIDE, REFERENCE, chosen
from stops import STOPPED, WHOLE, clear_stop, concerns_all, note_stop
from sync import inbox as inboxes
from sync.again import AGAIN, ask_again
from sync.backfill import backfill, load_whole
from sync.loss import Breaker, MassLoss
from sync.merge import keep_pages
from sync.poll import TRASH, poll, poll_trash, refresh_list, refresh_snapshot
from sync.reconcile import Reconciled, reconcile
from sync.runs import recorded
from warehouse.cursors import read_cursor
from warehouse.journal import clear_note, notes_beginning

log = logging.getLogger(__name__)
RECONCILED = ("leads", "contacts", "companies", "tasks")

Report = Callable[[str, int, float], None]


def nobody_watches(_stream: str, _records: int, _share: float) -> None:
    """Progress that is not shown."""


@dataclass(slots=True)
class Synced:
    """How a sync went, stream by stream: records that were new or changed, errors, and what the account lacks.

    No figure stands still for a stream that the account never had, so `lacking` is no error. `is_relief`: a note that
    something stood still was taken away.
    """

    changed: dict[str, int] = field(default_factory=dict)
    errors: dict[str, SourceError | MassLoss] = field(default_factory=dict)
    lacking: dict[str, SourceError] = field(default_factory=dict)
    is_relief: bool = False


class Syncing:
    """The syncing of one configuration."""

    def __init__(self, parts: Parts, loaded: Loaded) -> None:
        self.parts = parts
        self._loaded = loaded
        self._source: AmoCrm | None = None
        self._began: datetime | None = None
        self._heard: dict[str, datetime] = {}  # up to where drains have asked for each stream of events

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        since: datetime | None = None,
        full: bool = False,
        report: Report = nobody_watches,
    ) -> Synced:
        """Bring the named streams (all, if none is named) up to now.

        `since` reads again from that moment; `full` reads everything again. An error of one stream leaves the
        others going; one that concerns the whole account (token, block, payment) stops all and is raised.
        """
        synced = Synced()
        with recorded(self.parts.warehouse, f"sync {' '.join(names) or 'all'}", self.parts.now) as tally:
            noted = self._noted()
            for name in self.wanted(names):
                try:
                    for stream in self.expand(name):
                        synced.changed[stream] = self._sync(stream, since, full, report)
                except (SourceError, MassLoss) as error:
                    self._failed(name, error, synced)
                else:
                    if not noted.isdisjoint((name, WHOLE)):
                        self._going(name)
                        synced.is_relief = True
            tally.records = sum(synced.changed.values())
            if failures := {**synced.errors, **synced.lacking}:
                tally.outcome = "part"
                tally.note = "; ".join(f"{name}: {error}" for name, error in failures.items())
        return synced

    def _failed(self, name: str, error: SourceError | MassLoss, synced: Synced) -> None:
        """Write down why a stream stands still; what concerns the whole account is raised."""
        if isinstance(error, Stopped):  # nothing is wrong: we were told to end
            raise error
        if isinstance(error, SourceError) and lacks(name, error):
            with self.parts.warehouse.transaction("note") as tx:
                note_lack(tx, name, error, self.parts.now())
            synced.lacking[name] = error
            log.info("sync.lacking stream=%s error=%s: %s", name, type(error).__name__, error)
            return
        with self.parts.warehouse.transaction("note") as tx:
            note_stop(tx, name, error, self.parts.now())
        synced.errors[name] = error
        log.error("sync.stopped stream=%s error=%s: %s", name, type(error).__name__, error)
        if isinstance(error, SourceError) and concerns_all(error):
            raise error

    def wanted(self, names: Sequence[str]) -> list[str]:
        """In the order of loading; nothing can be understood before the account itself was read once."""
        with self.parts.warehouse.transaction("wanted") as tx:
            is_known = read_cursor(tx, REFERENCE[0]) is not None
        return chosen(self.parts.config, [*names, *(REFERENCE if names and not is_known else ())])

    def _noted(self) -> set[str]:
        """The streams that a note says something of; what is switched off has none any more."""
        with self.parts.warehouse.transaction("wanted") as tx:
            notes = [*notes_beginning(tx, STOPPED), *notes_beginning(tx, LACKING)]
            noted = {note.partition(":")[2] for note in notes}
            for stream in noted.intersection(BESIDE) - set(chosen(self.parts.config)):
                clear_note(tx, STOPPED + stream)
                clear_lack(tx, stream)
        return noted

    def expand(self, name: str) -> Iterator[str]:
        """`events` stands for all walks over events: the ledgers' own and one for each tracked field."""
        yield name
        if name == "events":
            yield from (stream for stream in self.source().streams if stream.startswith("events_field_"))

    def _beginning(self) -> datetime:
        """Where a first load starts; it stays there once the account is known."""
        if self._began in (None, LONG_AGO):
            self._began = self._loaded.beginning()
        return self._began or LONG_AGO

    def _sync(self, stream: str, since: datetime | None, full: bool, report: Report) -> int:
        parts, now = self.parts, self.parts.now()
        settings = parts.config.sync
        until = (now - timedelta(seconds=settings.settle)).replace(microsecond=0)
        overlap = timedelta(seconds=settings.overlap)
        if stream in REFERENCE:
            return self._refresh(stream, now)
        if stream in AGAIN:
            return ask_again(stream, self.source(), parts.warehouse, until=until, overlap=overlap)
        if stream != TRASH and self.source().streams[stream].walk == "snapshot":
            return refresh_list(stream, self.source(), parts.warehouse, now=now)
        if stream == TRASH:
            start = since or self._beginning()
            breaker = Breaker(settings.loss.share, settings.loss.at_least)
            return poll_trash(
                self.source(), parts.warehouse, breaker, since=start, until=until, overlap=overlap
            )
        with parts.warehouse.transaction(f"cursor:{stream}") as tx:
            loaded = read_cursor(tx, stream) is not None
        if not loaded:  # a stream is complete or it is not: no part of its past can be read again yet
            since = None
        if loaded and not full and since is None:
            return poll(stream, self.source(), parts.warehouse, until=until, overlap=overlap)
        if (
            self.source().streams[stream].is_filter_paid
            and not self.source().filters_enabled
            and since is None
        ):
            return load_whole(
                stream,
                self.source(),
                parts.warehouse,
                until=until,
                report=lambda records, share: report(stream, records, share),
            )
        return backfill(
            stream,
            self.source(),
            parts.warehouse,
            since=since or self._beginning(),
            until=until,
            walkers=parts.config.amocrm.parallel_pages,
            is_first=not loaded,
            is_whole=since is None and settings.since is None,
            report=lambda records, share: report(stream, records, share),
        )

    def reconcile(
        self, names: Sequence[str] = RECONCILED, *, accept_loss: bool = False, report: Report = nobody_watches
    ) -> list[Reconciled]:
        """Compare every object of the named streams with the account and heal what differs.

        MassLoss if too much is gone, and then nothing is marked as deleted.
        """
        parts = self.parts
        loss = parts.config.sync.loss
        breaker = Breaker(loss.share, loss.at_least, is_open=accept_loss)
        found = []
        with recorded(parts.warehouse, f"reconcile {' '.join(names)}", parts.now) as tally:
            for name in names:
                found.append(
                    reconcile(
                        name,
                        self.source(),
                        parts.warehouse,
                        breaker,
                        run_id=tally.run_id,
                        now=parts.now,
                        report=lambda read, name=name: report(name, read, 0.0),  # type: ignore[misc]
                    )
                )
                report(name, found[-1].read, 1.0)
            tally.records = sum(each.healed + each.gone for each in found)
            differing = [stage for each in found for stage in each.stages if not stage.agrees]
            if differing:
                tally.outcome = "part"
                tally.note = f"{len(differing)} stages differ from the account"
        return found

    def sync_deal(self, deal_id: int) -> int:
        """Ask for one deal again, and for everything that happened lately; return how many records changed."""
        parts = self.parts
        with recorded(parts.warehouse, f"sync deal {deal_id}", parts.now) as tally:
            pages = [*self.source().by_ids("leads", [deal_id]), *self.source().trashed_among([deal_id])]
            with parts.warehouse.transaction("sync deal") as tx:
                tally.records = keep_pages(tx, pages)
            if any(page.ids for page in pages):
                tally.records += sum(self.sync(["events"]).changed.values())
            return tally.records if any(page.ids for page in pages) else -1

    def drain(self) -> inboxes.Drained:
        """Digest what came in at the door; then hear of the moments of those changes from the events."""
        parts = self.parts
        if not parts.inbox.waiting(1):
            return inboxes.Drained(0, 0)
        with parts.warehouse.lingering():
            drained = inboxes.drain(
                parts.inbox,
                self.source(),
                parts.warehouse,
                account_id=self._loaded.account_id(),
                now=parts.now,
            )
            if drained.deliveries:
                for stream in self.expand("events"):
                    self._poll_to_now(stream)
        return drained

    def _poll_to_now(self, stream: str) -> None:
        """Hear the newest of a loaded stream at once, from where it was heard last; the settled poll asks again."""
        settle = timedelta(seconds=self.parts.config.sync.settle)
        with self.parts.warehouse.transaction("cursor:events") as tx:
            cursor = read_cursor(tx, stream)
        if cursor is None:
            return
        until = self.parts.now()
        heard = max(cursor.complete_until, self._heard.get(stream, LONG_AGO))
        pages = list(self.source().changed(stream, heard - settle, until))
        with self.parts.warehouse.transaction("drain") as tx:
            keep_pages(tx, pages)
        self._heard[stream] = until - settle

    def _refresh(self, stream: str, now: datetime) -> int:
        """Read a stream of reference again; field definitions tell which fields are tracked: codes mean other ids."""
        changed = refresh_snapshot(stream, self.source(), self.parts.warehouse, now=now)
        if stream == "lead_fields":
            self.source().track(self._tracked_fields())
        return changed

    def source(self) -> AmoCrm:
        """The account, the same all the while: it remembers what it has learned of it."""
        if self._source is None:
            self._source = self.parts.source(self._tracked_fields())
        return self._source

    def _tracked_fields(self) -> tuple[int, ...]:
        with self.parts.warehouse.transaction("source") as tx:
            return self.parts.tracked_fields(tx)

    def _going(self, stream: str) -> None:
        with self.parts.warehouse.transaction("note") as tx:
            clear_stop(tx, stream)
            clear_lack(tx, stream)
