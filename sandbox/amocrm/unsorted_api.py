"""GET of incoming leads, and of what became of all of them."""

from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import Reply, Request, hal, refuse
from sandbox.amocrm.fields import compact
from sandbox.amocrm.incoming import CATEGORIES
from sandbox.amocrm.listing import Span, arrange, cut, filters, numbers, order, page
from sandbox.amocrm.people_api import spanned_after
from sandbox.amocrm.query import texts
from sandbox.amocrm.things import Incoming


def unsorted(api: Api, request: Request) -> Reply:
    given = filters(request, ("uid", "category", "pipeline_id"), api.manners)
    wanted = texts(given["uid"]) if "uid" in given else None
    categories = set(texts(given.get("category", "")))
    pipelines = set(numbers(given.get("pipeline_id", ""), "filter.pipeline_id"))

    def keep(one: Incoming) -> bool:
        return (not categories or one.category in categories) and (
            not pipelines or one.pipeline_id in pipelines
        )

    shelf = api.shelves["unsorted"]
    by = order(request, ("created_at", "updated_at"), api.manners)
    ids = arrange(shelf, Span(), wanted, by, keep)
    place = cut(request, len(ids), api.manners)
    found = (shelf.items[key] for key in ids[place.start : place.start + place.limit])
    return page(api, request, place, "unsorted", (compact(_shown(api, one)).encode() for one in found))


def one(api: Api, _request: Request, uid: str) -> Reply:
    found = api.shelves["unsorted"].items.get(uid)
    if found is None:
        raise refuse(404)
    return hal(_shown(api, found))


def summary(api: Api, request: Request) -> Reply:
    """Everything that ever came in counts, settled or not."""
    given = filters(request, ("uid", "created_at", "pipeline_id"), api.manners)
    stamps, uids = spanned_after(given.get("created_at", {}), api), set(texts(given.get("uid", "")))
    pipelines = set(numbers(given.get("pipeline_id", ""), "filter.pipeline_id"))
    found = [
        one
        for one in api.account.incoming.values()
        if stamps.holds(one.created_at)
        and (not uids or one.id in uids)
        and (not pipelines or one.pipeline_id in pipelines)
    ]
    waits = [(one.deleted_at or 0) - one.created_at for one in found if one.outcome]
    return hal(
        {
            "total": len(found),
            "accepted": sum(one.outcome == "accept" for one in found),
            "declined": sum(one.outcome == "decline" for one in found),
            "average_sort_time": sum(waits) // len(waits) if waits else 0,
            "categories": {
                name: {"total": sum(one.category == name for one in found)} for name in CATEGORIES
            },
            "_links": api.href(request.path, request.query),
        }
    )


def _shown(api: Api, one: Incoming) -> dict[str, Any]:
    return {
        "uid": one.id, "source_uid": None, "source_name": one.source_name, "category": one.category,
        "pipeline_id": one.pipeline_id, "created_at": one.created_at, "metadata": one.metadata or [],
        "account_id": api.account.settings.id, "_links": api.href(f"/api/v4/leads/unsorted/{one.id}"),
        "_embedded": {
            "contacts": [{"id": contact_id} for contact_id in one.contacts],
            "leads": [{"id": one.lead_id}],
            "companies": [],
        },
    }  # fmt: skip
