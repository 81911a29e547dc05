"""A whole product against a stand-in account: made in a folder of its own, with a clock that is set by hand."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import yaml

from bootstrap import Parts
from config import from_mapping
from jobs import Jobs
from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.truth import Happened
from sandbox.amocrm.wire import encode
from warehouse.database import Limits, Transaction
from warehouse.publish import with_marts

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-tests"
HOOKS = (
    *(
        f"{action}_{kind}"
        for kind in ("lead", "contact", "company")
        for action in ("add", "update", "delete", "restore", "responsible")
    ),
    "status_lead",
    *(f"{action}_task" for action in ("add", "update", "delete", "responsible")),
)

ALONE = Limits(threads=1)
"""With so few rows DuckDB's other threads would spin, waiting."""

Tables = dict[str, list[tuple[Any, ...]]]


class SetClock:
    """Time that moves when it is told to; `tick` gives every caller a moment of his own within that second."""

    def __init__(self, now: datetime = NOON) -> None:
        self.seconds = int(now.timestamp())
        self._ticks = 0
        self._turn = threading.Lock()

    def __call__(self) -> float:
        return float(self.seconds)

    def pass_by(self, seconds: int) -> None:
        with self._turn:
            self.seconds += seconds
            self._ticks = 0

    def tick(self) -> datetime:
        with self._turn:
            self._ticks += 1
            return datetime.fromtimestamp(self.seconds, UTC).replace(microsecond=self._ticks)


class Ear:
    """What the account would send by webhook, kept as the bodies of the posts."""

    def __init__(self, company: Demo) -> None:
        self.bodies: list[bytes] = []
        self._account = company.account
        company.account.listen(self._hear)

    def take(self) -> list[bytes]:
        """What came since the last call."""
        bodies, self.bodies = self.bodies, []
        return bodies

    def _hear(self, happened: Happened) -> None:
        for action in happened.actions:
            self.bodies.append(encode(self._account, happened.kind, action, happened.item, happened.old))


