"""GET of catalogues and their elements, and of the links that join cards and things."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request, hal, invalid
from sandbox.amocrm.fields import compact, shown_all
from sandbox.amocrm.leads_api import shown_link
from sandbox.amocrm.listing import Span, arrange, cut, filters, number, numbers, order, page, whole
from sandbox.amocrm.query import texts
from sandbox.amocrm.things import Catalog, Element

Link = dict[str, Any]
_EVER = Span()


def catalogs(api: Api, request: Request) -> Reply:
    kinds = set(texts(filters(request, ("type",), api.manners).get("type", "")))
    found = [one for one in api.account.catalogs.values() if not kinds or one.type in kinds]
    place = cut(request, len(found), api.manners)
    shown = (_catalog(api, one) for one in found[place.start : place.start + place.limit])
    return page(api, request, place, "catalogs", (compact(one).encode() for one in shown))


def catalog(api: Api, _request: Request, catalog_id: str) -> Reply:
    found = api.account.catalogs.get(int(catalog_id))
    return EMPTY if found is None else hal(_catalog(api, found))


def elements(api: Api, request: Request, catalog_id: str) -> Reply:
    """Neither a filter by time nor an order exists: whoever wants changes reads the whole list."""
    given = filters(request, ("id",), api.manners)
    order(request, (), api.manners)
    wanted = numbers(given["id"], "filter.id") if "id" in given else None
    shelf, text = api.shelves["elements"], str(request.params.get("query", "")).lower()

    def keep(element: Element) -> bool:
        return element.catalog_id == int(catalog_id) and text in element.name.lower()

    ids = arrange(shelf, _EVER, wanted, ("id", False), keep)
    place = cut(request, len(ids), api.manners)
    found = (shelf.items[key] for key in ids[place.start : place.start + place.limit])
    return page(
        api, request, place, "elements", (compact(_element(api, request, one)).encode() for one in found)
    )


def element(api: Api, request: Request, catalog_id: str, element_id: str) -> Reply:
    found = api.shelves["elements"].items.get(int(element_id))
    if found is None or found.catalog_id != int(catalog_id):
        return EMPTY
    return hal(_element(api, request, found))


def links(api: Api, request: Request, kind: str, entity_id: str | None = None) -> Reply:
    """What is joined to some cards of a kind, or to one."""
    known = ("entity_id", "to_entity_id", "to_entity_type", "to_catalog_id")
    given = filters(request, known, api.manners)
    if entity_id is None and "entity_id" not in given:
        raise invalid("filter.entity_id", "FieldMissing", "This field is missing.")
    cards = [int(entity_id)] if entity_id is not None else numbers(given["entity_id"], "filter.entity_id")
    found = [link for card in cards for link in _links_of(api, kind, card) if _is_meant(link, given)]
    return whole(api, request, "links", found)


def _is_meant(link: Link, given: dict[str, Any]) -> bool:
    catalog_id = (link["metadata"] or {}).get("catalog_id")
    return (
        (
            "to_entity_id" not in given
            or link["to_entity_id"] in numbers(given["to_entity_id"], "to_entity_id")
        )
        and ("to_entity_type" not in given or link["to_entity_type"] == given["to_entity_type"])
        and ("to_catalog_id" not in given or catalog_id == number(given["to_catalog_id"], "to_catalog_id"))
    )


def _links_of(api: Api, kind: str, card_id: int) -> Iterator[Link]:
    card = api.shelves[kind].items.get(card_id)
    if card is None:
        return
    from_card = {"entity_id": card_id, "entity_type": kind}

    def link(to: int, to_kind: str, metadata: dict[str, Any] | None) -> Link:
        return {**from_card, "to_entity_id": to, "to_entity_type": to_kind, "metadata": metadata}

    for one in getattr(card, "elements", ()):
        yield link(one.element_id, "catalog_elements", shown_link(one))
    for place, contact_id in enumerate(card.contacts):
        yield link(contact_id, "contacts", {"main_contact": place == 0})
    if getattr(card, "company_id", None) is not None:
        yield link(card.company_id, "companies", None)
    for lead_id in getattr(card, "leads", ()):
        yield link(lead_id, "leads", None)


def _catalog(api: Api, catalog: Catalog) -> dict[str, Any]:
    return {
        "id": catalog.id, "name": catalog.name, "created_by": catalog.created_by,
        "updated_by": catalog.updated_by, "created_at": catalog.created_at,
        "updated_at": catalog.updated_at, "sort": catalog.sort, "type": catalog.type,
        "can_add_elements": True, "can_show_in_cards": True, "can_link_multiple": True,
        "can_be_deleted": catalog.type == "regular", "sdk_widget_code": None,
        "account_id": api.account.settings.id, "_links": api.href(f"/api/v4/catalogs/{catalog.id}"),
    }  # fmt: skip


def _element(api: Api, request: Request, element: Element) -> dict[str, Any]:
    values = shown_all(api.account.fields_of(f"catalogs/{element.catalog_id}"), element.fields)
    path = f"/api/v4/catalogs/{element.catalog_id}/elements/{element.id}"
    item: dict[str, Any] = {
        "id": element.id, "catalog_id": element.catalog_id, "name": element.name,
        "created_by": element.created_by, "updated_by": element.updated_by,
        "created_at": element.created_at, "updated_at": element.updated_at,
        "is_deleted": None if api.manners.deleted_as_null else False,
        "custom_fields_values": json.loads(values), "account_id": api.account.settings.id,
        "_links": api.href(path, request.query), "_embedded": {"warning": {"message": None}},
    }  # fmt: skip
    if "invoice_link" in request.asked_with:
        is_invoice = api.account.catalogs[element.catalog_id].type == "invoices"
        item["invoice_link"] = f"{api.url}/invoice/{element.id}" if is_invoice else None
    return item
