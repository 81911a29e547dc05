"""Building the marts: every select becomes a table that keeps what its header promises."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from metrics.catalog import FORMATS, Catalog, Model
from metrics.slices import Slices
from warehouse.database import Transaction

ARITHMETIC = Path(__file__).parent / "models" / "arithmetic.sql"


class BuildFailed(Exception):
    """A mart could not be built; the message names it."""


class ColumnsBroken(BuildFailed):
    """The select does not give the columns that the header announces."""


class GrainBroken(BuildFailed):
    """The rows are not unique by the grain of the header."""


@dataclass(frozen=True, slots=True)
class Built:
    """One mart that now stands in the warehouse."""

    name: str
    rows: int
    seconds: float


def build(
    tx: Transaction, catalog: Catalog, names: Iterable[str] | None = None, *, only_changed: bool = False
) -> list[Built]:
    """Build all marts, or the named ones with everything they read; all of them stand, or an error leaves.

    `only_changed`: of marts by deal only the rows of changed deals (metrics.slices) are made again.

    The caller's transaction makes that true for readers: rolled back, the former tables are there as before.
    The variable `today` says which day the figures are asked about.
    """
    [(kind,)] = tx.execute("select typeof(getvariable('today'))")
    if kind != "DATE":
        raise BuildFailed(f"the variable 'today' must hold the account's date, it is {kind}")
    make_macros(tx)
    models = catalog.models if names is None else catalog.needed_for(names)
    slices = Slices(tx) if only_changed else None
    return [_build(tx, model, slices if model.is_by_deal else None) for model in models]


def make_macros(tx: Transaction) -> None:
    """Make the arithmetic that all marts share; it ends with the connection."""
    for statement in re.sub(r"--.*", "", ARITHMETIC.read_text(encoding="utf-8")).split(";"):
        if statement.strip():
            tx.execute(statement)


def _build(tx: Transaction, model: Model, slices: Slices | None) -> Built:
    started = perf_counter()
    try:
        if slices is not None:
            slices.refresh(model)
        else:
            tx.execute(f"create or replace table mart.{model.name} as\n{model.sql}")
    except Exception as error:
        raise BuildFailed(f"mart.{model.name}: {error}") from error
    _check_columns(tx, model)
    rows = _check_grain(tx, model)
    return Built(model.name, rows, perf_counter() - started)


def _check_columns(tx: Transaction, model: Model) -> None:
    types = {name: kind for name, kind, *_ in tx.execute(f"describe mart.{model.name}")}
    promised = [column.name for column in model.columns]
    if list(types) != promised:
        raise ColumnsBroken(f"mart.{model.name}: has ({', '.join(types)}), announced ({', '.join(promised)})")
    for column in model.columns:
        if not re.fullmatch(FORMATS[column.format], types[column.name]):
            kind = types[column.name]
            raise ColumnsBroken(f"mart.{model.name}: {column.name} is {kind}, not fit for {column.format!r}")


def _check_grain(tx: Transaction, model: Model) -> int:
    """Count the rows; two rows with the same grain, empty cells included, are an error."""
    grain = ", ".join(model.grain)
    [(rows, keys)] = tx.execute(
        f"select count(*), (select count(*) from (select distinct {grain} from mart.{model.name}))"
        f" from mart.{model.name}"
    )
    if rows != keys:
        raise GrainBroken(f"mart.{model.name}: {rows - keys} of {rows} rows repeat ({grain})")
    return int(rows)
