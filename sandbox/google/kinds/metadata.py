"""Request kinds about developer metadata, and the search for it."""

from __future__ import annotations

from typing import Any

from sandbox.google import masks
from sandbox.google.areas import Area
from sandbox.google.book import Book, Json
from sandbox.google.errors import Invalid
from sandbox.google.messages import MESSAGES
from sandbox.google.protection import Editor

# Google limits the total; the figure is the one its guides give and is not verified here.
METADATA_LIMIT = 30_000


def create_developer_metadata(book: Book, _editor: Editor, body: Json) -> Json:
    new = body["developerMetadata"]
    key = new.get("metadataId") or max(book.metadata, default=0) + 1_000_003
    if key < 1 or key in book.metadata:
        raise Invalid(f"Developer metadata with id {key} already exists or the id is not allowed.")
    book.metadata[key] = _checked(book, {**new, "metadataId": key})
    _check_total(book)
    return {"createDeveloperMetadata": {"developerMetadata": book.metadata[key]}}


def update_developer_metadata(book: Book, _editor: Editor, body: Json) -> Json:
    mask = masks.expand(
        masks.parse(body.get("fields", "")), MESSAGES["DeveloperMetadata"], "DeveloperMetadata"
    )
    found = [key for key in book.metadata if any(matches(book, key, f) for f in body.get("dataFilters", []))]
    if not found:
        raise Invalid("No developer metadata matched the data filters.")
    for key in found:
        merged = masks.overlay(book.metadata[key], body.get("developerMetadata", {}), mask)
        book.metadata[key] = _checked(book, {**merged, "metadataId": key})
    _check_total(book)
    return {"updateDeveloperMetadata": {"developerMetadata": [book.metadata[key] for key in found]}}


def delete_developer_metadata(book: Book, _editor: Editor, body: Json) -> Json:
    found = [key for key in book.metadata if matches(book, key, body.get("dataFilter", {}))]
    gone = [book.metadata.pop(key) for key in found]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": gone}}


def search(book: Book, body: Json) -> Json:
    """The reply of developerMetadata:search: each piece with the filters that found it."""
    matched: list[Json] = []
    for key, item in book.metadata.items():
        filters = [one for one in body.get("dataFilters", []) if matches(book, key, one)]
        if filters:
            matched.append({"developerMetadata": item, "dataFilters": filters})
    return {"matchedDeveloperMetadata": matched} if matched else {}


def matches(book: Book, key: int, data_filter: Json) -> bool:
    item = book.metadata[key]
    if "developerMetadataLookup" not in data_filter:
        return _meets(book, item["location"], data_filter)
    lookup = data_filter["developerMetadataLookup"]
    plain = ("metadataId", "metadataKey", "metadataValue", "visibility")
    if any(name in lookup and lookup[name] != item.get(name) for name in plain):
        return False
    location = item["location"]
    if "locationType" in lookup and lookup["locationType"] != location["locationType"]:
        return False
    return "metadataLocation" not in lookup or _located(book, lookup["metadataLocation"]) == location


def _meets(book: Book, location: Json, data_filter: Json) -> bool:
    """Metadata of a row or column is found by a range that touches it; of a tab, by any range on it."""
    if "a1Range" in data_filter:
        tab, area = book.locate(data_filter["a1Range"])
    elif "gridRange" in data_filter:
        tab = book.tab(data_filter["gridRange"].get("sheetId", 0))
        area = tab.area(data_filter["gridRange"])
    else:
        raise Invalid("A data filter must say what it looks for.")
    if "dimensionRange" in location:
        stretch = location["dimensionRange"]
        return stretch.get("sheetId", 0) == tab.sheet_id and _stretch_area(book, stretch).meets(area)
    return bool(location.get("sheetId") == tab.sheet_id)


def stretch_area(book: Book, location: Json) -> tuple[int, Area]:
    """The tab and rectangle that a piece of metadata marks."""
    if "dimensionRange" in location:
        stretch = location["dimensionRange"]
        return stretch.get("sheetId", 0), _stretch_area(book, stretch)
    if "sheetId" in location:
        return location["sheetId"], book.tab(location["sheetId"]).grid
    raise Invalid("The metadata belongs to the spreadsheet and marks no cells.")


def _stretch_area(book: Book, stretch: Json) -> Area:
    tab = book.tab(stretch.get("sheetId", 0))
    start, end = stretch.get("startIndex", 0), stretch.get("endIndex", 0)
    if stretch["dimension"] == "ROWS":
        return tab.inside(Area(start, end, 0, tab.column_count))
    return tab.inside(Area(0, tab.row_count, start, end))


def _checked(book: Book, item: Json) -> Json:
    for name in ("metadataKey", "visibility", "location"):
        if not item.get(name):
            raise Invalid(f"Developer metadata must have a {name}.")
    return {**item, "location": _located(book, item["location"])}


def _located(book: Book, location: Json) -> Json:
    """The location with its type spelled out, as Google replies it."""
    places: dict[str, Any] = {name: value for name, value in location.items() if name != "locationType"}
    if len(places) != 1:
        raise Invalid("Exactly one location of developer metadata must be set.")
    if "spreadsheet" in places:
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "sheetId" in places:
        book.tab(places["sheetId"])
        return {"locationType": "SHEET", "sheetId": places["sheetId"]}
    stretch = places["dimensionRange"]
    if stretch.get("endIndex", 0) - stretch.get("startIndex", 0) != 1:
        raise Invalid("Developer metadata can mark only a single row or column.")
    _stretch_area(book, stretch)
    kind = "ROW" if stretch["dimension"] == "ROWS" else "COLUMN"
    return {"locationType": kind, "dimensionRange": stretch}


def _check_total(book: Book) -> None:
    texts = [item["metadataKey"] + item.get("metadataValue", "") for item in book.metadata.values()]
    total = sum(map(len, texts))
    if total > METADATA_LIMIT:
        raise Invalid(f"The total size of developer metadata is above the limit of {METADATA_LIMIT}.")
