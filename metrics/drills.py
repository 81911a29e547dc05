"""Drill-downs: the rows of a ledger behind every cell of a mart, declared in the mart's header.

One declaration serves two ends: `vitrina explain` shows the rows of one figure, and a check proves that all the
figures of a mart are what their rows add up to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

_STATEMENT = re.compile(r"(?P<by>by +)?(?P<name>[a-z]\w*) *= *(?P<sql>\S.*)")
_RELATION = re.compile(r"from +(?P<relation>(?:core|mart)\.[a-z_]\w*)(?: +as +(?P<alias>[a-z_]\w*))?\b")


class Transaction(Protocol):
    """What a drill-down needs of the warehouse."""

    def execute(self, sql: str, /) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class Drill:
    """Rows of `relation` and how the cells of some columns follow from them.

    `source` is the tail of a select from its `from` on; `keys` say to which row of the mart a ledger row belongs;
    `measures` are aggregates over the rows of one key.
    """

    relation: str
    alias: str
    source: str
    keys: Mapping[str, str]
    measures: Mapping[str, str]

    def rows(self, select: str, only: str = "true") -> str:
        """The query of the ledger's rows that also fit `only`."""
        tables, _, condition = self.source.partition(" where ")
        return f"select {select} {tables} where ({condition or 'true'}) and ({only})"


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell of a mart that is not what its rows add up to."""

    mart: str
    column: str
    key: tuple[Any, ...]
    shown: Any
    added_up: Any

    def __str__(self) -> str:
        where = ", ".join(str(part) for part in self.key)
        return f"mart.{self.mart} ({where}): {self.column} is {self.shown}, its rows give {self.added_up}"


def parse(lines: Iterable[str], grain: Sequence[str], columns: Sequence[str]) -> tuple[Drill, ...]:
    """The drills of a header's entry; ValueError says what is wrong with it.

    A column of the grain is a key, and so is one that is said with `by` before its name.
    """
    drills: list[tuple[str, dict[str, str]]] = []
    by: dict[str, None] = {}
    for statement in _statements(lines):
        if statement.startswith("from "):
            drills.append((statement, {}))
            continue
        match = _STATEMENT.fullmatch(statement)
        if not drills or match is None:
            raise ValueError(f"{statement!r} is neither «from …» nor «column = expression»")
        name = match["name"]
        if name not in columns or name in drills[-1][1]:
            raise ValueError(f"{name!r} is no column of the mart, or stands twice in one drill")
        drills[-1][1][name] = match["sql"]
        if match["by"]:
            by[name] = None
    parsed = tuple(_drill(source, named, [*grain, *by]) for source, named in drills)
    if len({tuple(drill.keys) for drill in parsed}) > 1:
        raise ValueError("all drills of a mart must say the same keys")
    return parsed


def _statements(lines: Iterable[str]) -> Iterator[str]:
    """Lines put together: a new statement begins with `from` or with `column =`."""
    statement = ""
    for line in lines:
        if statement and (line.startswith("from ") or _STATEMENT.fullmatch(line)):
            yield statement
            statement = ""
        statement = f"{statement} {line}".strip()
    if statement:
        yield statement


def _drill(source: str, named: Mapping[str, str], keyed: Sequence[str]) -> Drill:
    match = _RELATION.match(source)
    if match is None:
        raise ValueError(f"{source!r} does not begin with a table of core or mart")
    keys = {key: named[key] for key in keyed if key in named}
    measures = {name: sql for name, sql in named.items() if name not in keyed}
    if not keys or not measures:
        raise ValueError("a drill must say at least one key and one other column")
    relation = match["relation"]
    alias = match["alias"] or relation.partition(".")[2]
    return Drill(relation, alias, source, keys, measures)


def check(tx: Transaction, mart: str, drills: Sequence[Drill], at_most: int = 10) -> list[Broken]:
    """The cells that are not what their rows add up to; nothing and 0 are the same here.

    Drills of one mart may share a column: each then speaks of other rows of the mart. Where the keys are fewer than
    the grain, what the mart's rows of one key add up to is compared.
    """
    if not drills:
        return []
    keys = list(drills[0].keys)
    measures = list(dict.fromkeys(name for drill in drills for name in drill.measures))
    same = " and ".join(f"shown.{key} is not distinct from rows.{key}" for key in keys)
    cells = [f"shown.{name} as shown_{name}, rows.{name} as added_{name}" for name in measures]
    differs = " or ".join(f"coalesce(shown.{name}, 0) <> coalesce(rows.{name}, 0)" for name in measures)
    found = tx.execute(
        f"select {', '.join(f'coalesce(shown.{key}, rows.{key}) as {key}' for key in keys)}, {', '.join(cells)} "
        f"from ({_summed(f'from mart.{mart}', keys, measures)}) as shown "
        f"full join ({added_up(drills)}) as rows on {same} where {differs} order by all limit {at_most}"
    )
    broken: list[Broken] = []
    for row in found:
        key, pairs = row[: len(keys)], row[len(keys) :]
        for name, shown, added in zip(measures, pairs[::2], pairs[1::2], strict=True):
            if (shown or 0) != (added or 0):
                broken.append(Broken(mart, name, key, shown, added))
    return broken


def added_up(drills: Sequence[Drill]) -> str:
    """The query of what the ledgers' rows add up to, a row for each key."""
    parts = [
        f"select {', '.join(f'({sql}) as {name}' for name, sql in {**drill.keys, **drill.measures}.items())} "
        f"{drill.source} group by {', '.join(str(place) for place in range(1, len(drill.keys) + 1))}"
        for drill in drills
    ]
    measures = list(dict.fromkeys(name for drill in drills for name in drill.measures))
    return _summed(f"from ({' union all by name '.join(parts)})", list(drills[0].keys), measures)


def _summed(source: str, keys: Sequence[str], measures: Sequence[str]) -> str:
    sums = [f"sum({name}) as {name}" for name in measures]
    return f"select {', '.join([*keys, *sums])} {source} group by {', '.join(keys)}"
