"""Lead verbs: what people do with deals, each written into the history as amoCRM writes it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.amocrm.books import apply_values, changed_values
from sandbox.amocrm.fields import remembered, settle
from sandbox.amocrm.reference import Reference
from sandbox.amocrm.things import ElementLink
from sandbox.amocrm.truth import LOST, WON, Act, Lead, Person, Value

TRASH_SECONDS = 30 * 86_400
_CLOSED = (WON, LOST)
_TOLD = {
    "name": ("name_field_changed", "name_field_value", "name"),
    "price": ("sale_field_changed", "sale_field_value", "sale"),
    "responsible_user_id": ("entity_responsible_changed", "responsible_user", "id"),
}
"""Attribute → how history tells its change: the event, the name around the value, the value's name."""


class Deals(Reference):
    """Adding, changing, moving, deleting and restoring leads.

    `by` is the acting user (0: a robot), by default the responsible one. With `moment` a verb writes history:
    the change carries that moment and no webhook is sent.
    """

    def add_lead(
        self,
        name: str = "",
        *,
        pipeline_id: int,
        status_id: int,
        responsible_user_id: int,
        price: int = 0,
        fields: Mapping[int, Any] | None = None,
        contacts: Iterable[int] = (),
        company_id: int | None = None,
        tags: Iterable[str] = (),
        elements: Iterable[tuple[Any, ...]] = (),
        source_id: int | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> int:
        """A new lead; returns its id. Without a name it is called as amoCRM calls it."""
        with self.lock:
            act = self.act("add", responsible_user_id if by is None else by, moment)
            lead_id = self._id("leads")
            _known(self, pipeline_id, status_id)
            lead = Lead(
                lead_id, name or f"Сделка #{lead_id}", int(price), responsible_user_id,
                self.group_of(responsible_user_id), status_id, pipeline_id, act.by, act.by, act.created_at,
                act.updated_at,
                source_id=source_id, contacts=tuple(contacts), company_id=company_id, tags=tuple(tags),
                elements=tuple(ElementLink(*one) for one in elements),
            )  # fmt: skip
            lead.closed_at = act.moment if status_id in _CLOSED else None
            apply_values(lead.fields, changed_values({}, self._settled(fields)))
            self.leads[lead_id] = lead
            self._link(lead)
            self._emit_note("lead_added", "lead", lead_id, act)
            after = {
                "name": lead.name, "price": lead.price, "pipeline_id": pipeline_id, "status_id": status_id,
                "responsible_user_id": responsible_user_id, "fields": dict(lead.fields),
            }  # fmt: skip
            self._done(act, lead, {}, after, ("add",))
            return lead_id

    def update_lead(
        self,
        lead_id: int,
        *,
        name: str | None = None,
        price: int | None = None,
        responsible_user_id: int | None = None,
        fields: Mapping[int, Any] | None = None,
        tags: Iterable[str] | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> None:
        """Change what is given; a field set to None becomes empty. What is already so is no change."""
        with self.lock:
            lead = self._present(lead_id)
            act = self.act("update", lead.responsible_user_id if by is None else by, moment)
            before: dict[str, Any] = {}
            after: dict[str, Any] = {}
            if tags is not None and tuple(tags) != lead.tags:
                before["tags"], after["tags"] = lead.tags, tuple(tags)
                self._retag(lead, after["tags"], act)
            wanted = {"name": name, "price": price, "responsible_user_id": responsible_user_id}
            for attribute, value in wanted.items():
                old = getattr(lead, attribute)
                if value is not None and value != old:
                    before[attribute], after[attribute] = old, value
                    setattr(lead, attribute, value)
                    kind, wrapper, key = _TOLD[attribute]
                    told = [{wrapper: {key: value}}], [{wrapper: {key: old}}]
                    self._emit(kind, "lead", lead_id, act, after=told[0], before=told[1])
            lead.group_id = self.group_of(lead.responsible_user_id)
            changes = changed_values(lead.fields, self._settled(fields))
            if changes:
                before["fields"] = {field_id: old for field_id, (old, _) in changes.items()}
                after["fields"] = {field_id: new for field_id, (_, new) in changes.items()}
                lead.fields = dict(lead.fields)  # they may be shared
                apply_values(lead.fields, changes)
                self._tell_fields(lead_id, changes, act)
            if after:
                extra = ("responsible",) if "responsible_user_id" in after else ()
                self._done(act, lead, before, after, ("update", *extra))

    def move_lead(
        self,
        lead_id: int,
        status_id: int,
        *,
        pipeline_id: int | None = None,
        loss_reason_id: int | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> None:
        """Put the lead into another status, possibly of another pipeline; that may close or re-open it."""
        with self.lock:
            lead = self._present(lead_id)
            act = self.act("move", lead.responsible_user_id if by is None else by, moment)
            before = {"pipeline_id": lead.pipeline_id, "status_id": lead.status_id}
            after = {"pipeline_id": pipeline_id or lead.pipeline_id, "status_id": status_id}
            _known(self, after["pipeline_id"], status_id)
            if after == before:
                return
            lead.pipeline_id, lead.status_id = after["pipeline_id"], status_id
            lead.closed_at = act.moment if status_id in _CLOSED else None
            if status_id == LOST and loss_reason_id is not None:
                lead.loss_reason_id = self.loss_reasons[loss_reason_id].id
                after["loss_reason_id"] = loss_reason_id
            told = [_status(after)], [_status(before)]
            self._emit("lead_status_changed", "lead", lead_id, act, after=told[0], before=told[1])
            self._done(act, lead, before, after, ("status", "update"))

    def delete_lead(self, lead_id: int, *, by: int | None = None, moment: float | None = None) -> None:
        """Into the trash: the lead leaves every list but that of the deleted."""
        with self.lock:
            lead = self._present(lead_id)
            act = self.act("delete", lead.responsible_user_id if by is None else by, moment)
            lead.deleted_at = act.moment
            self._emit("lead_deleted", "lead", lead_id, act)
            self._done(act, lead, {}, {"deleted_at": act.moment}, ("delete",))

    def restore_lead(self, lead_id: int, *, by: int | None = None, moment: float | None = None) -> None:
        """Out of the trash, as it was; KeyError if it is not there."""
        with self.lock:
            lead = self.leads[lead_id]
            if lead.deleted_at is None or lead.purged or lead.merged_into is not None:
                raise KeyError(f"lead {lead_id} is not in the trash")
            act = self.act("restore", lead.responsible_user_id if by is None else by, moment)
            before = {"deleted_at": lead.deleted_at}
            lead.deleted_at = None
            self._emit("lead_restored", "lead", lead_id, act)
            self._done(act, lead, before, {"deleted_at": None}, ("restore",))

    def purge(self) -> list[int]:
        """Remove for good what has lain in the trash for more than 30 days; amoCRM gives no signal of it."""
        with self.lock:
            horizon = self.moment() - TRASH_SECONDS
            shelf = self.shelves["trash"]
            old = [shelf.items[lead_id] for lead_id in shelf.between(None, horizon - 1)]
            for lead in old:
                lead.purged = True
                self._shelve(lead)
            self._ripple("leads", old)
            return [lead.id for lead in old]

    def _present(self, lead_id: int) -> Lead:
        lead = self.leads[lead_id]
        if lead.deleted_at is not None:
            raise KeyError(f"lead {lead_id} is in the trash")
        return lead

    def _settled(self, fields: Mapping[int, Any] | None) -> dict[int, Value]:
        return {key: settle(self.fields[key], value, self.zone) for key, value in (fields or {}).items()}

    def _tell_fields(self, lead_id: int, changes: dict[int, tuple[Value, Value]], act: Act) -> None:
        for field_id, (old, new) in changes.items():
            kind, definition = f"custom_field_{field_id}_value_changed", self.fields[field_id]
            after, before = remembered(definition, new), remembered(definition, old)
            self._emit(kind, "lead", lead_id, act, after=after, before=before)

    def _retag(self, lead: Lead, tags: tuple[str, ...], act: Act) -> None:
        for tag in sorted(set(tags) - set(lead.tags)):
            self._emit("entity_tag_added", "lead", lead.id, act, after=[{"tag": {"name": tag}}])
        for tag in sorted(set(lead.tags) - set(tags)):
            self._emit("entity_tag_deleted", "lead", lead.id, act, before=[{"tag": {"name": tag}}])
        lead.tags = tags

    def _touch(self, act: Act, kind: str, lead_id: int | None, by_what: str) -> None:
        """Something on the lead's card has changed; some accounts count that as a change of the lead."""
        lead = self.leads.get(lead_id or 0) if kind == "leads" else None
        if lead is not None and lead.deleted_at is None and by_what in self.settings.touching:
            self._done(act, lead, {}, {}, ("update",))

    def _link(self, lead: Lead) -> None:
        contacts, companies = self._people_of(lead)
        for person in (*contacts, *companies):
            person.leads += (lead.id,)
        self._ripple("contacts", contacts)
        self._ripple("companies", companies)

    def _people_of(self, lead: Lead) -> tuple[list[Person], list[Person]]:
        """The contacts and companies on the lead's card."""
        company = [] if lead.company_id is None else [self.companies[lead.company_id]]
        return [self.contacts[one] for one in lead.contacts], company

    def _done(
        self, act: Act, lead: Lead, before: dict[str, Any], after: dict[str, Any], actions: tuple[str, ...]
    ) -> None:
        lead.updated_at, lead.updated_by, lead.head = act.updated_at, act.by, None
        self._shelve(lead)
        self._record(act, "leads", lead.id, before, after)
        self._tell(act, "leads", actions, lead, before)

    def _shelve(self, lead: Lead) -> None:
        """Show the lead where it belongs now: among the leads, in the trash, or nowhere."""
        here, there = ("leads", "trash") if lead.deleted_at is None else ("trash", "leads")
        self.shelves[there].drop(lead.id)
        if lead.purged:
            self.shelves[here].drop(lead.id)
        else:
            self.shelves[here].put(lead.id, lead.updated_at, lead)


def _known(account: Reference, pipeline_id: int, status_id: int) -> None:
    if status_id not in account.pipelines[pipeline_id].statuses:
        raise KeyError(f"pipeline {pipeline_id}: no status {status_id}")


def _status(place: Mapping[str, int]) -> dict[str, Any]:
    return {"lead_status": {"id": place["status_id"], "pipeline_id": place["pipeline_id"]}}
