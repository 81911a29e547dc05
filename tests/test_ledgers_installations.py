"""The day of installation as it moved: from events and cards to the ledger."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.harness import ALONE
from tests.ledger_desk import ANNA, CONTRACT, DAY, FITTED_ON, OLEG, VERA, Desk, a_desk, filled, handed, lead
from warehouse.database import Warehouse

JUNE = {number: date(2026, 6, number) for number in range(1, 31)}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("installations") / "vitrina.duckdb", limits=ALONE)


@pytest.fixture
def desk(warehouse: Warehouse) -> Iterator[Desk]:
    with a_desk(warehouse) as desk:
        yield desk


def typed(number: int | None) -> int | None:
    """A day of June as the account keeps it: midnight in its own zone."""
    return (
        None
        if number is None
        else int(datetime(2026, 5, 31, 21, tzinfo=UTC).timestamp()) + (number - 1) * 86_400
    )


def signed(at: float, on: int | None) -> tuple[str, Any]:
    return lead(CONTRACT, at=at, price=100, fields={} if on is None else {FITTED_ON: typed(on)})


def dated(at: float, before: int | None, after: int | None, name: str = "d") -> tuple[str, Any]:
    return filled(at, FITTED_ON, typed(before), typed(after), name)


def shifts(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.ask(
        "select day_before, day_after, known_by from core.installation_changes order by deal_id, seq"
    )


def test_each_new_day_stands_beside_the_one_before_it(desk: Desk) -> None:
    desk.tell(
        signed(3 * DAY, 20),
        dated(10, None, 5),
        dated(DAY, 5, 12),
        handed(2 * DAY, ANNA, VERA),
        dated(3 * DAY, 12, 20),
    )

    assert shifts(desk) == [
        (None, JUNE[5], "event"),
        (JUNE[5], JUNE[12], "event"),
        (JUNE[12], JUNE[20], "event"),
    ]
    assert desk.ask(
        "select changed_on, changed_by, manager_id from core.installation_changes order by seq"
    ) == [
        (date(2026, 3, 2), OLEG, ANNA),
        (date(2026, 3, 3), OLEG, ANNA),
        (date(2026, 3, 5), OLEG, VERA),
    ]


def test_a_day_taken_out_is_remembered_until_another_is_typed(desk: Desk) -> None:
    desk.tell(signed(40, 9), dated(10, None, 5), dated(20, 5, None), dated(40, None, 9))

    assert shifts(desk) == [
        (None, JUNE[5], "event"),
        (JUNE[5], None, "event"),
        (JUNE[5], JUNE[9], "event"),
    ]


def test_a_day_nobody_told_of_is_put_in(desk: Desk) -> None:
    desk.tell(signed(30, 9), dated(10, None, 5), dated(30, 7, 9))

    assert shifts(desk) == [
        (None, JUNE[5], "event"),
        (JUNE[5], JUNE[7], "inferred"),
        (JUNE[7], JUNE[9], "event"),
    ]


def test_a_card_ahead_of_the_events_stands_until_its_event_comes(desk: Desk) -> None:
    desk.tell(signed(40, 9), dated(10, None, 5))
    assert shifts(desk)[-1] == (JUNE[5], JUNE[9], "snapshot")

    desk.tell(dated(39, 5, 9))

    assert shifts(desk) == [(None, JUNE[5], "event"), (JUNE[5], JUNE[9], "event")]


def test_a_day_without_history_is_known_from_the_card(desk: Desk) -> None:
    desk.tell(signed(10, 5))

    assert shifts(desk) == [(None, JUNE[5], "created")]


def test_a_deal_without_a_day_has_no_rows(desk: Desk) -> None:
    desk.tell(signed(10, None))

    assert shifts(desk) == []


def test_neither_order_nor_repetition_makes_another_history(desk: Desk) -> None:
    facts = [signed(50, 9), dated(10, None, 5), dated(20, 5, None, "e"), dated(20, None, 9, "f")]
    desk.tell(*facts)
    expected = desk.everything()["installation_changes"]
    assert len(expected) == 3

    for order in itertools.permutations(facts):
        assert desk.tell(*order, order[0]).everything()["installation_changes"] == expected
