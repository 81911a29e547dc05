"""Closed months: what was reported stays as it was; a lock, the frozen rows, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from metrics.catalog import Catalog
from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.records import naive


@dataclass(frozen=True, slots=True)
class Lock:
    """One closing of a month, and its reopening if there was one."""

    month: date
    closed_at: datetime
    run_id: int
    reopened_at: datetime | None
    reopened_by: str | None


def locks(tx: Transaction) -> list[Lock]:
    """Every closing there ever was, newest month first."""
    rows = tx.execute(
        "select month, closed_at, run_id, reopened_at, reopened_by from core.period_locks "
        "order by month desc, closed_at desc"
    )
    return [
        Lock(month, aware(closed_at), run_id, aware(reopened_at) if reopened_at else None, who)
        for month, closed_at, run_id, reopened_at, who in rows
    ]


def open_until(tx: Transaction, month: date) -> list[date]:
    """The open months up to `month`, itself included, that have figures to report."""
    rows = tx.execute(
        "select distinct month from ("
        " select month from mart.turnover_parts union all select month from mart.payroll_lines"
        " union all select month from mart.profit_by_month union all select month from mart.receipts_by_month"
        " union all select cast($1 as date)) as figures "
        "where month <= $1 and month not in (select month from core.period_locks where reopened_at is null) "
        "order by month",
        [month],
    )
    return [found for (found,) in rows]


def freeze(tx: Transaction, catalog: Catalog, months: Sequence[date], run_id: int, now: datetime) -> None:
    """Lock the months and keep what the marts, built just before, say of them.

    The adjustments that stand in one of them are kept with it: they were reported there.
    """
    for month in months:
        tx.execute(
            "insert into core.period_locks (month, closed_at, run_id) values (?, ?, ?)",
            [month, naive(now), run_id],
        )
    tx.execute(
        "insert into core.frozen_figures (month, for_month, figure, deal_id, manager_id, amount) "
        f"select month, month, figure, deal_id, manager_id, amount from ({catalog['period_figures'].sql}) "
        "where list_contains(?, month) order by all",
        [list(months)],
    )
    tx.execute(
        "insert into core.frozen_figures (month, for_month, figure, deal_id, manager_id, amount) "
        "select month, for_month, figure, deal_id, manager_id, amount from mart.adjustments "
        "where list_contains(?, month)",
        [list(months)],
    )
    tx.execute(
        "insert into core.frozen_slips (month, manager_id, seq, manager, on_day, deal_id, name, base, role, "
        "rule_id, kind, for_month, base_amount, rate, amount, reason) "
        "select month, manager_id, seq, manager, on_day, deal_id, name, base, role, rule_id, kind, for_month, "
        "base_amount, rate, amount, reason from mart.payroll_lines where list_contains(?, month)",
        [list(months)],
    )


def reopen(tx: Transaction, month: date, who: str, now: datetime) -> bool:
    """Take the lock and the frozen rows of a month away, and keep who did it; False: it was not closed."""
    closed = tx.execute(
        "update core.period_locks set reopened_at = ?, reopened_by = ? "
        "where month = ? and reopened_at is null returning month",
        [naive(now), who, month],
    )
    tx.execute("delete from core.frozen_figures where month = ?", [month])
    tx.execute("delete from core.frozen_slips where month = ?", [month])
    return bool(closed)
