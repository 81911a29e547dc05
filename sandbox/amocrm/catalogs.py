"""Catalogue verbs: lists of things, products and invoices, and what of them stands on a lead's card."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.amocrm.books import apply_values, changed_values
from sandbox.amocrm.notes import Notes
from sandbox.amocrm.things import Catalog, Element, ElementLink
from sandbox.amocrm.truth import Act, Lead

PAID = "Оплачен"
_BILL_CODES = {"Создан": "created", "Частично оплачен": "partially_paid", PAID: "paid"}
_PREDEFINED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "regular": (),
    "products": (
        ("Артикул", "text", "SKU"),
        ("Описание", "textarea", "DESCRIPTION"),
        ("Цена", "price", "PRICE"),
        ("Внешний код", "text", "EXTERNAL_ID"),
    ),
    "invoices": (
        ("Статус", "select", "BILL_STATUS"),
        ("Плательщик", "payer", "PAYER"),
        ("Товары", "items", "ITEMS"),
        ("Комментарий", "textarea", "BILL_COMMENT"),
        ("Итоговая сумма к оплате", "numeric", "BILL_PRICE"),
        ("Дата оплаты", "date_time", "BILL_PAYMENT_DATE"),
    ),
}
"""Type of a catalogue → the fields it is born with; the codes of invoices are not documented."""


class Catalogs(Notes):
    """Putting an element on a card does not count as a change of the lead, unless `settings.touching` says so."""

    def add_catalog(self, name: str, kind: str = "regular") -> int:
        """A list; of products and of invoices there can be one each."""
        with self.lock:
            if kind != "regular" and any(one.type == kind for one in self.catalogs.values()):
                raise ValueError(f"there is a list of {kind} already")
            act = self.act("add", next(iter(self.users), 0), None)
            catalog_id = self._id("catalogs")
            self.catalogs[catalog_id] = Catalog(
                catalog_id, name, kind, 10 * len(self.catalogs), act.by, act.by, act.moment, act.moment
            )
            for title, field_type, code in _PREDEFINED[kind]:
                choices = tuple(_BILL_CODES) if code == "BILL_STATUS" else ()
                entity = f"catalogs/{catalog_id}"
                self.add_field(title, field_type, choices, entity=entity, code=code, codes=_BILL_CODES)
            return catalog_id

    def field_of(self, catalog_id: int, code: str) -> int:
        """The id of a predefined field by its code; KeyError if the list has none of that code."""
        for one in self.fields_of(f"catalogs/{catalog_id}"):
            if one.code == code:
                return one.id
        raise KeyError(f"catalogue {catalog_id}: no field {code}")

    def add_element(
        self,
        catalog_id: int,
        name: str,
        *,
        fields: Mapping[int, Any] | None = None,
        by: int = 0,
        moment: float | None = None,
    ) -> int:
        with self.lock:
            act = self.act("add", by, moment)
            element = Element(
                self._id("elements"), self.catalogs[catalog_id].id, name, by, by, act.created_at,
                act.updated_at,
            )  # fmt: skip
            apply_values(element.fields, changed_values({}, self._settled(fields)))
            self.elements[element.id] = element
            self._done_element(act, element, {}, {"name": name, "fields": dict(element.fields)})
            return element.id

    def add_product(self, catalog_id: int, name: str, price: float, *, sku: str = "", **more: Any) -> int:
        """An element of the list of products; `by` and `moment` as in the lead verbs."""
        fields = {self.field_of(catalog_id, "PRICE"): price, self.field_of(catalog_id, "SKU"): sku}
        return self.add_element(catalog_id, name, fields=fields, **more)

    def add_invoice(
        self,
        catalog_id: int,
        name: str,
        items: Iterable[tuple[str, float, float]],
        *,
        lead_id: int | None = None,
        payer: str = "",
        by: int = 0,
        moment: float | None = None,
    ) -> int:
        """An unpaid invoice over (what, unit price, quantity), on the lead's card if there is one."""
        with self.lock:
            lines = [_line(what, price, quantity) for what, price, quantity in items]
            fields: dict[int, Any] = {
                self.field_of(catalog_id, "BILL_STATUS"): "Создан",
                self.field_of(catalog_id, "ITEMS"): lines,
                self.field_of(catalog_id, "BILL_PRICE"): sum(line["total_sum"] for line in lines),
            }
            if payer:
                fields[self.field_of(catalog_id, "PAYER")] = {"name": payer, "type": "individual"}
            invoice = self.add_element(catalog_id, name, fields=fields, by=by, moment=moment)
            if lead_id is not None:
                self.link_element(lead_id, invoice, by=by, moment=moment)
            return invoice

    def pay_invoice(self, invoice_id: int, *, by: int = 0, moment: float | None = None) -> None:
        """The invoice is paid in full, now."""
        with self.lock:
            catalog_id = self.elements[invoice_id].catalog_id
            fields = {
                self.field_of(catalog_id, "BILL_STATUS"): PAID,
                self.field_of(catalog_id, "BILL_PAYMENT_DATE"): self.moment(moment),
            }
            self.update_element(invoice_id, fields=fields, by=by, moment=moment)

    def update_element(
        self,
        element_id: int,
        *,
        name: str | None = None,
        fields: Mapping[int, Any] | None = None,
        by: int = 0,
        moment: float | None = None,
    ) -> None:
        """Change what is given; what is already so is no change."""
        with self.lock:
            element, act = self.elements[element_id], self.act("update", by, moment)
            changes = changed_values(element.fields, self._settled(fields))
            before: dict[str, Any] = {"fields": {key: old for key, (old, _) in changes.items()}}
            after: dict[str, Any] = {"fields": {key: new for key, (_, new) in changes.items()}}
            if name is not None and name != element.name:
                before["name"], after["name"] = element.name, name
                element.name = name
            apply_values(element.fields, changes)
            if changes or "name" in after:
                self._done_element(act, element, before, after)

    def delete_element(self, element_id: int, *, by: int = 0, moment: float | None = None) -> None:
        """The element leaves its list and every card."""
        with self.lock:
            element, act = self.elements.pop(element_id), self.act("delete", by, moment)
            element.deleted_at = act.moment
            for lead in self.leads.values():
                if any(one.element_id == element_id for one in lead.elements):
                    lead.elements = tuple(one for one in lead.elements if one.element_id != element_id)
                    self._ripple("leads", [lead])
            self._done_element(act, element, {}, {"deleted_at": act.moment})

    def link_element(
        self,
        lead_id: int,
        element_id: int,
        quantity: float = 1,
        *,
        price_id: int | None = None,
        by: int = 0,
        moment: float | None = None,
    ) -> None:
        """Put so much of the element on the lead's card; `price_id` names the field its price stands in."""
        with self.lock:
            lead, element = self._present(lead_id), self.elements[element_id]
            link = ElementLink(element_id, quantity, element.catalog_id, price_id)
            others = tuple(one for one in lead.elements if one.element_id != element_id)
            self._relink(self.act("link", by, moment), lead, element, (*others, link))

    def unlink_element(
        self, lead_id: int, element_id: int, *, by: int = 0, moment: float | None = None
    ) -> None:
        with self.lock:
            lead, element = self._present(lead_id), self.elements[element_id]
            others = tuple(one for one in lead.elements if one.element_id != element_id)
            self._relink(self.act("unlink", by, moment), lead, element, others)

    def _relink(self, act: Act, lead: Lead, element: Element, links: tuple[ElementLink, ...]) -> None:
        if links == lead.elements:
            return
        before, lead.elements = lead.elements, links
        told = [{"link": {"entity": {"type": "catalog_element", "id": element.id}}}]
        if len(links) > len(before):
            self._emit("entity_linked", "lead", lead.id, act, after=told)
        elif len(links) < len(before):
            self._emit("entity_unlinked", "lead", lead.id, act, before=told)
        self._record(act, "leads", lead.id, {"elements": before}, {"elements": links})
        self._ripple("leads", [lead])
        self._touch(act, "leads", lead.id, "links")

    def _done_element(
        self, act: Act, element: Element, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        element.updated_at, element.updated_by = act.updated_at, act.by
        if element.deleted_at is None:
            self.shelves["elements"].put(element.id, element.updated_at, element)
        else:
            self.shelves["elements"].drop(element.id)
        self._record(act, "elements", element.id, before, after)
        self._tell(act, "elements", (act.verb,), element, before)


def _line(what: str, price: float, quantity: float) -> dict[str, Any]:
    """A position of an invoice."""
    return {
        "sku": "", "product_id": None, "description": what, "unit_price": price, "quantity": quantity,
        "unit_type": "шт.", "discount": {"type": "amount", "value": 0}, "vat_rate_id": 0,
        "vat_rate_value": 0, "bonus_points_per_purchase": 0, "external_uid": "", "metadata": [],
        "is_discount_recalculated": False, "is_total_sum_recalculated": False, "total_sum": price * quantity,
    }  # fmt: skip
