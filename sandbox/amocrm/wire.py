"""The body of a webhook: a form in the names of the second API version, every value a string."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus

from sandbox.amocrm.account import Account
from sandbox.amocrm.things import Note
from sandbox.amocrm.truth import Lead, Person, Task
from sandbox.amocrm.wire_cards import ELEMENT_TYPES, WRITERS
from sandbox.amocrm.wire_values import Pairs, fields, tags, utc

Fact = tuple[str, str, Any, Mapping[str, Any]]
"""(kind of object, action, the object, its changed attributes as they were)."""

NAMES = {
    "leads": "leads", "contacts": "contacts", "companies": "contacts", "tasks": "task",
    "customers": "customers", "elements": "catalogs", "unsorted": "unsorted",
}  # fmt: skip
CODES = {
    "leads": "lead", "contacts": "contact", "companies": "company", "tasks": "task", "customers": "customer",
    "elements": "catalog_element", "unsorted": "unsorted",
}  # fmt: skip
"""The last two are chosen in the account's settings; what the API calls them is not documented."""


def code_of(kind: str, action: str) -> str:
    """What a subscription's settings call this: `update_lead`, `note_contact`."""
    return f"{action}_{CODES[kind.removesuffix('/notes')]}"


def encode(
    account: Account, kind: str, action: str, item: Any, old: Mapping[str, Any] | None = None
) -> bytes:
    """One delivery about one object: `encode(account, "leads", "update", account.leads[1])`."""
    return encode_all(account, [(kind, action, item, old or {})])


def encode_all(account: Account, facts: Iterable[Fact]) -> bytes:
    """One delivery about several objects; those of one kind and action are numbered."""
    places: dict[tuple[str, str], int] = {}
    pairs = list(_account(account))
    for kind, action, item, old in facts:
        name = NAMES[kind.removesuffix("/notes")]
        place = places.get((name, action), 0)
        places[name, action] = place + 1
        pairs += [
            (f"{name}[{action}][{place}]{key}", value) for key, value in _item(account, action, item, old)
        ]
    return form(pairs)


def encode_note(
    account: Account, kind: str, entity_id: int, text: str, *, note_id: int = 42_700_001
) -> bytes:
    """One delivery about a note that need not be in the books."""
    now = account.moment()
    note = Note(kind, note_id, entity_id, "common", {"text": text}, 0, 0, 0, 0, now, now)
    return encode(account, f"{kind}/notes", "note", note)


def form(pairs: Iterable[tuple[str, Any]]) -> bytes:
    """Percent-encoded, brackets too; a blank is a plus."""
    return "&".join(f"{quote_plus(key)}={quote_plus(str(value))}" for key, value in pairs).encode()


def _account(account: Account) -> Pairs:
    subdomain = account.settings.subdomain
    yield "account[subdomain]", subdomain
    yield "account[id]", account.settings.id
    yield "account[_links][self]", f"https://{subdomain}.amocrm.ru"


def _item(account: Account, action: str, item: Any, old: Mapping[str, Any]) -> Pairs:
    if isinstance(item, Lead):
        return _deleted_lead(item) if action == "delete" else _lead(account, item, old)
    if isinstance(item, Task):
        return iter([("[id]", item.id)]) if action == "delete" else _task(account, item, old)
    if type(item) in WRITERS:
        return WRITERS[type(item)](account, action, item, old)
    if action == "delete":
        return iter([("[id]", item.id), ("[type]", CODES[item.kind])])
    return _person(account, action, item, old)


def _deleted_lead(lead: Lead) -> Pairs:
    yield "[id]", lead.id
    yield "[status_id]", lead.status_id
    yield "[pipeline_id]", lead.pipeline_id


def _lead(account: Account, lead: Lead, old: Mapping[str, Any]) -> Pairs:
    yield "[id]", lead.id
    yield "[name]", lead.name
    yield "[status_id]", lead.status_id
    if "status_id" in old:
        yield "[old_status_id]", old["status_id"]
    yield "[price]", lead.price
    yield "[responsible_user_id]", lead.responsible_user_id
    if "responsible_user_id" in old:
        yield "[old_responsible_user_id]", old["responsible_user_id"]
    yield "[last_modified]", lead.updated_at
    yield "[modified_user_id]", lead.updated_by
    yield "[created_user_id]", lead.created_by
    yield "[date_create]", lead.created_at
    yield "[pipeline_id]", lead.pipeline_id
    yield from tags(account, "leads", lead.tags)
    yield "[account_id]", account.settings.id
    yield from fields(account, "leads", lead.fields)
    yield "[created_at]", lead.created_at
    yield "[updated_at]", lead.updated_at


def _person(account: Account, action: str, person: Person, old: Mapping[str, Any]) -> Pairs:
    yield "[id]", person.id
    yield "[name]", person.name
    yield "[responsible_user_id]", person.responsible_user_id
    yield "[date_create]", person.created_at
    yield "[last_modified]", person.updated_at
    yield "[created_user_id]", person.created_by
    yield "[modified_user_id]", person.updated_by
    if person.company_id is not None:
        yield "[company_name]", account.companies[person.company_id].name
        yield "[linked_company_id]", person.company_id
    yield "[account_id]", account.settings.id
    yield from fields(account, person.kind, person.fields)
    yield from tags(account, person.kind, person.tags)
    for lead_id in person.leads:
        yield f"[linked_leads_id][{lead_id}][ID]", lead_id
    if action == "update":
        # Real updates carry it even where nobody changed.
        yield "[old_responsible_user_id]", old.get("responsible_user_id", person.responsible_user_id)
    yield "[created_at]", person.created_at
    yield "[updated_at]", person.updated_at
    yield "[type]", CODES[person.kind]


def _task(account: Account, task: Task, old: Mapping[str, Any]) -> Pairs:
    yield "[id]", task.id
    if task.entity_id is not None and task.entity_type is not None:
        yield "[element_id]", task.entity_id
        yield "[element_type]", ELEMENT_TYPES[task.entity_type]
    yield "[task_type]", task.task_type_id
    yield "[date_create]", utc(task.created_at)
    yield "[last_modified]", utc(task.updated_at)
    yield "[complete_till]", utc(task.complete_till)
    yield "[text]", task.text
    if "text" in old:
        yield "[old_text]", old["text"]
    yield "[status]", int(task.is_completed)
    if task.is_completed and "is_completed" in old:
        yield "[action_close]", 1
    if task.result is not None:
        yield "[result][id]", 155_001
        yield "[result][text]", task.result
    yield "[responsible_user_id]", task.responsible_user_id
    yield "[main_user]", task.responsible_user_id
    if "responsible_user_id" in old:
        yield "[old_responsible_user_id]", old["responsible_user_id"]
    yield "[modified_by]", task.updated_by
    yield "[account_id]", account.settings.id
    yield "[created_user_id]", task.created_by
    yield "[created_at]", task.created_at
    yield "[updated_at]", task.updated_at
    yield "[complete_before]", task.complete_till
