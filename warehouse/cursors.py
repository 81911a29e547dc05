"""How far each stream was handed over, and what of a backfill is still to be walked."""

from dataclasses import dataclass
from datetime import UTC, datetime

from warehouse.database import Transaction
from warehouse.records import naive


@dataclass(frozen=True, slots=True)
class Cursor:
    """`reached`: the newest change handed over.
    `complete_until`: everything up to here was asked for and answered.
    """

    reached: datetime
    complete_until: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of change time, both ends inside."""

    since: datetime
    until: datetime


def read_cursor(tx: Transaction, stream: str) -> Cursor | None:
    rows = tx.execute("select cursor, complete_until from raw.cursors where stream = ?", [stream])
    return Cursor(aware(rows[0][0]), aware(rows[0][1])) if rows else None


def move_cursor(
    tx: Transaction, stream: str, reached: datetime, complete_until: datetime | None = None
) -> None:
    """Note how far `stream` has come; never backwards."""
    tx.execute(
        "merge into raw.cursors as kept "
        "using (select ? as stream, ?::timestamp as cursor, ?::timestamp as complete_until) as seen "
        "on kept.stream = seen.stream "
        "when matched then update set cursor = greatest(kept.cursor, seen.cursor), "
        "complete_until = greatest(kept.complete_until, seen.complete_until) "
        "when not matched then insert values (seen.stream, seen.cursor, seen.complete_until)",
        [stream, naive(reached), naive(complete_until or EPOCH)],
    )


def complete_until(tx: Transaction, streams: tuple[str, ...]) -> datetime | None:
    """The moment up to which all of `streams` are complete; None while one of them was never read whole."""
    rows = tx.execute(
        "select count(*), min(complete_until) from raw.cursors where list_contains(?, stream) and complete_until > ?",
        [list(streams), naive(EPOCH)],
    )
    return aware(rows[0][1]) if rows and rows[0][0] == len(streams) else None


def read_windows(tx: Transaction, stream: str) -> list[Window]:
    rows = tx.execute("select since, until from raw.windows where stream = ? order by since", [stream])
    return [Window(aware(since), aware(until)) for since, until in rows]


def keep_windows(tx: Transaction, stream: str, windows: list[Window]) -> None:
    """What is left of a backfill, kept together with the rows that made it smaller."""
    tx.execute("delete from raw.windows where stream = ?", [stream])
    tx.execute(
        "insert into raw.windows select ?, unnest(?::timestamp[]), unnest(?::timestamp[])",
        [stream, [naive(window.since) for window in windows], [naive(window.until) for window in windows]],
    )


def aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
