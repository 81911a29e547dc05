"""What staff change in the account's own settings: fields, options, pipelines, stages, people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drift:
    """One change of one object of a small collection; texts as people call them."""

    id: int
    kind: str
    before: str | None = None
    after: str | None = None


def compare(known: Mapping[int, Item], told: Mapping[int, Item]) -> Iterator[Drift]:
    """What differs between the last snapshot and this one; nothing at the first one."""
    if not known:
        return
    gone = {item.get("name") for identity, item in known.items() if identity not in told}
    for identity in sorted({*known, *told}):
        before, after = known.get(identity), told.get(identity)
        if before is None and after is not None:
            name = after.get("name")
            yield Drift(identity, "заведено заново" if name in gone else "добавлено", None, name)
        elif after is None and before is not None:
            yield Drift(identity, "удалено", before.get("name"), None)
        elif before is not None and after is not None:
            yield from _changes(identity, before, after)


def _changes(identity: int, before: Item, after: Item) -> Iterator[Drift]:
    name = str(after.get("name"))
    if before.get("name") != after.get("name"):
        yield Drift(identity, "переименовано", before.get("name"), after.get("name"))
    if before.get("type") != after.get("type"):
        yield Drift(identity, "сменился тип", f"{name}: {before.get('type')}", f"{name}: {after.get('type')}")
    if not before.get("is_archive") and after.get("is_archive"):
        yield Drift(identity, "отправлено в архив", name, name)
    if before.get("is_archive") and not after.get("is_archive"):
        yield Drift(identity, "возвращено из архива", name, name)
    yield from _parts(identity, name, "вариант", _options(before), _options(after))
    yield from _parts(identity, name, "этап", _stages(before), _stages(after))
    was, now = _stages(before), _stages(after)
    common = was.keys() & now.keys()
    if [stage for stage in was if stage in common] != [stage for stage in now if stage in common]:
        yield Drift(identity, "этапы переставлены", " → ".join(was.values()), " → ".join(now.values()))


def _parts(
    identity: int, name: str, what: str, before: Mapping[int, str], after: Mapping[int, str]
) -> Iterator[Drift]:
    for part in sorted({*before, *after}):
        old, new = before.get(part), after.get(part)
        if old is None:
            yield Drift(identity, f"{what}: добавлено", None, f"{name}: {new}")
        elif new is None:
            yield Drift(identity, f"{what}: удалено", f"{name}: {old}", None)
        elif old != new:
            yield Drift(identity, f"{what}: переименовано", f"{name}: {old}", f"{name}: {new}")


def _options(item: Item) -> dict[int, str]:
    return {option["id"]: str(option.get("value")) for option in item.get("enums") or ()}


def _stages(item: Item) -> dict[int, str]:
    """In the order of the pipeline."""
    embedded = item.get("_embedded") or {}
    stages = embedded.get("statuses") or () if isinstance(embedded, Mapping) else ()
    return {
        stage["id"]: str(stage.get("name"))
        for stage in sorted(stages, key=lambda stage: stage.get("sort", 0))
    }
