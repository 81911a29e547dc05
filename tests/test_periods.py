"""Closing a month: what was reported stays, what changes later is an adjustment of the open month."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics import drills, periods
from tests.golden_marts.company import LEDGERS
from tests.golden_marts.ledgers import CATALOG, costs, day
from tests.payroll_desk import ANNA, APRIL, BORIS, MAY, Desk
from warehouse.database import Transaction

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
FEBRUARY, JUNE = day(2, 1), day(6, 1)


class Office(Desk):
    """A desk whose months can be closed."""

    def close(self, *months: date) -> None:
        tx = Transaction(self.connection)
        periods.freeze(tx, CATALOG, months, 1, NOW)
        self.build()

    def reopen(self, month: date) -> None:
        assert periods.reopen(Transaction(self.connection), month, "somebody", NOW)
        self.build()

    def run(self, sql: str) -> None:
        self.connection.execute(sql)
        self.build()

    def reported(self, month: date, figure: str) -> tuple[Any, ...]:
        """Own deals, adjustments, reported, by present data."""
        row = self.row("reported_by_month", f"month = date '{month}' and figure = '{figure}'")
        return tuple(row[name] for name in ("own_amount", "adjusted_amount", "amount", "current_amount"))

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every mart, without the words that only say whether a month is closed."""
        return {
            model.name: self.rows(
                model.name, *(column.name for column in model.columns if column.name != "state")
            )
            for model in CATALOG
            if model.name not in ("period_figures", "reported_by_month", "reported_by_manager")
        }


@pytest.fixture
def office() -> Iterator[Office]:
    """Two contracts of April, a per cent of each, one cost that comes late; May is today."""
    office = Office()
    office.rule("contract", rate="0.03")
    office.rule("gross_profit", rate="0.1")
    office.contract(1, day(4, 10), 100_000)
    office.write("costs", costs(1, 30_000, 10_000, 20_000))
    office.contract(2, day(4, 20), 50_000, BORIS)
    office.write("costs", costs(2, 20_000, 5_000, None))
    office.contract(3, day(5, 4), 10_000)
    office.build()
    yield office
    office.connection.close()


def test_closing_and_reopening_changes_nothing_but_the_lock() -> None:
    office = Office()
    for ledger, rows in LEDGERS.items():
        office.write(ledger, [row for row in rows if ledger != "users"])
    for base in ("contract", "paid", "gross_profit", "closed_act"):
        office.rule(base, rate="0.05")
    office.build()
    before = office.everything()

    office.close(FEBRUARY, APRIL)
    closed = office.everything()
    office.reopen(APRIL)
    office.reopen(FEBRUARY)

    assert closed == before
    assert office.everything() == before
    assert [lock.reopened_by for lock in periods.locks(Transaction(office.connection))] == ["somebody"] * 2
    office.connection.close()


def test_a_late_change_of_the_amount_stands_in_the_open_month_with_its_deal(office: Office) -> None:
    """100 000 became 90 000 as of April: turnover −10 000, profit −10 000, 3 % and 10 % of it off May's wages."""
    office.close(APRIL)
    office.connection.execute("update core.turnover_entries set amount = 90000 where deal_id = 1")

    office.run("update core.deals set contract_amount = 90000 where deal_id = 1")

    assert office.reported(APRIL, "turnover") == (150_000, 0, 150_000, 140_000)
    assert office.reported(MAY, "turnover") == (10_000, -10_000, 0, 10_000)
    assert office.reported(APRIL, "gross_profit") == (40_000, 0, 40_000, 30_000)
    rows = office.rows("adjustments", "month", "for_month", "title", "deal_id", "manager", "amount", "reason")
    assert rows[0] == (
        MAY, APRIL, "Валовая прибыль", 1, "Анна", -10_000, "изменились расходы или сумма договора"
    )  # fmt: skip
    assert office.slip(APRIL) == [("10.04", 1, "3000.00"), ("10.04", 1, "4000.00")]
    assert office.slip(MAY) == [("01.05", 1, "-300.00"), ("01.05", 1, "-1000.00"), ("04.05", 3, "300.00")]
    reason = office.row("payroll_lines", f"month = date '{MAY}' and amount = -300")["reason"]
    assert reason == "поправка за 04.2026: выдано 3000,00, причитается 2700,00"


def test_a_cost_that_came_late_is_paid_for_in_the_open_month(office: Office) -> None:
    """50 000 − 20 000 − 5 000 − 5 000 = 20 000, known only after April was closed: 2 000 to Boris in May."""
    office.close(APRIL)

    office.run("update core.costs set amount = 5000 where deal_id = 2 and amount is null")

    assert office.slip(APRIL, BORIS) == [("20.04", 2, "1500.00")]
    assert office.slip(MAY, BORIS) == [("01.05", 2, "2000.00")]
    assert office.reported(MAY, "gross_profit")[1] == 20_000


