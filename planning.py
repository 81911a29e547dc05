"""From the published marts to what each reader is shown."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

import texts_flaws
import texts_stamp
from exports.audience import Grant, Rights
from exports.layout import LAYOUT, BlockLayout, TabLayout
from exports.links import with_deals_named
from exports.plan import ROW_FORMAT, Column, Plan, Tab, Table, make_plan
from exports.stamp import Delay, Stamp
from jobs import Jobs
from mapping_flaws import read_flaws
from metrics import ledgers
from metrics.catalog import Catalog, Model
from stops import read_stops, stamp_state
from totalling import added_up, uneven
from warehouse.database import Transaction
from warehouse.inputs import refusals
from warehouse.journal import read_note, time_to_cell
from warehouse.publish import Shelf, read_published

EVERYTHING = Rights()

REMEMBERED = timedelta(days=1)
"""So long after a reader was last shown anything, what was read for him is forgotten: he may have left."""


class StillLoading(Exception):
    """The first load of the account is not finished."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the published marts of one build are to everybody who may read them, each by his rights."""

    plans: Mapping[Rights, Plan]
    zone: str
    run: int
    built_at: datetime


@dataclass(slots=True)
class _Memory:
    """What was read for somebody: tables, each with the build that made it so, and tabs with what they were made of.

    `shown_at`: when he was shown anything last.
    """

    shown_at: datetime
    tables: dict[tuple[str, str], tuple[int, Table]] = field(default_factory=dict)
    tabs: dict[str, tuple[list[Table | None], Tab]] = field(default_factory=dict)


