"""The golden company lived through: amoCRM's stand-in tells it over HTTP, and a product of its own follows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from closing import Closing
from jobs import Jobs
from sandbox.amocrm import Account, AmoServer
from tests.golden.company import LIVES
from tests.golden.house import VERA, House, at, on
from tests.golden.typed import type_all
from tests.harness import SetClock, make_jobs

LOOKS = ("13.04 20:00", "27.04 20:00", "05.05 12:00", "20.05 12:00")
"""When the product looked at the account; what was thrown away before the first look it knows nothing of."""
DISMISSED = "30.04 18:00"
CLOSED_AT = "05.05 12:00"
MONEY = {"cash_days": 15, "large_check": 100_000, "wages_day": 3}


@contextmanager
def the_company(folder: Path) -> Iterator[Jobs]:
    """The product after everything happened; April was closed on 5 May, when only half of it had."""
    clock = SetClock(datetime.fromtimestamp(at("01.04 08:00"), UTC))
    house = House(Account(clock))
    with AmoServer(house.account, rate=0) as server:
        more: dict[str, Any] = {"money": MONEY, "inputs": {"folder": str(folder / "inputs")}}
        jobs = make_jobs(folder, server, house.mapping, clock, **more)
        for look in LOOKS:
            since = clock()
            clock.pass_by(int(at(look) - since))
            live(house, since, at(look))
            jobs.sync()
            type_all(folder / "inputs", on(look.split()[0]))
            jobs.inputs.take()
            if look == CLOSED_AT:
                Closing(jobs).close(date(2026, 4, 1))
        jobs.build()
        yield jobs


def live(house: House, since: float, until: float) -> None:
    """What happened after `since` up to `until`, in its order; what happened at once in the order of the telling."""
    told = [(at(when), deal, verb) for deal, life in LIVES.items() for when, verb in life]
    for moment, deal, verb in sorted(told, key=lambda one: one[0]):
        if since < moment <= until:
            verb(house, deal, moment)
    if since < at(DISMISSED) <= until:
        house.account.dismiss_user(VERA)
