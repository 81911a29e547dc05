"""Staff that also does what seldom happens: merges, imports, mass edits, calls, invoices, second thoughts."""

from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.client import person, phone
from sandbox.amocrm.company import Demo
from sandbox.amocrm.staff import Action, Kinds, Staff
from sandbox.amocrm.truth import LOST, WON, Lead

DAY = 86_400
BULK = 20
"""So many leads a mass edit changes within one second."""


class Bustle(Staff):
    """Everything the stand-in can do, at random: what survives this survives an ordinary year."""

    def __init__(self, demo: Demo, seed: int = 1) -> None:
        super().__init__(demo, seed)
        account = self._account
        lists = {one.type: one.id for one in account.catalogs.values()}
        self._products = lists.get("products") or account.add_catalog("Товары", "products")
        self._invoices = lists.get("invoices") or account.add_catalog("Счета и покупки", "invoices")
        for product in cast.PRODUCTS:
            account.add_product(self._products, product.name, 10_000)

    def _kinds(self) -> Kinds:
        return (
            *super()._kinds(),
            (0.04, self._merge),
            (0.015, self._unmerge),
            (0.06, self._change_amount),
            (0.04, self._think_again),
            (0.03, self._cancel),
            (0.04, self._import),
            (0.02, self._mass_edit),
            (0.03, self._clear),
            (0.03, self._go_to_and_fro),
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

    def _merge(self) -> Action | None:
        one, other = self._any(_is_open), self._any(_is_open)
        if one is None or other is None or one is other:
            return None
        self._account.merge_leads(one.id, [other.id], by=self._place.head)
        return self._done(one.id, f"«{other.name}»: объединена с «{one.name}»")

    def _unmerge(self) -> Action | None:
        made = [one.survivor_id for one in self._account.merges[-20:] if one.undone_at is None]
        if not made:
            return None
        survivor = self._rng.choice(made)
        try:
            self._account.unmerge(survivor, by=self._place.head)
        except (KeyError, ValueError):
            return None
        return self._done(survivor, "объединение отменено")

    def _change_amount(self) -> Action | None:
        lead = self._any(self._is_signed)
        if lead is None:
            return None
        amount = self._rng.randrange(300, 2500) * 100
        self._account.update_lead(lead.id, price=amount, fields=self._named({"Сумма договора": amount}))
        return self._done(lead.id, f"«{lead.name}»: сумма договора изменена")

    def _think_again(self) -> Action | None:
        """A closed deal is opened once more, perhaps with another manager."""
        lead = self._any(lambda one: one.closed_at is not None)
        if lead is None:
            return None
        step = self._rng.choice(("Новая заявка", "Замер", "КП", "Договор"))
        self._account.move_lead(lead.id, self._status(step))
        return self._done(lead.id, f"«{lead.name}»: снова в работе")

    def _cancel(self) -> Action | None:
        lead = self._any(lambda one: self._is_signed(one) and one.status_id != LOST)
        if lead is None:
            return None
        if self._rng.random() < 0.3:
            self._account.delete_lead(lead.id, by=self._place.head)
            self._deleted.append(lead.id)
        else:
            self._account.move_lead(lead.id, LOST)
        return self._done(lead.id, f"«{lead.name}»: договор расторгнут")

    def _import(self) -> Action | None:
        """An integration writes by API and dates what it writes in the past."""
        lead, past = self._any(_is_open), self._account.moment() - self._rng.randrange(1, 90 * DAY)
        with self._account.dated(updated_at=past, created_at=past):
            if lead is None or self._rng.random() < 0.5:
                return self._new_lead()
            price = self._rng.randrange(300, 2500) * 100
            self._account.update_lead(lead.id, price=price, by=0)
        return self._done(lead.id, f"«{lead.name}»: записана задним числом")

    def _mass_edit(self) -> Action | None:
        found = list(self._present(_is_open))
        if not found:
            return None
        chosen = self._rng.sample(found, min(BULK, len(found)))
        mark = self._rng.choice(("акция", "обзвон", "сезон"))
        for lead in chosen:
            self._account.update_lead(lead.id, tags=[mark], price=lead.price + 100, by=self._place.head)
        return self._done(chosen[0].id, f"массовая правка: {len(chosen)}")

    def _clear(self) -> Action | None:
        lead = self._any(lambda one: bool(one.fields))
        if lead is None:
            return None
        field_id = self._rng.choice(sorted(lead.fields))
        self._account.update_lead(lead.id, fields={field_id: None})
        return self._done(lead.id, f"«{lead.name}»: поле очищено")

    def _go_to_and_fro(self) -> Action | None:
        """Several changes of one deal within a second."""
        lead = self._any(_is_open)
        if lead is None:
            return None
        here = lead.status_id
        for place in (self._status("Замер"), self._status("КП"), here):
            self._account.move_lead(lead.id, place)
        return self._done(lead.id, f"«{lead.name}»: туда и обратно")

    def _write(self) -> Action | None:
        lead, rng = self._any(_is_open), self._rng
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
        lead = self._any(_is_open)
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
        lead = self._any(_is_open)
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
        lead = self._any(_is_open)
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

    def _is_signed(self, lead: Lead) -> bool:
        return self._place.fields["Сумма договора"] in lead.fields


def _is_open(lead: Lead) -> bool:
    return lead.closed_at is None and lead.status_id not in (WON, LOST)
