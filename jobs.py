"""The jobs: what the command line and the schedule both call. There is no second way to do any of it."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bootstrap import Parts
from connectors.amocrm.source import AmoCrm
from connectors.base import Forbidden, SourceError
from metrics import build as marts
from metrics import ledgers
from sync import inbox as inboxes
from sync.backfill import backfill
from sync.merge import is_events, keep_pages
from sync.poll import TRASH, poll, poll_trash, refresh_snapshot
from sync.runs import recorded
from warehouse.cursors import complete_until, read_cursor
from warehouse.database import Transaction
from warehouse.journal import clear_note, note_built, read_note, set_note
from warehouse.publish import publish

log = logging.getLogger(__name__)
REFERENCE = (
    "account",
    "users",
    "pipelines",
    "lead_fields",
    "contact_fields",
    "company_fields",
    "loss_reasons",
)
MOVING = ("leads", "contacts", "companies", "tasks", "events")
STREAMS = (*REFERENCE, *MOVING, TRASH)
"""What `vitrina sync` knows; `events` brings along the histories of the tracked fields."""
OPTIONAL = ("contacts", "companies", "tasks")  # figures are complete without them
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
STOPPED = "stopped:"  # prefix of the note that says why a stream stands still

Report = Callable[[str, int, float], None]


def nobody_watches(_stream: str, _records: int, _share: float) -> None:
    """Progress that is not shown."""


@dataclass(slots=True)
class Synced:
    """How a sync went, stream by stream: records that were new or changed, and errors."""

    changed: dict[str, int] = field(default_factory=dict)
    errors: dict[str, SourceError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did."""

    deals: int
    models: list[marts.Built]
    built_at: datetime