class Planning:
    """Plans of what is published, for one configuration."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._parts = jobs.parts
        self._one_at_a_time = Lock()
        self._remembered: dict[Rights, _Memory] = {}

    def shown(self, readers: Callable[[Shelf], Iterable[Rights]]) -> Shown:
        """What each of the readers is shown; what he may not see is not even read for him.

        NothingPublished before the first build, StillLoading while the account was never loaded whole: figures of
        half an account are wrong, and nobody sees by how much.
        """
        with self._one_at_a_time, read_published(self._parts.config.warehouse.published) as shelf:
            built = _build_note(shelf)
            if built["data_at"] is None:
                raise StillLoading
            ((url, zone),) = shelf.rows("select account_url, timezone from core.settings")
            stamp = self._stamp(built, ZoneInfo(zone))
            page = f"{url}/leads/detail/"
            plans = {
                rights: self._plan(shelf, rights, stamp, page) for rights in dict.fromkeys(readers(shelf))
            }
            self._forget_those_who_left()
            return Shown(plans, zone, int(built["run"]), datetime.fromisoformat(built["built_at"]))

    def _plan(self, shelf: Shelf, rights: Rights, stamp: Stamp, deal_url: str) -> Plan:
        layout = rights.layout(LAYOUT)
        if rights.grant("refused_inputs") is None:
            stamp = replace(stamp, sources="")
        memory = self._memory(rights)
        tables = self._read(shelf, layout, rights, stamp.run, deal_url)
        wrong = uneven(self._parts.catalog, tables, rights)
        held = {mart: texts_stamp.identity_broken(mart, text, "") for mart, text in wrong.items()}
        held |= _held(shelf, rights)
        made_of = {tab.key: [tables.get(block.mart) for block in tab.blocks] for tab in layout}
        kept = {
            tab.key: known[1]
            for tab in layout
            if tab.blocks
            and not held
            and (known := memory.tabs.get(tab.key))
            and all(one is other for one, other in zip(known[0], made_of[tab.key], strict=True))
        }
        plan = make_plan(layout, tables, stamp, deal_url=deal_url, held=held, kept=kept)
        if not held:
            memory.tabs |= {tab.key: (made_of[tab.key], tab) for tab in plan.tabs}
        return plan

    def _memory(self, rights: Rights) -> _Memory:
        memory = self._remembered.setdefault(rights, _Memory(self._parts.now()))
        memory.shown_at = self._parts.now()
        return memory

    def _forget_those_who_left(self) -> None:
        since = self._parts.now() - REMEMBERED
        self._remembered = {
            who: memory for who, memory in self._remembered.items() if memory.shown_at > since
        }

    def _read(
        self, shelf: Shelf, layout: Sequence[TabLayout], rights: Rights, run: int, deal_url: str
    ) -> dict[str, Table]:
        """The tables of a layout; what no build has changed since it was read is not read again."""
        memory = self._remembered[rights]
        ages = {block.mart: self._age(block.mart, run) for tab in layout for block in tab.blocks}
        kept = {
            mart: known[1]
            for mart, age in ages.items()
            if age is not None and (known := memory.tables.get((mart, deal_url))) and known[0] == age
        }
        unread = tuple(
            replace(tab, blocks=tuple(block for block in tab.blocks if block.mart not in kept))
            for tab in layout
        )
        read = read_tables(shelf, self._parts.catalog, unread, rights)
        read = {name: with_deals_named(table, deal_url) for name, table in read.items()}
        for name, table in read.items():
            if (age := ages[name]) is not None:
                memory.tables[name, deal_url] = (age, table)
        found = kept | read
        return {mart: found[mart] for mart in ages if mart in found}

    def _age(self, mart: str, run: int) -> int | None:
        """The build that last changed what is told of a mart, what its totals take of others as well."""
        ages = [self._jobs.ages.of(name, run) for name in (mart, *self._parts.catalog[mart].beside)]
        known = [age for age in ages if age is not None]
        return max(known) if len(known) == len(ages) else None

    def _stamp(self, built: Mapping[str, str], zone: ZoneInfo) -> Stamp:
        """How fresh the published figures are: as of their build, or better where nothing changed since."""
        with self._parts.warehouse.glance("stamp") as tx:
            data_at = _moment(built["data_at"])
            if not ledgers.is_stale(tx) and read_note(tx, "build") == json.dumps(built):
                data_at = self._jobs.data_at(tx) or data_at
            state = _state(tx, data_at, zone)
            sources = texts_stamp.refused_places(len(refusals(tx)))
            taken = time_to_cell(tx, self._parts.now())
        local = (data_at or datetime.fromisoformat(built["built_at"])).astimezone(zone)
        checked = self._parts.now().astimezone(zone)
        delay = Delay(*map(round, taken)) if taken else None
        alarm_after = self._parts.config.exports.alarm_after
        return Stamp(_wall(local), _wall(checked), int(built["run"]), state, sources, delay, alarm_after)


def _state(tx: Transaction, data_at: datetime | None, zone: ZoneInfo) -> str:
    """The words of the stamp: all is there, or what is missing and why."""
    until = data_at.astimezone(zone).strftime("%d.%m.%Y %H:%M") if data_at else None
    whole = texts_stamp.COMPLETE if data_at else texts_stamp.STILL_LOADING
    state = stamp_state(read_stops(tx), until) or whole
    return texts_flaws.with_flaws(state, [(flaw.what, flaw.figures) for flaw in read_flaws(tx)])


def read_tables(
    shelf: Shelf, catalog: Catalog, layout: Sequence[TabLayout], rights: Rights = EVERYTHING
) -> dict[str, Table]:
    """The marts of `layout` that were built; of each only what is shown, for it may be a long one."""
    blocks = {block.mart: block for tab in layout for block in tab.blocks}  # a mart may stand in two of them
    tables = (_table(shelf, catalog[mart], block, rights) for mart, block in blocks.items())
    return {table.name: table for table in tables if table is not None}


def _table(shelf: Shelf, model: Model, block: BlockLayout, rights: Rights) -> Table | None:
    name, grant = model.relation, rights.grant(model.name)
    if grant is None:
        return None
    keys = [key for key in model.grain if grant.allows(_read_for(model, key))]
    unseen = {ROW_FORMAT, *keys}
    columns = [column for column in model.columns if grant.allows(column.name) or column.name in unseen]
    names = [column.name for column in columns]
    order = (*_order(block, model, grant), *model.order)
    rows = shelf.table(name, order, block.limit, columns=names, among=grant.rows)
    if rows is None:
        return None
    added = added_up(shelf, model, grant)
    return Table(
        model.name,
        model.title,
        model.meaning,
        ", ".join(keys),
        model.date_base,
        tuple(Column(column.name, column.format, column.label) for column in columns),  # type: ignore[arg-type]
        tuple(rows),
        added.count,
        added.totals,
        added.coverage,
    )


def _order(block: BlockLayout, model: Model, grant: Grant) -> Iterator[str]:
    """The order of the block, as far as it tells nothing of figures that are not shown."""
    free = {column.name for column in model.columns if column.format == "hidden" or grant.allows(column.name)}
    yield from (term for term in block.order if term.removeprefix("-") in free)


def _read_for(model: Model, key: str) -> str:
    """The column that people read for a key of the grain: itself, or the one that stands behind it."""
    names = [column.name for column in model.columns]
    behind = model.columns[names.index(key) :]
    return next((column.name for column in behind if column.format != "hidden"), key)


def _held(shelf: Shelf, rights: Rights) -> Mapping[str, str]:
    """Marts whose promised sums do not hold, each with the sentence that stands in place of fresh figures.

    In which row, only he is told who may see all of them.
    """
    notes = shelf.rows("select value from ops.notes where name = 'identities'")
    broken = [each for (value,) in notes for each in json.loads(value)]
    return {
        each["model"]: texts_stamp.identity_broken(
            each["model"], each["text"], each["key"] if rights.is_everything else ""
        )
        for each in broken
    }


def _build_note(shelf: Shelf) -> Mapping[str, str]:
    ((value,),) = shelf.rows("select value from ops.notes where name = 'build'")
    return dict(json.loads(value))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, microsecond=0)
