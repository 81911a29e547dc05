"""The read lag: a change shows in lists only some seconds after it was made."""

import heapq
from copy import copy
from random import Random
from typing import Any

from sandbox.amocrm.account import Account
from sandbox.amocrm.shelf import Shelf
from sandbox.amocrm.truth import Event, Happened


class Replica:
    """Shelves that trail the account's by `lag` seconds of its clock; a pair: by seconds between the two.

    With a pair rows overtake one another, but no row ever goes back to an older state. `lag` may be changed
    meanwhile.
    """

    def __init__(self, account: Account, lag: float | tuple[float, float], seed: int = 0) -> None:
        self.shelves: dict[str, Shelf[Any, Any]] = {name: Shelf() for name in account.shelves}
        self.lag = lag
        self._account = account
        self._rng = Random(f"lag {seed}")
        self._waiting: list[tuple[float, int, str, Any]] = []
        self._due: dict[tuple[str, Any], float] = {}
        self._number = 0
        self._events_seen = 0
        with account.lock:
            for name, shelf in account.shelves.items():
                for key in shelf.ids():
                    self.shelves[name].put(key, shelf.stamp(key), copy(shelf.items[key]))
            self._events_seen = len(account.events)
            account.listen(self._hear)

    def catch_up(self) -> None:
        """Show what is due; called under the account's lock."""
        now = self._account.clock()
        while self._waiting and self._waiting[0][0] <= now:
            due, _, kind, item = heapq.heappop(self._waiting)
            key = _key(kind, item)
            if self._due.get(key) == due:
                del self._due[key]
            self._show(kind, item)

    def _hear(self, happened: Happened) -> None:
        seen = copy(happened.item)
        if hasattr(seen, "fields"):
            seen.fields = dict(seen.fields)
        kind = "gone" if happened.kind == "tasks" and "delete" in happened.actions else happened.kind
        self._wait(kind, seen)
        events = self._account.events
        while self._events_seen < len(events):
            self._wait("events", events[self._events_seen])
            self._events_seen += 1

    def _wait(self, kind: str, item: Any) -> None:
        """Show the item later, but not before an earlier state of it."""
        lag = self.lag if isinstance(self.lag, int | float) else self._rng.uniform(*self.lag)
        key = _key(kind, item)
        due = self._due[key] = max(self._account.clock() + lag, self._due.get(key, 0.0))
        self._number += 1
        heapq.heappush(self._waiting, (due, self._number, kind, item))

    def _show(self, kind: str, item: Any) -> None:
        if isinstance(item, Event):
            self.shelves[kind].put(item.id, item.created_at, item)
        elif kind == "gone":
            self.shelves["tasks"].drop(item.id)
        else:
            self._show_object(kind, item)

    def _show_object(self, kind: str, item: Any) -> None:
        is_hidden = getattr(item, "deleted_at", None) is not None or getattr(item, "is_unsorted", False)
        self.shelves[kind].drop(item.id)
        if kind == "leads":
            self.shelves["trash"].drop(item.id)
        if not is_hidden:
            self.shelves[kind].put(item.id, item.updated_at, item)
        elif kind == "leads" and not item.purged:
            self.shelves["trash"].put(item.id, item.updated_at, item)


def _key(kind: str, item: Any) -> tuple[str, Any]:
    return "tasks" if kind == "gone" else kind, item.id
