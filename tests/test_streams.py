"""The walks: what must be handed over whatever people do while a list is read.

Covered: completeness under concurrent edits, whatever the bounds of amoCRM's ranges include; crowded seconds;
cursors that never promise more than was handed over; empty answers that are not true; filters, orders and
page numbers that are ignored; pages that are too big to be answered in time.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.amocrm import walks
from connectors.amocrm.asking import Asker, moment
from connectors.amocrm.streams import EVENT_TYPES, streams
from connectors.base import ContractBroken, Digest, Page, Stream, TooSlow
from tests.fakes_amocrm import FakeList, asker, ids

START = 1_767_225_600
HOUR = 3_600
STREAMS = streams([610_001])
LEADS = replace(STREAMS["leads"], page_size=3)
TASKS = replace(STREAMS["tasks"], page_size=3)
EVENTS = replace(STREAMS["events"], page_size=3)

Walk = Callable[[Asker, Stream, int, int], Iterator[Page]]
WALKS = [(walks.by_value, LEADS), (walks.windows, TASKS)]
BOTH = pytest.mark.parametrize(("walk", "stream"), WALKS, ids=["by_value", "windows"])


SHRUNK = (("events", "created_at"), ("tasks", "updated_at"), ("users", "updated_at"))


def spread(count: int, step: int = 1) -> dict[int, int]:
    """Records 1…count, changed `step` seconds after one another."""
    return {number: START + number * step for number in range(1, count + 1)}


@BOTH
@pytest.mark.parametrize("from_inclusive", [True, False])
@pytest.mark.parametrize("to_inclusive", [True, False])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 20])
def test_every_record_of_a_stretch_comes_whatever_its_bounds_include(
    walk: Walk, stream: Stream, count: int, *, from_inclusive: bool, to_inclusive: bool
) -> None:
    rows = spread(count)
    fake = FakeList(rows, stream.collection, from_inclusive=from_inclusive, to_inclusive=to_inclusive)
    since, until = START + 3, START + 17

    seen = ids(walk(asker(fake), stream, since, until))

    assert set(seen) >= {number for number, at in rows.items() if since <= at < until}
    assert set(seen) <= {number for number, at in rows.items() if since - 1 <= at <= until}


@BOTH
def test_a_walk_ends_with_the_cursor_at_its_end(walk: Walk, stream: Stream) -> None:
    for rows in ({}, spread(7), {7: START + 5}):
        pages = list(walk(asker(FakeList(rows, stream.collection)), stream, START, START + HOUR))

        assert pages[-1].cursor == moment(START + HOUR)


@BOTH
def test_stretches_that_meet_leave_nothing_between_them(walk: Walk, stream: Stream) -> None:
    rows = spread(40)
    fake = FakeList(rows, stream.collection, from_inclusive=False, to_inclusive=False)
    cuts = [START, START + 7, START + 8, START + 30, START + 50]

    seen = {each for cut in pairwise(cuts) for each in ids(walk(asker(fake), stream, *cut))}

    assert seen == set(rows)


@BOTH
@pytest.mark.parametrize("count", [3, 4, 9, 10])
def test_a_second_with_more_records_than_a_page_comes_whole(walk: Walk, stream: Stream, count: int) -> None:
    rows = {**spread(5), **dict.fromkeys(range(100, 100 + count), START + 30), 200: START + 40}

    seen = ids(walk(asker(FakeList(rows, stream.collection)), stream, START, START + HOUR))

    assert set(seen) == set(rows)


@pytest.mark.parametrize("edit_at", [None, 1, 2, 3])
def test_a_crowded_second_is_read_once_unless_somebody_moved_it(edit_at: int | None) -> None:
    crowd = dict.fromkeys(range(100, 120), START + 30)
    fake = FakeList({**spread(5), **crowd, 200: START + 40})

    def edit(question: int) -> None:
        if edit_at is not None and "order[id]" in fake.asked[-1] and fake.asked[-1]["page"] == str(edit_at):
            fake.rows[101] = START + 2 * HOUR

    fake.after = edit
    seen = ids(walks.by_value(asker(fake), replace(LEADS, page_size=10), START, START + HOUR))

    assert set(seen) >= {*fake.rows} - {101}
    by_id = [asked["page"] for asked in fake.asked if "order[id]" in asked]
    assert (by_id == ["1", "2", "3"]) == (edit_at != 1)  # later ones overlap by more than was taken out


@settings(max_examples=200, deadline=None)
@given(
    walk_and_stream=st.sampled_from(WALKS),
    stamps=st.lists(st.integers(0, 25) | st.just(7), min_size=1, max_size=40),
    edits=st.lists(st.lists(st.integers(1, 40), max_size=3), max_size=60),
    bounds=st.tuples(st.booleans(), st.booleans()),
    next_after_full_page=st.booleans(),
    page_size=st.sampled_from([3, 4, 8]),
)
def test_nothing_is_lost_to_edits_made_while_the_list_is_read(
    walk_and_stream: tuple[Walk, Stream],
    stamps: list[int],
    edits: list[list[int]],
    bounds: tuple[bool, bool],
    *,
    next_after_full_page: bool,
    page_size: int,
) -> None:
    """Between any two questions people edit records; who is not edited must come, and no cursor may lie."""
    walk, stream = walk_and_stream[0], replace(walk_and_stream[1], page_size=page_size)
    rows = {number: START + at for number, at in enumerate(stamps, start=1)}
    until = START + 30
    edited: set[int] = set()

    def edit(question: int) -> None:
        for number in edits[question] if question < len(edits) else []:
            if number in rows:
                rows[number] = until + 100 + question
                edited.add(number)

    fake = FakeList(
        rows,
        stream.collection,
        from_inclusive=bounds[0],
        to_inclusive=bounds[1],
        next_after_full_page=next_after_full_page,
        after=edit,
    )
    seen: set[int | str] = set()

    for page in walk(asker(fake), stream, START, until):
        seen.update(page.ids)
        if page.cursor is not None:
            older = {number for number, at in rows.items() if moment(at) < page.cursor}
            assert older - edited <= seen

    assert set(rows) - edited <= seen


def test_an_event_that_shows_up_late_only_repeats_others() -> None:
    rows = spread(12)
    fake = FakeList(rows, "events", "created_at")
    fake.after = lambda question: rows.update({50 + question: START + 1}) if question < 3 else None

    assert set(ids(walks.windows(asker(fake), EVENTS, START, START + HOUR))) >= set(range(1, 13))


@BOTH
@pytest.mark.parametrize("empty_at", [2, 3])
def test_an_empty_answer_amid_a_walk_loses_nothing(walk: Walk, stream: Stream, empty_at: int) -> None:
    rows = spread(12)
    fake = FakeList(rows, stream.collection, empty_at=[empty_at])

    assert set(ids(walk(asker(fake), stream, START, START + HOUR))) == set(rows)


@BOTH
def test_an_empty_answer_to_a_long_stretch_is_not_believed_at_once(walk: Walk, stream: Stream) -> None:
    rows = spread(2)
    fake = FakeList(rows, stream.collection, empty_at=[1])

    assert set(ids(walk(asker(fake), stream, START, START + 2 * HOUR))) == set(rows)


@BOTH
def test_a_quiet_poll_costs_one_question(walk: Walk, stream: Stream) -> None:
    fake = FakeList({}, stream.collection)

    list(walk(asker(fake), stream, START, START + 600))

    assert len(fake.asked) == 1


@BOTH
def test_an_ignored_filter_stops_the_walk(walk: Walk, stream: Stream) -> None:
    fake = FakeList(spread(9), stream.collection, filters=False)

    with pytest.raises(ContractBroken, match="filter"):
        list(walk(asker(fake), stream, START + 5, START + 8))


def test_an_ignored_order_stops_the_walk() -> None:
    newest_first = dict(reversed(spread(9).items()))

    with pytest.raises(ContractBroken, match="order"):
        list(walks.by_value(asker(FakeList(newest_first, orders=False)), LEADS, START, START + HOUR))


def test_ignored_page_numbers_stop_the_walk() -> None:
    fake = FakeList(spread(9), "tasks", pages=False)

    with pytest.raises(ContractBroken, match="page number"):
        list(walks.windows(asker(fake), TASKS, START, START + HOUR))


def test_a_record_edited_between_search_and_answer_is_asked_for_again() -> None:
    """Such a record carries a stamp beyond the filter that found it; that is no broken contract."""
    rows = spread(2)
    fake = FakeList(rows, filters=False)
    rows[2] = START + 10 * HOUR
    fake.after = lambda question: setattr(fake, "filters", True)

    assert ids(walks.by_value(asker(fake), LEADS, START, START + HOUR)) == [1]


def test_walking_by_value_hands_over_oldest_first() -> None:
    rows = {number: START + (number * 7919) % 500 for number in range(1, 60)}

    pages = list(walks.by_value(asker(FakeList(rows)), LEADS, START, START + HOUR))

    newest = [max(rows[int(each)] for each in page.ids) for page in pages if page.ids]
    assert newest == sorted(newest)


@BOTH
def test_pages_shrink_until_they_can_be_answered_in_time(walk: Walk, stream: Stream) -> None:
    def too_slow(asked: dict[str, str]) -> None:
        if int(asked["limit"]) > 40:
            raise TooSlow("504")

    rows = spread(150)
    fake = FakeList(rows, stream.collection, refuse=too_slow)

    seen = ids(walk(asker(fake), replace(stream, page_size=250), START, START + HOUR))

    assert set(seen) == set(rows)


@BOTH
def test_an_account_that_cannot_answer_the_smallest_page_is_given_up(walk: Walk, stream: Stream) -> None:
    def too_slow(asked: dict[str, str]) -> None:
        raise TooSlow("504")

    fake = FakeList(spread(9), stream.collection, refuse=too_slow)

    with pytest.raises(TooSlow):
        list(walk(asker(fake), replace(stream, page_size=250), START, START + HOUR))
    assert [asked["limit"] for asked in fake.asked] == ["250", "125", "62", "31", "25"]


def test_months_of_events_need_hardly_more_questions_than_pages() -> None:
    """The windows follow the density: neither many empty ones nor many pages read in vain."""
    dense = {number: START + number * 40 for number in range(1, 10_000)}
    sparse = {10_000 + number: START + 1_000_000 + number * 9_000 for number in range(500)}
    fake = FakeList({**dense, **sparse}, "events", "created_at")
    until = START + 6_000_000

    seen = ids(walks.windows(asker(fake), STREAMS["events"], START, until))

    assert set(seen) == {*dense, *sparse}
    assert len(fake.asked) < 1.3 * len(fake.rows) / 100


def test_a_flood_amid_quiet_is_found_without_many_questions_in_vain() -> None:
    """Nothing for ten minutes, then a hundred and more a second: no page of the flood is read to be thrown away."""
    flood = {number: START + 600 + number // 166 for number in range(1, 10_000)}
    fake = FakeList(flood, "events", "created_at")

    seen = ids(walks.windows(asker(fake), STREAMS["events"], START, START + 660))

    assert set(seen) == set(flood)
    assert len(fake.asked) < 2 * len(flood) / 100  # of the seconds at either end of a window most come twice


def test_a_window_too_deep_to_be_read_by_number_is_cut() -> None:
    rows = dict.fromkeys(range(1, 400), START + 100) | {
        number: START + number * 60 for number in range(400, 500)
    }
    fake = FakeList(rows, "events", "created_at")

    assert set(ids(walks.windows(asker(fake), EVENTS, START, START + 24 * HOUR))) == set(rows)


@pytest.mark.parametrize("count", [0, 1, 250, 251, 600])
def test_a_snapshot_has_every_page_of_its_collection(count: int) -> None:
    fake = FakeList(spread(count), "custom_fields")

    pages = list(walks.snapshot(asker(fake), STREAMS["lead_fields"]))

    assert ids(pages) == list(range(1, count + 1))


def test_a_snapshot_of_a_list_without_pages_ends() -> None:
    fake = FakeList(spread(250), "pipelines", pages=False)

    assert len(ids(walks.snapshot(asker(fake), STREAMS["pipelines"]))) == 250


def test_a_snapshot_survives_an_empty_answer_amid_it() -> None:
    fake = FakeList(spread(600), "users", empty_at=[2])

    assert len(set(ids(walks.snapshot(asker(fake), STREAMS["users"])))) == 600


@pytest.mark.parametrize("lowered_at", range(1, 12))
def test_a_page_that_came_smaller_than_asked_for_hides_nothing(lowered_at: int) -> None:
    """Its number counts pages of its own size, so what stands between it and the next would be skipped."""
    rows = spread(90)
    fakes = [FakeList(rows, kind, stamp, lowered_at=[lowered_at]) for kind, stamp in SHRUNK]
    events, tasks, users = (asker(fake) for fake in fakes)
    until = START + HOUR

    assert set(ids(walks.windows(events, replace(EVENTS, page_size=10), START, until))) == set(rows)
    assert set(ids(walks.windows(tasks, replace(TASKS, page_size=10), START, until))) == set(rows)
    assert set(ids(walks.snapshot(users, replace(STREAMS["users"], page_size=10)))) == set(rows)


def test_a_list_whose_pages_are_always_smaller_than_asked_for_comes_whole() -> None:
    fake = FakeList(spread(600), "users", largest=50)

    assert set(ids(walks.snapshot(asker(fake), STREAMS["users"]))) == set(fake.rows)
    assert len(fake.asked) == 1 + 600 // 50 + 2  # the empty end is asked for twice


@BOTH
def test_a_page_cut_off_on_its_way_is_asked_for_once_more(walk: Walk, stream: Stream) -> None:
    fake = FakeList(spread(2), stream.collection, cut_at=[1])

    assert ids(walk(asker(fake), stream, START, START + 600)) == [1, 2]


def test_an_answer_that_is_something_else_is_not_taken_for_an_empty_list() -> None:
    def not_a_page(body: bytes, collection: str, stamp: str) -> Digest:
        return Digest((), None, None, has_next=False)

    ask = Asker(lambda path, params: b'{"title":"Maintenance"}', not_a_page, lambda: moment(START))

    with pytest.raises(ContractBroken, match="no leads"):
        list(walks.by_value(ask, LEADS, START, START + HOUR))


def test_the_types_of_events_are_asked_for_and_a_tracked_field_only_by_itself() -> None:
    def types(name: str) -> list[str]:
        return [value for key, value in STREAMS[name].params if key == "filter[type][]"]

    assert types("events") == list(EVENT_TYPES)
    assert types("events_field_610001") == ["custom_field_610001_value_changed"]


def test_leads_come_with_all_that_hangs_on_them() -> None:
    assert dict(STREAMS["leads"].params)["with"] == "contacts,loss_reason,catalog_elements,source"
