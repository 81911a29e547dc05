"""The catalogue of marts: all of them, in the order of building, and what they may read of each other."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from metrics.headers import BY_DEAL, FORMATS, CatalogBroken, Column, Model, read

__all__ = [
    "BY_DEAL",
    "FORMATS",
    "MARTS",
    "REFERENCE",
    "Catalog",
    "CatalogBroken",
    "Column",
    "Model",
    "UnknownModel",
    "load",
    "read",
]

MARTS = Path(__file__).parent / "models" / "marts"

REFERENCE = frozenset(
    {"core.users", "core.contacts", "core.companies", "core.pipelines", "core.statuses", "core.pay_rules"}
)

_CLOCK = re.compile(r"\b(?:now|today|random)\(|\bcurrent_(?:date|time|timestamp)\b", re.IGNORECASE)


class UnknownModel(CatalogBroken):
    """There is no mart of this name."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All marts, each after those it reads."""

    models: tuple[Model, ...]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def __len__(self) -> int:
        return len(self.models)

    def __getitem__(self, name: str) -> Model:
        for model in self.models:
            if model.name == name:
                return model
        raise UnknownModel(f"there is no mart {name!r}")

    @property
    def ledgers(self) -> frozenset[str]:
        """Every table that marts read and that is no mart."""
        return frozenset(name for model in self.models for name in model.reads if name.startswith("core."))

    def needed_for(self, names: Iterable[str]) -> tuple[Model, ...]:
        """The named marts and everything they read, in building order."""
        needed: set[str] = set()
        pending = list(names)
        while pending:
            model = self[pending.pop()]
            if model.name not in needed:
                needed.add(model.name)
                pending += model.upstream
        return tuple(model for model in self.models if model.name in needed)


def load(folder: Path = MARTS) -> Catalog:
    """Read every mart of the folder; the first that breaks a rule is named with its file and line."""
    models = {model.name: model for model in map(read, sorted(folder.glob("*.sql")))}
    for model in models.values():
        for name in model.upstream:
            if name not in models:
                raise CatalogBroken(f"{model.name}.sql: reads mart.{name}, which does not exist")
        for identity in model.identities:
            if identity.whole not in models:
                raise CatalogBroken(f"{model.name}.sql: equals mart.{identity.whole}, which does not exist")
        for name in model.beside:
            if name not in models:
                raise CatalogBroken(f"{model.name}.sql: adds up mart.{name}, which does not exist")
        _check_refresh(folder / f"{model.name}.sql", model, models)
    sorter = TopologicalSorter({name: sorted(model.upstream) for name, model in models.items()})
    try:
        return Catalog(tuple(models[name] for name in sorter.static_order()))
    except CycleError as error:
        raise CatalogBroken(f"marts read each other in a circle: {' → '.join(error.args[1])}") from error


def _check_refresh(file: Path, model: Model, models: Mapping[str, Model]) -> None:
    """What is made again in parts must not read what speaks of all of them together; no mart reads the clock."""
    if _CLOCK.search(model.sql):
        raise CatalogBroken(f"{file.name}: it reads the clock, but is left as it is until something changes")
    if not model.refresh:
        return
    routed = {route.relation for route in model.routes}
    start = f"{file.name}: Refresh is by {'deal' if model.is_by_deal else ', '.join(model.refresh)}, but"
    for name in model.upstream:
        is_of_deal = model.is_by_deal and BY_DEAL in {column.name for column in models[name].columns}
        if f"mart.{name}" not in routed and not is_of_deal:
            raise CatalogBroken(f"{start} mart.{name}, which it reads, is not")
        if f"mart.{name}" not in routed and models[name].is_by_deal and models[name].routes:
            raise CatalogBroken(f"{start} mart.{name} follows more than changed deals: route it")
    if strange := routed - set(model.reads):
        raise CatalogBroken(f"{start} it does not read {', '.join(sorted(strange))}")
