"""A strict reading of bodies against the messages that the stand-in understands.

Google is lenient in places (snake_case names, a bare object for a list of one).  The stand-in
is not, so that what is written against it stays canonical.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sandbox.google.errors import Malformed
from sandbox.google.messages import MESSAGES

_ONE_OF = {
    "ExtendedValue": "value",
    "DataFilter": "filter",
    "ConditionalFormatRule": "rule",
}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


_SCALARS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "int": (_is_int, "TYPE_INT32"),
    "num": (lambda value: isinstance(value, int | float) and not isinstance(value, bool), "TYPE_DOUBLE"),
    "str": (lambda value: isinstance(value, str), "TYPE_STRING"),
    "bool": (lambda value: isinstance(value, bool), "TYPE_BOOL"),
    "any": (lambda _: True, ""),
}


def read(value: Any, kind: str, place: str = "") -> Any:
    """`value` as a message of that kind, nulls left out; `Malformed` where it is not one."""
    if kind in _SCALARS:
        fits, google_name = _SCALARS[kind]
        if not fits(value):
            raise _wrong(place, google_name, value)
        return value
    if kind.startswith("["):
        if not isinstance(value, list):
            raise _wrong(place, "type.googleapis.com/google.protobuf.ListValue", value)
        inner = kind[1:-1]
        return [read(item, inner, f"{place}[{number}]") for number, item in enumerate(value)]
    if kind.startswith("{"):
        if not isinstance(value, Mapping):
            raise _wrong(place, "map", value)
        return {name: read(item, kind[1:-1], f"{place}[{name}]") for name, item in value.items()}
    fields = MESSAGES.get(kind)
    if fields is None:
        if not (isinstance(value, str) and value in kind.split("|")):
            raise _wrong(place, "TYPE_ENUM", value)
        return value
    return _message(value, kind, fields, place)


def _message(value: Any, kind: str, fields: Mapping[str, str], place: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(place, f"type.googleapis.com/google.apps.sheets.v4.{kind}", value)
    seen: dict[str, Any] = {}
    for name, item in value.items():
        if name not in fields:
            where = f" at '{place}'" if place else ""
            raise Malformed(
                place, f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
            )
        if item is not None:
            seen[name] = read(item, fields[name], f"{place}.{snake(name)}" if place else snake(name))
    if kind in _ONE_OF and len([name for name in seen if fields[name] != "[GridRange]"]) > 1:
        last = list(seen)[-1]
        raise Malformed(
            place,
            f"Invalid value at '{place}' (oneof), oneof field '{_ONE_OF[kind]}' is already set. "
            f"Cannot set '{last}'",
        )
    return seen


def _wrong(place: str, google_name: str, value: Any) -> Malformed:
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return Malformed(place, f"Invalid value at '{place}' ({google_name}), {shown}")


@cache
def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)
