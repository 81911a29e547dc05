"""Contracts, debts and profit: the rules behind the figures, one by one."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from metrics import drills
from tests.golden_marts.ledgers import (
    CATALOG,
    Ledgers,
    after,
    costs,
    day,
    deal,
    payment,
    signed,
    turnover,
)
from warehouse.database import Transaction


@pytest.fixture
def ledgers() -> Iterator[Ledgers]:
    ledgers = Ledgers()
    yield ledgers
    ledgers.connection.close()


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


def test_a_deal_not_signed_owes_nothing_although_it_has_a_budget(ledgers: Ledgers) -> None:
    ledgers.write(
        "deals", [deal(n, day(5, 1), contract_amount=100, installation_on=after(3)) for n in (1, 2)]
    )
    ledgers.write(
        "payments", [payment(1, 0, "prepayment", day(5, 4), 30), payment(2, 0, "payment", day(5, 4), 130)]
    )
    ledgers.write("payments", [payment(1, 1, "payment", after(1), 20)])

    ledgers.build()

    assert ledgers.rows("receivables") == []
    assert ledgers.rows("client_debts") == []
    assert ledgers.rows("payment_schedule", "due_on", "expected_amount") == [(after(1), 20)]


def test_a_win_counts_while_it_is_not_left_again(ledgers: Ledgers) -> None:
    left = signed(2, 300, won_on=day(5, 6))
    ledgers.write("deals", [signed(1, 100, won_on=day(5, 6)) | {"step": "won"}, left])

    ledgers.build()

    assert ledgers.row("turnover_by_month", "true")["won_amount"] == 100


@pytest.mark.parametrize(
    ("person", "company", "client"),
    [
        ("Иванов", "ООО «Дом»", "Иванов"),
        ("", "ООО «Дом»", "ООО «Дом»"),
        (None, "ООО «Дом»", "ООО «Дом»"),
        (" ", "", "не заполнено"),
    ],
)
def test_a_client_is_the_person_else_the_company(
    ledgers: Ledgers, person: str | None, company: str, client: str
) -> None:
    ledgers.write("contacts", [{"contact_id": 3, "name": person}])
    ledgers.write("companies", [{"company_id": 4, "name": company}])
    ledgers.write("deals", [signed(1, contact_id=3, company_id=4)])

    ledgers.build()

    assert ledgers.row("receivables", "true")["client"] == client
    assert ledgers.row("profit_by_deal", "true")["client"] == client


@pytest.mark.parametrize(
    ("bills", "expected"),
    [
        ([(3, 400, 0)], [(3, "счёт", 400), (9, "остаток", 600)]),
        ([(3, 400, 100), (5, 300, 0)], [(3, "счёт", 300), (5, "счёт", 300), (9, "остаток", 400)]),
        ([(5, 700, 0), (3, 700, 0)], [(3, "счёт", 700), (5, "счёт", 300)]),
        ([(-2, 100, 0)], [(-2, "счёт", 100), (9, "остаток", 900)]),
        ([(3, 400, 400)], [(9, "остаток", 1_000)]),
        ([(None, 400, 0)], [(9, "остаток", 1_000)]),
    ],
)
def test_an_unpaid_invoice_is_waited_for_on_its_day(
    ledgers: Ledgers, bills: list[tuple[int | None, int, int]], expected: list[tuple[int, str, int]]
) -> None:
    ledgers.write("deals", [signed(1, 1_000, installation_on=after(9))])
    send(ledgers, *bills)

    ledgers.build()

    rows = ledgers.rows("payment_schedule_deals", "due_on", "kind", "expected_amount")
    assert rows == [(after(days), kind, amount) for days, kind, amount in expected]


def send(ledgers: Ledgers, *bills: tuple[int | None, int, int], state: str = "created") -> None:
    """Invoices of deal 1: due so many days from today, of this amount, paid so much."""
    for number, (days, amount, paid) in enumerate(bills, start=1):
        row = {
            "invoice_id": number,
            "amount": amount,
            "paid_amount": paid,
            "is_deleted": False,
            "state": state,
        }
        due = None if days is None else after(days)
        ledgers.write("bills", [row | {"due_on": due, "updated_at": datetime(2026, 5, 1)}])
        ledgers.write("deal_elements", [{"deal_id": 1, "element_id": number}])


@pytest.mark.parametrize(
    ("installed", "bills", "expected"),
    [
        (9, [(3, 400, 0)], (3, "не наступил срок", 0)),
        (9, [(-2, 400, 0)], (-2, "1–7", 400)),  # the other 600 are not due yet
        (-40, [(-2, 400, 0)], (-40, "31–60", 1_000)),
        (-40, [(3, 400, 0)], (-40, "31–60", 600)),
        (-40, [(3, 1_000, 0)], (3, "не наступил срок", 0)),  # nothing is left for the day of installation
        (9, [(-2, 400, 150), (-9, 100, 0), (4, 50, 0)], (-9, "8–30", 350)),
        (9, [(-2, 700, 0), (-9, 700, 0)], (-9, "8–30", 1_000)),  # more than is owed: the later one for 300
        (9, [(0, 400, 0)], (0, "сегодня", 0)),
        (9, [(-2, 400, 400)], (9, "не наступил срок", 0)),
        (-1, [(None, 400, 0)], (-1, "1–7", 1_000)),
        (None, [(-70, 1, 0)], (-70, "60+", 1)),
        (None, [], (None, "без даты", 0)),
    ],
)
def test_a_debt_ages_from_its_earliest_open_date(
    ledgers: Ledgers,
    installed: int | None,
    bills: list[tuple[int | None, int, int]],
    expected: tuple[int | None, str, int],
) -> None:
    due, bucket, overdue = expected
    ledgers.write(
        "deals", [signed(1, 1_000, installation_on=None if installed is None else after(installed))]
    )
    send(ledgers, *bills)

    ledgers.build()

    row = ledgers.row("receivables", "true")
    assert row["due_on"] == (None if due is None else after(due))
    assert row["overdue_days"] == (-due if due is not None and due <= 0 else None)
    assert (row["bucket"], row["receivable_amount"], row["overdue_amount"]) == (bucket, 1_000, overdue)
    aged = ledgers.row("receivables_ageing", f"bucket = '{bucket}'")
    assert (aged["receivable_amount"], aged["overdue_amount"]) == (1_000, overdue)
    assert ledgers.row("summary", "figure = 'Из неё просрочено'")["today"] == overdue
    assert drills.check(Transaction(ledgers.connection), "summary", CATALOG["summary"].drills) == []


@pytest.mark.parametrize("state", ["cancelled", "refunded"])
def test_nobody_waits_for_an_invoice_that_was_taken_back(ledgers: Ledgers, state: str) -> None:
    ledgers.write("deals", [signed(1, 1_000, installation_on=after(9))])
    send(ledgers, (-2, 400, 0), state=state)

    ledgers.build()

    assert ledgers.row("receivables", "true")["due_on"] == after(9)
    assert ledgers.rows("payment_schedule_deals", "due_on", "expected_amount") == [(after(9), 1_000)]


def test_an_invoice_on_two_cards_is_waited_for_once(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(number, 1_000, installation_on=after(9)) for number in (1, 2)])
    bill = {"invoice_id": 1, "amount": 400, "is_deleted": False, "due_on": after(3)}
    ledgers.write("bills", [bill | {"updated_at": datetime(2026, 5, 1)}])
    ledgers.write("deal_elements", [{"deal_id": number, "element_id": 1} for number in (2, 1)])

    ledgers.build()

    assert ledgers.rows("payment_schedule_deals", "deal_id", "expected_amount") == [
        (1, 400),
        (1, 600),
        (2, 1_000),
    ]


def test_money_that_came_before_the_first_contract_has_its_working_days(ledgers: Ledgers) -> None:
    ledgers.write("deals", [signed(1, 1_000)])
    ledgers.write("payments", [payment(1, 0, "prepayment", day(2, 10), 400)])

    ledgers.build()

    row = ledgers.row("plan_fact", "measure = 'Поступления' and whom = 'компания'")
    assert (row["fact"], row["passed_days"], row["working_days"], row["run_rate"]) == (400, 20, 20, None)


@pytest.mark.parametrize(
    ("measure", "label", "fact"),
    [
        ("turnover", "Чистый оборот", 1_000),
        ("receipts", "Поступления", 400),
        ("contracts", "Договоры", 1),
        ("gross_profit", "Валовая прибыль", 300),
    ],
)
@pytest.mark.parametrize("manager", [None, 1])
def test_every_plan_that_was_changed_is_weighed_by_its_working_days(
    ledgers: Ledgers, measure: str, label: str, fact: int, manager: int | None
) -> None:
    """11 working days of May at 100 and, from the 18th on, 10 at 310: 4 200 over 21 days."""
    ledgers.write("users", [{"user_id": 1, "name": "Анна", "is_active": True}])
    ledgers.write("deals", [signed(1, 1_000)])
    ledgers.write("turnover_entries", [turnover(1, 1, "signed", day(5, 4), 1_000, 1)])
    ledgers.write("payments", [payment(1, 0, "prepayment", day(5, 6), 400)])
    ledgers.write("costs", costs(1, 500, 100, 100))
    plan = {"month": day(5, 1), "whom": "Анна" if manager else "", "manager_id": manager, "measure": measure}
    for version, (since, amount) in enumerate([(1, 100), (18, 310)], start=1):
        ledgers.write("plans", [plan | {"version": version, "valid_from": day(5, since), "amount": amount}])

    ledgers.build()

    row = ledgers.row("plan_fact", f"whom = '{'Анна' if manager else 'компания'}' and measure = '{label}'")
    assert (row["first_plan"], row["current_plan"], row["prorata_plan"]) == (100, 310, 200)
    assert (row["fact"], row["prorata_rate"]) == (fact, Decimal(fact) / 200)
    assert (row["working_days"], row["passed_days"], row["gap"]) == (21, 14, max(310 - fact, 0))


def test_a_plan_is_met_by_what_has_happened_not_by_what_is_dated_ahead(ledgers: Ledgers) -> None:
    """14 of 21 working days have passed: 600 run to 900; the 400 that are dated tomorrow stand beside."""
    ledgers.write("users", [{"user_id": 1, "name": "Анна", "is_active": True}])
    ledgers.write("deals", [signed(1, 600), signed(2, 400, contract_on=after(1))])
    ledgers.write(
        "turnover_entries",
        [turnover(1, 1, "signed", day(5, 4), 600, 1), turnover(2, 1, "signed", after(1), 400, 1)],
    )
    ledgers.write("costs", [*costs(1, 100, 0, 0), *costs(2, 150, 0, 0)])
    plan = {"month": day(5, 1), "whom": "", "version": 1, "valid_from": day(5, 1), "amount": 1_000}
    ledgers.write("plans", [plan | {"measure": measure} for measure in ("turnover", "gross_profit")])

    ledgers.build()

    told = ledgers.rows("plan_fact where whom = 'компания'", "measure", "fact", "ahead")
    assert sorted(told) == [("Валовая прибыль", 500, 250), ("Договоры", 1, 1), ("Чистый оборот", 600, 400)]
    row = ledgers.row("plan_fact", "measure = 'Чистый оборот' and whom = 'компания'")
    assert (row["attainment"], row["run_rate"], row["gap"]) == (Decimal("0.6"), 900, 400)
    flow = ledgers.row("summary", "figure = 'Чистый оборот'")
    assert (flow["month"], flow["attainment"], flow["forecast"]) == (600, Decimal("0.6"), 900)


def test_money_that_is_to_be_given_back_leaves_the_account_on_its_day(ledgers: Ledgers) -> None:
    """The client of a contract that was called off waits for 500; what he once promised, nobody expects any more."""
    ledgers.write("deals", [signed(1, is_cancelled=True, cancelled_on=day(5, 9)), signed(2)])
    for number in (1, 2):
        ledgers.write(
            "payments",
            [
                payment(number, 0, "prepayment", day(5, 4), 500),
                payment(number, 1, "payment", after(2), -200),
                payment(number, 2, "payment", after(3), 100),
                payment(number, 3, "payment", after(4), 0) | {"amount": None, "currency": "USD"},
            ],
        )
    ledgers.write("cash", [{"on_day": after(-1), "account": "Банк", "amount": 150}])

    ledgers.build()

    expected = ledgers.rows("payment_schedule_deals", "deal_id", "due_on", "kind", "expected_amount")
    assert expected == [
        (1, after(2), "возврат", -200),
        (2, after(2), "возврат", -200),
        (2, after(3), "платёж", 100),
        (2, None, "остаток", 600),
    ]
    assert ledgers.rows("client_debts", "deal_id", "debt_amount") == [(1, 500)]
    gap = ledgers.row("cash_gap", "state like '%первый день ниже нуля%' and optimistic_balance < 0")
    assert (gap["on_day"], gap["optimistic_balance"], gap["careful_balance"]) == (after(2), -250, -250)
    assert (
        drills.check(
            Transaction(ledgers.connection),
            "payment_schedule_deals",
            CATALOG["payment_schedule_deals"].drills,
        )
        == []
    )


def test_money_to_be_given_back_is_not_late_by_our_clients_habit(ledgers: Ledgers) -> None:
    """Clients pay ten days late here; we give back on the day that we named."""
    ledgers.write("deals", [signed(1, 500, installation_on=after(-20)), signed(2, installation_on=after(9))])
    ledgers.write("payments", [payment(1, 0, "prepayment", after(-10), 500)])
    ledgers.write(
        "payments", [payment(2, 0, "payment", after(2), -200), payment(2, 1, "payment", after(3), 100)]
    )
    ledgers.write("cash", [{"on_day": after(-1), "account": "Банк", "amount": 150}])

    ledgers.build()

    moved = ledgers.rows("cash_gap where careful_amount <> 0", "on_day", "careful_amount")
    assert moved == [(after(2), -200), (after(13), 80), (after(19), 880)]
    assert ledgers.row("cash_gap", f"on_day = '{after(2)}'")["careful_balance"] == -50


def test_a_manager_with_nothing_but_contracts_ahead_does_not_make_the_companys_profit_known(
    ledgers: Ledgers,
) -> None:
    ledgers.write("deals", [signed(1, 600), signed(2, 400, contract_on=after(1), contract_manager_id=2)])
    ledgers.write("costs", [*costs(1, 100, None, 0), *costs(2, 150, 0, 0)])

    ledgers.build()

    told = ledgers.rows("plan_fact where code = 'gross_profit'", "whom", "fact", "ahead")
    assert [row[1:] for row in told] == [(None, 250), (None, None), (0, 250)]
