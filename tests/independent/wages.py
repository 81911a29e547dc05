"""Wages counted a second time: what each deal brought to whom, by the rates of the day, to the kopeck."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from tests.independent.acts import Act, Acts
from tests.independent.bases import Bases, Fact
from tests.independent.counting import DEALS, Row, grouped, month, month_end, rounded
from tests.independent.rates import Pay, Rate
from tests.independent.salaries import salaries

NOUGHT, ENDLESS = Decimal(0), Decimal("1e15")
MEASURED_BY = {"paid": "receipts", "gross_profit": "gross_profit", "net_profit": "gross_profit"}
TITLES = {
    "contract": "процент от договора",
    "paid": "процент от полученных денег",
    "closed_act": "процент от сданных работ",
    "gross_profit": "процент от валовой прибыли",
    "net_profit": "процент от прибыли",
    "measurement": "за замер",
    "installation": "за монтаж",
    "fixed": "оклад",
}
EARNED = {
    "contract": "договор подписан",
    "paid": "платёж получен",
    "closed_act": "работы сданы",
    "gross_profit": "валовая прибыль сделки",
    "net_profit": "прибыль сделки за вычетом доли накладных",
    "measurement": "замер сделан",
    "installation": "монтаж сдан",
}
LATER = {
    "changed": "изменилась сумма договора",
    "refund": "возврат клиенту",
    "cancelled": "договор расторгнут, начисленное возвращается",
    "resumed": "договор восстановлен",
}


@dataclass(frozen=True)
class Wages:
    """What everybody is owed; nobody shares a deal, no month is closed. `overheads`: what each deal bears of them."""

    bases: Bases
    pay: Pay
    overheads: Mapping[int, Decimal]

    @cached_property
    def facts(self) -> dict[Fact, Decimal]:
        """Tiers are of the whole month, with what is dated ahead, for so are the slips."""
        facts, ahead = self.bases.facts(), self.bases.facts(is_ahead=True)
        return {key: (fact or Decimal(0)) + (ahead.get(key) or 0) for key, fact in facts.items()}

    @property
    def today(self) -> date:
        return self.bases.today

    def lines(self) -> list[Row]:
        """The slips, line by line."""
        found = [row for row in (*self._of_deals(), *self._salaries()) if row["amount"]]
        rows = []
        for _, slip in sorted(grouped(found, lambda row: (row["month"], row["manager_id"])).items()):
            for seq, row in enumerate(sorted(slip, key=lambda row: row["order"]), start=1):
                rows.append({**row, "seq": seq, "title": TITLES[row["base"]], "state": "предварительно"})
        return rows

    def _salaries(self) -> Iterator[Row]:
        users = self.bases.terms.account.users
        for row in salaries(self.pay, self.today, self.bases.typed.days_off, set(users)):
            on = min(month_end(row["month"]), self.today)
            yield {
                **row,
                "base": "fixed",
                "kind": "accrued",
                "on_day": on,
                "order": (on, 0, "fixed"),
                DEALS: [],
            }

    def _of_deals(self) -> Iterator[Row]:
        for acts in grouped(self._acts, lambda one: (one.base, one.deal.lead_id)).values():
            paid = weight = weighted = NOUGHT
            for act in acts:
                if act.kind == "accrued":
                    for row in self._earned(act):
                        yield row
                        paid += row["amount"]
                        weight += max(row["base_amount"], NOUGHT)
                        weighted += max(row["base_amount"], NOUGHT) * row["rate"]
                elif weight:
                    rate = rounded(weighted / weight, 6)
                    amount = -paid if act.kind == "cancelled" else rounded(act.amount * rate, 2)
                    paid += amount
                    yield _line(act, (act.amount, rate, amount), LATER[act.kind])

    def _earned(self, act: Act) -> Iterator[Row]:
        """A line for each tier that the act lies in; of tiers for the whole only the highest that was reached."""
        rates = self._in_force(act)
        plan, fact = self._plan(act)
        floors = [rounded(plan * one.tier, 2) if plan is not None else None for one in rates]
        if any(one.is_marginal for one in rates):
            for place, part in enumerate(self._parts(act, rates, floors)):
                if part:
                    yield _tier_line(act, part, rates[place], (plan, fact), place)
            return
        met = [
            one
            for one, floor in zip(rates, floors, strict=True)
            if not one.tier or (floor is not None and fact >= floor)
        ]
        for one in met[-1:]:
            if one.amount is not None:
                yield _line(act, (one.amount, Decimal(1), one.amount), EARNED[act.base])
            else:
                yield _tier_line(act, act.amount, one, (plan, fact), 0)

    def _parts(self, act: Act, rates: list[Rate], floors: list[Decimal | None]) -> list[Decimal]:
        """How much of an act lies between the floor of each tier and that of the next one."""
        if act.amount < 0:
            return [NOUGHT if one.tier else act.amount for one in rates]
        until = self._heights[act.key]
        lows = [floor if rate.tier else -ENDLESS for rate, floor in zip(rates, floors, strict=True)]
        known = [low for low in lows if low is not None]
        return [
            max(NOUGHT, min(until, high) - max(until - act.amount, low))
            for low, high in pairwise([*known, ENDLESS])
        ]

    def _in_force(self, act: Act) -> list[Rate]:
        """The rates of one's own before everybody's, of those the newest; all of their tiers, the lowest first."""
        fitting = [
            one
            for one in self.pay.rates
            if one.base == act.base
            and one.whom in (None, act.who)
            and (one.since or act.on) <= act.on <= (one.until or act.on)
        ]
        best = max(((one.whom is not None, one.since or date.min) for one in fitting), default=None)
        chosen = [one for one in fitting if (one.whom is not None, one.since or date.min) == best]
        return sorted(chosen, key=lambda one: one.tier)

    def _plan(self, act: Act) -> tuple[Decimal | None, Decimal]:
        """The plan of the month in the measure of the base, without one of the turnover; the fact beside it."""
        plans = {key[:3]: Decimal(key[3]) for key in self.bases.typed.plans}
        for measure in (MEASURED_BY.get(act.base, "turnover"), "turnover"):
            key = (month(act.on), act.who, measure)
            if plans.get(key):
                return plans[key], self.facts.get(key) or NOUGHT
        return None, NOUGHT

    @cached_property
    def _heights(self) -> dict[Any, Decimal]:
        """How much a person had in the base of a month after each act."""
        earned = [act for act in self._acts if act.kind == "accrued"]
        heights: dict[Any, Decimal] = {}
        for acts in grouped(earned, lambda one: (one.base, one.who, month(one.on))).values():
            acts.sort(key=lambda one: (one.on, one.deal.lead_id, one.seq))
            sums = accumulate(max(act.amount, NOUGHT) for act in acts)
            heights |= dict(zip((act.key for act in acts), sums, strict=True))
        return heights

    @cached_property
    def _acts(self) -> list[Act]:
        asked, acts = {one.base for one in self.pay.rates}, Acts(self.today, self.overheads)
        return [act for deal in self.bases.sales.deals for act in acts.of(deal) if act.base in asked]


def _tier_line(
    act: Act, part: Decimal, rate: Rate, reached: tuple[Decimal | None, Decimal], place: int
) -> Row:
    words, (plan, fact) = EARNED[act.base], reached
    if rate.tier and plan:
        done = _percents(max(Decimal(fact * 1000 // plan) / 1000, rate.tier))
        words += f", ступень от {_percents(rate.tier)} плана, выполнено {done}"
    assert rate.rate is not None
    return _line(act, (part, rate.rate, rounded(part * rate.rate, 2)), words, place)


def _line(act: Act, sums: tuple[Decimal, Decimal, Decimal], reason: str, place: int = 0) -> Row:
    base_amount, rate, amount = sums
    return {
        "month": month(act.on),
        "manager_id": act.who,
        "on_day": act.on,
        "deal_id": act.deal.lead_id,
        "name": act.deal.name,
        "base": act.base,
        "kind": act.kind,
        "base_amount": base_amount,
        "rate": rate,
        "amount": amount,
        "reason": reason,
        "order": (act.on, act.deal.lead_id, act.base, act.seq, place),
        DEALS: [act.deal.lead_id],
    }


def _percents(fraction: Decimal) -> str:
    return f"{rounded(fraction * 100, 4).normalize():f} %".replace(".", ",")
