"""A spreadsheet refreshed while everything goes wrong, and somebody who looks at it all the time."""

import json
import random
import threading
import urllib.request
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import quote

from exports.book import Habits, SheetsBook
from exports.cells import block_lines, cell_rows
from exports.errors import ExportError
from exports.google import Google
from exports.layout import BlockLayout
from exports.pictures import ChartLayout, SeriesLayout
from exports.plan import Plan, Tab, make_plan
from exports.tones import BAD, BLUE, ColourLayout
from sandbox.google.faults import Fault
from sandbox.google.server import OWNER, GoogleServer
from tests.fakes_google import LAYOUT, Hand, plan_of, table

LOOKED_AT = (
    "spreadsheetId,sheets(properties(title,hidden),charts(chartId),conditionalFormats(ranges),protectedRanges(protectedRangeId),"
    "data(rowData(values(userEnteredValue))))"
)
FAULTS: tuple[Fault, ...] = (
    "unavailable", "unavailable_after", "internal", "bad_gateway", "quota", "hang", "hang_after",
)  # fmt: skip
SILENCE = 0.3  # seconds; what waits for an answer gives up before
SMALL = 3_000  # bytes of a request; more goes by way of a draft

Cells = dict[tuple[int, int], Any]


def storm_plan(run: int, sizes: tuple[int, ...]) -> Plan:
    """The book of a run: every figure tells the run, rows are as many as one of `sizes`, the shape varies."""
    chance = random.Random(run)
    rows, columns = chance.choice(sizes), chance.choice((2, 2, 2, 6))
    names = [("month", "month"), *((f"c{number}", "integer") for number in range(columns))]
    months = table("months", tuple(names), ((date(2026, 11, 1), *[run] * columns),))
    deals = tuple((number, f"Сделка {number} в {run}", run) for number in range(rows))
    tables = {
        "months": months,
        "deals": table("deals", (("id", "deal"), ("name", "text"), ("run", "integer")), deals),
        "totals": table("totals", (("run", "integer"),), ((run,),)),
    }
    deals_tab, months_tab = LAYOUT
    chart = ChartLayout(
        "runs", f"Запуски, {columns}", "months", 1, "month", (SeriesLayout("c0", BLUE),), 5, 8
    )
    colours = (ColourLayout(("c0",), f"{{c0}}<{columns}", BAD),)
    drawn = replace(months_tab, blocks=(BlockLayout("months", colours=colours),), charts=(chart,))
    return make_plan((deals_tab, drawn), tables, plan_of(run).stamp)


def expected(tab: Tab) -> Cells:
    """Every cell below the stamp that is to hold anything."""
    return {
        (1 + row, block.column + column): cell["userEnteredValue"]
        for block in tab.blocks
        for row, line in enumerate(cell_rows(block_lines(block)))
        for column, cell in enumerate(line["values"])
        if cell
    }


@dataclass
class Onlooker:
    """Reads the whole spreadsheet over and over again; what is not one whole run, or stands there twice, is noted.

    `most`: of what people can see so many stood there at once; `drafts`: of hidden tabs.
    """

    server: GoogleServer
    sheet: str
    sizes: tuple[int, ...]
    wrong: list[str] = field(default_factory=list)
    runs: Counter[int] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    drafts: Counter[int] = field(default_factory=Counter)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._token = self.server.token(OWNER)
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _watch(self) -> None:
        while not self._end.is_set() and len(self.wrong) < 5:
            reply = self.look()
            if reply is not None:
                self._judge(reply)

    def look(self) -> dict[str, Any] | None:
        """The spreadsheet as it is at this moment; None where a fault struck the question."""
        url = f"{self.server.url}/v4/spreadsheets/{self.sheet}?fields={quote(LOOKED_AT)}"
        question = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with urllib.request.urlopen(question, timeout=10) as answer:
                reply: dict[str, Any] = json.load(answer)
        except HTTPError:
            return None
        return reply

    def _judge(self, reply: dict[str, Any]) -> None:
        sheets = [sheet for sheet in reply["sheets"] if not sheet["properties"].get("hidden")]
        self.drafts[len(reply["sheets"]) - len(sheets)] += 1
        tabs = {sheet["properties"]["title"]: _cells(sheet) for sheet in sheets}
        if "Месяцы" not in tabs and "Сделки" not in tabs:
            return  # not provisioned yet
        for sheet in sheets:
            for kind in ("charts", "conditionalFormats", "protectedRanges"):
                name = f"{sheet['properties']['title']}: {kind}"
                self.most[name] = max(self.most[name], len(sheet.get(kind, ())))
        self.most["tabs"] = max(self.most["tabs"], len(tabs))
        run = int(tabs["Месяцы"].get((0, 5), {}).get("numberValue", -1))
        self.runs[run] += 1
        for tab in storm_plan(run, self.sizes).tabs:
            cells = tabs[tab.title]
            told = cells.get((0, 5), {}).get("numberValue")
            found = {place: value for place, value in cells.items() if place[0] > 0}
            if told != run or found != expected(tab):
                self.wrong.append(
                    f"{tab.title} of run {run}: stamp {told}, {_differences(found, expected(tab))}"
                )


