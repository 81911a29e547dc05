"""The history of the ledgers: every row that a refresh changed is kept as it was before and after.

It costs what the changed deals cost, whatever the size of the account; marts need not be kept to tell afterwards why
a figure moved (metrics.differences).
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from warehouse.database import Transaction
from warehouse.records import naive

LEDGERS = {
    "deals": ("updated_at",),
    "turnover_entries": (),
    "payments": (),
    "costs": (),
    "stage_entries": ("left_at",),
    "deal_shares": (),
}
"""Ledger → columns that say nothing of a figure and whose change alone is no change."""

KEYS = {
    "deals": "''",
    "turnover_entries": "cast(seq as varchar)",
    "payments": "cast(seq as varchar)",
    "costs": "article",
    "stage_entries": "cast(seq as varchar)",
    "deal_shares": "role || ' ' || cast(seq as varchar)",
}

MOST = 20_000
"""More changed rows of one ledger in one slice are not told one by one."""


def begin(tx: Transaction, run_id: int, now: datetime) -> None:
    """Have what is changed from here on written down as changed by this run."""
    tx.execute(f"set variable changing_run = {run_id}")
    tx.execute(f"set variable changing_at = timestamp '{naive(now)}'")


def forget(tx: Transaction, now: datetime, days: int) -> None:
    """Keep no changes older than so many days."""
    tx.execute("delete from history.changes where changed_at < ?", [naive(now - timedelta(days=days))])


@contextlib.contextmanager
def kept(tx: Transaction) -> Iterator[None]:
    """Write down what the block changes in the ledgers of the touched deals.

    Only a run has its changes kept, and not while the account is read for the first time.
    """
    is_kept = tx.execute(
        "select 1 from ops.notes where name = 'build' and getvariable('changing_run') is not null limit 1"
    )
    if is_kept:
        _remember(tx)
    yield
    if is_kept:
        _compare(tx)


def _remember(tx: Transaction) -> None:
    """Put the rows of the touched deals aside, as they are before they are made again."""
    for ledger in LEDGERS:
        tx.execute(
            f"create or replace temp table {_before(ledger)} as "
            f"from core.{ledger} where deal_id in (select deal_id from touched_deals)"
        )


def _compare(tx: Transaction) -> None:
    """Write down the rows that are other ones now."""
    for ledger, idle in LEDGERS.items():
        told = f"* exclude ({', '.join(idle)})" if idle else "*"
        now = f"(from core.{ledger} where deal_id in (select deal_id from touched_deals))"
        for side, one, other in (("gone", _before(ledger), now), ("come", now, _before(ledger))):
            tx.execute(
                f"create or replace temp table {side} as "
                f"select {told} from {one} except all select {told} from {other}"
            )
        [(rows,)] = tx.execute("select (select count(*) from gone) + (select count(*) from come)")
        if rows > MOST:
            tx.execute(
                "insert into history.changes (run_id, changed_at, ledger) "
                f"values (getvariable('changing_run'), getvariable('changing_at'), '{ledger}')"
            )
        elif rows:
            tx.execute(_difference(ledger))


def _before(ledger: str) -> str:
    return f"{ledger}_before"


def _difference(ledger: str) -> str:
    """The statement that keeps the rows of one ledger that went and came, side by side; values are exact texts."""
    sides = [
        f"{side}_texts as (select columns(*)::varchar from {side}), {side}_lines as (select "
        f"cast(deal_id as bigint) as deal_id, {KEYS[ledger]} as key, cast(to_json({side}_texts) as varchar) as line "
        f"from {side}_texts)"
        for side in ("gone", "come")
    ]
    return (
        "insert into history.changes (run_id, changed_at, ledger, deal_id, key, before, after) "
        f"with {', '.join(sides)} select getvariable('changing_run'), getvariable('changing_at'), '{ledger}', "
        "coalesce(gone_lines.deal_id, come_lines.deal_id), coalesce(gone_lines.key, come_lines.key), "
        "gone_lines.line, come_lines.line from gone_lines full join come_lines "
        "on gone_lines.deal_id = come_lines.deal_id and gone_lines.key = come_lines.key order by 4, 5"
    )
