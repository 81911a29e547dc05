"""The demo company's staff at work: now and then somebody does something plausible."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.client import open_card, particulars
from sandbox.amocrm.company import Demo
from sandbox.amocrm.days import local_date
from sandbox.amocrm.truth import LOST, WON, Lead


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody has just done; `text_ru` says it in one line for people."""

    moment: float
    text_ru: str
    lead_id: int


Kinds = tuple[tuple[float, Callable[[], Action | None]], ...]


class Staff:
    """Acts in the live account: each act is one person's, now, and is told to webhooks."""

    def __init__(self, demo: Demo, seed: int = 1) -> None:
        self.actions: list[Action] = []
        self._demo = demo
        self._account = demo.account
        self._place = demo.premises
        self._rng = Random(f"staff {seed}")
        self._deleted: list[int] = []

    def act(self) -> Action:
        """One random plausible thing, done now."""
        kinds = self._kinds()
        with self._account.lock:
            act = self._rng.choices([act for _, act in kinds], [share for share, _ in kinds])[0]
            done = act() or self._new_lead()
            self.actions.append(done)
            return done

    def run(self, per_second: float, until_stopped: threading.Event) -> threading.Thread:
        """Go on acting in a thread of its own until the event is set."""

        def work() -> None:
            while not until_stopped.wait(self._rng.expovariate(per_second)):
                self.act()

        thread = threading.Thread(target=work, name="staff", daemon=True)
        thread.start()
        return thread

    def _kinds(self) -> Kinds:
        """What there is to do, each with its share."""
        return (
            (0.26, self._new_lead),
            (0.34, self._step_on),
            (0.12, self._pay),
            (0.10, self._lose),
            (0.08, self._spend),
            (0.05, self._hand_over),
            (0.03, self._delete),
            (0.02, self._restore),
        )

    def _new_lead(self) -> Action:
        place, rng, account = self._place, self._rng, self._account
        source = rng.choices(cast.SOURCES, [one.share for one in cast.SOURCES])[0]
        product = rng.choices(cast.PRODUCTS, [one.share for one in cast.PRODUCTS])[0]
        manager = rng.choice([one for one in cast.MANAGERS if one.share and not one.until])
        owner, now = place.managers[manager.name], account.moment()
        contact_id, company_id = open_card(place, rng, owner)
        fields = particulars(place, rng, source, now) | self._named(
            {"Источник": source.name, "Продукт": product.name, "Дата заявки": local_date(now, account.zone)}
        )
        name = f"{product.name}, {rng.choice(cast.STREETS)}, {rng.randrange(1, 120)}"
        lead_id = account.add_lead(
            name, pipeline_id=place.pipelines["Продажи"], status_id=self._status("Новая заявка"),
            responsible_user_id=owner, fields=fields, contacts=(contact_id,), company_id=company_id,
        )  # fmt: skip
        return self._done(lead_id, f"новая заявка «{name}» ({source.name})")

    def _step_on(self) -> Action | None:
        lead = self._any(lambda one: one.closed_at is None)
        if lead is None:
            return None
        here = self._account.pipelines[lead.pipeline_id].statuses[lead.status_id].name
        if here == "Договор":
            return self._start_works(lead)
        if here == "Монтаж":
            self._account.move_lead(lead.id, WON)
            return self._done(lead.id, f"«{lead.name}»: сделка завершена")
        if here == "КП":
            return self._sign(lead)
        result = "КП" if here == "Замер" else self._rng.choice(("Замер", "Замер", "КП", "Перенос"))
        if here == result:
            result = "Замер"
        self._account.update_lead(lead.id, fields=self._named({"Результат звонка": result}))
        self._account.move_lead(lead.id, self._status(result))
        return self._done(lead.id, f"«{lead.name}»: {here} → {result}")

    def _sign(self, lead: Lead) -> Action:
        rng, today = self._rng, self._today()
        amount = Decimal(lead.price or rng.randrange(300, 2500) * 100)
        prepaid = Decimal(round(int(amount) * rng.choice((0.3, 0.5, 0.7)), -2))
        values: dict[str, Any] = {
            "Сумма договора": amount,
            "Дата договора": today,
            "Предоплата": prepaid,
            "Дата предоплаты": today,
            "Дата монтажа": today + timedelta(days=rng.randrange(9, 30)),
        }
        self._account.update_lead(lead.id, price=int(amount), fields=self._named(values))
        self._account.move_lead(lead.id, self._status("Договор"))
        text = f"«{lead.name}»: договор на {_money(amount)}, предоплата {_money(prepaid)}"
        return self._done(lead.id, text)

    def _start_works(self, lead: Lead) -> Action:
        self._account.move_lead(lead.id, self._status("Монтаж"))
        return self._done(lead.id, f"«{lead.name}»: монтаж начат")

    def _pay(self) -> Action | None:
        field = self._place.fields
        lead = self._any(
            lambda one: field["Сумма договора"] in one.fields and field["Доплата"] not in one.fields
        )
        if lead is None or lead.closed_at is not None:
            return None
        rest = Decimal(lead.fields[field["Сумма договора"]]) - Decimal(
            lead.fields.get(field["Предоплата"], "0")
        )
        values = {"Доплата": rest, "Дата доплаты": self._today()}
        self._account.update_lead(lead.id, fields=self._named(values))
        return self._done(lead.id, f"«{lead.name}»: доплата {_money(rest)}")

    def _lose(self) -> Action | None:
        early = {self._status(name) for name in ("Новая заявка", "Перенос", "Замер", "КП")}
        lead = self._any(lambda one: one.status_id in early)
        if lead is None:
            return None
        reason = self._rng.choice(cast.LOSS_REASONS[:6])
        self._account.move_lead(lead.id, LOST, loss_reason_id=self._place.loss_reasons[reason])
        return self._done(lead.id, f"«{lead.name}»: отказ, {reason.lower()}")

    def _spend(self) -> Action | None:
        status = self._status("Монтаж")
        lead = self._any(lambda one: one.status_id == status)
        if lead is None:
            return None
        cost = self._rng.randrange(100, 700) * 100
        self._account.update_lead(lead.id, fields=self._named({"Закуп материалов": cost}))
        return self._done(lead.id, f"«{lead.name}»: закуп материалов {_money(Decimal(cost))}")

    def _hand_over(self) -> Action | None:
        lead = self._any(lambda one: one.closed_at is None)
        if lead is None:
            return None
        manager = self._rng.choice([one for one in cast.MANAGERS if one.share and not one.until])
        heir = self._place.managers[manager.name]
        self._account.update_lead(lead.id, responsible_user_id=heir, by=self._place.head)
        return self._done(lead.id, f"«{lead.name}»: передана менеджеру {manager.name}")

    def _delete(self) -> Action | None:
        lead = self._any(lambda one: one.status_id == self._status("Новая заявка"))
        if lead is None:
            return None
        self._account.delete_lead(lead.id, by=self._place.head)
        self._deleted.append(lead.id)
        return self._done(lead.id, f"«{lead.name}»: удалена как дубль")

    def _restore(self) -> Action | None:
        if not self._deleted:
            return None
        lead_id = self._deleted.pop()
        self._account.restore_lead(lead_id, by=self._place.head)
        return self._done(lead_id, f"«{self._account.leads[lead_id].name}»: восстановлена")

    def _any(self, suits: Callable[[Lead], bool]) -> Lead | None:
        found = list(self._present(suits))
        return self._rng.choice(found) if found else None

    def _present(self, suits: Callable[[Lead], bool]) -> Iterator[Lead]:
        sales = self._place.pipelines["Продажи"]
        for lead in self._account.leads.values():
            if lead.deleted_at is None and lead.pipeline_id == sales and suits(lead):
                yield lead

    def _named(self, values: dict[str, Any]) -> dict[int, Any]:
        return {self._place.fields[name]: value for name, value in values.items()}

    def _status(self, name: str) -> int:
        return self._place.statuses["Продажи"][name]

    def _today(self) -> Any:
        return local_date(self._account.moment(), self._account.zone)

    def _done(self, lead_id: int, text: str) -> Action:
        return Action(self._account.clock(), text, lead_id)


def _money(amount: Decimal) -> str:
    return f"{amount:,.0f} ₽".replace(",", " ")
