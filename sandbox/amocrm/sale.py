"""One deal of the demo company from the first call to the last payment, or to wherever it ends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.client import open_card, particulars
from sandbox.amocrm.days import DAY, HOUR, at_work, local_date, month_edges
from sandbox.amocrm.premises import UNSORTED, Premises
from sandbox.amocrm.truth import LOST
from sandbox.amocrm.works import Works

Life = Iterator[int]
"""Yields the moment at which it goes on; between two moments it does what is to be done."""


@dataclass(slots=True)
class Sale:
    """The story of one lead, told in the order of time.

    `edge` marks a deal that comes at the very boundary of a month and leaves its dates and its delivery blank.
    """

    place: Premises
    rng: Random
    now: int
    manager: cast.Manager
    source: cast.Source
    product: cast.Product
    name: str = ""
    edge: bool = False
    lead_id: int = 0
    price: int = 0
    moment: int = field(default=0)

    def live(self, arrival: int) -> Life:
        self.moment = arrival
        yield arrival
        self._arrive()
        if self._chance(0.025) and not self.edge:
            yield from self._be_deleted()
            return
        yield from self._first_call()

    def _arrive(self) -> None:
        place, rng = self.place, self.rng
        is_web = bool(self.source.utm) and rng.random() < 0.6
        status = place.statuses["Продажи"][UNSORTED if is_web else "Новая заявка"]
        owner = place.managers[self.manager.name]
        contact_id, company_id = open_card(place, rng, owner, self.moment)
        fields = particulars(place, rng, self.source, self.moment)
        if rng.random() < 0.97:
            fields[place.fields["Источник"]] = self.source.name
        if rng.random() < 0.6 and not self.edge:
            late = 1 if rng.random() < 0.06 else 0
            fields[place.fields["Дата заявки"]] = self._today() - timedelta(days=late)
        if rng.random() < 0.5:
            fields[place.fields["Продукт"]] = self.product.name
        self.lead_id = place.account.add_lead(
            self.name or self._called(), pipeline_id=place.pipelines["Продажи"], status_id=status,
            responsible_user_id=owner, fields=fields, contacts=(contact_id,), company_id=company_id,
            tags=("срочно",) if rng.random() < 0.07 else (), by=0 if is_web else owner, moment=self.moment,
        )  # fmt: skip

    def _first_call(self) -> Life:
        yield self._later(0.1, 7)
        account, rng = self.place.account, self.rng
        if account.leads[self.lead_id].status_id == self.place.statuses["Продажи"][UNSORTED]:
            self._move("Новая заявка")
        task_id = account.add_task(
            "Позвонить клиенту", responsible_user_id=self._owner(), complete_till=self.moment + DAY,
            entity_id=self.lead_id, moment=self.moment,
        )  # fmt: skip
        yield self._later(0.1, 6)
        account.complete_task(task_id, "Поговорили" if rng.random() < 0.5 else "", moment=self.moment)
        if self._chance(0.98) or self.edge:
            yield from self._answer(self._result())

    def _result(self) -> str:
        """What the first call brings: it depends on who calls whom."""
        if self.edge:
            return "Договор"
        refuses = 0.30 * self.manager.refuses / self.source.quality
        goes_on = 0.36 * self.manager.closes * self.source.quality
        weights = (refuses, 0.18, goes_on, 0.35 * goes_on, 0.06 * self.source.quality)
        return self.rng.choices(cast.CALL_RESULTS, weights)[0]

    def _answer(self, result: str) -> Life:
        if self.rng.random() < 0.95:
            self._fill({"Результат звонка": result})
        if result == "Отказ":
            yield from self._lose(0, 3)
        elif result == "Перенос":
            yield from self._postpone()
        elif result == "Замер":
            yield from self._measure()
        elif result == "КП":
            yield from self._quote()
        else:
            yield from self._sign()

    def _postpone(self) -> Life:
        self._move("Перенос")
        yield self._later(3 * 24, 40 * 24)
        if self._chance(0.45 / self.source.quality):
            yield from self._lose(0, 5)
        else:
            self._fill({"Результат звонка": "Замер"})
            yield from self._measure()

    def _measure(self) -> Life:
        yield self._later(1, 20)
        self._move("Замер")
        self._fill({"Время замера": self.moment + DAY})
        yield self._later(20, 5 * 24)
        if self._chance(0.04):
            self._hand_over()
        if self._chance(0.24 / self.manager.closes):
            yield from self._lose(1, 10)
        elif self._chance(0.15):
            yield from self._sign()
        else:
            yield from self._quote()

    def _quote(self) -> Life:
        self._estimate()
        self._move("КП")
        if self._chance(0.2):
            self._fill({"Смета": _file(self.lead_id, self.rng)})
        yield self._later(24, 16 * 24)
        if self._chance(0.1):
            self._estimate(again=True)
        if self._chance(0.03):
            return
        if self._chance(0.5 * self.manager.closes * (0.5 + self.source.quality / 2)):
            yield from self._sign()
        else:
            yield from self._lose(1, 25)

    def _sign(self) -> Life:
        if not self.price:
            self._estimate()
        yield self._at_edge() if self.edge else self._later(0.2, 40)
        works = Works(self.place, self.rng, self.lead_id, self.price, self.product, self.manager, self.edge)
        yield from works.live(self.moment)

    def _at_edge(self) -> int:
        """Half past midnight of the next first of the month."""
        today = self._today()
        ahead = today + timedelta(days=40)
        self.moment = month_edges(today, ahead, self.place.account.zone)[0]
        return self.moment

    def _lose(self, low: float, high: float) -> Life:
        yield self._later(24 * low + 0.1, 24 * high + 1)
        reasons = [name for name in cast.LOSS_REASONS if name != "Расторгли договор"]
        reason = self.place.loss_reasons[self.rng.choice(reasons)] if self._chance(0.88) else None
        self.place.account.move_lead(self.lead_id, LOST, loss_reason_id=reason, moment=self.moment)
        if self._chance(0.05):
            yield self._later(8 * 24, 60 * 24)
            self._move("Новая заявка")
            yield from self._measure()

    def _be_deleted(self) -> Life:
        """A duplicate or spam; one in four was deleted by mistake."""
        yield self._later(0.2, 30)
        self.place.account.delete_lead(self.lead_id, by=self.place.head, moment=self.moment)
        if self._chance(0.25):
            yield self._later(5, 72)
            self.place.account.restore_lead(self.lead_id, by=self.place.head, moment=self.moment)
            yield from self._first_call()

    def _estimate(self, *, again: bool = False) -> None:
        low, high = self.product.low, self.product.high
        if again:
            self.price = max(1000, int(round(self.price * self.rng.uniform(0.85, 1.15), -2)))
        else:
            self.price = int(round(low * (high / low) ** self.rng.betavariate(2.0, 2.6), -2))
        if not again and self._chance(0.7):
            self._fill({"Продукт": self.product.name})
        self.place.account.update_lead(self.lead_id, price=self.price, moment=self.moment)

    def _hand_over(self) -> None:
        others = [one for one in cast.MANAGERS if one.share and not one.until and one is not self.manager]
        heir = self.place.managers[self.rng.choice(others).name]
        self.place.account.update_lead(
            self.lead_id, responsible_user_id=heir, by=self.place.head, moment=self.moment
        )

    def _move(self, status: str) -> None:
        status_id = self.place.statuses["Продажи"][status]
        self.place.account.move_lead(self.lead_id, status_id, moment=self.moment)

    def _fill(self, values: dict[str, Any]) -> None:
        fields = {self.place.fields[name]: value for name, value in values.items()}
        self.place.account.update_lead(self.lead_id, fields=fields, moment=self.moment)

    def _later(self, low: float, high: float) -> int:
        """Some hours later, when people are at work; it becomes the story's present."""
        wait = self.rng.triangular(low, high, low + (high - low) * 0.2) * HOUR
        self.moment = at_work(self.moment + wait, self.place.account.zone, self.rng)
        return self.moment

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _owner(self) -> int:
        return self.place.account.leads[self.lead_id].responsible_user_id

    def _today(self) -> date:
        return local_date(self.moment, self.place.account.zone)

    def _called(self) -> str:
        street = f"{self.rng.choice(cast.STREETS)}, {self.rng.randrange(1, 120)}"
        return f"{self.product.name}, {street}"


def _file(lead_id: int, rng: Random) -> dict[str, Any]:
    uuid = f"{rng.getrandbits(32):08x}-0000-4000-8000-{lead_id:012d}"
    return {"file_uuid": uuid, "version_uuid": uuid, "file_name": f"Смета {lead_id}.pdf", "file_size": 20_763}
