"""GET of small directories: tags, roles, sources."""

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request, hal, refuse
from sandbox.amocrm.fields import compact
from sandbox.amocrm.listing import counted_page, cut, filters, numbers, page
from sandbox.amocrm.query import texts
from sandbox.amocrm.things import Role

_RIGHTS = {"view": "A", "edit": "A", "add": "A", "delete": "A", "export": "A"}


def tags(api: Api, request: Request, kind: str) -> Reply:
    given = filters(request, ("name", "id"), api.manners)
    names, ids = set(texts(given.get("name", ""))), set(numbers(given.get("id", ""), "filter.id"))
    text = str(request.params.get("query", "")).lower()
    found = [
        tag
        for tag in api.account.tags.get(kind, {}).values()
        if (not names or tag.name in names) and (not ids or tag.id in ids) and text in tag.name.lower()
    ]
    place = cut(request, len(found), api.manners)
    shown = (
        compact({"id": tag.id, "name": tag.name, "color": tag.color}).encode()
        for tag in found[place.start : place.start + place.limit]
    )
    return page(api, request, place, "tags", shown)


def roles(api: Api, request: Request) -> Reply:
    _admin_only(api)
    found = sorted(api.account.roles.values(), key=lambda role: role.id)
    place = cut(request, len(found), api.manners)
    shown = [_role(api, request, role) for role in found[place.start : place.start + place.limit]]
    return counted_page(api, request, place, "roles", shown)


def role(api: Api, request: Request, role_id: str) -> Reply:
    _admin_only(api)
    found = api.account.roles.get(int(role_id))
    return EMPTY if found is None else hal(_role(api, request, found))


def sources(api: Api, _request: Request) -> Reply:
    """Only what the asking integration has made itself: nothing."""
    _admin_only(api)
    return EMPTY


def _admin_only(api: Api) -> None:
    if not api.is_admin:
        raise refuse(403, "Access denied")


def _role(api: Api, request: Request, role: Role) -> dict[str, object]:
    rights = {name: dict(_RIGHTS) for name in ("leads", "contacts", "companies")}
    item: dict[str, object] = {
        "id": role.id,
        "name": role.name,
        "rights": {**rights, "tasks": {"edit": "A", "delete": "A"}, "mail_access": False,
                   "catalog_access": True, "status_rights": None},
        "_links": api.href(f"/api/v4/roles/{role.id}", request.query),
    }  # fmt: skip
    if "users" in request.asked_with:
        users = [one.id for one in api.account.users.values() if one.role_id == role.id]
        item["_embedded"] = {"users": users}
    return item
