"""What tests in another process want to know: the whole truth, the counters, the deliveries."""

from collections import Counter
from dataclasses import asdict, is_dataclass
from typing import Any
from urllib.parse import parse_qsl

from sandbox.amocrm.account import Account
from sandbox.amocrm.posting import Sent
from sandbox.amocrm.server import AmoServer

TRUTH = (
    "leads", "contacts", "companies", "tasks", "notes", "catalogs", "elements", "incoming", "customers",
    "transactions", "users", "pipelines", "fields", "events", "merges", "journal", "webhooks",
)  # fmt: skip


def truth(account: Account, names: tuple[str, ...] = ("leads",)) -> dict[str, Any]:
    """The named parts of the account as they are now; the gone are among them, marked as such."""
    with account.lock:
        about: dict[str, Any] = {"moment": account.moment(), "settings": asdict(account.settings)}
        about["settings"]["touching"] = sorted(account.settings.touching)
        for name in names:
            if name not in TRUTH:
                raise KeyError(f"no part {name!r}; there are {', '.join(TRUTH)}")
            part = getattr(account, name)
            about[name] = [_plain(one) for one in (part.values() if isinstance(part, dict) else part)]
        return about


def counters(server: AmoServer) -> dict[str, Any]:
    """How much was asked, answered and posted so far."""
    asked = list(server.requests)
    tries = server.deliveries
    own = Counter(one.status for one in asked if not one.fault)
    return {
        "requests": len(asked),
        "max_in_any_second": server.max_in_any_second(),
        "statuses": {str(status): count for status, count in Counter(one.status for one in asked).items()},
        "refused_429": own[429],
        "refused_403": own[403],
        "blocked": server.limiter.blocked,
        "paths": dict(Counter(one.path for one in asked).most_common(30)),
        "faults": dict(server.faults.met),
        "tries": len(tries),
        "delivered": sum(one.is_good for one in tries),
        "told": server.sender.told,
        "dropped": server.sender.dropped,
        "disabled": [one.destination for one in server.account.webhooks.values() if one.disabled],
        "events": len(server.account.events),
        "journal": len(server.account.journal),
    }


def deliveries(server: AmoServer, first: int = 0, status: int | None = None) -> list[dict[str, Any]]:
    """The tries from number `first` on, with the ids of the leads each was about."""
    return [
        _delivery(number, one)
        for number, one in enumerate(server.deliveries[first:], start=first)
        if status is None or one.status == status
    ]


def _delivery(number: int, one: Sent) -> dict[str, Any]:
    return {
        "number": number,
        "at": one.at,
        "moment": one.moment,
        "actions": one.actions,
        "attempt": one.attempt,
        "status": one.status,
        "seconds": one.seconds,
        "leads": leads_of(one.body),
        "body": one.body.decode(),
    }


def leads_of(body: bytes) -> list[int]:
    """The ids of the leads a delivery is about."""
    found = {
        int(value)
        for key, value in parse_qsl(body.decode())
        if key.startswith("leads[") and key.endswith("][id]") and key.count("[") == 3
    }
    return sorted(found)


def _plain(thing: Any) -> Any:
    """Something that JSON can carry."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {key: value for key, value in asdict(thing).items() if key != "head"}
    return thing
