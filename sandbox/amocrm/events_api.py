"""GET /events: at most a hundred a page, in no promised order."""

from collections.abc import Callable
from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.books import CARDS
from sandbox.amocrm.exchange import EMPTY, Reply, Request, invalid
from sandbox.amocrm.fields import compact
from sandbox.amocrm.listing import MAX_EVENTS, Span, arrange, cut, filters, number, numbers, order, page, span
from sandbox.amocrm.query import texts
from sandbox.amocrm.truth import Event

FILTERS = ("id", "created_at", "created_by", "entity", "entity_id", "type", "value_before", "value_after")
MOST_VALUES = 10
_PLURALS = {
    **{one: many for many, one in CARDS.items()},
    "task": "tasks",
}
KINDS = (
    "lead_added", "lead_deleted", "lead_restored", "lead_status_changed", "lead_linked", "lead_unlinked",
    "contact_added", "contact_deleted", "contact_restored", "contact_linked", "contact_unlinked",
    "company_added", "company_deleted", "company_restored", "company_linked", "company_unlinked",
    "customer_added", "customer_deleted", "customer_restored", "customer_status_changed", "customer_linked",
    "customer_unlinked", "transaction_added", "task_added", "task_deleted", "task_completed",
    "task_type_changed", "task_text_changed", "task_deadline_changed", "task_result_added",
    "incoming_call", "outgoing_call", "incoming_chat_message", "outgoing_chat_message",
    "entity_direct_message", "incoming_sms", "outgoing_sms", "entity_tag_added", "entity_tag_deleted",
    "entity_linked", "entity_unlinked", "sale_field_changed", "name_field_changed", "ltv_field_changed",
    "entity_responsible_changed", "robot_replied", "intent_identified", "nps_rate_added", "link_followed",
    "common_note_added", "common_note_deleted", "attachment_note_added", "targeting_in_note_added",
    "targeting_out_note_added", "geo_note_added", "service_note_added", "site_visit_note_added",
    "message_to_cashier_note_added", "key_action_completed", "entity_merged",
)  # fmt: skip

Test = Callable[[Event], bool]


def events(api: Api, request: Request) -> Reply:
    given = filters(request, FILTERS, api.manners)
    order(request, (), api.manners)
    stamps = _created_at(given.pop("created_at", {}), api)
    wanted = texts(given.pop("id")) if "id" in given else None
    tests = _tests(given, api)
    keep = (lambda event: all(test(event) for test in tests)) if tests else None
    shelf = api.shelves["events"]
    ids = arrange(shelf, stamps, wanted, ("updated_at", True), keep)
    place = cut(request, len(ids), api.manners, MAX_EVENTS)
    found = (shelf.items[event_id] for event_id in ids[place.start : place.start + place.limit])
    with_name = "lead_name" in request.asked_with
    items = (compact(shown(event, api, with_name)).encode() for event in found)
    return page(api, request, place, "events", items)


def event(api: Api, request: Request, event_id: str) -> Reply:
    found = api.shelves["events"].items.get(event_id)
    if found is None:
        return EMPTY
    return Reply(200, compact(shown(found, api, "lead_name" in request.asked_with)).encode())


def event_types(api: Api, request: Request) -> Reply:
    """Every code this account knows; its fields have one each."""
    field_kinds = [f"custom_field_{one}_value_changed" for one in api.account.fields]
    items = [
        {"key": kind, "type": place, "lang": kind}
        for place, kind in enumerate((*KINDS, *field_kinds), start=1)
    ]
    body = {
        "_total_items": len(items),
        "_links": api.href(request.path),
        "_embedded": {"events_types": items},
    }
    return Reply(200, compact(body).encode())


def shown(event: Event, api: Api, with_name: bool = False) -> dict[str, Any]:
    entity: dict[str, Any] = {"id": event.entity_id}
    lead = api.account.leads.get(event.entity_id)
    if with_name and event.entity_type == "lead" and lead is not None:
        entity["name"] = lead.name
    entity["_links"] = api.href(f"/api/v4/{_PLURALS[event.entity_type]}/{event.entity_id}")
    plain = api.manners.plain_event_types and event.type.startswith("custom_field_")
    return {
        "id": event.id,
        "type": "custom_field_value_changed" if plain else event.type,
        "entity_id": event.entity_id,
        "entity_type": event.entity_type,
        "created_by": event.created_by,
        "created_at": event.created_at,
        "value_after": event.value_after,
        "value_before": event.value_before,
        "account_id": api.account.settings.id,
        "_links": api.href(f"/api/v4/events/{event.id}"),
        "_embedded": {"entity": entity},
    }


def _created_at(node: Any, api: Api) -> Span:
    """A range, two numbers joined by a comma, or one number: "after"."""
    if isinstance(node, dict):
        return span(node, "filter.created_at", api.manners)
    low, _, high = str(node).partition(",")
    if high:
        return span({"from": low, "to": high}, "filter.created_at", api.manners)
    return Span(number(low, "filter.created_at") + 1)


def _tests(given: dict[str, Any], api: Api) -> list[Test]:
    tests: list[Test] = []
    if "type" in given:
        kinds = set(texts(given["type"]))
        _check_kinds(kinds, api)
        tests.append(lambda event: event.type in kinds)
    if "created_by" in given:
        actors = _few(given["created_by"], "filter.created_by")
        tests.append(lambda event: event.created_by in actors)
    entities = texts(given.get("entity", ""))
    if entities:
        tests.append(lambda event: event.entity_type in entities)
    if "entity_id" in given:
        if len(entities) != 1:
            raise invalid("filter.entity_id", "NotSupportedChoice", "Exactly one entity must be given.")
        ids = _few(given["entity_id"], "filter.entity_id")
        tests.append(lambda event: event.entity_id in ids)
    for side in ("value_before", "value_after"):
        if side in given:
            raise invalid(f"filter.{side}", "NotSupportedChoice", "This stand-in does not search values.")
    return tests


def _few(node: Any, path: str) -> set[int]:
    found = numbers(node, path)
    if len(found) > MOST_VALUES:
        raise invalid(path, "TooMany", f"At most {MOST_VALUES} values.")
    return set(found)


def _check_kinds(kinds: set[str], api: Api) -> None:
    """A field's changes may be asked for only by themselves."""
    of_fields = {kind for kind in kinds if kind.startswith("custom_field_")}
    if of_fields and len(kinds) > 1:
        raise invalid("filter.type", "NotSupportedChoice", "A custom field's type must be the only one.")
    unknown = kinds - set(KINDS) - {f"custom_field_{one}_value_changed" for one in api.account.fields}
    if unknown and api.manners.strict:
        raise invalid("filter.type", "NotSupportedChoice", f"Unknown type {unknown.pop()}.")
