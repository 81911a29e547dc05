"""What was done, when and how it ended; how long a change takes from the door to the sheet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.records import naive

AHEAD = "ledgers ahead"
"""The note that stands while the ledgers say more than the published marts: a build is under way, or did not end."""

KEEP_RUNS = 5_000
KEEP_DELIVERIES = 20_000
KEEP_ARRIVALS = timedelta(days=1)
LATELY = timedelta(hours=1)
"""The delay that people are told is that of the changes of so long."""


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
    """The build that is being made has all that was merged so far; what came before the first one is not timed."""
    tx.execute("update ops.deliveries set built_at = ? where built_at is null", [naive(built_at)])
    tx.execute(
        "insert into ops.arrivals (deal_id, changed_at, built_at) "
        "select id, version, case when exists (from ops.notes where name = 'build') then $built end "
        "from raw.records where stream = 'leads' and version > $since "
        "and (id, version) not in (select (deal_id, changed_at) from ops.arrivals)",
        {"built": naive(built_at), "since": naive(built_at - LATELY)},
    )
    tx.execute("delete from ops.arrivals where changed_at < ?", [naive(built_at - KEEP_ARRIVALS)])


def note_exported(tx: Transaction, built_until: datetime, exported_at: datetime) -> None:
    """The changes built up to `built_until` now stand in the cells."""
    tx.execute(
        "update ops.deliveries set exported_at = ? where exported_at is null and built_at <= ?",
        [naive(exported_at), naive(built_until)],
    )
    tx.execute(
        "update ops.arrivals set exported_at = ? where exported_at is null and built_at <= ?",
        [naive(exported_at), naive(built_until)],
    )


def time_to_cell(tx: Transaction, now: datetime) -> tuple[float, float] | None:
    """Seconds from a change in amoCRM to the cells, median and 95 %, of what came there lately; None: nothing did."""
    ((count, times),) = tx.execute(
        "select count(*), quantile_cont(epoch(exported_at - changed_at), [0.5, 0.95]) from ops.arrivals "
        "where exported_at > ?",
        [naive(now - LATELY)],
    )
    return (times[0], times[1]) if count else None


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
