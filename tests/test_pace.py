"""The pace: never too many starts in any one second, for nobody too late, in the order of asking."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.amocrm.pace import (
    APART,
    AT_ONCE,
    FIRST_PAUSE,
    LATEST,
    LONGEST_PAUSE,
    LONGEST_TOLD,
    MARGIN,
    RECENT,
    SOON,
    UNSURE,
    WARY,
    WARY_FOR,
    Pace,
)
from connectors.amocrm.patience import Patience, Stopped
from connectors.base import RateLimited
from tests.fakes_amocrm import FakeClock, start


def most_in_one_second(starts: list[float]) -> int:
    """The largest number of starts in any second, whatever moment that second begins at."""
    return max(sum(first <= start < first + 1.0 for start in starts) for first in starts)


@settings(max_examples=200, deadline=None)
@given(
    per_second=st.integers(1, 8),
    gaps=st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=60),
    pauses=st.dictionaries(st.integers(0, 59), st.floats(0, 5)),
)
def test_no_second_holds_more_starts_than_allowed(
    per_second: int, gaps: list[float], pauses: dict[int, float]
) -> None:
    clock = FakeClock()
    pace = Pace(per_second, clock=clock, sleep=clock.sleep)
    starts = []

    for number, gap in enumerate(gaps):
        clock.now += gap
        if number in pauses:
            pace.pause(pauses[number])
        starts.append(start(pace))

    assert most_in_one_second(starts) <= per_second


def test_many_threads_keep_the_pace_together() -> None:
    """Time passes only while nobody is under way: every answer comes at once."""
    clock = FakeClock()

    def sleep(seconds: float) -> None:
        while pace._book.under_way:
            threading.Event().wait(0.0001)
        clock.sleep(seconds)

    pace = Pace(7, clock=clock, sleep=sleep)

    with ThreadPoolExecutor(16) as threads:
        starts = sorted(threads.map(lambda _: start(pace), range(280)))

    assert most_in_one_second(starts) == 7
    assert starts[-1] - starts[0] == pytest.approx(39 * (1 + MARGIN) + 6 * APART / 7)


def test_the_allowed_pace_is_reached() -> None:
    clock = FakeClock()
    pace = Pace(7, clock=clock, sleep=clock.sleep)

    starts = [start(pace) for _ in range(700)]

    assert 700 / (starts[-1] - starts[0]) > 0.98 * 7


def test_a_request_that_arrived_late_is_counted_from_its_arrival() -> None:
    clock = FakeClock()
    pace = Pace(2, clock=clock, sleep=clock.sleep)
    with pace.turn():
        second = start(pace)
        clock.now += 0.4
    landed = clock.now

    assert start(pace) == pytest.approx(second + 1 + MARGIN)
    assert start(pace) == pytest.approx(landed + 1 + MARGIN)


def test_a_request_that_arrives_when_it_counts_no_more_changes_nothing() -> None:
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)
    with pace.turn():
        clock.now += LATEST + 1 + MARGIN
        second = start(pace)

    assert start(pace) == pytest.approx(second + 1 + MARGIN)


def test_nobody_sleeps_where_there_is_room() -> None:
    clock = FakeClock()
    pace = Pace(3, clock=clock, sleep=clock.sleep)

    for _ in range(3):
        start(pace)

    assert clock.slept == []


def test_threads_start_in_the_order_of_asking() -> None:
    """Everybody lines up behind one who sleeps; then they go as they came."""
    clock = FakeClock()
    gate = threading.Event()
    sleepers: list[str] = []

    def sleep(seconds: float) -> None:
        sleepers.append(threading.current_thread().name)
        assert gate.wait(10)
        clock.sleep(seconds)

    pace = Pace(1, clock=clock, sleep=sleep)
    start(pace)
    order: list[int] = []

    def ask(number: int) -> None:
        start(pace)
        order.append(number)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=ask, args=(number,)))
        threads[-1].start()
        while len(pace._line) <= number:
            threading.Event().wait(0.001)
    assert sleepers == [threads[0].name]
    gate.set()
    for thread in threads:
        thread.join(10)

    assert order == [0, 1, 2, 3, 4, 5]


def test_a_pause_holds_everybody_also_who_waits_already() -> None:
    clock = FakeClock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == 1:
            pace.pause(60.0)

    pace = Pace(1, clock=clock, sleep=sleep)
    first = start(pace)

    assert start(pace) >= first + 60.0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    clock = FakeClock()
    pace = Pace(5, clock=clock, sleep=clock.sleep)

    pace.pause(60.0)
    pace.pause(1.0)

    assert start(pace) == 1_060.0


def test_refusals_double_the_pause_up_to_a_bound() -> None:
    clock = FakeClock()
    pace = Pace(5, clock=clock, sleep=clock.sleep)

    pauses = [pace.refused(start(pace), None) for _ in range(8)]

    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_requests_refused_together_are_one_refusal() -> None:
    clock = FakeClock()
    pace = Pace(5, clock=clock, sleep=clock.sleep)
    starts = [start(pace) for _ in range(5)]
    clock.now += 0.3

    pauses = {pace.refused(start, None) for start in starts}

    assert pauses == {FIRST_PAUSE}


def test_a_request_that_goes_through_ends_the_doubling() -> None:
    clock = FakeClock()
    pace = Pace(5, clock=clock, sleep=clock.sleep)
    pace.refused(start(pace), None)
    pace.accepted(start(pace))

    assert pace.refused(start(pace), None) == FIRST_PAUSE


def test_after_a_refusal_everybody_goes_a_little_slower_for_a_while() -> None:
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)
    pace.refused(start(pace), 0.0)
    struck_at = clock.now

    assert start(pace) == pytest.approx(struck_at + 1 + MARGIN + WARY)
    clock.now = struck_at + WARY_FOR
    last = start(pace)
    assert start(pace) == pytest.approx(last + 1 + MARGIN)


def test_the_source_may_say_itself_how_long_to_wait() -> None:
    clock = FakeClock()
    pace = Pace(5, clock=clock, sleep=clock.sleep)

    assert pace.refused(start(pace), 42.0) == 42.0
    assert start(pace) == 1_042.0


def test_a_pause_longer_than_the_patience_is_told_and_not_waited_for() -> None:
    clock = FakeClock()
    pace = Pace(5, clock=clock, sleep=clock.sleep, patience=300.0)
    pace.pause(301.0)

    with pytest.raises(RateLimited, match="301 s") as raised, pace.turn():
        pass
    assert raised.value.retry_after == pytest.approx(301.0)
    assert clock.slept == []

    clock.now += 1.0
    assert start(pace) == 1_301.0


def test_no_pause_is_longer_than_an_hour_whatever_the_source_says() -> None:
    clock = FakeClock()
    pace = Pace(5, clock=clock, sleep=clock.sleep)

    assert pace.refused(start(pace), 1e12) == LONGEST_TOLD
    assert start(pace) == 1_000.0 + LONGEST_TOLD


def test_one_who_is_interrupted_does_not_hold_up_the_line() -> None:
    clock = FakeClock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == 1:
            raise KeyboardInterrupt

    pace = Pace(1, clock=clock, sleep=sleep)
    start(pace)
    with pytest.raises(KeyboardInterrupt):
        start(pace)

    assert start(pace) > 1_000.0


def test_who_waits_can_be_told_to_stop() -> None:
    patience = Patience()
    pace = Pace(1, sleep=patience.sleep)
    pace.pause(300.0)
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            start(pace)
        except Stopped as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    patience.end()
    for thread in threads:
        thread.join(5)

    assert len(errors) == 4


def test_a_pace_that_never_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="never"):
        Pace(0)


def test_a_request_may_be_anywhere_until_its_answer_comes() -> None:
    clock = FakeClock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now >= 1_001.5:
            turn.answered()

    pace = Pace(1, clock=clock, sleep=sleep)
    with pace.turn() as turn:
        second = start(pace)

    assert second == pytest.approx(turn.started + 1.5 + 1 + MARGIN, abs=2 * SOON)


def test_an_answer_that_is_later_than_usual_tells_of_a_late_arrival() -> None:
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)
    for took in (*[0.3] * RECENT, 0.42):
        with pace.turn("leads") as turn:
            clock.now += took
            turn.answered()
            clock.now += 0.2  # the rest of its body

    assert start(pace) == pytest.approx(turn.started + 0.12 + UNSURE / RECENT + 1 + MARGIN)


def test_few_answers_tell_little_of_how_late_the_next_one_is() -> None:
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)
    for took in (0.5, 0.5, 0.5, 0.5):
        with pace.turn("leads") as turn:
            clock.now += took

    assert start(pace) == pytest.approx(turn.started + UNSURE / 3 + 1 + MARGIN)


def test_a_large_answer_is_not_late_because_a_small_one_was_quicker() -> None:
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)
    for took, size in (*[(0.3, 1_300_000)] * RECENT, (0.2, 90_000), (0.3, 1_310_000)):
        with pace.turn("leads") as turn:
            clock.now += took
            turn.answered(size)

    assert start(pace) == pytest.approx(turn.started + UNSURE / RECENT + 1 + MARGIN)


def test_a_small_answer_is_not_taken_for_early_because_large_ones_are_slow() -> None:
    """What is smaller than any before may have been quicker, and so later on its way, than all of them."""
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)
    for took, size in (*[(0.3, 1_300_000)] * RECENT, (0.2, 90_000), (0.2, 10_000)):
        with pace.turn("leads") as turn:
            clock.now += took
            turn.answered(size)

    assert start(pace) == pytest.approx(turn.started + 0.1 + UNSURE / (RECENT + 1) + 1 + MARGIN)


def test_a_request_that_failed_counts_from_its_failure() -> None:
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)

    def ask() -> None:
        with pace.turn():
            clock.now += 0.4
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        ask()

    assert start(pace) == pytest.approx(1_000.4 + 1 + MARGIN)


def test_requests_under_way_do_not_come_in_a_bunch() -> None:
    clock = FakeClock()
    pace = Pace(7, clock=clock, sleep=clock.sleep)
    starts = []
    for _ in range(700):
        with pace.turn() as turn:
            starts.append(turn.started)

    assert starts[:AT_ONCE] == [1_000.0] * AT_ONCE
    gaps = [late - early for early, late in zip(starts[AT_ONCE - 1 :], starts[AT_ONCE:], strict=False)]
    assert min(gaps) == pytest.approx(APART / 7)
    assert 700 / (starts[-1] - starts[0]) > 0.98 * 7


def test_who_was_heard_of_no_more_gives_his_place_up() -> None:
    clock = FakeClock()
    pace = Pace(1, clock=clock, sleep=clock.sleep)
    with pace.turn():
        started = start(pace)

    assert started == pytest.approx(1_000 + LATEST + 1 + MARGIN)
