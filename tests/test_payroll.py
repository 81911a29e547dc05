"""Wages, case by case: what the rules say, worked out by hand beside the slips."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.golden_marts.ledgers import ARTICLES, costs, day, deal, entry, payment
from tests.payroll_desk import ANNA, APRIL, BORIS, MAY, VERA, Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.connection.close()


def test_a_per_cent_of_the_contract_is_rounded_once_half_up(desk: Desk) -> None:
    desk.rule("contract", rate="0.035")
    desk.contract(1, day(4, 10), "1001.00")  # 35.035 → 35.04
    desk.contract(2, day(4, 11), "100.10")  # 3.5035 → 3.50

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "35.04"), ("11.04", 2, "3.50")]
    assert desk.total(APRIL) == "38.54"


def test_only_confirmed_money_that_has_come_is_paid_for_part_by_part(desk: Desk) -> None:
    desk.rule("paid", rate="0.05")
    desk.contract(1, day(4, 10), 100_000)
    desk.paid(1, 1, day(4, 10), 30_000)  # 1 500
    desk.paid(1, 2, day(4, 30), 20_000, is_confirmed=False)  # declared: nothing
    desk.paid(1, 3, day(5, 2), 40_000)  # 2 000
    desk.paid(1, 4, day(5, 21), 30_000)  # tomorrow: nothing yet

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "1500.00")]
    assert desk.slip(MAY) == [("02.05", 1, "2000.00")]


def test_money_from_before_the_contract_is_paid_for_when_it_is_signed(desk: Desk) -> None:
    desk.rule("paid", rate="0.05")
    desk.contract(1, day(5, 6), 100_000)
    desk.paid(1, 1, day(4, 28), 10_000)
    desk.write("deals", [deal(2, day(4, 1))])
    desk.paid(2, 1, day(4, 28), 10_000)  # no contract, no wages

    desk.build("payroll")

    assert desk.slip(APRIL) == []
    assert desk.slip(MAY) == [("06.05", 1, "500.00")]


def test_a_refund_takes_back_what_its_payment_earned_in_its_own_month(desk: Desk) -> None:
    """The rate was 5 % when the money came and is 7 % when a part of it goes back: 5 % are taken."""
    desk.rule("paid", rate="0.05", valid_from=day(1, 1))
    desk.rule("paid", rate="0.07", valid_from=day(5, 1))
    desk.contract(1, day(4, 10), 100_000)
    desk.paid(1, 1, day(4, 10), 30_000)
    desk.paid(1, 2, day(5, 12), -10_000)

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "1500.00")]
    assert desk.slip(MAY) == [("12.05", 1, "-500.00")]


def test_a_contract_called_off_gives_back_every_kopeck_and_a_resumed_one_earns_again(desk: Desk) -> None:
    """33.333 % of 100.01 and of 0.02: 33.34 + 0.01 are earned, so 33.35 go back, not 33.34 (33.333 % of 100.03)."""
    desk.rule("contract", rate="0.333333")
    desk.contract(1, day(4, 10), "100.01", contract_amount=Decimal("100.03"))
    desk.moved(1, 2, "changed", day(4, 12), "0.02")
    desk.moved(1, 3, "cancelled", day(5, 4), "-100.03")
    desk.moved(1, 4, "resumed", day(5, 6), "100.03")
    desk.moved(1, 5, "cancelled", day(5, 8), "-100.03")

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "33.34"), ("12.04", 1, "0.01")]
    assert desk.slip(MAY) == [("04.05", 1, "-33.35"), ("06.05", 1, "33.34"), ("08.05", 1, "-33.34")]


def test_money_kept_after_the_contract_was_called_off_earns_nothing_and_is_taken_back_once(
    desk: Desk,
) -> None:
    desk.rule("paid", rate="0.1")
    desk.contract(1, day(4, 10), 50_000, is_cancelled=True)
    desk.moved(1, 2, "cancelled", day(5, 4), -50_000)
    desk.paid(1, 1, day(4, 10), 20_000)
    desk.paid(1, 2, day(4, 20), -5_000)
    desk.paid(1, 3, day(5, 10), -15_000)  # the refund after the calling off takes nothing a second time

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "2000.00"), ("20.04", 1, "-500.00")]
    assert desk.slip(MAY) == [("04.05", 1, "-1500.00")]


def test_two_sellers_share_to_the_kopeck_and_the_larger_share_takes_the_rest(desk: Desk) -> None:
    """100.00 by thirds is 33.33 + 33.33 + 33.34; the largest share (0.333334) is the third one's."""
    desk.rule("contract", rate="1")
    desk.contract(1, day(4, 10), "100.00")
    desk.share(1, "", (ANNA, "0.333333"), (BORIS, "0.333333"), (VERA, "0.333334"))

    desk.build("payroll")

    assert [desk.total(APRIL, who) for who in (ANNA, BORIS, VERA)] == ["33.33", "33.33", "33.34"]


