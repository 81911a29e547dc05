"""What became of the leads: days, funnels, reasons."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from tests.independent.counting import BLANK, DEALS, Row, grouped, month, month_end, over, share, total
from tests.independent.facts import Deal
from tests.independent.terms import Terms

STEPS = {"measure": "Замер/КП", "contract": "Договор", "lost": "Отказ"}


@dataclass(frozen=True)
class Leads:
    """The leads of one company: deals that are not in the trash."""

    terms: Terms
    deals: tuple[Deal, ...]

    @property
    def present(self) -> list[Deal]:
        return [deal for deal in self.deals if not deal.is_deleted]

    def by_day(self) -> list[Row]:
        """Days with leads, and every day of the last year since the first of them."""
        days = grouped(self.present, lambda deal: deal.lead_on)
        began = min(days, default=self.terms.today)
        for ago in range(366):
            if (day := self.terms.today - timedelta(days=ago)) >= began:
                days.setdefault(day, [])
        return [{"lead_on": day, **_came(found)} for day, found in sorted(days.items())]

    def by_week(self) -> list[Row]:
        return self._by("week", lambda day: day - timedelta(days=day.weekday()))

    def by_month(self) -> list[Row]:
        return self._by("month", month)

    def _by(self, name: str, period: Callable[[date], date]) -> list[Row]:
        leads = grouped(self.present, lambda deal: period(deal.lead_on))
        days = {period(row["lead_on"]) for row in self.by_day()}
        return [{name: first, **_came(leads.get(first, []))} for first in sorted(days)]

    def medians(self) -> list[Row]:
        """How long it usually takes to come to a step."""
        rows = []
        for step, label in STEPS.items():
            waits = [wait for deal in self.present if (wait := _wait(deal, step)) is not None]
            days = Decimal(str(median(waits))) if waits else None
            rows.append({"step": step, "label": label, "leads": len(waits), "median_days": days})
        return rows

    def reasons(self) -> list[Row]:
        """Losses of each month by the reason that stands in the deal now."""
        losses = [(deal, day) for deal in self.present for day, _ in deal.losses]
        by_month = grouped(losses, lambda loss: month(loss[1]))
        rows = []
        for (first, reason), found in grouped(losses, lambda loss: (month(loss[1]), loss[0].reason)).items():
            lost = {deal.lead_id: deal for deal, _ in found}
            rows.append(
                {
                    "month": first,
                    "reason": reason or BLANK,
                    "losses": len(found),
                    "losses_rate": share(len(found), len(by_month[first])),
                    "deals": len(lost),
                    "price_amount": total(deal.price for deal in lost.values()),
                    DEALS: sorted(lost),
                }
            )
        return sorted(rows, key=lambda row: (row["month"], row["reason"]))

    def funnel(self, name: str | None = None) -> list[Row]:
        """The funnel by month and, if `name` is given, by `source`, `product` or `manager_id`."""
        cohort = grouped(self.present, lambda deal: (month(deal.lead_on), _of(deal, name, deal.lead_manager)))
        events = {kind: self._events(kind, name) for kind in ("measures", "contracts", "losses", "returns")}
        rows = []
        for first, key in over(cohort, *events.values()):
            leads = cohort.get((first, key), [])
            happened = {kind: found.get((first, key), []) for kind, found in events.items()}
            row = {"month": first, **self._cohort(first, leads), **_rates(happened, len(leads))}
            behind = (*leads, *(deal for found in happened.values() for deal in found))
            rows.append(
                {**row, DEALS: sorted({deal.lead_id for deal in behind}), **({name: key} if name else {})}
            )
        return sorted(rows, key=lambda row: (row["month"], *([row[name]] if name else [])))

    def _events(self, kind: str, name: str | None) -> dict[Any, list[Deal]]:
        events = [
            ((month(day), _of(deal, name, who)), deal)
            for deal in self.present
            for day, who in _passings(deal, kind)
        ]
        return {key: [deal for _, deal in found] for key, found in grouped(events, lambda e: e[0]).items()}

    def _cohort(self, first: date, leads: list[Deal]) -> Row:
        usual = {row["step"]: row["median_days"] for row in self.medians()}
        age = (self.terms.today - month_end(first)).days
        reached = cohort(leads)
        notes = {
            f"{step}_note": "незрелая" if leads and usual[step] is not None and age < usual[step] else None
            for step in STEPS
        }
        return {**reached, **notes}


def cohort(leads: list[Deal]) -> Row:
    """What became of these leads, whenever it happened."""
    measured = sum(deal.measure is not None for deal in leads)
    contracted = sum(deal.reached is not None for deal in leads)
    lost = sum(deal.is_lost for deal in leads)
    return {
        "leads": len(leads),
        "measure_leads": measured,
        "measure_rate": share(measured, len(leads)),
        "contract_leads": contracted,
        "contract_rate": share(contracted, len(leads)),
        "measure_contract_rate": share(contracted, measured),
        "lost_leads": lost,
        "lost_rate": share(lost, len(leads)),
    }


def _rates(happened: dict[str, list[Deal]], leads: int) -> Row:
    counts = {kind: len(found) for kind, found in happened.items()}
    rates = {f"{kind}_rate": share(count, leads) for kind, count in counts.items() if kind != "returns"}
    return {**counts, **rates}


def _passings(deal: Deal, kind: str) -> Iterable[tuple[date, int]]:
    once = {"measures": deal.measure, "contracts": deal.reached}
    if kind in once:
        return [passing] if (passing := once[kind]) else []
    return deal.losses if kind == "losses" else deal.returns


def _of(deal: Deal, name: str | None, who: int) -> Any:
    """The group a deal belongs to; of a manager it is he who was responsible."""
    return {None: None, "source": deal.source or BLANK, "product": deal.product or BLANK, "manager_id": who}[
        name
    ]


def _wait(deal: Deal, step: str) -> int | None:
    passings = {"measure": deal.measure, "contract": deal.reached}
    day = deal.lost_on if step == "lost" else (passing[0] if (passing := passings[step]) else None)
    return (day - deal.lead_on).days if day else None


def _came(leads: list[Deal]) -> Row:
    behind = sorted(deal.lead_id for deal in leads)
    return {
        "leads": len(leads),
        "unprocessed": sum(deal.step == "new" and not deal.is_serviced for deal in leads),
        DEALS: behind,
    }
