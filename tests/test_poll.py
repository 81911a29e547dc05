"""Polling: what must stay true whatever the source does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from connectors.base import Page, ServerFailed
from sync.loss import Breaker, MassLoss
from sync.poll import TRASH, poll, poll_trash, refresh_snapshot
from tests.harness import an_office, records
from tests.scripted_source import NOON, Scripted, deleted, lead, page, prices
from warehouse.cursors import Cursor, move_cursor, read_cursor
from warehouse.database import Warehouse

LATER = NOON + timedelta(hours=1)
OVERLAP = timedelta(minutes=10)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "vitrina.duckdb")
    with warehouse.transaction("test") as tx:
        move_cursor(tx, "leads", NOON, NOON)
    return warehouse


def cursor(warehouse: Warehouse, stream: str = "leads") -> Cursor | None:
    with warehouse.transaction("test") as tx:
        return read_cursor(tx, stream)


def listen(warehouse: Warehouse, *script: Page | Exception, until: datetime = LATER) -> int:
    return poll("leads", Scripted(script), warehouse, until=until, overlap=OVERLAP)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_a_page_is_kept_with_its_cursor_when_the_next_one_fails(warehouse: Warehouse) -> None:
    with pytest.raises(ServerFailed):
        listen(warehouse, page("leads", [lead(1, 3, price=10)], at(3)), ServerFailed("502"))

    assert prices(warehouse) == {1: "10"}
    assert cursor(warehouse) == Cursor(at(3), NOON), "what was handed over is known, but nothing is complete"


def test_a_page_without_a_cursor_moves_nothing(warehouse: Warehouse) -> None:
    with pytest.raises(ServerFailed):
        listen(warehouse, page("leads", [lead(1, 3)]), ServerFailed("502"))

    assert prices(warehouse) == {1: "0"}
    assert cursor(warehouse) == Cursor(NOON, NOON)


def test_a_walk_to_the_end_is_complete_up_to_its_end(warehouse: Warehouse) -> None:
    assert listen(warehouse, page("leads", [lead(1, 3), lead(2, 4)], LATER)) == 2

    assert cursor(warehouse) == Cursor(LATER, LATER)


def test_a_cursor_never_runs_ahead_of_what_was_asked_for(warehouse: Warehouse) -> None:
    listen(warehouse, page("leads", [lead(1, 3)], LATER + timedelta(hours=9)))

    assert cursor(warehouse) == Cursor(LATER, LATER)


def test_every_poll_steps_back_by_the_overlap(warehouse: Warehouse) -> None:
    source = Scripted()

    poll("leads", source, warehouse, until=LATER, overlap=OVERLAP)
    poll("leads", source, warehouse, until=NOON, overlap=OVERLAP)

    assert source.asked == [("leads", NOON - OVERLAP, LATER), ("leads", NOON - OVERLAP, NOON)]
    assert cursor(warehouse) == Cursor(LATER, LATER)


def test_a_stream_never_loaded_is_not_polled(warehouse: Warehouse) -> None:
    with pytest.raises(LookupError, match="contacts"):
        poll("contacts", Scripted(), warehouse, until=LATER, overlap=OVERLAP)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_version_wins_in_any_order(warehouse: Warehouse, order: Sequence[int]) -> None:
    listen(warehouse, *(page("leads", [lead(7, minute, price=minute)], at(minute)) for minute in order))

    assert prices(warehouse) == {7: "2"}


def test_the_same_page_again_is_no_change(warehouse: Warehouse) -> None:
    same = page("leads", [lead(1, 3)], LATER)

    assert [listen(warehouse, same), listen(warehouse, same)] == [1, 0]


def test_the_trash_is_walked_from_the_beginning_once_and_then_from_its_cursor(warehouse: Warehouse) -> None:
    listen(warehouse, page("leads", [lead(7, 1, price=5)], LATER))
    source = Scripted(
        [page("leads", [{**lead(7, 2), "is_deleted": True}], LATER, tombstones=True, asked=at(2000))]
    )
    long_ago = NOON - timedelta(days=900)

    for until in (LATER, LATER + OVERLAP):
        poll_trash(source, warehouse, Breaker(), since=long_ago, until=until, overlap=OVERLAP)

    assert source.asked == [("trash", long_ago, LATER), ("trash", LATER - OVERLAP, LATER + OVERLAP)]
    assert deleted(warehouse) == [("leads", 7)]
    assert prices(warehouse) == {7: "5"}
    assert cursor(warehouse, TRASH) == Cursor(LATER + OVERLAP, LATER + OVERLAP)


def test_a_trash_that_holds_too_much_at_once_is_not_believed(warehouse: Warehouse) -> None:
    listen(warehouse, page("leads", [lead(7, 1, price=5)], LATER))
    source = Scripted([page("leads", [{**lead(7, 2), "is_deleted": True}], tombstones=True, asked=at(2000))])

    with pytest.raises(MassLoss):
        poll_trash(source, warehouse, Breaker(0.5, 0), since=NOON, until=LATER, overlap=OVERLAP)

    assert deleted(warehouse) == []
    assert cursor(warehouse, TRASH) is None


def test_an_empty_answer_does_not_empty_a_snapshot(warehouse: Warehouse) -> None:
    people = [{"id": one, "name": f"{one}"} for one in (1, 2)]
    refresh_snapshot("users", Scripted([page("users", people)]), warehouse, now=NOON)

    assert refresh_snapshot("users", Scripted([page("users", [])]), warehouse, now=LATER) == 0

    assert deleted(warehouse) == []


def test_a_snapshot_cut_off_in_the_middle_changes_nothing(warehouse: Warehouse) -> None:
    people = [{"id": one, "name": f"{one}"} for one in (1, 2)]
    refresh_snapshot("users", Scripted([page("users", people)]), warehouse, now=NOON)

    with pytest.raises(ServerFailed):
        refresh_snapshot(
            "users", Scripted([page("users", people[:1]), ServerFailed("502")]), warehouse, now=LATER
        )

    assert deleted(warehouse) == []
    assert cursor(warehouse, "users") == Cursor(NOON, NOON)


def test_since_on_a_stream_never_loaded_loads_all_of_it(tmp_path: Path) -> None:
    with an_office(tmp_path, deals=30, months=3) as office:
        hasty, usual = office.product("hasty"), office.product("usual")
        hasty.sync(["account", "leads"], since=NOON + timedelta(days=60))
        hasty.sync(["leads"])
        usual.sync(["account", "leads"])

    assert len(records(usual)) > 20
    assert records(hasty) == records(usual)
