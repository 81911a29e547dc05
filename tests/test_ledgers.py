"""From what the account said to the ledgers: stages, owners, the mapping, and the law of them all."""

import itertools
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.ledgers import MappingBroken, Role
from tests.ledger_desk import (
    AMOUNT,
    ANNA,
    BILLS,
    CONTRACT,
    DAY,
    DEAL,
    LATER,
    LOST,
    MEASURE,
    NEW,
    OLEG,
    QUOTE,
    REPAIRS,
    ROLES,
    SALES,
    SOURCE,
    VERA,
    Desk,
    Told,
    a_desk,
    binned,
    filled,
    handed,
    lead,
    minute,
    moved,
    stub,
)
from warehouse.database import Warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("ledgers") / "vitrina.duckdb")


@pytest.fixture
def desk(warehouse: Warehouse) -> Iterator[Desk]:
    with a_desk(warehouse) as desk:
        yield desk


# --- stages -----------------------------------------------------------------------------------------------------


def test_a_deal_that_nobody_moved_stands_where_it_was_created(desk: Desk) -> None:
    desk.tell(lead(MEASURE, created=5, at=5))

    assert desk.stages() == [("measure", "created", 5)]
    assert desk.deal("step", "is_sale") == ("measure", True)


def test_moves_follow_one_another_with_who_and_when(desk: Desk) -> None:
    desk.tell(lead(QUOTE, at=30), moved(10, NEW, MEASURE), moved(30, MEASURE, QUOTE))

    assert desk.stages() == [("new", "created", 0), ("measure", "event", 10), ("quote", "event", 30)]
    assert desk.ask("select previous_step, changed_by from core.stage_entries order by seq") == [
        (None, ANNA),
        ("new", OLEG),
        ("measure", OLEG),
    ]
    assert desk.ask("select left_at is null from core.stage_entries order by seq") == [
        (False,),
        (False,),
        (True,),
    ]


def test_a_skipped_stage_counts_as_reached_and_not_as_entered(desk: Desk) -> None:
    desk.tell(lead(CONTRACT, at=20), moved(20, NEW, CONTRACT))

    assert [step for step, *_ in desk.stages()] == ["new", "contract"]
    assert desk.deal("measure_at", "contract_reached_at") == (minute(20).replace(tzinfo=None),) * 2


def test_moving_back_takes_nothing_away(desk: Desk) -> None:
    desk.tell(
        lead(MEASURE, at=2 * DAY, price=100),
        moved(10, NEW, CONTRACT),
        moved(2 * DAY, CONTRACT, MEASURE),
    )

    assert desk.deal("step", "is_signed", "contract_on") == ("measure", True, date(2026, 3, 2))
    assert desk.turnover() == [("signed", 100, 2)]


def test_moves_within_one_second_stand_in_the_order_of_their_events(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=10),
        moved(10, QUOTE, CONTRACT, "c"),
        moved(10, MEASURE, QUOTE, "b"),
        moved(10, NEW, MEASURE, "a"),
    )

    assert [step for step, *_ in desk.stages()] == ["new", "measure", "quote", "contract"]
    assert {known_by for _, known_by, _ in desk.stages()} == {"created", "event"}


def test_a_missing_event_is_inferred(desk: Desk) -> None:
    desk.tell(lead(CONTRACT, at=30), moved(10, NEW, MEASURE), moved(30, QUOTE, CONTRACT))

    assert desk.stages() == [
        ("new", "created", 0),
        ("measure", "event", 10),
        ("quote", "inferred", 30),
        ("contract", "event", 30),
    ]


def test_a_payload_ahead_of_the_events_stands_until_its_event_comes(desk: Desk) -> None:
    desk.tell(lead(QUOTE, at=40), moved(10, NEW, MEASURE))
    assert desk.stages()[-1] == ("quote", "snapshot", 40)

    desk.tell(moved(39, MEASURE, QUOTE))

    assert desk.stages()[-1] == ("quote", "event", 39)
    assert len(desk.stages()) == 3


def test_a_payload_older_than_the_events_says_nothing(desk: Desk) -> None:
    desk.tell(lead(MEASURE, at=10), moved(10, NEW, MEASURE), moved(20, MEASURE, QUOTE))

    assert desk.stages()[-1] == ("quote", "event", 20)
    assert desk.deal("step") == "quote"


def test_a_postponed_deal_has_reached_nothing(desk: Desk) -> None:
    desk.tell(lead(LATER, at=10), moved(10, NEW, LATER))

    assert desk.deal("step", "measure_at", "is_signed") == ("postponed", None, False)
    assert desk.ask("select rank from core.stage_entries order by seq") == [(0,), (None,)]


def test_a_deal_lost_and_taken_up_again_is_open(desk: Desk) -> None:
    desk.tell(lead(LOST, at=10), moved(10, NEW, LOST))
    assert desk.deal("is_lost", "lost_on") == (True, date(2026, 3, 2))

    desk.tell(lead(MEASURE, at=DAY), moved(DAY, LOST, MEASURE))

    assert desk.deal("is_lost", "lost_on", "step") == (False, None, "measure")
    assert desk.ask("select previous_step from core.stage_entries order by seq desc limit 1") == [("lost",)]


def test_lost_twice_is_lost_on_the_last_day(desk: Desk) -> None:
    desk.tell(
        lead(LOST, at=3 * DAY), moved(10, NEW, LOST), moved(DAY, LOST, MEASURE), moved(3 * DAY, MEASURE, LOST)
    )

    assert desk.deal("lost_on") == date(2026, 3, 5)


