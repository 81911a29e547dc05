"""Field masks: which part of a message is meant, when reading and when writing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.google.errors import Invalid

# A mask is a tree of names; a leaf ({}) means "this field and all below it".
Mask = dict[str, Any]

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|\*|[(),./])\s*")


def parse(text: str) -> Mask:
    """Read `a.b`, `a/b`, `a(b,c)`, `a,b` and `*`; anything else is refused."""
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Invalid(f"Invalid field mask: {text!r}")
        tokens.append(match[1])
        position = match.end()
    mask = _group(tokens, text)
    if tokens or not mask:
        raise Invalid(f"Invalid field mask: {text!r}")
    return mask


def _group(tokens: list[str], text: str) -> Mask:
    """Take a comma-separated list off the front of `tokens`."""
    group: Mask = {}
    while tokens and tokens[0] not in "),":
        _path(tokens, group, text)
        if tokens and tokens[0] == ",":
            tokens.pop(0)
            if not tokens or tokens[0] in "),":
                raise Invalid(f"Invalid field mask: {text!r}")
    return group


def _path(tokens: list[str], into: Mask, text: str) -> None:
    while True:
        name = tokens.pop(0) if tokens else ""
        if not (name == "*" or name.isidentifier()):
            raise Invalid(f"Invalid field mask: {text!r}")
        follows = tokens[0] if tokens else ""
        if follows not in ("(", ".", "/"):
            into[name] = {}
            return
        tokens.pop(0)
        into = into.setdefault(name, {})
        if follows == "(":
            into.update(_group(tokens, text))
            if not tokens or tokens.pop(0) != ")":
                raise Invalid(f"Invalid field mask: {text!r}")
            return


def pick(value: Any, mask: Mask) -> Any:
    """The part of a reply that the mask names; lists are looked through."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [pick(item, mask) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: pick(value[name], below) for name, below in mask.items() if name in value}


def overlay(old: Mapping[str, Any], new: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    """`old` with the masked fields taken from `new`; one that `new` lacks is reset (left out)."""
    result = dict(old)
    for name, below in mask.items():
        value = overlay(old.get(name) or {}, new.get(name) or {}, below) if below else new.get(name)
        if value is None or value == {}:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def expand(mask: Mask, fields: Mapping[str, Any], message: str) -> Mask:
    """The mask with `*` spelled out; a name the message does not have is refused."""
    if "*" in mask:
        return {name: {} for name in fields}
    for name in mask:
        if name not in fields:
            raise Invalid(f"Invalid field: {name} is not a field of {message}")
    return mask
