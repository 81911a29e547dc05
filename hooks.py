"""Our subscription in the account: what amoCRM should tell us, and whether it still does."""

import logging
from dataclasses import dataclass

from bootstrap import Parts
from connectors.amocrm.subscriptions import EVENT_CODES, Subscription

log = logging.getLogger(__name__)
PATH = "/webhooks/amocrm/"


class NoPublicAddress(Exception):
    """The config does not say under which address amoCRM can reach us."""


class StillDeaf(Exception):
    """The account took our subscription and does not tell us all the same: a person must switch it on there."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """The subscription of one configuration. Its address holds a secret, so it is never logged or shown whole."""

    parts: Parts

    def destination(self) -> str:
        """Where amoCRM is to send deliveries; NoPublicAddress if `webhooks.public_url` is not set."""
        url, secret = self.parts.config.webhooks.public_url, self.parts.config.secrets.webhook
        if url is None or secret is None:
            raise NoPublicAddress
        return f"{url}{PATH}{secret.get_secret_value()}"

    def ours(self) -> Subscription | None:
        """Our subscription as the account has it now."""
        destination = self.destination()
        return next((one for one in self.all() if one.destination == destination), None)

    def all(self) -> list[Subscription]:
        return self.parts.source().subscriptions()

    def subscribe(self) -> Subscription:
        return self.parts.source().subscribe(self.destination(), EVENT_CODES)

    def unsubscribe(self) -> bool:
        return self.parts.source().unsubscribe(self.destination())

    def ensure(self) -> bool:
        """Subscribe again if the account has forgotten us, switched us off or tells less; True if that was needed.

        StillDeaf if that did not help.
        """
        ours = self.ours()
        if ours is not None and ours.tells(EVENT_CODES):
            return False
        log.warning(
            "hook.renewed was=%s", "missing" if ours is None else "enabled" if ours.is_enabled else "disabled"
        )
        made = self.subscribe()
        if not made.tells(EVENT_CODES):
            raise StillDeaf("amoCRM keeps our webhook switched off: switch it on in the account's settings")
        return True


def shown(destination: str) -> str:
    """An address without what follows its path: that part is a secret."""
    head, path, _ = destination.partition(PATH)
    return f"{head}{path}…" if path else f"{destination.rsplit('/', 1)[0]}/…"
