"""Orders to fresh processes: the product's and the yardstick's, each timed from within, each bounded in time."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.standin import ROOT, Account, Spreadsheets

Report = dict[str, Any]
LONGEST = 600.0  # seconds that any process of the bench may take, unless it is told otherwise
UNLIMITED = 100_000  # requests a second: allowed towards this machine only


@dataclass(frozen=True, slots=True)
class Product:
    """One installation of the product: a folder, an account, and perhaps a spreadsheet."""

    folder: Path
    account: Account
    sheets: Spreadsheets | None = None
    pace: int = UNLIMITED
    longest: float = LONGEST

    def run(self, *steps: tuple[str, ...]) -> list[Report]:
        """Take these steps in a fresh process; their reports in order."""
        environ = {"VITRINA_AMOCRM_TOKEN": self.account.token}
        if self.sheets is not None:
            environ["VITRINA_GOOGLE_KEY"] = self.sheets.key
        order = {"config": self._config(), "folder": str(self.folder), "environ": environ, "steps": steps}
        reports: list[Report] = _run("tests.bench.ours", order, self.longest)
        return reports

    @property
    def size(self) -> int:
        """Bytes of the warehouse file."""
        return (self.folder / "vitrina.duckdb").stat().st_size

    @property
    def published(self) -> int:
        """Bytes of the published copy."""
        return (self.folder / "marts.duckdb").stat().st_size

    def _config(self) -> Report:
        books: list[Report] = [{"name": "xlsx", "kind": "xlsx", "path": str(self.folder / "book.xlsx")}]
        if self.sheets is not None:
            books.append({"name": "sheets", "kind": "sheets", "spreadsheet": self.sheets.book})
        return {
            "amocrm": {"url": self.account.url, "requests_per_second": self.pace},
            "warehouse": {
                "path": str(self.folder / "vitrina.duckdb"),
                "published": str(self.folder / "marts.duckdb"),
            },
            "sync": {"inbox": str(self.folder / "inbox"), "settle": 0},
            "mapping": self.account.mapping,
            "inputs": {"folder": str(self.folder / "typed")},
            "google": {"api_url": self.sheets.url} if self.sheets else {},
            "exports": {"books": books, "stamp_every": 0},
            "log": {"level": "WARNING"},
        }


def dlt(folder: Path, account: Account, pages: int, depth: int | None) -> Report:
    """Load so many pages of leads with dlt, nested as deep as `depth` says."""
    order = {"url": account.url, "token": account.token, "folder": str(folder)}
    return dict(_run("tests.bench.dlt_side", {**order, "pages": pages, "depth": depth}))


def _run(module: str, order: Mapping[str, Any], longest: float = LONGEST) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", module, json.dumps(order)],
        cwd=ROOT,
        env={**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"},
        capture_output=True,
        text=True,
        timeout=longest,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])
