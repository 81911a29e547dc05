"""The rules of merging, as properties on a real DuckDB file: order, repetition and power cuts change nothing."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Page
from sync.merge import keep_pages
from tests.harness import ALONE
from warehouse.cursors import move_cursor, read_cursor
from warehouse.database import Limits, Parameters, Row, Transaction, Warehouse
from warehouse.records import Sheet, bury, merge_events, merge_records, replace_snapshot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at one lead: what the list said of it, or that it lay in the trash."""

    lead: int
    version: int
    asked: int
    price: int | None

    @property
    def sheet(self) -> Sheet:
        item = {"id": self.lead, "updated_at": int(NOON.timestamp()) + self.version}
        item |= {"is_deleted": True} if self.price is None else {"price": self.price}
        return json.dumps({"_embedded": {"leads": [item]}}).encode(), NOON + timedelta(seconds=self.asked)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("merge") / "vitrina.duckdb", limits=ALONE)


@pytest.fixture(scope="module")
def tx(warehouse: Warehouse) -> Iterator[Transaction]:
    """One open file for many examples; each example forgets the one before."""
    with warehouse.open("test") as session:
        yield Transaction(session._connection)


def forget(tx: Transaction) -> None:
    for table in ("records", "events", "touched", "cursors"):
        tx.execute(f"delete from raw.{table}")


def look(tx: Transaction, *sights: Sight) -> int:
    """Merge each sight as a page of its own."""
    changed = 0
    for sight in sights:
        changed += merge_records(tx, "leads", "leads", [sight.sheet], tombstones=sight.price is None)
    return changed


def kept(tx: Transaction) -> list[Row]:
    return tx.execute(
        "select id, version, payload ->> '$.price', is_deleted, deleted_at from raw.records order by stream, id"
    )


def touched(tx: Transaction) -> list[Row]:
    return tx.execute("select distinct stream, id from raw.touched order by all")


@st.composite
def histories(draw: st.DrawFn) -> list[Sight]:
    """Looks at an account whose leads change: a later look never shows an older version, nor a second face."""
    sights: list[Sight] = []
    for lead in range(1, draw(st.integers(1, 2)) + 1):
        version = 0
        for asked in range(1, draw(st.integers(1, 5)) + 1):
            version += draw(st.integers(0, 2))
            price = draw(st.one_of(st.none(), st.integers(1, 3)))
            sights.append(Sight(lead, version, asked * 10 + version, price))
    return sights


@FEW
@given(history=histories(), data=st.data())
def test_living_records_end_the_same_in_any_order_and_however_often(
    tx: Transaction, history: list[Sight], data: st.DataObject
) -> None:
    living = [sight for sight in history if sight.price is not None]
    forget(tx)
    look(tx, *living)
    expected = kept(tx)
    shuffled = data.draw(st.permutations(living + living))

    forget(tx)
    look(tx, *shuffled)

    assert kept(tx) == expected


@FEW
@given(history=histories(), data=st.data())
def test_deletions_and_restorations_end_the_same_in_any_order(
    tx: Transaction, history: list[Sight], data: st.DataObject
) -> None:
    forget(tx)
    look(tx, *history)
    expected = [(one, price, is_deleted) for one, _, price, is_deleted, _ in kept(tx)]

    forget(tx)
    look(tx, *data.draw(st.permutations(history + history)))

    assert [(one, price, is_deleted) for one, _, price, is_deleted, _ in kept(tx)] == expected


@FEW
@given(history=histories(), data=st.data())
def test_pages_merged_at_once_are_pages_merged_one_by_one(
    tx: Transaction, history: list[Sight], data: st.DataObject
) -> None:
    living = [sight for sight in history if sight.price is not None]
    forget(tx)
    look(tx, *living)
    expected = kept(tx)

    forget(tx)
    if living:
        together = data.draw(st.permutations(living))
        merge_records(tx, "leads", "leads", [sight.sheet for sight in together])

    assert kept(tx) == expected


@FEW
@given(history=histories())
def test_seeing_the_same_again_writes_nothing_and_touches_nothing(
    tx: Transaction, history: list[Sight]
) -> None:
    forget(tx)
    look(tx, *history)
    before = kept(tx)
    last = {sight.lead: sight for sight in history}
    tx.execute("delete from raw.touched")

    changed = look(tx, *last.values())

    assert changed == 0
    assert touched(tx) == []
    assert kept(tx) == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("at_once", [True, False])
