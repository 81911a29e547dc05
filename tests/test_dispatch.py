"""Books on their way out: what keeps one book keeps no other, and is told."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatching import AT_ONCE, Dispatch
from exporting import Exported, Exporter
from exports.errors import NotShared
from tests.harness import wait_until
from warehouse.database import WarehouseBusy

BUILT = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Scripted(Exporter):
    """Books of which some never come back and some are refused; what is written is counted."""

    def __init__(self, names: list[str], silent: set[str], refused: set[str]) -> None:
        self._names, self._silent, self._refused = names, silent, refused
        self.written: Counter[str] = Counter()
        self.at_once, self.most = 0, 0
        self.shown: list[datetime] = []
        self.is_busy = False  # the warehouse, the next time that it is asked
        self.end = threading.Event()
        self._lock = threading.Lock()

    def urgency(self) -> Mapping[str, bool]:
        return {name: name == self._names[0] for name in self._names}

    def has_room(self, name: str, keep: int) -> bool:
        return True

    def put_right(self) -> set[str]:
        return set()

    def note_shown(self, built_at: datetime) -> None:
        if self.is_busy:
            self.is_busy = False
            raise WarehouseBusy(Path("warehouse.duckdb"), "PID 1")
        self.shown.append(built_at)

    def refresh(self, name: str) -> Exported:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        if name in self._silent:
            self.end.wait(30)
        with self._lock:
            self.at_once -= 1
        if name in self._refused:
            return Exported(name, "sheets", BUILT, error=NotShared("нет доступа"))
        self.written[name] += 1
        return Exported(name, "sheets", BUILT)


def test_a_silent_book_and_a_refused_one_keep_no_other() -> None:
    names = [f"книга {number}" for number in range(8)]
    exporter = Scripted(names, silent={names[1]}, refused={names[2]})
    dispatch = Dispatch(exporter, refresh_every=0.0, stamp_every=300.0)
    others = set(names) - {names[1], names[2]}
    try:
        news = 0

        def send() -> bool:
            nonlocal news
            news += 1
            dispatch.send(news)
            return all(exporter.written[name] >= 3 for name in others)

        wait_until(send, 20, "the others written again and again")
        assert dict(dispatch.problems) == {names[2]: "NotShared: нет доступа"}
        assert exporter.shown == [], "one of them does not tell it yet"
    finally:
        exporter.end.set()
        dispatch.stop()

    assert exporter.most <= AT_ONCE
    assert exporter.written[names[1]] == 1, "one at a time to a book"


@pytest.mark.parametrize("is_busy", [False, True])
def test_what_every_book_shows_is_noted_once(*, is_busy: bool, caplog: pytest.LogCaptureFixture) -> None:
    exporter = Scripted(["одна", "другая"], silent=set(), refused=set())
    exporter.is_busy = is_busy
    dispatch = Dispatch(exporter, refresh_every=0.0, stamp_every=300.0)

    for news in (1, 1, 2):
        dispatch.send(news)
        wait_until(lambda: not exporter.at_once and len(exporter.written) == 2, 10, "written")
        time.sleep(0.05)
    dispatch.stop()

    assert (exporter.shown, dispatch.shown) == ([BUILT], BUILT)
    assert ("is held by PID 1" in caplog.text) is is_busy, "said, and noted the next time"
