"""Wages that are also written among the overheads are a cost once, in every figure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.golden_marts.ledgers import costs, day
from tests.payroll_desk import ANNA, BORIS, MAY, Desk

FIGURES = (
    "profit_and_loss",
    "profit_and_loss_by_year",
    "income_and_expense",
    "net_profit_by_deal",
    "net_profit_by_manager",
    "net_profit_by_month",
    "net_profit_by_product",
    "net_profit_by_source",
    "payroll_lines",
    "overhead_shares",
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Two contracts of May, 300 000 and 100 000, at a cost of half; 5 % of the contract, 10 % of the profit; rent."""
    desk = Desk()
    desk.rule("contract", rate=Decimal("0.05"))
    desk.rule("net_profit", rate=Decimal("0.1"))
    for deal_id, amount, manager in ((1, 300_000, ANNA), (2, 100_000, BORIS)):
        desk.contract(deal_id, day(5, 5), amount, manager)
        desk.write("costs", costs(deal_id, amount // 2, 0, 0))
    bill(desk, "Аренда", 40_000)
    yield desk
    desk.connection.close()


def bill(desk: Desk, article: str, amount: int, seq: int = 1, month: int = 5) -> None:
    row = {"month": day(month, 1), "article": article, "seq": seq, "amount": amount, "is_paid": True}
    desk.write("overheads", [row | {"origin": "input", "direction": "Офис"}])


def figures(desk: Desk) -> dict[str, list[Any]]:
    desk.build()
    return {
        name: desk.connection.execute(f"select * from mart.{name} order by all").fetchall()
        for name in FIGURES
    }


def result(desk: Desk) -> Decimal:
    desk.build()
    [(net,)] = desk.rows("profit_and_loss", "net_amount")
    return Decimal(net)


WAGES = 20_000 + 16_000  # 5 % of 400 000, 10 % of 200 000 less the rent


@pytest.mark.parametrize("articles", [{"Зарплата": 20_000}, {"Зарплата": 6_000, " аванс": 30_000}])
def test_wages_written_down_when_they_are_paid_change_no_figure(desk: Desk, articles: dict[str, int]) -> None:
    before = figures(desk)

    desk.choose(wages_articles=("Зарплата", "Аванс"))
    for article, amount in articles.items():
        bill(desk, article, amount)
    after = figures(desk)
    told = after["income_and_expense"]
    after["income_and_expense"] = [row for row in told if row[2].strip().lower() not in ("зарплата", "аванс")]

    assert after == before
    assert result(desk) == 200_000 - 40_000 - WAGES


@pytest.mark.parametrize("key", ["turnover", "gross_profit", "equal", "days_in_work"])
def test_wages_of_people_who_are_paid_by_no_rule_are_an_overhead(desk: Desk, key: str) -> None:
    desk.choose(overhead_key=key)
    before = result(desk)

    bill(desk, "Зарплата", WAGES + 1_000)

    assert result(desk) == before - 1_000
    assert sum(amount for (amount,) in desk.rows("overhead_shares", "amount")) == 41_000
    assert desk.rows("overheads_by_article", "article", "typed_amount", "repeated_amount", "amount") == [
        ("Аренда", 40_000, 0, 40_000),
        ("Зарплата", WAGES + 1_000, WAGES, 1_000),
    ]


def test_wages_that_are_only_written_down_are_an_overhead_of_the_deals() -> None:
    desk = Desk()
    desk.contract(1, day(5, 5), 300_000)
    bill(desk, "Зарплата", 70_000)
    bill(desk, "Зарплата", -5_000, month=4)  # taken back, in a month without anything else

    desk.build()

    assert desk.rows("overhead_shares", "month", "deal_id", "amount") == [
        (day(4, 1), None, -5_000),
        (MAY, 1, 65_000 + 5_000),
    ]
    assert desk.rows("profit_and_loss", "overheads_amount") == [(-5_000,), (70_000,)]
    desk.connection.close()


def test_several_lines_of_wages_count_beyond_what_was_worked_out_together(desk: Desk) -> None:
    for seq, amount in enumerate((30_000, 10_000, -2_000), start=1):
        bill(desk, "Зарплата", amount, seq)
    desk.build()

    rows = desk.rows("counted_overheads", "article", "typed_amount", "amount")

    assert rows == [
        ("Аренда", 40_000, 40_000),
        ("Зарплата", 30_000, 0),
        ("Зарплата", 10_000, 4_000),
        ("Зарплата", -2_000, -2_000),
    ]


def test_this_month_counts_them_once_on_every_day(desk: Desk) -> None:
    bill(desk, "Зарплата", 62_000)  # 2 000 a day
    desk.build()

    days = {
        on_day: (overheads, payroll)
        for on_day, overheads, payroll in desk.rows(
            "month_result", "day(on_day)", "overheads_amount - 40000 * day(on_day) / 31", "payroll_amount"
        )
    }

    assert [(round(beyond), payroll) for beyond, payroll in (days[4], days[5], days[18], days[20])] == [
        (8_000, 0),
        (0, WAGES),
        (0, WAGES),
        (4_000, WAGES),
    ]


def test_a_salary_is_a_cost_of_the_days_that_it_is_earned_on() -> None:
    desk = Desk()
    desk.rule("fixed", manager_id=ANNA, amount=42_000)  # 21 working days in May, 14 of them up to the 20th
    desk.rule("fixed", manager_id=BORIS, amount=21_000, valid_from=day(5, 18))
    desk.build()

    wages = dict(desk.rows("month_result", "day(on_day)", "payroll_amount"))

    assert (wages[1], wages[3], wages[4], wages[15]) == (2_000, 2_000, 4_000, 22_000)
    assert (wages[18], wages[20]) == (24_000 + 1_000, 28_000 + 3_000)
    assert desk.rows("profit_and_loss", "payroll_amount") == [(31_000,)]
    desk.connection.close()


def test_days_written_down_ahead_of_time_are_a_cost_today() -> None:
    desk = Desk(day(5, 3))
    desk.rule("fixed", manager_id=ANNA, amount=42_000, valid_from=day(5, 4))
    desk.write("worked_days", [{"month": MAY, "manager_id": ANNA, "days": Decimal("10.5")}])
    desk.build()

    assert [amount for (amount,) in desk.rows("month_result", "payroll_amount")] == [0, 0, 20_000]
    [(reason,)] = desk.rows("payroll_lines", "reason")
    assert reason == "рабочих дней 10 из 21 по табелю"
    desk.connection.close()


def test_a_contract_dated_ahead_costs_no_wages_before_its_day() -> None:
    """Its profit is not counted before its day either."""
    desk = Desk()
    desk.rule("contract", rate=Decimal("0.05"))
    desk.contract(1, day(5, 5), 100_000)
    desk.contract(2, day(5, 25), 300_000)
    for deal_id in (1, 2):
        desk.write("costs", costs(deal_id, 50_000, 0, 0))
    desk.build()

    *_, today = desk.rows("month_result", "profit_amount", "payroll_amount", "result_amount")
    assert today == (50_000, 5_000, 45_000)
    assert desk.rows("profit_and_loss", "profit_amount", "payroll_amount") == [(300_000, 20_000)]

    desk.on(day(5, 25))
    desk.build()

    *_, today = desk.rows("month_result", "profit_amount", "payroll_amount", "result_amount")
    assert today == (300_000, 20_000, 280_000)
    desk.connection.close()
