"""Marts follow what changed: what none of it concerns stays, marts by deal are made again for the changed deals.

A mart by deal (`Refresh: deal_id`) is a function of each deal's own rows. So the very same select over the rows of
the changed deals gives exactly the rows to put in place of theirs; there is no second text of a definition.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from metrics import slices
from metrics.catalog import BY_DEAL, REFERENCE, Catalog, Model
from metrics.history import LEDGERS
from metrics.relations import Route
from metrics.slices import CHANGED
from warehouse import publish
from warehouse.database import Transaction

NOTHING = ""
EVERYTHING = publish.EVERYTHING
"""By what a relation differs from the last build, beside the name of the table of the deals whose rows differ."""

_LEDGERS = frozenset(f"core.{name}" for name in LEDGERS)


@dataclass(slots=True)
class Following:
    """One build: what each relation that marts read differs by, and the marks by which the next build knows it.

    `before`: the marks of the last build; None has everything made from nothing.
    """

    tx: Transaction
    catalog: Catalog
    before: Mapping[str, list[str]] | None = None
    changes: dict[str, str] = field(default_factory=dict)
    marks: dict[str, list[str]] = field(default_factory=dict)
    _columns: dict[str, frozenset[str]] = field(default_factory=dict)
    _cut: dict[tuple[str, str], str] = field(default_factory=dict)
    _differing: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compare the tables that people type and other small ones; what is known of deals was gathered."""
        self.marks = slices.marks(self.tx, sorted(self.catalog.ledgers - _LEDGERS - slices.CLIENTS))
        if self.before is not None:
            self._columns = slices.changed_columns(self.tx)
            for name, mark in self.marks.items():
                self.changes[name] = NOTHING if self.before.get(name) == mark else EVERYTHING

    def concern(self, model: Model) -> str:
        """What of a mart is to be made again: nothing, the rows of the deals in a table, everything."""
        if self.before is None or model.relation not in self.before:
            return EVERYTHING
        routes = [route for route in model.routes if f"mart.{route.mart}" in self._differing]
        routed = {f"mart.{route.mart}" for route in routes}
        told = {self._of(name, model) for name in model.reads if name not in routed} - {NOTHING}
        if not told and not routes:
            return NOTHING
        if not model.is_by_deal or EVERYTHING in told:
            return EVERYTHING
        return self._reached(model, routes) if routes else CHANGED

    def _of(self, relation: str, model: Model) -> str:
        """By what a relation differs as far as this mart reads it."""
        if relation in self.changes:
            return self.changes[relation]
        names = self._columns.get(relation, frozenset()) | self._columns.get("core.*", frozenset())
        return CHANGED if "*" in names or names & slices.words(model) else NOTHING

    def _reached(self, model: Model, routes: list[Route]) -> str:
        """The changed deals, and those that changed rows of other marts concern."""
        deals = f"deals_of_{model.name}"
        ways = [f"select {BY_DEAL} from {CHANGED}"]
        for route in routes:
            columns = ", ".join(column for column, _ in route.keys)
            same = ", ".join(expression for _, expression in route.keys)
            differing = self._differing[f"mart.{route.mart}"]
            ways.append(
                f"select {BY_DEAL} from mart.{route.source} where ({same}) in (select ({columns}) from {differing})"
            )
        self.tx.execute(f"create or replace temp table {deals} as {' union '.join(ways)}")
        return deals

    def remember(self, model: Model) -> bool:
        """Put aside what a mart holds before it is made from nothing, if other marts ask which of its rows differ."""
        is_asked = self.before is not None and any(
            route.mart == model.name for each in self.catalog for route in each.routes
        )
        if is_asked:
            self.tx.execute(f"create or replace temp table before_{model.name} as from {model.relation}")
        return is_asked

    def compare(self, model: Model) -> None:
        """Put together the rows of a mart that came or went since they were put aside."""
        was, differing = f"before_{model.name}", f"differing_{model.name}"
        query = f"create or replace temp table {differing} as {_apart(was, model.relation)}"
        if self.tx.execute(query) != [(0,)]:
            self._differing[model.relation] = differing

    def told(self, model: Model) -> tuple[int, str]:
        """How many rows a mart had after the last build, and its digest."""
        rows, digest = (self.before or {}).get(model.relation, ("0", ""))
        return int(rows), digest

    def note(self, model: Model, change: str, rows: int, digest: str) -> str:
        """Note what a mart holds, and by what it differs: made from nothing, it may hold what it held before."""
        if digest and (rows, digest) == self.told(model):
            change = NOTHING
        self.changes[model.relation] = change
        self.marks[model.relation] = [str(rows), digest]
        return change

    def follow(self, model: Model, deals: str) -> str:
        """Put the rows of these deals in place of those that stand in the mart; by what it differs now."""
        fresh, differing = f"fresh_{model.name}", f"differing_{model.name}"
        whole = REFERENCE | {f"mart.{route.mart}" for route in model.routes}
        sql = re.sub(
            r"\b(core|mart)\.([a-z_]\w*)",
            lambda found: found[0] if found[0] in whole else self._slice(found[0], deals),
            model.sql,
        )
        self.tx.execute(f"create or replace temp table {fresh} as\n{sql}")
        standing = f"from {model.relation} where {BY_DEAL} in (select {BY_DEAL} from {deals})"
        [(number,)] = self.tx.execute(
            f"create or replace temp table {differing} as with standing as ({standing}) "
            f"select distinct {BY_DEAL} from ({_apart('standing', fresh)})"
        )
        if number:
            among = f"where {BY_DEAL} in (select {BY_DEAL} from {differing})"
            self.tx.execute(f"delete from {model.relation} {among}")
            self.tx.execute(f"insert into {model.relation} from {fresh} {among}")
        return differing if number else NOTHING

    def _slice(self, relation: str, deals: str) -> str:
        """The rows of these deals, cut out of each relation once for all marts that read it."""
        if (relation, deals) not in self._cut:
            name = f"slice_{len(self._cut)}"
            self.tx.execute(
                f"create or replace temp table {name} as "
                f"from {relation} where {BY_DEAL} in (select {BY_DEAL} from {deals})"
            )
            self._cut[relation, deals] = name
        return self._cut[relation, deals]


def _apart(one: str, other: str) -> str:
    """The rows that only one of two relations has."""
    return f"(from {one} except all from {other}) union all (from {other} except all from {one})"
