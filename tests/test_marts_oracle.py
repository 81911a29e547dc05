"""The marts against the same figures counted in plain Python over a company made up by chance."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

import pytest

from tests.golden_marts.chance import company, in_order
from tests.golden_marts.ledgers import TODAY, Row

LEDGERS = company()
SALES = {row["deal_id"]: row for row in LEDGERS["deals"] if row["is_sale"]}
LEADS = [row for row in SALES.values() if not row["is_deleted"]]
RUNNING = [row for row in SALES.values() if row["is_signed"] and not row["is_cancelled"]]
BLANK = "не заполнено"


def month(day: date) -> date:
    return day.replace(day=1)


def kopecks(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def fraction(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.000001"), ROUND_HALF_UP) if whole else None


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def shown(mart: str, *columns: str) -> set[tuple[Any, ...]]:
    rows = in_order().rows(mart, *columns)
    assert len(set(rows)) == len(rows) > 0
    return set(rows)


def paid(deal_id: int, *, later: bool = False) -> Decimal:
    """Money that came up to today, or is dated later."""
    dated = (row for row in LEDGERS["payments"] if row["deal_id"] == deal_id and row["paid_on"] is not None)
    return sum((row["amount"] for row in dated if (row["paid_on"] > TODAY) == later), Decimal(0))


@pytest.mark.parametrize(
    ("mart", "column", "cohort_key", "event_key"),
    [
        ("funnel_by_source", "source", lambda r: r["source"] or BLANK, lambda r: r["source"] or BLANK),
        ("funnel_by_product", "product", lambda r: r["product"] or BLANK, lambda r: r["product"] or BLANK),
        (
            "funnel_by_manager",
            "manager_id",
            lambda r: r["lead_manager_id"],
            lambda r: r["measure_manager_id"],
        ),
    ],
)
def test_a_funnel_counts_its_cohorts_and_its_measures(
    mart: str, column: str, cohort_key: Callable[[Row], Any], event_key: Callable[[Row], Any]
) -> None:
    cohorts = grouped(LEADS, lambda row: (month(row["lead_on"]), cohort_key(row)))
    measured = (row for row in LEADS if row["measure_on"])
    measures = grouped(measured, lambda row: (month(row["measure_on"]), event_key(row)))
    expected = set()
    for cell in cohorts.keys() | measures.keys():
        rows = cohorts.get(cell, [])
        reached = sum(row["measure_on"] is not None for row in rows)
        contracts = sum(row["contract_reached_on"] is not None for row in rows)
        lost = sum(row["is_lost"] for row in rows)
        rates = (fraction(reached, len(rows)), fraction(contracts, len(rows)), fraction(lost, len(rows)))
        expected.add((*cell, len(rows), reached, contracts, lost, *rates, len(measures.get(cell, []))))

    found = shown(
        mart, "month", column, "leads", "measure_leads", "contract_leads", "lost_leads",
        "measure_rate", "contract_rate", "lost_rate", "measures",
    )  # fmt: skip

    # A row may also stand for other events alone: it has neither leads nor measures.
    assert {row for row in found if row[2] or row[-1]} == expected


def test_refusals_are_entries_into_lost() -> None:
    entered = [
        row
        for row in LEDGERS["stage_entries"]
        if row["step"] == "lost" and row["deal_id"] in {lead["deal_id"] for lead in LEADS}
    ]
    expected = {cell: len(rows) for cell, rows in grouped(entered, lambda r: month(r["entered_on"])).items()}

    assert {when: count for when, count in shown("funnel_by_month", "month", "losses") if count} == expected


def test_turnover_by_manager() -> None:
    movements = [row for row in LEDGERS["turnover_entries"] if row["deal_id"] in SALES]
    expected = set()
    for cell, rows in grouped(movements, lambda r: (month(r["booked_on"]), r["manager_id"])).items():
        signed = [row["amount"] for row in rows if row["kind"] == "signed"]
        expected.add((*cell, len(signed), sum(signed), sum(row["amount"] for row in rows)))

    columns = ("month", "manager_id", "contracts", "signed_amount", "net_amount")
    assert shown("turnover_by_manager", *columns) == expected


def test_average_and_median_check() -> None:
    signed = [
        row for row in LEDGERS["turnover_entries"] if row["kind"] == "signed" and row["deal_id"] in SALES
    ]
    expected = set()
    for cell, rows in grouped(signed, lambda r: (month(r["booked_on"]), r["manager_id"])).items():
        amounts = [row["amount"] for row in rows if row["amount"]]
        checks = (kopecks(sum(amounts) / len(amounts)), kopecks(median(amounts))) if amounts else (None, None)
        expected.add((*cell, len(rows), len(amounts), *checks))

    columns = ("month", "manager_id", "contracts", "priced_contracts", "average_amount", "median_amount")
    assert shown("average_check_by_manager", *columns) == expected


def test_money_received_by_month() -> None:
    came = [
        row
        for row in LEDGERS["payments"]
        if row["deal_id"] in SALES and row["paid_on"] is not None and row["paid_on"] <= TODAY
    ]
    expected = {
        cell: sum(row["amount"] for row in rows)
        for cell, rows in grouped(came, lambda row: month(row["paid_on"])).items()
    }

    found = dict(shown("turnover_by_month", "month", "received_amount"))
    assert {cell: amount for cell, amount in found.items() if amount} == expected


def test_receivables_and_debts_to_clients() -> None:
    balances = {
        row["deal_id"]: row["contract_amount"] - paid(row["deal_id"])
        for row in RUNNING
        if row["contract_amount"] and not row["is_lost"]
    }
    ended = {
        number: paid(number)
        for number, row in SALES.items()
        if row["is_lost"] or row["is_deleted"] or row["is_cancelled"]
    }

    owed = {(number, balance) for number, balance in balances.items() if balance > 0}
    overpaid = {(number, -balance) for number, balance in balances.items() if balance < 0}
    kept = {(number, received) for number, received in ended.items() if received > 0}
    assert shown("receivables", "deal_id", "receivable_amount") == owed
    assert shown("client_debts", "deal_id", "debt_amount") == overpaid | kept


def test_the_schedule_is_the_dated_payments_and_the_rests() -> None:
    """Of deals that came to nothing only what is to be given back is still to come."""
    ended = {
        number for number, row in SALES.items() if row["is_lost"] or row["is_deleted"] or row["is_cancelled"]
    }
    dated = sum(
        row["amount"]
        for row in LEDGERS["payments"]
        if row["deal_id"] in SALES
        and row["paid_on"] is not None
        and row["paid_on"] > TODAY
        and (row["amount"] < 0 or row["deal_id"] not in ended)
    )
    rests = sum(
        max(row["contract_amount"] - paid(row["deal_id"]) - paid(row["deal_id"], later=True), 0)
        for row in RUNNING
        if row["contract_amount"]
    )

    assert (
        sum(
            amount
            for _, amount in shown("payment_schedule_deals", "deal_id || ' ' || seq", "expected_amount")
        )
        == dated + rests
    )


def test_profit_by_product() -> None:
    expected = set()
    for product, rows in grouped(RUNNING, lambda row: row["product"] or BLANK).items():
        profits, amounts = Decimal(0), Decimal(0)
        complete = 0
        for row in rows:
            costs = [cost["amount"] for cost in LEDGERS["costs"] if cost["deal_id"] == row["deal_id"]]
            if row["contract_amount"] and None not in costs:
                complete += 1
                amounts += row["contract_amount"]
                profits += row["contract_amount"] - sum(costs)
        expected.add((product, len(rows), complete, profits, fraction(profits, amounts)))

    assert (
        shown("profit_by_product", "product", "deals", "complete_deals", "profit_amount", "margin_rate")
        == expected
    )
