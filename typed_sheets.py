"""Tabs of a Google spreadsheet that people type in: read whole, answered beside the row."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from bootstrap import Parts
from connectors.inputs.checking import Checked
from connectors.inputs.folder import Found, number_as_text
from connectors.inputs.tables import TABLES, plain
from exports.remarks import TypedTab, remark_requests
from warehouse.inputs import Refused

FIELDS = "spreadsheetId,sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))"


class TypedSheets:
    """The spreadsheet of the configuration; who typed into it, Google does not tell a robot of this scope."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._spreadsheet = parts.config.inputs.spreadsheet or ""
        self._tabs: dict[str, TypedTab] = {}

    def read(self, titles: Sequence[str]) -> list[Found]:
        """Every tab that bears the name of a table; ExportError if Google does not show them."""
        google, wanted = self._parts.google, {plain(title): title for title in titles}
        sheets = [sheet["properties"] for sheet in google.read(self._spreadsheet, FIELDS).get("sheets", ())]
        named = [sheet for sheet in sheets if plain(sheet["title"]) in wanted]
        self._tabs = {}
        if not named:
            return []
        found = []
        grids = google.values(self._spreadsheet, [sheet["title"] for sheet in named])
        for sheet, values in zip(named, grids, strict=True):
            size = sheet["gridProperties"]
            grid = tuple(tuple(_as_text(cell) for cell in line) for line in values)
            title = wanted[plain(sheet["title"])]
            self._tabs[title] = TypedTab(sheet["sheetId"], size["rowCount"], size["columnCount"], grid)
            found.append(Found(title, f"Google / {sheet['title']}", grid))
        return found

    def answer(self, checked: Mapping[str, Checked], refused: Sequence[Refused]) -> None:
        """Write what is wrong beside each row, all tabs in one request; none if that stands there already."""
        told: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for name, row, column, _, message in refused:
            told[name][row].append(f"{column}: {message}" if column else message)
        requests = []
        for table in TABLES:
            tab = self._tabs.get(table.title)
            if tab is not None:
                remarks = {row: "; ".join(texts) for row, texts in told[table.name].items()}
                whole = remarks.pop(0, None)
                header = checked[table.name].header if table.name in checked else 0
                requests += remark_requests(tab, header or 1, remarks, whole)
        if requests:
            self._parts.google.apply(self._spreadsheet, json.dumps({"requests": requests}).encode())


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    return number_as_text(float(cell)) if isinstance(cell, int | float) else str(cell).strip()
