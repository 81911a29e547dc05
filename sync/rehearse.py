"""Rehearsal: what a walk would change, found by merging its pages and taking every merge back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.base import Page
from sync.loss import Breaker
from sync.merge import is_events, keep_pages
from warehouse.census import alive_among
from warehouse.database import Transaction, Warehouse
from warehouse.records import empty_snapshot, replace_snapshot

Id = int | str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a sync of one stream would do; a stream that was never loaded would be loaded whole."""

    stream: str
    new: set[Id] = field(default_factory=set)
    changed: set[Id] = field(default_factory=set)
    gone: set[Id] = field(default_factory=set)
    is_loaded: bool = True

    @property
    def count(self) -> int:
        return len(self.new) + len(self.changed) + len(self.gone)


def rehearse(stream: str, pages: Iterable[Page], warehouse: Warehouse) -> Rehearsed:
    """Tell what these pages would change; every page is looked at by itself, and the file held for a page at most."""
    found = Rehearsed(stream)
    for page in pages:
        if page.ids:
            with _taken_back(warehouse, stream) as tx:
                _remember(tx, page.stream, page.ids)
                keep_pages(tx, [page])
                _note(tx, page.stream, found)
    return found


def rehearse_burial(stream: str, pages: Iterable[Page], warehouse: Warehouse, breaker: Breaker) -> Rehearsed:
    """The same of tombstones; MassLoss where a sync would refuse them."""
    graves = list(pages)
    with _taken_back(warehouse, stream) as tx:
        lost, alive = alive_among(tx, "leads", [identity for page in graves for identity in page.ids])
    breaker.check("leads", lost, alive)
    return rehearse(stream, graves, warehouse)


def rehearse_snapshot(
    stream: str, collection: str, pages: Iterable[Page], warehouse: Warehouse, *, may_be_empty: bool = False
) -> Rehearsed:
    """The same of a small collection that was read whole: what is not in it would be gone."""
    found = Rehearsed(stream)
    sheets = [(page.body, page.fetched_at) for page in pages if page.ids]
    if sheets or may_be_empty:
        with _taken_back(warehouse, stream) as tx:
            _remember(tx, stream, None)
            if sheets:
                replace_snapshot(tx, stream, collection, sheets)
            else:
                empty_snapshot(tx, stream, datetime.now(UTC))
            _note(tx, stream, found)
    return found


@contextmanager
def _taken_back(warehouse: Warehouse, stream: str) -> Iterator[Transaction]:
    with warehouse.open(f"rehearsal:{stream}") as session, session.rehearsal() as tx:
        yield tx


def _remember(tx: Transaction, stream: str, ids: Iterable[Id] | None) -> None:
    """What is known of these objects (of all, if none are named) before the merge."""
    tx.execute("delete from raw.touched")
    tx.execute("create or replace temp table known_before (id bigint, is_deleted boolean)")
    if not is_events(stream):
        tx.execute(
            "insert into known_before select id, is_deleted from raw.records where stream = $stream "
            "and ($ids is null or list_contains($ids, id))",
            {"stream": stream, "ids": None if ids is None else [int(identity) for identity in ids]},
        )


def _note(tx: Transaction, stream: str, found: Rehearsed) -> None:
    """Sort what the merge has touched by what became of it."""
    if is_events(stream):
        found.new.update(identity for (identity,) in tx.execute("select id from new_events"))
        return
    touched = tx.execute(
        "select kept.id, kept.is_deleted, before.id is not null "
        "from raw.records as kept left join known_before as before using (id) "
        "where kept.stream = $stream and kept.id in (select id from raw.touched where stream = $stream)",
        {"stream": stream},
    )
    for identity, is_deleted, was_known in touched:
        (found.gone if is_deleted else found.changed if was_known else found.new).add(identity)
