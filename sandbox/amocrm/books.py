"""The books of an account: what it holds, its clock, and the one way a change is written down."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.amocrm.fields import Field
from sandbox.amocrm.shelf import Shelf
from sandbox.amocrm.things import Catalog, Customer, Element, Incoming, Note, Role, Tag, Transaction
from sandbox.amocrm.truth import (
    Act,
    Entry,
    Event,
    Group,
    Happened,
    Lead,
    LossReason,
    Person,
    Pipeline,
    Task,
    User,
    Value,
    Webhook,
)

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
FIRST_IDS = {
    "leads": 9_000_001, "contacts": 7_000_001, "companies": 8_000_001, "tasks": 5_000_001,
    "notes": 42_700_001, "tags": 2_001, "roles": 3_141, "catalogs": 4_521, "elements": 527_001,
    "customers": 1_300_001, "transactions": 134_001, "unsorted": 1,
    "users": 700_001, "groups": 267_001, "pipelines": 500_010, "statuses": 600_000, "loss_reasons": 40_001,
    "fields": 610_001, "choices": 880_001, "webhooks": 839_001, "events": 1,
}  # fmt: skip

CARDS = {"leads": "lead", "contacts": "contact", "companies": "company", "customers": "customer"}
"""Collections of cards, with the name that events have for one of them."""
SHELVES = (
    *CARDS, "trash", "tasks", "events", *(f"{kind}/notes" for kind in CARDS), "elements", "unsorted",
    "transactions",
)  # fmt: skip


@dataclass(slots=True)
class Settings:
    """What a person sets once for the whole account."""

    id: int = 31_000_001
    subdomain: str = "acme"
    name: str = "Окна Плюс"
    timezone: str = "Europe/Moscow"
    currency: str = "RUB"
    created_at: int = 1_700_000_000
    is_api_filter_enabled: bool = True
    subscription_ended_at: int | None = None
    customers_mode: str = "unavailable"
    touching: frozenset[str] = frozenset()
    """Which of "notes", "tasks", "links" count as a change of the lead they are about; undocumented."""


class Books:
    """State and bookkeeping; the verbs that people use are in the classes built on it.

    Every attribute may be read by anyone at any time; lists that must agree with one another are read under
    `lock`.
    """

    def __init__(self, clock: Callable[[], float] = time.time, settings: Settings | None = None) -> None:
        self.clock = clock
        self.settings = settings or Settings()
        self.zone = ZoneInfo(self.settings.timezone)
        self.lock = threading.RLock()
        self.users: dict[int, User] = {}
        self.groups: dict[int, Group] = {}
        self.pipelines: dict[int, Pipeline] = {}
        self.loss_reasons: dict[int, LossReason] = {}
        self.fields: dict[int, Field] = {}
        self.leads: dict[int, Lead] = {}
        self.contacts: dict[int, Person] = {}
        self.companies: dict[int, Person] = {}
        self.tasks: dict[int, Task] = {}
        self.events: list[Event] = []
        self.journal: list[Entry] = []
        self.webhooks: dict[int, Webhook] = {}
        self.sources: dict[int, str] = {}
        self.tags: dict[str, dict[str, Tag]] = {}
        self.roles: dict[int, Role] = {}
        self.notes: dict[int, Note] = {}
        self.catalogs: dict[int, Catalog] = {}
        self.elements: dict[int, Element] = {}
        self.incoming: dict[str, Incoming] = {}
        self.customers: dict[int, Customer] = {}
        self.transactions: dict[int, Transaction] = {}
        self.shelves: dict[str, Shelf[Any, Any]] = {name: Shelf() for name in SHELVES}
        self._dates: tuple[int | None, int | None] = (None, None)
        self._next = dict(FIRST_IDS)
        self._listeners: list[Callable[[Happened], None]] = []
        self._ordered_fields: dict[str, tuple[Field, ...]] = {}

    def listen(self, listener: Callable[[Happened], None]) -> None:
        """Call `listener` at each change, inside the lock; it must be quick."""
        with self.lock:
            self._listeners.append(listener)

    def act(self, verb: str, by: int, moment: float | None) -> Act:
        at = self.moment(moment)
        updated_at, created_at = self._dates
        return Act(
            verb, by, at, moment is None, at if updated_at is None else updated_at,
            at if created_at is None else created_at,
        )  # fmt: skip

    @contextmanager
    def dated(self, *, updated_at: int | None = None, created_at: int | None = None) -> Iterator[None]:
        """Meanwhile verbs date their objects so, as an integration may that writes by API.

        Events and webhooks come now, all the same.
        """
        with self.lock:
            before, self._dates = self._dates, (updated_at, created_at)
            try:
                yield
            finally:
                self._dates = before

    def moment(self, given: float | None = None) -> int:
        """The second a change is written under: the given one, else now."""
        return int(self.clock() if given is None else given)

    def fields_of(self, entity: str) -> tuple[Field, ...]:
        """The custom fields of a collection, in the account's order."""
        if entity not in self._ordered_fields:
            found = sorted(
                (one for one in self.fields.values() if one.entity == entity), key=lambda f: (f.sort, f.id)
            )
            self._ordered_fields[entity] = tuple(found)
        return self._ordered_fields[entity]

    def group_of(self, user_id: int) -> int:
        user = self.users.get(user_id)
        return (user.group_id or 0) if user else 0

    def tag_of(self, kind: str, name: str) -> Tag:
        """The tag of that name for cards of a kind; it is made when it is used for the first time."""
        known = self.tags.setdefault(kind, {})
        if name not in known:
            known[name] = Tag(self._id("tags"), name)
        return known[name]

    def reserve(self, kind: str, count: int) -> None:
        """Let `count` ids of a kind be taken: somebody has written them in by himself."""
        with self.lock:
            self._next[kind] += count

    def _id(self, kind: str) -> int:
        self._next[kind] += 1
        return self._next[kind] - 1

    def _emit(
        self,
        kind: str,
        entity_type: str,
        entity_id: int,
        act: Act,
        *,
        after: Iterable[dict[str, Any]] = (),
        before: Iterable[dict[str, Any]] = (),
    ) -> None:
        event = Event(
            event_id(act.moment, self._id("events")),
            kind,
            entity_id,
            entity_type,
            act.by,
            act.moment,
            tuple(after),
            tuple(before),
        )
        self.events.append(event)
        self.shelves["events"].put(event.id, act.moment, event)

    def _emit_note(self, kind: str, entity_type: str, entity_id: int, act: Act) -> None:
        self._emit(kind, entity_type, entity_id, act, after=[{"note": {"id": self._id("notes")}}])

    def _record(
        self, act: Act, kind: str, item_id: int, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        self.journal.append(Entry(act.moment, act.verb, kind, item_id, act.by, before, after))

    def _tell(self, act: Act, kind: str, actions: Iterable[str], item: Any, old: dict[str, Any]) -> None:
        """Tell the listeners; `kind` names the shelf the item stands on."""
        happened = Happened(kind, tuple(actions), item, old, act.live)
        for listener in self._listeners:
            listener(happened)

    def _ripple(self, kind: str, items: Iterable[Any]) -> None:
        """These look different from now on, though nobody has changed them and nobody is told."""
        act = self.act("ripple", 0, None)
        for item in items:
            self._tell(act, kind, (), item, {})


def changed_values(current: dict[int, Value], settled: dict[int, Value]) -> dict[int, tuple[Value, Value]]:
    """Which of the wanted values differ from the current ones: field id → (before, after)."""
    return {
        field_id: (current.get(field_id), value)
        for field_id, value in settled.items()
        if current.get(field_id) != value
    }


def apply_values(current: dict[int, Value], changes: dict[int, tuple[Value, Value]]) -> None:
    """Write the values; an empty one takes the field away."""
    for field_id, (_, value) in changes.items():
        if value is None:
            current.pop(field_id, None)
        else:
            current[field_id] = value


def event_id(moment: int, number: int) -> str:
    """26 characters that sort by moment, then by the order of writing."""
    return _base32(moment * 1000, 10) + _base32(number, 16)


def _base32(number: int, width: int) -> str:
    letters = []
    for _ in range(width):
        letters.append(_DIGITS[number & 31])
        number >>= 5
    return "".join(reversed(letters))
