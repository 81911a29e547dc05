"""The read lag: a change shows in lists only some seconds after it was made."""

from collections import deque
from copy import copy
from typing import Any

from sandbox.amocrm.account import Account
from sandbox.amocrm.shelf import Shelf
from sandbox.amocrm.truth import Event, Happened


class Replica:
    """Shelves that trail the account's by `lag` seconds of its clock."""

    def __init__(self, account: Account, lag: float) -> None:
        self.shelves: dict[str, Shelf[Any, Any]] = {name: Shelf() for name in account.shelves}
        self._account = account
        self._lag = lag
        self._waiting: deque[tuple[float, str, Any]] = deque()
        self._events_seen = 0
        with account.lock:
            for name, shelf in account.shelves.items():
                for key in shelf.ids():
                    self.shelves[name].put(key, shelf.stamp(key), copy(shelf.items[key]))
            self._events_seen = len(account.events)
            account.listen(self._hear)

    def catch_up(self) -> None:
        """Show what is due; called under the account's lock."""
        horizon = self._account.clock() - self._lag
        while self._waiting and self._waiting[0][0] <= horizon:
            _, kind, item = self._waiting.popleft()
            self._show(kind, item)

    def _hear(self, happened: Happened) -> None:
        now = self._account.clock()
        seen = copy(happened.item)
        if hasattr(seen, "fields"):
            seen.fields = dict(seen.fields)
        kind = "gone" if happened.kind == "tasks" and "delete" in happened.actions else happened.kind
        self._waiting.append((now, kind, seen))
        events = self._account.events
        while self._events_seen < len(events):
            self._waiting.append((now, "events", events[self._events_seen]))
            self._events_seen += 1

    def _show(self, kind: str, item: Any) -> None:
        if isinstance(item, Event):
            self.shelves[kind].put(item.id, item.created_at, item)
        elif kind == "gone":
            self.shelves["tasks"].drop(item.id)
        else:
            self._show_object(kind, item)

    def _show_object(self, kind: str, item: Any) -> None:
        is_deleted = getattr(item, "deleted_at", None) is not None
        self.shelves[kind].drop(item.id)
        if kind == "leads":
            self.shelves["trash"].drop(item.id)
        if not is_deleted:
            self.shelves[kind].put(item.id, item.updated_at, item)
        elif kind == "leads" and not item.purged:
            self.shelves["trash"].put(item.id, item.updated_at, item)
