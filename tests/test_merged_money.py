"""What was typed under the number of a deal that another one took in is the other one's."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.harness import ALONE
from tests.ledger_desk import CONTRACT, DAY, DEAL, GOODS, Desk, a_desk, binned, event, lead, restored, stub
from tests.test_ledgers_typed import BILL_DEAL, MAY, OTHER, bill, expense, furnished, payments, signed, typed
from warehouse.database import Warehouse

CONTACT: dict[str, Any] = {"_embedded": {"contacts": [{"id": 1}], "companies": []}}
THIRD = 503
PAID = {"paid_on": "2026-03-20", "amount": "30000.00", "proof": "bank"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("merged") / "w.duckdb", limits=ALONE)


@pytest.fixture
def desk(warehouse: Warehouse) -> Iterator[Desk]:
    with a_desk(warehouse) as open_desk:
        yield furnished(open_desk)


def merge(desk: Desk, loser: int, survivor: int, at: float) -> None:
    kind, gone = binned(at)
    taken = event("entity_merged", at, None, None, f"m{survivor}")
    taken[1]["entity_id"], gone["entity_id"] = survivor, loser
    desk.tell((kind, gone), stub(at, loser), taken)


def owners(desk: Desk) -> list[tuple[int, Decimal]]:
    return desk.ask("select deal_id, amount from core.payments order by all")


def test_money_of_the_one_taken_in_is_the_survivors_whatever_came_first(desk: Desk) -> None:
    desk.tell(signed(**CONTACT), signed(deal=OTHER, **CONTACT))
    typed(desk, "payments", {"deal_id": str(OTHER), **PAID})
    assert owners(desk) == [(OTHER, Decimal(30_000))]

    merge(desk, OTHER, DEAL, 9 * DAY)
    assert owners(desk) == [(DEAL, Decimal(30_000))]

    typed(desk, "payments", {"deal_id": str(OTHER), **PAID, "amount": "20000.00"})
    assert payments(desk) == [("bank", date(2026, 3, 20), Decimal(20_000))]
    assert owners(desk) == [(DEAL, Decimal(20_000))]


def test_money_goes_back_with_an_undone_merge(desk: Desk) -> None:
    desk.tell(signed(**CONTACT), signed(deal=OTHER, **CONTACT))
    typed(desk, "payments", {"deal_id": str(OTHER), **PAID})
    merge(desk, OTHER, DEAL, 9 * DAY)

    kind, back = restored(10 * DAY)
    back["entity_id"] = OTHER
    desk.looks_at += DAY
    desk.tell((kind, back), lead(CONTRACT, at=10 * DAY, price=100_000, deal=OTHER, **CONTACT))

    assert owners(desk) == [(OTHER, Decimal(30_000))]


def test_money_follows_through_two_merges(desk: Desk) -> None:
    desk.tell(*(signed(deal=deal, **CONTACT) for deal in (DEAL, OTHER, THIRD)))
    typed(desk, "payments", {"deal_id": str(THIRD), **PAID})

    merge(desk, THIRD, OTHER, 8 * DAY)
    merge(desk, OTHER, DEAL, 9 * DAY)

    assert owners(desk) == [(DEAL, Decimal(30_000))]


def test_costs_of_the_one_taken_in_are_the_survivors(desk: Desk) -> None:
    desk.tell(
        signed(fields={GOODS: 5_000}, **CONTACT),
        signed(deal=OTHER, **CONTACT),
        bill(9_000, fields={BILL_DEAL: OTHER}),
    )
    typed(desk, "expenses", expense("Закуп", "7000.00", deal_id=str(OTHER)), at=MAY)

    merge(desk, OTHER, DEAL, 9 * DAY)

    spent = desk.ask("select deal_id, article, amount from core.costs where amount is not null order by all")
    assert spent == [(DEAL, "Аренда склада", Decimal(9_000)), (DEAL, "Закуп", Decimal(7_000))]
