"""Marts follow what changed: what none of it concerns stays, marts by deal are made again for the changed deals.

A mart by deal (`Refresh: deal_id`) is a function of each deal's own rows. So the very same select over the rows of
the changed deals gives exactly the rows to put in place of theirs; there is no second text of a definition.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from metrics import slices
from metrics.beforehand import DEALS
from metrics.catalog import REFERENCE, Catalog, Model
from metrics.history import LEDGERS
from metrics.relations import Route
from metrics.slices import CHANGED
from warehouse.database import Transaction

NOTHING = ""
EVERYTHING = "*"
"""By what a relation differs from the last build, beside the name of the table of the keys whose rows differ."""

_LAST_ORDER = re.compile(r"\norder by [^;]*\Z")
"""Rows that are put in place of others stand in no order; who reads them puts them in that of their grain."""

_LEDGERS = frozenset(f"core.{name}" for name in LEDGERS)


@dataclass(slots=True)
class Following:
    """One build: what each relation that marts read differs by, and the marks by which the next build knows it.

    `before`: the marks of the last build; None has everything made from nothing. `aside`: what was put aside of
    marts beforehand; it is believed where the changed deals are those of which it was.
    """

    tx: Transaction
    catalog: Catalog
    before: Mapping[str, list[str]] | None = None
    aside: Mapping[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    marks: dict[str, list[str]] = field(default_factory=dict)
    _columns: dict[str, frozenset[str]] = field(default_factory=dict)
    _cut: dict[tuple[str, str], str] = field(default_factory=dict)
    _apart: dict[str, str] = field(default_factory=dict)
    _followed: dict[str, str] = field(default_factory=dict)
    _fresh: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compare the tables that people type and other small ones; what is known of deals was gathered."""
        self.marks = slices.marks(self.tx, sorted(self.catalog.ledgers - _LEDGERS - slices.CLIENTS))
        if self.aside and self.tx.execute(
            f"(from {CHANGED} except from {DEALS}) union all (from {DEALS} except from {CHANGED}) limit 1"
        ):
            self.aside = {}
        if self.before is not None:
            self._columns = slices.changed_columns(self.tx)
            for name, mark in self.marks.items():
                self.changes[name] = NOTHING if self.before.get(name) == mark else EVERYTHING

    def concern(self, model: Model) -> str:
        """What of a mart is to be made again: nothing, the rows of the keys in a table, everything."""
        if self.before is None or model.relation not in self.before:
            return EVERYTHING
        routes = {route.relation: route for route in model.routes}
        known = {name: rows for name in routes if (rows := self._rows_of(name, model))}
        told = {self._of(name, model) for name in model.reads if name not in known} - {NOTHING}
        if not told and not known:
            return NOTHING
        if EVERYTHING in told or not model.refresh or (told and not model.is_by_deal):
            return EVERYTHING
        return (
            self._reached(model, [(routes[name], rows) for name, rows in known.items()]) if known else CHANGED
        )

    def _of(self, relation: str, model: Model) -> str:
        """By what a relation differs as far as this mart reads it."""
        if relation in self.changes:
            return self.changes[relation]
        names = self._columns.get(relation, frozenset()) | self._columns.get("core.*", frozenset())
        return CHANGED if "*" in names or names & slices.words(model) else NOTHING

    def _rows_of(self, relation: str, model: Model) -> str | None:
        """The table of the rows of a relation that came or went, of a ledger that of its deals; None: not known."""
        if relation in _LEDGERS and self._of(relation, model) == CHANGED:
            return CHANGED
        return self._apart.get(relation)

    def _reached(self, model: Model, ways: Sequence[tuple[Route, str]]) -> str:
        """The keys of a mart that changed rows of what it reads concern, and for a mart by deal the changed deals."""
        names, columns = f"keys_of_{model.name}", ", ".join(model.refresh)
        asked = [f"select {columns} from {CHANGED}"] if model.is_by_deal else []
        for route, rows in ways:
            if route.source is None:
                asked.append(f"select {route.expressions} from {rows}")
            else:
                same = f"({route.expressions}) in (select ({route.columns}) from {rows})"
                asked.append(f"select {columns} from {route.source} where {same}")
        keys = " union all ".join(asked)
        self.tx.execute(
            f"create or replace temp table {names} as select distinct * from ({keys}) as keys ({columns})"
        )
        return names

    def is_bound(self, model: Model) -> bool:
        """Whether a mart cannot be made but by statements of `tx`, whose temporary tables tell what differs."""
        return self.before is not None and (bool(model.refresh) or self._is_asked(model))

    def _is_asked(self, model: Model) -> bool:
        """Whether other marts ask which rows of this one differ."""
        return any(route.relation == model.relation for each in self.catalog for route in each.routes)

    def remember(self, model: Model) -> bool:
        """Put aside what a mart holds before it is made from nothing, if other marts ask which of its rows differ."""
        is_asked = self.before is not None and self._is_asked(model)
        if is_asked:
            self.tx.execute(f"create or replace temp table before_{model.name} as from {model.relation}")
        return is_asked

    def compare(self, model: Model) -> None:
        """Put together the rows of a mart that came or went since they were put aside."""
        self._keep_apart(model, f"before_{model.name}", model.relation)

    def _keep_apart(self, model: Model, was: str, now: str) -> str | None:
        """The table of the rows that only one of two relations has, noted for the mart; None: there are none.

        No row stands twice in a mart, so that sets tell all, and much faster than `except all` would.
        """
        rows = f"apart_{model.name}"
        [(number,)] = self.tx.execute(
            f"create or replace temp table {rows} as "
            f"with was as ({was if ' ' in was else f'from {was}'}), now as (from {now}) "
            "(from was except from now) union all (from now except from was)"
        )
        if not number:
            return None
        self._apart[model.relation] = rows
        return rows

    def told(self, model: Model) -> tuple[int, str]:
        """How many rows a mart had after the last build, and its digest."""
        rows, digest = (self.before or {}).get(model.relation, ("0", ""))
        return int(rows), digest

    def note(self, model: Model, change: str, rows: int, digest: str) -> str:
        """Note what a mart holds, and by what it differs: made from nothing, it may hold what it held before."""
        if digest and (rows, digest) == self.told(model):
            change = NOTHING
        is_told = model.is_by_deal or change == NOTHING
        self.changes[model.relation] = change if is_told else EVERYTHING
        self.marks[model.relation] = [str(rows), digest]
        return change

    def follow(self, model: Model, keys: str) -> str:
        """Put the rows of these keys in place of those that stand in the mart; by what it differs now."""
        columns = ", ".join(model.refresh)
        rows = re.sub(
            r"\b(core|mart)\.([a-z_]\w*)",
            lambda found: self._slice(found[0], model, keys),
            _LAST_ORDER.sub("", model.sql),
        )
        if model.is_by_deal:  # others read what differs; of few deals it is cheaply told
            fresh = f"fresh_{model.name}"
            self.tx.execute(f"create or replace temp table {fresh} as\n{rows}")
            self._fresh[model.relation], self._followed[model.relation] = fresh, keys
            was = f"from {model.relation} where {_among(columns, columns, keys)}"
            if keys == CHANGED and model.relation in self.aside:
                was = f"from {self.aside[model.relation]}"
            differing = self._keep_apart(model, was, fresh)
            if differing is None:
                return NOTHING
            rows, keys = f"from {fresh}", f"differing_{model.name}"
            self.tx.execute(
                f"create or replace temp table {keys} as select distinct {columns} from {differing}"
            )
        among = _among(columns, columns, keys)
        self.tx.execute(f"delete from {model.relation} where {among}")
        self.tx.execute(f"insert into {model.relation} select * from (\n{rows}\n) as rows where {among}")
        return keys

    def _slice(self, relation: str, model: Model, keys: str) -> str:
        """The rows of these keys, cut out of a relation once for all who read it; what has no keys is whole."""
        columns = ", ".join(model.refresh)
        route = next((route for route in model.routes if route.relation == relation), None)
        if relation in REFERENCE or (route.source if route else not model.is_by_deal):
            return relation
        if (relation, keys) not in self._cut:
            name = f"slice_{len(self._cut)}"
            among = _among(route.expressions if route else columns, route.columns if route else columns, keys)
            is_fresh = route is None and self._followed.get(relation) == keys
            source = self._fresh[relation] if is_fresh else relation
            self.tx.execute(f"create or replace temp table {name} as from {source} where {among}")
            self._cut[relation, keys] = name
        return self._cut[relation, keys]


def _among(expressions: str, columns: str, keys: str) -> str:
    return f"({expressions}) in (select ({columns}) from {keys})"
