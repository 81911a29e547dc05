"""How things stand: freshness, streams, runs, what waits and what is stopped."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import texts_stamp
from editions import editions
from jobs import Jobs
from lacking import explain_lack, read_lacks
from mapping_flaws import Flaw, read_flaws
from stops import Stop, read_stops
from unwritten import read_unwritten
from warehouse.cursors import EPOCH, aware
from warehouse.database import Transaction
from warehouse.journal import Run, last_runs, time_to_cell
from warehouse.records import naive

RUNS_SHOWN = 10
LATELY, CHANGES_SHOWN = timedelta(days=7), 20  # changes of the account's settings
RECENT = 1_000  # deliveries that the delays are measured over


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds from the door, over the last deliveries; `change_to_cell`: from the change in amoCRM, last hour."""

    deliveries: int
    to_warehouse_p50: float | None
    to_warehouse_p95: float | None
    to_cell_p50: float | None
    to_cell_p95: float | None
    change_to_cell_p50: float | None
    change_to_cell_p95: float | None


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """What staff changed in the account's own settings."""

    noticed_at: datetime
    stream: str
    id: int
    kind: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """What `vitrina status` shows; `zone` is the account's own."""

    zone: ZoneInfo
    data_at: datetime | None
    built_at: datetime | None
    records: dict[str, int]
    complete_until: dict[str, datetime]
    stopped: dict[str, str]
    unwritten: dict[str, str]
    lacking: dict[str, str]
    mapping_flaws: list[Flaw]
    schema_changes: list[SchemaChange]
    waiting_deliveries: int
    set_aside_deliveries: int
    delay: Delay
    runs: list[Run]

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, default=_plain)


def read_status(jobs: Jobs) -> Status:
    """Look once; the warehouse is held for a moment."""
    parts = jobs.parts
    configured = {each.name for each in editions(parts.config)}
    with parts.warehouse.transaction("status") as tx:
        note = tx.execute("select value from ops.notes where name = 'build'")
        stops = read_stops(tx)
        lacks = read_lacks(tx, parts.config)
        flaws = read_flaws(tx)
        unwritten = read_unwritten(tx)
        changes = _changes(tx, parts.now() - LATELY)
        records = tx.execute(
            "select stream, count(*) filter (not is_deleted) from raw.records group by 1 order by 1"
        )
        ((events,),) = tx.execute("select count(*) from raw.events")
        cursors = tx.execute("select stream, complete_until from raw.cursors order by 1")
        runs = last_runs(tx, RUNS_SHOWN)
        delay = read_delay(tx, parts.now())
        data_at = jobs.data_at(tx)
        zone = jobs.zone_of(tx)
    return Status(
        zone=zone,
        data_at=data_at,
        built_at=datetime.fromisoformat(json.loads(note[0][0])["built_at"]) if note else None,
        records={**dict(records), "events": events},
        complete_until={stream: aware(moment) for stream, moment in cursors if aware(moment) > EPOCH},
        mapping_flaws=flaws,
        schema_changes=changes,
        stopped={stop.stream: _told(stop, zone) for stop in stops},
        unwritten={
            each.book: f"не пишется с {each.since.astimezone(zone):%d.%m.%Y %H:%M}. {each.text}"
            for each in unwritten
            if each.book in configured
        },
        lacking={stream: explain_lack(parts.config, stream, text) for stream, text in lacks.items()},
        waiting_deliveries=len(parts.inbox.waiting()),
        set_aside_deliveries=parts.inbox.set_aside_count(),
        delay=delay,
        runs=runs,
    )


def read_delay(tx: Transaction, now: datetime) -> Delay:
    """How long the last deliveries took from the door to the warehouse and to the cells."""
    rows = tx.execute(
        "select count(*), "
        "quantile_cont(epoch(merged_at - received_at), [0.5, 0.95]), "
        "quantile_cont(epoch(exported_at - received_at), [0.5, 0.95]) filter (exported_at is not null) "
        "from (from ops.deliveries order by received_at desc limit ?)",
        [RECENT],
    )
    return _delay(rows[0], time_to_cell(tx, now))


def _changes(tx: Transaction, since: datetime) -> list[SchemaChange]:
    """The latest changes since that moment, newest first."""
    rows = tx.execute(
        "select noticed_at, stream, id, kind, before, after from core.drift where noticed_at >= ? "
        "order by noticed_at desc, stream, id, kind, before, after limit ?",
        [naive(since), CHANGES_SHOWN],
    )
    return [SchemaChange(aware(noticed_at), *rest) for noticed_at, *rest in rows]


def _told(stop: Stop, zone: ZoneInfo) -> str:
    return f"{texts_stamp.stopped(stop.kind)} с {stop.since.astimezone(zone):%d.%m.%Y %H:%M} ({stop.text})"


def _delay(row: tuple[Any, ...], lately: tuple[float, float] | None) -> Delay:
    count, warehouse, cell = row
    warehouse, cell = warehouse or (None, None), cell or (None, None)
    times = (*warehouse, *cell, *(lately or (None, None)))
    rounded = [None if seconds is None else round(seconds, 2) for seconds in times]
    return Delay(count, *rounded)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
