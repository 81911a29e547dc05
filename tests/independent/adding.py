"""Totals above a table and the words about it, added up from the rows that were counted here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from metrics.catalog import Model
from tests.independent.counting import Row

UNLIKE = (
    "summary", "attention", "plan_fact", "adjustments", "reported_by_month", "reported_by_manager", "month_result",
    "step_medians",
)  # fmt: skip
"""Their rows are of different things, or each holds those before it."""

NEVER = {
    "average_amount", "median_amount", "low_amount", "high_amount", "largest_amount", "optimistic_balance",
    "careful_balance", "balance_amount", "cumulative_amount", "month_amount", "year_amount",
    "previous_amount", "average_profit", "lead_cost", "contract_cost", "profit_limit", "base_amount", "seq",
    "people", "overdue_days", "age_days", "year", "articles_known", "articles_total", "turnover_place",
    "profit_place", "places_lost", "ended_deals", "compared_deals",
}  # fmt: skip
"""Means, balances, running sums, places, numbers in a row, people: nothing that adds up."""

NOT_HERE = {
    "lost_reasons": {"deals", "price_amount"},  # who was lost twice stands in two rows
    "costs_by_article": {"deals", "known_deals"},
    "installation_shifts_by_month": {"deals"},
    "overhead_totals": {"deals"},
    "net_profit_by_product": {"deals", "complete_deals"},  # a deal of two products
    "profit_by_product": {"deals", "complete_deals"},
}

_LEADS = "leads"
_FUNNEL = {
    "measure_rate": ("measure_leads", _LEADS),
    "contract_rate": ("contract_leads", _LEADS),
    "lost_rate": ("lost_leads", _LEADS),
    "measure_contract_rate": ("contract_leads", "measure_leads"),
    "measures_rate": ("measures", _LEADS),
    "contracts_rate": ("contracts", _LEADS),
    "losses_rate": ("losses", _LEADS),
}
_REACHED = {name: _FUNNEL[name] for name in ("measure_rate", "contract_rate", "lost_rate")}
_PROFIT = {
    "margin_rate": ("profit_amount", "complete_amount"),
    "average_profit": ("profit_amount", "complete_deals"),
}
_LOSS = {"margin_rate": ("profit_amount", "revenue_amount"), "net_rate": ("net_amount", "revenue_amount")}
_NET = {"net_rate": ("net_amount", "complete_amount")}
SHARES: dict[str, dict[str, tuple[str, str]]] = {
    **dict.fromkeys(
        ("funnel_by_month", "funnel_by_source", "funnel_by_product", "funnel_by_manager"), _FUNNEL
    ),
    "source_totals": _REACHED,
    "manager_totals": _REACHED,
    "profit_by_month": _PROFIT,
    "profit_by_manager": _PROFIT,
    "profit_by_product": {"margin_rate": _PROFIT["margin_rate"]},
    "profit_and_loss": _LOSS,
    "profit_and_loss_by_year": _LOSS,
    **{f"net_profit_by_{by}": _NET for by in ("month", "manager", "product", "source")},
}

Number = int | Decimal | None


def added(rows: Sequence[Row], column: str) -> Number:
    """Nothing where nothing is known."""
    known = [row[column] for row in rows if row.get(column) is not None]
    return sum(known) if known else None


def totals(model: Model, found: Mapping[str, Sequence[Row]]) -> dict[str, Number]:
    """Column of the mart → its total. `found`: the rows of all marts."""
    rows = found[model.name]
    if model.name in UNLIKE or not rows:
        return {}
    skipped = NEVER | NOT_HERE.get(model.name, set())
    sums = {
        column.name: added(rows, column.name)
        for column in model.columns
        if column.format in ("money", "integer", "days") and column.name not in skipped
    }
    for name, (part, whole) in SHARES.get(model.name, {}).items():
        places = Decimal("0.01") if name == "average_profit" else Decimal("0.000001")
        sums[name] = _share(added(rows, part), added(rows, whole), places)
    return sums | _special(model.name, rows) | _of_others(model.name, rows, found)


AVERAGE = (
    "turnover_by_month", "average_check_by_month", "average_check_by_manager", "source_totals", "manager_totals",
)  # fmt: skip
MARGIN = ("source_totals", "manager_totals", "discounts_by_manager")


def _of_others(mart: str, rows: Sequence[Row], found: Mapping[str, Sequence[Row]]) -> dict[str, Number]:
    """Shares of what stands in other tables alone."""
    small, kopeck = Decimal("0.000001"), Decimal("0.01")
    signed = added(found["turnover_by_month"], "signed_amount")
    told: dict[str, Number] = {}
    if mart in AVERAGE:
        priced = added(found["average_check_by_month"], "priced_contracts")
        told["average_amount"] = _share(signed, priced, kopeck)
    if mart == "average_check_by_month":
        told["large_rate"] = _share(added(rows, "large_amount"), signed, small)
    if mart in MARGIN:
        known = [row for row in found["profit_by_deal"] if row["profit_amount"] is not None]
        worth = added(known, "contract_amount")
        told["margin_rate"] = _share(added(rows, "profit_amount"), worth, small)
    if mart == "discounts_by_manager":
        known = [row for row in found["discounts"] if row["discount_amount"] is not None]
        told["discount_rate"] = _share(added(rows, "discount_amount"), added(known, "list_amount"), small)
    return told


def _special(mart: str, rows: Sequence[Row]) -> dict[str, Number]:
    """Shares of sums that are taken over some of the rows."""
    small, kopeck = Decimal("0.000001"), Decimal("0.01")
    if mart == "channel_profit":
        paid = [row for row in rows if row["spend_amount"] is not None]
        spent = added(paid, "spend_amount")
        gain = (added(paid, "profit_amount") or 0) - (spent or 0)
        return {
            "lead_cost": _share(spent, added(paid, "leads"), kopeck),
            "contract_cost": _share(spent, added(paid, "contracts"), kopeck),
            "return_rate": _share(gain, spent, small),
        }
    if mart == "discounts":
        known = [row for row in rows if row["discount_amount"] is not None]
        return {"discount_rate": _share(added(known, "discount_amount"), added(known, "list_amount"), small)}
    if mart in ("profit_by_deal", "net_profit_by_deal"):
        name, rate = (
            ("profit_amount", "margin_rate") if mart == "profit_by_deal" else ("net_amount", "net_rate")
        )
        known = [row for row in rows if row[name] is not None]
        return {rate: _share(added(known, name), added(known, "contract_amount"), small)}
    return {}


def _share(part: Number, whole: Number, places: Decimal) -> Number:
    if part is None or not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(places, ROUND_HALF_UP)


Count = Callable[[Sequence[Row]], Any]


def _of(column: str, fits: Callable[[Row], bool] = lambda _: True) -> Count:
    return lambda rows: sum(row[column] or 0 for row in rows if fits(row))


def _rows(fits: Callable[[Row], bool] = lambda _: True) -> Count:
    return lambda rows: sum(fits(row) for row in rows)


def _filled(column: str) -> Callable[[Row], bool]:
    return lambda row: row[column] != "не заполнено"


def _dated(row: Row) -> bool:
    return bool(row["bucket"] != "без даты")


_EARNED = ("прибыль известна", _of("complete_deals"), _of("deals"))
_PRICED = ("сумма есть", _of("priced_deals"), _of("deals"))
_CHECKED = ("сумма есть", _of("priced_contracts"), _of("contracts"))
_SIGNED = (
    "сумма есть",
    lambda rows: sum(row["contracts"] - row["without_amount"] for row in rows),
    _of("contracts"),
)
_RIPE = (
    "заявки созрели для договора",
    _of("leads", lambda row: row["contract_note"] != "незрелая"),
    _of("leads"),
)
_SOURCED = ("источник заполнен", _of("leads", _filled("source")), _of("leads"))
_DUE = ("срок известен", _rows(lambda row: row["due_on"] is not None), _rows())

_DEALS_KNOWN = ("прибыль известна", _rows(lambda row: row["profit_amount"] is not None), _rows())

COVERAGE: dict[str, list[tuple[str, Count, Count]]] = {
    **{each: [_EARNED] for each in ("profit_by_month", "profit_by_manager", "profit_and_loss",
       "profit_and_loss_by_year", "net_profit_by_month", "net_profit_by_manager", "net_profit_by_source")},
    "missed_profit": [_PRICED],
    "potential_profit": [_PRICED],
    "average_check_by_month": [_CHECKED],
    "average_check_by_manager": [_CHECKED],
    "turnover_by_month": [_SIGNED],
    "turnover_by_manager": [_SIGNED],
    "funnel_by_month": [_RIPE],
    "funnel_by_manager": [_RIPE],
    "funnel_by_source": [_RIPE, _SOURCED],
    "funnel_by_product": [_RIPE, ("продукт заполнен", _of("leads", _filled("product")), _of("leads"))],
    "source_totals": [_SOURCED],
    "channel_profit": [_SOURCED],
    "lost_reasons": [("причина заполнена", _of("losses", _filled("reason")), _of("losses"))],
    "costs_by_article": [("статей заполнено", _of("known_deals"), _of("deals"))],
    "discounts": [("скидка известна", _rows(lambda row: row["discount_amount"] is not None), _rows())],
    "discounts_by_manager": [("скидка известна", _of("known_deals"), _of("deals"))],
    "net_profit_by_deal": [("прибыль известна", _rows(lambda row: row["net_amount"] is not None), _rows())],
    "profit_by_deal": [_DEALS_KNOWN],
    "receivables": [_DUE],
    "payment_schedule_deals": [_DUE],
    "payment_schedule": [("срок известен", _of("payments", _dated), _of("payments"))],
    "receivables_ageing": [("срок известен", _of("deals", _dated), _of("deals"))],
    "profit_by_product": [("прибыль известна, по сумме", _of("complete_amount"), _of("contract_amount"))],
    "overhead_totals": [("распределено", _of("shared_amount"), _of("amount"))],
}  # fmt: skip
BY_DEALS = ("source_totals", "manager_totals", "channel_profit", "net_profit_by_product")
MONEY = ("profit_by_product", "overhead_totals")


def about(model: Model, found: Mapping[str, Sequence[Row]]) -> str:
    """The date base, and how much of the figures is known: a share that is cut, so that only all of it is 100 %."""
    rows = found[model.name]
    words = [model.date_base[0].upper() + model.date_base[1:]]
    if model.name in BY_DEALS:
        words += _words(*_DEALS_KNOWN, found["profit_by_deal"], is_money=False)
    for coverage in COVERAGE.get(model.name, []):
        words += _words(*coverage, rows, is_money=model.name in MONEY)
    return " · ".join(words)


def _words(what: str, part: Count, whole: Count, rows: Sequence[Row], *, is_money: bool) -> Iterator[str]:
    known, every = part(rows), whole(rows)
    if every and 0 <= known <= every:
        percent = str(known * 1000 // every / Decimal(10)).removesuffix(".0").replace(".", ",")
        parts = f"{known:,} из {every:,}".replace(",", "\u00a0")
        yield f"{what}: {percent} %" if is_money else f"{what}: {parts} ({percent} %)"
