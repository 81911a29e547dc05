"""The streams of amoCRM: where each one lives and how its changes are walked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.base import Stream

PAGE_SIZE = 250
"""The most that amoCRM puts on a page; it answers a larger wish with 50."""

EVENTS_PAGE_SIZE = 100
IDS_AT_ONCE = 50
"""How many ids travel in one address: more were never seen to be safe."""

EVENT_TYPES = (
    "lead_added",
    "lead_status_changed",
    "entity_responsible_changed",
    "sale_field_changed",
    "lead_deleted",
    "lead_restored",
    "entity_merged",
)

TASK_EVENT_TYPES = ("task_added", "task_completed", "task_deleted")
TRASH_EVENT_TYPES = (
    "contact_deleted",
    "contact_restored",
    "company_deleted",
    "company_restored",
    "customer_deleted",
    "customer_restored",
)
LINK_EVENT_TYPES = ("entity_linked", "entity_unlinked")
NOTE_EVENT_TYPES = ("common_note_deleted",)

ADMIN = "доступ выдан администратором"
CATALOGS = "право на списки (товары, счета)"
CUSTOMERS = "в аккаунте включены покупатели"

Params = Sequence[tuple[str, str]]

_API = "/api/v4"
_CARDS = (("lead", "leads"), ("contact", "contacts"), ("company", "companies"))
_BY_ID = (("order[id]", "asc"),)  # the one order an edit does not disturb


def _events(name: str, types: Sequence[str]) -> Stream:
    return Stream(
        name,
        f"{_API}/events",
        "events",
        "windows",
        stamp="created_at",
        page_size=EVENTS_PAGE_SIZE,
        params=tuple(("filter[type][]", kind) for kind in types),
    )


def _snapshot(name: str, path: str, collection: str, *params: tuple[str, str], needs: str = "") -> Stream:
    return Stream(name, f"{_API}{path}", collection, "snapshot", params=params, needs=needs)


def _notes(name: str, of: str) -> Stream:
    return Stream(name, f"{_API}/{of}/notes", "notes", "by_value")


ACCOUNT = _snapshot(
    "account",
    "/account",
    "account",
    ("with", "users_groups,task_types,version,datetime_settings,is_api_filter_enabled"),
)

LEADS = Stream(
    "leads",
    f"{_API}/leads",
    "leads",
    "by_value",
    params=(("with", "contacts,loss_reason,catalog_elements,source"),),
    is_filter_paid=True,
)

TRASH = replace(LEADS, params=(("with", "only_deleted"),))
"""What lies in the trash: not a stream of its own, but tombstones of `leads`."""

GROUPS = replace(ACCOUNT, name="groups", collection="users_groups")
CATALOG_LIST = _snapshot("catalogs", "/catalogs", "catalogs", needs=CATALOGS)
ELEMENTS = _snapshot("catalog_elements", "/catalogs/{catalog}/elements", "elements", needs=CATALOGS)
UNSORTED = _snapshot("unsorted", "/leads/unsorted", "unsorted", ("order[created_at]", "asc"))
UNSORTED_SUMMARY = _snapshot("unsorted_summary", "/leads/unsorted/summary", "unsorted_summary")
LINKS = _snapshot("lead_links", "/leads/links", "links")
"""What leads are joined to: asked for by their ids, not a stream of its own."""

STREAMS: tuple[Stream, ...] = (
    ACCOUNT,
    _snapshot("users", "/users", "users", ("with", "role,group"), needs=ADMIN),
    _snapshot("pipelines", "/leads/pipelines", "pipelines"),
    _snapshot("lead_fields", "/leads/custom_fields", "custom_fields"),
    _snapshot("contact_fields", "/contacts/custom_fields", "custom_fields"),
    _snapshot("company_fields", "/companies/custom_fields", "custom_fields"),
    _snapshot("loss_reasons", "/leads/loss_reasons", "loss_reasons"),
    LEADS,
    Stream("contacts", f"{_API}/contacts", "contacts", "by_value", is_filter_paid=True),
    Stream("companies", f"{_API}/companies", "companies", "by_value", is_filter_paid=True),
    Stream("tasks", f"{_API}/tasks", "tasks", "windows", params=_BY_ID),
    _events("events", EVENT_TYPES),
    GROUPS,
    _snapshot("roles", "/roles", "roles", needs=ADMIN),
    *(_snapshot(f"{one}_tags", f"/{many}/tags", "tags") for one, many in _CARDS),
    CATALOG_LIST,
    ELEMENTS,
    UNSORTED,
    UNSORTED_SUMMARY,
    *(_notes(f"{one}_notes", many) for one, many in _CARDS),
    Stream(
        "customers",
        f"{_API}/customers",
        "customers",
        "by_value",
        params=(("with", "contacts,companies,catalog_elements"),),
        needs=CUSTOMERS,
        is_filter_paid=True,
    ),
    _snapshot("transactions", "/customers/transactions", "transactions", needs=CUSTOMERS),
    _events("task_events", TASK_EVENT_TYPES),
    _events("trash_events", TRASH_EVENT_TYPES),
    _events("link_events", LINK_EVENT_TYPES),
    _events("note_events", NOTE_EVENT_TYPES),
)


def streams(tracked_fields: Sequence[int] = ()) -> Mapping[str, Stream]:
    """All streams by name, with one of events for every custom field whose history is wanted.

    amoCRM lets the type of a field's event be asked for only by itself, hence a stream for each.
    """
    tracked = [
        _events(f"events_field_{field}", [f"custom_field_{field}_value_changed"]) for field in tracked_fields
    ]
    return {stream.name: stream for stream in (*STREAMS, *tracked)}
