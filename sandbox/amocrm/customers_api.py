"""GET of customers, their statuses, segments and purchases; an account without customers shows none."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.customers import OFF
from sandbox.amocrm.exchange import EMPTY, Reply, Request, hal, refuse
from sandbox.amocrm.fields import compact, shown_all
from sandbox.amocrm.leads_api import field_test, shown_tags, span_of
from sandbox.amocrm.listing import Span, arrange, cut, filters, numbers, order, page, paid_filters, whole
from sandbox.amocrm.query import texts
from sandbox.amocrm.things import Customer, Transaction

_NUMBERS = ("id", "created_by", "updated_by", "responsible_user_id", "status_id")
_SPANS = ("created_at", "updated_at", "closest_task_at", "next_price", "next_date")
FILTERS = (*_NUMBERS, *_SPANS, "name", "custom_fields_values")

Test = Callable[[Any], bool]


def customers(api: Api, request: Request) -> Reply:
    if _is_off(api):
        return EMPTY
    given = paid_filters(api, request, FILTERS)
    stamps = span_of(given.pop("updated_at", {}), "filter.updated_at", api)
    wanted = numbers(given.pop("id"), "filter.id") if "id" in given else None
    tests = [_test(name, node, api) for name, node in given.items()]
    shelf = api.shelves["customers"]
    by = order(request, ("updated_at", "id"), api.manners)
    ids = arrange(shelf, stamps, wanted, by, lambda one: all(test(one) for test in tests))
    place = cut(request, len(ids), api.manners)
    found = (shelf.items[key] for key in ids[place.start : place.start + place.limit])
    items = (compact(_customer(api, request, one)).encode() for one in found)
    return page(api, request, place, "customers", items)


def customer(api: Api, request: Request, customer_id: str) -> Reply:
    found = None if _is_off(api) else api.shelves["customers"].items.get(int(customer_id))
    return EMPTY if found is None else hal(_customer(api, request, found))


def transactions(api: Api, request: Request, customer_id: str | None = None) -> Reply:
    if _is_off(api):
        return EMPTY
    given = filters(request, ("id",), api.manners)
    wanted = numbers(given["id"], "filter.id") if "id" in given else None
    shelf = api.shelves["transactions"]

    def keep(one: Transaction) -> bool:
        return customer_id is None or one.customer_id == int(customer_id)

    ids = arrange(shelf, Span(), wanted, None, keep)
    place = cut(request, len(ids), api.manners)
    found = (shelf.items[key] for key in ids[place.start : place.start + place.limit])
    return page(
        api, request, place, "transactions", (compact(_transaction(api, one)).encode() for one in found)
    )


def statuses(api: Api, request: Request) -> Reply:
    """Customers have statuses only where they are counted by periods."""
    if api.account.settings.customers_mode != "periodicity":
        raise refuse(422, "Periodic customers are switched off")
    names = ((1, "Ожидается покупка"), (2, "Не купил"), (3, "Купил"))
    items = [
        {"id": number, "name": name, "sort": 10 * number, "is_default": number == 1, "type": 0,
         "account_id": api.account.settings.id, "_links": api.href(f"{request.path}/{number}")}
        for number, name in names
    ]  # fmt: skip
    return whole(api, request, "statuses", items)


def segments(_api: Api, _request: Request) -> Reply:
    return EMPTY


def _is_off(api: Api) -> bool:
    """Whether the account has no customers; some say so with 422."""
    is_off = api.account.settings.customers_mode in OFF
    if is_off and api.manners.customers_refused:
        raise refuse(422, "Customers are switched off")
    return is_off


def _test(name: str, node: Any, api: Api) -> Test:
    if name in _NUMBERS:
        allowed = set(numbers(node, f"filter.{name}"))
        return lambda one: getattr(one, name) in allowed
    if name in _SPANS:
        limits = span_of(node, f"filter.{name}", api)
        return lambda one: limits.holds(getattr(one, name, None))
    if name == "name":
        names = set(texts(node))
        return lambda one: one.name in names
    return field_test(node, api)


def _customer(api: Api, request: Request, customer: Customer) -> dict[str, Any]:
    bought = [one.price for one in api.account.transactions.values() if one.customer_id == customer.id]
    values = json.loads(shown_all(api.account.fields_of("customers"), customer.fields))
    parts: dict[str, Any] = {"segments": [], "tags": shown_tags(api, "customers", customer.tags)}
    if "contacts" in request.asked_with:
        parts["contacts"] = [{"id": one, "is_main": not place} for place, one in enumerate(customer.contacts)]
    return {
        "id": customer.id, "name": customer.name, "next_price": customer.next_price,
        "next_date": customer.next_date, "responsible_user_id": customer.responsible_user_id,
        "status_id": customer.status_id, "periodicity": customer.periodicity,
        "created_by": customer.created_by, "updated_by": customer.updated_by,
        "created_at": customer.created_at, "updated_at": customer.updated_at, "closest_task_at": None,
        "is_deleted": False, "custom_fields_values": values, "ltv": sum(bought),
        "purchases_count": len(bought), "average_check": sum(bought) // len(bought) if bought else 0,
        "account_id": api.account.settings.id,
        "_links": api.href(f"/api/v4/customers/{customer.id}", request.query), "_embedded": parts,
    }  # fmt: skip


def _transaction(api: Api, one: Transaction) -> dict[str, Any]:
    customer = {"id": one.customer_id, "_links": api.href(f"/api/v4/customers/{one.customer_id}")}
    return {
        "id": one.id, "price": one.price, "comment": one.comment, "completed_at": one.completed_at,
        "customer_id": one.customer_id, "created_by": one.created_by, "updated_by": one.updated_by,
        "created_at": one.created_at, "updated_at": one.updated_at, "is_deleted": False,
        "account_id": api.account.settings.id,
        "_links": api.href(f"/api/v4/customers/{one.customer_id}/transactions/{one.id}"),
        "_embedded": {"customer": customer, "catalog_elements": []},
    }  # fmt: skip
