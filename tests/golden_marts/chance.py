"""A company made up by chance, the same every time, with every oddity that the ledgers allow."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cache

from tests.golden_marts.ledgers import ARTICLES, TODAY, Ledgers, Row, deal, entry, payment, turnover

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
    _move(ledgers, chance, row)
    if is_signed:
        _sign(ledgers, chance, row)


def _move(ledgers: Company, chance: random.Random, row: Row) -> None:
    number, lead_on = row["deal_id"], row["lead_on"]
    if row["is_lost"]:
        ledgers["stage_entries"] += [
            entry(number, 1, "new", "lost", lead_on + timedelta(20), 1),
            entry(number, 2, "lost", "measure", lead_on + timedelta(30), 2),
            entry(number, 3, "measure", "lost", lead_on + timedelta(40), 2),
        ]
    for seq in range(chance.randrange(4)):
        paid_on = chance.choice([None, TODAY + timedelta(chance.randrange(-60, 60))])
        ledgers["payments"].append(payment(number, seq, "payment", paid_on, chance.randrange(-3000, 50000)))


def _sign(ledgers: Company, chance: random.Random, row: Row) -> None:
    number, manager, money = row["deal_id"], row["contract_manager_id"], row["contract_amount"] or Decimal(0)
    movements = [turnover(number, 1, "signed", row["contract_on"], money, manager)]
    if row["is_cancelled"]:
        movements.append(turnover(number, 2, "cancelled", TODAY, -money, manager))
    ledgers["turnover_entries"] += movements
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
    """The company's marts."""
    return built(list)


@cache
def shuffled() -> Ledgers:
    """The same from ledgers whose rows were kept in another order."""
    return built(lambda rows: random.Random(1).sample(rows, len(rows)))
