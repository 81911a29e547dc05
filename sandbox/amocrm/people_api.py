"""GET of contacts, companies and tasks."""

from collections.abc import Callable
from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request, invalid
from sandbox.amocrm.fields import compact, shown_all
from sandbox.amocrm.leads_api import field_test, shown_tags, span_of
from sandbox.amocrm.listing import (
    Span,
    arrange,
    cut,
    filters,
    number,
    numbers,
    order,
    page,
    paid_filters,
    span,
)
from sandbox.amocrm.query import texts
from sandbox.amocrm.truth import Person, Task

_NUMBERS = ("id", "created_by", "updated_by", "responsible_user_id")
_SPANS = ("created_at", "updated_at", "closest_task_at")
PEOPLE_FILTERS = (*_NUMBERS, *_SPANS, "name", "custom_fields_values")
TASK_FILTERS = (
    "id",
    "responsible_user_id",
    "is_completed",
    "task_type",
    "entity_type",
    "entity_id",
    "updated_at",
)

Test = Callable[[Any], bool]


def people(api: Api, request: Request, kind: str) -> Reply:
    given = paid_filters(api, request, PEOPLE_FILTERS)
    if any(isinstance(given.get(name), str) for name in _SPANS) and not api.manners.bare_int_range:
        return EMPTY
    stamps = span_of(given.pop("updated_at", {}), "filter.updated_at", api)
    wanted = numbers(given.pop("id"), "filter.id") if "id" in given else None
    tests = [_test(name, node, api) for name, node in given.items()]
    keep = (lambda person: all(test(person) for test in tests)) if tests else None
    shelf = api.shelves[kind]
    ids = arrange(shelf, stamps, wanted, order(request, ("updated_at", "id"), api.manners), keep)
    place = cut(request, len(ids), api.manners)
    found = (shelf.items[key] for key in ids[place.start : place.start + place.limit])
    return page(api, request, place, kind, map(_person_renderer(api, request, kind), found))


def person(api: Api, request: Request, kind: str, person_id: str) -> Reply:
    found = api.shelves[kind].items.get(int(person_id))
    return EMPTY if found is None else Reply(200, _person_renderer(api, request, kind)(found))


def tasks(api: Api, request: Request) -> Reply:
    given = filters(request, TASK_FILTERS, api.manners)
    stamps = spanned_after(given.pop("updated_at", {}), api)
    wanted = numbers(given.pop("id"), "filter.id") if "id" in given else None
    tests = _task_tests(given)
    keep = (lambda task: all(test(task) for test in tests)) if tests else None
    shelf = api.shelves["tasks"]
    by = order(request, ("created_at", "complete_till", "id"), api.manners)
    ids = arrange(shelf, stamps, wanted, by, keep)
    place = cut(request, len(ids), api.manners)
    found = (shelf.items[key] for key in ids[place.start : place.start + place.limit])
    items = (compact(_shown_task(task, api, request)).encode() for task in found)
    return page(api, request, place, "tasks", items)


def task(api: Api, request: Request, task_id: str) -> Reply:
    found = api.shelves["tasks"].items.get(int(task_id))
    return EMPTY if found is None else Reply(200, compact(_shown_task(found, api, request)).encode())


def _test(name: str, node: Any, api: Api) -> Test:
    if name in _NUMBERS:
        allowed = set(numbers(node, f"filter.{name}"))
        return lambda person: getattr(person, name) in allowed
    if name in _SPANS:
        limits = span_of(node, f"filter.{name}", api)
        return lambda person: limits.holds(getattr(person, name))
    if name == "name":
        names = set(texts(node))
        return lambda person: person.name in names
    return field_test(node, api)


def _person_renderer(api: Api, request: Request, kind: str) -> Callable[[Person], bytes]:
    before, after = api.tail(kind, request)
    asked = request.asked_with

    def render(person: Person) -> bytes:
        head = person.head = person.head or _head(person, api)
        parts: dict[str, Any] = {"tags": shown_tags(api, kind, person.tags)}
        if kind == "contacts":
            company = [person.company_id] if person.company_id is not None else []
            parts["companies"] = [_linked(api, "companies", one) for one in company]
        elif "contacts" in asked:
            parts["contacts"] = [_linked(api, "contacts", one) for one in person.contacts]
        if "leads" in asked:
            parts["leads"] = [_linked(api, "leads", one) for one in person.leads]
        return head + f'{before}{person.id}{after},"_embedded":{compact(parts)}}}'.encode()

    return render


def _head(person: Person, api: Api) -> bytes:
    first, _, last = person.name.partition(" ")
    names = f'"first_name":{compact(first)},"last_name":{compact(last)},' if person.kind == "contacts" else ""
    values = shown_all(api.account.fields_of(person.kind), person.fields)
    return (
        f'{{"id":{person.id},"name":{compact(person.name)},{names}'
        f'"responsible_user_id":{person.responsible_user_id},"group_id":{person.group_id},'
        f'"created_by":{person.created_by},"updated_by":{person.updated_by},"created_at":{person.created_at},'
        f'"updated_at":{person.updated_at},"closest_task_at":{compact(person.closest_task_at)},'
        f'"is_deleted":false,"custom_fields_values":{values},"account_id":{api.account.settings.id}'
    ).encode()


def _linked(api: Api, collection: str, one: int) -> dict[str, Any]:
    return {"id": one, "_links": api.href(f"/api/v4/{collection}/{one}")}


def spanned_after(node: Any, api: Api) -> Span:
    """For tasks and notes a bare number works: changed after it."""
    if isinstance(node, str):
        return Span(number(node, "filter.updated_at") + 1)
    return span(node, "filter.updated_at", api.manners)


def _task_tests(given: dict[str, Any]) -> list[Test]:
    if "entity_id" in given and "entity_type" not in given:
        raise invalid("filter.entity_id", "FieldMissing", "entity_type is needed.")
    tests: list[Test] = []
    for name, attribute in (("responsible_user_id",) * 2, ("task_type", "task_type_id"), ("entity_id",) * 2):
        if name in given:
            tests.append(_one_of(attribute, set(numbers(given[name], f"filter.{name}"))))
    if "is_completed" in given:
        tests.append(_one_of("is_completed", {bool(number(given["is_completed"], "filter.is_completed"))}))
    if "entity_type" in given:
        tests.append(_one_of("entity_type", set(texts(given["entity_type"]))))
    return tests


def _one_of(attribute: str, allowed: set[Any]) -> Test:
    return lambda task: getattr(task, attribute) in allowed


def _shown_task(task: Task, api: Api, request: Request) -> dict[str, Any]:
    return {
        "id": task.id,
        "created_by": task.created_by,
        "updated_by": task.updated_by,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "responsible_user_id": task.responsible_user_id,
        "group_id": task.group_id,
        "entity_id": task.entity_id,
        "entity_type": task.entity_type,
        "duration": task.duration,
        "is_completed": task.is_completed,
        "task_type_id": task.task_type_id,
        "text": task.text,
        "result": {"text": task.result} if task.result is not None else [],
        "complete_till": task.complete_till,
        "account_id": api.account.settings.id,
        "_links": api.href(f"/api/v4/tasks/{task.id}", request.query),
    }
