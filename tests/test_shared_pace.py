"""The pace of several processes: together never too quick, and none held up by one that died."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.amocrm import shared_pace
from connectors.amocrm.pace import FIRST_PAUSE, LATEST, MARGIN
from connectors.amocrm.shared_pace import SharedPace
from sandbox.amocrm.account import Account
from sandbox.amocrm.server import AmoServer
from tests.fakes_amocrm import FakeClock, start
from tests.test_pace import most_in_one_second

ROOT = Path(__file__).parents[1]
IMPORTS = """
import os, sys, time
from pathlib import Path
from connectors.amocrm.client import Client
from connectors.amocrm.shared_pace import SharedPace
from connectors.amocrm.tokens import LongLived
from tests.fakes_amocrm import start
"""


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", IMPORTS + program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "pace.json"


def pair(file: Path, clock: FakeClock, per_second: int = 3) -> tuple[SharedPace, SharedPace]:
    """What two processes hold."""
    one, other = (SharedPace(file, per_second, clock=clock, sleep=clock.sleep) for _ in range(2))
    return one, other


@settings(max_examples=50, deadline=None)
@given(turns=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=40))
def test_no_second_holds_more_starts_than_allowed_whoever_starts(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[int, float]]
) -> None:
    clock = FakeClock()
    paces = pair(tmp_path_factory.mktemp("pace") / "pace.json", clock)
    starts = []

    for who, gap in turns:
        clock.now += gap
        starts.append(start(paces[who]))

    assert most_in_one_second(starts) <= 3


def test_processes_keep_the_pace_together_and_reach_it(file: Path) -> None:
    program = """
pace = SharedPace(Path(sys.argv[1]), 40)
print(*(repr(start(pace)) for _ in range(40)))
"""
    processes = [started(program, file) for _ in range(3)]
    said = [process.communicate(timeout=60)[0] for process in processes]

    starts = sorted(float(each) for line in said for each in line.split())
    assert len(starts) == 120
    assert most_in_one_second(starts) <= 40


def test_processes_are_never_refused_together(file: Path) -> None:
    program = """
pace = SharedPace(Path(sys.argv[1]), 7)
client = Client(sys.argv[2], LongLived(sys.argv[3]), pace)
for _ in range(12):
    client.get("/api/v4/account")
"""
    with AmoServer(Account(), rate=7) as server:
        processes = [started(program, file, server.url, server.token) for _ in range(2)]
        for process in processes:
            process.communicate(timeout=60)

    assert [one.status for one in server.requests] == [200] * 24
    assert server.max_in_any_second(server.limiter.window) <= 7


def test_a_pause_of_one_is_a_pause_of_all(file: Path) -> None:
    clock = FakeClock()
    one, other = pair(file, clock)

    assert one.refused(start(one), None) == FIRST_PAUSE
    assert start(other) == 1_000.0 + FIRST_PAUSE
    assert other.refused(clock.now, None) == 2 * FIRST_PAUSE
    one.accepted(start(one))
    assert other.refused(clock.now, None) == FIRST_PAUSE


def test_a_late_arrival_counts_for_all(file: Path) -> None:
    clock = FakeClock()
    one, other = pair(file, clock, per_second=1)
    with one.turn():
        clock.now += 0.4

    assert start(other) == pytest.approx(1_000.4 + 1 + MARGIN)


def test_one_who_dies_with_the_book_open_holds_nobody_up(file: Path) -> None:
    process = started(
        """
pace = SharedPace(Path(sys.argv[1]), 7)
start(pace)
with pace._opened():
    print("open", flush=True)
    time.sleep(60)
""",
        file,
    )
    assert process.stdout
    assert process.stdout.readline() == "open\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    began = time.monotonic()

    start(SharedPace(file, 7))

    assert time.monotonic() - began < 0.5


def test_one_who_was_stopped_with_the_book_open_is_not_waited_for_for_ever(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_pace, "LONGEST_LOCK", 0.2)
    process = started(
        """
pace = SharedPace(Path(sys.argv[1]), 7)
with pace._opened():
    print("open", flush=True)
    time.sleep(60)
""",
        file,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        process.send_signal(signal.SIGSTOP)

        with pytest.raises(TimeoutError, match=r"locked for 0\.2 s") as raised:
            start(SharedPace(file, 7))
        assert raised.value.filename == str(file)
    finally:
        process.kill()
        process.communicate(timeout=10)

    assert start(SharedPace(file, 7)) > 0


def test_what_a_dead_process_had_under_way_may_still_arrive(file: Path) -> None:
    process = started(
        """
pace = SharedPace(Path(sys.argv[1]), 1)
with pace.turn() as turn:
    print(repr(turn.started), flush=True)
    time.sleep(60)
""",
        file,
    )
    assert process.stdout
    began = float(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    clock = FakeClock(began + 1.5)
    pace, _ = pair(file, clock, per_second=1)

    assert start(pace) == pytest.approx(began + LATEST + 1 + MARGIN)


def test_a_request_under_way_counts_for_all_and_is_settled_for_all(file: Path) -> None:
    clock = FakeClock()
    one, other = pair(file, clock, per_second=1)
    with one.turn() as turn:
        clock.now += 0.4
        turn.answered()
        first = turn.started
    with one.turn():
        clock.now += 0.1

    assert start(other) == pytest.approx(first + 0.4 + 1 + MARGIN + 0.1 + 1 + MARGIN)


@pytest.mark.parametrize("torn", [b"[12.5, 1", b"\x00\x00", b"{}", b"[]", b'["a", 1, 2, 3]'])
def test_a_torn_book_counts_as_full(file: Path, torn: bytes) -> None:
    clock = FakeClock()
    pace, _ = pair(file, clock)
    file.write_bytes(torn)

    assert [start(pace) for _ in range(3)] == [pytest.approx(1_001 + MARGIN)] * 3


def test_a_torn_book_holds_up_a_very_quick_pace_once_only(file: Path) -> None:
    clock = FakeClock()
    pace, other = pair(file, clock, per_second=100_000)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"[12.5, 1")

    assert [start(pace), start(other)] == [pytest.approx(1_001 + MARGIN)] * 2
    assert file.stat().st_size < 300


def test_a_book_of_many_starts_is_read_whole(file: Path) -> None:
    clock = FakeClock(123_456.789012345)
    pace, other = pair(file, clock, per_second=5_000)
    with pace._opened() as book:
        book.starts.extend(clock.now - 1 / (2 + number) for number in range(5_000))

    assert file.stat().st_size > 65_536
    assert start(other) == pytest.approx(
        123_457.294, abs=0.001
    )  # when the first of them is out of its second


def test_a_book_of_before_the_machine_started_is_forgotten(file: Path) -> None:
    clock = FakeClock(90_000.0)
    pace, _ = pair(file, clock)
    pace.pause(10_000.0)
    clock.now = 5.0

    assert start(pace) == 5.0


def test_the_book_stays_small_and_goes_where_it_is_put_again(file: Path) -> None:
    clock = FakeClock()
    pace, other = pair(file, clock)
    for _ in range(200):
        start(pace)
    assert file.stat().st_size < 300
    assert len(json.loads(file.read_bytes())) <= 4 + 3

    file.unlink()
    start(pace)
    assert start(other) == clock.now
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_book_costs_less_than_a_millisecond(file: Path) -> None:
    pace = SharedPace(file, 7)
    costs = []
    for _ in range(200):
        began = time.thread_time()
        pace.accepted(0.0)
        pace.pause(0.0)
        costs.append((time.thread_time() - began) / 2)

    assert sorted(costs)[100] < 0.001
