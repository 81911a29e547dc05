"""How values travel in the body of a webhook: tags, custom fields of every type, moments."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.amocrm.account import Account
from sandbox.amocrm.fields import Field, shown
from sandbox.amocrm.truth import Value

Pairs = Iterator[tuple[str, Any]]


def tags(account: Account, kind: str, names: Iterable[str]) -> Pairs:
    for place, name in enumerate(names):
        yield f"[tags][{place}][id]", account.tag_of(kind, name).id
        yield f"[tags][{place}][name]", name


def fields(account: Account, entity: str, values: Mapping[int, Value]) -> Pairs:
    filled = [one for one in account.fields_of(entity) if one.id in values]
    for place, definition in enumerate(filled):
        prefix = f"[custom_fields][{place}]"
        yield f"{prefix}[id]", definition.id
        yield f"{prefix}[name]", definition.name
        for key, value in _values(account, definition, values[definition.id]):
            yield f"{prefix}[values]{key}", value
        if definition.code is not None:
            yield f"{prefix}[code]", definition.code


def _values(account: Account, definition: Field, value: Value) -> Pairs:
    """Moments are bare, a birthday is a local date, a radio button has no index, the rest are numbered."""
    kind = definition.type
    if kind in ("date", "date_time"):
        yield "[0]", value
    elif kind == "birthday":
        yield "[0][value]", datetime.fromtimestamp(value, account.zone).strftime("%d.%m.%Y")
    elif kind == "checkbox":
        yield "[0][value]", int(value)
    else:
        for place, one in enumerate(shown(definition, value)):
            prefix = "" if kind == "radiobutton" else f"[{place}]"
            yield from _value(prefix, one)


def _value(prefix: str, one: Mapping[str, Any]) -> Pairs:
    for key, value in one.items():
        if key == "enum_id":
            yield f"{prefix}[enum]", value
        elif isinstance(value, dict):
            yield from _value(f"{prefix}[{key}]", value)
        elif key != "enum_code":
            yield f"{prefix}[{key}]", "" if value is None else value


def utc(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def local(account: Account, moment: int) -> str:
    return datetime.fromtimestamp(moment, account.zone).strftime("%Y-%m-%d %H:%M:%S")