def test_a_discount_costs_the_one_who_is_paid_by_profit(desk: Desk) -> None:
    """Sold for 90 000 instead of 100 000, costs 60 000: 10 % of 30 000. Unknown costs: nothing yet."""
    desk.rule("gross_profit", rate="0.1")
    desk.contract(1, day(4, 10), 90_000, list_amount=100_000)
    desk.write("costs", costs(1, 30_000, 10_000, 20_000))
    desk.contract(2, day(4, 11), 90_000)
    desk.write("costs", costs(2, 30_000, None, 20_000))

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "3000.00")]
    assert len(ARTICLES) == 3


def test_profit_after_overheads_is_a_base_too_and_a_loss_earns_nothing(desk: Desk) -> None:
    """Overheads 12 000 by turnover: 90 000 of 120 000 bear 9 000, 30 000 bear 3 000.

    90 000 − 60 000 − 9 000 = 21 000 → 2 100; 30 000 − 29 000 − 3 000 is a loss.
    """
    desk.rule("net_profit", rate="0.1")
    desk.contract(1, day(4, 10), 90_000)
    desk.contract(2, day(4, 11), 30_000)
    desk.write("costs", [*costs(1, 30_000, 10_000, 20_000), *costs(2, 29_000, 0, 0)])
    desk.write("overheads", [{
        "month": APRIL, "article": "Аренда", "seq": 1, "amount": 12_000, "is_paid": True, "origin": "input"
    }])  # fmt: skip

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "2100.00")]


def test_a_threshold_exactly_met_counts_by_the_current_version_of_the_plan(desk: Desk) -> None:
    """The plan of 200 000 became 100 000: 80 000 is 80 % exactly, and all is paid at 5 %; a kopeck less is not."""
    desk.rule("contract", rate="0.03")
    desk.rule("contract", rate="0.05", tier_from="0.8")
    desk.plan(APRIL, ANNA, 200_000, 100_000)
    desk.contract(1, day(4, 10), 30_000)
    desk.contract(2, day(4, 20), 50_000)
    desk.plan(MAY, ANNA, 100_000)
    desk.contract(3, day(5, 4), "79999.99")

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "1500.00"), ("20.04", 2, "2500.00")]
    assert desk.slip(MAY) == [("04.05", 3, "2400.00")]


def test_a_plan_that_was_taken_back_opens_no_tier(desk: Desk) -> None:
    """A plan becomes 0 when its row is deleted: as without a plan, only what needs none is paid."""
    desk.rule("contract", rate="0.03")
    desk.rule("contract", rate="0.05", tier_from="0.8")
    desk.plan(APRIL, ANNA, 10_000, 0)
    desk.contract(1, day(4, 10), 30_000)

    desk.build("payroll")

    assert desk.slip(APRIL) == [("10.04", 1, "900.00")]


def test_marginal_tiers_pay_each_part_of_the_month_at_its_own_rate(desk: Desk) -> None:
    """Plan 100 000. Up to 80 000 at 3 %, up to 100 000 at 5 %, above at 7 %: the second deal lies in all three."""
    for tier, rate in (("0", "0.03"), ("0.8", "0.05"), ("1", "0.07")):
        desk.rule("contract", rate=rate, tier_from=tier, scale="marginal")
    desk.plan(APRIL, ANNA, 100_000)
    desk.contract(1, day(4, 10), 70_000)  # 2 100
    desk.contract(2, day(4, 20), 50_000)  # 10 000 → 300, 20 000 → 1 000, 20 000 → 1 400
    desk.moved(2, 2, "cancelled", day(5, 4), -50_000)

    desk.build("payroll")

    assert desk.slip(APRIL) == [
        ("10.04", 1, "2100.00"), ("20.04", 2, "300.00"), ("20.04", 2, "1000.00"), ("20.04", 2, "1400.00")
    ]  # fmt: skip
    assert desk.slip(MAY) == [("04.05", 2, "-2700.00")]


