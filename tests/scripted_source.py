"""A source whose account is a dictionary: what it says is what stands there now."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.amocrm.events import understand
from connectors.amocrm.streams import streams
from connectors.base import Delivery, Page, Stream
from warehouse.database import Warehouse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT = 31_000_001


def page(
    stream: str, items: Sequence[Mapping[str, Any]], cursor: datetime | None = None, **more: Any
) -> Page:
    collection = streams()[stream].collection
    body = json.dumps({"_embedded": {collection: list(items)}}).encode()
    asked = more.pop("asked", NOON + timedelta(days=1))
    return Page(stream, collection, body, tuple(item["id"] for item in items), asked, cursor, **more)


def lead(identity: int, minute: float = 0, price: int = 0) -> dict[str, Any]:
    return {"id": identity, "updated_at": int((NOON + timedelta(minutes=minute)).timestamp()), "price": price}


def told(*changes: tuple[str, str, int], account: int = ACCOUNT) -> bytes:
    """A delivery: ("leads", "update", 7) and so on."""
    parts = [f"{kind}[{action}][{place}][id]={one}" for place, (kind, action, one) in enumerate(changes)]
    return "&".join([f"account[id]={account}", *parts]).encode()


@dataclass
class Scripted:
    """Plays back `script` for walks, errors in their turn; ids are looked up in `present` and `trash`."""

    script: Sequence[Page | Exception] = ()
    present: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    trash: set[int] = field(default_factory=set)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    streams: Mapping[str, Stream] = field(default_factory=streams)

    def snapshot(self, stream: str) -> Iterator[Page]:
        self.asked.append((stream,))
        return self._play()

    def changed(self, stream: str, since: datetime, until: datetime) -> Iterator[Page]:
        self.asked.append((stream, since, until))
        return self._play()

    def trashed(self, since: datetime, until: datetime) -> Iterator[Page]:
        self.asked.append(("trash", since, until))
        return self._play()

    def by_ids(self, stream: str, ids: Sequence[int]) -> Iterator[Page]:
        self.asked.append((stream, tuple(ids)))
        self.before_answer()
        found = [self.present[stream][one] for one in ids if one in self.present.get(stream, {})]
        if found:
            yield page(stream, found)

    def trashed_among(self, ids: Sequence[int]) -> Iterator[Page]:
        self.asked.append(("trash", tuple(ids)))
        found = [{**lead(one, 5), "is_deleted": True} for one in ids if one in self.trash]
        if found:
            yield page("leads", found, tombstones=True)

    def understand(self, body: bytes) -> Delivery:
        return understand(body)

    def _play(self) -> Iterator[Page]:
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            yield step


def prices(warehouse: Warehouse) -> dict[int, str | None]:
    with warehouse.transaction("test") as tx:
        return dict(
            tx.execute("select id, payload ->> '$.price' from raw.records where stream = 'leads' order by 1")
        )


def deleted(warehouse: Warehouse) -> list[tuple[str, int]]:
    with warehouse.transaction("test") as tx:
        return [
            (a, b) for a, b in tx.execute("select stream, id from raw.records where is_deleted order by 1, 2")
        ]
