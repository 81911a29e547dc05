"""The methods of the Sheets API that are offered: address, kind, and what each does to a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.google import batch, masks, values
from sandbox.google.book import Book, Json
from sandbox.google.drive import File
from sandbox.google.errors import Malformed, NotOffered
from sandbox.google.kinds import metadata
from sandbox.google.protection import Editor
from sandbox.google.quotas import Kind
from sandbox.google.reading import outward, spreadsheet
from sandbox.google.shapes import read


@dataclass(frozen=True, slots=True)
class Call:
    """One request, taken apart: what is in the address, in the query and in the body."""

    file: File
    editor: Editor
    path: Mapping[str, str]
    query: Mapping[str, str]
    ranges: tuple[str, ...]
    body: Json

    @property
    def book(self) -> Book:
        return self.file.latest.book


# A method answers a reply and, when it changed something, the new version of the book.
Outcome = tuple[Json, Book | None]


def get(call: Call) -> Outcome:
    mask = masks.parse(call.query["fields"]) if "fields" in call.query else None
    with_cells = flag(call.query.get("includeGridData"))
    return spreadsheet(call.book, call.editor, mask, call.ranges, with_cells=with_cells), None


def batch_update(call: Call) -> Outcome:
    body = read(call.body, "BatchUpdateSpreadsheetRequest")
    draft, replies = batch.apply(call.book, call.editor, body.get("requests", []))
    reply: Json = {"spreadsheetId": draft.spreadsheet_id, "replies": outward(replies)}
    if body.get("includeSpreadsheetInResponse"):
        reply["updatedSpreadsheet"] = spreadsheet(
            draft,
            call.editor,
            None,
            body.get("responseRanges", ()),
            with_cells=body.get("responseIncludeGridData", False),
        )
    return reply, draft


def values_get(call: Call) -> Outcome:
    return values.get(call.book, call.path["range"], call.query), None


def values_batch_get(call: Call) -> Outcome:
    found = [values.get(call.book, text, call.query) for text in call.ranges]
    return {"spreadsheetId": call.book.spreadsheet_id, "valueRanges": found}, None


def values_update(call: Call) -> Outcome:
    body = read(call.body, "ValueRange", "data")
    option = call.query.get("valueInputOption")
    draft, reply, written = values.update(call.book, call.editor, call.path["range"], body, option)
    reply = {"spreadsheetId": draft.spreadsheet_id, **reply}
    if flag(call.query.get("includeValuesInResponse")):
        tab, _ = draft.locate(call.path["range"])
        render = {"valueRenderOption": call.query.get("responseValueRenderOption", "FORMATTED_VALUE")}
        reply["updatedData"] = values.value_range(draft, tab, written, render)
    return reply, draft


def values_batch_update(call: Call) -> Outcome:
    return _batch_values(call, "BatchUpdateValuesRequest")


def values_batch_update_by_filter(call: Call) -> Outcome:
    return _batch_values(call, "BatchUpdateValuesByDataFilterRequest")


def values_clear(call: Call) -> Outcome:
    read(call.body, "ClearValuesRequest")
    draft, cleared = values.clear(call.book, call.editor, [call.path["range"]])
    return {"spreadsheetId": draft.spreadsheet_id, "clearedRange": cleared[0]}, draft


def values_batch_clear(call: Call) -> Outcome:
    body = read(call.body, "BatchClearValuesRequest")
    draft, cleared = values.clear(call.book, call.editor, body.get("ranges", []))
    return {"spreadsheetId": draft.spreadsheet_id, "clearedRanges": cleared}, draft


def values_append(_: Call) -> Outcome:
    raise NotOffered("values.append is refused here: it guesses its place and repeats itself when retried.")


def metadata_search(call: Call) -> Outcome:
    return outward(metadata.search(call.book, read(call.body, "SearchDeveloperMetadataRequest"))), None


def _batch_values(call: Call, message: str) -> tuple[Json, Book]:
    body = read(call.body, message)
    if body.get("includeValuesInResponse"):
        raise NotOffered("includeValuesInResponse is not offered for several ranges.")
    draft, reply = values.batch_update(call.book, call.editor, body)
    return reply, draft


@dataclass(frozen=True, slots=True)
class Method:
    """Where a method lives and what it may ask in its query."""

    verb: str
    path: re.Pattern[str]
    kind: Kind
    run: Callable[[Call], Outcome]
    query: frozenset[str] = frozenset()


COMMON_QUERY = frozenset({"fields", "alt", "prettyPrint", "key", "quotaUser"})
_RENDER = "valueRenderOption dateTimeRenderOption majorDimension"
_WRITTEN = "valueInputOption includeValuesInResponse responseValueRenderOption responseDateTimeRenderOption"


def _method(verb: str, path: str, kind: Kind, run: Callable[[Call], Outcome], query: str = "") -> Method:
    pattern = path.replace("{id}", r"(?P<id>[^/:]+)").replace("{range}", r"(?P<range>.+)")
    return Method(verb, re.compile(pattern), kind, run, COMMON_QUERY | frozenset(query.split()))


METHODS = (
    _method(
        "GET",
        "{id}",
        "read",
        get,
        "ranges includeGridData excludeTablesInBandedRanges commentsViewMode",
    ),
    _method("POST", "{id}:batchUpdate", "write", batch_update),
    _method("POST", "{id}/developerMetadata:search", "read", metadata_search),
    _method("GET", "{id}/values:batchGet", "read", values_batch_get, f"ranges {_RENDER}"),
    _method("POST", "{id}/values:batchUpdate", "write", values_batch_update),
    _method("POST", "{id}/values:batchUpdateByDataFilter", "write", values_batch_update_by_filter),
    _method("POST", "{id}/values:batchClear", "write", values_batch_clear),
    _method("POST", "{id}/values/{range}:append", "write", values_append, f"{_WRITTEN} insertDataOption"),
    _method("POST", "{id}/values/{range}:clear", "write", values_clear),
    _method("GET", "{id}/values/{range}", "read", values_get, _RENDER),
    _method("PUT", "{id}/values/{range}", "write", values_update, _WRITTEN),
)


def find(verb: str, path: str) -> tuple[Method, Mapping[str, str]] | None:
    """The method at this address and the parts of the address it needs."""
    for method in METHODS:
        match = method.path.fullmatch(path)
        if match and method.verb == verb:
            return method, match.groupdict()
    return None


def check_query(method: Method, names: set[str]) -> None:
    for name in sorted(names - method.query):
        message = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
        raise Malformed("", message)


def flag(text: str | None) -> bool:
    """Booleans arrive as Python writes them, too."""
    return (text or "").lower() == "true"
