"""Why figures moved between two moments: the changed rows of the ledgers, and what they did to each figure.

Both states of the changed deals are put together from the present rows and the kept changes; the marts' own selects
over those deals alone give the two contributions, and their difference is what the figure moved by. So it holds for
columns that are sums and counts of ledger rows, and a build has nothing more to keep than what it changed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from metrics.catalog import REFERENCE, Catalog, Model
from metrics.history import KEYS, LEDGERS, lines, told_columns
from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.records import naive

CHANGED = Path(__file__).parent / "models" / "changed.sql"

_ADDED = re.compile(r"(?:sum|count)\((?!distinct).*\)(?: filter \(.*\))?")
_RELATION = re.compile(r"\b(core|mart)\.([a-z_]\w*)")
AS_IT_IS = frozenset({"mart.plan_attainment"})
"""What says something of a whole month, not of a deal: taken as it stands, for both moments."""
SHARED_OUT = frozenset({"core.overheads"})
"""What is shared among all deals; how much of it falls to one says nothing of that deal."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A cell of a mart that moved, and by how much."""

    mart: str
    column: str
    key: Mapping[str, Any]
    by: Decimal


@dataclass(frozen=True, slots=True)
class Changed:
    """A row of a ledger as it was and as it is; `event` is what the account said of the deal just before."""

    ledger: str
    deal_id: int | None
    key: str
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    run_id: int
    changed_at: datetime
    event: str | None = None
    event_at: datetime | None = None
    who: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that differ."""
        names = dict.fromkeys([*self.before, *self.after])
        return tuple(name for name in names if self.before.get(name) != self.after.get(name))


def changed(tx: Transaction, since: datetime, until: datetime) -> list[Changed]:
    """Every ledger row that is another one at `until` than at `since`, with the first and the last of its states."""
    _find_differing(tx, since, until)
    states = " union all ".join(_states(tx, ledger, since, until) for ledger in LEDGERS)
    tx.execute(f"create or replace temp table states as {states}")
    rows = tx.execute(CHANGED.read_text(encoding="utf-8"), {"since": naive(since), "until": naive(until)})
    columns = {ledger: told_columns(tx, ledger) for ledger in LEDGERS}
    found = (_changed(row, columns[row[0]]) for row in rows)
    return [each for each in found if each.columns or each.deal_id is None]


def _changed(row: tuple[Any, ...], columns: Sequence[str]) -> Changed:
    """The later of the last event and the last edit of the card is what we know the change by."""
    ledger, deal_id, key, before, after, run_id, moment, event, event_at, event_by, edited_at, edited_by = row
    if edited_at is not None and (event_at is None or edited_at > event_at):
        event, event_at, event_by = "edited", edited_at, edited_by
    return Changed(
        ledger,
        deal_id,
        key or "",
        _whole(before, columns),
        _whole(after, columns),
        run_id,
        aware(moment),
        event,
        aware(event_at) if event_at is not None else None,
        event_by,
    )


def _whole(line: str | None, columns: Sequence[str]) -> dict[str, str | None]:
    """A row with what is null in it; nothing where there was none."""
    told = json.loads(line) if line else {}
    return {name: told.get(name) for name in columns} if told else {}


def moved(
    tx: Transaction, models: Iterable[Model], catalog: Catalog, since: datetime, until: datetime
) -> Iterator[Moved]:
    """What the changed rows did to the figures of these marts."""
    wanted = [model for model in models if _added(model)]
    _find_differing(tx, since, until)
    for side, moment in (("was", since), ("now", until)):
        _rebuild(tx, catalog.needed_for(model.name for model in wanted), side, moment)
    for model in wanted:
        columns = _added(model)
        keys = ", ".join(model.grain)
        sums = [
            f"coalesce(sum({name}) filter (side = 1), 0) - coalesce(sum({name}) filter (side = 0), 0)"
            for name in columns
        ]
        rows = tx.execute(
            f"select {keys}, {', '.join(sums)} from (select 1 as side, * from now_mart_{model.name} "
            f"union all by name select 0 as side, * from was_mart_{model.name}) group by {keys} "
            f"having {' or '.join(f'{each} <> 0' for each in sums)} order by all"
        )
        for row in rows:
            key = dict(zip(model.grain, row, strict=False))
            for name, by in zip(columns, row[len(model.grain) :], strict=True):
                if by:
                    yield Moved(model.name, name, key, Decimal(by))


def _added(model: Model) -> list[str]:
    """The columns that are sums or counts of rows, so that parts of them add up."""
    names = [
        column.name for column in model.columns if any(column.name in each.measures for each in model.drills)
    ]
    return [
        name
        for name in names
        if all(_ADDED.fullmatch(each.measures[name]) for each in model.drills if name in each.measures)
    ]


def _rebuild(tx: Transaction, models: Iterable[Model], side: str, moment: datetime) -> None:
    """The marts of the changed deals alone, from their ledgers as they were at `moment`, as temporary tables."""
    made: dict[str, str] = {name: name for name in (*REFERENCE, *AS_IT_IS)}

    def standing(found: re.Match[str]) -> str:
        relation = found[0]
        if relation not in made:
            made[relation] = _cut(tx, relation, side, moment)
        return made[relation]

    for model in models:
        name = f"{side}_mart_{model.name}"
        tx.execute(f"create or replace temp table {name} as {_RELATION.sub(standing, model.sql)}")
        made.setdefault(f"mart.{model.name}", name)


def _cut(tx: Transaction, relation: str, side: str, moment: datetime) -> str:
    """A ledger's rows of the changed deals at `moment`; what does not speak of deals stands as it is."""
    ledger = relation.partition(".")[2]
    columns = dict(tx.columns(f"from {relation}"))
    if "deal_id" not in columns:
        return relation
    name = f"{side}_core_{ledger}"
    only = "false" if relation in SHARED_OUT else "deal_id in (from differing_deals)"
    if ledger not in LEDGERS:
        tx.execute(f"create or replace temp table {name} as from {relation} where {only}")
        return name
    undone = _undo(tx, ledger, side, moment)
    typed = ", ".join(
        f"cast(line ->> '$.{column}' as {kind}) as {column}" for column, kind in columns.items()
    )
    tx.execute(
        f"create or replace temp table {name} as from {relation} as rows "
        f"where deal_id in (from differing_deals) and not exists (select 1 from {undone} as undone "
        f"where undone.deal_id = rows.deal_id and undone.key = {KEYS[ledger]}) "
        f"union all by name select {typed} from {undone} where line is not null"
    )
    return name


