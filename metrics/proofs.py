"""The proof of one figure: the rows of the ledgers behind it, level by level, and whether they add up to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.catalog import Catalog, Model
from metrics.drills import Drill, added_up
from warehouse.database import Transaction

_FILTERED = re.compile(r"(?P<what>(?:sum|count)\((?:[^()]|\([^()]*\))*\)) filter \((?P<only>.*)\)")
_AGGREGATE = re.compile(r"\b(?:sum|count|min|max)\(")
_SUM = re.compile(r"sum\((?P<of>(?:[^()]|\([^()]*\))*)\)")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the mart and what its rows add up to."""

    column: str
    label: str
    format: str
    shown: Any
    added_up: Any

    @property
    def agrees(self) -> bool:
        return bool((self.shown or 0) == (self.added_up or 0))


@dataclass(frozen=True, slots=True)
class Level:
    """Rows of one ledger or mart; `agrees`: whether they give the figures of the level above, where that is known."""

    relation: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything behind one row of a mart."""

    model: Model
    row: Mapping[str, Any]
    cells: tuple[Cell, ...]
    levels: tuple[Level, ...]

    @property
    def agrees(self) -> bool | None:
        """Whether all that was checked adds up; None where the mart says nothing of its rows."""
        known = [cell.agrees for cell in self.cells]
        known += [level.agrees for level in self.levels if level.agrees is not None]
        return all(known) if known else None


def prove(
    tx: Transaction, catalog: Catalog, model: Model, row: Mapping[str, Any], column: str | None
) -> Proof:
    """The rows behind `row`, all of them or those of one column, down to the ledgers."""
    drills = [drill for drill in model.drills if column is None or column in drill.measures]
    cells: list[Cell] = []
    levels: list[Level] = []
    if drills:
        cells = _cells(tx, model, row, column)
    for number, drill in enumerate(drills):
        name = f"behind_{number}"
        values = [row[key] for key in drill.keys]
        same = " and ".join(f"key_{place} is not distinct from ?" for place in range(len(values)))
        _keep(tx, name, f"from ({_rows(drill, column)}) where {same}", len(values), values)
        if number and not tx.execute(f"select 1 from {name} limit 1"):
            continue  # of another line, as most are: there is nothing to follow down
        only = next(iter(drill.measures)) if len(drill.measures) == 1 else column
        levels += _descend(tx, catalog, drill.relation, name, _sources(drill, only))
    if not drills:
        levels = _unproven(tx, model, row)
    told = [level for level in levels if level.rows or level.agrees is False]
    return Proof(model, row, tuple(cells), tuple(told or levels[:1]))


def _cells(tx: Transaction, model: Model, row: Mapping[str, Any], column: str | None) -> list[Cell]:
    """The figures beside what the rows of the ledgers give."""
    keys = list(model.drills[0].keys)
    measures = [each for each in model.columns if any(each.name in drill.measures for drill in model.drills)]
    same = " and ".join(f"{key} is not distinct from ?" for key in keys)
    names = ", ".join(each.name for each in measures)
    values = [row[key] for key in keys]
    found = tx.execute(f"select {names} from ({added_up(model.drills)}) where {same}", values)
    sums = dict(
        zip([each.name for each in measures], found[0] if found else [None] * len(measures), strict=True)
    )
    shown = row
    if not set(model.grain) <= set(keys):  # the rows speak of several rows of the mart together
        added = ", ".join(f"sum({each.name})" for each in measures)
        [together] = tx.execute(f"select {added} from mart.{model.name} where {same}", values)
        shown = dict(zip([each.name for each in measures], together, strict=True))
    return [
        Cell(each.name, each.label, each.format, shown[each.name], sums[each.name])
        for each in measures
        if column in (None, each.name)
    ]


def _rows(drill: Drill, column: str | None) -> str:
    """Every row of the ledger with the key it belongs to; of one column only those that take part in it."""
    keys = [f"({sql}) as key_{place}" for place, sql in enumerate(drill.keys.values())]
    wanted = ", ".join([f"{drill.alias}.*", *keys])
    if column is None:
        return drill.rows(wanted)
    only, what = "true", drill.measures[column]
    if found := _FILTERED.fullmatch(what):
        only, what = found["only"], found["what"]
    elif filters := _filters(what):
        only = " or ".join(f"({each})" for each in filters)
    if found := _SUM.fullmatch(what):
        only = f"({only}) and coalesce({found['of']}, 0) <> 0"
    return drill.rows(wanted, only)


def _filters(what: str) -> list[str]:
    """The filters of an expression's aggregates; none where one of them takes every row."""
    filters: list[str] = []
    for part in what.split(" filter (")[1:]:
        depth, length = 1, 0
        while depth:
            depth += {"(": 1, ")": -1}.get(part[length], 0)
            length += 1
        filters.append(part[: length - 1])
    return filters if len(filters) == len(_AGGREGATE.findall(what)) else []


