"""Polling: the complete, slightly late view of a source."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from connectors.base import Page, Source
from sync.drift import compare
from sync.loss import Breaker
from sync.merge import in_batches, keep_pages
from warehouse.census import alive_among
from warehouse.cursors import move_cursor, read_cursor
from warehouse.database import Warehouse
from warehouse.drift import keep_labels, kept_snapshot, note_drift
from warehouse.records import empty_snapshot, replace_snapshot

log = logging.getLogger(__name__)
TRASH = "trash"  # the cursor of the walk over trashed deals
Walk = Callable[[datetime, datetime], Iterator[Page]]


def poll(stream: str, source: Source, warehouse: Warehouse, *, until: datetime, overlap: timedelta) -> int:
    """Bring `stream` from its cursor up to `until`; return how many records were new or changed.

    What comes up to a cursor is committed together with it.  A crash therefore repeats no more than that, and
    repeating is free: the merge keeps the newest version.  The overlap re-reads what the source may have shown late.
    """
    with warehouse.transaction(f"cursor:{stream}") as tx:
        cursor = read_cursor(tx, stream)
    if cursor is None:
        raise LookupError(f"{stream} was never loaded: backfill it first")
    since = min(cursor.reached, until) - overlap
    return walk(stream, lambda a, b: source.changed(stream, a, b), warehouse, since=since, until=until)


def poll_trash(
    source: Source,
    warehouse: Warehouse,
    breaker: Breaker,
    *,
    since: datetime,
    until: datetime,
    overlap: timedelta,
) -> int:
    """Bury what went into the trash since the last look (or since `since`, at the first one).

    MassLoss, and nothing is marked, if that would be too much at once.
    """
    with warehouse.transaction("cursor:trash") as tx:
        cursor = read_cursor(tx, TRASH)
    start = min(cursor.reached, until) - overlap if cursor else since
    pages = list(source.trashed(start, until))
    with warehouse.transaction("poll:trash") as tx:
        lost, alive = alive_among(tx, "leads", [identity for page in pages for identity in page.ids])
        breaker.check("leads", lost, alive)
        changed = keep_pages(tx, pages)
        move_cursor(tx, TRASH, until, until)
    log.info("poll.page stream=%s records=%d", TRASH, changed)
    return changed


def walk(name: str, pages: Walk, warehouse: Warehouse, *, since: datetime, until: datetime) -> int:
    """Commit what a walk brings up to each cursor together with it, then note that it is complete up to `until`."""
    changed, is_complete = 0, False
    for held in in_batches(pages(since, until)):
        cursor = held[-1].cursor
        is_complete = cursor is not None and cursor >= until
        with warehouse.transaction(f"poll:{name}") as tx:
            changed += keep_pages(tx, held)
            if cursor is not None:
                move_cursor(tx, name, min(cursor, until), until if is_complete else None)
        records = sum(len(page.ids) for page in held)
        log.info("poll.page stream=%s records=%d cursor=%s", name, records, cursor)
    if not is_complete:
        with warehouse.transaction(f"poll:{name}") as tx:
            move_cursor(tx, name, until, until)
    return changed


def refresh_snapshot(stream: str, source: Source, warehouse: Warehouse, *, now: datetime) -> int:
    """Read a small collection of settings whole and keep it.

    What left it is marked deleted, what changed is written down, with its former labels. Settings are never empty
    altogether, so emptiness is not believed.
    """
    pages = list(source.snapshot(stream))
    with warehouse.transaction(f"snapshot:{stream}") as tx:
        sheets = [(page.body, page.fetched_at) for page in pages if page.ids]
        before = kept_snapshot(tx, stream)
        changed = replace_snapshot(tx, stream, source.streams[stream].collection, sheets) if sheets else 0
        if changed:
            keep_labels(tx, stream, now)
            drift = compare(before, kept_snapshot(tx, stream))
            note_drift(tx, stream, now, [(each.id, each.kind, each.before, each.after) for each in drift])
        move_cursor(tx, stream, now, now)
    log.info("snapshot.done stream=%s changed=%d", stream, changed)
    return changed


def refresh_list(stream: str, source: Source, warehouse: Warehouse, *, now: datetime) -> int:
    """Read a list of the staff's own things whole and keep it; what left it, be it all of it, is marked deleted."""
    pages = list(source.snapshot(stream))
    sheets = [(page.body, page.fetched_at) for page in pages if page.ids]
    with warehouse.transaction(f"snapshot:{stream}") as tx:
        if sheets:
            changed = replace_snapshot(tx, stream, source.streams[stream].collection, sheets)
        else:
            changed = empty_snapshot(tx, stream, now)
        move_cursor(tx, stream, now, now)
    log.info("snapshot.done stream=%s changed=%d", stream, changed)
    return changed
