"""What a webhook says about notes, elements of catalogues, incoming leads and customers."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.amocrm.account import Account
from sandbox.amocrm.fields import compact
from sandbox.amocrm.things import Customer, Element, Incoming, Note
from sandbox.amocrm.wire_values import Pairs, fields, local, tags

ELEMENT_TYPES = {"contacts": 1, "leads": 2, "companies": 3, "customers": 12}
NOTE_TYPES = {"common": 4, "attachment": 5, "call_in": 10, "call_out": 11}
"""Codes of the second API version; only the first two are documented."""
_PERSONS = {"contacts": "contact", "companies": "company"}


def note(account: Account, _action: str, note: Note, _old: Mapping[str, Any]) -> Pairs:
    """The only hook whose date strings are local."""
    is_text = set(note.params) == {"text"}
    values = {
        "id": note.id, "note_type": NOTE_TYPES.get(note.note_type, 25),
        "element_type": ELEMENT_TYPES[note.kind], "element_id": note.entity_id,
        "text": note.params["text"] if is_text else compact(note.params), "attachement": "",
        "date_create": local(account, note.created_at), "timestamp_x": local(account, note.updated_at),
        "account_id": account.settings.id, "created_by": note.created_by, "modified_by": note.updated_by,
        "main_user_id": note.responsible_user_id, "group_id": note.group_id,
        "created_at": note.created_at, "updated_at": note.updated_at,
    }  # fmt: skip
    for key, value in values.items():
        yield f"[note][{key}]", value
    if note.kind in _PERSONS:
        yield "[type]", _PERSONS[note.kind]


def element(account: Account, action: str, element: Element, _old: Mapping[str, Any]) -> Pairs:
    yield "[id]", element.id
    yield "[catalog_id]", element.catalog_id
    if action != "delete":
        yield "[name]", element.name
        yield "[deleted]", 0
        yield "[date_create]", element.created_at
        yield "[date_modify]", element.updated_at
        yield "[created_by]", element.created_by
        yield "[modified_by]", element.updated_by
        yield from fields(account, f"catalogs/{element.catalog_id}", element.fields)
        yield "[created_at]", element.created_at
        yield "[updated_at]", element.updated_at
    yield "[type]", "catalog"


def incoming(account: Account, action: str, incoming: Incoming, _old: Mapping[str, Any]) -> Pairs:
    if action == "delete":
        yield "[action]", incoming.outcome
    yield "[uid]", incoming.id
    yield "[category]", incoming.category
    yield "[created_at]", incoming.created_at
    if action == "delete":
        result = f"[{incoming.outcome}_result]"
        yield "[modified_user_id]", incoming.settled_by
        yield f"{result}[leads][0]", incoming.lead_id
        for place, contact_id in enumerate(incoming.contacts):
            yield f"{result}[contacts][{place}]", contact_id
        return
    for key, value in incoming.metadata.items():
        yield f"[source_data][{key}]", "" if value is None else value
    yield "[data][leads][0][id]", incoming.lead_id
    yield "[data][leads][0][name]", account.leads[incoming.lead_id].name
    yield "[pipeline_id]", incoming.pipeline_id
    yield "[account_id]", account.settings.id
    yield "[source_id]", 0
    yield "[lead_id]", incoming.lead_id
    yield "[date_create]", incoming.created_at


def customer(account: Account, action: str, customer: Customer, old: Mapping[str, Any]) -> Pairs:
    """No sample of it is known: this one is made after that of a lead."""
    yield "[id]", customer.id
    if action == "delete":
        return
    yield "[name]", customer.name
    yield "[next_price]", customer.next_price
    yield "[next_date]", customer.next_date
    yield "[responsible_user_id]", customer.responsible_user_id
    if "responsible_user_id" in old:
        yield "[old_responsible_user_id]", old["responsible_user_id"]
    yield "[date_create]", customer.created_at
    yield "[last_modified]", customer.updated_at
    yield "[created_user_id]", customer.created_by
    yield "[modified_user_id]", customer.updated_by
    yield from tags(account, "customers", customer.tags)
    yield "[account_id]", account.settings.id
    yield from fields(account, "customers", customer.fields)
    yield "[created_at]", customer.created_at
    yield "[updated_at]", customer.updated_at


WRITERS: dict[type, Callable[[Account, str, Any, Mapping[str, Any]], Pairs]] = {
    Note: note,
    Element: element,
    Incoming: incoming,
    Customer: customer,
}
