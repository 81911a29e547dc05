"""The schedule: one writer, every task in its turn, and an end that waits."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sync.schedule import EXPORT, Schedule, Task


@contextmanager
def running(*tasks: Task) -> Iterator[Schedule]:
    schedule = Schedule(tasks)
    schedule.start()
    try:
        yield schedule
    finally:
        schedule.stop()


def test_a_task_comes_again_and_again() -> None:
    turns = threading.Semaphore(0)

    with running(Task("tick", 0.05, turns.release)):
        assert all(turns.acquire(timeout=5) for _ in range(3))


def test_a_task_may_wait_for_its_first_turn() -> None:
    called = threading.Event()

    with running(Task("later", 3600, called.set, at_once=False)):
        assert not called.wait(0.2)


def test_a_task_that_is_hurried_comes_at_once_and_no_later_than_it_would() -> None:
    called, ticks = threading.Event(), threading.Semaphore(0)

    with running(
        Task("later", 3600, called.set, at_once=False), Task("tick", 0.05, ticks.release, at_once=False)
    ) as schedule:
        schedule.hurry("tick", 3600)
        assert ticks.acquire(timeout=5)
        schedule.hurry("later")
        assert called.wait(5)
        schedule.hurry("nobody")
    called.clear()
    schedule.hurry("later")
    assert not called.wait(0.1), "it is over"


def test_a_task_that_fails_is_logged_and_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    turns = threading.Semaphore(0)

    def fail() -> None:
        turns.release()
        raise ValueError("a bad day")

    with caplog.at_level(logging.ERROR), running(Task("bad", 0.05, fail)):
        assert all(turns.acquire(timeout=5) for _ in range(2))

    assert "bad" in caplog.text


def test_a_lane_does_one_thing_at_a_time_and_lanes_do_not_wait_for_one_another() -> None:
    inside: list[str] = []
    together: list[set[str]] = []
    exported = threading.Event()
    gate = threading.Event()

    def work(name: str) -> None:
        inside.append(name)
        together.append(set(inside))
        gate.wait(5)
        inside.remove(name)

    with running(
        Task("one", 0.05, lambda: work("one")),
        Task("two", 0.05, lambda: work("two")),
        Task("export", 3600, exported.set, lane=EXPORT),
    ):
        assert exported.wait(5), "the other lane had to wait"
        time.sleep(0.2)
        gate.set()
        deadline = time.monotonic() + 5
        while len({name for names in together for name in names}) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)

    assert {name for names in together for name in names} == {"one", "two"}
    assert all(len(names) == 1 for names in together)


def test_stopping_waits_for_what_runs() -> None:
    began, ended = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        time.sleep(0.3)
        ended.set()

    with running(Task("slow", 3600, work)):
        assert began.wait(5)

    assert ended.is_set()
