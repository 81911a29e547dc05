"""The book as it should be: every tab, every table, every cell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from exports.layout import LAYOUT, BlockLayout
from metrics import catalog
from tests.independent import adding, glance
from tests.independent.bases import Bases
from tests.independent.counting import DEALS, Row
from tests.independent.debts import Debts
from tests.independent.facts import deals
from tests.independent.leads import Leads
from tests.independent.results import Results
from tests.independent.salaries import by_month, by_person
from tests.independent.sales import Sales
from tests.independent.shifts import Shifts
from tests.independent.summary import Summary
from tests.independent.terms import Terms
from tests.independent.wages import Wages

OWN_TABS = ("Определения", "Качество данных")  # made of headers and settings, no figures


@dataclass(frozen=True)
class Shown:
    """A table as a reader should find it: heading, labels, rows of shown values, and the deals behind each row.

    `about`: the line under the heading; `totals`: those of all rows, shown or not, under it.
    """

    heading: str
    about: str
    totals: tuple[Any, ...]
    labels: tuple[str, ...]
    keys: tuple[int, ...]
    rows: tuple[tuple[Any, ...], ...]
    deals: tuple[tuple[int, ...], ...]


def expected_rows(terms: Terms) -> dict[str, list[Row]]:
    """Mart → rows, counted from the account's own memory."""
    known = tuple(deals(terms))
    leads, sales, debts = Leads(terms, known), Sales(terms, known), Debts(terms, known)
    shifts = Shifts(terms, known)
    bases = Bases(terms, sales, terms.typed)
    shared = Results(terms, sales, debts, leads, terms.typed).shared_without_wages()
    lines = Wages(bases, terms.pay, shared).lines()
    results = Results(terms, sales, debts, leads, terms.typed, tuple(lines))
    people = by_person(lines)
    found = {
        "summary": Summary(terms, known, results, bases.plan_fact()).rows(),
        "funnel_by_month": leads.funnel(),
        "funnel_by_source": leads.funnel("source"),
        "funnel_by_product": leads.funnel("product"),
        "funnel_by_manager": leads.funnel("manager_id"),
        "step_medians": leads.medians(),
        "leads_by_day": leads.by_day(),
        "leads_by_week": leads.by_week(),
        "leads_by_month": leads.by_month(),
        "lost_reasons": leads.reasons(),
        "source_totals": sales.totals("source"),
        "manager_totals": sales.totals("manager_id"),
        "average_check_by_manager": sales.checks(),
        "turnover_by_month": sales.turnover_by_month(),
        "turnover_by_manager": sales.turnover_by_manager(),
        "profit_by_deal": sales.profits(),
        "profit_by_product": sales.profit_by("product", by_month=False),
        "profit_by_manager": sales.profit_by("manager_id"),
        "profit_by_month": sales.profit_by(),
        "receivables": debts.receivables(),
        "receivables_ageing": debts.ageing(),
        "client_debts": debts.to_clients(),
        "payment_schedule": debts.schedule(),
        "payment_schedule_deals": debts.expected(),
        "installation_shifts": shifts.by_deal(),
        "installation_shifts_by_month": shifts.by_month(),
        "turnover_bridge": bases.bridge(),
        "turnover_by_day": bases.by_day(),
        "average_check_by_month": bases.checks(),
        "plan_fact": bases.plan_fact(),
        "receipts_by_month": bases.receipts(),
        "declared_payments": [],  # the fields are believed here
        "cash_gap": results.cash_gap(),
        "profit_and_loss": results.loss(),
        "profit_and_loss_by_year": results.loss_by_year(),
        "income_and_expense": results.directions(),
        "costs_by_article": results.costs(),
        "month_result": results.month_result(),
        "net_profit_by_deal": results.net_by_deal(),
        "net_profit_by_month": results.net_by(by_month=True),
        "net_profit_by_manager": results.net_by("manager_id", by_month=True),
        "net_profit_by_product": results.net_by("product"),
        "net_profit_by_source": results.net_by("source"),
        "overhead_totals": results.overhead_totals(),
        "overheads_by_article": results.overheads_by_article(),
        "discounts": results.discounts(),
        "discounts_by_manager": results.discounts_by_manager(),
        "missed_profit": results.missed(),
        "potential_profit": results.potential(),
        "channel_profit": results.channels(),
        "wages_due": results.wages_due(),
        "payroll_by_month": by_month(people),
        "payroll": people,
        "payroll_lines": lines,
        "reported_by_month": [],  # no month was closed
        "reported_by_manager": [],
        "adjustments": [],
    }
    found["year_by_month"] = glance.year(terms.today, found)
    found["attention"] = glance.attention(terms, known, found)
    found["weeks_ahead"] = glance.weeks(terms.today, found)
    for row in (row for rows in found.values() for row in rows if "manager_id" in row):
        row["manager"] = terms.names.get(row["manager_id"])
    return found