def test_ones_own_rule_goes_before_everybodys_and_the_newer_before_the_older(desk: Desk) -> None:
    desk.rule("contract", rate="0.03", valid_from=day(1, 1))
    desk.rule("contract", rate="0.04", valid_from=day(4, 15))
    desk.rule("contract", rate="0.1", manager_id=BORIS, valid_from=day(1, 1), valid_to=day(4, 20))
    desk.contract(1, day(4, 14), 1_000)
    desk.contract(2, day(4, 15), 1_000)
    desk.contract(3, day(4, 20), 1_000, BORIS)
    desk.contract(4, day(4, 21), 1_000, BORIS)

    desk.build("payroll")

    assert desk.slip(APRIL) == [("14.04", 1, "30.00"), ("15.04", 2, "40.00")]
    assert desk.slip(APRIL, BORIS) == [("20.04", 3, "100.00"), ("21.04", 4, "40.00")]


def test_measurers_and_mounters_are_paid_by_the_piece(desk: Desk) -> None:
    """A measurement belongs to who was in charge then, a mounting to the two of the role, 1 000 by 0.6 and 0.4."""
    desk.rule("measurement", amount=500)
    desk.rule("installation", amount=1_000, role="installer")
    desk.contract(1, day(4, 10), 1_000, measure_on=day(4, 8), measure_manager_id=BORIS, act_on=day(5, 6))
    desk.share(1, "installer", (ANNA, "0.4"), (VERA, "0.6"))
    desk.write("stage_entries", [
        entry(1, 1, None, "measure", day(4, 8), BORIS), entry(1, 2, "measure", "won", day(5, 6), BORIS),
    ])  # fmt: skip

    desk.build("payroll")

    assert desk.slip(APRIL, BORIS) == [("08.04", 1, "500.00")]
    assert [desk.slip(MAY, who) for who in (ANNA, VERA, BORIS)] == [
        [("06.05", 1, "400.00")], [("06.05", 1, "600.00")], []
    ]  # fmt: skip


def test_a_measurement_is_paid_to_those_the_deal_names_for_it_whoever_was_in_charge(desk: Desk) -> None:
    """An event's rule without a role asks for the role of that work; a contract's rule may ask for it too."""
    desk.rule("measurement", amount=500)
    desk.rule("contract", rate="0.01", role="measurement")
    for deal_id in (1, 2):
        desk.contract(deal_id, day(4, 10), 10_000, measure_on=day(4, 8), measure_manager_id=BORIS)
        desk.write("stage_entries", [entry(deal_id, 1, "new", "measure", day(4, 8), BORIS)])
    desk.share(1, "measurement", (VERA, "1"))

    desk.build("payroll")

    assert desk.slip(APRIL, VERA) == [("08.04", 1, "500.00"), ("10.04", 1, "100.00")]
    assert desk.slip(APRIL, BORIS) == [("08.04", 2, "500.00")]
    assert desk.slip(APRIL, ANNA) == []


def test_money_without_a_known_worth_is_not_paid_for(desk: Desk) -> None:
    """A payment in a currency whose rate nobody typed has no amount."""
    desk.rule("paid", rate="0.05")
    desk.contract(1, day(4, 10), 100_000)
    desk.write("payments", [{**payment(1, 1, "payment", day(4, 10), 0), "amount": None, "currency": "USD"}])
    desk.paid(1, 2, day(4, 12), 30_000)

    desk.build("payroll")

    assert desk.slip(APRIL) == [("12.04", 1, "1500.00")]


def test_a_measurement_that_was_skipped_or_repeated_is_paid_as_it_was_made(desk: Desk) -> None:
    desk.rule("measurement", amount=500)
    desk.contract(1, day(4, 10), 1_000, measure_on=day(4, 10), measure_manager_id=ANNA)
    desk.contract(2, day(4, 10), 1_000, measure_on=day(4, 2), measure_manager_id=ANNA)
    desk.write("stage_entries", [
        entry(1, 1, "new", "contract", day(4, 10), ANNA), entry(2, 1, "new", "measure", day(4, 2), BORIS),
        entry(2, 2, "measure", "new", day(4, 3), ANNA), entry(2, 3, "new", "measure", day(4, 4), ANNA),
    ])  # fmt: skip

    desk.build("payroll")

    assert (desk.slip(APRIL, BORIS), desk.slip(APRIL, ANNA)) == ([("02.04", 2, "500.00")], [])


