"""GET /leads and /leads/{id}: a page is joined from the bytes each lead keeps of itself."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sandbox.amocrm.account import Account
from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request, invalid
from sandbox.amocrm.fields import compact, shown_all
from sandbox.amocrm.listing import Span, arrange, cut, number, numbers, order, page, paid_filters, span
from sandbox.amocrm.manners import Manners
from sandbox.amocrm.query import texts
from sandbox.amocrm.things import ElementLink
from sandbox.amocrm.truth import Lead, SharedValues

ORDERS = ("created_at", "updated_at", "id")
_NUMBERS = ("id", "pipeline_id", "created_by", "updated_by", "responsible_user_id")
_SPANS = ("price", "created_at", "updated_at", "closed_at", "closest_task_at")
FILTERS = (*_NUMBERS, *_SPANS, "name", "statuses", "custom_fields_values")

Test = Callable[[Any], bool]


def leads(api: Api, request: Request) -> Reply:
    given = paid_filters(api, request, FILTERS)
    if any(isinstance(given.get(name), str) for name in _SPANS) and not api.manners.bare_int_range:
        return EMPTY
    stamps = span_of(given.pop("updated_at", {}), "filter.updated_at", api)
    wanted = numbers(given.pop("id"), "filter.id") if "id" in given else None
    tests = _tests(given, api)
    if not (api.manners.unsorted_listed and api.manners.archived_listed):
        tests.append(partial(_is_listed, api))
    keep = (lambda lead: all(test(lead) for test in tests)) if tests else None
    only_deleted = "only_deleted" in request.asked_with
    shelf = api.shelves["trash" if only_deleted else "leads"]
    ids = arrange(shelf, stamps, wanted, order(request, ORDERS, api.manners), keep)
    place = cut(request, len(ids), api.manners)
    found = [shelf.items[lead_id] for lead_id in ids[place.start : place.start + place.limit]]
    render = renderer(api, request)
    if not only_deleted:
        return page(api, request, place, "leads", map(render, found))
    items = [_stub(lead) for lead in found]
    if api.manners.live_among_deleted and len(api.shelves["leads"]):
        items.append(render(next(iter(api.shelves["leads"].items.values()))))
    return page(api, request, place, "leads", items)


def _is_listed(api: Api, lead: Lead) -> bool:
    """Whether the list shows leads of this sort at all."""
    pipeline = api.account.pipelines[lead.pipeline_id]
    status = pipeline.statuses.get(lead.status_id)
    is_unsorted = status is not None and status.type == 1
    manners = api.manners
    return (manners.unsorted_listed or not is_unsorted) and (
        manners.archived_listed or not pipeline.is_archive
    )


def lead(api: Api, request: Request, lead_id: str) -> Reply:
    key = int(lead_id)
    if key in api.shelves["leads"].items:
        return Reply(200, renderer(api, request)(api.shelves["leads"].items[key]))
    if key in api.shelves["trash"].items and api.manners.stub_by_id:
        return Reply(200, _stub(api.shelves["trash"].items[key]))
    return EMPTY


def renderer(api: Api, request: Request) -> Callable[[Lead], bytes]:
    """How a lead looks in the reply to this request."""
    before, after = api.tail("leads", request)
    asked = request.asked_with
    plain = not ({"source_id", "is_price_modified_by_robot"} & asked) and _is_plain(api)

    def render(lead: Lead) -> bytes:
        if plain and isinstance(
            lead.fields, SharedValues
        ):  # there are too many of them to keep what they say
            head = head_of(lead, api.account, api.manners, frozenset(), lead.fields.text)
        elif plain:
            head = lead.head = lead.head or head_of(lead, api.account, api.manners, frozenset())
        else:
            head = head_of(lead, api.account, api.manners, asked)
        return head + f"{before}{lead.id}{after},{_embedded(lead, api, asked)}}}".encode()

    return render


def head_of(
    lead: Lead, account: Account, manners: Manners, asked: frozenset[str], values: str | None = None
) -> bytes:
    """The item's own keys, in the order of real replies; `values`: the JSON of its fields, if at hand."""
    minor = f'"price_with_minor_units":{lead.price}.0,' if manners.minor_units else ""
    source = f'"source_id":{compact(lead.source_id)},' if "source_id" in asked else ""
    robot = ',"is_price_modified_by_robot":false' if "is_price_modified_by_robot" in asked else ""
    deleted = "null" if manners.deleted_as_null else "false"
    values = shown_all(account.fields_of("leads"), lead.fields) if values is None else values
    if not manners.enum_codes:
        values = values.replace(',"enum_code":null', "")
    return (
        f'{{"id":{lead.id},"name":{compact(lead.name)},"price":{lead.price},{minor}'
        f'"responsible_user_id":{lead.responsible_user_id},"group_id":{lead.group_id},"status_id":{lead.status_id},'
        f'"pipeline_id":{lead.pipeline_id},"loss_reason_id":{compact(lead.loss_reason_id)},{source}'
        f'"created_by":{lead.created_by},"updated_by":{lead.updated_by},"created_at":{lead.created_at},'
        f'"updated_at":{lead.updated_at},"closed_at":{compact(lead.closed_at)},'
        f'"closest_task_at":{compact(lead.closest_task_at)},"is_deleted":{deleted},'
        f'"custom_fields_values":{values},"score":null,"account_id":{account.settings.id},"labor_cost":null{robot}'
    ).encode()


