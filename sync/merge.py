"""Pages into the warehouse, whatever they hold."""

from collections.abc import Iterable, Iterator, Sequence

from connectors.base import Page, SourceError
from warehouse.database import Transaction
from warehouse.records import Sheet, merge_events, merge_records

EVENTS = "events"  # whatever walk a page of this collection is from, its records are known by texts


PAGES_AT_ONCE = 16  # committed together where nothing asks for less
BYTES_AT_ONCE = 4_000_000
"""Of pages merged by one statement: DuckDB needs some 25 times as much memory for them."""


def in_batches(pages: Iterable[Page]) -> Iterator[list[Page]]:
    """The pages up to each cursor, PAGES_AT_ONCE of them at most; what came before an error comes all the same."""
    held: list[Page] = []
    try:
        for page in pages:
            held.append(page)
            if page.cursor is not None or len(held) == PAGES_AT_ONCE:
                yield held
                held = []
    except SourceError:
        if held:
            yield held
        raise
    if held:
        yield held


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
    for (stream, collection, tombstones), group in groups.items():
        for sheets in _portions(group):
            if collection == EVENTS:
                changed += merge_events(tx, sheets)
            else:
                changed += merge_records(tx, stream, collection, sheets, tombstones=tombstones, census=census)
    return changed


def _portions(sheets: Sequence[Sheet]) -> Iterator[list[Sheet]]:
    """The sheets in their order, BYTES_AT_ONCE of them together, and one at least."""
    portion: list[Sheet] = []
    size = 0
    for body, moment in sheets:
        if portion and size + len(body) > BYTES_AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append((body, moment))
        size += len(body)
    if portion:
        yield portion


def is_events(stream: str) -> bool:
    """Whether the stream is a walk over the one collection of events."""
    return stream.startswith(EVENTS) or stream.endswith(f"_{EVENTS}")
