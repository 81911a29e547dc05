"""How a list that changes while it is read is read without losing a record."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from connectors.amocrm.asking import Answer, Asker, Span, moment
from connectors.base import ContractBroken, Page, Stream, TooSlow

T = TypeVar("T")

SMALLEST_PAGE = 25
HOUR = 3600
MONTH = 30 * 24 * HOUR

DEEPEST = 10
"""Pages of one window that are read by number; what lies deeper is reached by a smaller window."""


def snapshot(ask: Asker, stream: Stream) -> Iterator[Page]:
    """Yield every page of a small collection that cannot be asked for its changes."""
    number, limit = 1, stream.page_size
    seen: set[int | str] = set()
    while True:
        answer = ask.page(stream, number, limit) or ask.page(stream, number, limit)
        if answer is None:
            return
        if answer.is_lowered:  # the numbers of all pages mean something else now
            number, limit, seen = 1, answer.digest.count, set()
            continue
        if seen.issuperset(answer.digest.ids):  # some lists come whole, whatever page is asked for
            return
        yield answer.page(stream)
        if not answer.digest.has_next:
            return
        seen.update(answer.digest.ids)
        number += 1


def by_value(ask: Asker, stream: Stream, since: int, until: int) -> Iterator[Page]:
    """Yield what changed from `since` up to `until`, oldest first.

    The walk advances by value, not by page number: an edit made while we read moves its record to the end
    and pulls every numbered page before it one place forward, which would drop a record that nobody
    touched. Numbers are used only where more than a page of records share one second.
    """
    reader = _Reader(ask, stream)
    start = since
    is_met = False  # whether `start` is the stamp of a record
    while start < until:
        answer = reader.first(Span(start, until), is_met=is_met, has_more=start > since)
        if answer is None:
            break
        newest = answer.digest.newest or until
        if answer.is_last or newest >= until:
            yield answer.page(stream, moment(until))
            return
        if newest > start:
            yield answer.page(stream, moment(newest))
            start, is_met = newest, True
        else:
            yield from reader.second(start)
            start, is_met = start + 1, False
    yield ask.nothing(stream, moment(until))


def windows(ask: Asker, stream: Stream, since: int, until: int) -> Iterator[Page]:
    """Yield what is stamped from `since` up to `until`, window by window, in no order within a window.

    For lists that cannot be ordered by their stamp. Every window is closed before it is read, its pages are
    handed over when all of them are there, and the last one carries the cursor. The windows follow the
    density of the records: a quiet stretch, however long, is one question; one that does not fit on the pages
    that it should by the density so far is cut before many were read in vain.
    """
    reader = _Reader(ask, stream)
    width = until - since
    depth = 1
    start = since
    while start < until:
        span = Span(start, min(start + width, until))
        is_whole = span == Span(since, until)
        answers = reader.window(span, depth if width > 1 else None, has_more=not is_whole)
        if answers is None:
            width, depth = reader.smaller_window(width, depth)
            continue
        yield from _closed(ask, stream, answers, span.end)
        start = span.end
        width, depth = reader.next_window(
            span.end - span.first, sum(answer.digest.count for answer in answers)
        )
    if since >= until:
        yield ask.nothing(stream, moment(until))


class _Lowered(Exception):
    """A page came that was cut at a smaller size than was asked for: the pages' numbers do not fit together."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class _Reader:
    """Reads one list; keeps the page size that amoCRM can still answer in time."""

    def __init__(self, ask: Asker, stream: Stream) -> None:
        self._ask = ask
        self._stream = stream
        self._limit = stream.page_size
        self._is_mutable = stream.stamp == "updated_at"  # a record can leave its window while we read

    def first(self, span: Span, *, is_met: bool, has_more: bool) -> Answer | None:
        """The first page of `span`; an emptiness hard to believe is asked for twice.

        `is_met`: a record was seen at the very beginning of the span.
        """

        def ask(limit: int) -> Answer | None:
            if is_met:
                return self._ask.onwards(self._stream, span, limit)
            return self._ask.span(self._stream, self._ask.bounds(span), 1, limit)

        answer = self._shrinking(ask)
        if answer is None and (has_more or span.end - span.first > HOUR):
            answer = self._shrinking(ask)
        return answer

    def second(self, second: int) -> Iterator[Page]:
        """Yield the pages of one crowded second, in the one order that an edit does not disturb."""
        stream = replace(self._stream, walk="windows", params=(*self._stream.params, ("order[id]", "asc")))
        reader = _Reader(self._ask, stream)
        reader._limit = self._limit
        answers = (
            reader.linked(Span(second, second + 1)) or reader.window(Span(second, second + 1), None) or []
        )
        self._limit = reader._limit
        yield from _closed(self._ask, stream, answers, second + 1)

    def linked(self, span: Span) -> list[Answer] | None:
        """All pages of a span in the order of ids, read once: each begins with the end of the one before.

        That shows that nothing was pulled past us. None if something was, or nothing can be shown.
        """
        return self._shrinking(lambda limit: self._linked(span, limit))

    def _linked(self, span: Span, limit: int) -> list[Answer] | None:
        answers: list[Answer] = []
        bounds = self._ask.bounds(span)
        for number in range(1, min(DEEPEST, limit // 2) + 1):
            smaller = (
                limit - number + 1
            )  # so this page begins `number` - 1 records before the end of the last one
            answer = self._ask.span(self._stream, bounds, number, smaller)
            if answer is None or (answers and not _meet(answers[-1], answer)):
                return None
            if answer.is_lowered:
                raise _Lowered(answer.digest.count)
            answers.append(answer)
            if answer.is_last:
                return answers
        return None

    def window(self, span: Span, deepest: int | None, *, has_more: bool = False) -> list[Answer] | None:
        """All pages of a closed window; None if there are more than `deepest`.

        An emptiness hard to believe (`has_more`: the walk has met records) is asked for twice.

        A record edited meanwhile leaves the window and pulls the later pages one place forward; therefore a
        window of several pages is read again until a reading shows nothing new.
        """
        answers = self._pages(span, deepest)
        if answers == [] and (has_more or span.end - span.first > HOUR):
            answers = self._pages(span, deepest)
        if not answers or not self._is_mutable:
            return answers
        seen = _ids(answers)
        latest = answers
        while len(latest) > 1 or (latest and not latest[-1].is_last):
            latest = self._pages(span, None) or []
            if seen.issuperset(_ids(latest)):
                break
            seen |= _ids(latest)
            answers = [*answers, *latest]
        return answers

    def next_window(self, width: int, count: int) -> tuple[int, int]:
        """How wide and deep the next window should be after one of `width` seconds held `count` records.

        Where few were, little is known: then a window is wide, and given up at the first page too many.
        """
        pages = 0.5 if self._is_mutable else DEEPEST - 2.5  # half of the last page stays empty anyway
        wanted = int(self._limit * pages)
        wider = max(1, min(width * 16, max(width // 4, width * wanted // max(count, 1))))
        expected = count * wider / width / self._limit
        return wider, DEEPEST if self._is_mutable else min(DEEPEST, 1 + int(2 * expected))

    def smaller_window(self, width: int, depth: int) -> tuple[int, int]:
        """How wide and deep the next window should be after one of `width` seconds did not fit on `depth` pages."""
        if self._is_mutable:
            return max(1, min(width // 4, MONTH)), depth
        part = 2 if depth > DEEPEST // 2 else 4  # much was expected, and a little more was there
        return max(1, min(width // part, MONTH)), max(1, depth * 2 // 3)

    def _pages(self, span: Span, deepest: int | None) -> list[Answer] | None:
        return self._shrinking(lambda limit: self._numbered(span, limit, deepest))

    def _numbered(self, span: Span, limit: int, deepest: int | None) -> list[Answer] | None:
        """Read a window by page numbers; where it ends before it should, ask once more."""
        answers: list[Answer] = []
        bounds = self._ask.bounds(span)
        while deepest is None or len(answers) < deepest:
            number = len(answers) + 1
            answer = self._ask.span(self._stream, bounds, number, limit)
            if answer is None and answers:
                answer = self._ask.span(self._stream, bounds, number, limit)
            if answer is None:
                return answers
            if answer.is_lowered:
                raise _Lowered(answer.digest.count)
            if answers and answers[-1].digest.ids == answer.digest.ids:
                raise ContractBroken(f"{self._stream.name}: the page number was ignored")
            answers.append(answer)
            if answer.is_last:
                return answers
        return None

    def _shrinking(self, question: Callable[[int], T]) -> T:
        """Ask with ever smaller pages while amoCRM runs out of time over them, or gives no larger ones."""
        while True:
            try:
                return question(self._limit)
            except _Lowered as lowered:
                self._limit = lowered.limit
            except TooSlow:
                if self._limit <= SMALLEST_PAGE:
                    raise
                self._limit = max(SMALLEST_PAGE, self._limit // 2)


def _closed(ask: Asker, stream: Stream, answers: list[Answer], end: int) -> Iterator[Page]:
    """Yield the pages of a window that was read to its end; the last carries the cursor."""
    if not answers:
        yield ask.nothing(stream, moment(end))
    for number, answer in enumerate(answers, start=1):
        yield answer.page(stream, moment(end) if number == len(answers) else None)


def _meet(before: Answer, after: Answer) -> bool:
    """Whether a page in the order of ids begins with records that stood at the end of the one before it."""
    numbers = [[each for each in answer.digest.ids if isinstance(each, int)] for answer in (before, after)]
    return (
        all(part and part == sorted(part) for part in numbers)
        and numbers[1][0] <= numbers[0][-1] <= numbers[1][-1]
    )


def _ids(answers: list[Answer]) -> set[int | str]:
    return {each for answer in answers for each in answer.digest.ids}
