"""`vitrina check`: everything a person may have set wrong, found before it costs a night."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import failures
import texts
from bootstrap import Parts
from connectors.amocrm.source import AmoCrm
from connectors.base import Forbidden, SourceError
from exports.errors import ExportError
from jobs import REFERENCE
from warehouse.database import WarehouseError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `problem` is None where it is in order."""

    subject: str
    detail: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field of deals, for whoever writes the mapping."""

    field_id: int
    code: str | None
    type: str
    name: str


def check(parts: Parts) -> Iterator[Finding]:
    """Look at the account, the mapping, the warehouse and the spreadsheets; nothing is written but a lock."""
    source = parts.source()
    try:
        account = source.account()
    except SourceError as error:
        yield Finding("amoCRM", problem=_source(parts, error))
    else:
        yield Finding("amoCRM", f"{account.get('name')} ({account['id']}), {parts.config.amocrm.url}")
        yield from _rights(parts, source)
        yield from _mapping(parts, source)
    yield from _warehouse(parts)
    yield from _books(parts)


def fields(parts: Parts) -> list[Field]:
    """Every custom field of deals: what can be mapped."""
    return [
        Field(item["id"], item.get("code"), item["type"], item["name"])
        for item in _items(parts.source(), "lead_fields")
    ]


def _items(source: AmoCrm, stream: str) -> list[dict[str, Any]]:
    import json

    collection = source.streams[stream].collection
    return [
        item
        for page in source.snapshot(stream)
        if page.ids
        for item in json.loads(page.body)["_embedded"][collection]
    ]


def _rights(parts: Parts, source: AmoCrm) -> Iterator[Finding]:
    for stream in REFERENCE:
        try:
            count = sum(len(page.ids) for page in source.snapshot(stream))
        except Forbidden as error:
            yield Finding(stream, problem=_source(parts, error))
        except SourceError as error:
            yield Finding(stream, problem=_source(parts, error))
            return
        else:
            yield Finding(stream, str(count))


def _mapping(parts: Parts, source: AmoCrm) -> Iterator[Finding]:
    locale = parts.config.locale
    known = _items(source, "lead_fields")
    names = {item["id"]: item["name"] for item in known} | {
        item["code"]: item["name"] for item in known if item.get("code")
    }
    for role in parts.meaning.roles:
        if role.field in names:
            yield Finding(role.key, f"{role.field} «{names[role.field]}»")
        else:
            yield Finding(
                role.key, problem=texts.sentence("unknown_field", locale, place=role.key, field=role.field)
            )
    pipelines = {item["id"]: item for item in _items(source, "pipelines")}
    for identity in parts.meaning.kinds:
        key = f"mapping.pipelines.{identity}"
        if identity not in pipelines:
            yield Finding(
                key, problem=texts.sentence("unknown_pipeline", locale, place=key, pipeline=identity)
            )
            continue
        statuses = {status["id"] for status in pipelines[identity]["_embedded"]["statuses"]}
        wrong = [
            status
            for pipeline, status in parts.meaning.steps
            if pipeline == identity and status not in statuses
        ]
        problem = texts.sentence("unknown_status", locale, place=key, statuses=", ".join(map(str, wrong)))
        yield Finding(key, f"«{pipelines[identity]['name']}»", problem if wrong else None)


def _warehouse(parts: Parts) -> Iterator[Finding]:
    locale = parts.config.locale
    try:
        with parts.warehouse.open("check"):
            parts.inbox.waiting(1)
    except WarehouseError as error:
        yield Finding("warehouse", problem=failures.warehouse(error, locale))
    except OSError as error:
        problem = texts.sentence("disk", locale, path=error.filename, reason=error.strerror)
        yield Finding("sync.inbox", problem=problem)
    else:
        yield Finding("warehouse", str(parts.config.warehouse.path))


def _books(parts: Parts) -> Iterator[Finding]:
    for book in parts.config.exports.books:
        if book.kind == "xlsx":
            yield Finding(book.name, str(book.path))
            continue
        try:
            told = parts.google.read(book.spreadsheet, "spreadsheetId,properties.title")
        except ExportError as error:
            yield Finding(book.name, problem=str(error))
        else:
            yield Finding(book.name, str(told.get("properties", {}).get("title", book.spreadsheet)))


def _source(parts: Parts, error: SourceError) -> str:
    config = parts.config
    return texts.source_error(
        type(error).__name__, detail=str(error), where=config.amocrm.url, locale=config.locale
    )
