"""Wages on their way out: earned, not yet paid, on which day, and never twice."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.periods import freeze, reopen
from tests.golden_marts.ledgers import CATALOG, TODAY, after, day
from tests.payroll_desk import ANNA, Desk
from warehouse.database import Transaction

NOON = datetime(2026, 5, 20, 9, tzinfo=UTC)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """One per cent of 100 000 in March, of 200 000 in April, of 300 000 in May."""
    desk = Desk()
    desk.rule("contract", rate=Decimal("0.01"))
    for month in (3, 4, 5):
        desk.contract(month, day(month, 5), (month - 2) * 100_000, ANNA)
    yield desk
    desk.connection.close()


def build(desk: Desk, payday: int | None = 10, *closed: date) -> Desk:
    desk.choose(wages_day=payday)
    desk.build()
    if closed:
        freeze(Transaction(desk.connection), CATALOG, closed, 1, NOON)
        desk.build()
    return desk


def due(desk: Desk) -> list[tuple[Any, ...]]:
    """(number of the month, what is to be paid, on which day)."""
    return desk.rows("wages_due", "month(month)", "due_amount", "on_day")


def bill(desk: Desk, month: int, article: str, amount: int) -> None:
    row = {"month": day(month, 1), "article": article, "seq": 1, "amount": amount, "is_paid": False}
    desk.write("overheads", [row | {"origin": "input"}])


def test_wages_of_open_months_go_out_on_their_day_and_what_is_late_today(desk: Desk) -> None:
    assert due(build(desk)) == [(3, 1_000, TODAY), (4, 2_000, TODAY), (5, 3_000, day(6, 10))]


def test_nothing_is_shown_without_a_day(desk: Desk) -> None:
    assert due(build(desk, None)) == []
    assert {amount for (amount,) in desk.rows("cash_gap", "wages_amount")} == {0}


def test_a_short_month_pays_on_its_last_day(desk: Desk) -> None:
    assert due(build(desk, 31)) == [(3, 1_000, TODAY), (4, 2_000, day(5, 31)), (5, 3_000, day(6, 30))]


def test_a_closed_month_is_paid_once_its_day_is_over(desk: Desk) -> None:
    assert due(build(desk, 10, day(3, 1), day(4, 1))) == [(5, 3_000, day(6, 10))]


def test_a_closed_month_whose_day_is_ahead_is_still_to_be_paid(desk: Desk) -> None:
    assert due(build(desk, 20, day(3, 1), day(4, 1))) == [(4, 2_000, TODAY), (5, 3_000, day(6, 20))]


def test_a_month_that_was_opened_again_is_not_paid(desk: Desk) -> None:
    build(desk, 10, day(3, 1), day(4, 1))
    reopen(Transaction(desk.connection), day(4, 1), "Анна", NOON)
    desk.build()

    assert due(desk) == [(4, 2_000, TODAY), (5, 3_000, day(6, 10))]


@pytest.mark.parametrize(
    ("article", "amount", "left"),
    [("Зарплата", 500, [1_500]), (" зарплата ", 1_999, [1]), ("Зарплата", 2_000, []), ("Аванс", 2_500, []),
     ("Аренда", 700, [2_000])],
)  # fmt: skip
def test_what_is_typed_as_wages_of_a_month_is_not_taken_off_twice(
    desk: Desk, article: str, amount: int, left: list[int]
) -> None:
    bill(desk, 4, article, amount)
    desk.choose(wages_day=10, wages_articles=("Зарплата", "Аванс"))
    desk.build()

    assert [sum_ for month, sum_, _ in due(desk) if month == 4] == left


def test_wages_lower_the_cash_on_their_day_beside_the_bills(desk: Desk) -> None:
    desk.write("cash", [{"on_day": TODAY, "account": "Банк", "amount": 10_000}])
    bill(desk, 5, "Зарплата", 500)
    outflow = {
        "seq": 1,
        "on_day": after(5),
        "amount": 500,
        "article": "Зарплата",
        "is_paid": False,
        "origin": "input",
    }
    desk.write("outflows", [outflow])

    build(desk, 10, day(3, 1), day(4, 1))

    days = desk.rows(
        "cash_gap", "on_day", "outflow_amount", "wages_amount", "optimistic_balance", "careful_balance"
    )
    assert [row for row in days if row[1] or row[2]] == [
        (after(5), 500, 0, 9_500, 9_500),
        (day(6, 10), 0, 2_500, 7_000, 7_000),
    ]
    assert days[-1][3:] == (7_000, 7_000)
