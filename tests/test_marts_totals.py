"""What must add up, whatever the company: breakdowns to totals, schedules to debts, in any order of rows."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from tests.golden_marts.ledgers import ARTICLES, CATALOG, TODAY, Ledgers, Row, deal, entry, payment, turnover

Company = dict[str, list[Row]]
CHANCE = 20260520


def company(deals: int = 150) -> Company:
    """A made-up company with every oddity that the ledgers allow; the same at every call."""
    chance = random.Random(CHANCE)
    ledgers: Company = {
        name: [] for name in ("deals", "turnover_entries", "stage_entries", "payments", "costs")
    }
    ledgers["users"] = [{"user_id": number, "name": f"Менеджер {number % 3}"} for number in range(1, 5)]
    for number in range(1, deals + 1):
        _add(ledgers, chance, number)
    return ledgers


def _add(ledgers: Company, chance: random.Random, number: int) -> None:
    lead_on = TODAY - timedelta(chance.randrange(200))
    is_lost, is_deleted, is_signed = chance.random() < 0.3, chance.random() < 0.1, chance.random() < 0.5
    amount = chance.choice([None, 0, *(chance.randrange(1, 10**7) for _ in range(8))]) if is_signed else None
    money = None if amount is None else Decimal(amount) / 100
    contract_on = lead_on + timedelta(chance.randrange(30)) if is_signed else None
    manager = chance.choice([1, 2, 3, 4, 5, None])
    row = deal(
        number,
        lead_on,
        source=chance.choice(["Сайт", "Реклама", None]),
        product=chance.choice(["Окна", "Двери", None]),
        loss_reason=chance.choice(["Дорого", None]),
        lead_manager_id=chance.choice([1, 2, 3, None]),
        is_sale=chance.random() < 0.9,
        is_deleted=is_deleted,
        is_lost=is_lost,
        is_cancelled=is_signed and (is_lost or is_deleted),
        step="lost" if is_lost else chance.choice(["new", "measure", "contract", "won", None]),
        measure_on=contract_on or chance.choice([None, lead_on + timedelta(3)]),
        measure_manager_id=manager,
        contract_on=contract_on,
        contract_manager_id=manager,
        contract_amount=money,
        lost_on=lead_on + timedelta(40) if is_lost else None,
        won_on=chance.choice([None, lead_on + timedelta(50)]),
        installation_on=chance.choice([None, TODAY + timedelta(chance.randrange(-90, 60))]),
    )
    ledgers["deals"].append(row)
    if is_lost:
        ledgers["stage_entries"] += [
            entry(number, 1, "new", "lost", lead_on + timedelta(20), 1),
            entry(number, 2, "lost", "measure", lead_on + timedelta(30), 2),
            entry(number, 3, "measure", "lost", lead_on + timedelta(40), 2),
        ]
    for seq in range(chance.randrange(4)):
        paid_on = chance.choice([None, TODAY + timedelta(chance.randrange(-60, 60))])
        ledgers["payments"].append(payment(number, seq, "payment", paid_on, chance.randrange(-3000, 50000)))
    if contract_on is not None:
        ledgers["turnover_entries"].append(
            turnover(number, 1, "signed", contract_on, int(money or 0), manager)
        )
        if row["is_cancelled"]:
            ledgers["turnover_entries"].append(
                turnover(number, 2, "cancelled", TODAY, -int(money or 0), manager)
            )
        ledgers["costs"] += [
            {"deal_id": number, "article": article, "amount": chance.choice([None, 0, 5, 700])}
            for article in ARTICLES
        ]


def built(rearrange: Callable[[list[Row]], list[Row]]) -> Ledgers:
    ledgers = Ledgers()
    for ledger, rows in company().items():
        ledgers.write(ledger, rearrange(rows))
    ledgers.build()
    return ledgers


@cache
def in_order() -> Ledgers:
    return built(list)


def total(mart: str, expression: str, where: str = "true") -> Any:
    sql = f"select coalesce(sum({expression}), 0) from mart.{mart} where {where}"
    [(answer,)] = in_order().connection.execute(sql).fetchall()
    return answer


@pytest.mark.parametrize("mart", ["funnel_by_source", "funnel_by_manager", "funnel_by_product"])
@pytest.mark.parametrize(
    "figure",
    ["leads", "measure_leads", "contract_leads", "lost_leads", "measures", "contracts", "losses", "returns"],
)
def test_the_parts_of_a_funnel_add_up_to_its_whole(mart: str, figure: str) -> None:
    by_month = (
        f"select month, sum({figure}) from mart.{{}} group by month having sum({figure}) > 0 order by 1"
    )
    parts = in_order().connection.execute(by_month.format(mart)).fetchall()
    whole = in_order().connection.execute(by_month.format("funnel_by_month")).fetchall()

    assert parts == whole != []


@pytest.mark.parametrize(
    ("mart", "figure", "whole", "whole_figure"),
    [
        ("leads_by_day", "leads", "leads_by_month", "leads"),
        ("leads_by_week", "leads", "leads_by_month", "leads"),
        ("funnel_by_month", "leads", "leads_by_month", "leads"),
        ("source_totals", "leads", "leads_by_month", "leads"),
        ("manager_totals", "leads", "leads_by_month", "leads"),
        ("lost_reasons", "losses", "funnel_by_month", "losses"),
        ("turnover_by_manager", "net_amount", "turnover_by_month", "net_amount"),
        ("turnover_by_manager", "contracts", "turnover_by_month", "contracts"),
        ("average_check_by_manager", "contracts", "turnover_by_month", "contracts"),
        ("source_totals", "net_amount", "turnover_by_month", "net_amount"),
        ("manager_totals", "net_amount", "turnover_by_month", "net_amount"),
        ("receivables_ageing", "receivable_amount", "receivables", "receivable_amount"),
        ("receivables_ageing", "deals", "receivables", "1"),
        ("payment_schedule", "expected_amount", "payment_schedule_deals", "expected_amount"),
        ("profit_by_month", "profit_amount", "profit_by_deal", "profit_amount"),
        ("profit_by_product", "profit_amount", "profit_by_deal", "profit_amount"),
        ("profit_by_manager", "profit_amount", "profit_by_deal", "profit_amount"),
        ("source_totals", "profit_amount", "profit_by_deal", "profit_amount"),
        ("manager_totals", "profit_amount", "profit_by_deal", "profit_amount"),
        ("profit_by_product", "deals", "profit_by_deal", "1"),
    ],
)
def test_a_breakdown_adds_up_to_its_whole(mart: str, figure: str, whole: str, whole_figure: str) -> None:
    assert total(mart, figure) == total(whole, whole_figure) != 0


def test_turnover_is_the_sum_of_its_movements() -> None:
    movements = "signed_amount + changed_amount + cancelled_amount + resumed_amount"

    assert total("turnover_by_month", movements) == total("turnover_by_month", "net_amount")


def test_the_cumulative_schedule_ends_at_the_sum_of_its_days() -> None:
    [(last,)] = (
        in_order()
        .connection.execute(
            "select cumulative_amount from mart.payment_schedule where position = 2 order by due_on"
        )
        .fetchall()[-1:]
    )

    assert last == total("payment_schedule", "expected_amount", "position = 2")


def test_no_deal_owes_and_is_owed_at_once() -> None:
    owing = {deal_id for (deal_id,) in in_order().rows("receivables", "deal_id")}
    owed = {deal_id for (deal_id,) in in_order().rows("client_debts", "deal_id")}

    assert owing
    assert owed
    assert not owing & owed


@pytest.mark.parametrize("mart", [model.name for model in CATALOG])
def test_the_order_in_which_rows_were_kept_changes_nothing(mart: str) -> None:
    assert shuffled().rows(mart) == in_order().rows(mart)


@cache
def shuffled() -> Ledgers:
    return built(lambda rows: random.Random(1).sample(rows, len(rows)))
