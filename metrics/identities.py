"""Identities: what a mart's header promises to add up to is added up after every build."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from metrics.catalog import BY_DEAL, Model
from metrics.following import EVERYTHING, NOTHING
from metrics.relations import Identity
from warehouse.database import Transaction


@dataclass(frozen=True, slots=True)
class Broken:
    """An identity that does not hold: the first key at which the two sums differ."""

    model: str
    text: str
    key: str
    sum: Decimal
    whole: Decimal


def broken(
    tx: Transaction, models: Iterable[Model], changes: Mapping[str, str] | None = None
) -> list[Broken]:
    """Every identity between these marts that does not hold, in order.

    `changes`: by what the marts differ (metrics.following) from a state in which all identities held; what did not
    change is not added up again.
    """
    return list(_broken(tx, tuple(models), changes or {}))


def _broken(tx: Transaction, models: tuple[Model, ...], changes: Mapping[str, str]) -> Iterator[Broken]:
    built = {model.name for model in models}
    by_deal = {model.name for model in models if model.is_by_deal}
    for model in models:
        for identity in model.identities:
            if identity.whole in built:
                told = {name: changes.get(name, EVERYTHING) for name in (model.name, identity.whole)}
                sides = {
                    change if name in by_deal else EVERYTHING
                    for name, change in told.items()
                    if change != NOTHING
                }
                for *key, own, whole in tx.execute(_differences(model, identity, sides)) if sides else ():
                    named = ", ".join(
                        f"{name}={value}" for (name, _), value in zip(identity.keys, key, strict=True)
                    )
                    yield Broken(model.name, identity.text, named, Decimal(own), Decimal(whole))


def _differences(model: Model, identity: Identity, changes: set[str]) -> str:
    """Both sides under one another, so that a key which only one of them has is found as well."""
    own = "".join(f"{name} as key_{place}, " for place, (name, _) in enumerate(identity.keys))
    other = "".join(f"{expression}, " for _, expression in identity.keys)
    keys = "".join(f"key_{place}, " for place in range(len(identity.keys)))
    among = "true"
    if (BY_DEAL, BY_DEAL) in identity.keys and EVERYTHING not in changes:
        deals = " union all ".join(f"select {BY_DEAL} from {each}" for each in sorted(changes))
        among = f"{BY_DEAL} in ({deals})"
    return (
        f"with sides as (select {own}{_added(identity.column)} as own, 0 as whole from mart.{model.name}"
        f" where {among}"
        f" union all select {other}0, {_added(identity.whole_column)} from mart.{identity.whole}"
        f" where ({identity.where}) and {among})"
        f" select {keys}sum(own), sum(whole) from sides group by all having sum(own) <> sum(whole)"
        f" order by all limit 1"
    )


def _added(column: str) -> str:
    return "1" if column == "rows" else f"coalesce({column}, 0)"
