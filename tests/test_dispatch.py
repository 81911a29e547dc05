"""Books on their way out: what keeps one book keeps no other, and is told."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import dispatching
from bootstrap import Parts
from config import from_mapping
from dispatching import AT_ONCE, Dispatch
from exporting import Exported, Exporter
from exports.errors import NotShared
from jobs import Jobs
from tests.harness import wait_until
from unwritten import note_unwritten
from warehouse.database import Transaction, WarehouseBusy

BUILT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = BUILT + timedelta(minutes=1)


class Scripted(Exporter):
    """Books of which some never come back and some are refused; what is written is counted."""

    def __init__(self, names: list[str], silent: set[str], refused: set[str]) -> None:
        self._names, self._silent, self._refused = names, silent, refused
        self.written: Counter[str] = Counter()
        self.at_once, self.most = 0, 0
        self.built = dict.fromkeys(names, BUILT)  # the build that a writing finds
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

    @property
    def live(self) -> frozenset[str]:
        return frozenset(name for name in self._names if not name.endswith(".xlsx"))

    def note_shown(self, built_at: datetime, moment: datetime) -> None:
        assert moment == LATER
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
            return Exported(name, "sheets", BUILT, LATER, error=NotShared("нет доступа"))
        self.written[name] += 1
        kind = "xlsx" if name.endswith(".xlsx") else "sheets"
        return Exported(name, kind, self.built[name], LATER)


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


def test_figures_are_in_the_cells_once_every_spreadsheet_shows_that_build_or_a_later_one() -> None:
    exporter = Scripted(["одна", "другая", "файл.xlsx"], silent={"файл.xlsx"}, refused=set())
    exporter.built["одна"] = LATER
    dispatch = Dispatch(exporter, refresh_every=0.0, stamp_every=300.0)
    try:
        dispatch.send(1)
        wait_until(lambda: exporter.shown == [BUILT], 10, "what both show is noted")
        assert exporter.written["файл.xlsx"] == 0, "nobody waits for a file"
        exporter.built["другая"] = LATER
        dispatch.send(2)
        wait_until(lambda: exporter.shown == [BUILT, LATER], 10, "noted")
        assert dispatch.shown == LATER
    finally:
        exporter.end.set()
        dispatch.stop()


def test_a_workbook_is_written_as_rarely_as_its_writing_is_dear() -> None:
    exporter = Scripted(["файл.xlsx"], silent=set(), refused=set())
    seconds = [0.0]
    dispatch = Dispatch(exporter, refresh_every=0.0, stamp_every=300.0, clock=lambda: seconds[0])
    written = exporter.refresh

    def slowly(name: str) -> Exported:
        seconds[0] += 2
        return written(name)

    exporter.refresh = slowly  # type: ignore[method-assign]

    def writings_until(moment: float, news: int) -> int:
        seconds[0] = moment
        dispatch.send(news)
        time.sleep(0.05)
        return exporter.written["файл.xlsx"]

    try:
        assert writings_until(10.0, 1) == 1
        assert writings_until(31.5, 2) == 1
        wait_until(lambda: writings_until(32.0, 3) == 2, 10, "its twenty seconds are over")
    finally:
        dispatch.stop()


def test_the_end_does_not_wait_for_a_request_that_google_works_at_for_minutes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dispatching, "GRACE", 0.2)
    exporter = Scripted(["одна", "другая"], silent={"другая"}, refused=set())
    dispatch = Dispatch(exporter, refresh_every=0.0, stamp_every=300.0)
    dispatch.send(1)
    wait_until(lambda: exporter.at_once == 1 and exporter.written["одна"] == 1, 10, "one is under way")
    began = time.monotonic()

    dispatch.stop()

    assert time.monotonic() - began < 5
    assert "dispatch.left_under_way" in caplog.text
    left = [thread for thread in threading.enumerate() if thread.name.startswith("book ")]
    assert left
    assert all(thread.daemon for thread in left), "the process ends without them"
    exporter.end.set()


@pytest.mark.parametrize("is_first", [True, False], ids=["of the first attempt", "after it was written"])
def test_what_we_tell_while_we_look_is_not_taken_for_the_word_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    """Else a book that waits for a person would be tried again at once."""
    book = {"name": "owner", "kind": "sheets", "spreadsheet": "a-book"}
    settings = {"amocrm": {"url": "https://a.amocrm.ru"}, "exports": {"books": [book]}}
    parts = Parts(from_mapping(settings, tmp_path, {}, ()))
    exporter, glance = Exporter(Jobs(parts)), parts.warehouse.glance
    refusal = Exported("owner", "sheets", BUILT, LATER, error=NotShared("нет доступа"))
    if not is_first:
        exporter._tell([Exported("owner", "sheets", BUILT, LATER)])

    @contextmanager
    def told_after_the_look(job: str) -> Iterator[Transaction]:
        with glance(job) as tx:
            yield tx
        exporter._tell([refusal])

    monkeypatch.setattr(parts.warehouse, "glance", told_after_the_look)

    assert exporter.put_right() == set()
    monkeypatch.undo()
    assert exporter.put_right() == set()
    with parts.warehouse.transaction("another process") as tx:
        note_unwritten(tx, "owner", None, LATER)
    assert exporter.put_right() == {"owner"}