def test_a_contract_called_off_after_the_closing_is_taken_back_once(office: Office) -> None:
    """The calling off is a row of May by itself; April's profit is no more, so its adjustment stands in May too."""
    office.close(APRIL)
    office.moved(1, 2, "cancelled", day(5, 6), -100_000)

    office.run(
        "update core.deals set is_cancelled = true, cancelled_on = date '2026-05-06' where deal_id = 1"
    )

    assert office.slip(APRIL) == [("10.04", 1, "3000.00"), ("10.04", 1, "4000.00")]
    assert office.slip(MAY) == [("04.05", 3, "300.00"), ("06.05", 1, "-3000.00"), ("06.05", 1, "-4000.00")]
    assert office.reported(MAY, "turnover") == (-90_000, 0, -90_000, -90_000)
    assert office.reported(MAY, "gross_profit")[1] == -40_000


def test_another_seller_found_later_gets_the_money_and_the_first_gives_it_back(office: Office) -> None:
    office.close(APRIL)

    office.run(f"update core.turnover_entries set manager_id = {BORIS} where deal_id = 1")

    assert ("01.05", 1, "-3000.00") in office.slip(MAY)
    assert ("01.05", 1, "3000.00") in office.slip(MAY, BORIS)


def test_what_was_adjusted_in_a_month_that_is_closed_too_is_not_adjusted_again(office: Office) -> None:
    office.on(day(6, 10))
    office.close(APRIL)
    office.run("update core.turnover_entries set amount = 90000 where deal_id = 1")

    office.close(MAY)
    slip = office.slip(MAY)
    office.run("update core.turnover_entries set amount = 80000 where deal_id = 1")

    assert slip == office.slip(MAY) == [("01.05", 1, "-300.00"), ("04.05", 3, "300.00")]
    assert office.slip(JUNE) == [("01.06", 1, "-300.00")]
    assert office.reported(MAY, "turnover") == (10_000, -10_000, 0, 10_000)
    assert office.reported(JUNE, "turnover") == (0, -10_000, -10_000, 0)


def test_a_deal_that_disappears_is_an_adjustment_too(office: Office) -> None:
    office.close(APRIL)
    for ledger in ("turnover_entries", "costs", "deals"):
        office.connection.execute(f"delete from core.{ledger} where deal_id = 1")

    office.build()

    assert office.slip(APRIL) == [("10.04", 1, "3000.00"), ("10.04", 1, "4000.00")]
    assert office.slip(MAY)[:2] == [("01.05", 1, "-3000.00"), ("01.05", 1, "-4000.00")]
    assert {row[0] for row in office.rows("adjustments", "reason")} == {"сделки больше нет"}


@pytest.mark.parametrize(
    "steps",
    [
        ("close 4",),
        ("close 4", "change"),
        ("change", "close 4", "change", "close 5", "change"),
        ("close 4", "change", "close 5", "reopen 4", "change"),
        ("close 5", "change", "reopen 5", "close 4"),
        ("close 2", "close 5", "change", "reopen 2", "change"),
    ],
)
def test_all_that_is_reported_is_all_there_is_whatever_is_closed(
    office: Office, steps: tuple[str, ...]
) -> None:
    """Over all months together, what was reported equals what the data say now: in turnover, profit and wages."""
    office.on(day(6, 10))
    office.build()
    amount = Decimal(100_000)
    for step in steps:
        word, _, month = step.partition(" ")
        if word == "change":
            amount -= 7_000
            office.connection.execute("update core.deals set contract_amount = ? where deal_id = 1", [amount])
            office.connection.execute(
                "update core.turnover_entries set amount = ? where deal_id = 1", [amount]
            )
            office.build()
        elif word == "close":
            office.close(day(int(month), 1))
        else:
            office.reopen(day(int(month), 1))

    for mart in ("payroll_lines", "payroll", "reported_by_manager", "reported_by_month", "adjustments"):
        assert drills.check(Transaction(office.connection), mart, CATALOG[mart].drills) == []
    for figure in ("turnover", "gross_profit", "net_profit"):
        rows = office.connection.execute(
            "select sum(amount), sum(current_amount) from mart.reported_by_manager where figure = ?", [figure]
        ).fetchall()
        assert [(a == b, a is not None) for a, b in rows] == [(True, True)], figure
    [(due,)] = office.rows("payroll_accruals", "sum(amount)")
    [(paid,)] = office.rows("payroll", "sum(amount)")
    assert paid == due
    assert ANNA in {row[0] for row in office.rows("payroll", "manager_id")}
