"""What the tests of the spreadsheet share: a plan whose figures tell their run, time that waits, counts."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from exports.layout import BlockLayout, TabLayout
from exports.plan import Column, Plan, Row, Table, make_plan
from exports.stamp import Stamp
from sandbox.google.server import GoogleServer

ROBOT = "robot@project.iam.gserviceaccount.com"
LAYOUT = (
    TabLayout("deals", "Сделки", (BlockLayout("totals"), BlockLayout("deals"))),
    TabLayout("months", "Месяцы", (BlockLayout("months"),)),
)


@dataclass
class Hand:
    """Time that passes only when somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    began: float = field(default_factory=time.time)

    def clock(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.began + self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def plan_of(
    run: int = 1, rows: int = 5, *, state: str = "данные полные", names: list[str] | None = None
) -> Plan:
    """A book whose every figure carries the number of its run."""
    moment = datetime(2026, 11, 22, 12, 45)
    texts = names if names is not None else [f"Сделка {number}" for number in range(rows)]
    deals: tuple[Row, ...] = tuple(
        (number, name, Decimal(run), date(2026, 11, 22)) for number, name in enumerate(texts)
    )
    tables = {
        "deals": table("deals", (("id", "deal"), ("name", "text"), ("run", "money"), ("on", "date")), deals),
        "months": table("months", (("month", "month"), ("run", "integer")), ((date(2026, 11, 1), run),)),
        "totals": table("totals", (("run", "integer"),), ((run,),)),
    }
    return make_plan(LAYOUT, tables, Stamp(moment, moment, run, state))


def table(name: str, columns: tuple[tuple[str, Any], ...], rows: tuple[Row, ...]) -> Table:
    return Table(name, name, "Смысл.", "", "", tuple(Column(each, how, each) for each, how in columns), rows)


def writes(server: GoogleServer) -> int:
    return sum(seen.kind == "write" for seen in server.requests)


def reads(server: GoogleServer) -> int:
    return sum(seen.kind == "read" for seen in server.requests)


def typed(sheet_id: int, row: int, column: int, value: dict[str, str]) -> dict[str, Any]:
    """What a person's typing into a cell comes to."""
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    rows = [{"values": [{"userEnteredValue": value}]}]
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def names_of(server: GoogleServer, sheet: str) -> list[str]:
    return [row[0] for row in server.values(sheet, "Сделки!D6:D")]
