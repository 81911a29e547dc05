"""The outside world of the bench: stand-ins in processes of their own, so that they are not timed as ours."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 180.0  # seconds until a big account must stand, or a change must be done
PER_LEAD = 0.002  # seconds more for every lead of it
QUIET = (
    86_400.0  # seconds since the account's last change: a first poll must not meet the crowd of its making
)
FIELDS = 30  # filled custom fields of a lead


@dataclass(frozen=True, slots=True)
class Account:
    """A served account: where it is, and what its fields mean."""

    url: str
    token: str
    mapping: dict[str, Any]
    process: subprocess.Popen[str]

    @property
    def peak(self) -> int:
        """The most bytes of memory that the stand-in took so far; 0 where the system does not tell."""
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii", errors="replace")
            for line in told.splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0

    def change(self, leads: int) -> None:
        """So many leads get another price and contract amount, now; returns when a settled poll sees them."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"change {leads}\n")
        self.process.stdin.flush()
        assert _line(self.process) == f"changed {leads}"
        time.sleep(2.1)  # `until` of a poll is a whole second and excludes itself


@dataclass(frozen=True, slots=True)
class Spreadsheets:
    """A served spreadsheet: where it is, which one, and the robot's key to it."""

    url: str
    book: str
    key: str


@contextlib.contextmanager
def big_account(folder: Path, leads: int, *, rate: int = 0, latency: float = 0.0) -> Iterator[Account]:
    """A stand-in account with so many leads, for as long as the block lasts."""
    options = {"leads": leads, "fields": FIELDS, "rate": rate, "latency": latency}
    with _account(folder / f"account-{leads}-{rate}.json", PATIENCE + PER_LEAD * leads, **options) as served:
        yield served


@contextlib.contextmanager
def company(folder: Path, deals: int, months: int) -> Iterator[Account]:
    """The demo company with its so many months of payments, acts and bills, for as long as the block lasts."""
    with _account(folder / "company.json", PATIENCE, deals=deals, months=months, rate=0) as served:
        yield served


@contextlib.contextmanager
def _account(about: Path, patience: float, **options: float) -> Iterator[Account]:
    arguments = [f"--{name}={value}" for name, value in options.items()]
    arguments += [f"--describe={about}", f"--now={time.time() - QUIET}"]
    with _process("sandbox.amocrm", arguments) as process:
        url, token = _line(process, patience), _line(process)
        yield Account(url, token, json.loads(about.read_text(encoding="utf-8"))["mapping"], process)


@contextlib.contextmanager
def spreadsheets() -> Iterator[Spreadsheets]:
    """A stand-in spreadsheet, for as long as the block lasts."""
    with _process("tests.bench.sheets_standin", ()) as process:
        yield Spreadsheets(**json.loads(_line(process)))


@contextlib.contextmanager
def _process(module: str, arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def _line(process: subprocess.Popen[str], patience: float = PATIENCE) -> str:
    """The next line a process prints; one that stays silent is ended, which ends the wait."""
    assert process.stdout is not None
    alarm = threading.Timer(patience, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline().rstrip("\n")
    finally:
        alarm.cancel()
    if not line:
        raise RuntimeError("a stand-in ended or stayed silent")
    return line
