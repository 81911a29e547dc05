"""One page into the warehouse, whatever it holds."""

from collections.abc import Iterable

from connectors.base import Page
from warehouse.database import Transaction
from warehouse.records import Sheet, merge_events, merge_records

EVENTS = "events"  # whatever walk a page of this collection is from, its records are known by texts


def keep_pages(tx: Transaction, pages: Iterable[Page], *, census: bool = False) -> int:
    """Merge pages of any streams; return how many records were new or changed.

    Pages of a `census` are believed whatever the dates on their objects.
    """
    groups: dict[tuple[str, str, bool], list[Sheet]] = {}
    for page in pages:
        if page.ids:
            group = groups.setdefault((page.stream, page.collection, page.tombstones), [])
            group.append((page.body, page.fetched_at))
    changed = 0
    for (stream, collection, tombstones), sheets in groups.items():
        if collection == EVENTS:
            changed += merge_events(tx, sheets)
        else:
            changed += merge_records(tx, stream, collection, sheets, tombstones=tombstones, census=census)
    return changed


def is_events(stream: str) -> bool:
    """Whether the stream is a walk over the one collection of events."""
    return stream.startswith(EVENTS) or stream.endswith(f"_{EVENTS}")
