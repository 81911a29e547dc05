"""A place to call `vitrina` in: a small account, a spreadsheet service, a folder with its configuration."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

import cli
from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import Demo, demo_company
from sandbox.google.server import GoogleServer
from tests.harness import wait_until
from warehouse.database import Warehouse
from warehouse.publish import with_marts

ROOT = Path(__file__).parents[1]
DONE, FAILED, BAD_USAGE, IN_PART, BUSY, INTERRUPTED = 0, 1, 2, 3, 4, 130
ROBOT = "robot@project.iam.gserviceaccount.com"
SECRET = "a-secret-of-this-test"


@dataclass(frozen=True)
class Stand:
    """The stand-ins that the calls talk to."""

    company: Demo
    amo: AmoServer
    google: GoogleServer


@dataclass
class Place:
    """A folder with a config.yaml, and the secrets that belong to it."""

    folder: Path
    content: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict)

    def write(self) -> Path:
        file = self.folder / "config.yaml"
        file.write_text(yaml.safe_dump(self.content, allow_unicode=True), encoding="utf-8")
        return file

    def call(self, *words: str, secrets: Mapping[str, str | None] | None = None) -> Result:
        """`vitrina words…` in this process."""
        environ = {**self.secrets, "VITRINA_CONFIG": str(self.write()), **(secrets or {})}
        return CliRunner().invoke(cli.app, list(words), env=environ, catch_exceptions=False)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query of the warehouse and the published marts answers."""
        state = self.folder / "state"
        with with_marts(Warehouse(state / "vitrina.duckdb"), state / "vitrina-marts.duckdb", "test") as tx:
            return tx.execute(sql)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """`vitrina words…` as a process of its own."""
        self.write()
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"import sys; sys.path.insert(0, {str(ROOT)!r}); import vitrina; vitrina.main()",
                *words,
            ],
            cwd=self.folder,
            env={**os.environ, **self.secrets},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    company = demo_company(deals=60, months=2)
    with AmoServer(company.account, rate=0) as amo, GoogleServer(quotas=False, validate=True) as google:
        yield Stand(company, amo, google)


def place_of(stand: Stand, folder: Path) -> Place:
    """A folder whose configuration is right: one spreadsheet, one workbook."""
    spreadsheet = stand.google.create_spreadsheet("Показатели", share={ROBOT: "writer"})
    content = {
        "amocrm": {"url": stand.amo.url, "requests_per_second": 500},
        "warehouse": {"threads": 1},
        "sync": {"settle": 0},
        "mapping": stand.company.mapping,
        "webhooks": {"port": 0},
        "google": {"api_url": stand.google.url, "writes_per_minute": 6000, "reads_per_minute": 6000},
        "exports": {
            "books": [
                {"name": "owner", "kind": "sheets", "spreadsheet": spreadsheet},
                {"name": "excel", "kind": "xlsx", "path": "company.xlsx"},
            ]
        },
    }
    secrets = {
        "VITRINA_AMOCRM_TOKEN": stand.amo.token,
        "VITRINA_WEBHOOK_SECRET": SECRET,
        "VITRINA_GOOGLE_KEY": json.dumps(stand.google.service_account(ROBOT)),
    }
    return Place(folder, content, secrets)


@pytest.fixture
def place(stand: Stand, tmp_path: Path) -> Place:
    """Nothing was loaded here yet."""
    return place_of(stand, tmp_path)


@pytest.fixture(scope="module")
def loaded(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Here `vitrina run` was called; for tests that change nothing that others look at."""
    there = place_of(stand, tmp_path_factory.mktemp("loaded"))
    done = there.call("run")
    assert done.exit_code == 0, done.output
    return there


class Holder:
    """Another process that has the warehouse open."""

    def __init__(self, warehouse: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from warehouse.database import Warehouse\n"
            "with Warehouse(Path(sys.argv[1])).open('a long job'):\n"
            "    print('held', flush=True); sys.stdin.read()"
        )
        self._words = [sys.executable, "-c", script, str(warehouse)]

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            self._words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == "held\n"
        return self._process.pid

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def until(is_so: Callable[[], object], seconds: float = 20.0) -> None:
    wait_until(is_so, seconds, "it did not happen in time")
