"""The product run over a stand-in account: loaded, worked on, loaded again, built, exported."""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bootstrap import Parts
from config import from_mapping
from exporting import Exporter
from jobs import Jobs
from sandbox.amocrm import AmoServer
from sandbox.amocrm.account import Account
from sandbox.google.server import GoogleServer
from tests.independent.rates import Pay, everything_paid_for, type_in_pay
from tests.independent.results import PAYDAY
from tests.independent.terms import Terms
from tests.independent.typed import Typed, type_in, typed_for

ROBOT = "robot@figures.iam.gserviceaccount.com"
CHANGING = ("users", "leads", "companies", "events", "trash")
FAST = 500  # requests a second: the stand-in serves as many as it is asked


@dataclass
class Clock:
    """The moment at which the product runs, moved by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Product:
    """One account, one configuration, one folder; every figure in `workbook` is of `clock.now`."""

    account: Account
    mapping: Mapping[str, Any]
    folder: Path
    clock: Clock
    stack: ExitStack
    _seen: set[int] = field(default_factory=set)
    _names: dict[int, str] = field(default_factory=dict)
    _loaded: bool = False
    typed: Typed = field(default_factory=Typed)
    pays: bool = False
    pay: Pay = field(default_factory=Pay)
    google: GoogleServer = field(init=False)
    spreadsheet: str = field(init=False)
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        amo = self.stack.enter_context(AmoServer(self.account, rate=0))
        self.google = self.stack.enter_context(GoogleServer())
        self.spreadsheet = self.google.create_spreadsheet("Показатели", share={ROBOT: "writer"})
        content = {
            "amocrm": {"url": amo.url, "requests_per_second": FAST},
            "warehouse": {"path": "warehouse.duckdb", "published": "marts.duckdb"},
            "sync": {"inbox": "inbox"},
            "mapping": self.mapping,
            "google": {"api_url": self.google.url},
            "money": {"wages_day": PAYDAY},
            "exports": {"books": [
                {"name": "excel", "kind": "xlsx", "path": "book.xlsx"},
                {"name": "sheets", "kind": "sheets", "spreadsheet": self.spreadsheet},
            ]},
        }  # fmt: skip
        secrets = {
            "VITRINA_AMOCRM_TOKEN": amo.token,
            "VITRINA_GOOGLE_KEY": json.dumps(self.google.service_account(ROBOT)),
        }
        config = from_mapping(content, self.folder, secrets, {"amocrm", "google"})
        self.jobs = Jobs(Parts(config, now=self.clock))

    @property
    def workbook(self) -> Path:
        return self.folder / "book.xlsx"

    @property
    def terms(self) -> Terms:
        unseen = frozenset(self.account.leads) - self._seen
        return Terms(self.account, self.mapping, self.clock.now, unseen, self._names, self.typed, self.pay)

    def load(self) -> None:
        """Bring everything up to now; what lies in the trash at every load is never read."""
        self._seen |= {lead.id for lead in self.account.leads.values() if lead.deleted_at is None}
        self._names |= {user.id: user.name for user in self.account.users.values()}
        errors = self.jobs.sync(CHANGING if self._loaded else ()).errors
        self._loaded = True
        assert not errors, errors

    def show(self) -> None:
        """Type the tables, build the figures and write both books."""
        staff = {user.id: user.name for user in self.account.users.values()}
        self.typed = typed_for(self.terms.today, staff)
        if self.pays:
            self.typed, self.pay = everything_paid_for(self.terms.today, self.account)
            type_in_pay(self.pay, self.folder / "inputs", staff)
        type_in(self.typed, self.folder / "inputs", staff)
        look = self.jobs.inputs.take()
        assert not look.refused, look.refused
        self.jobs.build()
        failed = [book.error for book in Exporter(self.jobs).export() if book.error]
        assert not failed, failed


def run(
    account: Account,
    mapping: Mapping[str, Any],
    folder: Path,
    now: datetime,
    stack: ExitStack,
    *works: Callable[[Clock], None],
    pays: bool = False,
) -> Product:
    """Load the account as it stands, then let each of `works` happen to it and load what changed; then show.

    `pays`: people of the company are paid by rates.
    """
    clock = Clock(now)
    product = Product(account, mapping, folder, clock, stack, pays=pays)
    clock.pass_by(seconds=10)
    product.load()
    for work in works:
        work(clock)
        clock.pass_by(seconds=10)
        product.load()
    product.show()
    return product
