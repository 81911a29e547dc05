"""What stands beside the deals is the same by every way: often, late, stream by stream in any order, twice, anew."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from jobs import Jobs
from metrics.ledgers import refresh
from polled import BESIDE, MOVING
from tests.harness import Office, Tables, an_office, differences, rows

LIVING = {
    "core.calls": "from core.calls where not is_deleted order by all",
    "core.tasks": "from core.tasks where not is_deleted order by all",
    "core.products": "from core.products where not is_deleted order by all",
    "core.invoices": "from core.invoices where not is_deleted order by all",
    "core.payments": "from core.payments order by all",
    "core.tags": "from core.tags order by all",
    "core.unsorted": "from core.unsorted where is_waiting order by all",
    "core.deal_fields": "from core.deal_fields order by all",
    "core.groups": "from core.groups order by all",
    "core.users": "from core.users order by all",
}
"""Who comes later has never seen what is gone; of all else the same must be known."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with an_office(tmp_path, deals=14, months=1) as office:
        yield office


class Things:
    """What staff does beside the figures, one thing after the other."""

    def __init__(self, office: Office, rng: Random) -> None:
        self.account, self.place, self.rng = office.company.account, office.company.premises, rng
        self.goods = self.account.add_catalog("Товары", "products")
        self.bills = self.account.add_catalog("Счета", "invoices")
        self.field = self.account.add_field("Новое поле", "text")
        self.calls: list[int] = []
        self.tasks: list[int] = []
        self.elements: list[int] = []
        self.uids: list[str] = []

    def deal(self) -> int:
        return self.rng.choice([one.id for one in self.account.leads.values() if one.deleted_at is None])

    def add(self) -> None:
        deal, account = self.deal(), self.account
        owner = account.leads[deal].responsible_user_id
        duration = self.rng.randrange(300)
        self.calls.append(account.add_call("leads", deal, "in", phone="+7999", duration=duration))
        due = account.moment() + 3600
        self.tasks.append(
            account.add_task("Дело", responsible_user_id=owner, complete_till=due, entity_id=deal)
        )
        price = self.rng.randrange(1, 9) * 100.25
        self.elements.append(account.add_product(self.goods, "Окно", price))
        account.link_element(deal, self.elements[-1], self.rng.randrange(1, 5))
        self.elements.append(account.add_invoice(self.bills, "Счёт", [("Окно", price, 2)], lead_id=deal))
        pipeline = self.place.pipelines["Продажи"]
        self.uids += [account.add_incoming("forms", pipeline, "Сайт") for _ in range(2)]
        account.update_lead(deal, tags=(self.rng.choice(("vip", "опт")),), fields={self.field: f"{price}"})

    def change(self) -> None:
        account, rng = self.account, self.rng
        account.pay_invoice(self.elements[-1])
        account.complete_task(self.tasks[-1], "сделано")
        account.update_element(self.elements[-2], fields={account.field_of(self.goods, "PRICE"): 77.7})
        if rng.random() < 0.5:
            account.delete_note(self.calls.pop(0))
            account.delete_task(self.tasks.pop(0))
        account.move_lead(
            account.incoming[self.uids.pop(0)].lead_id, self.place.statuses["Продажи"]["Новая заявка"]
        )
        kept = next(one for one in account.leads.values() if one.deleted_at is None and one.elements)
        account.unlink_element(kept.id, kept.elements[0].element_id)


def known(jobs: Jobs) -> Tables:
    with jobs.parts.warehouse.transaction("test") as tx:
        while refresh(tx, jobs.parts.meaning).left:
            pass
    return {name: rows(jobs, sql) for name, sql in LIVING.items()}


@pytest.mark.parametrize("seed", [1])
def test_every_way_knows_the_same(office: Office, seed: int) -> None:
    rng = Random(seed)
    things = Things(office, rng)
    late = office.product("late")
    late.sync()
    often, shuffled = office.product("often", late), office.product("shuffled", late)
    for _ in range(2):
        things.add()
        office.clock.pass_by(rng.choice((0, 1, 30)))
        often.sync()
        known(often)
        things.change()
        office.clock.pass_by(rng.choice((0, 1, 30)))
    office.clock.pass_by(30)
    streams = [
        stream for stream in (*MOVING, *BESIDE, "users") if stream not in ("customers", "transactions")
    ]
    rng.shuffle(streams)
    for stream in streams * 2:
        shuffled.sync([stream])
    known(shuffled)
    often.sync()
    late.sync()
    fresh = office.product("fresh")
    fresh.sync()

    expected = known(fresh)

    assert [name for name in LIVING if not expected[name]] == []
    assert any(origin == "invoice" for *_, origin in rows(fresh, "select deal_id, origin from core.payments"))
    for jobs in (often, late, shuffled):
        assert differences(known(jobs), expected) == []
