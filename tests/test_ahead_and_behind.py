"""Cash ahead, the year behind, and what needs attention: what is known only in part, what has not begun."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.golden_marts.ledgers import TODAY, after, day
from tests.payroll_desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.connection.close()


def test_an_account_that_was_typed_before_the_others_is_named_beside_the_cash(desk: Desk) -> None:
    amounts = (("Банк", after(-3), 10_000), ("Касса", after(-13), 500), ("Банк", after(-13), 7))
    desk.write("cash", [{"on_day": on, "account": name, "amount": sum_} for name, on, sum_ in amounts])
    desk.build()

    (today, state, balance), *others = desk.rows("cash_gap", "on_day", "state", "optimistic_balance")

    assert (today, balance) == (TODAY, Decimal(10_500))
    assert state.startswith(
        "остаток введён раньше других: «Касса» — 07.05.2026, что двигалось до 17.05.2026, не учтено"
    )
    assert not any(state.startswith("остаток") for _, state, _ in others)


def test_accounts_of_one_day_need_no_word(desk: Desk) -> None:
    desk.write("cash", [{"on_day": TODAY, "account": name, "amount": 500} for name in ("Банк", "Касса")])
    desk.build()

    assert "остаток" not in str(desk.rows("cash_gap", "state")[0])


def test_a_year_holds_no_month_that_has_not_begun(desk: Desk) -> None:
    """A fee of the year is spread over months; those to come would make a loss of a year that goes well."""
    desk.contract(1, day(4, 5), 1_000)
    for month in range(4, 13):
        bill = {"month": day(month, 1), "article": "Сайт", "seq": 1, "amount": 100, "is_paid": True}
        desk.write("overheads", [{**bill, "origin": "input"}])
        desk.write("ad_spend", [{"month": day(month, 1), "source": "Авито", "seq": 1, "amount": 10}])
    desk.build()

    assert desk.rows("profit_and_loss_by_year", "overheads_amount", "ads_amount", "net_amount") == [
        (200, 20, -220)
    ]
    assert desk.rows("income_and_expense", "article", "result_amount") == [
        ("договоры", 0),
        ("Сайт", -200),
        ("Авито", -20),
    ]
    assert len(desk.rows("profit_and_loss")) == 9


def test_what_nobody_knows_of_a_months_contracts_is_no_profit_of_nought(desk: Desk) -> None:
    """In April nothing was signed, so nothing was earned; of the contract of May nobody has said what it cost."""
    desk.contract(1, day(5, 5), 1_000)
    for month in (4, 5):
        desk.write("ad_spend", [{"month": day(month, 1), "source": "Авито", "seq": 1, "amount": 10 * month}])
    desk.build()

    shown = ("costs_amount", "profit_amount", "net_amount")
    assert desk.rows("profit_and_loss", "deals", *shown) == [(0, 0, 0, -40), (1, None, None, -50)]
    assert desk.rows("profit_and_loss_by_year", *shown) == [(None, None, -90)]
    assert desk.rows("month_result where deals = 0", "distinct profit_amount") == [(0,)]
    assert desk.rows("month_result where deals = 1", "distinct profit_amount") == [(None,)]


def test_a_running_year_is_compared_with_the_same_months_of_the_year_before() -> None:
    """The month that runs, those beyond it, and one that the year before did not know are left out."""
    desk = Desk(date(2026, 5, 20))
    spent = {(2025, 3): 100, (2025, 4): 200, (2025, 5): 5_000, (2025, 11): 7_000}
    spent |= {(2026, 2): 4_000, (2026, 3): 100, (2026, 4): 50, (2026, 5): 9_000}
    for (year, month), amount in spent.items():
        desk.write(
            "ad_spend", [{"month": date(year, month, 1), "source": "Авито", "seq": 1, "amount": amount}]
        )
    desk.build()

    assert desk.rows("profit_and_loss_by_year", "year", "net_amount", "change") == [
        (2025, -12_300, None),
        (2026, -13_150, Decimal("0.5")),
    ]
    told = desk.rows("income_and_expense where direction = 'реклама'", "year", "previous_amount", "change")
    assert told == [(2025, None, None), (2026, -12_300, Decimal("0.5"))]
    desk.connection.close()


def test_a_contract_without_any_article_needs_the_attention_that_the_summary_counts(desk: Desk) -> None:
    desk.contract(1, day(4, 5), 1_000)
    desk.build()

    assert desk.rows("attention", "what", "deal_id").count(("Не все расходы", 1)) == 1
    assert ("Договоры без всех расходов", 1) in desk.rows("summary", "figure", "today")
