"""`vitrina check`: everything a person may have set wrong, found before it costs a night."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import failures
import texts
from bootstrap import Parts
from config import GOOGLE_KEY
from connectors.amocrm.source import AmoCrm
from connectors.base import Forbidden, SourceError
from editions import editions
from exports.errors import ExportError
from jobs import REFERENCE
from lacking import explain_lack, lacks, needs, probe
from polled import BESIDE, chosen
from texts_streams import stream_title
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
        yield from _beside(parts, source)
        yield from _mapping(parts, source)
        yield from _managers(parts, source)
    yield from _warehouse(parts)
    yield from _books(parts)


@dataclass(frozen=True, slots=True)
class Status:
    """A status of a pipeline, for whoever writes the mapping."""

    pipeline_id: int
    pipeline: str
    status_id: int
    name: str


def statuses(parts: Parts) -> list[Status]:
    """Every status of every pipeline: what can be made a step."""
    return [
        Status(pipeline["id"], pipeline["name"], status["id"], status["name"])
        for pipeline in _items(parts.source(), "pipelines")
        for status in pipeline["_embedded"]["statuses"]
    ]


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
            yield Finding(stream, f"{stream_title(stream)}, {count}")


def _beside(parts: Parts, source: AmoCrm) -> Iterator[Finding]:
    """Whether the account and the token have what the configuration wants beside the figures."""
    for stream in chosen(parts.config, BESIDE):
        try:
            probe(source, stream, parts.now())
        except SourceError as error:
            if not lacks(stream, error):
                yield Finding(stream, problem=_source(parts, error))
                return
            yield Finding(stream, problem=explain_lack(parts.config, stream, str(error)))
        else:
            yield Finding(stream, needs(stream) or stream_title(stream))


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
    yield from _pipelines(parts, source)


def _pipelines(parts: Parts, source: AmoCrm) -> Iterator[Finding]:
    locale = parts.config.locale
    if not parts.meaning.kinds:
        key = "mapping.pipelines"
        yield Finding(key, problem=texts.sentence("no_pipelines", locale, place=key))
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
        yield Finding("хранилище", problem=failures.warehouse(error, locale))
    except OSError as error:
        problem = texts.sentence("disk", locale, path=error.filename, reason=error.strerror)
        yield Finding("sync.inbox", problem=problem)
    else:
        yield Finding("хранилище", str(parts.config.warehouse.path))


def _managers(parts: Parts, source: AmoCrm) -> Iterator[Finding]:
    """Whether there is somebody for each book of a manager."""
    wanted = [(book.name, who) for book in editions(parts.config) if (who := book.manager) is not None]
    try:
        known = {item["id"] for item in _items(source, "users")} if wanted else set()
    except SourceError:  # that the users cannot be read stands above already
        return
    for name, who in wanted:
        if who not in known:
            told = texts.sentence("no_manager", parts.config.locale, book=name, manager=who)
            yield Finding(name, problem=told)


def _books(parts: Parts) -> Iterator[Finding]:
    for book in parts.config.exports.books:
        if book.kind == "xlsx":
            yield _workbook(book.name, book.path, parts.config.locale)
            continue
        for where, spreadsheet in book.places():
            yield _spreadsheet(parts, "/".join([book.name, *map(str, where[1:])]), spreadsheet, book.key_env)
    if parts.config.inputs.spreadsheet is not None:
        yield _spreadsheet(parts, "inputs.spreadsheet", parts.config.inputs.spreadsheet, GOOGLE_KEY)


def _spreadsheet(parts: Parts, name: str, spreadsheet: str, key: str) -> Finding:
    try:
        told = parts.robot(key).read(spreadsheet, "spreadsheetId,properties.title")
    except ExportError as error:
        return Finding(name, problem=str(error))
    return Finding(name, str(told.get("properties", {}).get("title", spreadsheet)))


def _workbook(name: str, path: Path, locale: str) -> Finding:
    """Whether its folder takes files, or can be made; nothing is written."""
    folder = next(parent for parent in path.parents if parent.exists())
    if folder.is_dir() and os.access(folder, os.W_OK) and not path.is_dir():
        return Finding(name, str(path))
    code = errno.EACCES if folder.is_dir() and not path.is_dir() else errno.ENOTDIR
    return Finding(name, problem=texts.sentence("disk", locale, path=path, reason=os.strerror(code)))


def _source(parts: Parts, error: SourceError) -> str:
    config = parts.config
    return texts.source_error(
        type(error).__name__, detail=str(error), where=config.amocrm.url, locale=config.locale
    )
