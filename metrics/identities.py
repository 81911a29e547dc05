"""Identities: what a mart's header promises to add up to is added up after every build."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from metrics.catalog import Identity, Model
from warehouse.database import Transaction


@dataclass(frozen=True, slots=True)
class Broken:
    """An identity that does not hold: the first key at which the two sums differ."""

    model: str
    text: str
    key: str
    sum: Decimal
    whole: Decimal


def broken(tx: Transaction, models: Iterable[Model]) -> list[Broken]:
    """Every identity between these marts that does not hold, in order."""
    return list(_broken(tx, tuple(models)))


def _broken(tx: Transaction, models: tuple[Model, ...]) -> Iterator[Broken]:
    built = {model.name for model in models}
    for model in models:
        for identity in model.identities:
            if identity.whole in built:
                for *key, own, whole in tx.execute(_differences(model, identity)):
                    named = ", ".join(
                        f"{name}={value}" for (name, _), value in zip(identity.keys, key, strict=True)
                    )
                    yield Broken(model.name, identity.text, named, Decimal(own), Decimal(whole))


def _differences(model: Model, identity: Identity) -> str:
    """Both sides under one another, so that a key which only one of them has is found as well."""
    own = "".join(f"{name} as key_{place}, " for place, (name, _) in enumerate(identity.keys))
    other = "".join(f"{expression}, " for _, expression in identity.keys)
    keys = "".join(f"key_{place}, " for place in range(len(identity.keys)))
    return (
        f"with sides as (select {own}{_added(identity.column)} as own, 0 as whole from mart.{model.name}"
        f" union all select {other}0, {_added(identity.whole_column)} from mart.{identity.whole}"
        f" where {identity.where})"
        f" select {keys}sum(own), sum(whole) from sides group by all having sum(own) <> sum(whole)"
        f" order by all limit 1"
    )


def _added(column: str) -> str:
    return "1" if column == "rows" else f"coalesce({column}, 0)"
