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
    stamp: str = "updated_at",
    tombstones: bool = False,
) -> int:
    """Keep the newest version of every object on `pages`; return how many objects changed.

    Raises nothing for a repeated, late or older page: it changes nothing.
    """
    _see(tx, collection, pages, stamp=stamp, tombstones=tombstones)
    tx.execute(_sql("change_records"), {"stream": stream, "tombstones": tombstones})
    return _keep(tx, stream, "bury_records" if tombstones else "merge_records")


def replace_snapshot(tx: Transaction, stream: str, collection: str, pages: Sequence[Sheet]) -> int:
    """Keep a small collection that was read whole: what is no longer in it is marked deleted."""
    _see(tx, collection, pages, stamp="-", tombstones=False)
    tx.execute(_sql("change_records"), {"stream": stream, "tombstones": False})
    changed = _keep(tx, stream, "merge_records")
    asked_at = naive(max(moment for _, moment in pages))
    gone = tx.execute(
        "update raw.records set is_deleted = true, deleted_at = $at, flag_at = $at "
        "where stream = $stream and not is_deleted and id not in (select id from seen) returning id",
        {"stream": stream, "at": asked_at},
    )
    for (identity,) in gone:
        touch(tx, stream, identity)
    return changed + len(gone)


def merge_events(tx: Transaction, pages: Sequence[Sheet]) -> int:
    """Keep events not seen before, touch the deals they speak of; return how many were new."""
    tx.execute(_sql("see_events"), {"bodies": [body.decode() for body, _ in pages]})
    tx.execute(_sql("merge_events"))
    ((new,),) = tx.execute("select count(*) from new_events")
    if new:
        tx.execute("insert into raw.events by name from new_events")
        tx.execute(
            "insert into raw.touched select distinct 'leads', entity_id from new_events where entity_type = 'lead'"
        )
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


def naive(moment: datetime) -> datetime:
    """UTC without a zone, as DuckDB keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _see(tx: Transaction, collection: str, pages: Sequence[Sheet], *, stamp: str, tombstones: bool) -> None:
    tx.execute(
        _sql("see_records"),
        {
            "bodies": [body.decode() for body, _ in pages],
            "moments": [naive(moment) for _, moment in pages],
            "path": f"$._embedded.{collection}[*]",
            "stamp": f"$.{stamp}",
            "tombstones": tombstones,
        },
    )


def _keep(tx: Transaction, stream: str, statement: str) -> int:
    ((changed,),) = tx.execute("select count(*) from changed")
    if changed:
        tx.execute(_sql(statement), {"stream": stream})
        tx.execute("insert into raw.touched select ?, id from changed", [stream])
    return int(changed)


@cache
def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