def test_a_deal_of_another_pipeline_is_no_sale(desk: Desk) -> None:
    desk.tell(lead(NEW, pipeline=BILLS, price=500))

    assert desk.deal("is_sale", "step", "is_signed") == (False, None, False)
    assert desk.turnover() == []


def test_a_deal_that_left_the_sales_pipeline_stays_a_sale(desk: Desk) -> None:
    desk.tell(
        lead(NEW, pipeline=REPAIRS, at=DAY, price=100),
        moved(10, NEW, CONTRACT),
        moved(DAY, CONTRACT, NEW, pipelines=(SALES, REPAIRS)),
    )

    assert desk.deal("is_sale", "is_signed", "pipeline_id") == (True, True, REPAIRS)
    assert desk.turnover() == [("signed", 100, 2)]


# --- owners -----------------------------------------------------------------------------------------------------


def test_a_figure_belongs_to_the_owner_of_its_moment(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=40, owner=VERA, price=100),
        handed(5, ANNA, OLEG),
        moved(10, NEW, MEASURE),
        moved(20, MEASURE, CONTRACT),
        handed(30, OLEG, VERA),
    )

    wanted = "lead_manager_id", "measure_manager_id", "contract_manager_id", "owner_id"
    assert desk.deal(*wanted) == (OLEG, OLEG, OLEG, VERA)
    assert desk.ask("select manager_id from core.turnover_entries") == [(OLEG,)]


def test_an_owner_for_no_time_at_all_answers_for_nothing(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=10, owner=VERA),
        handed(10, ANNA, OLEG, "h1"),
        handed(10, OLEG, VERA, "h2"),
        moved(10, NEW, CONTRACT, "m"),
    )

    assert desk.deal("contract_manager_id") == VERA
    assert desk.ask("select owner_id from core.owner_entries order by seq") == [(ANNA,), (OLEG,), (VERA,)]


def test_a_lead_that_nobody_worked_on_is_its_present_owners(desk: Desk) -> None:
    desk.tell(lead(NEW, at=20, owner=VERA), handed(20, ANNA, VERA))

    assert desk.deal("lead_manager_id") == VERA


# --- the mapping ---------------------------------------------------------------------------------------------------


def test_another_meaning_makes_everything_again(desk: Desk) -> None:
    desk.tell(lead(MEASURE, at=10, price=100), moved(10, NEW, MEASURE))
    assert desk.refresh().made_again == 0

    desk.refresh(steps={**desk.meaning.steps, (SALES, MEASURE): "contract"})

    assert desk.made_again == 1
    assert desk.deal("step", "is_signed") == ("contract", True)
    assert desk.refresh().made_again == 0


def test_a_renamed_option_is_renamed_everywhere(desk: Desk) -> None:
    desk.tell(lead(NEW, fields={SOURCE: 2}))

    fields: list[dict[str, Any]] = [{"id": role.field, "code": None, "enums": None} for role in ROLES]
    fields[1]["enums"] = [{"id": 2, "value": "Наш сайт"}]
    desk.snapshot("lead_fields", "custom_fields", fields)
    desk.refresh()

    assert desk.deal("source") == "Наш сайт"


@pytest.mark.parametrize("field", [999_999, "NO_SUCH_CODE"])
def test_a_field_that_the_account_does_not_have_is_named(desk: Desk, field: int | str) -> None:
    with pytest.raises(MappingBroken, match=r"fields\.discount: no custom field") as caught:
        desk.refresh(roles=(*ROLES, Role("discount", field, "fields.discount")))

    assert [role.key for role in caught.value.unknown] == ["fields.discount"]


def test_a_field_may_be_named_by_its_code(desk: Desk) -> None:
    fields = [
        {"id": role.field, "code": "BILL" if role.field == AMOUNT else None, "enums": None} for role in ROLES
    ]
    desk.snapshot("lead_fields", "custom_fields", fields)
    desk.refresh(roles=(Role("contract_amount", "BILL", "amount"), *ROLES[1:]))

    desk.tell(lead(CONTRACT, at=10, price=5, fields={AMOUNT: "100"}), moved(10, NEW, CONTRACT))

    assert desk.deal("contract_amount") == Decimal(100)


# --- the law -------------------------------------------------------------------------------------------------------

STORY: tuple[Told, ...] = (
    lead(MEASURE, at=10, price=50),
    moved(10, NEW, MEASURE),
    moved(DAY, MEASURE, CONTRACT),
    filled(DAY, AMOUNT, None, 100),
    lead(LOST, at=4 * DAY, price=50, owner=OLEG, fields={AMOUNT: "100"}),
)
LATER_TOLD: tuple[Told, ...] = (
    handed(2 * DAY, ANNA, OLEG),
    moved(4 * DAY, CONTRACT, LOST),
    binned(5 * DAY),
    stub(5 * DAY),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(STORY))))[::17])
def test_ledgers_depend_on_what_is_known_and_not_on_how_it_came(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    with a_desk(warehouse) as desk:
        expected = desk.tell(*STORY, *LATER_TOLD).everything()

    with a_desk(warehouse) as other:
        for number in order:
            other.tell(STORY[number])
        other.tell(*reversed(LATER_TOLD), *STORY[1:4], *LATER_TOLD)

        assert other.everything() == expected
        assert expected["deals"][0][0] == DEAL
