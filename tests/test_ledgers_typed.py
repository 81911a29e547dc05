"""Money from several mouths: typed rows, fields, bills and won deals, each rouble counted once."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.ledgers import Role
from tests.harness import ALONE
from tests.ledger_desk import (
    ANNA,
    BILLS,
    CONTRACT,
    DAY,
    DEAL,
    GOODS,
    LOST,
    NEW,
    OLEG,
    PAID,
    PAID_ON,
    PREPAID,
    PREPAID_ON,
    ROLES,
    VERA,
    WON,
    Desk,
    a_desk,
    lead,
)
from warehouse.database import Warehouse
from warehouse.inputs import accept

ACT, EXPECTED, LIST, CURRENCY, TEST, PLANNED, FIRST, FIRST_SHARE, SECOND, SECOND_SHARE, FITTER = range(
    921, 932
)
BILL_ARTICLE, BILL_DEAL, BILL_DUE = range(941, 944)
MORE = (
    Role("act_date", ACT, "act"),
    Role("expected_date", EXPECTED, "expected"),
    Role("list_amount", LIST, "list"),
    Role("currency", CURRENCY, "currency"),
    Role("test", TEST, "test"),
    Role("planned_cost", PLANNED, "planned", article="Закуп", position=1),
    Role("share_manager", FIRST, "first", article="", position=0),
    Role("share_percent", FIRST_SHARE, "first share", article="", position=0),
    Role("share_manager", SECOND, "second", article="", position=1),
    Role("share_percent", SECOND_SHARE, "second share", article="", position=1),
    Role("share_manager", FITTER, "fitter", article="installation", position=2),
    Role("expense_article", BILL_ARTICLE, "bill article"),
    Role("expense_deal", BILL_DEAL, "bill deal"),
    Role("expense_due_date", BILL_DUE, "bill due"),
)
BILL, OTHER = 601, 502
MAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("examples") / "w.duckdb", limits=ALONE)


@pytest.fixture
def desk(warehouse: Warehouse) -> Iterator[Desk]:
    with a_desk(warehouse) as open_desk:
        yield furnished(open_desk)


def furnished(desk: Desk) -> Desk:
    fields = [{"id": role.field, "name": role.key, "code": None, "enums": None} for role in (*ROLES, *MORE)]
    account = [
        {"id": 1, "currency": "RUB", "_embedded": {"datetime_settings": {"timezone": "Europe/Moscow"}}}
    ]
    desk.snapshot("lead_fields", "custom_fields", fields)
    desk.snapshot("users", "users", people())
    desk.snapshot("account", "account", account)
    return desk.refresh(roles=(*ROLES, *MORE))


def people(oleg: str = "Олег") -> list[dict[str, Any]]:
    named = ((ANNA, "Анна Ёлкина"), (OLEG, oleg), (VERA, "Вера"))
    return [{"id": identity, "name": name, "rights": {"is_active": True}} for identity, name in named]


def typed(desk: Desk, name: str, *rows: dict[str, str], at: datetime = MAY) -> Desk:
    """The rows of one accepted table, numbered as they stand."""
    accept(desk._tx, name, dict(enumerate(rows, 2)), origin="test", author="Анна", at=at)
    return desk.refresh()


def bank(day: str, amount: str, **more: str) -> dict[str, str]:
    return {"deal_id": str(DEAL), "paid_on": day, "amount": amount, "proof": "bank", **more}


def unix_day(text: str) -> int:
    """As a date field holds it: midnight in Moscow."""
    return int((datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=3)).timestamp())


def signed(price: int = 100_000, status: int = CONTRACT, **fields: Any) -> Any:
    return lead(status, at=5, price=price, fields=fields.pop("fields", None), **fields)


def payments(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.ask("select proof, paid_on, amount from core.payments order by deal_id, paid_on, seq")


def test_a_better_proof_of_the_same_money_takes_its_place(desk: Desk) -> None:
    desk.tell(signed(fields={PREPAID: 30_000, PREPAID_ON: unix_day("2026-05-10")}))

    typed(desk, "payments", bank("2026-05-12", "30000.00"))

    assert payments(desk) == [("bank", date(2026, 5, 12), Decimal(30_000))]


def test_what_no_better_proof_covers_stays_declared_the_oldest_being_covered_first(desk: Desk) -> None:
    """Fields: 30 000 + 50 000; bank: 40 000. The bank covers the 30 000 and 10 000 of the 50 000."""
    desk.tell(
        signed(fields={
            PREPAID: 30_000, PREPAID_ON: unix_day("2026-05-10"), PAID: 50_000, PAID_ON: unix_day("2026-05-20"),
        })
    )  # fmt: skip
    typed(desk, "payments", bank("2026-05-12", "40000.00"))

    desk.refresh(confirmed_from="bank")

    assert desk.ask("select proof, paid_on, amount, is_confirmed from core.payments order by paid_on") == [
        ("bank", date(2026, 5, 12), Decimal(40_000), True),
        ("field", date(2026, 5, 20), Decimal(40_000), False),
    ]


def test_the_bank_knows_of_more_than_the_fields(desk: Desk) -> None:
    desk.tell(signed(fields={PREPAID: 30_000, PREPAID_ON: unix_day("2026-05-10")}))

    typed(desk, "payments", bank("2026-05-12", "30000.00"), bank("2026-05-14", "25000.50"))

    assert payments(desk) == [
        ("bank", date(2026, 5, 12), Decimal(30_000)),
        ("bank", date(2026, 5, 14), Decimal("25000.50")),
    ]


def test_the_accountant_stands_behind_the_bank(desk: Desk) -> None:
    desk.tell(signed())

    typed(
        desk, "payments",
        bank("2026-05-12", "30000.00"),
        bank("2026-05-11", "50000.00") | {"proof": "confirmed"},
    )  # fmt: skip

    assert payments(desk) == [
        ("confirmed", date(2026, 5, 11), Decimal(20_000)),
        ("bank", date(2026, 5, 12), Decimal(30_000)),
    ]


def test_a_refund_takes_nothing_in_but_refunds(desk: Desk) -> None:
    desk.tell(signed(fields={PREPAID: 30_000, PREPAID_ON: unix_day("2026-05-10")}))

    typed(desk, "payments", bank("2026-05-15", "-10000.00"))

    assert payments(desk) == [
        ("field", date(2026, 5, 10), Decimal(30_000)),
        ("bank", date(2026, 5, 15), Decimal(-10_000)),
    ]


def test_a_won_deal_proves_only_the_rest(desk: Desk) -> None:
    desk.tell(signed(status=WON))
    typed(desk, "payments", bank("2026-03-01", "70000.00"))

    desk.refresh(last_payment="won")

    assert [(proof, amount) for proof, _, amount in payments(desk)] == [
        ("bank", Decimal(70_000)),
        ("won", Decimal(30_000)),
    ]
    desk.refresh(confirmed_from="bank")
    assert desk.ask("select is_confirmed from core.payments order by proof") == [(True,), (False,)]


def test_a_row_taken_out_gives_the_field_its_word_back(desk: Desk) -> None:
    desk.tell(signed(fields={PREPAID: 30_000, PREPAID_ON: unix_day("2026-05-10")}))
    before = desk.everything()
    typed(desk, "payments", bank("2026-05-12", "30000.00"))

    typed(desk, "payments")

    assert desk.everything() == before


MONEY = st.integers(1, 9_999_999).map(lambda kopecks: Decimal(kopecks) / 100)
CLAIMS = st.lists(st.tuples(st.sampled_from(["bank", "confirmed"]), st.integers(1, 28), MONEY), max_size=6)


@given(claims=CLAIMS, fields=st.tuples(MONEY, MONEY), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_what_counts_is_the_most_that_anybody_tells_of_in_any_order(
    warehouse: Warehouse, claims: Any, fields: tuple[Decimal, Decimal], shuffle: Any
) -> None:
    rows = [bank(f"2026-05-{day:02}", f"{amount:.2f}", document=str(number)) | {"proof": proof}
            for number, (proof, day, amount) in enumerate(claims)]  # fmt: skip
    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    with a_desk(warehouse) as one:
        furnished(one).tell(
            signed(fields={PREPAID: str(fields[0]), PAID: str(fields[1]), PAID_ON: unix_day("2026-05-30")})
        )
        typed(one, "payments", *rows)
        counted = payments(one)
        typed(one, "payments")
        typed(one, "payments", *shuffled)
        again = payments(one)

    told = {
        proof: sum((amount for each, _, amount in claims if each == proof), Decimal())
        for proof in ("bank", "confirmed")
    }
    assert again == counted
    assert sum((amount for *_, amount in counted), Decimal()) == max(*told.values(), sum(fields))
    assert all(amount > 0 for *_, amount in counted)


def rate(day: str, value: str) -> dict[str, str]:
    return {"on_day": day, "currency": "USD", "rate": value}


def test_other_currencies_count_at_the_rate_of_the_day_half_a_kopeck_up(desk: Desk) -> None:
    """1.00 USD at 92.445 is 92.445, that is 92.45; a refund of it is −92.45. The last rate before the day holds."""
    desk.tell(signed())
    typed(desk, "exchange", rate("2026-05-01", "92.445"), rate("2026-05-20", "100"))

    typed(
        desk, "payments",
        bank("2026-05-12", "1.00", currency="USD"),
        bank("2026-05-13", "-1.00", currency="USD"),
        bank("2026-05-20", "1.00", currency="USD"),
    )  # fmt: skip

    assert [amount for *_, amount in payments(desk)] == [Decimal("92.45"), Decimal("-92.45"), Decimal(100)]
    assert desk.ask("select distinct currency, abs(original_amount) from core.payments") == [
        ("USD", Decimal(1))
    ]


def test_another_rate_is_other_money_for_the_deals_that_have_any(desk: Desk) -> None:
    desk.tell(signed())
    typed(desk, "exchange", rate("2026-05-01", "90"))
    typed(desk, "payments", bank("2026-05-12", "2.00", currency="USD"))

    typed(desk, "exchange", rate("2026-05-01", "91"))

    assert [amount for *_, amount in payments(desk)] == [Decimal(182)]


def test_a_deal_in_another_currency_is_worth_what_it_was_on_the_day_of_its_contract(desk: Desk) -> None:
    desk.tell(signed(price=100, fields={CURRENCY: "USD", PREPAID: 10, LIST: 120}))
    assert desk.deal("contract_amount", "currency") == (None, "USD")
    assert desk.ask("select amount, original_amount from core.payments") == [(None, Decimal(10))]

    typed(desk, "exchange", rate("2026-03-01", "90.5"))

    assert desk.deal("contract_amount", "price", "list_amount") == (
        Decimal(9050),
        Decimal(9050),
        Decimal(10_860),
    )
    assert desk.turnover() == [("signed", 9050, 2)]
    assert [amount for *_, amount in payments(desk)] == [Decimal(905)]


def expense(article: str, amount: str | None, **more: str) -> dict[str, str]:
    return {"month": "2026-05-01", "article": article} | ({"amount": amount} if amount else {}) | more


def costs(desk: Desk, deal: int = DEAL) -> list[tuple[Any, ...]]:
    return desk.ask(
        f"select article, amount, planned_amount, origin from core.costs where deal_id = {deal} order by article"
    )


def test_rows_that_name_a_deal_take_the_place_of_its_field(desk: Desk) -> None:
    desk.tell(signed(fields={GOODS: 40_000, PLANNED: 45_000}))
    assert costs(desk) == [
        ("Закуп", Decimal(40_000), Decimal(45_000), "field"),
        ("Монтаж", None, None, None),
    ]

    typed(
        desk, "expenses",
        expense("закуп", "25000.00", deal_id=str(DEAL)),
        expense("Закуп", "16000.00", deal_id=str(DEAL)),
        expense("Пропуск", None, planned_amount="500.00", deal_id=str(DEAL)),
    )  # fmt: skip

    assert costs(desk) == [
        ("Закуп", Decimal(41_000), Decimal(45_000), "input"),
        ("Монтаж", None, None, None),
        ("Пропуск", None, Decimal(500), None),
    ]


def test_a_yearly_fee_is_spread_to_the_kopeck_and_paid_once(desk: Desk) -> None:
    """100.00 over three months: 33.34 + 33.33 + 33.33."""
    typed(desk, "expenses", expense("Подписка", "100.00", months="3", due_on="2026-05-07", is_paid="true"))

    assert desk.ask("select month, amount from core.overheads order by month") == [
        (date(2026, 5, 1), Decimal("33.34")),
        (date(2026, 6, 1), Decimal("33.33")),
        (date(2026, 7, 1), Decimal("33.33")),
    ]
    assert desk.ask("select on_day, amount, is_paid from core.outflows") == [
        (date(2026, 5, 7), Decimal(100), True)
    ]


def test_rent_without_a_day_is_paid_by_the_end_of_its_month(desk: Desk) -> None:
    typed(
        desk, "expenses",
        expense("Аренда", "80000.00"),
        expense("Закуп", "5.00", deal_id=str(DEAL)),
        expense("Возврат", "-7.00", months="2"),
    )  # fmt: skip

    assert desk.ask("select article, on_day from core.outflows where amount > 0") == [
        ("Аренда", date(2026, 5, 31))
    ]
    assert desk.ask("select amount from core.overheads where article = 'Возврат' order by 1") == [
        (Decimal("-3.50"),), (Decimal("-3.50"),)
    ]  # fmt: skip


def test_rent_that_is_written_down_as_paid_has_left_the_account(desk: Desk) -> None:
    """It does not stay there until the end of its month; a day that somebody typed is believed."""
    rent, taxes = expense("Аренда", "80000.00", is_paid="true"), expense("Налоги", "700.00", is_paid="true")
    past = {**expense("Аренда", "75000.00", is_paid="true"), "month": "2026-04-01"}
    taxes["due_on"] = "2026-05-25"
    typed(desk, "expenses", rent, taxes, past, at=datetime(2026, 5, 5, 21, 30, tzinfo=UTC))
    typed(desk, "expenses", rent, taxes, past, expense("Вода", "9.00"), at=datetime(2026, 5, 12, tzinfo=UTC))

    assert desk.ask("select article, on_day from core.outflows order by all") == [
        ("Аренда", date(2026, 4, 30)),
        ("Аренда", date(2026, 5, 6)),
        ("Вода", date(2026, 5, 31)),
        ("Налоги", date(2026, 5, 25)),
    ]


def bill(amount: int, at: float = 1, status: int = NEW, **fields: Any) -> Any:
    return lead(
        status,
        at=at,
        pipeline=BILLS,
        price=amount,
        deal=BILL,
        name="Аренда склада",
        fields=fields.pop("fields", {}),
    )


def test_a_deal_of_the_pipeline_of_expenses_is_a_bill(desk: Desk) -> None:
    desk.tell(bill(145_000, fields={BILL_DUE: unix_day("2026-03-10")}))
    assert desk.ask("select month, article, amount, origin, is_paid, deal_id from core.overheads") == [
        (date(2026, 3, 1), "Аренда склада", Decimal(145_000), "pipeline", False, BILL)
    ]
    assert desk.ask("select on_day, is_paid from core.outflows") == [(date(2026, 3, 10), False)]

    desk.tell(bill(145_000, at=4 * DAY, status=WON, fields={BILL_DUE: unix_day("2026-03-10")}))
    assert desk.ask("select on_day, is_paid from core.outflows") == [(date(2026, 3, 6), True)]

    desk.tell(bill(145_000, at=5 * DAY, status=LOST))
    assert desk.ask("from core.overheads") == desk.ask("from core.outflows") == []


def test_a_bill_that_names_a_deal_is_its_cost_and_leaves_it_when_it_names_another(desk: Desk) -> None:
    desk.tell(signed(), signed(deal=OTHER), bill(9_000, fields={BILL_ARTICLE: "Закуп", BILL_DEAL: DEAL}))
    assert costs(desk)[0] == ("Закуп", Decimal(9_000), None, "pipeline")
    assert desk.ask("from core.overheads") == []

    desk.tell(
        bill(
            9_000,
            at=9,
            fields={BILL_ARTICLE: "Закуп", BILL_DEAL: f"https://x.amocrm.ru/leads/detail/{OTHER}"},
        )
    )

    assert costs(desk)[0] == ("Закуп", None, None, None)
    assert costs(desk, OTHER)[0] == ("Закуп", Decimal(9_000), None, "pipeline")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_bills_and_deals_come_in_any_order(desk: Desk, order: Sequence[int]) -> None:
    facts = [signed(), bill(9_000, fields={BILL_ARTICLE: "Закуп", BILL_DEAL: DEAL}), signed(deal=OTHER)]

    for number in order:
        desk.tell(facts[number])

    assert costs(desk)[0] == ("Закуп", Decimal(9_000), None, "pipeline")


def plan(amount: str, **more: str) -> dict[str, str]:
    return {"month": "2026-05-01", "measure": "turnover", "amount": amount, **more}


def plans(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.ask("select version, valid_from, amount from core.plans order by whom, version")


def test_a_changed_plan_is_a_further_version_from_the_day_it_was_accepted(desk: Desk) -> None:
    typed(desk, "plans", plan("100.00"))
    typed(desk, "plans", plan("100.00"), plan("7.00", measure="receipts"), at=MAY + timedelta(days=3))

    typed(
        desk, "plans", plan("120.00"), plan("7.00", measure="receipts"), at=MAY + timedelta(days=10, hours=13)
    )

    assert desk.ask(
        "select version, valid_from, amount from core.plans where measure = 'turnover' order by 1"
    ) == [
        (1, date(2026, 5, 1), Decimal(100)),
        (2, date(2026, 5, 15), Decimal(120)),  # 22:00 UTC on the 14th is the 15th in Moscow
    ]


def test_a_plan_dated_in_place_keeps_what_it_was_before(desk: Desk) -> None:
    typed(desk, "plans", plan("100.00"))
    typed(desk, "plans", plan("120.00", valid_from="2026-05-15"), at=MAY + timedelta(days=10))

    typed(desk, "plans", plan("130.00", valid_from="2026-05-20"), at=MAY + timedelta(days=15))

    assert plans(desk) == [
        (1, date(2026, 5, 1), Decimal(100)),
        (2, date(2026, 5, 15), Decimal(120)),
        (3, date(2026, 5, 20), Decimal(130)),
    ]


def test_a_dated_plan_taken_out_beside_its_open_row_is_cancelled(desk: Desk) -> None:
    typed(desk, "plans", plan("100.00"), plan("120.00", valid_from="2026-05-15"))

    typed(desk, "plans", plan("100.00"), at=MAY + timedelta(days=1))

    assert plans(desk) == [(1, date(2026, 5, 1), Decimal(100))]


def test_a_plan_taken_back_is_nought_from_that_day_on(desk: Desk) -> None:
    typed(desk, "plans", plan("100.00"), plan("7.00", measure="receipts"))

    typed(desk, "plans", plan("7.00", measure="receipts"), at=MAY + timedelta(days=2))

    assert desk.ask(
        "select version, valid_from, amount from core.plans where measure = 'turnover' order by 1"
    ) == [
        (1, date(2026, 5, 1), Decimal(100)),
        (2, date(2026, 5, 6), Decimal(0)),
    ]


def test_a_pay_rule_keeps_its_number_while_others_come_and_go(desk: Desk) -> None:
    rule = {"base": "paid", "tier_from": "0", "scale": "whole"}
    typed(
        desk,
        "rates",
        rule | {"rate": "0.05"},
        rule | {"rate": "0.03", "whom": "Вера", "manager_id": str(VERA)},
    )
    numbers: dict[Decimal, int] = dict(desk.ask("select rate, rule_id from core.pay_rules"))

    typed(desk, "rates", rule | {"rate": "0.01"}, rule | {"rate": "0.05"}, at=MAY + timedelta(days=1))

    assert dict(desk.ask("select rate, rule_id from core.pay_rules")) == {
        Decimal("0.05"): numbers[Decimal("0.05")],
        Decimal("0.01"): 3,
    }


SHARED = [
    ({FIRST: "олег", FIRST_SHARE: "60", SECOND: "Вера", SECOND_SHARE: "40%"}, {OLEG: "0.6", VERA: "0.4"}),
    ({FIRST: OLEG, FIRST_SHARE: "30"}, {ANNA: "0.7", OLEG: "0.3"}),
    ({FIRST: "Анна Елкина", FIRST_SHARE: "30"}, {ANNA: "1"}),
    ({FIRST: "Олег", SECOND: "Вера"}, {OLEG: "0.5", VERA: "0.5"}),
    ({FIRST: "Олег", FIRST_SHARE: "0,25", SECOND: "Вера"}, {OLEG: "0.25", VERA: "0.75"}),
    (
        {FIRST: "Олег", FIRST_SHARE: "100", SECOND: "Вера", SECOND_SHARE: "200"},
        {OLEG: "0.333333", VERA: "0.666667"},
    ),
    ({FIRST: "Кто-то"}, {}),
]


@pytest.mark.parametrize(("fields", "shares"), SHARED)
def test_shares_of_a_sale_add_up_to_one(desk: Desk, fields: dict[int, Any], shares: dict[int, str]) -> None:
    desk.tell(signed(fields=fields))

    told: dict[int, Decimal] = dict(
        desk.ask("select manager_id, share from core.deal_shares where role = ''")
    )

    assert told == {manager: Decimal(share) for manager, share in shares.items()}


def test_a_share_follows_the_name_of_its_bearer(desk: Desk) -> None:
    desk.tell(signed(fields={FIRST: "Олег Ким", FIRST_SHARE: "100"}))
    assert desk.ask("from core.deal_shares") == []

    desk.snapshot("users", "users", people(oleg="Олег Ким"))
    desk.refresh()

    assert desk.ask("select manager_id, share from core.deal_shares") == [(OLEG, Decimal(1))]


def test_who_fits_is_alone_in_it_and_has_no_part_in_the_sale(desk: Desk) -> None:
    desk.tell(signed(fields={FITTER: "Вера"}))
    desk.refresh(percents={2: 40})

    assert desk.ask("select role, manager_id, share from core.deal_shares") == [
        ("installation", VERA, Decimal(1))
    ]


@pytest.mark.parametrize("mark", [{"fields": {TEST: True}}, {"name": "ТЕСТ, не трогать"}])
def test_a_test_deal_counts_nowhere(desk: Desk, mark: dict[str, Any]) -> None:
    desk.refresh(test_names=("тест",))

    desk.tell(signed(**mark))

    assert desk.deal("is_test", "is_sale", "is_signed") == (True, False, False)
    assert desk.turnover() == []


def test_the_act_is_dated_by_its_field_else_by_the_won_deal(desk: Desk) -> None:
    desk.tell(signed(status=WON, fields={EXPECTED: unix_day("2026-06-01")}))
    assert desk.deal("act_on", "expected_on") == (date(2026, 3, 2), date(2026, 6, 1))

    desk.tell(lead(WON, at=9, price=5, fields={ACT: unix_day("2026-04-05")}))
    assert desk.deal("act_on") == date(2026, 4, 5)


def test_everything_is_made_again_just_so(desk: Desk) -> None:
    desk.tell(
        signed(fields={PREPAID: 30_000, GOODS: 5, CURRENCY: "USD", FIRST: "Олег", FIRST_SHARE: "33"}),
        signed(deal=OTHER, status=WON),
        bill(9_000, fields={BILL_DEAL: DEAL}),
    )
    typed(desk, "exchange", rate("2026-03-01", "90.5"))
    typed(desk, "payments", bank("2026-05-12", "7.00", currency="USD"), bank("2026-05-13", "8.00"))
    typed(
        desk, "expenses", expense("Аренда", "10.00", months="3"), expense("Закуп", "3.00", deal_id=str(OTHER))
    )
    typed(desk, "plans", plan("1.00"))
    typed(desk, "plans", plan("2.00"), at=MAY + timedelta(days=1))
    before = whole_core(desk)

    desk.ask("delete from ops.notes where name in ('ledgers', 'reference', 'typed ledgers')")
    desk.refresh()

    assert whole_core(desk) == before


def whole_core(desk: Desk) -> dict[str, list[Any]]:
    """Every table of core in its stored order, but for deals, which stand in the order of their making."""
    tables = desk.ask("select table_name from duckdb_tables() where schema_name = 'core' order by 1")
    return {name: sorted(desk.ask(f"from core.{name}"), key=repr) for (name,) in tables}
