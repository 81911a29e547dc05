"""What the tests of the amoCRM connector play with: a list that changes while it is read, a clock."""

import json
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.amocrm.asking import Asker
from connectors.amocrm.pace import Pace
from connectors.base import Digest, Page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def digest(body: bytes, collection: str, stamp: str) -> Digest:
    """A page's digest, read the slow way."""
    page = json.loads(body)
    if not isinstance(page, dict) or "_embedded" not in page:
        raise ValueError("not a page")
    rows = page["_embedded"][collection]
    stamps = [row[stamp] for row in rows if stamp in row]
    return Digest(
        ids=tuple(row["id"] for row in rows),
        oldest=min(stamps, default=None),
        newest=max(stamps, default=None),
        has_next="next" in page.get("_links", {}),
        is_ordered=stamps == sorted(stamps),
        is_reversed=stamps == sorted(stamps, reverse=True),
    )


@dataclass
class FakeList:
    """A collection of amoCRM: stamped ids behind filters, orders and page numbers over live rows.

    Records of one second stand in another order at every question, as nothing promises one. `after` is
    called after every answer with the number of the question: there the rows change, or an error is raised
    for the next one by `refuse`.
    """

    rows: dict[int, int]
    collection: str = "leads"
    stamp: str = "updated_at"
    from_inclusive: bool = True
    to_inclusive: bool = True
    filters: bool = True
    orders: bool = True
    pages: bool = True
    largest: int = 250
    next_after_full_page: bool = True
    depth: int | None = None  # rows that can be reached by page numbers
    empty_at: Iterable[int] = ()
    cut_at: Iterable[int] = ()
    lowered_at: Iterable[int] = ()  # questions answered with half a page, whatever was asked
    after: Callable[[int], None] = lambda number: None
    refuse: Callable[[dict[str, str]], None] = lambda asked: None
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    asked: list[dict[str, str]] = field(default_factory=list)

    def get(self, path: str, params: Sequence[tuple[str, str]]) -> bytes | None:
        asked = dict(params)
        self.asked.append(asked)
        self.refuse(asked)
        identity = path.rpartition("/")[2]
        body = (
            None
            if len(self.asked) in self.empty_at
            else self._one(int(identity))
            if identity.isdigit()
            else self._page(asked)
        )
        if body and len(self.asked) in self.cut_at:
            body = body[: len(body) // 2] + b"}"
        self.after(len(self.asked))
        return body

    def _page(self, asked: dict[str, str]) -> bytes | None:
        found = [row for row in self.rows.items() if self._is_within(row[1], asked)]
        direction = asked.get(f"order[{self.stamp}]") if self.orders else None
        if direction:
            found.sort(key=lambda row: (row[1], self.chance.random()), reverse=direction == "desc")
        elif "order[id]" in asked and self.orders:
            found.sort()
        limit = min(int(asked["limit"]), self.largest)
        if len(self.asked) in self.lowered_at:
            limit = max(1, limit // 2)
        page = int(asked["page"]) if self.pages else 1
        shown = found[: self.depth][limit * (page - 1) : limit * page]
        if not shown:
            return None
        has_next = len(found) > limit * page or (self.next_after_full_page and len(shown) == limit)
        return page_of(
            self.collection, [{"id": number, self.stamp: at} for number, at in shown], has_next=has_next
        )

    def _one(self, identity: int) -> bytes | None:
        return (
            json.dumps({"id": identity, self.stamp: self.rows[identity]}).encode()
            if identity in self.rows
            else None
        )

    def _is_within(self, at: int, asked: dict[str, str]) -> bool:
        oldest, newest = (asked.get(f"filter[{self.stamp}][{end}]") for end in ("from", "to"))
        if not self.filters or oldest is None or newest is None:
            return True
        after = at >= int(oldest) if self.from_inclusive else at > int(oldest)
        before = at <= int(newest) if self.to_inclusive else at < int(newest)
        return after and before


class FakeClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


def page_of(collection: str, rows: Sequence[dict[str, Any]], *, has_next: bool = False) -> bytes:
    """The body of a page."""
    links = {"self": {"href": "https://acme.amocrm.ru"}}
    if has_next:
        links["next"] = {"href": "https://acme.amocrm.ru?page=2"}
    return json.dumps({"_links": links, "_embedded": {collection: list(rows)}}, ensure_ascii=False).encode()


def asker(fake: FakeList) -> Asker:
    """Questions to a fake list."""
    return Asker(fake.get, digest, lambda: NOW)


def ids(pages: Iterable[Page]) -> list[int | str]:
    """All ids that came, in the order of coming."""
    return [each for page in pages for each in page.ids]


def start(pace: Pace) -> float:
    """The moment at which a request may start that arrives at once."""
    with pace.turn() as turn:
        return turn.started
