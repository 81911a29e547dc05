"""Turnover, average checks, direct costs and gross profit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from tests.independent.counting import BLANK, DEALS, Row, grouped, mean, middle, month, over, share, total
from tests.independent.facts import Contract, Deal
from tests.independent.leads import cohort
from tests.independent.money_moves import Move
from tests.independent.terms import Terms

LARGE = 500_000
Moved = tuple[Deal, Contract, Move]


@dataclass(frozen=True)
class Sales:
    """Everything about contracts; also of deals in the trash, for what was signed stays signed."""

    terms: Terms
    deals: tuple[Deal, ...]

    def moved(self) -> list[Moved]:
        return [
            (deal, deal.contract, move)
            for deal in self.deals
            if deal.contract
            for move in deal.contract.moves
        ]

    def turnover_by_month(self) -> list[Row]:
        moved = grouped(self.moved(), lambda one: month(one[2].on))
        won = grouped((deal for deal in self.deals if deal.won_on and not deal.is_deleted), _won_month)
        received = grouped(self.received(), lambda one: month(one[0]))
        rows = []
        for first in sorted(over(moved, won, received)):
            found = moved.get(first, [])
            rows.append(
                {
                    "month": first,
                    **turnover(found),
                    "average_amount": mean(_signed_amounts(found)),
                    "won_amount": total(deal.amount or 0 for deal in won.get(first, [])),
                    "received_amount": total(amount for _, amount, _ in received.get(first, [])),
                    DEALS: sorted({*_ids(found), *(deal.lead_id for deal in won.get(first, []))}),
                }
            )
        return rows

    def received(self) -> list[tuple[date, Decimal, Deal]]:
        """Money that came by today: day, sum, deal."""
        return [
            (one.on, one.amount, deal)
            for deal in self.deals
            for one in deal.payments
            if one.on is not None and one.on <= self.terms.today
        ]

    def turnover_by_manager(self) -> list[Row]:
        by_month = grouped(self.moved(), lambda one: month(one[2].on))
        net = {first: turnover(found)["net_amount"] for first, found in by_month.items()}
        rows = [
            {"month": first, "manager_id": who, **turnover(found), DEALS: _ids(found)}
            for (first, who), found in grouped(
                self.moved(), lambda one: (month(one[2].on), one[1].manager)
            ).items()
        ]
        for row in rows:
            row["net_rate"] = share(row["net_amount"], net[row["month"]])
        return sorted(rows, key=_by_month_and_manager)

    def checks(self) -> list[Row]:
        """Average and median check of what a manager signed in a month."""
        signed = [one for one in self.moved() if one[2].kind == "signed"]
        rows = []
        for (first, who), found in grouped(signed, lambda one: (month(one[2].on), one[1].manager)).items():
            amounts = _signed_amounts(found)
            rows.append(
                {
                    "month": first,
                    "manager_id": who,
                    "contracts": len(found),
                    "priced_contracts": len(amounts),
                    "average_amount": mean(amounts),
                    "median_amount": middle(amounts),
                    **spread(amounts),
                    "largest_amount": max(amounts, default=None),
                    DEALS: _ids(found),
                }
            )
        return sorted(rows, key=_by_month_and_manager)

    def profits(self) -> list[Row]:
        """Gross profit of each deal that is signed and not cancelled."""
        running = (deal for deal in self.deals if deal.is_running)
        return [_profit(deal) for deal in sorted(running, key=lambda deal: deal.lead_id)]

    def profit_by(self, name: str | None = None, *, by_month: bool = True) -> list[Row]:
        """The same, added up by month and by `manager_id` or `product`."""
        names = [*(["month"] if by_month else []), *([name] if name else [])]
        rows = [{**row, "month": month(row["contract_on"])} for row in self.profits()]
        groups = grouped(rows, lambda row: tuple(row[one] for one in names))
        return [{**dict(zip(names, key, strict=True)), **profit(groups[key])} for key in sorted(groups)]

    def totals(self, name: str) -> list[Row]:
        """All time by `source` or `manager_id`: leads, contracts, turnover, profit."""
        present = (deal for deal in self.deals if not deal.is_deleted)
        leads = grouped(present, lambda deal: _of(deal, name, deal.lead_manager))
        moved = grouped(self.moved(), lambda one: _of(one[0], name, one[1].manager))
        profits = grouped(self.profits(), lambda row: row[name])
        rows = []
        for key in sorted({*over(leads, moved, profits), *self._touched(name)}):
            found, sums = moved.get(key, []), turnover(moved.get(key, []))
            gained = profit(profits.get(key, []))
            rows.append(
                {
                    name: key,
                    **cohort(leads.get(key, [])),
                    "contracts": sums["contracts"],
                    "net_amount": sums["net_amount"],
                    "average_amount": mean(_signed_amounts(found)),
                    "profit_amount": gained["profit_amount"],
                    "margin_rate": gained["margin_rate"],
                    "coverage": gained["coverage"],
                    DEALS: sorted({*(deal.lead_id for deal in leads.get(key, [])), *_ids(found)}),
                }
            )
        return rows

    def _touched(self, name: str) -> set[Any]:
        """Also who had only an event: a measurement, a contract, a loss or a return."""
        present = [deal for deal in self.deals if not deal.is_deleted]
        once = (
            (deal, who) for deal in present for one in (deal.measure, deal.reached) if one for who in one[1:]
        )
        often = ((deal, who) for deal in present for _, who in (*deal.losses, *deal.returns))
        return {_of(deal, name, who) for deal, who in (*once, *often)}


def spread(amounts: list[Decimal]) -> Row:
    """The tenth from below and from above, and what is large."""
    ordered, large = sorted(amounts), [amount for amount in amounts if amount >= LARGE]
    return {
        "low_amount": ordered[ceil(Fraction(len(ordered), 10)) - 1] if ordered else None,
        "high_amount": ordered[ceil(Fraction(9 * len(ordered), 10)) - 1] if ordered else None,
        "large_contracts": len(large),
        "large_amount": total(large),
        "large_rate": share(total(large), total(amounts)) if amounts else None,
    }


def turnover(moved: Iterable[Moved]) -> Row:
    """Signed, changed, cancelled, resumed and what is left of it."""
    kinds = grouped(moved, lambda one: one[2].kind)
    sums = {kind: total(move.amount for _, _, move in found) for kind, found in kinds.items()}
    signed = kinds.get("signed", [])
    return {
        "contracts": len(signed),
        "without_amount": sum(contract.amount is None for _, contract, _ in signed),
        "signed_amount": sums.get("signed", Decimal(0)),
        "changed_amount": sums.get("changed", Decimal(0)),
        "cancelled_contracts": len(kinds.get("cancelled", [])),
        "cancelled_amount": sums.get("cancelled", Decimal(0)),
        "resumed_amount": sums.get("resumed", Decimal(0)),
        "net_amount": total(sums.values()),
    }


def profit(rows: list[Row]) -> Row:
    """Totals over deals whose profit is known, saying how many they are."""
    known = [row for row in rows if row["is_complete"]]
    amount, gain = (
        total(row["contract_amount"] for row in known),
        total(row["profit_amount"] for row in known),
    )
    return {
        "deals": len(rows),
        "complete_deals": len(known),
        "coverage": f"по {len(known)} из {len(rows)} сделок",
        "contract_amount": total(row["contract_amount"] or 0 for row in rows),
        "complete_amount": amount,
        "costs_amount": total(row["known_costs"] for row in known) if known else None,
        "profit_amount": gain if known else None,
        "margin_rate": share(gain, amount) if known else None,
        "average_profit": mean([row["profit_amount"] for row in known]),
        DEALS: sorted(deal for row in rows for deal in row[DEALS]),
    }


def _profit(deal: Deal) -> Row:
    contract, costs = deal.contract, deal.costs
    assert contract is not None
    known = total(cost for cost in costs.values() if cost is not None)
    missing = [article for article, cost in costs.items() if cost is None]
    missing = [*(["сумма договора"] if contract.amount is None else []), *missing]
    gain = contract.amount - known if contract.amount is not None else None
    return {
        "deal_id": deal.lead_id,
        "name": deal.name,
        "client": deal.client or BLANK,
        "product": deal.product or BLANK,
        "source": deal.source or BLANK,
        "manager_id": contract.manager,
        "contract_on": contract.on,
        "contract_amount": contract.amount,
        "known_costs": known if any(cost is not None for cost in costs.values()) else None,
        "articles_known": sum(cost is not None for cost in costs.values()),
        "articles_total": len(costs),
        "profit_amount": None if missing else gain,
        "margin_rate": None if missing or gain is None else share(gain, contract.amount or 0),
        "profit_limit": gain if missing else None,
        "status": "предварительно" if missing else "точно",
        "missing": ", ".join(missing) or None,
        "is_complete": not missing,
        DEALS: [deal.lead_id],
    }


def _signed_amounts(moved: Iterable[Moved]) -> list[Decimal]:
    return [move.amount for _, _, move in moved if move.kind == "signed" and move.amount]


def _ids(moved: Iterable[Moved]) -> list[int]:
    return sorted({deal.lead_id for deal, _, _ in moved})


def _of(deal: Deal, name: str, who: int) -> Any:
    return who if name == "manager_id" else deal.source or BLANK


def _won_month(deal: Deal) -> date:
    assert deal.won_on is not None
    return month(deal.won_on)


_by_month_and_manager: Callable[[Row], Any] = lambda row: (row["month"], row["manager_id"])  # noqa: E731