def _keep(tx: Transaction, name: str, source: str, keys: int, values: Sequence[Any] = ()) -> None:
    without = ", ".join(f"key_{place}" for place in range(keys))
    tx.execute(
        f"create or replace temp table {name} as select distinct * exclude ({without}) {source}", list(values)
    )


def _sources(drill: Drill, column: str | None) -> frozenset[str] | None:
    """The columns of the drill's relation that a column is made of; None: whatever they are."""
    if column is None:
        return None
    return frozenset(re.findall(rf"\b{drill.alias}\.(\w+)", drill.measures[column]))


def _descend(
    tx: Transaction,
    catalog: Catalog,
    relation: str,
    name: str,
    wanted: frozenset[str] | None,
    *,
    agrees: bool | None = None,
) -> list[Level]:
    """The kept rows, and behind the rows of a mart those that its wanted columns are made of."""
    schema, _, table = relation.partition(".")
    levels = [Level(relation, *_read(tx, name), agrees)]
    if schema != "mart":
        return levels
    model = catalog[table]
    if wanted is not None and not wanted <= {each for drill in model.drills for each in drill.measures}:
        wanted = None  # what is worked out of other columns is told by all of them
    elif model.drills and not any("deal_id" in key for key in model.grain):
        levels = []  # parts of sums say nothing to a person: the rows behind them do
    for number, drill in enumerate(model.drills):
        asked = [each for each in drill.measures if wanted is None or each in wanted]
        if not asked:
            continue
        column = asked[0] if wanted is not None and len(asked) == 1 else None
        below = f"{name}_{number}"
        same = " and ".join(
            f"above.{key} is not distinct from rows.key_{place}" for place, key in enumerate(drill.keys)
        )
        source = f"from ({_rows(drill, column)}) as rows semi join {name} as above on {same}"
        _keep(tx, below, source, len(drill.keys))
        agree = _agrees(tx, model, drill, name)
        levels += _descend(tx, catalog, drill.relation, below, _sources(drill, column), agrees=agree)
    return levels


def _agrees(tx: Transaction, model: Model, drill: Drill, above: str) -> bool | None:
    """Whether the rows of a drill give the cells of the kept rows of its mart; None: not row by row."""
    if not set(model.grain) <= set(drill.keys):
        return None
    shared = [each for each in drill.measures if sum(each in other.measures for other in model.drills) == 1]
    same = " and ".join(f"above.{key} is not distinct from rows.{key}" for key in drill.keys)
    differs = " or ".join(f"coalesce(above.{each}, 0) <> coalesce(rows.{each}, 0)" for each in shared)
    found = tx.execute(
        f"select 1 from {above} as above left join ({added_up([drill])}) as rows on {same} "
        f"where {differs or 'false'} limit 1"
    )
    return not found


def _read(tx: Transaction, name: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    columns = tuple(column for column, _ in tx.columns(f"select * from {name}"))
    return columns, tx.execute(f"select * from {name} order by all")


def _unproven(tx: Transaction, model: Model, row: Mapping[str, Any]) -> list[Level]:
    """Of a mart that does not say its rows: what it reads of the same key, or of the same deal."""
    levels: list[Level] = []
    for number, relation in enumerate(model.reads):
        known = [column for column, _ in tx.columns(f"select * from {relation}")]
        keys = [key for key in model.grain if key in known]
        if row.get("deal_id") is not None and "deal_id" in known:
            keys = ["deal_id"]
        if keys:
            same = " and ".join(f"{key} is not distinct from ?" for key in keys)
            name = f"unproven_{number}"
            tx.execute(
                f"create or replace temp table {name} as from {relation} where {same}",
                [row[key] for key in keys],
            )
            levels.append(Level(relation, *_read(tx, name)))
    return levels
