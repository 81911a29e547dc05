"""Turnover in its three bases, receipts, the plan beside the fact."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.independent.counting import (
    DEALS,
    Row,
    grouped,
    mean,
    middle,
    month,
    month_end,
    over,
    rounded,
    share,
    total,
)
from tests.independent.facts import Deal
from tests.independent.money_moves import Move
from tests.independent.sales import Sales, spread, turnover
from tests.independent.terms import Terms
from tests.independent.typed import Typed

LABELS = {
    "turnover": "Чистый оборот",
    "receipts": "Поступления",
    "contracts": "Договоры",
    "gross_profit": "Валовая прибыль",
}
Fact = tuple[date, int | None, str]


@dataclass(frozen=True)
class Bases:
    """Contracts, acts and money side by side."""

    terms: Terms
    sales: Sales
    typed: Typed

    @property
    def today(self) -> date:
        return self.terms.today

    def acts(self) -> list[tuple[date, Deal, Move]]:
        """Each movement of a contract on the day of its act: here the day when the deal was won."""
        return [
            (deal.won_on if move.kind == "signed" else max(deal.won_on, move.on), deal, move)
            for deal, _, move in self.sales.moved()
            if deal.won_on and deal.won_on <= self.today
        ]

    def bridge(self) -> list[Row]:
        moved = grouped(self.sales.moved(), lambda one: month(one[2].on))
        acts = grouped(self.acts(), lambda one: month(one[0]))
        finished = {
            deal.lead_id: month(min(on for on, *_ in found))
            for deal, found in ((found[0][1], found) for found in _by_deal(self.acts()))
        }
        paid = grouped(self.sales.received(), lambda one: month(one[0]))
        unfinished = grouped(filter(self._is_unfinished, self.sales.deals), _contract_month)
        rows = []
        for first in sorted(over(moved, acts, paid, unfinished)):
            contracts = total(move.amount for _, _, move in moved.get(first, []))
            acted = total(move.amount for _, _, move in acts.get(first, []))
            same = total(move.amount for _, _, move in acts.get(first, []) if month(move.on) == first)
            money = [
                (amount, finished.get(deal.lead_id, date.max)) for _, amount, deal in paid.get(first, [])
            ]
            at_once = total(amount for amount, when in money if when == first)
            rows.append(
                {
                    "month": first,
                    "contract_amount": contracts,
                    "not_acted_amount": same - contracts,
                    "other_acts_amount": acted - same,
                    "act_amount": acted,
                    "not_paid_amount": at_once - acted,
                    "other_paid_amount": total(amount for amount, when in money if when < first),
                    "advance_amount": total(amount for amount, when in money if when > first),
                    "paid_amount": total(amount for amount, _ in money),
                    "open_deals": len(unfinished.get(first, [])),
                    "open_amount": total(deal.amount or 0 for deal in unfinished.get(first, [])),
                    DEALS: sorted({deal.lead_id for deal, *_ in moved.get(first, [])}),
                }
            )
        return rows

    def _is_unfinished(self, deal: Deal) -> bool:
        return deal.is_running and (deal.won_on is None or deal.won_on > self.today)

    def by_day(self) -> list[Row]:
        days = grouped(self.sales.moved(), lambda one: one[2].on)
        rows: list[Row] = []
        since_ever = Decimal(0)
        for day in sorted(days):
            sums = turnover(days[day])
            since_ever += sums["net_amount"]
            in_month = total(row["net_amount"] for row in rows if month(row["booked_on"]) == month(day))
            told = {"month_amount": in_month + sums["net_amount"], "cumulative_amount": since_ever}
            rows.append({"booked_on": day, **sums, **told})
        return rows

    def checks(self) -> list[Row]:
        signed = grouped(
            (one for one in self.sales.moved() if one[2].kind == "signed"), lambda one: month(one[2].on)
        )
        rows = []
        for first in sorted(signed):
            amounts = [move.amount for _, _, move in signed[first] if move.amount]
            rows.append(
                {
                    "month": first,
                    "contracts": len(signed[first]),
                    "priced_contracts": len(amounts),
                    "coverage": f"по {len(amounts)} из {len(signed[first])} сделок",
                    "average_amount": mean(amounts),
                    "median_amount": middle(amounts),
                    **spread(amounts),
                }
            )
        return rows

    def receipts(self) -> list[Row]:
        """Every payment of the fields is believed here."""
        rows = []
        came = [
            (one.on, one.kind, one.amount)
            for deal in self.sales.deals
            for one in deal.payments
            if one.on is not None and one.on <= self.today
        ]
        for first, found in sorted(grouped(came, lambda one: month(one[0])).items()):
            kinds = {
                kind: total(amount for _, each, amount in found if each == kind and amount > 0)
                for kind in ("prepayment", "payment", "rest")
            }
            rows.append(
                {
                    "month": first,
                    "payments": len(found),
                    **{f"{kind}_amount": amount for kind, amount in kinds.items()},
                    "refund_amount": total(amount for *_, amount in found if amount < 0),
                    "confirmed_amount": total(amount for *_, amount in found),
                    "declared_amount": Decimal(0),
                }
            )
        return rows

    def plan_fact(self) -> list[Row]:
        """Beside what has happened up to today, what contracts that are dated later will add to their months."""
        facts, ahead = self.facts(), self.facts(is_ahead=True)
        plans = {(first, who, measure): Decimal(amount) for first, who, measure, amount in self.typed.plans}
        company = {key: amount for key, amount in plans.items() if key[1] is None}
        people = {key: amount for key, amount in plans.items() if key[1] is not None}
        whole, later_whole = self.facts(is_whole=True), self.facts(is_whole=True, is_ahead=True)
        rows = [
            self._line(key, lines.get(key, Decimal(0)), planned.get(key), is_company=lines is whole)
            | {"ahead": later.get(key) or None}
            for lines, later, planned in ((whole, later_whole, company), (facts, ahead, people))
            for key in {**lines, **planned}
        ]
        return sorted(
            rows,
            key=lambda row: (row["month"], not row["is company"], row["manager_id"] or 0, row["code"]),
        )

    def facts(self, *, is_ahead: bool = False, is_whole: bool = False) -> dict[Fact, Decimal | None]:
        """What plans are compared with, by month, person and measure, or by month of all; or what is dated later."""

        def of(person: int) -> int | None:
            return None if is_whole else person

        facts: dict[Fact, Decimal | None] = {}
        moved = grouped(self.sales.moved(), lambda one: (month(one[2].on), of(one[1].manager)))
        for (first, who), found in moved.items():
            asked = [move for _, _, move in found if (move.on > self.today) == is_ahead]
            facts[first, who, "turnover"] = total(move.amount for move in asked)
            facts[first, who, "contracts"] = Decimal(sum(move.kind == "signed" for move in asked))
        received = [] if is_ahead else self.sales.received()
        for (first, who), paid in grouped(received, lambda one: (month(one[0]), of(_whose(one[2])))).items():
            facts[first, who, "receipts"] = total(amount for _, amount, _ in paid)
        profits = grouped(
            self.sales.profits(), lambda row: (month(row["contract_on"]), of(row["manager_id"]))
        )
        for (first, who), rows in profits.items():
            here = [row for row in rows if (row["contract_on"] > self.today) == is_ahead]
            known = [row["profit_amount"] for row in here if row["is_complete"]]
            facts[first, who, "gross_profit"] = total(known) if known or not here else None
        return facts

    def _line(self, key: Fact, fact: Decimal | None, plan: Decimal | None, *, is_company: bool) -> Row:
        first, who, measure = key
        days = [first + timedelta(days=n) for n in range((month_end(first) - first).days + 1)]
        working = [day for day in days if day.weekday() < 5 and day not in self.typed.days_off]
        passed = sum(day <= self.today for day in working)
        left = len(working) - passed
        gap = plan - fact if plan is not None and fact is not None else None
        runs = first == month(self.today) and fact is not None and passed
        needed = gap is not None and first >= month(self.today) and left
        return {
            "month": first,
            "manager_id": who,
            "whom": "компания" if is_company else self.terms.names.get(who or 0),
            "code": measure,
            "measure": LABELS[measure],
            "fact": fact,
            "first_plan": plan,
            "current_plan": plan,
            "prorata_plan": plan,
            "versions": None if plan is None else 1,
            "attainment": share(fact, plan) if plan and fact is not None else None,
            "prorata_rate": share(fact, plan) if plan and fact is not None else None,
            "run_rate": rounded(fact * len(working) / passed, 2) if runs and fact is not None else None,
            "gap": None if gap is None else max(gap, Decimal(0)),
            "needed": rounded(max(gap, Decimal(0)) / left, 2) if needed and gap is not None else None,
            "passed_days": passed,
            "working_days": len(working),
            "is company": is_company,
        }


def _by_deal(acts: Iterable[tuple[date, Deal, Move]]) -> list[list[tuple[date, Deal, Move]]]:
    return list(grouped(acts, lambda one: one[1].lead_id).values())


def _whose(deal: Deal) -> int:
    return deal.contract.manager if deal.contract else deal.owner


_contract_month: Callable[[Deal], date] = lambda deal: month(deal.contract.on if deal.contract else date.max)  # noqa: E731
