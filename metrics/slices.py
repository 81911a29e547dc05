"""What changed since the marts were built: which deals, which columns of their ledgers, which other tables.

Marts follow it (metrics.following): what none of it concerns stays, what is told deal by deal is made again for the
changed deals alone.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from metrics.catalog import BY_DEAL, Catalog, Model
from warehouse.database import Transaction
from warehouse.journal import clear_note, read_note, set_note
from warehouse.records import naive

ARITHMETIC = Path(__file__).parent / "models" / "arithmetic.sql"
NOTE = "marts"
CHANGED = "changed_deals"
"""The temporary table of deals whose rows in a mart by deal may differ from those that stand there."""

COLUMNS = "changed_columns"
"""The temporary table of what differs now in the rows of those deals: ledger and column; `*` is every one of them."""

CLIENTS = frozenset({"core.contacts", "core.companies"})
"""Names that only the deals of touched clients are concerned by; too many to be compared at every build."""


def begin(tx: Transaction) -> None:
    """Begin to gather what changes."""
    tx.execute(f"create or replace temp table {CHANGED} ({BY_DEAL} bigint)")
    tx.execute(f"create or replace temp table {COLUMNS} (ledger varchar, name varchar)")


def gather(tx: Transaction, deals: str) -> None:
    """Add the deals that a query gives."""
    tx.execute(f"insert into {CHANGED} {deals}")


def note_columns(tx: Transaction, ledger: str, names: str) -> None:
    """Add the columns of a ledger that differ, as a query gives them; `*`: all of them, of any ledger `*`."""
    tx.execute(f"insert into {COLUMNS} select '{ledger}', name from ({names}) as names (name)")


def changed_columns(tx: Transaction) -> dict[str, frozenset[str]]:
    """The columns that differ by relation."""
    told = tx.execute(f"select ledger, list(distinct name) from {COLUMNS} group by ledger")
    return {f"core.{ledger}": frozenset(names) for ledger, names in told}


def forget(tx: Transaction) -> None:
    """Have every mart made from nothing next time: what changed is not known any more."""
    clear_note(tx, NOTE)


def kept(tx: Transaction, catalog: Catalog) -> dict[str, list[str]] | None:
    """The marks of all marts and tables as the last build left them (see `keep`); None: they tell nothing now."""
    note = read_note(tx, NOTE) or ""
    if not note.startswith("{"):  # nothing, or of an older version
        return None
    told = json.loads(note)
    found: dict[str, list[str]] = told["marks"]
    return found if told["scene"] == _scene(tx, catalog) else None


def keep(tx: Transaction, catalog: Catalog, marks: Mapping[str, list[str]]) -> None:
    """Note that all marts stand as they must, and by which marks they and what they read will be known again."""
    [(now,)] = tx.execute("select cast(now() at time zone 'UTC' as timestamp)")
    note = json.dumps({"scene": _scene(tx, catalog), "marks": dict(marks)})
    set_note(tx, NOTE, note, naive(now))


def marks(tx: Transaction, relations: Sequence[str]) -> dict[str, list[str]]:
    """What each relation holds, told shortly, whatever order its rows stand in."""
    if not relations:
        return {}
    told = tx.execute(
        " union all ".join(
            f"select '{name}', count(*), coalesce(sum(hash(all_columns)), 0) from {name} as all_columns"
            for name in relations
        )
    )
    return {name: [str(rows), str(digest)] for name, rows, digest in told}


def _scene(tx: Transaction, catalog: Catalog) -> str:
    """What every mart depends on beside tables: the definitions, the mapping, the day, the company's choices."""
    texts = [f"{model.sql}\n{model.refresh} {model.routes}" for model in catalog]
    texts.append(ARITHMETIC.read_text(encoding="utf-8"))
    variables = sorted(frozenset().union(*map(_variables, texts)))
    [values] = tx.execute(
        "select " + ", ".join(f"cast(getvariable('{name}') as varchar)" for name in variables)
    )
    parts = [*texts, str(read_note(tx, "ledgers")), repr(list(zip(variables, values, strict=True)))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def words(model: Model) -> frozenset[str]:
    """Everything a mart's text names; a column that is not among it makes no difference to the mart."""
    return _words(model.sql) | {column.name for column in model.columns}


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


@cache
def _variables(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"getvariable\('(\w+)'\)", text))
