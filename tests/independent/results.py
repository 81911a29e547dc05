"""Profit and loss, discounts, channels, the cash ahead, and what might have been."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from math import ceil
from typing import Any

from tests.independent.bills import bills
from tests.independent.counting import (
    BLANK,
    DEALS,
    Row,
    grouped,
    month,
    month_end,
    months_back,
    rounded,
    share,
    total,
)
from tests.independent.debts import Debts
from tests.independent.facts import Deal
from tests.independent.leads import Leads
from tests.independent.sales import Sales
from tests.independent.terms import Terms
from tests.independent.typed import Expense, Typed

NOUGHT = Decimal(0)
STEPS = (("new", "новая"), ("measure", "замер"), ("quote", "КП"))
CASH_DAYS, CAREFUL = 60, Decimal("0.8")
PAYDAY = 10  # of the month after


@dataclass(frozen=True)
class Results:
    """Figures made of profits, of what people typed, and of the lines of all slips."""

    terms: Terms
    sales: Sales
    debts: Debts
    leads: Leads
    typed: Typed
    wages: tuple[Row, ...] = ()
    chosen: tuple[Expense, ...] | None = None

    @cached_property
    def expenses(self) -> tuple[Expense, ...]:
        """What was typed, and what stands in the pipeline of expenses; unless only some of it is chosen."""
        return (*self.typed.expenses, *bills(self.terms)) if self.chosen is None else self.chosen

    @property
    def today(self) -> date:
        return self.terms.today

    @cached_property
    def counted(self) -> list[tuple[date, Expense, Decimal, Decimal]]:
        """Every part of an expense, what it says and what it costs: wages only beyond the slips of their month."""
        left = {
            first: max(total(row["amount"] for row in slips), NOUGHT)
            for first, slips in grouped(self.wages, lambda row: row["month"]).items()
        }
        counted = []
        for one in self.expenses:
            for first, amount in one.parts:
                paid = min(amount, left.get(first, NOUGHT)) if one.is_wages else NOUGHT
                left[first] = left.get(first, NOUGHT) - paid
                counted.append((first, one, amount, amount - paid))
        return counted

    def overheads(self) -> dict[date, Decimal]:
        """By month."""
        return {
            first: total(cost for *_, cost in found)
            for first, found in grouped(self.counted, lambda one: one[0]).items()
        }

    def shared_without_wages(self) -> dict[int, Decimal]:
        """What is taken off a deal's profit before somebody is paid a part of it."""
        others = tuple(one for one in self.expenses if not one.is_wages)
        return replace(self, chosen=others).shared()

    def shared(self) -> dict[int, Decimal]:
        """The overheads of a month by the amounts of its contracts, cut to the kopeck; the largest takes the rest."""
        shares: dict[int, Decimal] = {}
        contracts = grouped(self.sales.profits(), lambda row: month(row["contract_on"]))
        for first, amount in self.overheads().items():
            weights = {
                row["deal_id"]: int(max(row["contract_amount"] or 0, 0) * 100)
                for row in contracts.get(first, [])
            }
            whole = sum(weights.values())
            if whole:
                cut = {deal: Decimal(int(amount * 100) * one // whole) / 100 for deal, one in weights.items()}
                largest = min(weights, key=lambda deal: (-weights[deal], deal))
                cut[largest] += amount - total(cut.values())
                shares |= cut
        return shares

    def overhead_totals(self) -> list[Row]:
        shares = self.shared()
        rows = []
        for first, amount in sorted(self.overheads().items()):
            deals = [
                row["deal_id"]
                for row in self.sales.profits()
                if month(row["contract_on"]) == first and row["deal_id"] in shares
            ]
            laid = total(shares[deal] for deal in deals)
            rows.append(
                {
                    "month": first,
                    "amount": amount,
                    "key": "по обороту",
                    "deals": len(deals),
                    "shared_amount": laid,
                    "undivided_amount": amount - laid,
                }
            )
        return rows

    def overheads_by_article(self) -> list[Row]:
        parts = [
            ((first, one.direction or BLANK, one.article.strip()), typed, cost)
            for first, one, typed, cost in self.counted
        ]
        return [
            {
                "month": key[0],
                "direction": key[1],
                "article": key[2],
                "lines": len(found),
                "typed_amount": total(typed for _, typed, _ in found),
                "repeated_amount": total(typed - cost for _, typed, cost in found),
                "amount": total(cost for *_, cost in found),
            }
            for key, found in sorted(grouped(parts, lambda one: one[0]).items())
        ]

    def net_by_deal(self) -> list[Row]:
        shares = self.shared()
        paid = grouped(self.wages, lambda row: row.get("deal_id"))
        rows = []
        for row in self.sales.profits():
            share_of_it, gain = shares.get(row["deal_id"], NOUGHT), row["profit_amount"]
            wage = total(one["amount"] for one in paid.get(row["deal_id"], []))
            net = None if gain is None else gain - share_of_it - wage
            told = {"overheads_amount": share_of_it, "commission_amount": wage, "net_amount": net}
            rows.append(row | told | {"net_rate": _ratio(net, row["contract_amount"] or NOUGHT)})
        return rows

    def net_by(self, name: str | None = None, *, by_month: bool = False) -> list[Row]:
        rows = [{**row, "month": month(row["contract_on"])} for row in self.net_by_deal()]
        names = [*(["month"] if by_month else []), *([name] if name else [])]
        told = []
        for key, found in sorted(grouped(rows, lambda row: tuple(row[one] for one in names)).items()):
            known = [row for row in found if row["is_complete"]]
            gain = total(row["profit_amount"] for row in known) if known else None
            net = total(row["net_amount"] for row in known) if known else None
            told.append(
                {
                    **dict(zip(names, key, strict=True)),
                    **_coverage(found),
                    "complete_amount": total(row["contract_amount"] for row in known),
                    "profit_amount": gain,
                    "overheads_amount": total(row["overheads_amount"] for row in known),
                    "commission_amount": total(row["commission_amount"] for row in known),
                    "net_amount": net,
                    "net_rate": _ratio(net, total(row["contract_amount"] for row in known)),
                    "other_overheads": total(
                        row["overheads_amount"] for row in found if not row["is_complete"]
                    ),
                }
            )
        return told

    def loss(self) -> list[Row]:
        """Profit and loss by month."""
        profits = grouped(self.sales.profits(), lambda row: month(row["contract_on"]))
        ads = grouped(self.typed.ads, lambda one: one[0])
        overheads = self.overheads()
        wages = grouped(self.wages, lambda row: row["month"])
        rows: list[Row] = []
        for first in sorted({*profits, *ads, *overheads, *wages}):
            found = profits.get(first, [])
            result = _result(found, ads.get(first, []), overheads.get(first, NOUGHT), wages.get(first, []))
            row = {"month": first, **_coverage(found), **result}
            in_year = (one["net_amount"] for one in rows if one["month"].year == first.year)
            rows.append(row | {"year_amount": total(in_year) + row["net_amount"]})
        return rows

    def loss_by_year(self) -> list[Row]:
        """Of months that have begun."""
        signed = [row for row in self.sales.profits() if self._has_begun(row["contract_on"])]
        profits = grouped(signed, lambda row: row["contract_on"].year)
        ads = grouped([one for one in self.typed.ads if self._has_begun(one[0])], lambda one: one[0].year)
        months = [one for one in self.overheads().items() if self._has_begun(one[0])]
        overheads = grouped(months, lambda one: one[0].year)
        wages = grouped(self.wages, lambda row: row["month"].year)
        rows: dict[int, Row] = {}
        for year in sorted({*profits, *ads, *overheads, *wages}):
            found = profits.get(year, [])
            general = total(amount for _, amount in overheads.get(year, []))
            row = {
                "year": year,
                **_coverage(found),
                **_result(found, ads.get(year, []), general, wages.get(year, [])),
            }
            rows[year] = row | {"change": self._since_a_year(year)}
        return list(rows.values())

    def _since_a_year(self, year: int) -> Decimal | None:
        """Of the months that are over: those of the year against the same ones of the year before."""
        nets = {
            row["month"]: row["net_amount"] for row in self.loss() if row["month"] < month(self.terms.today)
        }
        pairs = [(nets[first], nets.get(months_back(first, 12))) for first in nets if first.year == year]
        known = [(net, before) for net, before in pairs if before is not None]
        return (
            _change(total(net for net, _ in known), total(before for _, before in known)) if known else None
        )

    def directions(self) -> list[Row]:
        moved: list[tuple[date, str, str, Decimal]] = [
            (row["month"], "доход", "договоры", row["revenue_amount"]) for row in self.loss()
        ]
        for deal in self._complete():
            if deal.contract:
                on = deal.contract.on
                moved += [
                    (on, "прямые расходы", name, -(cost or NOUGHT)) for name, cost in deal.costs.items()
                ]
        for row in self.overheads_by_article():
            moved.append((row["month"], f"общие: {row['direction']}", row["article"], -row["amount"]))
        moved += [(first, "реклама", source, -amount) for first, source, amount in self.typed.ads]
        moved += [(row["month"], "зарплата", "начислено", -row["amount"]) for row in self.wages]
        told = [one for one in moved if self._has_begun(one[0])]
        sums = {
            key: total(one[3] for one in found)
            for key, found in grouped(told, lambda one: (one[0].year, *one[1:3])).items()
        }
        known = {row["month"] for row in self.loss()}
        over = [
            first for first in known if first < month(self.terms.today) and months_back(first, 12) in known
        ]
        rows = []
        for year, direction, article in sorted(sums):
            amount, before = sums[year, direction, article], sums.get((year - 1, direction, article))
            of_it = [(month(one[0]), one[3]) for one in told if one[1:3] == (direction, article)]
            here = [first for first in over if first.year == year]
            now = total(sum_ for first, sum_ in of_it if first in here)
            behind = [sum_ for first, sum_ in of_it if first in [months_back(one, 12) for one in here]]
            then = total(behind) if behind else None
            rows.append(
                {
                    "year": year,
                    "direction": direction,
                    "article": article,
                    "result_amount": amount,
                    "previous_amount": before,
                    "change": _change(now, then),
                }
            )
        return rows

    def _has_begun(self, day: date) -> bool:
        return month(day) <= month(self.today)

    def _complete(self) -> list[Deal]:
        known = {row["deal_id"] for row in self.sales.profits() if row["is_complete"]}
        return [deal for deal in self.sales.deals if deal.lead_id in known]

    def costs(self) -> list[Row]:
        running = [deal for deal in self.sales.deals if deal.is_running]
        cells = [
            (month(deal.contract.on), article, cost)
            for deal in running
            if deal.contract
            for article, cost in deal.costs.items()
        ]
        rows = []
        for (first, article), found in sorted(grouped(cells, lambda one: one[:2]).items()):
            known = [cost for *_, cost in found if cost is not None]
            rows.append(
                {
                    "month": first,
                    "article": article,
                    "deals": len(found),
                    "known_deals": len(known),
                    "coverage": f"по {len(known)} из {len(found)} сделок",
                    "amount": total(known) if known else None,
                    "compared_deals": 0,
                }
            )
        return rows

    def month_result(self) -> list[Row]:
        first = month(self.today)
        length = month_end(first).day
        ads = total(amount for when, _, amount in self.typed.ads if when == first)
        here = [(one.is_wages, typed) for when, one, typed, _ in self.counted if when == first]
        other = total(amount for is_wages, amount in here if not is_wages)
        typed = total(amount for is_wages, amount in here if is_wages)
        rows: list[Row] = []
        for number in range(1, self.today.day + 1):
            day = first.replace(day=number)
            found = [row for row in self.sales.profits() if first <= row["contract_on"] <= day]
            gain = total(row["profit_amount"] for row in found if row["is_complete"])
            spent, bills, written = (rounded(one * number / length, 2) for one in (ads, other, typed))
            wages = total(self._earned(row, day) for row in self.wages if row["month"] == first)
            bills += max(written - wages, NOUGHT) if wages > 0 else written
            result = gain - spent - bills - wages
            was_even = any("точка" in row["state"] for row in rows)
            state = "в минусе" if result < 0 else "в плюсе"
            if result >= 0 and gain > 0 and not was_even:
                state += ", точка безубыточности"
            rows.append(
                {
                    "on_day": day,
                    **_coverage(found),
                    "profit_amount": _if_known(gain, found),
                    "overheads_amount": bills,
                    "ads_amount": spent,
                    "payroll_amount": wages,
                    "result_amount": result,
                    "state": state,
                }
            )
        return rows

    def _earned(self, line: Row, day: date) -> Decimal:
        """How much of a line of this month's slips was earned up to a day; a salary on each of its working days."""
        if days := line.get("worked_on"):
            return rounded(line["amount"] * sum(one <= day for one in days) / len(days), 2)
        on_day = self.today if line["base"] == "fixed" else line["on_day"]
        return line["amount"] if on_day <= day else NOUGHT

    def discounts(self) -> list[Row]:
        given = {deal.lead_id: deal.discount for deal in self.sales.deals}
        rows = []
        for row in self.sales.profits():
            amount, gain = row["contract_amount"], row["profit_amount"]
            less = given[row["deal_id"]] if amount is not None else None
            status = (
                "не заполнено"
                if less is None
                else "без скидки"
                if less <= 0
                else "скидка не меньше прибыли"
                if gain is not None and less >= gain
                else "скидка"
            )
            rows.append(
                row
                | {
                    "list_amount": None if less is None else amount + less,
                    "discount_amount": less,
                    "discount_rate": None if less is None else share(less, amount + less),
                    "status": status,
                }
            )
        return rows

    def discounts_by_manager(self) -> list[Row]:
        rows = []
        for who, found in grouped(self.discounts(), lambda row: row["manager_id"]).items():
            known = [row for row in found if row["discount_amount"] is not None]
            complete = [row for row in found if row["is_complete"]]
            gain = total(row["profit_amount"] for row in complete) if complete else None
            less = total(row["discount_amount"] for row in known) if known else None
            rows.append(
                {
                    "manager_id": who,
                    "deals": len(found),
                    "known_deals": len(known),
                    "coverage": f"по {len(known)} из {len(found)} сделок",
                    "contract_amount": total(row["contract_amount"] or 0 for row in found),
                    "discount_amount": less,
                    "discount_rate": _ratio(less, total(row["list_amount"] for row in known)),
                    "profit_amount": gain,
                    "profit_coverage": f"по {len(complete)} из {len(found)} сделок",
                    "margin_rate": _ratio(gain, total(row["contract_amount"] for row in complete)),
                }
            )
        for row in rows:
            sold = 1 + sum(one["contract_amount"] > row["contract_amount"] for one in rows)
            earned = 1 + sum(_least(one["profit_amount"]) > _least(row["profit_amount"]) for one in rows)
            row |= {"turnover_place": sold, "profit_place": earned, "places_lost": earned - sold}
        return sorted(rows, key=lambda row: row["manager_id"])

    def missed(self) -> list[Row]:
        margin = self._margin()
        lost = [deal for deal in self.sales.deals if deal.is_lost and not deal.is_deleted]
        rows = []
        for (first, reason), found in sorted(
            grouped(lost, lambda deal: (month(deal.lost_on or date.max), deal.reason or BLANK)).items()
        ):
            priced = [deal.worth for deal in found if deal.worth]
            rows.append(
                {
                    "month": first,
                    "reason": reason,
                    "deals": len(found),
                    "priced_deals": len(priced),
                    "coverage": f"по {len(priced)} из {len(found)} сделок",
                    "lost_amount": total(priced),
                    "margin_rate": margin,
                    "missed_amount": None if margin is None else rounded(total(priced) * margin, 2),
                    DEALS: [deal.lead_id for deal in found],
                }
            )
        return rows

    def potential(self) -> list[Row]:
        margin = self._margin()
        present = [deal for deal in self.sales.deals if not deal.is_deleted and deal.step is not None]
        rows = []
        for rank, (step, label) in enumerate(STEPS):
            ended = [deal for deal in present if deal.step in ("won", "lost") and deal.farthest >= rank]
            ahead = [
                deal
                for deal in present
                if deal.step not in ("won", "lost")
                and deal.contract is None
                and deal.farthest == rank
                and not deal.is_serviced
            ]
            priced = [deal.worth for deal in ahead if deal.worth]
            rate = share(sum(deal.contract is not None for deal in ended), len(ended))
            expected = None if rate is None else rounded(total(priced) * rate, 2)
            gain = None if margin is None or expected is None else rounded(expected * margin, 2)
            rows.append(
                {
                    "step": step,
                    "label": label,
                    "deals": len(ahead),
                    "priced_deals": len(priced),
                    "coverage": f"по {len(priced)} из {len(ahead)} сделок",
                    "open_amount": total(priced),
                    "ended_deals": len(ended),
                    "sign_rate": rate,
                    "expected_amount": expected,
                    "margin_rate": margin,
                    "potential_amount": gain,
                    DEALS: [deal.lead_id for deal in ahead],
                }
            )
        return rows

    def _margin(self) -> Decimal | None:
        known = [row for row in self.sales.profits() if row["is_complete"]]
        gain = total(row["profit_amount"] for row in known)
        return share(gain, total(row["contract_amount"] for row in known))

    def channels(self) -> list[Row]:
        leads = {
            (row["month"], row["source"]): row["leads"] for row in self.leads.funnel("source") if row["leads"]
        }
        moved = grouped(self.sales.moved(), lambda one: (month(one[2].on), one[0].source or BLANK))
        profits = grouped(self.sales.profits(), lambda row: (month(row["contract_on"]), row["source"]))
        ads = grouped(self.typed.ads, lambda one: one[:2])
        rows = []
        for key in sorted({*leads, *moved, *profits, *ads}):
            signed = sum(move.kind == "signed" for _, _, move in moved.get(key, []))
            net = total(move.amount for _, _, move in moved.get(key, []))
            found = profits.get(key, [])
            if not (leads.get(key) or signed or net or found or key in ads):
                continue
            known = [row["profit_amount"] for row in found if row["is_complete"]]
            spent = total(amount for *_, amount in ads[key]) if key in ads else None
            rows.append(
                {
                    "month": key[0],
                    "source": key[1],
                    "leads": leads.get(key, 0),
                    "contracts": signed,
                    "net_amount": net,
                    "profit_amount": total(known) if known else None,
                    "coverage": f"по {len(known)} из {len(found)} сделок",
                    "spend_amount": spent,
                    "lead_cost": _each(spent, leads.get(key, 0)),
                    "contract_cost": _each(spent, signed),
                    "return_rate": _ratio(None if spent is None else total(known) - spent, spent or NOUGHT),
                }
            )
        return rows

    def wages_due(self) -> list[Row]:
        """What was earned up to this month and not written down as paid; none was closed."""
        earned = grouped(
            (line for line in self.wages if line["month"] <= self.today), lambda line: line["month"]
        )
        sums = {first: total(line["amount"] for line in lines) for first, lines in sorted(earned.items())}
        typed = {
            first: total(amount for when, one, amount, _ in self.counted if when == first and one.is_wages)
            for first in sums
        }
        return [
            {
                "month": first,
                "accrued_amount": amount,
                "typed_amount": typed[first],
                "due_amount": amount - typed[first],
                "on_day": max(month_end(first) + timedelta(days=PAYDAY), self.today),
                DEALS: [],
            }
            for first, amount in sums.items()
            if amount > typed[first]
        ]

    def cash_gap(self) -> list[Row]:
        known = [(day, amount) for day, amount in self.typed.cash if day <= self.today]
        since, counted = max(known) if known else (None, NOUGHT)
        came = total(amount for day, amount, _ in self.sales.received() if since and day >= since)
        for one in self.expenses:
            came -= one.amount if one.is_paid and since and since <= one.paid_on <= self.today else 0
        bills = [(max(one.paid_on, self.today), one.amount) for one in self.expenses if not one.is_paid]
        slips = [(row["on_day"], row["due_amount"]) for row in self.wages_due()]
        late = timedelta(days=self._usual_delay())
        hoped: list[tuple[date, Decimal, bool]] = []
        careful: list[tuple[date, Decimal]] = []
        for row in self.debts.expected():
            due, amount = row["due_on"], row["expected_amount"]
            if row["bucket"] == "просрочено":
                hoped.append((self.today + timedelta(days=1), amount, True))
            elif due is not None:
                hoped.append((due, amount, False))
                careful.append((due, amount) if amount < 0 else (due + late, rounded(amount * CAREFUL, 2)))
        last = max(
            [day for day, *_ in hoped] + [day for day, _ in (*careful, *bills, *slips)], default=self.today
        )
        best = worst = counted + came
        rows: list[Row] = []

        def is_first(balance: Decimal, name: str) -> bool:
            return bool(known) and balance < 0 and all(row[name] >= 0 for row in rows)

        for number in range(CASH_DAYS + 1):
            day = self.today + timedelta(days=number)
            expected = total(amount for when, amount, _ in hoped if when == day)
            fewer = total(amount for when, amount in careful if when == day)
            spent = total(amount for when, amount in bills if when == day)
            wages = total(amount for when, amount in slips if when == day)
            best, worst = best + expected - spent - wages, worst + fewer - spent - wages
            rows.append(
                {
                    "on_day": day,
                    "expected_amount": expected,
                    "overdue_amount": total(
                        amount for when, amount, is_late in hoped if is_late and when == day
                    ),
                    "careful_amount": fewer,
                    "outflow_amount": spent,
                    "wages_amount": wages,
                    "optimistic_balance": best if known else None,
                    "careful_balance": worst if known else None,
                    "state": _state(
                        (
                            best < 0 and all((row["optimistic_balance"] or 0) >= 0 for row in rows),
                            "первый день ниже нуля",
                        ),
                        (is_first(worst, "careful_balance"), "осторожно: первый день ниже нуля"),
                        (not known, "остаток на счетах не введён"),
                        (day > last, "дальше ничего не известно"),
                    ),
                }
            )
        return rows

    def _usual_delay(self) -> int:
        delays = []
        for deal in self.sales.deals:
            income = [one.on for one in deal.payments if one.on and one.on <= self.today and one.amount > 0]
            if deal.contract and deal.amount and deal.installation_on and income:
                is_recent = max(income) > self.today - timedelta(days=365)
                if is_recent and self.debts.received(deal) >= deal.amount:
                    delays.append(max((max(income) - deal.installation_on).days, 0))
        return sorted(delays)[ceil(len(delays) / 2) - 1] if delays else 0


def _coverage(found: list[Row]) -> Row:
    known = sum(row["is_complete"] for row in found)
    return {
        "deals": len(found),
        "complete_deals": known,
        "coverage": f"по {known} из {len(found)} сделок",
        DEALS: [row["deal_id"] for row in found],
    }


def _if_known(amount: Decimal, contracts: list[Row]) -> Decimal | None:
    """Nothing is earned where nothing is signed; of contracts of which none is complete nobody knows."""
    return amount if not contracts or any(row["is_complete"] for row in contracts) else None


def _result(
    found: list[Row], ads: list[tuple[date, str, Decimal]], overheads: Decimal, wages: list[Row]
) -> dict[str, Any]:
    known = [row for row in found if row["is_complete"]]
    revenue, gain = (
        total(row["contract_amount"] for row in known),
        total(row["profit_amount"] for row in known),
    )
    spent, paid = total(amount for *_, amount in ads), total(row["amount"] for row in wages)
    net = gain - spent - overheads - paid
    return {
        "revenue_amount": revenue,
        "costs_amount": _if_known(total(row["known_costs"] for row in known), found),
        "profit_amount": _if_known(gain, found),
        "margin_rate": share(gain, revenue),
        "overheads_amount": overheads,
        "ads_amount": spent,
        "payroll_amount": paid,
        "net_amount": net,
        "net_rate": share(net, revenue),
    }


def _ratio(part: Decimal | None, whole: Decimal) -> Decimal | None:
    return None if part is None else share(part, whole)


def _each(amount: Decimal | None, units: int) -> Decimal | None:
    return rounded(amount / units, 2) if amount is not None and units else None


def _change(now: Decimal, before: Decimal | None) -> Decimal | None:
    return None if before is None else share(now - before, abs(before))


def _least(amount: Decimal | None) -> Decimal:
    return Decimal("-Infinity") if amount is None else amount


def _state(*told: tuple[bool, str]) -> str | None:
    return ", ".join(words for holds, words in told if holds) or None
