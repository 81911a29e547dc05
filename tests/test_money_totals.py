"""What must add up to the kopeck, whatever people typed: shares, overheads, net profit, in any order of rows."""

import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest

from metrics import drills
from metrics.identities import broken
from tests.golden_marts.chance import CHANCE, Company, company
from tests.golden_marts.ledgers import CATALOG, Ledgers, Row, day
from warehouse.database import Transaction

KEYS = ("turnover", "gross_profit", "equal", "days_in_work")
MONTHS = [day(number, 1) for number in (1, 2, 3, 4, 5, 12)]
KOPECK = Decimal("0.01")


def wealthy() -> Company:
    """The company made up by chance, with shares, acts, doubtful money, plans, overheads and advertising."""
    chance = random.Random(CHANCE)
    ledgers = company()
    ledgers |= {
        name: [] for name in ("deal_shares", "overheads", "plans", "ad_spend", "outflows", "pay_rules")
    }
    for row in ledgers["deals"]:
        row["act_on"] = chance.choice([None, row["lead_on"], day(5, chance.randrange(1, 31))])
        row["list_amount"] = chance.choice([None, 0, 12_345])
        if chance.random() < 0.4:
            ledgers["deal_shares"] += _shares(row["deal_id"], chance)
    for row in ledgers["payments"]:
        row["is_confirmed"] = chance.random() < 0.7
    for month in MONTHS:
        amount = Decimal(chance.randrange(1, 10**7)) / 100
        ledgers["overheads"].append(
            {
                "month": month,
                "article": "Аренда",
                "seq": 1,
                "amount": amount,
                "is_paid": False,
                "origin": "input",
            }
        )
        half = (amount / 2).quantize(KOPECK)
        ledgers["ad_spend"].append({"month": month, "source": "Сайт", "seq": 1, "amount": half})
        ledgers["plans"] += [_plan(month, *one) for one in (("", None), ("Менеджер 1", 1), ("Никто", None))]
    bill = {"on_day": day(5, 25), "article": "Аренда", "is_paid": False, "origin": "input"}
    ledgers["outflows"] = [bill | {"seq": number, "amount": number * 100} for number in (1, 2)]
    ledgers["pay_rules"] = [
        {"rule_id": number, "whom": "", "role": "", "base": base, "rate": Decimal(rate), "tier_from": 0,
         "scale": "whole", "valid_from": day(1, 1)}
        for number, (base, rate) in enumerate((("contract", "0.013"), ("gross_profit", "0.07")), start=1)
    ]  # fmt: skip
    return ledgers


def _shares(deal_id: int, chance: random.Random) -> list[Row]:
    people = chance.sample([1, 2, 3, 4], chance.randrange(1, 4))
    cuts = sorted(chance.sample(range(1, 1_000_000), len(people) - 1))
    ends = [0, *cuts, 1_000_000]
    return [
        {
            "deal_id": deal_id,
            "seq": seq,
            "role": "",
            "manager_id": person,
            "share": Decimal(end - start) / 10**6,
        }
        for seq, (person, start, end) in enumerate(zip(people, ends, ends[1:], strict=False), start=1)
    ]


def _plan(month: object, whom: str, manager: int | None) -> Row:
    return {
        "month": month, "whom": whom, "manager_id": manager, "measure": "turnover", "version": 1,
        "valid_from": month, "amount": 100_000,
    }  # fmt: skip


def built(key: str, rearrange: Callable[[list[Row]], list[Row]]) -> Ledgers:
    ledgers = Ledgers()
    ledgers.choose(overhead_key=key)
    for ledger, rows in wealthy().items():
        ledgers.write(ledger, rearrange(rows))
    ledgers.build()
    return ledgers


@cache
def by(key: str) -> Ledgers:
    return built(key, list)


@pytest.mark.parametrize("key", KEYS)
def test_every_total_is_the_sum_of_its_drill_down(key: str) -> None:
    tx = Transaction(by(key).connection)

    assert broken(tx, CATALOG) == []
    assert [each for model in CATALOG for each in drills.check(tx, model.name, model.drills)] == []


@pytest.mark.parametrize("key", KEYS)
def test_overheads_are_shared_whole_and_each_share_is_right_to_the_kopeck(key: str) -> None:
    shares = by(key).rows("overhead_shares", "month", "deal_id", "amount")
    booked = {row["month"]: row["amount"] for row in wealthy()["overheads"]}
    largest = {month: max(amount for one, _, amount in shares if one == month) for month in booked}

    assert {month: sum(amount for one, _, amount in shares if one == month) for month in booked} == booked
    assert any(deal is None for _, deal, _ in shares)
    weights = _weights(key)
    for month, deal, amount in shares:
        if deal is not None and amount != largest[month]:
            whole = sum(weights[month].values())
            exact = Fraction(booked[month]) * weights[month][deal] / whole
            assert 0 <= exact - Fraction(amount) < Fraction(1, 100)


def _weights(key: str) -> dict[object, dict[int, Fraction]]:
    """Deal → weight by month, counted from the ledgers once more."""
    ledgers = wealthy()
    costs: dict[int, list[Decimal | None]] = {}
    for row in ledgers["costs"]:
        costs.setdefault(row["deal_id"], []).append(row["amount"])
    weights: dict[object, dict[int, Fraction]] = {row["month"]: {} for row in ledgers["overheads"]}
    for row in ledgers["deals"]:
        if not row["is_sale"] or not row["is_signed"] or row["is_cancelled"]:
            continue
        number, month = row["deal_id"], row["contract_on"].replace(day=1)
        amount, spent = Fraction(row["contract_amount"] or 0), costs[number]
        profit = amount - sum(Fraction(cost or 0) for cost in spent) if amount and None not in spent else 0
        weight = {"turnover": amount, "gross_profit": max(profit, Fraction(0)), "equal": Fraction(1)}.get(key)
        if weight is not None:
            weights.get(month, {})[number] = Fraction(weight)
            continue
        handed_over = min(day(5, 20), row["act_on"] or row["won_on"] or day(5, 20))
        last = max(handed_over, row["contract_on"])
        for each, found in weights.items():
            days = sum(
                row["contract_on"].toordinal() <= number_ <= last.toordinal()
                for number_ in range(each.toordinal(), each.toordinal() + 31)  # type: ignore[attr-defined]
                if type(last).fromordinal(number_).replace(day=1) == each
            )
            if days:
                found[number] = Fraction(days)
    return weights


@pytest.mark.parametrize("mart", [model.name for model in CATALOG])
def test_the_order_in_which_rows_were_kept_changes_nothing(mart: str) -> None:
    assert _shuffled().rows(mart) == by("turnover").rows(mart)


@cache
def _shuffled() -> Ledgers:
    return built("turnover", lambda rows: random.Random(1).sample(rows, len(rows)))


def test_what_managers_share_is_what_there_was() -> None:
    ledgers = by("turnover")
    whole = dict(ledgers.rows("turnover_by_month", "month", "net_amount"))
    shared = ledgers.rows("turnover_by_manager", "month", "net_amount")

    assert {month: sum(part for one, part in shared if one == month) for month in {m for m, _ in shared}} == {
        month: amount for month, amount in whole.items() if month in {m for m, _ in shared}
    }
    for mart, whole_mart in (
        ("net_profit_by_manager", "net_profit_by_month"),
        ("net_profit_by_source", "net_profit_by_deal"),
    ):
        figures = [
            sum(value or 0 for (value,) in ledgers.rows(name, "net_amount")) for name in (mart, whole_mart)
        ]
        assert figures[0] == figures[1] != 0