def make_settings(folder: Path, url: str, mapping: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The content of a config.yaml for a product that lives in `folder` and hurries."""
    return {
        "amocrm": {"url": url, "requests_per_second": 10_000, "parallel_pages": 3, **more.pop("amocrm", {})},
        "warehouse": {
            "path": str(folder / "vitrina.duckdb"),
            "published": str(folder / "marts.duckdb"),
            "threads": ALONE.threads,
            **more.pop("warehouse", {}),
        },
        "sync": {"inbox": str(folder / "inbox"), **more.pop("sync", {})},
        "mapping": mapping,
        "webhooks": {"port": 0, **more.pop("webhooks", {})},
        "log": {"level": "ERROR"},
        **more,
    }


def make_jobs(
    folder: Path, server: AmoServer, mapping: Mapping[str, Any], clock: SetClock, **more: Any
) -> Jobs:
    """The jobs of a product in `folder`, living by `clock`."""
    folder.mkdir(parents=True, exist_ok=True)
    content = make_settings(folder, server.url, mapping, **more)
    secrets = {"VITRINA_AMOCRM_TOKEN": server.token, "VITRINA_WEBHOOK_SECRET": SECRET}
    config = from_mapping(content, folder, secrets, {"amocrm", "webhook"})
    return Jobs(Parts(config, clock.tick))


def marts(jobs: Jobs) -> Tables:
    """Every mart after a build, its rows in the order in which they are shown."""
    jobs.build()
    with looking(jobs) as tx:
        return {
            f"mart.{model.name}": tx.execute(
                f"from mart.{model.name}" + (f" order by {', '.join(model.order)}" if model.order else "")
            )
            for model in jobs.parts.catalog
        }


def ledgers(jobs: Jobs) -> Tables:
    """Every table of core, its rows in one order."""
    with jobs.parts.warehouse.transaction("test") as tx:
        return {name: tx.execute(f"from {name} order by all") for name in _names(tx, "core")}


def records(jobs: Jobs) -> list[tuple[Any, ...]]:
    """The living objects of the streams that move, as they are kept."""
    with jobs.parts.warehouse.transaction("test") as tx:
        return tx.execute(
            "select stream, id, version, payload from raw.records where not is_deleted and stream in "
            "('leads', 'contacts', 'companies', 'tasks') order by 1, 2"
        )


def rows(jobs: Jobs, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query of the warehouse, or of what was published where it asks marts."""
    if "mart" not in sql:
        with jobs.parts.warehouse.transaction("test") as tx:
            return tx.execute(sql)
    with looking(jobs) as tx:
        return tx.execute(sql)


def looking(jobs: Jobs) -> AbstractContextManager[Transaction]:
    """A transaction of the warehouse in which `mart` is what was published."""
    return with_marts(jobs.parts.warehouse, jobs.parts.config.warehouse.published, "test")


def without(tables: Tables, deals: set[int]) -> Tables:
    """The ledgers without what speaks of `deals`; a ledger begins with the deal's id."""
    by_deal = {
        "core.deals", "core.stage_entries", "core.owner_entries", "core.amount_changes",
        "core.turnover_entries", "core.payments", "core.costs", "core.installation_changes",
        "core.deal_elements", "core.deal_tags", "core.deal_values",
    }  # fmt: skip
    return {
        name: [row for row in kept if row[0] not in deals] if name in by_deal else kept
        for name, kept in tables.items()
    }


def differences(one: Tables, other: Tables) -> list[str]:
    """What differs, table by table, as lines fit to be read in a failed test."""
    return list(_differences(one, other))


def _differences(one: Tables, other: Tables) -> Iterator[str]:
    for name in sorted({*one, *other}):
        mine, theirs = one.get(name, []), other.get(name, [])
        if mine != theirs:
            only_mine = [row for row in mine if row not in theirs]
            only_theirs = [row for row in theirs if row not in mine]
            yield f"{name}: {len(mine)} and {len(theirs)} rows; {only_mine[:3]} ≠ {only_theirs[:3]}"


def _names(tx: Transaction, schema: str) -> list[str]:
    found = tx.execute("select table_name from duckdb_tables() where schema_name = ? order by 1", [schema])
    return [f"{schema}.{name}" for (name,) in found]


@dataclass
class Office:
    """A small company at work, its stand-in, and products that follow it from the same beginning."""

    clock: SetClock
    company: Demo
    server: AmoServer
    ear: Ear
    folder: Path

    def product(self, name: str, origin: Jobs | None = None, **more: Any) -> Jobs:
        """A product without anything, or one that goes on from where `origin` stands."""
        jobs = make_jobs(self.folder / name, self.server, self.company.mapping, self.clock, **more)
        if origin is not None:
            theirs, ours = origin.parts.config.warehouse, jobs.parts.config.warehouse
            shutil.copy(theirs.path, ours.path)
            if theirs.published.exists():
                shutil.copy(theirs.published, ours.published)
        return jobs


@contextmanager
def an_office(folder: Path, *, deals: int, months: int, lag: float = 0.0) -> Iterator[Office]:
    """A company of its own, served while the block lasts; `lag`: seconds until its lists show a change."""
    clock = SetClock()
    company = demo_company(deals=deals, months=months, clock=clock)
    with AmoServer(company.account, rate=0, lag=lag) as server:
        yield Office(clock, company, server, Ear(company), folder)


class Program:
    """The command `vitrina` in processes of its own, with a config.yaml in `folder`."""

    def __init__(self, folder: Path, server: AmoServer, mapping: Mapping[str, Any], **more: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "config.yaml"
        settings = make_settings(folder, server.url, mapping, **more)
        self.file.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        self._environment = {
            **os.environ,
            "VITRINA_AMOCRM_TOKEN": server.token,
            "VITRINA_WEBHOOK_SECRET": SECRET,
            "PYTHONPATH": str(ROOT),
        }

    @contextmanager
    def serving(self, errors: TextIO | None = None) -> Iterator["subprocess.Popen[str]"]:
        """The service, killed by SIGKILL at the end of the block if not before; `errors`: where its log goes."""
        process = self._start(["serve"], errors or subprocess.DEVNULL)
        try:
            yield process
        finally:
            kill(process)

    def run(self, *words: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
        process = self._start(words, subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=timeout)
        finally:
            kill(process)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def _start(self, words: Sequence[str], errors: int | TextIO) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", "import vitrina; vitrina.main()", *words, "--config", str(self.file)]
        return subprocess.Popen(
            command, cwd=self.folder, env=self._environment, text=True, stdout=subprocess.PIPE, stderr=errors
        )


def kill(process: "subprocess.Popen[str]") -> None:
    """SIGKILL, and the end of it; harmless to one that is over."""
    process.kill()
    process.wait(20)
    for pipe in (process.stdout, process.stderr, process.stdin):
        if pipe is not None:
            pipe.close()


def wait_until(ready: Callable[[], object], seconds: float, what: str) -> None:
    """Ask until it is so; what is dear to ask is asked seldom, or the asking would hold up what is waited for."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if ready():
            return
        now = time.monotonic()
        assert now < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(max(0.02, min(4 * (now - began), 0.5)))
