"""Objects by id, always in the order of their time stamps, so that a page costs a slice and no sort."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", int, str)
Item = TypeVar("Item")


class Shelf(Generic[Key, Item]):
    """What a list shows: an object stands here while it is visible."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self._stamps: dict[Key, int] = {}
        self._by_stamp: list[tuple[int, Key]] = []
        self._ids: list[Key] = []

    def __len__(self) -> int:
        return len(self.items)

    def put(self, key: Key, stamp: int, item: Item) -> None:
        """Show `item` under `key`, in the place its stamp gives it now."""
        if key in self.items:
            self._leave_order(key)
        elif self._ids and key < self._ids[-1]:
            insort(self._ids, key)
        else:
            self._ids.append(key)
        self.items[key] = item
        self._stamps[key] = stamp
        place = (stamp, key)
        if self._by_stamp and place < self._by_stamp[-1]:
            insort(self._by_stamp, place)
        else:
            self._by_stamp.append(place)

    def fill(self, places: Iterable[tuple[Key, int, Item]]) -> None:
        """Put many objects that are not shown yet, sorting once."""
        for key, stamp, item in places:
            self.items[key] = item
            self._stamps[key] = stamp
        self._ids = sorted(self.items)
        self._by_stamp = sorted((stamp, key) for key, stamp in self._stamps.items())

    def drop(self, key: Key) -> None:
        """Stop showing `key`; dropping what is not shown is no error."""
        if key in self.items:
            self._leave_order(key)
            del self.items[key]
            del self._stamps[key]
            del self._ids[bisect_left(self._ids, key)]

    def stamp(self, key: Key) -> int:
        return self._stamps[key]

    def ids(self) -> list[Key]:
        """All ids, ascending."""
        return list(self._ids)

    def between(self, low: int | None = None, high: int | None = None) -> list[Key]:
        """Ids whose stamp lies in the closed range, ordered by (stamp, id)."""
        order: list[Any] = self._by_stamp
        first = 0 if low is None else bisect_left(order, low, key=_stamp)
        last = len(order) if high is None else bisect_right(order, high, key=_stamp)
        return [place[1] for place in order[first:last]]

    def _leave_order(self, key: Key) -> None:
        del self._by_stamp[bisect_left(self._by_stamp, (self._stamps[key], key))]


def _stamp(place: tuple[int, Any]) -> int:
    return place[0]