def span_of(node: Any, path: str, api: Api) -> Span:
    """A range filter; a bare number, where it works at all, means "from then on"."""
    if isinstance(node, str):
        return Span(number(node, path))
    return span(node, path, api.manners)


def _is_plain(api: Api) -> bool:
    manners = api.manners
    return manners.enum_codes and not manners.minor_units and not manners.deleted_as_null


def _stub(lead: Lead) -> bytes:
    stub = {"id": lead.id, "updated_at": lead.updated_at, "updated_by": lead.updated_by, "is_deleted": True}
    return compact(stub).encode()


def _embedded(lead: Lead, api: Api, asked: frozenset[str]) -> str:
    tags = shown_tags(api, "leads", lead.tags)
    company = [lead.company_id] if lead.company_id is not None else []
    parts: dict[str, Any] = {"tags": tags, "companies": [_linked(api, "companies", one) for one in company]}
    if "contacts" in asked:
        parts["contacts"] = [
            {"id": one, "is_main": place == 0, "_links": api.href(f"/api/v4/contacts/{one}")}
            for place, one in enumerate(lead.contacts)
        ]
    if "loss_reason" in asked:
        parts["loss_reason"] = _loss_reason(lead, api)
    if "catalog_elements" in asked:
        parts["catalog_elements"] = [
            {"id": one.element_id, "metadata": shown_link(one)} for one in lead.elements
        ]
    if "source" in asked:
        source = {"id": lead.source_id, "name": api.account.sources.get(lead.source_id or 0, "")}
        parts["source"] = source if lead.source_id is not None else []
    return f'"_embedded":{compact(parts)}'


def shown_tags(api: Api, kind: str, names: Iterable[str]) -> list[dict[str, Any]]:
    tags = (api.account.tag_of(kind, name) for name in names)
    return [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in tags]


def shown_link(link: ElementLink) -> dict[str, Any]:
    return {"quantity": link.quantity, "catalog_id": link.catalog_id, "price_id": link.price_id}


def _linked(api: Api, collection: str, one: int) -> dict[str, Any]:
    return {"id": one, "_links": api.href(f"/api/v4/{collection}/{one}")}


def _loss_reason(lead: Lead, api: Api) -> Any:
    reason = api.account.loss_reasons.get(lead.loss_reason_id or 0)
    if reason is None:
        return []
    item = {
        "id": reason.id,
        "name": reason.name,
        "sort": reason.sort,
        "created_at": reason.created_at,
        "updated_at": reason.updated_at,
        "_links": api.href(f"/api/v4/leads/loss_reasons/{reason.id}"),
    }
    return item if api.manners.loss_reason_as_object else [item]


def _tests(given: dict[str, Any], api: Api) -> list[Test]:
    return [_test(name, node, api) for name, node in given.items()]


def _test(name: str, node: Any, api: Api) -> Test:
    if name in _NUMBERS:
        allowed = set(numbers(node, f"filter.{name}"))
        return lambda lead: getattr(lead, name) in allowed
    if name in _SPANS:
        limits = span_of(node, f"filter.{name}", api)
        return lambda lead: limits.holds(getattr(lead, name))
    if name == "name":
        names = set(texts(node))
        return lambda lead: lead.name in names
    if name == "statuses":
        return _status_test(node)
    return field_test(node, api)


def _status_test(node: Any) -> Test:
    pairs = set()
    for place, pair in node.items() if isinstance(node, dict) else [("0", node)]:
        if not isinstance(pair, dict) or set(pair) != {"pipeline_id", "status_id"}:
            raise invalid(
                f"filter.statuses.{place}", "FieldMissing", "Both pipeline_id and status_id are needed."
            )
        path = f"filter.statuses.{place}"
        pairs.add((number(pair["pipeline_id"], path), number(pair["status_id"], path)))
    return lambda lead: (lead.pipeline_id, lead.status_id) in pairs


def field_test(node: Any, api: Api) -> Test:
    """`filter[custom_fields_values][ID]`: a value, an option's id, or a range of moments or numbers."""
    if not isinstance(node, dict):
        raise invalid("filter.custom_fields_values")
    tests = [_one_field_test(field_id, below, api) for field_id, below in node.items()]
    return lambda item: all(test(item) for test in tests)


def _one_field_test(field_id: str, node: Any, api: Api) -> Test:
    path = f"filter.custom_fields_values.{field_id}"
    key = number(field_id, path)
    if key not in api.account.fields:
        raise invalid(path, "NotSupportedChoice")
    if isinstance(node, dict) and {"from", "to"} & set(node):
        limits = span(node, path, api.manners)
        return lambda item: key in item.fields and limits.holds(int(float(item.fields[key])))
    wanted = set(texts(node))
    return lambda item: key in item.fields and bool(wanted & _spellings(item.fields[key]))


def _spellings(value: Any) -> set[str]:
    if isinstance(value, bool):
        return {"1" if value else "0"}
    return {str(one) for one in value} if isinstance(value, tuple) else {str(value)}
