"""Whose turn it is: which book is written next, and how long one that cannot be written is left alone."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exports.errors import ExportError

HOUR = 3600.0  # seconds until a book that waits for a person is tried again
FIRST_REST, LONGEST_REST = 2.0, 60.0
"""Seconds without an attempt after one that failed by itself: at most so long, and twice as long each time."""

NEVER = float("-inf")


@dataclass(slots=True)
class _Book:
    """One book: what it tells since when, and when it was last tried."""

    name: str
    shows: object = None
    tried_at: float = NEVER
    shown_at: float = NEVER
    rest_until: float = NEVER
    failures: int = 0
    problem: ExportError | None = None
    is_being_written: bool = False


class Turns:
    """The order in which books are written; for one thread at a time.

    What is urgent goes before all else; of the others goes the one that waits longest. News that come while a book
    rests or is being written become one writing. A book that cannot be written holds up no other: after what passes
    by itself it rests for a while, longer each time; after what a person has to put right, for an hour.
    """

    def __init__(
        self,
        *,
        refresh_every: float,
        stamp_every: float,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._books: dict[str, _Book] = {}
        self._refresh_every = refresh_every
        self._stamp_every = stamp_every
        self._clock = clock
        self._chance = chance

    def take(self, urgency: Mapping[str, bool], news: object, may_go: Callable[[str], bool]) -> str | None:
        """Of these books the one to write now, `news` being what there is to tell; None: none.

        `urgency`: of every book, whether it is urgent; `may_go`: whether it could be sent at once.
        """
        now = self._clock()
        due = [book for book in map(self._book, urgency) if self._is_due(book, news, now)]
        for book in sorted(due, key=lambda book: (not urgency[book.name], book.tried_at)):
            if may_go(book.name):
                book.is_being_written, book.tried_at = True, now
                return book.name
        return None

    def written(self, name: str, news: object, rest: float = 0.0) -> None:
        """The book tells `news`; it is left alone for `rest` seconds."""
        book = self._book(name)
        book.is_being_written, book.shows, book.shown_at = False, news, self._clock()
        book.failures, book.problem, book.rest_until = 0, None, self._clock() + rest

    def failed(self, name: str, error: ExportError) -> None:
        book = self._book(name)
        book.is_being_written, book.problem = False, error
        longest = min(FIRST_REST * 2**book.failures, LONGEST_REST)
        rest = HOUR if error.needs_people else longest * (0.5 + self._chance() / 2)
        book.rest_until = self._clock() + rest
        book.failures += longest < LONGEST_REST

    def given_back(self, name: str) -> None:
        """The book was not tried after all; its turn comes again a little later."""
        book = self._book(name)
        book.is_being_written, book.rest_until = False, self._clock() + FIRST_REST

    def wake(self, name: str) -> None:
        """Somebody else has written to this book, or tried to: see at once how it stands."""
        self._book(name).rest_until, self._book(name).shows = NEVER, None

    @property
    def being_written(self) -> int:
        return sum(book.is_being_written for book in self._books.values())

    @property
    def problems(self) -> Mapping[str, ExportError]:
        """Why books are not written, by name."""
        return {book.name: book.problem for book in self._books.values() if book.problem is not None}

    def _book(self, name: str) -> _Book:
        return self._books.setdefault(name, _Book(name))

    def _is_due(self, book: _Book, news: object, now: float) -> bool:
        if book.is_being_written or now < book.rest_until:
            return False
        if book.problem is not None:
            return True
        if book.shows == news:
            return now - book.shown_at >= self._stamp_every
        return now - book.tried_at >= self._refresh_every