def expected_book(terms: Terms) -> dict[str, list[Shown]]:
    """Tab → tables from left to right, laid out, cut and sorted as the layout says."""
    rows, models = expected_rows(terms), {model.name: model for model in catalog.load()}
    return {
        tab.title: [_shown(block, models[block.mart], rows) for block in tab.blocks]
        for tab in LAYOUT
        if tab.title not in OWN_TABS
    }


def _shown(block: BlockLayout, model: catalog.Model, found: dict[str, list[Row]]) -> Shown:
    rows = found[block.mart]
    ordered = _ordered(rows, block.order)
    kept = ordered[: block.limit]
    columns = [column for column in model.columns if column.format != "hidden"]
    if block.columns is not None:
        columns = [column for name in block.columns for column in model.columns if column.name == name]
    heading = block.title or model.title
    if len(kept) < len(rows):
        heading += f" · показаны {_first_or_last(block)} {len(kept)} из {len(rows)}"
    if block.empty and not rows:
        heading += f" · {block.empty}"
    kept, columns = _named(kept, columns)
    names = [column.name for column in columns]
    instead = {
        "deal_id": ["name"],
        "manager_id": ["manager"],
        "line": ["figure", "what"],
        "step": ["label"],
        "week": ["days"],
    }
    wanted = [name for key in model.grain for name in ([key] if key in names else instead.get(key, []))]
    return Shown(
        heading,
        adding.about(model, found),
        _totals(model, found, names, is_cut=len(kept) < len(rows)),
        tuple(column.label for column in columns),
        tuple(names.index(key) for key in wanted if key in names),
        tuple(tuple(row.get(name) for name in names) for row in kept),
        tuple(tuple(row.get(DEALS, ())) for row in kept),
    )


def _totals(
    model: catalog.Model, found: dict[str, list[Row]], names: list[str], *, is_cut: bool
) -> tuple[Any, ...]:
    totals = adding.totals(model, found)
    line = [totals.get(name) for name in names]
    if all(value is None for value in line):
        return ()
    assert line[0] is None, "the first column has room for the word"
    return (f"Итого по всем {len(found[model.name])}" if is_cut else "Итого", *line[1:])


def _named(rows: list[Row], columns: Sequence[catalog.Column]) -> tuple[list[Row], list[catalog.Column]]:
    """Deals stand under their names, which lead to them: a column less, under the label of the number."""
    by_name = {column.name: column for column in columns}
    for number in [column for column in columns if column.format == "deal"]:
        name = "name" if number.name == "deal_id" else number.name.replace("_id", "_name")
        if name in by_name:
            rows = [row | {name: linked(row.get(name), row.get(number.name))} for row in rows]
            by_name[name] = replace(by_name[name], label=number.label)
            del by_name[number.name]
    return rows, list(by_name.values())


def linked(name: str | None, deal: int | str | None) -> str | None:
    """A name with the deal that it leads to."""
    return None if deal is None else f"{name or 'без названия'} → {deal}"


def _first_or_last(block: BlockLayout) -> str:
    dates = ("-month", "-week", "-lead_on", "-contract_on")
    return "последние" if block.order[:1] and block.order[0] in dates else "первые"


def _ordered(rows: list[Row], order: Sequence[str]) -> list[Row]:
    """Sorted by the keys of the layout; what is empty stands last."""
    for key in reversed(order):
        name, falling = key.removeprefix("-"), key.startswith("-")
        known = sorted(
            (row for row in rows if row[name] is not None), key=lambda row: row[name], reverse=falling
        )
        rows = [*known, *(row for row in rows if row[name] is None)]
    return rows
