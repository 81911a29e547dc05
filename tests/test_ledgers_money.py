"""From what the account said to the ledgers: what a contract is worth, what was paid, what it cost."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.harness import ALONE
from tests.ledger_desk import (
    AMOUNT,
    CONTRACT,
    DAY,
    GOODS,
    INSTALL,
    LOST,
    MEASURE,
    NEW,
    PAID,
    PAID_ON,
    PREPAID,
    PREPAID_ON,
    QUOTE,
    SIGNED_ON,
    SOURCE,
    WON,
    Desk,
    a_desk,
    binned,
    filled,
    lead,
    minute,
    moved,
    priced,
    restored,
    stub,
    unix,
)
from warehouse.database import Warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("ledgers") / "vitrina.duckdb", limits=ALONE)


@pytest.fixture
def desk(warehouse: Warehouse) -> Iterator[Desk]:
    with a_desk(warehouse) as desk:
        yield desk


def test_an_amount_changed_after_signing_is_the_difference_on_its_day(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=3 * DAY, price=120),
        priced(5, 0, 100),
        moved(10, NEW, CONTRACT),
        priced(3 * DAY, 100, 120, "q"),
    )

    assert desk.turnover() == [("signed", 100, 2), ("changed", 20, 5)]
    assert desk.deal("contract_amount") == Decimal(120)


def test_the_amount_of_a_contract_is_that_of_the_evening(desk: Desk) -> None:
    desk.tell(lead(CONTRACT, at=60, price=130), moved(10, NEW, CONTRACT), priced(60, 100, 130))

    assert desk.turnover() == [("signed", 130, 2)]


def test_what_an_amount_was_before_the_evening_is_nobodys_business(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=90, price=120),
        moved(10, NEW, CONTRACT),
        priced(60, 100, 130),
        priced(90, 130, 120, "q"),
    )

    assert desk.turnover() == [("signed", 120, 2)]


def test_an_amount_filled_in_later_was_missing_and_not_changed(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=5 * DAY, fields={AMOUNT: "90"}),
        moved(10, NEW, CONTRACT),
        filled(4 * DAY, AMOUNT, None, 80),
        filled(5 * DAY, AMOUNT, 80, 90, "g"),
    )

    assert desk.turnover() == [("signed", 80, 2), ("changed", 10, 7)]


def test_a_contract_without_an_amount_is_signed_for_nothing(desk: Desk) -> None:
    desk.tell(lead(CONTRACT, at=10), moved(10, NEW, CONTRACT))

    assert desk.turnover() == [("signed", 0, 2)]
    assert desk.deal("contract_amount") is None


def test_the_field_goes_before_the_budget(desk: Desk) -> None:
    desk.tell(lead(CONTRACT, at=10, price=70, fields={AMOUNT: "1 234,50"}), moved(10, NEW, CONTRACT))

    assert desk.deal("contract_amount", "price") == (Decimal("1234.50"), Decimal(70))


def test_a_contract_called_off_and_taken_up_again(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=5 * DAY, price=100),
        moved(10, NEW, CONTRACT),
        moved(2 * DAY, CONTRACT, LOST),
        moved(5 * DAY, LOST, CONTRACT),
    )

    assert desk.turnover() == [("signed", 100, 2), ("cancelled", -100, 4), ("resumed", 100, 7)]
    assert desk.deal("is_cancelled", "cancelled_on", "contract_on") == (False, None, date(2026, 3, 2))


def test_an_amount_changed_while_called_off_counts_when_taken_up_again(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=5 * DAY, price=150),
        moved(10, NEW, CONTRACT),
        moved(2 * DAY, CONTRACT, LOST),
        priced(3 * DAY, 100, 150),
        moved(5 * DAY, LOST, CONTRACT),
    )

    assert desk.turnover() == [("signed", 100, 2), ("cancelled", -100, 4), ("resumed", 150, 7)]


def test_thrown_away_after_being_lost_is_called_off_once(desk: Desk) -> None:
    desk.tell(
        lead(LOST, at=2 * DAY, price=100),
        moved(10, NEW, CONTRACT),
        moved(2 * DAY, CONTRACT, LOST),
        binned(3 * DAY),
        stub(3 * DAY),
    )

    assert desk.turnover() == [("signed", 100, 2), ("cancelled", -100, 4)]
    assert desk.deal("is_cancelled", "cancelled_on", "is_deleted") == (True, date(2026, 3, 4), True)


def test_a_deal_thrown_away_and_restored(desk: Desk) -> None:
    desk.tell(lead(CONTRACT, at=10, price=100), moved(10, NEW, CONTRACT), binned(DAY), stub(DAY))
    assert desk.deal("is_deleted", "is_cancelled") == (True, True)

    desk.tell(restored(3 * DAY), lead(CONTRACT, at=3 * DAY, price=100))

    assert desk.deal("is_deleted", "deleted_at", "is_cancelled") == (False, None, False)
    assert desk.turnover() == [("signed", 100, 2), ("cancelled", -100, 3), ("resumed", 100, 5)]


@pytest.mark.parametrize("when", [5, DAY])
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_thrown_away_and_restored_within_one_second(desk: Desk, when: int, turns: int) -> None:
    there_and_back = [
        told
        for turn in range(turns)
        for told in (binned(when, name=f"x{turn}0"), restored(when, name=f"x{turn}1"))
    ]
    desk.tell(lead(CONTRACT, at=DAY, price=100), moved(10, NEW, CONTRACT), *there_and_back)

    assert desk.deal("is_deleted", "is_cancelled") == (False, False)
    assert desk.ask("select sum(amount) from core.turnover_entries") == [(100,)]


def test_a_deletion_seen_before_its_event_stands_on_the_day_of_the_event_in_the_end(desk: Desk) -> None:
    desk.tell(lead(CONTRACT, at=10, price=100), moved(10, NEW, CONTRACT), stub(DAY))
    assert desk.turnover() == [("signed", 100, 2), ("cancelled", -100, 3)]

    desk.tell(binned(DAY - 30))

    assert desk.turnover() == [("signed", 100, 2), ("cancelled", -100, 3)]
    assert desk.ask("select booked_at from core.turnover_entries where kind = 'cancelled'") == [
        (minute(DAY - 30).replace(tzinfo=None),)
    ]


def test_an_event_later_than_our_last_look_is_believed(desk: Desk) -> None:
    desk.looks_at = 20
    desk.tell(lead(CONTRACT, at=10, price=100), moved(10, NEW, CONTRACT), binned(DAY))
    assert desk.deal("is_deleted") is True

    desk.looks_at = 2 * DAY
    desk.tell(stub(DAY), restored(3 * DAY))

    assert desk.deal("is_deleted") is False
    assert desk.turnover() == [("signed", 100, 2), ("cancelled", -100, 3), ("resumed", 100, 5)]


def test_lost_before_it_was_signed_is_no_matter_of_turnover(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=DAY, price=100),
        moved(10, NEW, LOST),
        moved(20, LOST, MEASURE),
        moved(DAY, MEASURE, CONTRACT),
    )

    assert desk.turnover() == [("signed", 100, 3)]


def test_the_rows_of_a_deal_add_up_to_what_its_contract_is_worth(desk: Desk) -> None:
    desk.tell(
        lead(CONTRACT, at=9 * DAY, price=170),
        moved(10, NEW, CONTRACT),
        priced(DAY, 100, 150),
        moved(2 * DAY, CONTRACT, LOST),
        binned(3 * DAY),
        restored(4 * DAY),
        moved(5 * DAY, LOST, QUOTE),
        priced(6 * DAY, 150, 160, "q"),
        priced(9 * DAY, 160, 170, "r"),
    )

    assert desk.ask("select sum(amount) from core.turnover_entries") == [(Decimal(170),)]
    assert [kind for kind, *_ in desk.turnover()] == [
        "signed",
        "changed",
        "cancelled",
        "resumed",
        "changed",
        "changed",
    ]


def test_the_last_evening_of_april_in_greenwich_is_may_in_moscow(desk: Desk) -> None:
    at = 59 * DAY + 12 * 60 + 30  # 30 April, 21:30 UTC

    desk.tell(lead(CONTRACT, at=at, price=100), moved(at, NEW, CONTRACT))

    assert desk.deal("contract_on") == date(2026, 5, 1)


def test_a_date_written_down_goes_before_the_day_of_the_move(desk: Desk) -> None:
    written = unix(7 * DAY) // 86_400 * 86_400 - 3 * 3600  # midnight in Moscow

    desk.tell(lead(CONTRACT, at=10, price=100, fields={SIGNED_ON: written}), moved(10, NEW, CONTRACT))

    assert desk.deal("contract_on") == date(2026, 3, 9)
    assert desk.turnover() == [("signed", 100, 9)]


def test_the_source_is_the_first_that_was_ever_written(desk: Desk) -> None:
    desk.tell(
        lead(NEW, at=20, fields={SOURCE: 2}), filled(10, SOURCE, None, 1), filled(20, SOURCE, 1, 2, "g")
    )

    assert desk.deal("source") == "Авито"


# --- payments and costs ------------------------------------------------------------------------------------------


def test_payments_come_from_their_fields_with_their_days(desk: Desk) -> None:
    day = unix(7 * DAY) // 86_400 * 86_400 - 3 * 3600
    fields = {PREPAID: "40", PAID: "-15.5", PAID_ON: day}

    desk.tell(lead(CONTRACT, at=10, price=100, fields=fields), moved(10, NEW, CONTRACT))

    assert desk.ask("select kind, paid_on, amount from core.payments order by seq") == [
        ("prepayment", date(2026, 3, 2), Decimal(40)),
        ("payment", date(2026, 3, 9), Decimal("-15.50")),
    ]


def test_a_won_deal_proves_its_last_payment_only_where_the_mapping_says_so(desk: Desk) -> None:
    day = unix(DAY) // 86_400 * 86_400 - 3 * 3600
    facts = (
        lead(WON, at=4 * DAY, price=100, fields={PREPAID: "40", PREPAID_ON: day}),
        moved(10, NEW, CONTRACT),
        moved(4 * DAY, CONTRACT, WON),
    )
    desk.tell(*facts)
    assert len(desk.ask("from core.payments")) == 1

    desk.refresh(last_payment="won")

    assert desk.ask("select kind, paid_on, amount from core.payments order by seq")[1:] == [
        ("rest", date(2026, 3, 6), Decimal(60))
    ]


@pytest.mark.parametrize(
    ("given_back", "on_day", "falls_to", "rest"),
    [
        (-30, 8, None, 60),  # 100 had come in all
        (-30, 4, None, 60),
        (-30, 8, 70, 60),  # the price fell by what was given back
        (-30, 8, 90, 60),
        (-30, 8, 50, 40),  # all that is known is that the deal is paid
        (-30, 2, None, 90),  # the deal was won after it
        (0, 8, 70, 30),
    ],
)
def test_what_is_given_back_after_winning_did_not_come_on_that_day_in_addition(
    desk: Desk, given_back: int, on_day: int, falls_to: int | None, rest: int
) -> None:
    first, day = (unix(days * DAY) // 86_400 * 86_400 - 3 * 3600 for days in (1, on_day))
    fields = {PREPAID: "40", PREPAID_ON: first, PAID: f"{given_back}", PAID_ON: day}
    facts = [
        lead(WON, at=9 * DAY, price=falls_to or 100, fields=fields),
        moved(10, NEW, CONTRACT),
        moved(4 * DAY, CONTRACT, WON),
    ]
    if falls_to is not None:
        facts.append(priced(9 * DAY, 100, falls_to))

    desk.refresh(last_payment="won").tell(*facts)

    assert desk.ask("select paid_on, amount from core.payments where kind = 'rest'") == [
        (date(2026, 3, 6), Decimal(rest))
    ]


def test_a_cost_never_filled_in_is_not_known_and_a_nought_is(desk: Desk) -> None:
    desk.tell(lead(INSTALL, at=10, price=100, fields={GOODS: 0}), moved(10, NEW, INSTALL))

    assert desk.ask("select article, amount from core.costs order by 1") == [
        ("Закуп", Decimal(0)),
        ("Монтаж", None),
    ]
