"""Building the marts: every select becomes a table that keeps what its header promises."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from metrics.catalog import FORMATS, Catalog, Model
from metrics.following import EVERYTHING, NOTHING, Following
from metrics.slices import ARITHMETIC
from metrics.work import Work
from warehouse.database import Transaction


class BuildFailed(Exception):
    """A mart could not be built; the message names it."""


class ColumnsBroken(BuildFailed):
    """The select does not give the columns that the header announces."""


class GrainBroken(BuildFailed):
    """The rows are not unique by the grain of the header."""


@dataclass(frozen=True, slots=True)
class Built:
    """One mart that now stands in the warehouse; by what it differs from the last build, `change` of Following."""

    name: str
    rows: int
    seconds: float
    change: str = EVERYTHING


def build(tx: Transaction, catalog: Catalog, names: Iterable[str] | None = None) -> list[Built]:
    """Build all marts, or the named ones with everything they read; all of them stand, or an error leaves."""
    return follow(tx, catalog, Following(tx, catalog), names)


def follow(
    tx: Transaction,
    catalog: Catalog,
    following: Following,
    names: Iterable[str] | None = None,
    other: Transaction | None = None,
) -> list[Built]:
    """Build what is not as it must be any more; all marts stand then, or an error leaves.

    Where something else depends on that, the caller keeps it from being seen before. The variable `today` says which
    day the figures are asked about. `other`: statements of another connection that know the same variables and see at
    once what `tx` does; a thread of its own makes marts by them beside this one.
    """
    hands = [tx] if other is None else [tx, other]
    for each in hands:
        [(kind,)] = each.execute("select typeof(getvariable('today'))")
        if kind != "DATE":
            raise BuildFailed(f"the variable 'today' must hold the account's date, it is {kind}")
    models = catalog.models if names is None else catalog.needed_for(names)
    work = Work(models, following.is_bound, make_macros, lambda hand, model: _build(hand, model, following))
    return work.done_by(hands)


def make_macros(tx: Transaction) -> None:
    """Make the arithmetic that all marts share; it ends with the connection."""
    tx.execute(ARITHMETIC.read_text(encoding="utf-8"))


def _build(tx: Transaction, model: Model, following: Following) -> Built:
    started = perf_counter()
    change = following.concern(model)
    rows, digest = following.told(model)
    if change != NOTHING:
        try:
            if change == EVERYTHING:
                is_compared = following.remember(model)
                tx.execute(f"create or replace table {model.relation} as\n{model.sql}")
                if is_compared:
                    following.compare(model)
            else:
                change = following.follow(model, change)
        except Exception as error:
            raise BuildFailed(f"mart.{model.name}: {error}") from error
    if following.before is None:  # by the same definitions they cannot become other ones
        _check_columns(tx, model)
    if change != NOTHING:
        rows, digest = _check_grain(tx, model, change)
    change = following.note(model, change, rows, digest)
    return Built(model.name, rows, perf_counter() - started, change)


def _check_columns(tx: Transaction, model: Model) -> None:
    types = {name: kind for name, kind, *_ in tx.execute(f"describe mart.{model.name}")}
    promised = [column.name for column in model.columns]
    if list(types) != promised:
        raise ColumnsBroken(f"mart.{model.name}: has ({', '.join(types)}), announced ({', '.join(promised)})")
    for column in model.columns:
        if not re.fullmatch(FORMATS[column.format], types[column.name]):
            kind = types[column.name]
            raise ColumnsBroken(f"mart.{model.name}: {column.name} is {kind}, not fit for {column.format!r}")


def _check_grain(tx: Transaction, model: Model, change: str) -> tuple[int, str]:
    """Count the rows, and tell what they are; two rows with the same grain, empty cells included, are an error.

    Where only the rows of some keys were made again, only those can repeat, for the keys are a part of their grain.
    """
    grain = ", ".join(model.grain)
    keys = ", ".join(model.refresh)
    among = "" if change == EVERYTHING else f" where ({keys}) in (select ({keys}) from {change})"
    every = f"(select count(*) from {model.relation})" if among else "count(*)"
    digest = "null" if model.refresh else "coalesce(sum(hash(rowid, all_columns)), 0)"
    [(rows, different, every, digest)] = tx.execute(
        f"select count(*), count(distinct row({grain})), {every}, {digest}"
        f" from {model.relation} as all_columns{among}"
    )
    if rows != different:
        raise GrainBroken(f"mart.{model.name}: {rows - different} of {rows} rows repeat ({grain})")
    return int(every), "" if digest is None else str(digest)
