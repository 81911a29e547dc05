"""Identities: what a mart's header promises to add up to is added up after every build."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from metrics.catalog import BY_DEAL, Model
from metrics.following import EVERYTHING, NOTHING
from metrics.relations import Identity
from warehouse.database import Transaction

_ALL = "true"


@dataclass(frozen=True, slots=True)
class Broken:
    """An identity that does not hold: the first key at which the two sums differ."""

    model: str
    text: str
    key: str
    sum: Decimal
    whole: Decimal


def broken(
    tx: Transaction,
    models: Iterable[Model],
    changes: Mapping[str, str] | None = None,
    other: Transaction | None = None,
) -> list[Broken]:
    """Every identity between these marts that does not hold, in order.

    `changes`: by what the marts differ (metrics.following) from a state in which all identities held; what did not
    change is not added up again. `other`: statements of another connection, which adds up beside.
    """
    asked = list(_asked(tuple(models), changes or {}))
    if not _is_doubtful(_questions(asked), tx, other):
        return []
    return [found for each in asked for found in _found(tx, *each)]


_Asked = tuple[Model, Identity, str]
"""An identity that may not hold, and among which rows of both marts."""


def _asked(models: tuple[Model, ...], changes: Mapping[str, str]) -> Iterator[_Asked]:
    by_deal = {model.name: model.is_by_deal for model in models}
    for model in models:
        for identity in model.identities:
            if identity.whole in by_deal:
                told = {name: changes.get(name, EVERYTHING) for name in (model.name, identity.whole)}
                sides = {
                    change if by_deal[name] else EVERYTHING
                    for name, change in told.items()
                    if change != NOTHING
                }
                if sides:
                    yield model, identity, _among(identity, sides)


def _among(identity: Identity, changes: set[str]) -> str:
    if (BY_DEAL, BY_DEAL) not in identity.keys or EVERYTHING in changes:
        return _ALL
    deals = " union all ".join(f"select {BY_DEAL} from {each}" for each in sorted(changes))
    return f"{BY_DEAL} in ({deals})"


@dataclass(frozen=True, slots=True)
class _Question:
    """A query that finds something where an identity does not hold.

    `is_wide`: it adds up all deals one by one, which takes memory. `is_bound`: it reads temporary tables.
    """

    sql: str
    is_wide: bool
    is_bound: bool


def _questions(asked: Iterable[_Asked]) -> list[_Question]:
    """What differs by nothing but the columns is one question."""
    alike: dict[tuple[object, ...], list[_Asked]] = {}
    for model, identity, among in asked:
        basis = (model.name, identity.whole, identity.keys, identity.where, among)
        alike.setdefault(basis, []).append((model, identity, among))
    return [
        _Question(
            f"select 1 from ({_differing(group[0][0], [each for _, each, _ in group], among)})",
            is_wide=among == _ALL and any(BY_DEAL in key for key in identity.keys),
            is_bound=among != _ALL,
        )
        for group in alike.values()
        for _, identity, among in group[:1]
    ]


def _is_doubtful(questions: Sequence[_Question], tx: Transaction, other: Transaction | None) -> bool:
    """Whether some identity does not hold; half of it is asked in a thread of its own where there is `other`."""
    if other is None:
        return _answers(tx, questions)
    free = [each for each in questions if not each.is_bound]
    own = [each for each in questions if each.is_bound] + free[len(questions) // 2 :]
    with ThreadPoolExecutor(1, thread_name_prefix="identities") as pool:
        beside = pool.submit(_answers, other, free[: len(questions) // 2])
        return _answers(tx, own) or beside.result()


def _answers(tx: Transaction, questions: Sequence[_Question]) -> bool:
    """Whether a question has an answer, told with as few statements as memory allows: one is dear by itself."""
    together = [each.sql for each in questions if not each.is_wide]
    alone = [each.sql for each in questions if each.is_wide]
    joined = [" union all ".join(together)] if together else []
    return any(tx.execute(sql) for sql in [*joined, *alone])


def _found(tx: Transaction, model: Model, identity: Identity, among: str) -> Iterator[Broken]:
    for *key, own, whole in tx.execute(_differing(model, [identity], among)):
        named = ", ".join(f"{name}={value}" for (name, _), value in zip(identity.keys, key, strict=True))
        yield Broken(model.name, identity.text, named, Decimal(own), Decimal(whole))


def _differing(model: Model, alike: Sequence[Identity], among: str) -> str:
    """The query for the first key at which one of these identities does not hold, and for both sums of each.

    They differ by nothing but the columns. Both sides stand under one another, so that a key which only one of them
    has is found as well.
    """
    like = alike[0]
    keys = [f"key_{place}" for place in range(len(like.keys))]
    own = [f"{name} as {key}" for key, (name, _) in zip(keys, like.keys, strict=True)]
    other = [expression for _, expression in like.keys]
    sums, unequal = [], []
    for place, identity in enumerate(alike):
        own.append(f"{_added(identity.column)} as own_{place}, 0 as whole_{place}")
        other.append(f"0, {_added(identity.whole_column)}")
        sums.append(f"sum(own_{place}), sum(whole_{place})")
        unequal.append(f"sum(own_{place}) <> sum(whole_{place})")
    return (
        f"with sides as (select {', '.join(own)} from mart.{model.name} where {among}"
        f" union all select {', '.join(other)} from mart.{like.whole} where ({like.where}) and {among})"
        f" select {', '.join([*keys, *sums])} from sides group by all having {' or '.join(unequal)}"
        f" order by all limit 1"
    )


def _added(column: str) -> str:
    return "1" if column == "rows" else f"coalesce({column}, 0)"
