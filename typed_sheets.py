"""Tabs of a Google spreadsheet that people type in: read whole, answered beside the row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from answers import blanks
from bootstrap import Parts
from connectors.inputs.checking import Checked
from connectors.inputs.folder import Found, number_as_text
from connectors.inputs.tables import TABLES, plain
from exports.forms import LISTS_KEY, Lists, form_requests, list_requests
from exports.remarks import TypedTab, remark_requests
from exports.sheets import encoded
from warehouse.inputs import Refused

FIELDS = (
    "spreadsheetId,"
    "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),developerMetadata(metadataKey))"
)


class TypedSheets:
    """The spreadsheet of the configuration; who typed into it, Google does not tell a robot of this scope."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._spreadsheet = parts.config.inputs.spreadsheet or ""
        self._tabs: dict[str, TypedTab] = {}
        self._lists: TypedTab | None = None
        self._lists_title: str | None = None
        self._titles: set[str] = set()
        self._ids: set[int] = set()
        self.is_blank = False
        """Whether nothing of ours was ever there, at the last look."""

    def read(self, titles: Sequence[str]) -> list[Found]:
        """Every tab that bears the name of a table; ExportError if Google does not show them."""
        self.is_blank = False
        google, wanted = self._parts.google, {plain(title): title for title in titles}
        sheets = google.read(self._spreadsheet, FIELDS).get("sheets", ())
        lists = [sheet["properties"] for sheet in sheets if _is_marked(sheet)]
        named = [sheet["properties"] for sheet in sheets if plain(sheet["properties"]["title"]) in wanted]
        self._see(sheets, lists[0] if lists else None, {wanted[plain(each["title"])] for each in named})
        if not named:
            return []
        found = []
        asked = [*named, *lists[:1]]
        grids = google.values(self._spreadsheet, [each["title"] for each in asked])
        for sheet, values in zip(asked, grids, strict=True):
            size = sheet["gridProperties"]
            grid = tuple(tuple(_as_text(cell) for cell in line) for line in values)
            tab = TypedTab(sheet["sheetId"], size["rowCount"], size["columnCount"], grid)
            if sheet in named:
                title = wanted[plain(sheet["title"])]
                self._tabs[title] = tab
                found.append(Found(title, f"Google / {sheet['title']}", grid))
            else:
                self._lists = tab
        return found

    def _see(
        self, sheets: Sequence[Mapping[str, Any]], lists: Mapping[str, Any] | None, found: set[str]
    ) -> None:
        """Remember what is there: titles, as people wrote them and as the tables are called, and numbers."""
        self._tabs, self._lists = {}, None
        self._titles = found | {sheet["properties"]["title"] for sheet in sheets}
        self._ids = {sheet["properties"].get("sheetId", 0) for sheet in sheets}
        self._lists_title = lists["title"] if lists else None
        self.is_blank = not found and lists is None

    def provide(self, lists: Lists) -> list[str]:
        """Make the tabs that are not there, all in one request; their titles. Needs a look before."""
        requests = list(form_requests(blanks(), lists, self._titles, self._ids, self._lists_title))
        if requests:
            self._parts.google.apply(self._spreadsheet, encoded(requests))
        return [one["addSheet"]["properties"]["title"] for one in requests if "addSheet" in one]

    def answer(self, checked: Mapping[str, Checked], refused: Sequence[Refused], lists: Lists) -> None:
        """Write what is wrong beside each row, and the lists to choose from, in one request; nothing twice."""
        told: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for name, row, column, _, message in refused:
            told[name][row].append(f"{column}: {message}" if column else message)
        requests = [] if self._lists is None else list_requests(self._lists, lists)
        for table in TABLES:
            tab = self._tabs.get(table.title)
            if tab is not None:
                remarks = {row: "; ".join(texts) for row, texts in told[table.name].items()}
                whole = remarks.pop(0, None)
                header = checked[table.name].header if table.name in checked else 0
                requests += remark_requests(tab, header or 1, remarks, whole)
        if requests:
            self._parts.google.apply(self._spreadsheet, encoded(requests))


def _is_marked(sheet: Mapping[str, Any]) -> bool:
    return any(each.get("metadataKey") == LISTS_KEY for each in sheet.get("developerMetadata", ()))


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    return number_as_text(float(cell)) if isinstance(cell, int | float) else str(cell).strip()
