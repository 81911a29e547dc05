"""The history of the ledgers: every row that a refresh changed is kept as it was before and after.

It costs what the changed deals cost, whatever the size of the account; marts need not be kept to tell afterwards why
a figure moved (metrics.differences).
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from metrics import slices
from warehouse.database import Transaction
from warehouse.records import naive

LEDGERS = {
    "deals": ("updated_at",),
    "turnover_entries": (),
    "payments": (),
    "costs": (),
    "stage_entries": ("left_at",),
    "deal_shares": (),
    "installation_changes": (),
}
"""Ledger → columns that say nothing of a figure and whose change alone is no change."""

KEYS = {
    "deals": "''",
    "turnover_entries": "cast(seq as varchar)",
    "payments": "cast(seq as varchar)",
    "costs": "article",
    "stage_entries": "cast(seq as varchar)",
    "deal_shares": "role || ' ' || cast(seq as varchar)",
    "installation_changes": "cast(seq as varchar)",
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
    """Write down what the block changes in the ledgers of the touched deals, and which columns for metrics.slices.

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
    else:
        slices.note_columns(tx, "*", "values ('*')")


def _remember(tx: Transaction) -> None:
    """Put the rows of the touched deals aside, as they are before they are made again."""
    for ledger in LEDGERS:
        tx.execute(
            f"create or replace temp table {_before(ledger)} as "
            f"from core.{ledger} where deal_id in (select deal_id from touched_deals)"
        )


def _compare(tx: Transaction) -> None:
    """Write down the rows that are other ones now."""
    for ledger in LEDGERS:
        [(rows,)] = tx.execute(
            "create or replace temp table differing as "
            f"with was as ({_lines(ledger, f'from {_before(ledger)}')}), now as ({_lines(ledger, _present(ledger))}) "
            "select was.line as was, now.line as now "
            "from was full join now on was.deal_id = now.deal_id and was.key = now.key "
            "where was.line is distinct from now.line"
        )
        if rows:
            slices.note_columns(tx, ledger, _differing_columns(tx, ledger))
        if rows > MOST:
            tx.execute(
                "insert into history.changes (run_id, changed_at, ledger) "
                f"values (getvariable('changing_run'), getvariable('changing_at'), '{ledger}')"
            )
        elif rows:
            tx.execute(_difference(ledger))


def _before(ledger: str) -> str:
    return f"{ledger}_before"


def _present(ledger: str) -> str:
    return f"from core.{ledger} where deal_id in (select deal_id from touched_deals)"


def _told(ledger: str) -> str:
    """The columns of a ledger without those that say nothing."""
    idle = LEDGERS[ledger]
    return f"* exclude ({', '.join(idle)})" if idle else "*"


def _lines(ledger: str, source: str) -> str:
    """Each row as one value."""
    return f"select deal_id, {KEYS[ledger]} as key, line from (select {_told(ledger)} {source}) as line"


def _differing_columns(tx: Transaction, ledger: str) -> str:
    """The query for the columns that are other ones in some row; all of them where rows came or went."""
    names = [name for name, _ in tx.columns(f"select {_told(ledger)} from core.{ledger}")]
    told = ", ".join(f"if(bool_or(was.{name} is distinct from now.{name}), '{name}', null)" for name in names)
    return (
        f"select unnest(list_filter(if(bool_or(was is null or now is null), ['*'], [{told}]), "
        "lambda name: name is not null)) from differing"
    )


def _difference(ledger: str) -> str:
    """The statement that keeps the rows that differ, side by side; values are exact texts."""
    sides = [
        f"{side}_texts as (select columns(*)::varchar "
        f"from (select unnest({side}) from differing where {side} is not null)), "
        f"{side} as (select cast(deal_id as bigint) as deal_id, {KEYS[ledger]} as key, "
        f"cast(to_json({side}_texts) as varchar) as line from {side}_texts)"
        for side in ("was", "now")
    ]
    return (
        "insert into history.changes (run_id, changed_at, ledger, deal_id, key, before, after) "
        f"with {', '.join(sides)} select getvariable('changing_run'), getvariable('changing_at'), '{ledger}', "
        "coalesce(was.deal_id, now.deal_id), coalesce(was.key, now.key), was.line, now.line "
        "from was full join now on was.deal_id = now.deal_id and was.key = now.key order by 4, 5"
    )
