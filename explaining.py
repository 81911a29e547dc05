"""Explaining a figure: which row of a mart is meant, and what stands behind it."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jobs import Jobs
from ledger_words import COLUMNS, LEDGERS
from metrics.build import make_macros
from metrics.catalog import Model
from metrics.proofs import Level, Proof, prove
from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.journal import read_note
from warehouse.publish import with_marts

DEAL = "deal_id"
CANDIDATES = 10


class NoSuchRow(Exception):
    """No row of the mart, or more than one, is what was asked about; `rows` are those to choose from."""

    def __init__(self, rows: Sequence[str], *, found: int) -> None:
        super().__init__(f"{found} rows fit")
        self.rows, self.found = tuple(rows), found


class NoSuchColumn(Exception):
    """The mart has no column of this name, or its rows cannot be told for it."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name, self.known = name, tuple(known)


class Explained:
    """A proof with the address and the zone of the account."""

    def __init__(self, proof: Proof, url: str, zone: ZoneInfo) -> None:
        self.proof, self.zone = proof, zone
        self._url = url

    def link(self, deal_id: int) -> str:
        return f"{self._url}/leads/detail/{deal_id}"

    def title(self, level: Level) -> str:
        return LEDGERS.get(level.relation, level.relation)

    def as_json(self) -> str:
        """Everything, for a program: amounts are exact texts, moments are in the account's own time."""
        proof = self.proof
        cells = [
            {"column": cell.column, "label": cell.label, "shown": cell.shown, "rows_give": cell.added_up}
            for cell in proof.cells
        ]
        levels = [
            {
                "relation": level.relation,
                "agrees": level.agrees,
                "rows": list(map(self._row(level), level.rows)),
            }
            for level in proof.levels
        ]
        model = proof.model
        told = {
            "mart": model.name,
            "title": model.title,
            "meaning": model.meaning,
            "date": model.date_base,
            "row": proof.row,
            "agrees": proof.agrees,
            "figures": cells,
            "levels": levels,
        }
        return json.dumps(told, ensure_ascii=False, default=str, indent=2)

    def _row(self, level: Level) -> Any:
        def named(row: tuple[Any, ...]) -> dict[str, Any]:
            values = dict(zip(level.columns, map(self.local, row), strict=True))
            return {**values, "link": self.link(values[DEAL])} if values.get(DEAL) else values

        return named

    def local(self, value: Any) -> Any:
        """Moments in the account's own time; everything else as it is."""
        if isinstance(value, datetime):
            return aware(value).astimezone(self.zone).replace(tzinfo=None)
        return value


def explain(jobs: Jobs, name: str, asked: Mapping[str, str], column: str | None = None) -> Explained:
    """What stands behind the one row of a mart that `asked` names; NoSuchRow where it is not one."""
    model = jobs.parts.catalog[name]
    column = _column(model, column)
    with with_marts(jobs.parts.warehouse, jobs.parts.config.warehouse.published, "explain") as tx:
        note = str(read_note(tx, "build"))
        jobs.set_scene(tx, datetime.fromisoformat(json.loads(note)["built_at"]))
        make_macros(tx)
        row = _row(tx, model, asked)
        proof = prove(tx, jobs.parts.catalog, model, row, column)
        ((url, zone),) = tx.execute("select account_url, timezone from core.settings")
    return Explained(proof, url, ZoneInfo(zone))


def _column(model: Model, asked: str | None) -> str | None:
    """The column's name, whether its name or its label was given."""
    if asked is None:
        return None
    known = [each for each in model.columns if any(each.name in drill.measures for drill in model.drills)]
    for each in known:
        if asked.casefold() in (each.name, each.label.casefold()):
            return each.name
    raise NoSuchColumn(asked, [each.name for each in known])


def _row(tx: Transaction, model: Model, asked: Mapping[str, str]) -> dict[str, Any]:
    columns = {each.name: each for each in model.columns}
    by_label = {each.label.casefold(): each.name for each in model.columns}
    conditions: list[str] = []
    values: list[str] = []
    for given, value in asked.items():
        name = given if given in columns else by_label.get(given.casefold())
        if name is None:
            raise NoSuchColumn(given, list(columns))
        conditions.append(f"lower(coalesce(cast({name} as varchar), '')) = lower(?)")
        values.append(as_stored(value, columns[name].format))
    where = " and ".join(conditions) or "true"
    found = tx.execute(f"from mart.{model.name} where {where} limit {CANDIDATES + 1}", values)
    if len(found) == 1:
        return dict(zip(columns, found[0], strict=True))
    shown = found or tx.execute(f"from mart.{model.name} limit {CANDIDATES}")
    raise NoSuchRow([_named(model, row) for row in shown[:CANDIDATES]], found=len(found))


def as_stored(value: str, shown_as: str) -> str:
    """A month may be written 2026-10, a day 31.10.2026."""
    if shown_as == "month" and len(value) == len("2026-10"):
        return f"{value}-01"
    if shown_as in ("date", "month") and value[2:3] == ".":
        day, month, year = value.split(".")
        return f"{year}-{month}-{day}"
    return value


def _named(model: Model, row: Sequence[Any]) -> str:
    """How a row can be asked for: its grain, with the name of a person beside the number."""
    values = dict(zip([each.name for each in model.columns], row, strict=True))
    keys = [*model.grain, *(["manager"] if "manager_id" in model.grain and "manager" in values else [])]
    return " ".join(f"{key}={_word(values[key])}" for key in keys)


def _word(value: object) -> str:
    text = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}'" if " " in text else text


def label(column: str, model: Model | None) -> str:
    """What a column of a level is called: by the mart's header, else by the words for ledgers."""
    if model is not None:
        for each in model.columns:
            if each.name == column:
                return each.label
    return COLUMNS.get(column, column)
