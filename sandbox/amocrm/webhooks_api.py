"""GET, POST and DELETE /webhooks: who is told about what."""

import json
from typing import Any
from urllib.parse import urlsplit

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request, hal, invalid, refuse
from sandbox.amocrm.listing import filters, whole
from sandbox.amocrm.query import texts
from sandbox.amocrm.truth import Webhook

MOST_WEBHOOKS = 100
_VERBS = {
    "lead": ("add", "update", "delete", "restore", "status", "responsible", "note"),
    "contact": ("add", "update", "delete", "restore", "responsible", "note"),
    "company": ("add", "update", "delete", "restore", "responsible", "note"),
    "customer": ("add", "update", "delete", "responsible", "note"),
    "task": ("add", "update", "delete", "responsible"),
    "talk": ("add", "update"),
}
CODES = {f"{verb}_{kind}" for kind, verbs in _VERBS.items() for verb in verbs} | {"add_chat_template_review"}


def subscriptions(api: Api, request: Request) -> Reply:
    _admin_only(api)
    given = filters(request, ("destination",), api.manners)
    wanted = texts(given["destination"]) if "destination" in given else None
    found = [one for one in api.account.webhooks.values() if wanted is None or one.destination in wanted]
    return whole(api, request, "webhooks", [_shown(api, one) for one in found]) if found else EMPTY


def subscribe(api: Api, request: Request) -> Reply:
    """A new subscription; a known destination gets new settings and is switched on again."""
    _admin_only(api)
    body = _body(request)
    destination = _destination(body)
    settings = body.get("settings")
    if not isinstance(settings, list) or not settings:
        raise invalid("settings")
    for place, code in enumerate(settings):
        if code not in CODES:
            raise invalid(f"settings.{place}", "NotSupportedChoice")
    known = {one.destination: one.disabled for one in api.account.webhooks.values()}
    if destination not in known and len(known) >= MOST_WEBHOOKS:
        raise refuse(400, f"At most {MOST_WEBHOOKS} webhooks")
    webhook = api.account.subscribe(destination, settings, sort=int(body.get("sort", 1)))
    if not api.manners.reposting_enables:
        webhook.disabled = known.get(destination, False)
    return hal(_shown(api, webhook), 201)


def unsubscribe(api: Api, request: Request) -> Reply:
    _admin_only(api)
    if not api.account.unsubscribe(_destination(_body(request))):
        raise refuse(404)
    return EMPTY


def _admin_only(api: Api) -> None:
    if not api.is_admin:
        raise refuse(403, "Access denied")


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise refuse(400, "Request data can not be empty") from None
    if not isinstance(body, dict) or not body:
        raise refuse(400, "Request data can not be empty")
    return body


def _destination(body: dict[str, Any]) -> str:
    destination = body.get("destination")
    parts = urlsplit(destination) if isinstance(destination, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc.isascii():
        raise invalid("destination")
    return str(destination)


def _shown(api: Api, webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "destination": webhook.destination,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
        "account_id": api.account.settings.id,
        "created_by": webhook.created_by,
        "sort": webhook.sort,
        "disabled": webhook.disabled,
        "settings": list(webhook.settings),
    }
