"""Contact, company and task verbs."""

from collections.abc import Mapping
from typing import Any

from sandbox.amocrm.books import CARDS, apply_values, changed_values
from sandbox.amocrm.merging import Merging
from sandbox.amocrm.truth import Act, Person, Task

_TOLD_OF_TASKS = {
    "text": ("task_text_changed", "task", "text"),
    "complete_till": ("task_deadline_changed", "task_deadline", "timestamp"),
    "responsible_user_id": ("entity_responsible_changed", "responsible_user", "id"),
}


class People(Merging):
    """Contacts and companies, and the tasks people set themselves."""

    def add_contact(self, name: str, *, responsible_user_id: int, **more: Any) -> int:
        """A new contact; `fields`, `company_id`, `by` and `moment` as in the lead verbs."""
        return self._add_person("contacts", name, responsible_user_id=responsible_user_id, **more)

    def add_company(self, name: str, *, responsible_user_id: int, **more: Any) -> int:
        """A new company; as add_contact."""
        return self._add_person("companies", name, responsible_user_id=responsible_user_id, **more)

    def update_contact(self, contact_id: int, **changes: Any) -> None:
        """Change name, responsible_user_id or fields; `by` and `moment` as in the lead verbs."""
        self._update_person(self.contacts[contact_id], **changes)

    def update_company(self, company_id: int, **changes: Any) -> None:
        """As update_contact."""
        self._update_person(self.companies[company_id], **changes)

    def link_contact(
        self, lead_id: int, contact_id: int, *, by: int = 0, moment: float | None = None
    ) -> None:
        """Put the contact on the lead's card; the lead does not count as changed by that."""
        with self.lock:
            act, lead = self.act("link", by, moment), self.leads[lead_id]
            if contact_id not in lead.contacts:
                lead.contacts += (contact_id,)
                self.contacts[contact_id].leads += (lead_id,)
                self._ripple("leads", [lead])
                self._ripple("contacts", [self.contacts[contact_id]])
                link = {"link": {"entity": {"type": "contact", "id": contact_id}}}
                self._emit("entity_linked", "lead", lead_id, act, after=[link])
                self._record(act, "leads", lead_id, {}, {"contacts": lead.contacts})
                self._touch(act, "leads", lead_id, "links")

    def delete_contact(self, contact_id: int, *, by: int = 0, moment: float | None = None) -> None:
        """The contact leaves the lists and the cards it was linked to."""
        with self.lock:
            contact = self.contacts[contact_id]
            act = self.act("delete", by, moment)
            contact.deleted_at = act.moment
            for lead_id in contact.leads:
                lead = self.leads[lead_id]
                lead.contacts = tuple(one for one in lead.contacts if one != contact_id)
                self._ripple("leads", [lead])
            self._emit("contact_deleted", "contact", contact_id, act)
            self._done_person(act, contact, {}, {"deleted_at": act.moment})

    def add_task(
        self,
        text: str,
        *,
        responsible_user_id: int,
        complete_till: int,
        entity_id: int | None = None,
        entity_type: str | None = "leads",
        task_type_id: int = 1,
        by: int | None = None,
        moment: float | None = None,
    ) -> int:
        with self.lock:
            act = self.act("add", responsible_user_id if by is None else by, moment)
            task = Task(
                self._id("tasks"), text, task_type_id, responsible_user_id,
                self.group_of(responsible_user_id),
                act.by, act.by, act.created_at, act.updated_at, complete_till, entity_id,
                entity_type if entity_id is not None else None,
            )  # fmt: skip
            self.tasks[task.id] = task
            self._emit("task_added", "task", task.id, act)
            self._set_closest(task, complete_till)
            self._done_task(act, task, {})
            self._touch(act, task.entity_type or "", task.entity_id, "tasks")
            return task.id

    def update_task(
        self,
        task_id: int,
        *,
        text: str | None = None,
        complete_till: int | None = None,
        responsible_user_id: int | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> None:
        """Change what is given; what is already so is no change."""
        with self.lock:
            task = self.tasks[task_id]
            act = self.act("update", task.responsible_user_id if by is None else by, moment)
            before: dict[str, Any] = {}
            for attribute, value in (
                ("text", text), ("complete_till", complete_till), ("responsible_user_id", responsible_user_id),
            ):  # fmt: skip
                old = getattr(task, attribute)
                if value is not None and value != old:
                    before[attribute] = old
                    setattr(task, attribute, value)
                    kind, wrapper, key = _TOLD_OF_TASKS[attribute]
                    after, was = ({wrapper: {key: one}} for one in (value, old))
                    self._emit(kind, "task", task_id, act, after=[after], before=[was])
            if before:
                self._done_task(act, task, before)
                self._touch(act, task.entity_type or "", task.entity_id, "tasks")

    def complete_task(
        self, task_id: int, result: str = "", *, by: int | None = None, moment: float | None = None
    ) -> None:
        with self.lock:
            task = self.tasks[task_id]
            act = self.act("update", task.responsible_user_id if by is None else by, moment)
            task.is_completed, task.result = True, result or None
            self._emit("task_completed", "task", task_id, act)
            self._set_closest(task, None)
            self._done_task(act, task, {"is_completed": False})
            self._touch(act, task.entity_type or "", task.entity_id, "tasks")

    def delete_task(self, task_id: int, *, by: int = 0, moment: float | None = None) -> None:
        """The task vanishes: no trash, no stub."""
        with self.lock:
            task = self.tasks.pop(task_id)
            act = self.act("delete", by, moment)
            self._emit("task_deleted", "task", task_id, act)
            self.shelves["tasks"].drop(task_id)
            self._record(act, "tasks", task_id, {}, {})
            self._tell(act, "tasks", ("delete",), task, {})

    def _add_person(
        self,
        kind: str,
        name: str,
        *,
        responsible_user_id: int,
        fields: Mapping[int, Any] | None = None,
        company_id: int | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> int:
        with self.lock:
            act = self.act("add", responsible_user_id if by is None else by, moment)
            person = self._new_person(kind, name, responsible_user_id, act)
            apply_values(person.fields, changed_values({}, self._settled(fields)))
            if company_id is not None:
                person.company_id = company_id
                self.companies[company_id].contacts += (person.id,)
                self._ripple("companies", [self.companies[company_id]])
            self._emit_note(f"{CARDS[kind]}_added", CARDS[kind], person.id, act)
            self._done_person(act, person, {}, {"name": name})
            return person.id

    def _new_person(self, kind: str, name: str, responsible_user_id: int, act: Act) -> Person:
        """A card in the books that no list shows yet."""
        person = Person(
            kind, self._id(kind), name, responsible_user_id, self.group_of(responsible_user_id), act.by,
            act.by, act.created_at, act.updated_at,
        )  # fmt: skip
        self._people(kind)[person.id] = person
        return person

    def _update_person(
        self,
        person: Person,
        *,
        name: str | None = None,
        responsible_user_id: int | None = None,
        fields: Mapping[int, Any] | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> None:
        with self.lock:
            act = self.act("update", person.responsible_user_id if by is None else by, moment)
            before: dict[str, Any] = {}
            after: dict[str, Any] = {}
            for attribute, value in (("name", name), ("responsible_user_id", responsible_user_id)):
                old = getattr(person, attribute)
                if value is not None and value != old:
                    before[attribute], after[attribute] = old, value
                    setattr(person, attribute, value)
            person.group_id = self.group_of(person.responsible_user_id)
            changes = changed_values(person.fields, self._settled(fields))
            if changes:
                apply_values(person.fields, changes)
                after["fields"] = {field_id: new for field_id, (_, new) in changes.items()}
            if after:
                self._done_person(act, person, before, after)

    def _people(self, kind: str) -> dict[int, Person]:
        return self.contacts if kind == "contacts" else self.companies

    def _done_person(self, act: Act, person: Person, before: dict[str, Any], after: dict[str, Any]) -> None:
        person.updated_at, person.updated_by, person.head = act.updated_at, act.by, None
        if person.deleted_at is None and not person.is_unsorted:
            self.shelves[person.kind].put(person.id, person.updated_at, person)
        else:
            self.shelves[person.kind].drop(person.id)
        self._record(act, person.kind, person.id, before, after)
        told = () if person.is_unsorted else (act.verb,)
        self._tell(act, person.kind, told, person, before)

    def _done_task(self, act: Act, task: Task, before: dict[str, Any]) -> None:
        task.updated_at, task.updated_by = act.updated_at, act.by
        self.shelves["tasks"].put(task.id, task.updated_at, task)
        self._record(act, "tasks", task.id, before, {"is_completed": task.is_completed})
        extra = ("responsible",) if "responsible_user_id" in before else ()
        self._tell(act, "tasks", (act.verb, *extra), task, before)

    def _set_closest(self, task: Task, till: int | None) -> None:
        """A lead shows when its nearest task is due; that alone does not count as a change of the lead."""
        if task.entity_type == "leads" and task.entity_id in self.leads:
            lead = self.leads[task.entity_id]
            lead.closest_task_at, lead.head = till, None
            self._ripple("leads", [lead])
