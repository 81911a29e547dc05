"""A webhook's body, understood: which objects changed. No I/O, and no trust in what they became."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import unquote_plus

from connectors.base import Change, ContractBroken, Delivery

Fields = Mapping[tuple[str, ...], str]
"""The values of one object inside a delivery, by the path of their keys."""

_STREAM_OF_TYPE = {"contact": "contacts", "company": "companies", "lead": "leads"}
_STREAM_OF_CODE = {"1": "contacts", "2": "leads", "3": "companies"}  # a note's element_type; 12 is a customer
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_LATEST = 253_402_300_799  # the last second that datetime can say


def understand(body: bytes) -> Delivery:
    """Read the body of a POST.

    The order of its keys means nothing, several objects and several actions may share it, and everything is
    text. Keys of other kinds (messages, talks, catalogs, customers, and whatever comes later) are no change
    of a stream of ours.
    """
    pairs = _pairs(body)
    account = {path[1]: value for path, value in pairs if path[0] == "account" and len(path) == 2}
    if not account:
        raise ContractBroken("a delivery names no account")
    changes: dict[Change, None] = {}
    for (kind, action, *_), fields in _objects(pairs).items():
        for change in _changes(kind, action, fields):
            changes[change] = None
    account_id = account.get("id")
    return Delivery(_id(account_id) if account_id else None, account.get("subdomain") or None, tuple(changes))


def _pairs(body: bytes) -> list[tuple[tuple[str, ...], str]]:
    """The body as paths and values: `leads[add][0][id]=7` is (leads, add, 0, id) and 7.

    The values of custom fields, most of a delivery, say nothing of who changed, and stay as they came.
    """
    pairs = []
    for pair in body.decode("utf-8", errors="replace").split("&"):
        key, _, value = pair.partition("=")
        if path := _path(key):
            pairs.append((path, value if "custom_fields" in path else unquote_plus(value)))
    return pairs


@lru_cache(maxsize=4096)
def _path(key: str) -> tuple[str, ...]:
    """The path that a key names, empty if it names none; one delivery after another has the same keys."""
    match = _KEY.match(unquote_plus(key))
    return (match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])) if match else ()


def _objects(pairs: list[tuple[tuple[str, ...], str]]) -> dict[tuple[str, ...], dict[tuple[str, ...], str]]:
    """The values of every object, by (kind, action, index…); one documented sample repeats the index."""
    objects: dict[tuple[str, ...], dict[tuple[str, ...], str]] = {}
    for path, value in pairs:
        if path[0] == "account" or len(path) < 4:
            continue
        depth = 4 if path[3].isdigit() and len(path) > 4 else 3
        objects.setdefault(path[:depth], {})[path[depth:]] = value
    return objects


def _changes(kind: str, action: str, fields: Fields) -> Iterator[Change]:
    match kind, action:
        case "leads" | "contacts", "note":
            yield from _noted(kind, fields)
        case "leads", _:
            yield Change("leads", _id_of(kind, fields), action, _moment(fields))
        case "contacts", _:
            yield Change(_contact_stream(fields), _id_of(kind, fields), action, _moment(fields))
        case "task", _:
            yield Change("tasks", _id_of(kind, fields), action, _moment(fields))
        case "unsorted", _:
            yield from _sorted_out(action, fields)


def _contact_stream(fields: Fields) -> str:
    """Companies come among the contacts; only their `type` tells."""
    return _STREAM_OF_TYPE.get(fields.get(("type",), "contact"), "contacts")


def _noted(kind: str, fields: Fields) -> Iterator[Change]:
    """A note is a change of what it hangs on."""
    note = {path[1:]: value for path, value in fields.items() if path[0] == "note"}
    owner = _contact_stream(fields) if kind == "contacts" else kind
    code = note.get(("element_type",))
    stream = _STREAM_OF_CODE.get(code) if code else owner
    if stream:
        yield Change(stream, _id(note.get(("element_id",))), "note", _moment(note))


def _sorted_out(action: str, fields: Fields) -> Iterator[Change]:
    """An incoming lead: it is a lead already; accepting changes it, declining throws it away."""
    when = _moment(fields)
    for path, value in fields.items():
        match path:
            case ("lead_id",) if value:
                yield Change("leads", _id(value), action, when)
            case ("accept_result", "leads" | "contacts" | "companies" as stream, _):
                yield Change(stream, _id(value), "update")
            case ("decline_result", "leads" | "contacts" | "companies" as stream, _):
                yield Change(stream, _id(value), "delete")


def _id_of(kind: str, fields: Fields) -> int:
    if ("id",) not in fields:
        raise ContractBroken(f"a delivery changes {kind} without an id")
    return _id(fields["id",])


def _id(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ContractBroken("a delivery holds an id that is no number")
    return int(text)


def _moment(fields: Fields) -> datetime | None:
    """When it changed, by the keys that count in UTC; the written dates of a delivery are in mixed zones."""
    for key in ("updated_at", "last_modified"):
        stamp = fields.get((key,), "")
        if stamp.isascii() and stamp.isdigit() and len(stamp) < 13 and int(stamp) <= _LATEST:
            return datetime.fromtimestamp(int(stamp), UTC)
    return None
