"""The rules behind the figures, one by one: periods, edges, what is not known, what must add up."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.golden_marts.ledgers import (
    CATALOG,
    Ledgers,
    Row,
    after,
    costs,
    day,
    deal,
    entry,
    payment,
    turnover,
)


@pytest.fixture
def ledgers() -> Iterator[Ledgers]:
    ledgers = Ledgers()
    yield ledgers
    ledgers.connection.close()


def signed(deal_id: int, amount: int | None = 1_000, **facts: object) -> Row:
    """A contract of this month."""
    facts = {"contract_on": day(5, 4), "contract_manager_id": 1, "measure_on": day(5, 3)} | facts
    return deal(deal_id, day(5, 1), step="contract", contract_amount=amount, **facts)


def test_an_account_without_deals_gives_empty_marts_and_a_summary_of_zeros(ledgers: Ledgers) -> None:
    built = {one.name: one.rows for one in ledgers.build()}

    assert built.pop("summary") == 20
    assert built.pop("receivables_ageing") == 7
    assert set(built.values()) == {0}
    assert ledgers.row("summary", "line = 1")["month"] == 0
    assert ledgers.row("summary", "line = 10")["month"] is None


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-1, "не наступил срок"), (0, "сегодня"), (1, "1–7"), (7, "1–7"), (8, "8–30"), (30, "8–30"),
        (31, "31–60"), (60, "31–60"), (61, "60+"), (None, "без даты"),
    ],
)  # fmt: skip
def test_a_debt_ages_from_the_installation(ledgers: Ledgers, days: int | None, bucket: str) -> None:
    ledgers.write("deals", [signed(1, installation_on=None if days is None else after(-days))])

    ledgers.build()

    row = ledgers.row("receivables", "true")
    assert row["bucket"] == bucket
    assert row["overdue_days"] == (days if days is not None and days >= 0 else None)
    assert ledgers.row("receivables_ageing", f"bucket = '{bucket}'")["deals"] == 1


@pytest.mark.parametrize(
    ("paid_on", "received", "owed"),
    [(after(0), 400, 600), (after(1), 0, 1_000), (None, 0, 1_000)],
)
def test_money_counts_on_its_day_and_not_before(
    ledgers: Ledgers, paid_on: date | None, received: int, owed: int
) -> None:
    ledgers.write("deals", [signed(1, installation_on=after(9))])
    ledgers.write("payments", [payment(1, 0, "prepayment", paid_on, 400)])

    ledgers.build()

    row = ledgers.row("receivables", "true")
    assert (row["received_amount"], row["receivable_amount"]) == (received, owed)
    assert sum(amount for (amount,) in ledgers.rows("payment_schedule", "expected_amount")) == owed


def test_a_refund_raises_the_debt_again(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1, 100)])
    ledgers.write(
        "payments", [payment(1, 0, "prepayment", after(-2), 30), payment(1, 1, "payment", after(0), -10)]
    )

    ledgers.build()

    assert ledgers.row("receivables", "true")["receivable_amount"] == 80
    assert ledgers.row("turnover_by_month", "true")["received_amount"] == 20


def test_a_moved_installation_moves_the_schedule(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1, installation_on=after(3))])
    ledgers.build()
    assert ledgers.rows("payment_schedule", "due_on") == [(after(3),)]

    ledgers.connection.execute("update core.deals set installation_on = ?", [after(8)])
    ledgers.build()

    assert ledgers.rows("payment_schedule", "due_on") == [(after(8),)]


def test_money_of_a_refused_or_deleted_deal_is_a_debt_to_the_client(ledgers: Ledgers) -> None:
    ledgers.write(
        "deals",
        [
            deal(1, day(5, 1), step="lost", is_lost=True, lost_on=day(5, 9)),
            deal(2, day(5, 1), is_deleted=True),
            signed(3, is_deleted=True, is_cancelled=True, cancelled_on=day(5, 9)),
        ],
    )
    ledgers.write("payments", [payment(n, 0, "prepayment", day(5, 4), 500) for n in (1, 2, 3)])
    ledgers.write("payments", [payment(n, 1, "payment", after(4), 100) for n in (1, 2, 3)])

    ledgers.build()

    assert ledgers.rows("client_debts", "deal_id", "debt_amount", "reason") == [
        (1, 500, "отказ после оплаты"),
        (2, 500, "отказ после оплаты"),
        (3, 500, "расторгнут после оплаты"),
    ]
    assert ledgers.rows("payment_schedule_deals") == []


def test_a_deal_without_articles_of_cost_has_no_profit_to_show(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1)])

    ledgers.build()

    row = ledgers.row("profit_by_deal", "true")
    assert (row["profit_amount"], row["profit_limit"], row["missing"]) == (None, 1_000, "статьи расходов")
    assert ledgers.row("profit_by_month", "true")["margin_rate"] is None


def test_a_loss_has_a_negative_margin(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1, 100)])
    ledgers.write("costs", costs(1, 150, 0, 0))

    ledgers.build()

    row = ledgers.row("profit_by_deal", "true")
    assert (row["profit_amount"], row["margin_rate"]) == (-50, Decimal("-0.5"))


@pytest.mark.parametrize("amount", [None, 0])
def test_a_missing_amount_is_counted_and_kept_out_of_the_average(
    ledgers: Ledgers, amount: int | None
) -> None:
    ledgers.write("deals", [signed(1, amount), signed(2, 300)])
    ledgers.write(
        "turnover_entries",
        [turnover(1, 1, "signed", day(5, 4), 0, 1), turnover(2, 1, "signed", day(5, 4), 300, 1)],
    )
    ledgers.write("costs", costs(1, 1, 1, 1))

    ledgers.build()

    row = ledgers.row("turnover_by_month", "true")
    assert (row["contracts"], row["without_amount"], row["average_amount"]) == (2, 1, 300)
    assert ledgers.row("average_check_by_manager", "true")["median_amount"] == 300
    assert ledgers.row("profit_by_deal", "deal_id = 1")["missing"] == "сумма договора"
    assert ledgers.rows("receivables", "deal_id") == [(2,)]


def test_a_deal_taken_up_again_comes_back_in_its_own_month(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1, 100, contract_on=day(3, 5))])
    ledgers.write(
        "turnover_entries",
        [
            turnover(1, 1, "signed", day(3, 5), 100, 1),
            turnover(1, 2, "cancelled", day(4, 5), -100, 1),
            turnover(1, 3, "resumed", day(5, 5), 100, 1),
        ],
    )

    ledgers.build()

    movements = ledgers.rows("turnover_by_month", "net_amount", "cancelled_amount", "resumed_amount")
    assert movements == [(100, 0, 0), (-100, -100, 0), (100, 0, 100)]
    assert ledgers.rows("turnover_by_month", "contracts") == [(1,), (0,), (0,)]


@pytest.mark.parametrize(
    ("today", "leads_before"),
    [
        (date(2026, 3, 31), 2),  # February has 28 days: all of it
        (date(2026, 3, 15), 1),
        (date(2026, 3, 1), 1),
    ],
)
def test_the_month_before_is_compared_up_to_the_same_day(today: date, leads_before: int) -> None:
    ledgers = Ledgers(today)
    ledgers.write("deals", [deal(1, day(2, 1)), deal(2, day(2, 28)), deal(3, day(3, 1))])

    ledgers.build()

    row = ledgers.row("summary", "line = 1")
    assert (row["month"], row["previous"]) == (1, leads_before)


def test_a_week_begins_on_monday_even_in_the_month_before() -> None:
    ledgers = Ledgers(date(2026, 4, 2))  # Thursday
    ledgers.write("deals", [deal(1, day(3, 29)), deal(2, day(3, 30)), deal(3, day(4, 2)), deal(4, day(4, 3))])

    ledgers.build()

    row = ledgers.row("summary", "line = 1")
    assert (row["today"], row["week"], row["month"], row["previous"]) == (1, 2, 1, 0)
    assert row["change"] is None


def test_a_cohort_ripens_when_its_leads_have_had_the_usual_time() -> None:
    ledgers = Ledgers(date(2026, 5, 9))
    reached = [deal(n, day(4, 1), measure_on=day(4, 11)) for n in (1, 2, 3)]  # the usual time is 10 days
    ledgers.write("deals", [*reached, deal(4, day(4, 30)), deal(5, day(5, 1))])
    notes = {}

    for number in (9, 10):
        ledgers.on(day(5, number))
        ledgers.build("funnel_by_month")
        notes[number] = [note for (note,) in ledgers.rows("funnel_by_month", "measure_note")]

    assert notes == {9: ["незрелая", "незрелая"], 10: [None, "незрелая"]}


def test_a_lead_dated_after_its_measure_takes_no_negative_time(ledgers: Ledgers) -> None:
    ledgers.write("deals", [deal(1, day(5, 10), measure_on=day(5, 1))])

    ledgers.build()

    assert ledgers.row("step_medians", "step = 'measure'")["median_days"] == 0


def test_first_calls_and_later_events_belong_to_their_own_managers(ledgers: Ledgers) -> None:
    ledgers.write("users", [{"user_id": n, "name": name} for n, name in ((1, "Анна"), (2, "Анна"))])
    ledgers.write(
        "deals", [deal(1, day(5, 1), lead_manager_id=1, measure_on=day(5, 2), measure_manager_id=2)]
    )

    ledgers.build()

    assert ledgers.rows(
        "funnel_by_manager", "manager_id", "manager", "leads", "measure_leads", "measures"
    ) == [
        (1, "Анна", 1, 1, 0),
        (2, "Анна", 0, 0, 1),
    ]


def test_a_lead_that_begins_lost_is_a_refusal(ledgers: Ledgers) -> None:
    ledgers.write("deals", [deal(1, day(5, 1), step="lost", is_lost=True, lost_on=day(5, 1))])
    ledgers.write("stage_entries", [entry(1, 1, None, "lost", day(5, 1), 1)])

    ledgers.build()

    assert ledgers.row("funnel_by_month", "true")["losses"] == 1
    assert ledgers.row("lost_reasons", "true")["losses_rate"] == 1


def test_every_mart_is_built_from_the_catalogue(ledgers: Ledgers) -> None:
    assert [one.name for one in ledgers.build()] == [model.name for model in CATALOG]
