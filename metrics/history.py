"""The history of the ledgers: of every row that a refresh changed, the columns that differ, before and after.

A row that came or went is kept whole; in files of older versions so is every other one, which reads the same. It
costs what the changed deals cost, whatever the size of the account; marts need not be kept to tell afterwards why a
figure moved (metrics.differences).
"""

import contextlib
from collections.abc import Iterator, Sequence
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
            f"with was as ({lines(ledger, f'from {_before(ledger)}')}), now as ({lines(ledger, _present(ledger))}) "
            "select deal_id, key, was.line as was, now.line as now "
            "from was full join now using (deal_id, key) where was.line is distinct from now.line"
        )
        if not rows:
            continue
        names = told_columns(tx, ledger)
        differing = [name for (name,) in tx.execute(_differing_columns(names))]
        slices.note_columns(tx, ledger, f"select unnest({differing})")
        if rows > MOST:
            tx.execute(
                "insert into history.changes (run_id, changed_at, ledger) "
                f"values (getvariable('changing_run'), getvariable('changing_at'), '{ledger}')"
            )
        else:
            tx.execute(_difference(ledger, names if "*" in differing else differing))


def _before(ledger: str) -> str:
    return f"{ledger}_before"


def _present(ledger: str) -> str:
    return f"from core.{ledger} where deal_id in (select deal_id from touched_deals)"


def _told(ledger: str) -> str:
    """The columns of a ledger without those that say nothing."""
    idle = LEDGERS[ledger]
    return f"* exclude ({', '.join(idle)})" if idle else "*"


def told_columns(tx: Transaction, ledger: str) -> list[str]:
    """The columns of a ledger whose change is one."""
    return [name for name, _ in tx.columns(f"select {_told(ledger)} from core.{ledger}")]


def lines(ledger: str, source: str) -> str:
    """Each row as one value, by its deal and what tells it from the other rows of the deal."""
    return f"select deal_id, {KEYS[ledger]} as key, line from (select {_told(ledger)} {source}) as line"


def _differing_columns(names: Sequence[str]) -> str:
    """The query for the columns that are other ones in some row; all of them where rows came or went."""
    told = ", ".join(f"if(bool_or(was.{name} is distinct from now.{name}), '{name}', null)" for name in names)
    return (
        f"select unnest(list_filter(if(bool_or(was is null or now is null), ['*'], [{told}]), "
        "lambda name: name is not null)) from differing"
    )


def _difference(ledger: str, names: Sequence[str]) -> str:
    """The statement that keeps the rows that differ, of these columns those that do; values are exact texts.

    A row that came or went is kept whole.
    """
    columns = ", ".join(
        f"{{name: '{name}', was: cast(was.{name} as varchar), now: cast(now.{name} as varchar)}}"
        for name in names
    )
    before, after = (
        f"if({side} is null, null, cast(to_json(map_from_entries("
        f"list_transform(told, lambda each: {{name: each.name, text: each.{side}}}))) as varchar))"
        for side in ("was", "now")
    )
    return (
        "insert into history.changes (run_id, changed_at, ledger, deal_id, key, before, after) "
        f"select getvariable('changing_run'), getvariable('changing_at'), '{ledger}', deal_id, key, "
        f"{before}, {after} from (select deal_id, key, was, now, list_filter([{columns}], "
        "lambda each: was is null or now is null or each.was is distinct from each.now) as told from differing) "
        "order by 4, 5"
    )
