"""Lists without filters: nobody is lost, whatever moves between two pages, and nothing is asked for ever."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.amocrm import unfiltered
from connectors.amocrm.asking import moment
from connectors.amocrm.streams import streams
from connectors.base import ContractBroken, TooSlow
from tests.fakes_amocrm import FakeList, asker, ids

START = 1_767_225_600
LEADS = replace(streams()["leads"], page_size=30)
UNTIL = START + 10_000


def spread(count: int, step: int = 1) -> dict[int, int]:
    """Records 1…count, changed `step` seconds after one another."""
    return {number: START + number * step for number in range(1, count + 1)}


def everything(fake: FakeList, **resumed: int) -> list[int | str]:
    return ids(unfiltered.everything(asker(fake), LEADS, **resumed))


def newest_first(fake: FakeList, since: int = START) -> list[int | str]:
    return ids(unfiltered.newest_first(asker(fake), LEADS, since, UNTIL))


BOTH = pytest.mark.parametrize("read", [everything, newest_first])
Read = Callable[[FakeList], list[int | str]]


@BOTH
@pytest.mark.parametrize("count", [0, 1, 29, 30, 31, 60, 500])
@pytest.mark.parametrize("next_after_full_page", [True, False])
def test_a_quiet_list_comes_whole(read: Read, count: int, *, next_after_full_page: bool) -> None:
    fake = FakeList(spread(count), next_after_full_page=next_after_full_page, filters=False)

    assert set(read(fake)) == set(fake.rows)
    assert len(fake.asked) <= 2 + count // 20


MOVES = st.lists(
    st.tuples(st.sampled_from(["delete", "edit", "date back", "add"]), st.integers(1, 200)), max_size=40
)


@BOTH
@settings(max_examples=150, deadline=None)
@given(count=st.integers(0, 150), moves=st.lists(MOVES, max_size=12), crowd=st.integers(1, 40))
def test_who_stays_and_is_not_touched_comes(
    read: Read, count: int, moves: list[list[tuple[str, int]]], crowd: int
) -> None:
    """Between any two questions people delete, edit, date back and add; `crowd` records share a second."""
    rows = {number: START + 100 + number // crowd for number in range(1, count + 1)}
    fake = FakeList(rows, filters=False)
    touched: set[int] = set()

    def move(question: int) -> None:
        for what, number in moves[question - 1] if question <= len(moves) else []:
            touched.add(number if what != "add" else 1_000 + question)
            if what == "add":
                rows[1_000 + question] = UNTIL + question
            elif number in rows and what == "delete":
                del rows[number]
            elif number in rows:
                rows[number] = UNTIL + question if what == "edit" else START + 1

    fake.after = move
    came = set(read(fake))

    if crowd <= 8 or read is everything:
        assert set(rows) - touched <= came


@BOTH
def test_a_burial_of_hundreds_amid_the_reading_hides_nobody(read: Read) -> None:
    rows = spread(900)
    fake = FakeList(rows, filters=False)
    gone = range(1, 400) if read is everything else range(900, 500, -1)

    def bury(question: int) -> None:
        for number in gone if question == 16 else ():
            rows.pop(number, None)

    fake.after = bury

    assert set(read(fake)) >= set(rows)


@BOTH
def test_an_order_of_one_second_that_changes_with_every_question_is_read_until_it_is_quiet(
    read: Read,
) -> None:
    fake = FakeList({**spread(40), **dict.fromkeys(range(100, 200), START + 20)}, filters=False)

    assert set(read(fake)) == set(fake.rows)


@BOTH
@pytest.mark.parametrize("empty_at", [[1], [2], [3, 4], [5]])
def test_an_empty_answer_amid_the_list_is_not_its_end(read: Read, empty_at: list[int]) -> None:
    fake = FakeList(spread(200), filters=False, empty_at=empty_at)

    assert set(read(fake)) == set(fake.rows)


@BOTH
def test_pages_that_come_smaller_than_asked_for_leave_no_gaps(read: Read) -> None:
    stream = replace(LEADS, page_size=250)
    fake = FakeList(spread(700), filters=False, largest=50)
    walk = unfiltered.everything(asker(fake), stream)
    if read is newest_first:
        walk = unfiltered.newest_first(asker(fake), stream, START, UNTIL)

    assert set(ids(walk)) == set(fake.rows)
    assert len(fake.asked) < 20


@BOTH
def test_pages_too_big_to_be_answered_shrink(read: Read) -> None:
    def too_slow(asked: dict[str, str]) -> None:
        if int(asked["limit"]) > 26:
            raise TooSlow("504")

    fake = FakeList(spread(200), filters=False, refuse=too_slow)

    assert set(read(fake)) == set(fake.rows)


@BOTH
def test_an_account_that_cannot_answer_the_smallest_page_is_given_up(read: Read) -> None:
    def too_slow(asked: dict[str, str]) -> None:
        raise TooSlow("504")

    fake = FakeList(spread(200), refuse=too_slow)

    with pytest.raises(TooSlow):
        read(fake)
    assert len(fake.asked) == 2


@BOTH
def test_an_ignored_order_stops_the_walk(read: Read) -> None:
    mixed = {number: START + number % 7 for number in (5, 3, 9, 4, 8)}

    with pytest.raises(ContractBroken, match="order"):
        read(FakeList(mixed, orders=False))


@BOTH
def test_a_list_that_always_ends_too_early_is_given_up(read: Read) -> None:
    """As if pages below some depth were never answered, though every page announces a next one."""
    fake = FakeList(spread(300), filters=False)
    fake.depth = 100

    with pytest.raises(ContractBroken, match="beyond"):
        read(fake)
    assert len(fake.asked) < 120


def test_only_what_changed_is_read() -> None:
    fake = FakeList(spread(3_000), filters=False)

    pages = list(unfiltered.newest_first(asker(fake), LEADS, START + 2_950, UNTIL))

    assert set(ids(pages)) >= set(range(2_950, 3_001))
    assert len(fake.asked) == 2
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)
    assert pages[-1].cursor == moment(UNTIL)


def test_a_quiet_poll_costs_one_question() -> None:
    fake = FakeList(spread(3_000), filters=False)

    newest_first(fake, since=UNTIL)

    assert len(fake.asked) == 1


@pytest.mark.parametrize("place", [0, 100, 480, 500, 620, 10_000])
def test_a_reading_that_was_cut_off_goes_on_wherever_it_is_looked_for(place: int) -> None:
    """Some of what had come was deleted since, so its count says only roughly where to look."""
    rows = {number: at for number, at in spread(1_000).items() if number % 25}
    fake = FakeList(rows, filters=False)

    came = everything(fake, after=500, place=place)

    assert set(came) >= {number for number in rows if number > 500}
    assert place == 0 or len(came) < 600


def test_objects_wanted_are_met_among_the_latest_or_asked_for_one_by_one() -> None:
    fake = FakeList(spread(500), filters=False)
    wanted = [*range(470, 501), 3, 999]

    came = ids(unfiltered.by_ids(asker(fake), LEADS, wanted))

    assert set(came) >= {*range(470, 501), 3}
    assert 999 not in came
    assert len(fake.asked) == 33 // unfiltered.WORTH_A_PAGE + 3  # who is not there is asked for twice


def test_another_object_than_was_asked_for_is_a_broken_contract() -> None:
    fake = FakeList({7: START})
    asking = asker(fake)
    fake._one = lambda identity: b'{"id":8}'  # type: ignore[method-assign]

    with pytest.raises(ContractBroken, match="another"):
        list(unfiltered.by_ids(asking, LEADS, [7]))
