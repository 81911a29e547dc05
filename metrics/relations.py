"""What a mart's header says of other marts: what it adds up to, and how it follows those that are not by deal."""

import re
from dataclasses import dataclass

_IDENTITY = re.compile(
    r"(?P<column>\w+) = mart\.(?P<whole>\w+)\.(?P<whole_column>\w+)"
    r"(?: by (?P<keys>.+?))?(?: where (?P<where>.+))?"
)
_ROUTE = re.compile(r"(?P<relation>(?:core|mart)\.\w+) by (?P<keys>.+?)(?: of (?P<source>mart\.\w+))?")
_COMMA = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Identity:
    """A promise of a mart: its column adds up to that of its drill-down, for every value of the keys.

    `keys`: a column of the mart → the expression that gives the same of the drill-down. The column `rows` counts.
    """

    text: str
    column: str
    whole: str
    whole_column: str
    keys: tuple[tuple[str, str], ...] = ()
    where: str = "true"


@dataclass(frozen=True, slots=True)
class Route:
    """How a mart that follows some keys reads a relation that has them not, or under other names.

    Without a `source`: rows of `relation` concern the keys that the expressions give; key → expression. With one:
    they concern all keys for which rows of `source` give the same; column of `relation` → expression of `source`.
    """

    relation: str
    keys: tuple[tuple[str, str], ...]
    source: str | None

    @property
    def columns(self) -> str:
        return ", ".join(column for column, _ in self.keys)

    @property
    def expressions(self) -> str:
        return ", ".join(expression for _, expression in self.keys)


def read_identity(text: str) -> Identity:
    """Read a promise; ValueError where it is none."""
    parts = _IDENTITY.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is not «column = mart.name.column by key, key = expression»")
    keys, where = _keys(parts["keys"] or ""), parts["where"] or "true"
    return Identity(text, parts["column"], parts["whole"], parts["whole_column"], keys, where)


def read_route(text: str) -> Route:
    """Read how another mart is followed; ValueError where it is not said."""
    parts = _ROUTE.fullmatch(text)
    if parts is None:
        raise ValueError(
            f"{text!r} is not «mart.name by key, key = expression» or the same with «of mart.name»"
        )
    return Route(parts["relation"], _keys(parts["keys"]), parts["source"])


def _keys(text: str) -> tuple[tuple[str, str], ...]:
    """`key, key = expression` as pairs; a key without an expression is called the same on both sides."""
    pairs = (key.partition("=") for key in _COMMA.split(text) if key)
    return tuple((key.strip(), (expression or key).strip()) for key, _, expression in pairs)
