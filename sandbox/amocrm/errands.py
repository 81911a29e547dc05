"""Errands around the deals: notes and calls, tasks, goods and invoices, requests that come in."""

from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.client import person, phone
from sandbox.amocrm.company import Demo
from sandbox.amocrm.staff import Action, Kinds, Staff
from sandbox.amocrm.truth import LOST, WON, Lead

DAY = 86_400


class Errands(Staff):
    """Staff that also does what hangs on the deals; it sets up the lists of products and invoices it needs."""

    def __init__(self, demo: Demo, seed: int = 1) -> None:
        super().__init__(demo, seed)
        account = self._account
        lists = {one.type: one.id for one in account.catalogs.values()}
        self._products = lists.get("products") or account.add_catalog("Товары", "products")
        self._invoices = lists.get("invoices") or account.add_catalog("Счета и покупки", "invoices")
        if "products" not in lists:
            for product in cast.PRODUCTS:
                account.add_product(self._products, product.name, 10_000)

    def _kinds(self) -> Kinds:
        return (
            *super()._kinds(),
            (0.06, self._write),
            (0.06, self._rename_client),
            (0.05, self._plan),
            (0.02, self._put_off),
            (0.04, self._fulfil),
            (0.03, self._forget),
            (0.04, self._sell),
            (0.04, self._bill),
            (0.04, self._come_in),
            (0.04, self._sort_out),
        )

    def _write(self) -> Action | None:
        lead, rng = self._any(is_open), self._rng
        if lead is None:
            return None
        kind, card = (
            ("contacts", lead.contacts[0]) if lead.contacts and rng.random() < 0.3 else ("leads", lead.id)
        )
        if rng.random() < 0.5:
            self._account.add_note(kind, card, "Просил перезвонить")
        else:
            duration = rng.randrange(0, 300)
            self._account.add_call(
                kind,
                card,
                "in" if rng.random() < 0.5 else "out",
                phone=phone(rng),
                duration=duration,
                status=4 if duration else 6,
            )
        return self._done(lead.id, f"«{lead.name}»: запись в карточке")

    def _rename_client(self) -> Action | None:
        lead = self._any(lambda one: bool(one.contacts))
        if lead is None:
            return None
        contact = self._account.contacts[lead.contacts[0]]
        if contact.deleted_at is None:
            self._account.update_contact(contact.id, name=person(self._rng))
        return self._done(lead.id, f"«{lead.name}»: клиент уточнён")

    def _plan(self) -> Action | None:
        lead = self._any(is_open)
        if lead is None:
            return None
        due = self._account.moment() + self._rng.randrange(DAY)
        self._account.add_task(
            "Позвонить", responsible_user_id=lead.responsible_user_id, complete_till=due, entity_id=lead.id
        )
        return self._done(lead.id, f"«{lead.name}»: поставлена задача")

    def _put_off(self) -> Action | None:
        waiting = [one for one in self._account.tasks.values() if not one.is_completed]
        if not waiting:
            return None
        task = self._rng.choice(waiting)
        owner = self._rng.choice(list(self._place.managers.values()))
        later = task.complete_till + DAY
        self._account.update_task(
            task.id, text="Позвонить ещё раз", complete_till=later, responsible_user_id=owner
        )
        return self._done(task.entity_id or 0, "задача отложена")

    def _fulfil(self) -> Action | None:
        waiting = [one for one in self._account.tasks.values() if not one.is_completed]
        if not waiting:
            return None
        task = self._rng.choice(waiting)
        self._account.complete_task(task.id, "Сделано")
        return self._done(task.entity_id or 0, "задача выполнена")

    def _forget(self) -> Action | None:
        """A task or a note is deleted."""
        tasks, notes = list(self._account.tasks), list(self._account.notes)
        if tasks and (not notes or self._rng.random() < 0.5):
            self._account.delete_task(self._rng.choice(tasks))
        elif notes:
            self._account.delete_note(self._rng.choice(notes))
        else:
            return None
        return self._done(0, "лишнее удалено")

    def _sell(self) -> Action | None:
        lead = self._any(is_open)
        products = [one.id for one in self._account.elements.values() if one.catalog_id == self._products]
        if lead is None or not products:
            return None
        product = self._rng.choice(products)
        price = self._account.field_of(self._products, "PRICE")
        self._account.link_element(lead.id, product, self._rng.randrange(1, 6), price_id=price)
        return self._done(lead.id, f"«{lead.name}»: товары в сделке")

    def _bill(self) -> Action | None:
        """An invoice is written, or one of the unpaid is paid."""
        status = self._account.field_of(self._invoices, "BILL_PAYMENT_DATE")
        unpaid = [
            one.id
            for one in self._account.elements.values()
            if one.catalog_id == self._invoices and status not in one.fields
        ]
        if unpaid and self._rng.random() < 0.5:
            self._account.pay_invoice(self._rng.choice(unpaid))
            return self._done(0, "счёт оплачен")
        lead = self._any(is_open)
        if lead is None:
            return None
        lines = [("Окно", float(self._rng.randrange(50, 300) * 100), 2.0), ("Монтаж", 5_000.0, 1.0)]
        self._account.add_invoice(self._invoices, f"Счёт по {lead.id}", lines, lead_id=lead.id)
        return self._done(lead.id, f"«{lead.name}»: выставлен счёт")

    def _come_in(self) -> Action | None:
        metadata: dict[str, Any] = {"phone": phone(self._rng), "from": "site"}
        uid = self._account.add_incoming(
            self._rng.choice(("sip", "forms", "chats", "mail")), self._place.pipelines["Продажи"],
            contact=person(self._rng), metadata=metadata,
        )  # fmt: skip
        return self._done(self._account.incoming[uid].lead_id, "новое неразобранное")

    def _sort_out(self) -> Action | None:
        waiting = [one for one in self._account.incoming.values() if one.outcome is None]
        if not waiting:
            return None
        request, owner = self._rng.choice(waiting), self._rng.choice(list(self._place.managers.values()))
        if self._rng.random() < 0.7:
            self._account.accept_incoming(request.id, status_id=self._status("Новая заявка"), by=owner)
        else:
            self._account.decline_incoming(request.id, by=owner)
        return self._done(request.lead_id, "неразобранное разобрано")


def is_open(lead: Lead) -> bool:
    return lead.closed_at is None and lead.status_id not in (WON, LOST)
