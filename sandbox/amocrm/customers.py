"""Customer verbs: who buys again and again, where the account counts that."""

from collections.abc import Mapping
from typing import Any

from sandbox.amocrm.books import apply_values, changed_values
from sandbox.amocrm.incoming import Requests
from sandbox.amocrm.things import Customer, Transaction
from sandbox.amocrm.truth import Act

OFF = ("unavailable", "disabled")
"""Modes of an account that has no customers."""


class Customers(Requests):
    """`settings.customers_mode` decides whether the API shows any of them."""

    def add_customer(
        self,
        name: str,
        *,
        responsible_user_id: int,
        next_price: int = 0,
        next_date: int = 0,
        fields: Mapping[int, Any] | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> int:
        with self.lock:
            act = self.act("add", responsible_user_id if by is None else by, moment)
            customer = Customer(
                self._id("customers"), name, responsible_user_id, act.by, act.by, act.created_at,
                act.updated_at, next_price, next_date or act.moment,
            )  # fmt: skip
            apply_values(customer.fields, changed_values({}, self._settled(fields)))
            self.customers[customer.id] = customer
            self._emit_note("customer_added", "customer", customer.id, act)
            self._done_customer(act, customer, {}, {"name": name}, ("add",))
            return customer.id

    def update_customer(
        self,
        customer_id: int,
        *,
        next_price: int | None = None,
        responsible_user_id: int | None = None,
        fields: Mapping[int, Any] | None = None,
        by: int = 0,
        moment: float | None = None,
    ) -> None:
        """Change what is given; what is already so is no change."""
        with self.lock:
            customer, act = self.customers[customer_id], self.act("update", by, moment)
            before: dict[str, Any] = {}
            wanted = {"next_price": next_price, "responsible_user_id": responsible_user_id}
            for attribute, value in wanted.items():
                if value is not None and value != getattr(customer, attribute):
                    before[attribute] = getattr(customer, attribute)
                    setattr(customer, attribute, value)
            changes = changed_values(customer.fields, self._settled(fields))
            apply_values(customer.fields, changes)
            if before or changes:
                extra = ("responsible",) if "responsible_user_id" in before else ()
                after = {name: getattr(customer, name) for name in before}
                self._done_customer(act, customer, before, after, ("update", *extra))

    def delete_customer(self, customer_id: int, *, by: int = 0, moment: float | None = None) -> None:
        with self.lock:
            customer, act = self.customers[customer_id], self.act("delete", by, moment)
            customer.deleted_at = act.moment
            self._emit("customer_deleted", "customer", customer_id, act)
            self._done_customer(act, customer, {}, {"deleted_at": act.moment}, ("delete",))

    def add_transaction(
        self,
        customer_id: int,
        price: int,
        *,
        comment: str = "",
        by: int = 0,
        moment: float | None = None,
    ) -> int:
        """A purchase; the customer's sums follow it."""
        with self.lock:
            customer, act = self.customers[customer_id], self.act("update", by, moment)
            one = Transaction(
                self._id("transactions"), customer_id, price, comment, act.moment, act.by, act.by,
                act.created_at, act.updated_at,
            )  # fmt: skip
            self.transactions[one.id] = one
            self.shelves["transactions"].put(one.id, one.updated_at, one)
            told = [{"transaction": {"id": one.id}}]
            self._emit("transaction_added", "customer", customer_id, act, after=told)
            self._tell(act, "transactions", (), one, {})
            self._done_customer(act, customer, {}, {"bought": price}, ("update",))
            return one.id

    def _done_customer(
        self,
        act: Act,
        customer: Customer,
        before: dict[str, Any],
        after: dict[str, Any],
        actions: tuple[str, ...],
    ) -> None:
        customer.updated_at, customer.updated_by = act.updated_at, act.by
        if customer.deleted_at is None:
            self.shelves["customers"].put(customer.id, customer.updated_at, customer)
        else:
            self.shelves["customers"].drop(customer.id)
        self._record(act, "customers", customer.id, before, after)
        self._tell(act, "customers", actions, customer, before)
