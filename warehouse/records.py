"""Merging what the source said into what we keep: repetition and order change nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from warehouse.database import Transaction

SQL = Path(__file__).parent / "sql"

Sheet = tuple[bytes, datetime]
"""A page's body and the moment it was asked for."""


def merge_records(
    tx: Transaction,
    stream: str,
    collection: str,
    pages: Sequence[Sheet],
    *,
    tombstones: bool = False,
    census: bool = False,
) -> int:
    """Keep the newest version of every object on `pages`; return how many objects changed.

    A repeated, late or older page changes nothing.  What says of itself that it lies in the trash is buried, on
    whatever page it stands; of pages of `tombstones` nothing else is believed.  A `census` is believed whatever
    the date on the object, and leaves its mark for `compare_census`.
    """
    _see(tx, collection, pages, is_dated=True)
    changed = 0
    if not tombstones:
        changed += _change(tx, stream, trashed=False, census=census)
        if census:
            tx.execute(statement("take_census"), {"stream": stream})
    ((stubs,),) = tx.execute("select count(*) from sighted where is_trashed")
    return changed + (_change(tx, stream, trashed=True, census=census) if stubs else 0)


def replace_snapshot(tx: Transaction, stream: str, collection: str, pages: Sequence[Sheet]) -> int:
    """Keep a small collection that was read whole: what is no longer in it is marked deleted."""
    _see(tx, collection, pages, is_dated=False)
    changed = _change(tx, stream, trashed=False, census=False)
    asked_at = max(moment for _, moment in pages)
    return changed + _bury_others(tx, stream, asked_at, "not in (select id from seen)")


def empty_snapshot(tx: Transaction, stream: str, asked_at: datetime) -> int:
    """A small collection was found empty: all that was in it is marked deleted."""
    return _bury_others(tx, stream, asked_at, "is not null")


def _bury_others(tx: Transaction, stream: str, asked_at: datetime, which: str) -> int:
    gone = tx.execute(
        "update raw.records set is_deleted = true, deleted_at = $at, flag_at = $at "
        f"where stream = $stream and not is_deleted and id {which} returning id",
        {"stream": stream, "at": naive(asked_at)},
    )
    for (identity,) in gone:
        touch(tx, stream, identity)
    return len(gone)


def merge_events(tx: Transaction, pages: Sequence[Sheet]) -> int:
    """Keep events not seen before, touch what they speak of; return how many were new."""
    _lay_out(tx, pages)
    tx.execute(statement("see_events"))
    tx.execute(statement("merge_events"))
    ((new,),) = tx.execute("select count(*) from new_events")
    if new:
        tx.execute("insert into raw.events by name from new_events")
        tx.execute(statement("touch_by_events"))
        tx.execute(statement("bury_by_events"))
    return int(new)


def bury(tx: Transaction, stream: str, identity: int, deleted_at: datetime, asked_at: datetime) -> bool:
    """Mark one object deleted on somebody's word; True if that was news."""
    news = tx.execute(
        "update raw.records set is_deleted = true, deleted_at = $deleted, flag_at = $asked "
        "where stream = $stream and id = $id and not is_deleted and flag_at <= $asked returning id",
        {"stream": stream, "id": identity, "deleted": naive(deleted_at), "asked": naive(asked_at)},
    )
    if news:
        touch(tx, stream, identity)
    return bool(news)


def touch(tx: Transaction, stream: str, identity: int) -> None:
    """Have the ledger rows of this object made again at the next build."""
    tx.execute("insert into raw.touched values (?, ?)", [stream, identity])


def touch_all(tx: Transaction, stream: str) -> None:
    """Have every ledger row of a stream made again at the next build."""
    tx.execute("insert into raw.touched select stream, id from raw.records where stream = ?", [stream])
    if stream == "leads":  # some are known by their events alone
        tx.execute(
            "insert into raw.touched select distinct 'leads', entity_id from raw.events where entity_type = 'lead' "
            "and entity_id not in (select id from raw.records where stream = 'leads')"
        )


def naive(moment: datetime) -> datetime:
    """UTC without a zone, as DuckDB keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _lay_out(tx: Transaction, pages: Sequence[Sheet]) -> None:
    """Put the pages where statements read them; as bytes, one by one, for a list of texts is copied over and over."""
    tx.execute("create or replace temp table bodies (body blob, asked_at timestamp)")
    for body, asked_at in pages:
        tx.execute("insert into bodies values (?, ?)", [body, naive(asked_at)])


def _see(tx: Transaction, collection: str, pages: Sequence[Sheet], *, is_dated: bool) -> None:
    """`is_dated`: the objects say themselves when they changed; else the moment we asked is their version."""
    _lay_out(tx, pages)
    tx.execute(statement("see_records"), {"path": f"$._embedded.{collection}[*]", "is_dated": is_dated})
    tx.execute(
        "delete from sighted where rowid not in "
        "(select arg_max(rowid, (version, asked_at, rowid)) from sighted group by id)"
    )


def _change(tx: Transaction, stream: str, *, trashed: bool, census: bool) -> int:
    tx.execute(f"create or replace temp view seen as from sighted where is_trashed = {trashed}")
    tx.execute(statement("change_records"), {"stream": stream, "tombstones": trashed, "by_census": census})
    ((rows, known, news),) = tx.execute(
        "select count(*), count(*) filter (not is_new), count(*) filter (is_news) from changed"
    )
    if trashed and rows:
        tx.execute(statement("bury_records"), {"stream": stream})
    elif rows:
        if known:
            tx.execute(statement("amend_records"), {"stream": stream})
        tx.execute(statement("insert_records"), {"stream": stream})
    if news:
        tx.execute("insert into raw.touched select ?, id from changed where is_news", [stream])
    return int(news)


@cache
def statement(name: str) -> str:
    """The text of a statement in warehouse/sql."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
