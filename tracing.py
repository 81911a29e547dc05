"""Tracing what moved a figure between two moments: figures first, then the ledger rows behind, with who and when."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from explaining import as_stored
from exports.layout import LAYOUT
from jobs import Jobs
from metrics.build import make_macros
from metrics.catalog import Model
from metrics.differences import Changed, Moved, changed, moved
from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.journal import read_note
from warehouse.publish import with_marts

ON_TABS = frozenset(block.mart for tab in LAYOUT for block in tab.blocks)


class NoSuchMoment(Exception):
    """What was given is neither a day, nor a moment, nor the number of a run that is remembered."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Backwards(Exception):
    """The second moment comes before the first."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that moved; `before` and `after` are known where the marts stand at the later moment."""

    moved: Moved
    model: Model
    label: str
    format: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Traced:
    """What moved, and what moved it."""

    since: datetime
    until: datetime
    figures: tuple[Figure, ...]
    changes: tuple[Changed, ...]
    inputs: tuple[tuple[str, int, datetime, str | None], ...]
    url: str
    zone: ZoneInfo

    def link(self, deal_id: int | None) -> str:
        return f"{self.url}/leads/detail/{deal_id}" if deal_id else ""

    @property
    def is_whole(self) -> bool:
        """Whether every change could be told row by row."""
        return all(change.deal_id is not None for change in self.changes)

    def as_json(self) -> str:
        figures = [
            {"mart": each.moved.mart, "column": each.moved.column, "label": each.label, "key": each.moved.key,
             "by": each.moved.by, "before": each.before, "after": each.after}
            for each in self.figures
        ]  # fmt: skip
        changes = [{**asdict(each), "link": self.link(each.deal_id)} for each in self.changes]
        inputs = [
            {"name": name, "version": version, "accepted_at": moment, "author": author}
            for name, version, moment, author in self.inputs
        ]
        told = {
            "from": self.since,
            "to": self.until,
            "is_whole": self.is_whole,
            "figures": figures,
            "changes": changes,
            "inputs": inputs,
        }
        return json.dumps(told, ensure_ascii=False, default=str, indent=2)


def trace(
    jobs: Jobs, since: str, until: str | None, mart: str | None = None, asked: Mapping[str, str] | None = None
) -> Traced:
    """What moved between two moments: the figures of the tabs that speak of more than a deal, or those of one mart.

    Of the changed rows those of the deals that moved an asked figure are told, else all.
    """
    parts = jobs.parts
    with with_marts(parts.warehouse, parts.config.warehouse.published, "diff") as tx:
        note = str(read_note(tx, "build"))
        zone = jobs.zone_of(tx)
        start = _moment(tx, since, zone)
        end = _moment(tx, until, zone) if until else parts.now()
        if end < start:
            raise Backwards
        jobs.set_scene(tx, datetime.fromisoformat(json.loads(note)["built_at"]))
        make_macros(tx)
        models = [
            model
            for model in parts.catalog
            if (model.name == mart if mart else model.name in ON_TABS and "deal_id" not in model.grain)
        ]
        found = [
            each for each in moved(tx, models, parts.catalog, start, end) if _fits(each, asked or {}, models)
        ]
        is_now = not tx.execute("select 1 from history.changes where changed_at > ? limit 1", [_naive(end)])
        figures = tuple(_figure(tx, each, models, is_now=is_now) for each in found)
        changes = tuple(changed(tx, start, end))
        inputs = tx.execute(
            "select name, version, accepted_at, author from raw.input_versions "
            "where accepted_at > ? and accepted_at <= ? order by accepted_at, name",
            [_naive(start), _naive(end)],
        )
        ((url,),) = tx.execute("select account_url from core.settings")
    accepted = tuple((name, version, aware(moment), author) for name, version, moment, author in inputs)
    return Traced(start, end, figures, changes, accepted, url, zone)


def _fits(each: Moved, asked: Mapping[str, str], models: Sequence[Model]) -> bool:
    model = next(model for model in models if model.name == each.mart)
    formats = {column.name: column.format for column in model.columns}
    return (
        all(
            name in each.key and str(each.key[name]).casefold() == as_stored(value, formats[name]).casefold()
            for name, value in asked.items()
            if name != "column"
        )
        and asked.get("column", each.column) == each.column
    )


def _figure(tx: Transaction, each: Moved, models: Sequence[Model], *, is_now: bool) -> Figure:
    """The figure with its cell in the mart as it stands, if that is the later of the two moments."""
    model = next(model for model in models if model.name == each.mart)
    column = next(column for column in model.columns if column.name == each.column)
    after: Decimal | None = None
    if is_now:
        same = " and ".join(f"{key} is not distinct from ?" for key in each.key)
        cells = tx.execute(
            f"select {each.column} from mart.{each.mart} where {same}", list(each.key.values())
        )
        after = Decimal(cells[0][0] or 0) if cells else Decimal(0)
    before = after - each.by if after is not None else None
    return Figure(each, model, column.label, column.format, before, after)


def _moment(tx: Transaction, text: str, zone: ZoneInfo) -> datetime:
    """A day begins in the account's zone; a run counts from its end."""
    if text.isdecimal():
        for (ended_at,) in tx.execute("select ended_at from ops.runs where run_id = ?", [int(text)]):
            return aware(ended_at)
        raise NoSuchMoment(text)
    try:
        moment: Any = datetime.fromisoformat(text)
    except ValueError:
        raise NoSuchMoment(text) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)  # type: ignore[no-any-return]


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