def test_a_closed_act_is_paid_for_on_its_day_and_given_back(desk: Desk) -> None:
    desk.rule("closed_act", rate="0.02")
    desk.contract(1, day(4, 10), 50_000, act_on=day(4, 30))
    desk.moved(1, 2, "cancelled", day(5, 2), -50_000)
    desk.contract(2, day(4, 10), 50_000, act_on=day(5, 4))
    desk.moved(
        2, 2, "cancelled", day(5, 2), -50_000
    )  # called off before the work was handed over: never earned

    desk.build("payroll")

    assert desk.slip(APRIL) == [("30.04", 1, "1000.00")]
    assert desk.slip(MAY) == [("02.05", 1, "-1000.00")]


def test_a_salary_is_paid_by_worked_days(desk: Desk) -> None:
    """April 2026 has 22 weekdays, one of them a holiday here, and a Saturday that was worked: 22 again.

    Anna: 11 of 22 typed. Boris: no record, a raise on the 16th: by the calendar 12 days of the old, 10 of the new.
    Vera has left: only what the record says.
    """
    desk.write("calendar", [
        {"on_day": day(4, 30), "is_working": False}, {"on_day": day(4, 4), "is_working": True}
    ])  # fmt: skip
    desk.rule("fixed", amount=44_000, manager_id=ANNA, valid_from=APRIL, valid_to=day(4, 30))
    desk.rule("fixed", amount=22_000, manager_id=BORIS, valid_from=APRIL)
    desk.rule("fixed", amount=44_000, manager_id=BORIS, valid_from=day(4, 16))
    desk.rule("fixed", amount=22_000, manager_id=VERA, valid_from=APRIL)
    desk.write("worked_days", [
        {"month": APRIL, "manager_id": ANNA, "days": 11}, {"month": APRIL, "manager_id": VERA, "days": "2.5"}
    ])  # fmt: skip

    desk.build("payroll")

    assert desk.total(APRIL, ANNA) == "22000.00"
    assert sum(Decimal(line[2]) for line in desk.slip(APRIL, BORIS)) == Decimal(
        22_000 * 12 // 22 + 44_000 * 10 // 22
    )
    assert desk.total(APRIL, VERA) == "2500.00"
    assert desk.slip(MAY, VERA) == []
    assert desk.total(MAY, BORIS) == "29333.33"  # 14 of 21 days until today: 44 000 × 14 ÷ 21


def test_the_lines_of_one_who_left_stay_his(desk: Desk) -> None:
    desk.rule("contract", rate="0.03")
    desk.contract(1, day(4, 10), 1_000, VERA, owner_id=ANNA)

    desk.build("payroll")

    assert desk.slip(APRIL, VERA) == [("10.04", 1, "30.00")]
    assert desk.slip(APRIL, ANNA) == []


def test_the_day_of_the_account_decides_the_month(desk: Desk) -> None:
    desk.rule("contract", rate="0.03")
    desk.contract(1, day(4, 30), 1_000)
    desk.contract(2, day(5, 1), 1_000)

    desk.build("payroll")

    assert (desk.slip(APRIL), desk.slip(MAY)) == ([("30.04", 1, "30.00")], [("01.05", 2, "30.00")])


@pytest.mark.parametrize(
    ("signed", "tier", "told"),
    [
        (1_521_667, "0.8", "152,1 %"),
        ("999999.99", "0.8", "99,9 %"),  # one kopeck less than a tier of 100 %
        (1_000_000, "1", "100 %"),
        (833_340, "0.8333", "83,33 %"),  # not below the tier that was reached
    ],
)
def test_what_is_attained_is_told_cut_not_rounded(
    desk: Desk, signed: int | str, tier: str, told: str
) -> None:
    desk.rule("contract", rate="0.025", tier_from=tier)
    desk.plan(APRIL, ANNA, 1_000_000)
    desk.contract(1, day(4, 10), signed)

    desk.build("payroll")

    assert desk.row("payroll_lines", "true")["reason"].endswith(f"плана, выполнено {told}")


def test_every_line_says_what_for(desk: Desk) -> None:
    desk.rule("contract", rate="0.025", tier_from="0.8")
    desk.plan(APRIL, ANNA, 1_000)
    desk.contract(1, day(4, 10), 900)
    desk.share(1, "", (ANNA, "1"))

    desk.build("payroll")

    line = desk.row("payroll_lines", "true")
    assert (line["manager"], line["name"], line["title"]) == ("Анна", "Сделка 1", "процент от договора")
    assert line["reason"] == "договор подписан, ступень от 80 % плана, выполнено 90 %"
    assert (line["on_day"], line["base_amount"], line["rate"]) == (
        date(2026, 4, 10), Decimal("900.00"), Decimal("0.025")
    )  # fmt: skip
