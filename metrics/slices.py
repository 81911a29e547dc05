"""Marts that are made again only for the deals that changed, in place of from nothing.

Such a mart (`Refresh: deal_id`) is a function of each deal's own rows. So the very same select over the rows of the
changed deals gives exactly the rows to put in place of theirs; there is no second text of a definition.
"""

import hashlib
import re
from dataclasses import dataclass, field

from metrics.catalog import BY_DEAL, REFERENCE, Catalog, Model
from warehouse.database import Transaction
from warehouse.journal import clear_note, read_note, set_note
from warehouse.records import naive

NOTE = "marts"
CHANGED = "changed_deals"
"""The temporary table of deals whose rows in a mart by deal may differ from those that stand there."""


def begin(tx: Transaction) -> None:
    """Begin to gather changed deals."""
    tx.execute(f"create or replace temp table {CHANGED} ({BY_DEAL} bigint)")


def gather(tx: Transaction, deals: str) -> None:
    """Add the deals that a query gives."""
    tx.execute(f"insert into {CHANGED} {deals}")


def forget(tx: Transaction) -> None:
    """Have every mart made from nothing next time: what changed is not known any more."""
    clear_note(tx, NOTE)


def fingerprint(tx: Transaction, catalog: Catalog) -> str:
    """What a row of a mart by deal depends on beside its deal: the definitions, the reference tables and the day."""
    parts = [model.sql for model in catalog if model.is_by_deal]
    parts += [str(read_note(tx, name)) for name in ("reference", "ledgers")]
    parts += [str(tx.execute("select getvariable('today')"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def are_kept(tx: Transaction, catalog: Catalog) -> bool:
    """Whether the rows of deals that did not change are good as they stand."""
    return read_note(tx, NOTE) == fingerprint(tx, catalog)


def keep(tx: Transaction, catalog: Catalog) -> None:
    """Note that all marts stand as they must, so that the next build need only follow what changes from here on."""
    [(now,)] = tx.execute("select cast(now() at time zone 'UTC' as timestamp)")
    set_note(tx, NOTE, fingerprint(tx, catalog), naive(now))


@dataclass(slots=True)
class Slices:
    """The rows of the changed deals, cut out of each relation once for all marts that read it."""

    tx: Transaction
    _cut: dict[str, str] = field(default_factory=dict)

    def refresh(self, model: Model) -> None:
        """Put the rows of the changed deals in place of those that stand in the mart."""
        sql = re.sub(
            r"\b(core|mart)\.([a-z_]\w*)",
            lambda found: found[0] if found[0] in REFERENCE else self._slice(found[0]),
            model.sql,
        )
        self.tx.execute(f"delete from mart.{model.name} where {BY_DEAL} in (select {BY_DEAL} from {CHANGED})")
        self.tx.execute(f"insert into mart.{model.name}\n{sql}")

    def _slice(self, relation: str) -> str:
        if relation not in self._cut:
            name = f"slice_of_{relation.replace('.', '_')}"
            self.tx.execute(
                f"create or replace temp table {name} as "
                f"from {relation} where {BY_DEAL} in (select {BY_DEAL} from {CHANGED})"
            )
            self._cut[relation] = name
        return self._cut[relation]
