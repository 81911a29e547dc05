"""The demo company: eighteen months of selling, measuring, delivering and mounting windows."""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.account import Account
from sandbox.amocrm.books import Settings
from sandbox.amocrm.days import DAY, arrivals, at_work, local_date, month_edges
from sandbox.amocrm.premises import Premises, furnish
from sandbox.amocrm.sale import Life, Sale
from sandbox.amocrm.truth import LOST, WON

MONTH = 30.44 * DAY
SERVICE_SHARE = 0.1
HOSTILE_EVERY = 23


@dataclass(frozen=True, slots=True)
class Demo:
    """The company's account, and what its fields and statuses mean."""

    account: Account
    premises: Premises

    @property
    def mapping(self) -> dict[str, Any]:
        return self.premises.mapping

    @property
    def config(self) -> dict[str, Any]:
        """The part of a configuration that belongs to this account."""
        return {"mapping": self.mapping}


def demo_company(
    seed: int = 2026,
    deals: int = 2000,
    months: int = 18,
    now: datetime | None = None,
    clock: Callable[[], float] = time.time,
) -> Demo:
    """The account as it stands `now`, after `months` of history; the same arguments give the same account.

    `clock` is what the account reads afterwards, when people go on working in it.
    """
    present = int((now or datetime.fromtimestamp(clock(), UTC)).timestamp())
    start = present - int(months * MONTH)
    account = Account(clock, Settings(created_at=start - 30 * DAY))
    place = furnish(account)
    rng = Random(f"company {seed}")
    play(_lives(place, rng, deals, start, present), present)
    return Demo(account, place)


def play(lives: Iterable[Iterator[int]], until: int) -> None:
    """Let all lives go on side by side, moment by moment; what is left of them at `until` stays undone."""
    queue = [(next(life), number, life) for number, life in enumerate(lives)]
    heapq.heapify(queue)
    while queue:
        moment, number, life = heapq.heappop(queue)
        if moment > until:
            return
        following = next(life, None)
        if following is not None:
            heapq.heappush(queue, (following, number, life))


def _lives(place: Premises, rng: Random, deals: int, start: int, present: int) -> Iterator[Life]:
    zone = place.account.zone
    since, until = local_date(start, zone), datetime.fromtimestamp(present, zone)
    few = max(1, deals // 20)
    expenses = list(_expenses(place, rng, since, until.date()))[-few:]
    service = round(deals * SERVICE_SHARE)
    edges = month_edges(since, until.date(), zone)[-few:]
    sales = max(0, deals - service - len(expenses) - len(edges))
    for number, arrival in enumerate(arrivals(sales, since, until, rng), start=1):
        hostile = number % HOSTILE_EVERY == 0
        name = cast.HOSTILE_NAMES[number // HOSTILE_EVERY % len(cast.HOSTILE_NAMES)] if hostile else ""
        yield _sale(place, Random(f"{rng.random()} {number}"), arrival, present, name).live(arrival)
    for arrival in edges:
        sale = _sale(place, Random(f"{rng.random()} {arrival}"), arrival, present, "Договор в полночь")
        sale.edge = True
        yield sale.live(arrival)
    for arrival in arrivals(service, since, until, rng):
        yield _service(place, Random(f"{rng.random()} service {arrival}"), arrival)
    yield from expenses
    yield _dismissals(place, rng, present)


def _sale(place: Premises, rng: Random, arrival: int, present: int, name: str) -> Sale:
    ago = (present - arrival) / MONTH
    there = [one for one in cast.MANAGERS if one.share and one.until < ago <= one.since]
    manager = rng.choices(there, [one.share for one in there])[0]
    source = rng.choices(cast.SOURCES, [one.share for one in cast.SOURCES])[0]
    product = rng.choices(cast.PRODUCTS, [one.share for one in cast.PRODUCTS])[0]
    return Sale(place, rng, present, manager, source, product, name)


def _service(place: Premises, rng: Random, arrival: int) -> Life:
    """A repair: its money is no sale."""
    account, statuses = place.account, place.statuses["Сервис"]
    owner = place.managers[rng.choice([one.name for one in cast.MANAGERS if not one.share])]
    moment = at_work(arrival, account.zone, rng)
    yield moment
    names = ("Регулировка створок", "Замена стеклопакета", "Скрипит дверь", "Дует из-под подоконника")
    lead_id = account.add_lead(
        rng.choice(names), pipeline_id=place.pipelines["Сервис"], status_id=statuses["Новое обращение"],
        responsible_user_id=owner, price=rng.randrange(15, 120) * 100, moment=moment,
    )  # fmt: skip
    for status_id in (statuses["Выезд мастера"], statuses["Ремонт"], LOST if rng.random() < 0.1 else WON):
        moment = at_work(moment + rng.uniform(0.2, 5) * DAY, account.zone, rng)
        yield moment
        account.move_lead(lead_id, status_id, moment=moment)


def _expenses(place: Premises, rng: Random, since: date, until: date) -> Iterator[Life]:
    for edge in month_edges(since, until, place.account.zone):
        for name, usual in cast.EXPENSES:
            amount = int(round(usual * rng.uniform(0.9, 1.15), -2))
            yield _expense(place, name, amount, edge + rng.randrange(10, 90) * 3600)


def _expense(place: Premises, name: str, amount: int, moment: int) -> Life:
    yield moment
    statuses = place.statuses["Расходы"]
    lead_id = place.account.add_lead(
        name, pipeline_id=place.pipelines["Расходы"], status_id=statuses["К оплате"],
        responsible_user_id=place.head, price=amount, moment=moment,
    )  # fmt: skip
    yield moment + 2 * DAY
    place.account.move_lead(lead_id, WON, moment=moment + 2 * DAY)


def _dismissals(place: Premises, rng: Random, present: int) -> Life:
    """Who leaves stays in the list, inactive; of his open deals some are handed over and some forgotten."""
    account = place.account
    heirs = [place.managers[one.name] for one in cast.MANAGERS if one.share and not one.until]
    for manager in (one for one in cast.MANAGERS if one.until):
        moment = present - int(manager.until * MONTH)
        yield moment
        gone = place.managers[manager.name]
        account.dismiss_user(gone)
        for lead in list(account.leads.values()):
            is_open = lead.closed_at is None and lead.deleted_at is None
            if lead.responsible_user_id == gone and is_open and rng.random() < 0.7:
                heir = rng.choice(heirs)
                account.update_lead(lead.id, responsible_user_id=heir, by=place.head, moment=moment)
