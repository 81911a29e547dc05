"""Leads, cohorts, periods and the summary: the rules behind the figures, one by one."""

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
    signed,
    turnover,
)


@pytest.fixture
def ledgers() -> Iterator[Ledgers]:
    ledgers = Ledgers()
    yield ledgers
    ledgers.connection.close()


def test_an_account_without_deals_gives_empty_marts_and_a_summary_of_zeros(ledgers: Ledgers) -> None:
    built = {one.name: one.rows for one in ledgers.build()}

    assert built.pop("summary") == 24
    assert built.pop("receivables_ageing") == 7
    assert (built.pop("year_by_month"), built.pop("weeks_ahead")) == (12, 9)
    assert (built.pop("data_gaps"), built.pop("potential_profit")) == (13, 3)
    assert (built.pop("month_result"), built.pop("cash_gap"), built.pop("working_days")) == (20, 61, 92)
    assert set(built.values()) == {0}
    assert ledgers.row("summary", "line = 12")["month"] == 0
    assert ledgers.row("summary", "line = 21")["month"] is None


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

    row = ledgers.row("summary", "line = 12")
    assert (row["month"], row["previous"]) == (1, leads_before)


def test_a_week_begins_on_monday_even_in_the_month_before() -> None:
    ledgers = Ledgers(date(2026, 4, 2))  # Thursday
    ledgers.write("deals", [deal(1, day(3, 29)), deal(2, day(3, 30)), deal(3, day(4, 2)), deal(4, day(4, 3))])

    ledgers.build()

    row = ledgers.row("summary", "line = 12")
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


def test_the_usual_time_to_a_refusal_is_that_of_deals_lost_now(ledgers: Ledgers) -> None:
    ledgers.write("deals", [deal(1, day(5, 1), lost_on=day(5, 20))])
    ledgers.write("deals", [deal(2, day(5, 1), step="lost", is_lost=True, lost_on=day(5, 4))])

    ledgers.build()

    row = ledgers.row("step_medians", "step = 'lost'")
    assert (row["leads"], row["median_days"]) == (1, 3)


def test_a_change_from_a_negative_figure_keeps_its_direction(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1)])
    ledgers.write(
        "turnover_entries",
        [turnover(1, 1, "cancelled", day(4, 5), -100, 1), turnover(1, 2, "resumed", day(5, 5), 50, 1)],
    )

    ledgers.build()

    assert ledgers.row("summary", "line = 1")["change"] == Decimal("1.5")  # from −100 up to 50


def test_what_is_called_off_grows_as_it_goes_down(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1)])
    ledgers.write(
        "turnover_entries",
        [turnover(1, 1, "cancelled", day(4, 5), -100, 1), turnover(1, 2, "cancelled", day(5, 5), -150, 1)],
    )

    ledgers.build()

    assert ledgers.row("summary", "figure = 'Расторгнуто'")["change"] == Decimal("0.5")


def test_seven_and_thirty_days_are_counted_with_today(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1, None)])
    days = (1, 6, 7, 29, 30)
    ledgers.write("payments", [payment(1, n, "payment", after(n), 10**place) for place, n in enumerate(days)])

    ledgers.build()

    assert ledgers.row("summary", "line = 10")["today"] == 11
    assert ledgers.row("summary", "line = 11")["today"] == 1_111


def test_the_summary_counts_what_is_left_to_fill_in(ledgers: Ledgers) -> None:
    finished = signed(4) | {"step": "won"}
    dated = signed(5, installation_on=after(1))
    ledgers.write("deals", [signed(1, None), signed(2), signed(3), finished, dated])
    ledgers.write(
        "costs", [*costs(2, 1, None, 1), *costs(3, 0, 0, 0), *costs(4, 1, 1, 1), *costs(5, 1, 1, 1)]
    )

    ledgers.build()

    figures = dict(ledgers.rows("summary", "figure", "today"))
    assert figures["Договоры без суммы"] == 1
    assert figures["Договоры без всех расходов"] == 2  # 1 has no articles at all, 2 lacks one
    assert figures["Договоры без даты монтажа"] == 3  # 4 is finished, 5 has one


def test_open_deals_of_one_who_has_left_are_told_of(ledgers: Ledgers) -> None:
    """Whether he is switched off or is not in the list at all; what is over or the service's needs no seller."""
    ledgers.write("users", [{"user_id": who, "name": str(who), "is_active": who == 1} for who in (1, 2)])
    ledgers.write("pipelines", [{"pipeline_id": 5, "name": "Сервис", "kind": "service", "sort": 1}])
    owners: list[tuple[int | None, Row]] = [
        (1, {}), (2, {}), (3, {}), (2, {"step": "install"}), (None, {}), (2, {"step": "won"}),
        (2, {"step": "lost", "is_lost": True}), (2, {"is_deleted": True}), (2, {"pipeline_id": 5}),
    ]  # fmt: skip
    ledgers.write(
        "deals",
        [deal(number, day(5, 4), owner_id=who, **facts) for number, (who, facts) in enumerate(owners, 1)],
    )

    ledgers.build()

    row = ledgers.row("data_gaps", "gap = 'Открытые сделки без действующего сотрудника'")
    assert (row["rows"], row["whole"]) == (3, 4)