class Jobs:
    """One configuration's jobs."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._source: AmoCrm | None = None

    # --- sync -------------------------------------------------------------------------------------------------

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
            for name in self._wanted(names):
                try:
                    for stream in self._expand(name):
                        synced.changed[stream] = self._sync(stream, since, full, report)
                except SourceError as error:
                    self._stopped(name, error)
                    synced.errors[name] = error
                    log.error("sync.stopped stream=%s error=%s: %s", name, type(error).__name__, error)
                    if not (isinstance(error, Forbidden) or error.retryable):
                        raise
                else:
                    self._going(name)
            tally.records = sum(synced.changed.values())
            if synced.errors:
                tally.outcome = "part"
                tally.note = "; ".join(f"{name}: {error}" for name, error in synced.errors.items())
        return synced

    def _wanted(self, names: Sequence[str]) -> list[str]:
        """In the order of loading; nothing can be understood before the account itself was read once."""
        with self.parts.warehouse.transaction("wanted") as tx:
            is_known = read_cursor(tx, REFERENCE[0]) is not None
        return [
            stream
            for stream in STREAMS
            if not names or stream in names or (stream in REFERENCE and not is_known)
        ]

    def _expand(self, name: str) -> Iterator[str]:
        """`events` stands for all walks over events: the ledgers' own and one for each tracked field."""
        yield name
        if name == "events":
            yield from (stream for stream in self.source().streams if is_events(stream) and stream != name)

    def _sync(self, stream: str, since: datetime | None, full: bool, report: Report) -> int:
        parts, now = self.parts, self.parts.now()
        settings = parts.config.sync
        until = (now - timedelta(seconds=settings.settle)).replace(microsecond=0)
        overlap = timedelta(seconds=settings.overlap)
        if stream in REFERENCE:
            changed = refresh_snapshot(stream, self.source(), parts.warehouse, now=now)
            self._source = None if stream == "lead_fields" else self._source
            return changed
        if stream == TRASH:
            start = since or self._beginning()
            return poll_trash(self.source(), parts.warehouse, since=start, until=until, overlap=overlap)
        with parts.warehouse.transaction(f"cursor:{stream}") as tx:
            loaded = read_cursor(tx, stream) is not None
        if not loaded:
            since = (
                None  # a stream is complete or not: its past is loaded before a part of it can be read again
            )
        if loaded and not full and since is None:
            return poll(stream, self.source(), parts.warehouse, until=until, overlap=overlap)
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
        drained = inboxes.drain(
            parts.inbox, self.source(), parts.warehouse, account_id=self._account_id(), now=parts.now
        )
        if drained.deliveries:
            for stream in self._expand("events"):
                with parts.warehouse.transaction("cursor:events") as tx:
                    loaded = read_cursor(tx, stream) is not None
                if loaded:
                    self._poll_to_now(stream)
        return drained

    def _poll_to_now(self, stream: str) -> None:
        """Hear the newest of a stream at once; the settled poll will ask for the same stretch again."""
        settings = self.parts.config.sync
        with self.parts.warehouse.transaction("cursor:events") as tx:
            cursor = read_cursor(tx, stream)
        since = (cursor.complete_until if cursor else self.parts.now()) - timedelta(seconds=settings.settle)
        pages = list(self.source().changed(stream, since, self.parts.now()))
        with self.parts.warehouse.transaction("drain") as tx:
            keep_pages(tx, pages)

    def source(self) -> AmoCrm:
        """The account; made anew when the field definitions were read again, for codes may mean other ids."""
        if self._source is None:
            with self.parts.warehouse.transaction("source") as tx:
                self._source = self.parts.source(self.parts.tracked_fields(tx))
        return self._source

    def _beginning(self) -> datetime:
        """Where a first load starts: `sync.since`, else the day the account was made."""
        wanted = self.parts.config.sync.since
        if wanted is not None:
            return datetime.combine(wanted, time(), tzinfo=self.zone()).astimezone(UTC)
        with self.parts.warehouse.transaction("beginning") as tx:
            rows = tx.execute("select payload ->> '$.created_at' from raw.records where stream = 'account'")
        return datetime.fromtimestamp(int(rows[0][0]), UTC) if rows and rows[0][0] else LONG_AGO

    def _account_id(self) -> int | None:
        with self.parts.warehouse.transaction("account") as tx:
            rows = tx.execute("select id from raw.records where stream = 'account' and not is_deleted")
        return int(rows[0][0]) if rows else None

    def _stopped(self, stream: str, error: SourceError) -> None:
        with self.parts.warehouse.transaction("note") as tx:
            note = json.dumps({"kind": type(error).__name__, "text": str(error)}, ensure_ascii=False)
            set_note(tx, STOPPED + stream, note, self.parts.now())

    def _going(self, stream: str) -> None:
        with self.parts.warehouse.transaction("note") as tx:
            clear_note(tx, STOPPED + stream)

    # --- build ------------------------------------------------------------------------------------------------

    def build(self, names: Sequence[str] = (), *, full: bool = False) -> Built:
        """Make the ledgers of touched deals again, then the marts, then publish; all of it or nothing.

        `full` takes every deal as touched. Named marts are built with everything they read.
        """
        parts = self.parts
        built_at = parts.now()
        with recorded(parts.warehouse, f"build {' '.join(names) or 'all'}", parts.now) as tally:
            deals = 0
            with parts.warehouse.open("build") as session:
                if full:
                    with session.transaction() as tx:
                        tx.execute("delete from ops.notes where name = 'ledgers'")
                while True:
                    with session.transaction() as tx:
                        ledger = ledgers.refresh(tx, parts.meaning)
                        deals += ledger.done
                        if ledger.left:
                            continue
                        self._set_clock(tx, built_at)
                        built = marts.build(tx, parts.catalog, names or None)
                        note_built(tx, built_at)
                        set_note(tx, "build", self._build_note(tx, built_at, tally.run_id), built_at)
                        break
                publish(session, parts.config.warehouse.published)
            tally.records = deals
        return Built(deals, built, built_at)

    def needs_build(self) -> bool:
        """Whether anything was touched since the last build, or another day has begun."""
        with self.parts.warehouse.transaction("needs build") as tx:
            note = read_note(tx, "build")
            if note is None or ledgers.is_stale(tx):
                return True
            return bool(json.loads(note)["today"] != f"{self.parts.now().astimezone(self.zone(tx)).date()}")

    def _set_clock(self, tx: Transaction, moment: datetime) -> None:
        today = moment.astimezone(self.zone(tx)).date()
        tx.execute(f"set variable today = date '{today}'")
        tx.execute(f"set variable as_of = timestamp '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}'")

    def _build_note(self, tx: Transaction, moment: datetime, run_id: int) -> str:
        data_at = self.data_at(tx)
        return json.dumps(
            {
                "run": run_id,
                "built_at": moment.isoformat(),
                "today": f"{moment.astimezone(self.zone(tx)).date()}",
                "data_at": data_at.isoformat() if data_at else None,
            }
        )

    def data_at(self, tx: Transaction) -> datetime | None:
        """Everything that happened in the account up to this moment is in the warehouse; None: not loaded yet."""
        tracked = tuple(f"events_field_{field}" for field in self.parts.tracked_fields(tx))
        return complete_until(tx, ("leads", "events", *tracked))

    def zone(self, tx: Transaction | None = None) -> ZoneInfo:
        """The account's time zone, or the one that the mapping sets in its place; UTC before the first load."""
        if self.parts.config.mapping.timezone:
            return ZoneInfo(self.parts.config.mapping.timezone)
        if tx is None:
            with self.parts.warehouse.transaction("zone") as own:
                return self.zone(own)
        rows = tx.execute(
            "select payload ->> '$._embedded.datetime_settings.timezone' from raw.records where stream = 'account'"
        )
        return ZoneInfo(rows[0][0]) if rows and rows[0][0] else ZoneInfo("UTC")
