"""GET of notes: of all cards of a kind, of one card, or one by its id."""

from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request
from sandbox.amocrm.fields import compact
from sandbox.amocrm.listing import arrange, cut, filters, numbers, order, page
from sandbox.amocrm.people_api import spanned_after
from sandbox.amocrm.query import texts
from sandbox.amocrm.things import Note

FILTERS = ("id", "entity_id", "note_type", "updated_at")


def notes(api: Api, request: Request, kind: str, entity_id: str | None = None) -> Reply:
    given = filters(request, FILTERS, api.manners)
    stamps = spanned_after(given.get("updated_at", {}), api)
    wanted = numbers(given["id"], "filter.id") if "id" in given else None
    cards = set(numbers(given["entity_id"], "filter.entity_id")) if "entity_id" in given else None
    if entity_id is not None:
        cards = {int(entity_id)}
    kinds = set(texts(given.get("note_type", "")))

    def keep(note: Note) -> bool:
        return (cards is None or note.entity_id in cards) and (not kinds or note.note_type in kinds)

    shelf = api.shelves[f"{kind}/notes"]
    ids = arrange(shelf, stamps, wanted, order(request, ("updated_at", "id"), api.manners), keep)
    place = cut(request, len(ids), api.manners)
    found = (shelf.items[key] for key in ids[place.start : place.start + place.limit])
    items = (compact(_shown(note, api, request)).encode() for note in found)
    return page(api, request, place, "notes", items)


def note(api: Api, request: Request, kind: str, note_id: str) -> Reply:
    found = api.shelves[f"{kind}/notes"].items.get(int(note_id))
    return EMPTY if found is None else Reply(200, compact(_shown(found, api, request)).encode())


def _shown(note: Note, api: Api, request: Request) -> dict[str, Any]:
    return {
        "id": note.id,
        "entity_id": note.entity_id,
        "created_by": note.created_by,
        "updated_by": note.updated_by,
        "created_at": note.created_at,
        "updated_at": note.updated_at,
        "responsible_user_id": note.responsible_user_id,
        "group_id": note.group_id,
        "note_type": note.note_type,
        "params": note.params or [],
        "account_id": api.account.settings.id,
        "_links": api.href(f"/api/v4/{note.kind}/{note.entity_id}/notes/{note.id}", request.query),
    }
