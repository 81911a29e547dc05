"""What must add up, whatever the company: breakdowns to totals, schedules to debts, in any order of rows."""

from typing import Any

import pytest

from tests.golden_marts.chance import in_order, shuffled
from tests.golden_marts.ledgers import CATALOG


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