def _cells(sheet: dict[str, Any]) -> Cells:
    rows = sheet["data"][0].get("rowData", [])
    return {
        (row, column): cell["userEnteredValue"]
        for row, line in enumerate(rows)
        for column, cell in enumerate(line.get("values", []))
        if "userEnteredValue" in cell
    }


def _differences(found: Cells, wanted: Cells) -> str:
    places = [place for place in found.keys() | wanted.keys() if found.get(place) != wanted.get(place)]
    return f"{len(places)} cells differ, as {sorted(places)[:3]}"


@dataclass
class Storm:
    """A writer that is hit by faults and deaths while it refreshes one spreadsheet."""

    server: GoogleServer
    google: Google
    sheet: str
    hand: Hand
    rng: random.Random
    sizes: tuple[int, ...]
    met: Counter[str] = field(default_factory=Counter)

    def blow(self, refreshes: int) -> Plan:
        """Refresh so often; the last time until it goes through. What the book is to show then is returned."""
        book = self._born()
        for run in range(1, refreshes + 1):
            plan = storm_plan(run, self.sizes)
            strike(self.server, self.rng, self.met)
            try:
                book.refresh(plan, run, tries=self.rng.choice((1, None)))
            except ExportError as error:
                self.met[type(error).__name__] += 1
            if self.rng.random() < 0.2:
                self.met["death"] += 1
                book = self._born()
            self.hand.now += self.rng.choice((1, 60, 1000))
        self.server.heal()
        book.refresh(plan, refreshes)
        return plan

    def _born(self) -> SheetsBook:
        hand, habits = self.hand, Habits(request_size=SMALL)
        return SheetsBook(self.google, self.sheet, habits, clock=hand.clock, sleep=hand.sleep)


def strike(server: GoogleServer, chance: random.Random, met: Counter[str]) -> None:
    """Let the next requests go wrong in some way, or in none."""
    server.heal()
    if chance.random() < 0.6:
        fault = chance.choice(FAULTS)
        times = chance.choice((1, 1, 2, 10 if fault == "quota" else 3))
        met[fault] += 1
        server.fail(fault, times, on=chance.choice(("write", "write", "read")), seconds=2 * SILENCE)


def check_calm(server: GoogleServer, sheet: str, plan: Plan) -> None:
    """The book shows the plan and nothing else of ours, each tab and each mark once."""
    book = server.book(sheet)
    assert [tab.title for tab in book.tabs] == [*(tab.title for tab in plan.tabs), "Лист1"]
    assert len(book.metadata) == len(plan.tabs) + 1
    for tab in plan.tabs:
        (found,) = [each for each in book.tabs if each.title == tab.title]
        cells = {
            (row, column): cell["userEnteredValue"]
            for row, line in found.rows.items()
            for column, cell in line.items()
            if row > 0 and "userEnteredValue" in cell
        }
        assert cells == expected(tab)