def test_the_newest_version_wins_in_any_order(tx: Transaction, order: Sequence[int], at_once: bool) -> None:
    forget(tx)
    sights = [Sight(7, version, 50 - version, price=version + 1) for version in order]

    if at_once:
        merge_records(tx, "leads", "leads", [sight.sheet for sight in sights])
    else:
        look(tx, *sights)

    assert [row[2] for row in kept(tx)] == ["3"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_among_equal_versions_the_one_asked_for_last_wins(tx: Transaction, order: Sequence[int]) -> None:
    forget(tx)

    look(tx, *(Sight(7, 5, asked, price=asked + 1) for asked in order))

    assert [row[2] for row in kept(tx)] == ["3"]


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param((Sight(7, 1, 1, 1), Sight(7, 1, 3, 1), Sight(7, 1, 2, 2)), id="payload"),
        pytest.param((Sight(7, 1, 1, 1), Sight(7, 1, 3, 1), Sight(7, 2, 2, None)), id="trash"),
    ],
)
def test_a_repetition_counts_as_a_later_look(tx: Transaction, looks: tuple[Sight, ...]) -> None:
    forget(tx)

    look(tx, *looks)

    assert [row[2:4] for row in kept(tx)] == [("1", False)]


def test_a_tombstone_keeps_the_last_payload(tx: Transaction) -> None:
    forget(tx)

    look(tx, Sight(7, 1, 1, price=5), Sight(7, 2, 3, price=None))

    moment = (NOON + timedelta(seconds=2)).replace(tzinfo=None)
    assert [row[2:] for row in kept(tx)] == [("5", True, moment)]
    assert touched(tx) == [("leads", 7)]


def test_a_late_page_does_not_raise_the_dead(tx: Transaction) -> None:
    forget(tx)

    look(tx, Sight(7, 1, 1, price=5), Sight(7, 2, 9, price=None), Sight(7, 2, 8, price=6))

    assert [row[3] for row in kept(tx)] == [True]


def test_a_late_look_at_the_dead_as_we_knew_them_is_no_news(tx: Transaction) -> None:
    forget(tx)
    look(tx, Sight(7, 1, 1, price=5), Sight(7, 2, 9, price=None))
    tx.execute("delete from raw.touched")

    assert look(tx, Sight(7, 1, 5, price=5)) == 0

    assert touched(tx) == []


def test_a_tombstone_nobody_knew_waits_for_its_payload(tx: Transaction) -> None:
    forget(tx)

    look(tx, Sight(7, 2, 9, price=None))
    look(tx, Sight(7, 1, 3, price=5))

    assert [row[2:4] for row in kept(tx)] == [("5", True)]


def test_a_restored_lead_lives_and_is_touched(tx: Transaction) -> None:
    forget(tx)
    look(tx, Sight(7, 1, 1, price=5), Sight(7, 2, 3, price=None))
    tx.execute("delete from raw.touched")

    assert look(tx, Sight(7, 1, 6, price=5)) == 1

    assert [row[2:] for row in kept(tx)] == [("5", False, None)]
    assert touched(tx) == [("leads", 7)]


def test_burying_on_somebodys_word_is_news_once(tx: Transaction) -> None:
    forget(tx)
    look(tx, Sight(7, 1, 1, price=5))
    when = NOON + timedelta(seconds=9)

    assert bury(tx, "leads", 7, when, when) is True
    assert bury(tx, "leads", 7, when, when) is False
    assert bury(tx, "leads", 8, when, when) is False
    assert [row[2:4] for row in kept(tx)] == [("5", True)]


def test_an_old_word_does_not_bury_what_was_seen_alive_later(tx: Transaction) -> None:
    forget(tx)
    look(tx, Sight(7, 1, 20, price=5))

    assert bury(tx, "leads", 7, NOON, NOON + timedelta(seconds=9)) is False

    assert [row[3] for row in kept(tx)] == [False]


def test_the_question_we_asked_is_no_part_of_a_record(tx: Transaction) -> None:
    forget(tx)
    items = [
        {"id": 7, "updated_at": 5, "price": 1, "_links": {"self": {"href": f"https://x.test/7?page={page}"}}}
        for page in (1, 2)
    ]
    pages = [(json.dumps({"_embedded": {"leads": [item]}}).encode(), NOON) for item in items]

    assert [merge_records(tx, "leads", "leads", [page]) for page in pages] == [1, 0]


def test_what_came_last_stands_together(tx: Transaction) -> None:
    """Else the ledgers of a few changed deals would have the payloads of all their neighbours unpacked."""
    forget(tx)
    look(tx, *(Sight(number, 1, 1, price=number) for number in range(1, 9)))

    look(tx, Sight(2, 5, 5, price=20), Sight(6, 5, 5, price=60), Sight(7, 1, 5, price=7))

    order = tx.execute("select id from raw.records order by rowid")
    assert sorted(order[-2:]) == [(2,), (6,)]
    assert [row[2] for row in kept(tx)] == ["1", "20", "3", "4", "5", "60", "7", "8"]


def users(*people: tuple[int, str], asked: int) -> list[Sheet]:
    items = [{"id": one, "name": name} for one, name in people]
    return [(json.dumps({"_embedded": {"users": items}}).encode(), NOON + timedelta(seconds=asked))]


