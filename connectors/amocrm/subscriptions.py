"""Who is told of changes: the webhooks of an account."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.amocrm.client import WEBHOOKS, Client
from connectors.base import ContractBroken, NotFound, SourceError

log = logging.getLogger(__name__)

EVENT_CODES: tuple[str, ...] = (
    *(f"{verb}_lead" for verb in ("add", "update", "delete", "restore", "status", "responsible", "note")),
    *(f"{verb}_contact" for verb in ("add", "update", "delete", "restore", "responsible", "note")),
    *(f"{verb}_company" for verb in ("add", "update", "delete", "restore", "responsible", "note")),
    *(f"{verb}_task" for verb in ("add", "update", "delete", "responsible")),
)
"""What a webhook must tell us of. Incoming leads and catalogues have no codes that are documented."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A destination that is told of some events; amoCRM switches off one that has failed too often."""

    id: int
    destination: str
    events: tuple[str, ...]
    is_enabled: bool

    def tells(self, events: Sequence[str]) -> bool:
        """Whether all of these reach the destination."""
        return self.is_enabled and set(events) <= set(self.events)


class Subscriptions:
    """The webhooks of one account; to read or change them the grant must be an administrator's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[Subscription]:
        """Every webhook of the account, other people's too."""
        body = self._client.get(WEBHOOKS)
        if body is None:
            return []
        try:
            embedded = json.loads(body)["_embedded"]
            # The documentation says `webhooks`; `hooks` was seen.
            return [_read(item) for item in embedded.get("webhooks", embedded.get("hooks", []))]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ContractBroken("webhooks: the answer is not the list of webhooks") from error

    def subscribe(self, destination: str, events: Sequence[str] = EVENT_CODES) -> Subscription:
        """Tell `destination` of these events, and of no others; one that is known gets these instead.

        If the answer is lost, the list shows whether it was done.
        """
        wanted = {"destination": destination, "settings": list(events), "sort": 10}
        try:
            self._client.write("POST", wanted)
        except SourceError as error:
            if not error.retryable:
                raise
            log.warning("webhooks.unsure error=%s", error)
            if not self._tells(destination, events):
                raise
        found = [one for one in self.all() if one.destination == destination]
        if not found:
            raise ContractBroken("webhooks: amoCRM took the subscription and does not show it")
        return found[0]

    def unsubscribe(self, destination: str) -> bool:
        """Tell `destination` nothing any more; whether it was told anything before."""
        try:
            self._client.write("DELETE", {"destination": destination})
        except NotFound:
            return False
        except SourceError as error:
            if not error.retryable or any(one.destination == destination for one in self.all()):
                raise
        return True

    def _tells(self, destination: str, events: Sequence[str]) -> bool:
        return any(one.destination == destination and one.tells(events) for one in self.all())


def _read(item: dict[str, Any]) -> Subscription:
    return Subscription(
        item["id"], item["destination"], tuple(item.get("settings") or ()), not item.get("disabled", False)
    )
