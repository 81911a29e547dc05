"""spreadsheets.batchUpdate: every request of a batch is applied, or none is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.google.book import Book, Json
from sandbox.google.errors import Invalid, Malformed
from sandbox.google.kinds import content, dimensions, metadata, objects, tabs
from sandbox.google.protection import Editor
from sandbox.google.shapes import read, snake

Kind = Callable[[Book, Editor, Json], Json]

REQUEST_LIMIT = 100_000

KINDS: Mapping[str, Kind] = {
    "addSheet": tabs.add_sheet,
    "deleteSheet": tabs.delete_sheet,
    "duplicateSheet": tabs.duplicate_sheet,
    "updateSheetProperties": tabs.update_sheet_properties,
    "updateSpreadsheetProperties": tabs.update_spreadsheet_properties,
    "updateCells": content.update_cells,
    "repeatCell": content.repeat_cell,
    "copyPaste": content.copy_paste,
    "setDataValidation": content.set_data_validation,
    "appendDimension": dimensions.append_dimension,
    "insertDimension": dimensions.insert_dimension,
    "deleteDimension": dimensions.delete_dimension,
    "updateDimensionProperties": dimensions.update_dimension_properties,
    "autoResizeDimensions": dimensions.auto_resize_dimensions,
    "setBasicFilter": objects.set_basic_filter,
    "clearBasicFilter": objects.clear_basic_filter,
    "addNamedRange": objects.add_named_range,
    "updateNamedRange": objects.update_named_range,
    "deleteNamedRange": objects.delete_named_range,
    "addProtectedRange": objects.add_protected_range,
    "updateProtectedRange": objects.update_protected_range,
    "deleteProtectedRange": objects.delete_protected_range,
    "addBanding": objects.add_banding,
    "deleteBanding": objects.delete_banding,
    "addConditionalFormatRule": objects.add_conditional_format_rule,
    "deleteConditionalFormatRule": objects.delete_conditional_format_rule,
    "addChart": objects.add_chart,
    "updateChartSpec": objects.update_chart_spec,
    "deleteEmbeddedObject": objects.delete_embedded_object,
    "createDeveloperMetadata": metadata.create_developer_metadata,
    "updateDeveloperMetadata": metadata.update_developer_metadata,
    "deleteDeveloperMetadata": metadata.delete_developer_metadata,
}

# What a kind cannot do without; Google refuses its absence as an invalid argument.
_NEEDED = {
    "repeatCell": ("range",),
    "copyPaste": ("source", "destination"),
    "setDataValidation": ("range",),
    "insertDimension": ("range",),
    "deleteDimension": ("range",),
    "updateDimensionProperties": ("range",),
    "autoResizeDimensions": ("dimensions",),
    "addNamedRange": ("namedRange",),
    "updateNamedRange": ("namedRange",),
    "addProtectedRange": ("protectedRange",),
    "updateProtectedRange": ("protectedRange", "fields"),
    "addBanding": ("bandedRange",),
    "addConditionalFormatRule": ("rule",),
    "addChart": ("chart",),
    "updateChartSpec": ("spec",),
    "createDeveloperMetadata": ("developerMetadata",),
    "updateDeveloperMetadata": ("dataFilters", "developerMetadata"),
    "deleteDeveloperMetadata": ("dataFilter",),
    "setBasicFilter": ("filter",),
}


def apply(book: Book, editor: Editor, requests: list[Json]) -> tuple[Book, list[Json]]:
    """A new version with all requests applied in order, and their replies; `book` is untouched."""
    if not requests:
        raise Invalid("Must specify at least one request.")
    if len(requests) > REQUEST_LIMIT:
        raise Invalid(f"Cannot exceed {REQUEST_LIMIT} requests in a single batch.")
    parsed = [_parsed(request, number) for number, request in enumerate(requests)]
    draft = book.draft()
    replies = []
    for number, (name, body) in enumerate(parsed):
        try:
            _check_needed(name, body)
            replies.append(KINDS[name](draft, editor, body))
        except Invalid as refusal:
            raise refusal.within(f"requests[{number}].{name}") from None
    return draft, replies


def _parsed(request: Any, number: int) -> tuple[str, Json]:
    place = f"requests[{number}]"
    if not isinstance(request, dict):
        message = f"Invalid value at '{place}' (type.googleapis.com/google.apps.sheets.v4.Request)"
        raise Malformed(place, message)
    named = {name: body for name, body in request.items() if body is not None}
    for name in named:
        if name not in KINDS:
            message = f"Unknown name \"{name}\" at '{place}': Cannot find field."
            raise Malformed(place, f"Invalid JSON payload received. {message}")
    if len(named) > 1:
        raise Malformed(place, f"Invalid value at '{place}' (oneof), oneof field 'kind' is already set.")
    if not named:
        raise Invalid(f"Invalid {place}: No request set.")
    name, body = next(iter(named.items()))
    message = f"{name[0].upper()}{name[1:]}Request"
    return name, read(body, message, f"{place}.{snake(name)}")


def _check_needed(name: str, body: Json) -> None:
    for field in _NEEDED.get(name, ()):
        if field not in body:
            raise Invalid(f"{field} must be set.")
