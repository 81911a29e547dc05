"""A census: every object that the account shows, compared with what we keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from warehouse.database import Transaction
from warehouse.records import naive, statement


@dataclass(frozen=True, slots=True)
class StageCount:
    """One pipeline and stage: deals and their budget, as the account showed them and as we keep them.

    `changed_since`: deals heard of again after the census saw them; they are compared as it saw them.
    """

    pipeline_id: int | None
    status_id: int | None
    live_deals: int
    live_amount: Decimal
    our_deals: int
    our_amount: Decimal
    changed_since: int

    @property
    def agrees(self) -> bool:
        return self.live_deals == self.our_deals and self.live_amount == self.our_amount


def begin_census(tx: Transaction, stream: str) -> None:
    tx.execute("delete from raw.census where stream = ?", [stream])


def count_census(tx: Transaction, stream: str) -> int:
    """How many objects the account has; one that two pages showed is one."""
    return int(tx.execute("select count(distinct id) from raw.census where stream = ?", [stream])[0][0])


def missing_from_census(tx: Transaction, stream: str, since: datetime) -> tuple[list[int], int]:
    """What we hold for alive and the census did not show, and how many we hold; nothing that was heard of since."""
    rows = tx.execute(
        "select id from raw.records where stream = $stream and not is_deleted and payload_md5 is not null "
        "and greatest(payload_at, flag_at) < $since "
        "and id not in (select id from raw.census where stream = $stream) order by id",
        {"stream": stream, "since": naive(since)},
    )
    ((alive,),) = tx.execute(
        "select count(*) from raw.records where stream = ? and not is_deleted and payload_md5 is not null",
        [stream],
    )
    return [identity for (identity,) in rows], int(alive)


def alive_among(tx: Transaction, stream: str, ids: Sequence[int | str]) -> tuple[int, int]:
    """How many of these ids we hold for alive, and how many we hold for alive at all."""
    ((among, alive),) = tx.execute(
        "select count(*) filter (id in (select unnest($ids::bigint[]))), count(*) "
        "from raw.records where stream = $stream and not is_deleted and payload_md5 is not null",
        {"stream": stream, "ids": [int(identity) for identity in ids]},
    )
    return int(among), int(alive)


def compare_census(tx: Transaction, stream: str, since: datetime) -> list[StageCount]:
    """Count and sum by pipeline and stage, on both sides."""
    rows = tx.execute(statement("compare_census"), {"stream": stream, "since": naive(since)})
    return [StageCount(*row) for row in rows]


def keep_comparison(tx: Transaction, run_id: int, checked_at: datetime, stages: list[StageCount]) -> None:
    for stage in stages:
        tx.execute(
            "insert into ops.reconciliations values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                run_id,
                naive(checked_at),
                stage.pipeline_id,
                stage.status_id,
                stage.live_deals,
                stage.live_amount,
                stage.our_deals,
                stage.our_amount,
                stage.changed_since,
            ],
        )
