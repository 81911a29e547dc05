"""What an owner sees at a glance: twelve months back, nine weeks ahead, and the deals to look into."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from tests.independent.counting import BLANK, DEALS, Row, month, months_back, total
from tests.independent.facts import Deal
from tests.independent.terms import Terms

MONTHS, WEEKS = 12, 9
EACH, IDLE = 4, 3


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


def attention(terms: Terms, deals: Sequence[Deal], found: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The dearest deals of each sort of trouble."""
    by_id = {deal.lead_id: deal for deal in deals}
    late = [
        row | {"days": row["overdue_days"], "amount": row["overdue_amount"]}
        for row in found["receivables"]
        if row["overdue_amount"] > 0
    ]
    signed = [
        row | {"days": (terms.today - row["contract_on"]).days, "amount": row["contract_amount"]}
        for row in found["profit_by_deal"]
    ]
    undated = [row for row in signed if _lacks_a_date(by_id[row["deal_id"]])]
    blank = [row for row in signed if row["amount"] is None]
    partly = [
        row for row in signed if row["articles_known"] < row["articles_total"] or not row["articles_total"]
    ]
    kinds = [
        ("Просрочена оплата", late), ("Заявка без движения", _idle(terms, deals)), ("Нет даты монтажа", undated),
        ("Нет суммы договора", blank), ("Не все расходы", partly),
    ]  # fmt: skip
    return [
        {"line": line, "what": what, **row, DEALS: [row["deal_id"]]}
        for line, (what, rows) in enumerate(kinds, 1)
        for row in sorted(rows, key=_dearest)[:EACH]
    ]


def _idle(terms: Terms, deals: Sequence[Deal]) -> list[Row]:
    waiting = [(deal, (terms.today - deal.lead_on).days) for deal in _untouched(deals)]
    return [
        {
            "deal_id": deal.lead_id,
            "name": deal.name,
            "client": deal.client or BLANK,
            "manager_id": deal.owner,
            "days": days,
            "amount": deal.price,
        }
        for deal, days in waiting
        if days >= IDLE
    ]


def _untouched(deals: Sequence[Deal]) -> list[Deal]:
    return [deal for deal in deals if deal.step == "new" and not deal.is_deleted and deal.contract is None]


def _lacks_a_date(deal: Deal) -> bool:
    return deal.step != "won" and deal.installation_on is None


def _dearest(row: Row) -> tuple[bool, Decimal, int, int]:
    return row["amount"] is None, -(row["amount"] or Decimal(0)), -row["days"], row["deal_id"]
