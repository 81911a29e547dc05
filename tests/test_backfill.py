"""Backfill: a whole past, read by several walkers at once, taken up again after a cut, edited meanwhile."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.amocrm.streams import streams
from connectors.base import Delivery, Page, ServerFailed, SourceError, Stream
from sync import crew
from sync.backfill import backfill
from sync.poll import poll
from warehouse.cursors import Window, complete_until, read_cursor, read_windows
from warehouse.database import Warehouse

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 31, tzinfo=UTC)
PAGE = 10


@dataclass
class Ledger:
    """A source with leads that change in time; it answers pages of ten by value, from any number of threads."""

    stamps: dict[int, datetime]
    asked: int = 0
    before_page: Callable[[int], None] = lambda number: None
    turn: threading.RLock = field(default_factory=threading.RLock)
    streams: Mapping[str, Stream] = field(default_factory=streams)

    def changed(self, stream: str, since: datetime, until: datetime) -> Iterator[Page]:
        start = since
        while start < until:
            with self.turn:
                self.asked += 1
                self.before_page(self.asked)
                found = sorted((at, one) for one, at in self.stamps.items() if start <= at < until)[:PAGE]
            newest = found[-1][0] if found else until
            is_last = len(found) < PAGE
            yield lead_page(found, until if is_last else newest)
            if is_last:
                return
            assert newest > start, "more than a page in one second is no business of this source"
            start = newest
        if start == since:
            yield lead_page([], until)

    def snapshot(self, stream: str) -> Iterator[Page]:
        raise NotImplementedError

    def by_ids(self, stream: str, ids: Sequence[int]) -> Iterator[Page]:
        raise NotImplementedError

    def trashed(self, since: datetime, until: datetime) -> Iterator[Page]:
        raise NotImplementedError

    def trashed_among(self, ids: Sequence[int]) -> Iterator[Page]:
        raise NotImplementedError

    def understand(self, body: bytes) -> Delivery:
        raise NotImplementedError


def lead_page(found: Sequence[tuple[datetime, int]], cursor: datetime) -> Page:
    items = [{"id": one, "updated_at": int(at.timestamp()), "name": f"{one}"} for at, one in found]
    body = json.dumps({"_embedded": {"leads": items}}).encode()
    return Page("leads", "leads", body, tuple(one for _, one in found), datetime.now(UTC), cursor)


def evenly(count: int, since: datetime = START, until: datetime = END) -> dict[int, datetime]:
    step = (until - since) / count
    return {number: (since + step * number).replace(microsecond=0) for number in range(count)}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "vitrina.duckdb")


def load(source: Ledger, warehouse: Warehouse, *, walkers: int = 3, **more: Any) -> int:
    wanted: dict[str, Any] = {"since": START, "until": END, "is_first": True, "is_whole": True, **more}
    return backfill("leads", source, warehouse, walkers=walkers, **wanted)


def kept(warehouse: Warehouse) -> dict[int, datetime]:
    with warehouse.transaction("test") as tx:
        found = tx.execute("select id, version from raw.records where stream = 'leads'")
    return {one: version.replace(tzinfo=UTC) for one, version in found}


def cut_at(page: int, error: BaseException) -> Callable[[int], None]:
    def before(number: int) -> None:
        if number >= page:
            raise error

    return before


@pytest.mark.parametrize("walkers", [1, 3, 8])
def test_everything_is_handed_over_and_the_stream_is_complete(warehouse: Warehouse, walkers: int) -> None:
    source = Ledger(evenly(500))

    assert load(source, warehouse, walkers=walkers) == 500

    assert kept(warehouse) == source.stamps
    with warehouse.transaction("test") as tx:
        assert complete_until(tx, ("leads",)) == END
        assert read_windows(tx, "leads") == []


def test_what_is_dated_before_the_beginning_is_read_too(warehouse: Warehouse) -> None:
    source = Ledger({1: START - timedelta(days=900), 2: START, 3: END - timedelta(seconds=1)})

    load(source, warehouse)

    assert kept(warehouse) == source.stamps


def test_the_newest_of_the_past_is_read_first(warehouse: Warehouse) -> None:
    """What was changed in bulk at the end cannot be shared: begun last, it would keep one walker for long."""
    source = Ledger(evenly(500))
    newest = [one for one, at in source.stamps.items() if at >= END - (END - START) * 0.02]

    source.before_page = cut_at(2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        load(source, warehouse, walkers=1)

    assert sorted(kept(warehouse)) == newest


def test_a_dense_month_is_shared_by_all_walkers(warehouse: Warehouse) -> None:
    day = timedelta(days=1)
    source = Ledger(evenly(600, END - day, END))
    asked: Counter[str] = Counter()

    def note_walker(number: int) -> None:
        asked[threading.current_thread().name] += 1
        threading.Event().wait(0.03)

    source.before_page = note_walker

    load(source, warehouse, walkers=4)

    assert kept(warehouse) == source.stamps
    assert max(asked.values()) < 0.4 * asked.total()


@pytest.mark.parametrize("page", [1, 2, 7, 20, 40])
def test_a_backfill_cut_off_goes_on_where_it_was(warehouse: Warehouse, page: int) -> None:
    source = Ledger(evenly(500), before_page=cut_at(page, KeyboardInterrupt("power cut")))
    with pytest.raises(KeyboardInterrupt):
        load(source, warehouse)
    with warehouse.transaction("test") as tx:
        assert read_cursor(tx, "leads") is None
    asked_before, source.before_page = source.asked, lambda number: None

    load(source, warehouse)

    assert kept(warehouse) == source.stamps
    whole = Ledger(evenly(500))
    load(whole, Warehouse(warehouse.path.with_name("other.duckdb")))
    if page >= 20:
        assert source.asked - asked_before < whole.asked


def test_walkers_that_do_not_come_back_hold_up_an_error_once_for_all(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "LONGEST_STOP", 1.0)
    answered = threading.Event()

    def before(number: int) -> None:
        if number == 1:
            raise ServerFailed("502")
        answered.wait(20)

    began = time.monotonic()
    try:
        with pytest.raises(ServerFailed):
            load(Ledger(evenly(500), before_page=before), warehouse, walkers=8)
        assert time.monotonic() - began < 6.0
    finally:
        answered.set()


def test_edits_made_while_a_cut_backfill_rests_are_not_lost(warehouse: Warehouse) -> None:
    source = Ledger(evenly(300), before_page=cut_at(15, ServerFailed("502")))
    with pytest.raises(ServerFailed):
        load(source, warehouse)
    source.before_page = lambda number: None
    a_week_later = END + timedelta(days=7)
    for lead in (0, 7, 150, 299):
        source.stamps[lead] = END + timedelta(days=2, seconds=lead)
    source.stamps[301] = END + timedelta(days=3)

    load(source, warehouse, until=a_week_later)
    poll("leads", source, warehouse, until=a_week_later, overlap=timedelta(minutes=10))

    assert kept(warehouse) == source.stamps


def test_edits_made_while_we_read_are_not_lost(warehouse: Warehouse) -> None:
    source = Ledger(evenly(300))

    def edit(number: int) -> None:
        if number % 3 == 0:
            source.stamps[number * 7 % 300] = END + timedelta(seconds=number)

    source.before_page = edit
    load(source, warehouse)
    poll("leads", source, warehouse, until=END + timedelta(days=1), overlap=timedelta(minutes=10))

    assert kept(warehouse) == source.stamps


@pytest.mark.parametrize("page", [2, 20])
def test_a_part_read_again_and_cut_off_does_not_shrink_the_next_wish(warehouse: Warehouse, page: int) -> None:
    source = Ledger(evenly(300))
    load(source, warehouse)
    source.stamps |= {lead: at + timedelta(seconds=1) for lead, at in source.stamps.items()}
    source.asked, source.before_page = 0, cut_at(page, ServerFailed("502"))
    with pytest.raises(ServerFailed):
        load(source, warehouse, since=END - timedelta(days=20), is_first=False, is_whole=False)
    source.before_page = lambda number: None

    load(source, warehouse, is_first=False)

    assert kept(warehouse) == source.stamps


def test_what_was_wanted_since_a_day_is_all_that_is_asked_for(warehouse: Warehouse) -> None:
    source = Ledger(evenly(300))

    load(source, warehouse, since=END - timedelta(days=1), is_first=False, is_whole=False)

    assert set(kept(warehouse)) == {
        lead for lead, at in source.stamps.items() if at >= END - timedelta(days=1)
    }


def test_an_error_of_one_walker_ends_all_and_comes_out(warehouse: Warehouse) -> None:
    source = Ledger(evenly(500), before_page=cut_at(9, ServerFailed("502 of one walker")))

    with pytest.raises(SourceError, match="502 of one walker"):
        load(source, warehouse, walkers=4)

    asked = source.asked
    threading.Event().wait(0.3)
    assert source.asked == asked, "a walker went on asking"
    assert len(kept(warehouse)) <= 90


def test_progress_grows_to_one_and_says_one_only_at_the_end(warehouse: Warehouse) -> None:
    told: list[tuple[int, float]] = []

    load(Ledger(evenly(900)), warehouse, report=lambda records, share: told.append((records, share)))

    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] < 0.3
    assert shares[-1] == 1.0
    assert all(share < 1.0 for share in shares[:-1])


def test_a_second_full_reading_changes_nothing(warehouse: Warehouse) -> None:
    source = Ledger(evenly(120))
    load(source, warehouse)

    assert load(source, warehouse) == 0


def test_what_is_dated_before_the_beginning_is_looked_for_without_a_question_more(
    warehouse: Warehouse,
) -> None:
    source, young = Ledger(evenly(500)), Ledger(evenly(500))

    load(source, warehouse, walkers=1)
    load(young, Warehouse(warehouse.path.with_name("young.duckdb")), walkers=1, is_whole=False)

    assert source.asked == young.asked


def test_a_past_from_before_the_beginning_is_shared_too(warehouse: Warehouse) -> None:
    """Nothing tells how long there was nothing before the first record: the density is told by what follows it."""
    asked: Counter[str] = Counter()
    source = Ledger(evenly(400, START - timedelta(days=400), START - timedelta(days=300)))

    def note_walker(number: int) -> None:
        asked[threading.current_thread().name] += 1
        threading.Event().wait(0.03)

    source.before_page = note_walker
    load(source, warehouse, walkers=4)

    assert kept(warehouse) == source.stamps
    assert max(asked.values()) < 0.4 * asked.total()


def test_a_batch_is_no_larger_than_what_one_statement_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Ledger(evenly(300))
    page = len(next(source.changed("leads", START, END)).body)
    monkeypatch.setattr(crew, "BYTES_AT_ONCE", int(3.9 * page))

    crew_of_three = crew.Crew("leads", source, [Window(START, END)], 3, START)
    batches = [[len(page.body) for _, page in batch] for batch in crew_of_three.batches()]

    assert max(map(sum, batches)) <= 3.9 * page
    assert max(map(len, batches)) > 1
