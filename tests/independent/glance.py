"""The tables behind the charts: twelve months back, nine weeks ahead."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from tests.independent.counting import Row, month, months_back, total

MONTHS, WEEKS = 12, 9


def year(today: date, found: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The months up to this one; where nothing moved, counts and turnover are 0, and what is not known stays so."""
    firsts = [month(months_back(month(today), back)) for back in range(MONTHS - 1, -1, -1)]
    funnel, turnover, results = (
        {row["month"]: row for row in found[mart]}
        for mart in ("funnel_by_month", "turnover_by_month", "profit_and_loss")
    )
    plans = {
        row["month"]: row["current_plan"]
        for row in found["plan_fact"]
        if (row["whom"], row["measure"]) == ("компания", "Чистый оборот")
    }
    return [
        {
            "month": first,
            **{name: funnel.get(first, {}).get(name, 0) for name in ("leads", "measures", "contracts")},
            "net_amount": turnover.get(first, {}).get("net_amount", Decimal(0)),
            "plan_amount": plans.get(first),
            "profit_amount": results.get(first, {}).get("profit_amount"),
            "result_amount": results.get(first, {}).get("net_amount"),
        }
        for first in firsts
    ]


def weeks(today: date, found: Mapping[str, Sequence[Row]]) -> list[Row]:
    """What is awaited from today on, and the hardest day of each week."""
    monday = today - timedelta(days=today.weekday())
    return [_week(monday + timedelta(days=7 * ahead), today, found) for ahead in range(WEEKS)]


def _week(monday: date, today: date, found: Mapping[str, Sequence[Row]]) -> Row:
    sunday = monday + timedelta(days=6)
    awaited = [
        row["expected_amount"]
        for row in found["payment_schedule_deals"]
        if row["due_on"] and max(monday, today) <= row["due_on"] <= sunday
    ]
    balances = [row["careful_balance"] for row in found["cash_gap"] if monday <= row["on_day"] <= sunday]
    known = [balance for balance in balances if balance is not None]
    return {
        "days": f"{monday:%d.%m}–{sunday:%d.%m}",
        "expected_amount": total(awaited),
        "balance_amount": min(known, default=None),
    }
