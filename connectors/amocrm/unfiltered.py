"""How a list that cannot be filtered is read without losing a record.

Only page numbers are left, and they move while people work: whatever leaves the list pulls all that follows
one place forward, over the edge of the next page. Therefore every page begins a little before the end of the
last one, and is believed only where it visibly meets it.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from enum import Enum
from typing import Protocol

from connectors.amocrm.asking import Answer, Asker, moment
from connectors.amocrm.walks import SMALLEST_PAGE
from connectors.base import ContractBroken, Page, Stream, TooSlow

log = logging.getLogger(__name__)

FEW = 10
"""So many objects are asked for one by one; of more, most are soon met among what changed last."""

WORTH_A_PAGE = 5
"""Objects for whose sake one more page of the latest changes is read."""

MOST_PASSES = 10
MOST_RETREATS = 24
_STRIDE = 16  # how much further back every retreat looks


class Meeting(Enum):
    """How a page meets what was read before it."""

    SURE = "nothing can be between them"
    LIKELY = "they share records of one second, whose order nobody promises"
    APART = "something may be between them"


def everything(ask: Asker, stream: Stream, after: int | None = None, place: int = 0) -> Iterator[Page]:
    """Yield every object that exists all the while, in the order of ids.

    Ids do not change, so a page that begins at or before the highest id known leaves nothing out, whatever was
    deleted meanwhile. To go on where a reading was cut off: what comes `after` this id, of which about
    `place` objects have come.
    """
    scroll = _Scroll(lambda number, limit: ask.upwards(stream, number, limit), _Ids(after), stream.page_size)
    for answer, _, is_new in scroll.pages(place if after is not None else 0, overlap=1):
        if is_new:
            yield answer.page(stream)


def newest_first(ask: Asker, stream: Stream, since: int, until: int) -> Iterator[Page]:
    """Yield what changed since `since`, what changed last first; only the last page carries a cursor.

    Where more records than an overlap share one second, no page can prove that it meets the one before; then
    the list is read again until two readings in a row have shown nothing new.
    """
    seen: set[int | str] = set()
    quiet = 0
    for _ in range(MOST_PASSES):
        known, is_sure = len(seen), True
        for answer, meeting in _down(ask, stream, since):
            is_sure = is_sure and meeting is Meeting.SURE
            if not seen.issuperset(answer.digest.ids):
                yield answer.page(stream)
                seen.update(answer.digest.ids)
        quiet = quiet + 1 if len(seen) == known else 0
        if is_sure or quiet == 2:
            break
    else:
        log.warning("unfiltered.restless stream=%s passes=%d", stream.name, MOST_PASSES)
    yield ask.nothing(stream, moment(until))


def newest(ask: Asker, stream: Stream) -> datetime | None:
    """When the list changed last: one small question."""
    answer = ask.downwards(stream, 1, 1)
    return moment(answer.digest.newest) if answer and answer.digest.newest is not None else None


def by_ids(ask: Asker, stream: Stream, ids: Collection[int]) -> Iterator[Page]:
    """Yield these objects, and others that stand on a page with them.

    Who asks for many has mostly heard of their changes a moment ago, so the latest changes are looked through
    first; that costs at most a page for every few objects wanted.
    """
    missing = dict.fromkeys(ids)
    if len(missing) > FEW:
        for page in _latest(ask, stream, missing.keys(), len(missing) // WORTH_A_PAGE):
            if not missing.keys().isdisjoint(page.ids):
                yield page
            for each in page.ids:
                missing.pop(int(each), None)
    for each in missing:
        if page_of_one := ask.one(stream, each):
            yield page_of_one


def among(ask: Asker, stream: Stream, ids: Collection[int], deepest: int) -> Iterator[Page]:
    """Yield the pages of the `deepest` latest ones that hold any of these ids, until all were met."""
    missing = set(ids)
    for page in _latest(ask, stream, missing, deepest):
        if not missing.isdisjoint(page.ids):
            yield page
        missing.difference_update(int(each) for each in page.ids)


def _latest(ask: Asker, stream: Stream, missing: Collection[int], deepest: int) -> Iterator[Page]:
    """Yield pages, what changed last first, while anything is `missing`."""
    for number in range(1, deepest + 1):
        try:
            answer = ask.downwards(stream, number, stream.page_size) if missing else None
        except TooSlow:
            return
        if answer is None:
            return
        yield answer.page(stream)
        if answer.is_last:
            return


def _down(ask: Asker, stream: Stream, since: int) -> Iterator[tuple[Answer, Meeting]]:
    """Yield pages, what changed last first, down to `since`, and how each meets the one before."""
    scroll = _Scroll(lambda number, limit: ask.downwards(stream, number, limit), _Stamps(), stream.page_size)
    for answer, met, _ in scroll.pages(0, overlap=3):
        yield answer, met
        if answer.digest.oldest is not None and answer.digest.oldest < since:
            return


class _Edge(Protocol):
    """How far a list has been read."""

    def meeting(self, answer: Answer) -> Meeting:
        """How a page meets what was read."""

    def advance(self, answer: Answer) -> bool:
        """Take the page in; was anything on it new?"""


class _Ids:
    """The edge of a list in the order of ids, which never change."""

    def __init__(self, highest: int | None) -> None:
        self._highest = highest

    def meeting(self, answer: Answer) -> Meeting:
        is_met = self._highest is not None and int(answer.digest.ids[0]) <= self._highest
        return Meeting.SURE if is_met else Meeting.APART

    def advance(self, answer: Answer) -> bool:
        last = int(answer.digest.ids[-1])
        is_new = self._highest is None or last > self._highest
        self._highest = last if self._highest is None else max(last, self._highest)
        return is_new


class _Stamps:
    """The edge of a list in which what changed last comes first, and rises to the top with every change."""

    def __init__(self) -> None:
        self._lowest: int | None = None
        self._seen: set[int | str] = set()

    def meeting(self, answer: Answer) -> Meeting:
        highest = answer.digest.newest
        if self._lowest is None or highest is None or highest < self._lowest:
            return Meeting.APART
        if highest > self._lowest:
            return Meeting.SURE
        return Meeting.APART if self._seen.isdisjoint(answer.digest.ids) else Meeting.LIKELY

    def advance(self, answer: Answer) -> bool:
        is_new = not self._seen.issuperset(answer.digest.ids)
        self._seen.update(answer.digest.ids)
        stamps = [stamp for stamp in (answer.digest.oldest, self._lowest) if stamp is not None]
        self._lowest = min(stamps, default=None)
        return is_new


class _Scroll:
    """Reads an ordered list by page numbers; goes back wherever a page does not meet what was read."""

    def __init__(self, question: Callable[[int, int], Answer | None], edge: _Edge, largest: int) -> None:
        self._question = question
        self._edge = edge
        self._largest = largest
        self._retreats = 0

    def pages(self, place: int, overlap: int) -> Iterator[tuple[Answer, Meeting, bool]]:
        """Yield the pages from row `place` on, how each meets the one before, and whether it holds news."""
        back = overlap
        while True:
            number, limit = _page_at(max(0, place - back), self._largest)
            try:
                # An empty page is asked for again: it overlaps the one before, and should hold something.
                answer = self._question(number, limit) or self._question(number, limit)
            except TooSlow:
                if self._largest <= SMALLEST_PAGE:
                    raise
                self._largest = max(SMALLEST_PAGE, self._largest // 2)
                continue
            if answer and answer.is_lowered and answer.digest.count >= SMALLEST_PAGE:
                self._largest = answer.digest.count
                continue
            met = self._met(number, answer)
            if met is Meeting.APART or (met is Meeting.LIKELY and back < limit // 8):
                back = self._further(place, back)
                continue
            if answer is None:
                return
            is_new = self._edge.advance(answer)
            self._retreats = 0 if is_new else self._retreats
            yield answer, met, is_new
            if answer.is_last:
                return
            place, back = number * limit, overlap

    def _met(self, number: int, answer: Answer | None) -> Meeting:
        if number == 1:  # the beginning of the list: nothing can be before it
            return Meeting.SURE
        return self._edge.meeting(answer) if answer else Meeting.APART

    def _further(self, place: int, back: int) -> int:
        """How far to go back from `place` now; a list that always breaks off there cannot be read so."""
        self._retreats += 1
        if self._retreats > MOST_RETREATS:
            raise ContractBroken(f"the list cannot be read beyond its first {place} records")
        return back * _STRIDE


def _page_at(first: int, largest: int) -> tuple[int, int]:
    """The number and size of the page that holds row `first` and reaches furthest beyond it."""
    if first < largest // 8:
        return 1, largest
    size = max(range(1, largest + 1), key=lambda each: (first // each + 1) * each)
    return first // size + 1, size
