"""What was done, when and how it ended; how long a change takes from the door to the sheet."""

from dataclasses import dataclass
from datetime import datetime

from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.records import naive

KEEP_RUNS = 5_000
KEEP_DELIVERIES = 20_000


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of one job."""

    run_id: int
    job: str
    pid: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    records: int | None
    note: str | None


def start_run(tx: Transaction, job: str, pid: int, now: datetime) -> int:
    ((run_id,),) = tx.execute("select nextval('ops.run_numbers')")
    tx.execute(
        "insert into ops.runs (run_id, job, pid, started_at) values (?, ?, ?, ?)",
        [run_id, job, pid, naive(now)],
    )
    return int(run_id)


def end_run(
    tx: Transaction, run_id: int, now: datetime, outcome: str, *, records: int, note: str | None = None
) -> None:
    """Close the run with how it went: `done`, `part`, `failed`, `interrupted`; one that was killed has no end."""
    tx.execute(
        "update ops.runs set ended_at = ?, outcome = ?, records = ?, note = ? where run_id = ?",
        [naive(now), outcome, records, note, run_id],
    )
    tx.execute("delete from ops.runs where run_id <= ? - ?", [run_id, KEEP_RUNS])


def last_runs(tx: Transaction, number: int) -> list[Run]:
    """The last runs, newest first."""
    rows = tx.execute(
        "select run_id, job, pid, started_at, ended_at, outcome, records, note from ops.runs "
        "order by run_id desc limit ?",
        [number],
    )
    return [
        Run(
            run_id, job, pid, aware(started_at), aware(ended_at) if ended_at else None, outcome, records, note
        )
        for run_id, job, pid, started_at, ended_at, outcome, records, note in rows
    ]


def note_deliveries(tx: Transaction, received: list[datetime], merged_at: datetime) -> None:
    """Remember when each delivery came in and when its change was in the warehouse."""
    if received:
        tx.execute(
            "insert into ops.deliveries (received_at, merged_at) select unnest($received::timestamp[]), $merged",
            {"received": [naive(moment) for moment in received], "merged": naive(merged_at)},
        )
        tx.execute(
            "delete from ops.deliveries where received_at < "
            "(select received_at from ops.deliveries order by received_at desc limit 1 offset ?)",
            [KEEP_DELIVERIES],
        )


def note_built(tx: Transaction, built_at: datetime) -> None:
    tx.execute("update ops.deliveries set built_at = ? where built_at is null", [naive(built_at)])


def note_exported(tx: Transaction, built_until: datetime, exported_at: datetime) -> None:
    """The changes built up to `built_until` now stand in the cells."""
    tx.execute(
        "update ops.deliveries set exported_at = ? where exported_at is null and built_at <= ?",
        [naive(exported_at), naive(built_until)],
    )


def set_note(tx: Transaction, name: str, value: str, now: datetime) -> None:
    tx.execute("delete from ops.notes where name = ?", [name])
    tx.execute("insert into ops.notes values (?, ?, ?)", [name, value, naive(now)])


def clear_note(tx: Transaction, name: str) -> None:
    tx.execute("delete from ops.notes where name = ?", [name])


def read_note(tx: Transaction, name: str) -> str | None:
    rows = tx.execute("select value from ops.notes where name = ?", [name])
    return str(rows[0][0]) if rows else None


def notes_beginning(tx: Transaction, prefix: str) -> dict[str, str]:
    """The notes whose names begin so."""
    return dict(
        tx.execute("select name, value from ops.notes where starts_with(name, ?) order by 1", [prefix])
    )