def test_a_snapshot_replaces_and_what_left_it_is_marked(tx: Transaction) -> None:
    forget(tx)
    replace_snapshot(tx, "users", "users", users((1, "Анна"), (2, "Олег"), asked=1))
    look(tx, Sight(1, 1, 1, price=5))

    changed = replace_snapshot(tx, "users", "users", users((2, "Олег П."), (3, "Вера"), asked=5))

    names = tx.execute(
        "select id, payload ->> '$.name', is_deleted from raw.records where stream = 'users' order by 1"
    )
    assert names == [(1, "Анна", True), (2, "Олег П.", False), (3, "Вера", False)]
    assert changed == 3
    assert tx.execute("select is_deleted from raw.records where stream = 'leads'") == [(False,)]


def test_a_snapshot_brings_back_who_returned(tx: Transaction) -> None:
    forget(tx)
    replace_snapshot(tx, "users", "users", users((1, "Анна"), (2, "Олег"), asked=1))
    replace_snapshot(tx, "users", "users", users((2, "Олег"), asked=2))

    assert replace_snapshot(tx, "users", "users", users((1, "Анна"), (2, "Олег"), asked=3)) == 1
    assert replace_snapshot(tx, "users", "users", users((1, "Анна"), (2, "Олег"), asked=4)) == 0

    assert tx.execute("select bool_or(is_deleted) from raw.records") == [(False,)]


def events(*named: tuple[str, int]) -> list[Sheet]:
    items = [
        {
            "id": name,
            "type": "lead_added",
            "entity_type": "lead",
            "entity_id": lead,
            "created_by": 1,
            "created_at": 9,
        }
        for name, lead in named
    ]
    return [(json.dumps({"_embedded": {"events": items}}).encode(), NOON)]


def test_an_event_is_kept_once_and_touches_its_deal(tx: Transaction) -> None:
    forget(tx)

    assert merge_events(tx, events(("a", 1), ("b", 2), ("a", 1))) == 2
    tx.execute("delete from raw.touched")
    assert merge_events(tx, events(("b", 2), ("c", 3))) == 1

    assert tx.execute("select id from raw.events order by 1") == [("a",), ("b",), ("c",)]
    assert touched(tx) == [("leads", 3)]


class PowerCut(BaseException):
    """The lights go out; nothing may catch this."""


class Cutting(Transaction):
    """A transaction whose n-th statement is never finished."""

    def __init__(self, within: Transaction, statements: int) -> None:
        self._within = within
        self._left = statements

    def execute(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        self._left -= 1
        if self._left < 0:
            raise PowerCut
        return self._within.execute(sql, parameters)


def test_rows_and_cursor_live_or_die_together(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "vitrina.duckdb")
    page = [Sight(lead, 1, 1, price=3).sheet for lead in (1, 2)]
    cuts = 0

    for statements in itertools.count():
        try:
            with warehouse.transaction("cut") as tx:
                cutting = Cutting(tx, statements)
                merge_records(cutting, "leads", "leads", page)
                merge_events(cutting, events(("a", 1)))
                move_cursor(cutting, "leads", NOON)
            break
        except PowerCut:
            cuts += 1
            with warehouse.transaction("look") as tx:
                assert kept(tx) == []
                assert tx.execute("from raw.events") == []
                assert touched(tx) == []
                assert read_cursor(tx, "leads") is None

    assert cuts > 5
    with warehouse.transaction("look") as tx:
        assert len(kept(tx)) == 2
        assert read_cursor(tx, "leads") is not None


def test_a_cursor_never_goes_back(tx: Transaction) -> None:
    forget(tx)
    later = NOON + timedelta(hours=1)

    move_cursor(tx, "leads", later, later)
    move_cursor(tx, "leads", NOON, NOON)
    move_cursor(tx, "leads", NOON)

    cursor: Any = read_cursor(tx, "leads")
    assert (cursor.reached, cursor.complete_until) == (later, later)


def test_many_fat_pages_need_no_more_memory_than_a_few(tmp_path: Path) -> None:
    """A flood of deliveries names thousands of deals with many fields: all of them are merged in one go."""
    warehouse = Warehouse(tmp_path / "vitrina.duckdb", limits=Limits(memory="192MB"))
    pages = [fat_page(range(first, first + 250)) for first in range(1, 3500, 250)]

    with warehouse.transaction("test") as tx:
        assert keep_pages(tx, pages) == 3500
        assert tx.execute("select count(*), count(distinct payload) from raw.records") == [(3500, 3500)]


def fat_page(leads: Sequence[int]) -> Page:
    fields = [{"field_id": number, "values": [{"value": f"{number:080}"}]} for number in range(60)]
    items = [{"id": lead, "updated_at": 1767225600, "custom_fields_values": fields} for lead in leads]
    body = json.dumps({"_embedded": {"leads": items}}).encode()
    return Page("leads", "leads", body, tuple(leads), NOON)
