"""Objects that changed without saying so: an event names them, and they are asked for again."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from connectors.base import Page, Source
from sync.merge import keep_pages
from warehouse.cursors import move_cursor, read_cursor
from warehouse.database import Warehouse

log = logging.getLogger(__name__)
LINKS, TRASH_EVENTS = "link_events", "trash_events"
AGAIN = {LINKS: ("leads",), TRASH_EVENTS: ("contacts", "companies", "customers")}
"""Walk over events → the streams whose objects they speak of."""
_STREAM_OF = {"lead": "leads", "contact": "contacts", "company": "companies", "customer": "customers"}


def ask_again(
    events: str, source: Source, warehouse: Warehouse, *, until: datetime, overlap: timedelta
) -> int:
    """Ask again for what the events since the last look name; return how many objects had changed."""
    pages = pages_again(events, source, warehouse, until=until, overlap=overlap)
    with warehouse.transaction(f"poll:{events}") as tx:
        changed = keep_pages(tx, pages)
        move_cursor(tx, events, until, until)
    log.info("again.done stream=%s pages=%d changed=%d", events, len(pages), changed)
    return changed


def pages_again(
    events: str, source: Source, warehouse: Warehouse, *, until: datetime, overlap: timedelta
) -> list[Page]:
    """What the source says now of the objects that the events since the last look name.

    The first look begins where the objects themselves were loaded up to. What is named within the overlap is asked
    for at every look, for a list may show a change later than the event does. An object that does not come any more
    has a tombstone if its last event says that it was deleted.
    """
    with warehouse.transaction(f"cursor:{events}") as tx:
        cursor = read_cursor(tx, events) or read_cursor(tx, AGAIN[events][0])
        loaded = {stream for stream in AGAIN[events] if read_cursor(tx, stream) is not None}
    if cursor is None:
        return []
    told = list(source.changed(events, min(cursor.reached, until) - overlap, until))
    named = _named(told)
    pages: list[Page] = []
    for stream in sorted(loaded.intersection(stream for stream, _ in named)):
        ids = sorted(identity for name, identity in named if name == stream)
        answers = list(source.by_ids(stream, ids))
        came = {identity for page in answers for identity in page.ids}
        gone = {
            identity: named[stream, identity][0]
            for identity in ids
            if identity not in came and named[stream, identity][1].endswith("_deleted")
        }
        pages += [*answers, *([_tombstones(stream, gone, told[-1].fetched_at)] if gone else [])]
    return pages


def _tombstones(stream: str, gone: Mapping[int, int], asked_at: datetime) -> Page:
    stubs = [{"id": identity, "updated_at": moment, "is_deleted": True} for identity, moment in gone.items()]
    body = json.dumps({"_embedded": {stream: stubs}}).encode()
    return Page(stream, stream, body, tuple(gone), asked_at, tombstones=True)


def _named(pages: Iterable[Page]) -> dict[tuple[str, int], tuple[int, str]]:
    """What the events speak of: (stream, id) → second and type of the last one."""
    told = [event for page in pages if page.ids for event in json.loads(page.body)["_embedded"]["events"]]
    told.sort(key=lambda event: (event["created_at"], event["id"]))
    return {
        (_STREAM_OF[event["entity_type"]], event["entity_id"]): (event["created_at"], event["type"])
        for event in told
        if event["entity_type"] in _STREAM_OF
    }
