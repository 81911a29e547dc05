"""Totals of what a reader is shown: counted over all rows that he may see, and proven before anything is written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import texts_books
from exports.audience import Grant, Rights
from exports.grants import OWN
from exports.plan import Table, Value
from metrics.catalog import Catalog, Model
from metrics.relations import Identity
from metrics.totals import ROWS, Counted, Coverage, Total, is_seen, sums_of, total_of
from warehouse.publish import Shelf

_EVERY_ROW = "true"


@dataclass(frozen=True, slots=True)
class AddedUp:
    """Of all rows of a mart that somebody may see: how many they are, their totals, how much of them is known."""

    count: int
    totals: Mapping[str, Value]
    coverage: tuple[str, ...]


def added_up(shelf: Shelf, model: Model, grant: Grant) -> AddedUp:
    """Add up a mart that was built; what he may not see takes no part in anything."""
    formats = {column.name: column.format for column in model.columns}
    visible = {name for name in formats if grant.allows(name)}
    totals = [
        each for each in model.totals if each.column in visible and _is_seen(each, formats, grant, shelf)
    ]
    coverage = [each for each in model.coverage if _is_seen(each, formats, grant, shelf)]
    sums = sums_of([*totals, *coverage])
    own = [each for each in sums if each.mart is None]
    count, *values = shelf.aggregate(model.relation, ["count(*)", *(each.sql for each in own)], grant.rows)
    counted = dict(zip(own, values, strict=True))
    for mart in model.beside:
        if others := [each for each in sums if each.mart == mart]:
            found = shelf.aggregate(f"mart.{mart}", [each.sql for each in others])
            counted |= zip(others, found, strict=True)
    told = (_told(each, formats, counted) for each in coverage)
    return AddedUp(
        int(count),
        {total.column: total_of(total, formats[total.column], counted) for total in totals},
        tuple(text for text in told if text),
    )


def _is_seen(item: Total | Coverage, columns: Iterable[str], grant: Grant, shelf: Shelf) -> bool:
    """What takes other marts is for those alone who may see everything, where those marts were built."""
    others = {f"mart.{each.mart}" for each in item.sums if each.mart is not None}
    if others:
        return grant.columns is None and not grant.rows and all(map(shelf.has, others))
    return is_seen(item, columns, filter(grant.allows, columns))


def _told(coverage: Coverage, formats: Mapping[str, str], counted: Counted) -> str | None:
    """In words; nothing where there is nothing to know, or where what is known is no part of it."""
    part, whole = counted[coverage.part] or 0, counted[coverage.whole] or 0
    if not 0 <= part <= whole or not whole:
        return None
    is_money = coverage.whole.mart is None and formats.get(coverage.whole.column) == "money"
    return texts_books.coverage(coverage.words, part, whole, is_counted=not is_money)


def uneven(catalog: Catalog, tables: Mapping[str, Table], rights: Rights) -> Mapping[str, str]:
    """Marts whose totals do not stand up, each with what it is that does not: what is shown must add up to them, and
    they to those of their drill-down, as far as both are shown to the same reader."""
    found: dict[str, str] = {}
    for name, table in tables.items():
        model = catalog[name]
        sums = [total.column for total in model.totals if total.is_sum and total.column in table.totals]
        wrong = [
            *(f"{column} = {ROWS}" for column in sums if not _is_sum_of_rows(table, column)),
            *(
                each.text
                for each in _promises(model, tables, rights)
                if not _holds(each, table, tables, catalog)
            ),
        ]
        if wrong:
            found[name] = wrong[0]
    return found


def _is_sum_of_rows(table: Table, column: str) -> bool:
    """Where all rows are shown: whether they add up to the total."""
    if table.count != len(table.rows):
        return True
    place = [each.name for each in table.columns].index(column)
    values: Iterator[int | Decimal] = (row[place] or 0 for row in table.rows)  # type: ignore[misc]
    return sum(values) == (table.totals[column] or 0)


def _promises(model: Model, tables: Mapping[str, Table], rights: Rights) -> Iterable[Identity]:
    """The identities that hold of the totals as well; of some people's rows only where they go by people."""
    for identity in model.identities:
        if identity.where == _EVERY_ROW and identity.whole in tables:
            own, whole = rights.grant(model.name), rights.grant(identity.whole)
            if own and whole and own.rows == whole.rows and (not own.rows or (OWN, OWN) in identity.keys):
                yield identity


def _holds(identity: Identity, table: Table, tables: Mapping[str, Table], catalog: Catalog) -> bool:
    own = _total(catalog[table.name], table, identity.column)
    whole = _total(catalog[identity.whole], tables[identity.whole], identity.whole_column)
    return own is None or whole is None or own == whole


def _total(model: Model, table: Table, column: str) -> int | Decimal | None:
    """The total of a column; None where it has none that is a plain sum."""
    if column == ROWS:
        return table.count
    is_sum = any(total.column == column and total.is_sum for total in model.totals)
    return (table.totals[column] or 0) if is_sum and column in table.totals else None  # type: ignore[return-value]
