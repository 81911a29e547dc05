"""Whose turn it is to be written, on a clock that is moved by hand."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from dispatching import AT_ONCE
from exports.book import SheetsBook
from exports.errors import ExportError, FileNotWritten, NotShared, Unreachable
from exports.google import connect
from exports.pace import KEPT
from exports.turns import FIRST_REST, HOUR, Turns
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT, Hand, plan_of

STEP = 0.25  # seconds
LATENCY = 1.5  # seconds from the reading of the figures to their being in the cells


def always(_: str) -> bool:
    return True


def turns_of(hand: Hand, *, refresh_every: float = 15.0) -> Turns:
    return Turns(refresh_every=refresh_every, stamp_every=300.0, clock=hand.clock, chance=lambda: 1.0)


@dataclass
class Day:
    """Books that are written as `Dispatch` writes them, in time that does not pass by itself."""

    hand: Hand
    turns: Turns
    urgency: dict[str, bool]
    may_go: Callable[[str], bool]
    write: Callable[[str, int], object]
    under_way: list[tuple[float, str, int]] = field(default_factory=list)
    shown: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.hand.now

    def pass_by(self, seconds: float, news_every: float | None) -> None:
        end = self.hand.now + seconds
        while self.hand.now < end:
            for done in [each for each in self.under_way if each[0] <= self.hand.now]:
                self.under_way.remove(done)
                at, book, told = done
                self.turns.written(book, told)
                self.shown[book].append((at, told))
            news = int(self.hand.now / news_every) if news_every else 0
            while (name := self._next(news)) is not None:
                self.write(name, news)
                self.under_way.append((self.hand.now + LATENCY, name, news))
            self.hand.now += STEP

    def _next(self, news: int) -> str | None:
        if self.turns.being_written >= AT_ONCE:
            return None
        return self.turns.take(self.urgency, news, self.may_go)

    def delays(self, name: str, news_every: float, *, since: float, until: float) -> list[float]:
        """How long each change of that time took to the cells of this book."""
        found = []
        first = int(self.began / news_every)
        for number in range(first + int(since / news_every), first + int(until / news_every)):
            at = next(at for at, news in self.shown[name] if news >= number)
            found.append(at - number * news_every)
        return found


def a_day(server: GoogleServer, hand: Hand, books: int) -> Day:
    client = connect(server.service_account(ROBOT), server.url, clock=hand.clock, sleep=hand.sleep)
    sheets = {f"книга {n}": server.create_spreadsheet("?", share={ROBOT: "writer"}) for n in range(books)}
    kept = {name: SheetsBook(client, sheet, clock=hand.clock) for name, sheet in sheets.items()}
    urgency = {name: place == 0 for place, name in enumerate(sheets)}
    return Day(
        hand,
        turns_of(hand),
        urgency,
        lambda name: client.has_room(sheets[name], 0 if urgency[name] else KEPT),
        lambda name, news: kept[name].refresh(plan_of(news, rows=1), news, tries=1),
    )


def most_in_a_minute(server: GoogleServer) -> int:
    writes = sorted(seen.at for seen in server.requests if seen.kind == "write")
    return max(sum(start <= each < start + 60 for each in writes) for start in writes)


def test_a_thousand_changes_a_minute_over_ten_books_are_soon_in_all_cells() -> None:
    hand, every = Hand(now=time.time()), 0.06
    with GoogleServer(validate=True, clock=hand.clock, keep_requests=10_000) as server:
        day = a_day(server, hand, books=10)

        day.pass_by(300, every)
        most, refused = most_in_a_minute(server), {seen.status for seen in server.requests} - {200}

    owner, *others = (statistics.median(day.delays(name, every, since=0, until=240)) for name in day.urgency)
    assert (most <= 50, refused) == (True, set())
    assert owner <= 15
    assert max(others) <= 30


def test_more_books_than_the_budget_bears_share_it_and_the_first_does_not_wait() -> None:
    hand, every = Hand(now=time.time()), 0.06
    with GoogleServer(validate=True, clock=hand.clock, keep_requests=10_000) as server:
        day = a_day(server, hand, books=25)

        day.pass_by(200, every)
        most, refused = most_in_a_minute(server), {seen.status for seen in server.requests} - {200}

    owner, *others = (statistics.median(day.delays(name, every, since=60, until=140)) for name in day.urgency)
    assert (most <= 50, refused) == (True, set())
    assert owner <= 15
    assert max(others) < 60
    counts = [len(day.shown[name]) for name in list(day.urgency)[1:]]
    assert max(counts) - min(counts) <= 1, "of the others none is forgotten"


def test_an_hour_without_changes_moves_only_the_stamps() -> None:
    hand = Hand(now=time.time())
    with GoogleServer(validate=True, clock=hand.clock, keep_requests=10_000) as server:
        day = a_day(server, hand, books=2)
        day.pass_by(10, None)
        server.forget_requests()

        day.pass_by(3600, None)
        sent = [seen for seen in server.requests if seen.kind == "write"]

    assert 2 * 11 <= len(sent) <= 2 * 12
    areas = [
        request["updateCells"]["range"]
        for seen in sent
        for request in seen.json["requests"]
        if "updateCells" in request
    ]
    assert {(area["startRowIndex"], area["endRowIndex"]) for area in areas} == {(0, 1)}


def test_the_first_news_after_a_quiet_time_go_at_once_and_those_that_follow_become_one_writing() -> None:
    hand = Hand()
    turns = turns_of(hand)
    assert turns.take({"owner": True}, 1, always) == "owner"
    turns.written("owner", 1)
    hand.now = 100

    assert turns.take({"owner": True}, 2, always) == "owner"
    assert turns.take({"owner": True}, 3, always) is None, "it is being written"
    turns.written("owner", 2)
    hand.now = 114
    assert turns.take({"owner": True}, 4, always) is None
    hand.now = 115
    assert turns.take({"owner": True}, 5, always) == "owner"


def test_a_book_that_rests_tells_the_last_news_afterwards() -> None:
    hand = Hand()
    turns = turns_of(hand)
    turns.take({"workbook": False}, 1, always)
    turns.written("workbook", 1, rest=40)

    hand.now = 39
    assert turns.take({"workbook": False}, 2, always) is None
    hand.now = 40
    assert turns.take({"workbook": False}, 3, always) == "workbook"


def failing(hand: Hand, error: ExportError, hours: float) -> list[float]:
    """When a book that always fails in this way is tried, in so many hours."""
    turns, tried = turns_of(hand), []
    while hand.now < hours * HOUR:
        if turns.take({"alone": True}, 1, always):
            tried.append(hand.now)
            turns.failed("alone", error)
        hand.now += 1
    return tried


def test_what_a_person_has_to_put_right_is_looked_at_every_hour() -> None:
    assert failing(Hand(), NotShared("нет доступа"), 3) == [0, HOUR, 2 * HOUR]


def test_what_passes_by_itself_is_tried_again_soon_and_then_every_minute() -> None:
    tried = failing(Hand(), Unreachable("молчит"), 0.1)

    assert tried[:7] == [0, 2, 6, 14, 30, 62, 122]
    assert len(tried) < 12
    assert failing(Hand(), FileNotWritten("открыт"), 0.1) == tried


@pytest.mark.parametrize("before", [None, Unreachable("молчит")])
def test_a_book_that_is_given_back_is_not_taken_again_in_the_same_breath(before: ExportError | None) -> None:
    hand = Hand()
    turns = turns_of(hand)
    turns.take({"alone": True}, 1, always)
    if before is None:
        turns.written("alone", 1)
    else:
        turns.failed("alone", before)
    hand.now = 300.0
    assert turns.take({"alone": True}, 1, always) == "alone"

    turns.given_back("alone")

    assert turns.take({"alone": True}, 1, always) is None
    hand.now += FIRST_REST
    assert turns.take({"alone": True}, 1, always) == "alone"


def test_a_book_that_cannot_be_written_holds_up_no_other() -> None:
    hand, books = Hand(), {"owner": True, "sales": False}
    turns = turns_of(hand)
    turns.take(books, 1, always)
    turns.failed("owner", NotShared("нет доступа"))

    assert turns.take(books, 1, always) == "sales"
    turns.written("sales", 1)

    assert list(turns.problems) == ["owner"]
    turns.wake("owner")
    assert turns.take(books, 1, always) == "owner"
    turns.written("owner", 1)
    assert not turns.problems
