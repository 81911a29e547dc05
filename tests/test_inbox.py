"""The inbox: what was kept is digested once its records are, and nothing else happens to it."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ServerFailed
from sync.inbox import Drained, Inbox, drain
from tests.scripted_source import ACCOUNT, NOON, Scripted, deleted, lead, prices, told
from warehouse.database import Warehouse, WarehouseBusy


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "vitrina.duckdb")


def digest(inbox: Inbox, source: Scripted, warehouse: Warehouse, **more: Any) -> Drained:
    wanted: dict[str, Any] = {"account_id": ACCOUNT, "now": lambda: NOON + timedelta(days=2), **more}
    return drain(inbox, source, warehouse, **wanted)


def test_a_delivery_is_kept_byte_for_byte_oldest_first(inbox: Inbox) -> None:
    bodies = [b"one", "два".encode(), b"\x00\xff"]
    for body in bodies:
        inbox.keep(body)

    assert [file.read_bytes() for file in inbox.waiting()] == bodies
    assert [file.read_bytes() for file in inbox.waiting(1)] == bodies[:1]


def test_many_threads_keep_all_of_theirs(inbox: Inbox) -> None:
    def keep_some(number: int) -> None:
        for each in range(20):
            inbox.keep(f"{number}/{each}".encode())

    threads = [threading.Thread(target=keep_some, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len({file.read_bytes() for file in inbox.waiting()}) == 160


def test_a_half_written_delivery_is_nobodys(inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "20260301T120000000000-x.part").write_bytes(b"account[id]=")

    assert inbox.waiting() == []
    assert inbox.set_aside_count() == 0


def test_what_deliveries_name_is_asked_for_once_and_together(inbox: Inbox, warehouse: Warehouse) -> None:
    source = Scripted(
        present={"leads": {one: lead(one, price=one) for one in (1, 2, 3)}, "contacts": {9: lead(9)}}
    )
    for one in (3, 1, 3, 2, 3):
        inbox.keep(told(("leads", "update", one), ("contacts", "add", 9)))

    assert digest(inbox, source, warehouse) == Drained(5, 4)

    assert source.asked == [("leads", (1, 2, 3)), ("contacts", (9,))]
    assert prices(warehouse) == {1: "1", 2: "2", 3: "3"}
    assert inbox.waiting() == []


def test_the_source_says_what_it_is_now_not_the_delivery(inbox: Inbox, warehouse: Warehouse) -> None:
    inbox.keep(told(("leads", "update", 7)) + b"&leads[update][0][price]=111")

    digest(inbox, Scripted(present={"leads": {7: lead(7, price=222)}}), warehouse)

    assert prices(warehouse) == {7: "222"}


def test_a_failing_source_leaves_the_deliveries_where_they_are(inbox: Inbox, warehouse: Warehouse) -> None:
    source = Scripted(present={"leads": {7: lead(7, price=5)}})
    inbox.keep(told(("leads", "update", 7)))

    def fail() -> None:
        raise ServerFailed("502")

    source.before_answer = fail
    with pytest.raises(ServerFailed):
        digest(inbox, source, warehouse)
    assert len(inbox.waiting()) == 1

    source.before_answer = lambda: None
    assert digest(inbox, source, warehouse).changed == 1


def test_the_lights_go_out_before_the_records_are_kept(inbox: Inbox, warehouse: Warehouse) -> None:
    inbox.keep(told(("leads", "update", 7)))
    source = Scripted(present={"leads": {7: lead(7, price=5)}})
    moments = iter([NOON])

    with pytest.raises(StopIteration):  # the second look at the clock is inside the transaction
        digest(inbox, source, warehouse, now=lambda: next(moments))

    assert len(inbox.waiting()) == 1
    assert prices(warehouse) == {}


def test_a_delivery_digested_twice_changes_nothing(inbox: Inbox, warehouse: Warehouse) -> None:
    source = Scripted(present={"leads": {7: lead(7, price=5)}})
    for _ in range(2):
        inbox.keep(told(("leads", "update", 7)))
        done = digest(inbox, source, warehouse)

    assert done == Drained(1, 0)


def test_the_file_is_free_while_the_network_is_asked(inbox: Inbox, warehouse: Warehouse) -> None:
    inbox.keep(told(("leads", "update", 7)))
    source = Scripted(present={"leads": {7: lead(7)}})
    opened: list[bool] = []

    def open_meanwhile() -> None:
        other = threading.Thread(target=lambda: opened.append(prices(warehouse) == {}))
        other.start()
        other.join(5)

    source.before_answer = open_meanwhile
    digest(inbox, source, warehouse)

    assert opened == [True]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not a form at all",
        told(("leads", "update", 7), account=99),
        b"account[id]=1&leads[add][0][id]=x",
    ],
)
def test_what_nobody_can_read_is_set_aside_and_holds_up_nobody(
    inbox: Inbox, warehouse: Warehouse, tmp_path: Path, body: bytes
) -> None:
    inbox.keep(body)
    inbox.keep(told(("leads", "update", 7)))

    assert digest(inbox, Scripted(present={"leads": {7: lead(7)}}), warehouse) == Drained(1, 1, 1)

    assert inbox.waiting() == []
    assert inbox.set_aside_count() == 1
    (dead,) = (tmp_path / "inbox").glob("*.dead")
    assert dead.read_bytes() == body


def test_a_deal_that_left_the_lists_is_buried_when_the_trash_shows_it(
    inbox: Inbox, warehouse: Warehouse
) -> None:
    source = Scripted(present={"leads": {7: lead(7, price=5)}})
    inbox.keep(told(("leads", "add", 7)))
    digest(inbox, source, warehouse)
    source.present["leads"].clear()
    source.trash.add(7)
    inbox.keep(told(("leads", "update", 7)))

    digest(inbox, source, warehouse)

    assert deleted(warehouse) == [("leads", 7)]
    assert prices(warehouse) == {7: "5"}


@pytest.mark.parametrize(("action", "is_believed"), [("delete", True), ("update", False)])
@pytest.mark.parametrize("kind", ["leads", "contacts"])
def test_what_is_nowhere_is_believed_gone_only_where_the_delivery_says_so(
    inbox: Inbox, warehouse: Warehouse, kind: str, action: str, is_believed: bool
) -> None:
    source = Scripted(present={kind: {7: lead(7)}})
    inbox.keep(told((kind, "add", 7)))
    digest(inbox, source, warehouse)
    source.present.clear()
    inbox.keep(told((kind, action, 7)))

    digest(inbox, source, warehouse)

    assert deleted(warehouse) == ([(kind, 7)] if is_believed else [])


def test_a_busy_warehouse_keeps_the_deliveries_waiting(inbox: Inbox, warehouse: Warehouse) -> None:
    class Held(Warehouse):
        def _connect(self, *_: Any) -> Any:
            raise WarehouseBusy(self.path, "PID 1")

    inbox.keep(told(("leads", "update", 7)))

    with pytest.raises(WarehouseBusy):
        digest(inbox, Scripted(present={"leads": {7: lead(7)}}), Held(warehouse.path))

    assert len(inbox.waiting()) == 1


def test_how_long_a_delivery_took_is_written_down(inbox: Inbox, warehouse: Warehouse) -> None:
    inbox.keep(told(("leads", "update", 7)))
    before = datetime.now(UTC).replace(tzinfo=None)

    digest(inbox, Scripted(present={"leads": {7: lead(7)}}), warehouse)

    with warehouse.transaction("test") as tx:
        ((received, merged, built),) = tx.execute(
            "select received_at, merged_at, built_at from ops.deliveries"
        )
    assert abs((received - before).total_seconds()) < 5
    assert (merged, built) == ((NOON + timedelta(days=2)).replace(tzinfo=None), None)
