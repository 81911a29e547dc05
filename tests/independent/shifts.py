"""How the days of installation moved, from one act on a card to the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.independent.counting import BLANK, DEALS, Row, grouped, month
from tests.independent.facts import Deal
from tests.independent.lives import lives
from tests.independent.terms import Terms


@dataclass(frozen=True)
class Shift:
    """One day of installation in place of another, the empty ones between them left out."""

    deal: Deal
    on: date
    before: date
    after: date
    manager: int
    by: int

    @property
    def days(self) -> int:
        return (self.after - self.before).days


@dataclass(frozen=True)
class Shifts:
    """All shifts of the deals that are not in the trash."""

    terms: Terms
    deals: tuple[Deal, ...]

    def by_deal(self) -> list[Row]:
        rows = []
        for told in grouped(self._all(), lambda one: one.deal.lead_id).values():
            deal, last = told[0].deal, told[-1]
            rows.append(
                {
                    "deal_id": deal.lead_id,
                    "name": deal.name,
                    "client": deal.client or BLANK,
                    "manager_id": deal.contract.manager if deal.contract else deal.owner,
                    "first_on": told[0].before,
                    "installation_on": deal.installation_on,
                    "shifts": len(told),
                    "shifted_days": (last.after - told[0].before).days,
                    "last_shift_on": last.on,
                    "last_shift_by": self.terms.names.get(last.by, f"пользователь {last.by}"),
                    DEALS: [deal.lead_id],
                }
            )
        return rows

    def by_month(self) -> list[Row]:
        return [
            {
                "month": first,
                "manager_id": manager,
                "shifts": len(told),
                "deals": len({one.deal.lead_id for one in told}),
                "shifted_days": sum(one.days for one in told),
                DEALS: [one.deal.lead_id for one in told],
            }
            for (first, manager), told in sorted(
                grouped(self._all(), lambda one: (month(one.on), one.manager)).items()
            )
        ]

    def _all(self) -> Iterator[Shift]:
        field = self.terms.roles.get("installation_date")
        alive = {deal.lead_id: deal for deal in self.deals if not deal.is_deleted}
        for life in lives(self.terms.account):
            if life.lead_id not in alive:
                continue
            known: date | None = None
            for turn in life.turns:
                day = self.terms.date(field, turn.after.fields)
                if day is not None and known is not None and day != known:
                    yield Shift(
                        alive[life.lead_id], self.terms.day(turn.at), known, day, turn.after.owner, turn.by
                    )
                known = day or known
