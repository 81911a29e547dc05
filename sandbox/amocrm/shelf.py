"""Objects by id, always in the order of their time stamps, so that a page costs a slice and no sort."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key", int, str)
Item = TypeVar("Item")


class Shelf(Generic[Key, Item]):
    """What a list shows: an object stands here while it is visible."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self._stamp_of: dict[Key, int] = {}
        self._ids: list[Key] = []
        # Two lists side by side, ordered by (stamp, key): cutting a range of keys out costs no loop.
        self._stamps: list[int] = []
        self._keys: list[Key] = []

    def __len__(self) -> int:
        return len(self.items)

    def put(self, key: Key, stamp: int, item: Item) -> None:
        """Show `item` under `key`, in the place its stamp gives it now."""
        if key in self.items:
            self._leave_order(key)
        else:
            insort(self._ids, key)
        self.items[key] = item
        self._stamp_of[key] = stamp
        place = self._place(stamp, key)
        self._stamps.insert(place, stamp)
        self._keys.insert(place, key)

    def fill(self, places: Iterable[tuple[Key, int, Item]]) -> None:
        """Put many objects that are not shown yet, sorting once."""
        for key, stamp, item in places:
            self.items[key] = item
            self._stamp_of[key] = stamp
        self._ids = sorted(self.items)
        self._keys = sorted(self._ids, key=self._stamp_of.__getitem__)
        self._stamps = [self._stamp_of[key] for key in self._keys]

    def drop(self, key: Key) -> None:
        """Stop showing `key`; dropping what is not shown is no error."""
        if key in self.items:
            self._leave_order(key)
            del self.items[key]
            del self._stamp_of[key]
            del self._ids[bisect_left(self._ids, key)]

    def stamp(self, key: Key) -> int:
        return self._stamp_of[key]

    def ids(self) -> list[Key]:
        """All ids, ascending."""
        return list(self._ids)

    def between(self, low: int | None = None, high: int | None = None) -> list[Key]:
        """Ids whose stamp lies in the closed range, ordered by (stamp, id)."""
        first = 0 if low is None else bisect_left(self._stamps, low)
        last = len(self._stamps) if high is None else bisect_right(self._stamps, high)
        return self._keys[first:last]

    def _leave_order(self, key: Key) -> None:
        place = self._place(self._stamp_of[key], key)
        del self._stamps[place]
        del self._keys[place]

    def _place(self, stamp: int, key: Key) -> int:
        """Where (stamp, key) stands or would stand."""
        first, last = bisect_left(self._stamps, stamp), bisect_right(self._stamps, stamp)
        return bisect_left(self._keys, key, first, last)