def _find_differing(tx: Transaction, since: datetime, until: datetime) -> None:
    tx.execute(
        "create or replace temp table differing_deals as select distinct deal_id from history.changes "
        "where changed_at > ? and changed_at <= ? and deal_id is not null",
        [naive(since), naive(until)],
    )


def _states(tx: Transaction, ledger: str, since: datetime, until: datetime) -> str:
    """The query for the rows of a ledger that were changed after `since`, as they were then and at `until`."""
    was, now = _undo(tx, ledger, "was", since), _undo(tx, ledger, "now", until)
    return (
        f"select '{ledger}' as ledger, was.deal_id, was.key, was.line as was, "
        f"if(now.key is null, present.line, now.line) as now from {was} as was "
        f"left join {now} as now using (deal_id, key) "
        f"left join ({_present(tx, ledger)}) as present using (deal_id, key)"
    )


def _undo(tx: Transaction, ledger: str, side: str, moment: datetime) -> str:
    """The rows of a ledger that were changed after `moment` as they were then (see `_present`); null: none.

    A row as it is goes back change by change. A change tells the columns that differ, or all of them where the row
    went; what it tells of a row that is not there, for it went with too many others, is not enough to make one.
    """
    name = f"{side}_undone_{ledger}"
    tx.execute(
        f"create or replace temp table {name} as with changes as ("
        "select deal_id, key, list({line: cast(before as json), is_whole: after is null} "
        "order by run_id desc, rowid desc) as steps from history.changes "
        "where ledger = ? and changed_at > ? and deal_id in (from differing_deals) group by deal_id, key) "
        "select changes.deal_id, changes.key, list_reduce(steps, lambda row, step: {line: case "
        "when step.line is null then null when step.is_whole then json_merge_patch('{}', step.line) "
        "when row.line is not null then json_merge_patch(row.line, step.line) end, is_whole: true}, "
        "{line: present.line, is_whole: true}).line as line "
        f"from changes left join ({_present(tx, ledger)}) as present using (deal_id, key)",
        [ledger, naive(moment)],
    )
    return name


def _present(tx: Transaction, ledger: str) -> str:
    """The query for the rows of the changed deals as they are, each an object of texts without what is null."""
    texts = ", ".join(f"{name}: cast(line.{name} as varchar)" for name in told_columns(tx, ledger))
    rows = lines(ledger, f"from core.{ledger} where deal_id in (from differing_deals)")
    return f"select deal_id, key, json_merge_patch('{{}}', to_json({{{texts}}})) as line from ({rows})"
