"""What follows a signature: money, materials, fitters, and now and then a change of mind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.amocrm.cast import Manager, Product
from sandbox.amocrm.days import DAY, at_work, local_date
from sandbox.amocrm.premises import DELIVERY, FITTING, MATERIALS, Premises
from sandbox.amocrm.truth import LOST, WON


@dataclass(slots=True)
class Works:
    """The second half of a deal's story; `price` is its list price."""

    place: Premises
    rng: Random
    lead_id: int
    price: int
    product: Product
    manager: Manager
    edge: bool = False
    moment: int = 0
    amount: Decimal = Decimal(0)
    prepaid: Decimal = Decimal(0)
    installation: date | None = None
    unwritten: dict[str, float] = field(default_factory=dict)

    def live(self, moment: int) -> Iterator[int]:
        self.moment = moment
        self._sign()
        yield self._later(0.2, 2)
        self._order()
        if self._chance(0.08):
            yield self._later(1, 9)
            self._change_amount()
        if self._chance(0.055) and not self.edge:
            yield self._later(1, 20)
            yield from self._cancel()
            return
        yield self._until_installation()
        self._move("Монтаж")
        self._spend(self.unwritten)
        yield self._later(0.3, 6)
        yield from self._finish()

    def _sign(self) -> None:
        """The papers: amount, discount, prepayment, a day for the fitters; any of them may be blank."""
        discount = Decimal(round(self.price * max(0.0, self.rng.gauss(self.manager.discount, 0.02)), -2))
        self.amount = Decimal(self.price) - discount
        if self._chance(0.05):
            self.amount += Decimal("0.50")
        values: dict[str, Any] = {"Номер договора": f"{self.lead_id % 10_000:05d}"}
        if self._chance(0.94) or self.edge:
            values["Сумма договора"] = self.amount if self._chance(0.985) else 0
        if self._chance(0.9) and not self.edge:
            values["Дата договора"] = self._today() + timedelta(
                days=self.rng.choice((0, 0, 0, 0, 0, 0, -1, 2))
            )
        if discount and self._chance(0.85):
            values["Скидка"] = discount
        if self._chance(0.85):
            self.installation = self._today() + timedelta(days=self.rng.randrange(9, 36))
            values["Дата монтажа"] = self.installation
        if self._chance(0.9):
            values |= self._prepay()
        price = 0 if self._chance(0.02) else int(self.amount)
        account, lead_id, at = self.place.account, self.lead_id, self.moment
        account.update_lead(lead_id, price=price, fields=self._named(values), moment=at)
        self._move("Договор")

    def _prepay(self) -> dict[str, Any]:
        self.prepaid = Decimal(round(int(self.amount) * self.rng.choice((0.3, 0.5, 0.5, 0.7)), -2))
        values: dict[str, Any] = {"Предоплата": self.prepaid}
        if self._chance(0.94):
            values["Дата предоплаты"] = self._today() + timedelta(days=self.rng.choice((0, 0, 0, 1, 3, 7)))
        if self.installation is not None and self._chance(0.35):
            values["Доплата"] = self.amount - self.prepaid
            values["Дата доплаты"] = self.installation
        return values

    def _change_amount(self) -> None:
        old = self.amount
        self.amount = max(Decimal(1000), Decimal(round(float(old) * self.rng.uniform(0.85, 1.2), -2)))
        account, field = self.place.account, self.place.fields["Сумма договора"]
        if field in account.leads[self.lead_id].fields:
            account.update_lead(
                self.lead_id, price=int(self.amount), fields={field: self.amount}, moment=self.moment
            )

    def _cancel(self) -> Iterator[int]:
        """Terminated after signing: some get their prepayment back, some cards are simply deleted."""
        account = self.place.account
        if self.prepaid and self._chance(0.5):
            refund = {"Доплата": -self.prepaid, "Дата доплаты": self._today()}
            account.update_lead(self.lead_id, fields=self._named(refund), moment=self.moment)
        reason = self.place.loss_reasons["Расторгли договор"]
        account.move_lead(self.lead_id, LOST, loss_reason_id=reason, moment=self.moment)
        if self._chance(0.15):
            yield self._later(0.1, 2)
            account.delete_lead(self.lead_id, by=self.place.head, moment=self.moment)

    def _order(self) -> None:
        """The costs as they are agreed with suppliers and fitters; some stay unwritten, for a while or for good."""
        price, rng, product = self.price, self.rng, self.product
        costs: dict[str, float] = {
            MATERIALS: round(price * product.materials * rng.uniform(0.93, 1.15)),
            DELIVERY: 0 if self._chance(0.06) else rng.randrange(8, 30) * 100,
            FITTING: round(price * product.fitting * rng.uniform(0.85, 1.2), -1),
        }
        if self.edge:
            del costs[DELIVERY]
        known = {article: cost for article, cost in costs.items() if self._chance(0.985)}
        self.unwritten = {article: cost for article, cost in known.items() if self._chance(0.04)}
        self._spend({article: cost for article, cost in known.items() if article not in self.unwritten})

    def _spend(self, costs: dict[str, float]) -> None:
        """A cost that nobody writes down stays blank, and a blank is not a nought."""
        if costs:
            self.place.account.update_lead(self.lead_id, fields=self._named(costs), moment=self.moment)

    def _finish(self) -> Iterator[int]:
        rest = self.amount - self.prepaid
        if self._chance(0.96):
            values = {"Доплата": rest + (1000 if self._chance(0.015) else 0), "Дата доплаты": self._today()}
            account = self.place.account
            account.update_lead(self.lead_id, fields=self._named(values), moment=self.moment)
        if self._chance(0.07):
            return
        yield self._later(0.1, 4)
        self.place.account.move_lead(self.lead_id, WON, moment=self.moment)
        if self._chance(0.02):
            yield self._later(3, 25)
            self._move("Монтаж")
            yield self._later(1, 6)
            self.place.account.move_lead(self.lead_id, WON, moment=self.moment)
        elif self._chance(0.012):
            yield self._later(5, 30)
            service = self.place.pipelines["Сервис"], self.place.statuses["Сервис"]["Ремонт"]
            self.place.account.move_lead(self.lead_id, service[1], pipeline_id=service[0], moment=self.moment)

    def _until_installation(self) -> int:
        zone = self.place.account.zone
        if self.installation is None:
            return self._later(8, 35)
        days = max(0, (self.installation - self._today()).days) + self.rng.choice((0, 0, 0, 1, 2, 5))
        self.moment = at_work(self.moment + days * DAY, zone, self.rng)
        return self.moment

    def _later(self, low: float, high: float) -> int:
        """Some days later, at work."""
        wait = self.rng.triangular(low, high, low + (high - low) * 0.3) * DAY
        self.moment = at_work(self.moment + wait, self.place.account.zone, self.rng)
        return self.moment

    def _move(self, status: str) -> None:
        status_id = self.place.statuses["Продажи"][status]
        self.place.account.move_lead(self.lead_id, status_id, moment=self.moment)

    def _named(self, values: dict[str, Any]) -> dict[int, Any]:
        return {self.place.fields[name]: value for name, value in values.items()}

    def _today(self) -> date:
        return local_date(self.moment, self.place.account.zone)

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share
