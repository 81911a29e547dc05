"""A small company written down as ledger rows; its figures stand worked out in the files beside."""

from collections.abc import Mapping
from datetime import datetime

from tests.golden_marts.ledgers import Row, costs, day, deal, entry, payment, turnover

PEOPLE = [
    {"user_id": 1, "name": "Анна", "is_active": True},
    {"user_id": 2, "name": "Борис", "is_active": False},  # dismissed: his past stays his
]

CLIENTS = [{"contact_id": 1, "name": "Иванов"}, {"contact_id": 2, "name": "Петрова"}]
COMPANIES = [{"company_id": 1, "name": "ООО «Дом»"}]

DEALS = [
    # 1: 100 000 in, 60 000 out; paid in full on the day it was won.
    deal(1, day(4, 2), source="Сайт", product="Окна", contact_id=1, company_id=1, step="won",
         measure_on=day(4, 5), measure_manager_id=1, contract_on=day(4, 10), contract_manager_id=1,
         contract_amount=100_000, won_on=day(5, 15), installation_on=day(5, 15)),
    # 2: came on 30 April 21:30 UTC, which is 1 May in Moscow.
    deal(2, day(5, 1), lead_at=datetime(2026, 4, 30, 21, 30), created_at=datetime(2026, 4, 30, 21, 30)),
    # 3: two of three costs were never filled in; the next payment is dated.
    deal(3, day(5, 2), source="Реклама", product="Двери", lead_manager_id=2, company_id=1, step="contract",
         measure_on=day(5, 4), measure_manager_id=2, contract_on=day(5, 6), contract_manager_id=2,
         contract_amount=50_000, installation_on=day(5, 28)),
    # 4: signed in April, lost in May after a prepayment.
    deal(4, day(4, 1), source="Реклама", product="Двери", lead_manager_id=2, contact_id=2, company_id=1, step="lost",
         measure_on=day(4, 8), measure_manager_id=2, contract_on=day(4, 15), contract_manager_id=2,
         contract_amount=80_000, is_lost=True, lost_on=day(5, 12), is_cancelled=True,
         cancelled_on=day(5, 12), loss_reason="Дорого"),
    # 5: first call by Борис, sold by Анна; 100 000 in April became 80 000 in May; installed 10 days ago.
    deal(5, day(3, 30), source="Сайт", product="Окна", lead_manager_id=2, step="install",
         measure_on=day(4, 10), measure_manager_id=1, contract_on=day(4, 20), contract_manager_id=1,
         contract_amount=80_000, installation_on=day(5, 10)),
    # 6: paid more than agreed, part of it given back; a cost of 0 is a known cost.
    deal(6, day(5, 18), source="Рекомендация", step="contract",
         measure_on=day(5, 18), measure_manager_id=1, contract_on=day(5, 19), contract_manager_id=1,
         contract_amount=10_000, installation_on=day(5, 22)),
    # 7: no date of installation, no costs.
    deal(7, day(4, 28), source="Сайт", product="Окна", lead_manager_id=2, step="contract",
         measure_on=day(5, 3), measure_manager_id=2, contract_on=day(5, 20), contract_manager_id=2,
         contract_amount=60_000),
    # 8: no amount.
    deal(8, day(5, 10), source="Сайт", product="Окна", lead_manager_id=2, step="contract",
         measure_on=day(5, 12), measure_manager_id=2, contract_on=day(5, 18), contract_manager_id=2,
         installation_on=day(6, 1)),
    # 9: lost, taken back by a person no longer known, lost again.
    deal(9, day(5, 11), source="Реклама", product="Окна", step="lost", price=30_000,
         measure_on=day(5, 13), measure_manager_id=1, is_lost=True, lost_on=day(5, 19)),
    # 10: deleted.
    deal(10, day(5, 10), source="Сайт", step="lost", price=1_000, is_lost=True, lost_on=day(5, 12),
         is_deleted=True),
    # 11: the service pipeline: no part in any figure.
    deal(11, day(5, 10), source="Сайт", product="Окна", is_sale=False, step="contract",
         contract_on=day(5, 10), contract_manager_id=1, contract_amount=99_999),
    # 12: signed and deleted two days later.
    deal(12, day(5, 3), source="Реклама", product="Двери", step="contract",
         measure_on=day(5, 5), measure_manager_id=1, contract_on=day(5, 7), contract_manager_id=1,
         contract_amount=40_000, is_deleted=True, is_cancelled=True, cancelled_on=day(5, 9)),
    # 13: the installation was 66 days ago.
    deal(13, day(1, 20), source="Сайт", product="Двери", step="install",
         measure_on=day(1, 25), measure_manager_id=1, contract_on=day(2, 1), contract_manager_id=1,
         contract_amount=20_000, installation_on=day(3, 15)),
    # 14: the installation is today; its manager is no longer known.
    deal(14, day(4, 21), product="Окна", lead_manager_id=99, step="install",
         measure_on=day(4, 22), measure_manager_id=99, contract_on=day(4, 25), contract_manager_id=99,
         contract_amount=5_000, installation_on=day(5, 20)),
]  # fmt: skip

TURNOVER = [
    turnover(1, 1, "signed", day(4, 10), 100_000, 1),
    turnover(3, 1, "signed", day(5, 6), 50_000, 2),
    turnover(4, 1, "signed", day(4, 15), 80_000, 2),
    turnover(4, 2, "cancelled", day(5, 12), -80_000, 2),
    turnover(5, 1, "signed", day(4, 20), 100_000, 1),
    turnover(5, 2, "changed", day(5, 5), -20_000, 1),
    turnover(6, 1, "signed", day(5, 19), 10_000, 1),
    turnover(7, 1, "signed", day(5, 20), 60_000, 2),
    turnover(8, 1, "signed", day(5, 18), 0, 2),
    turnover(11, 1, "signed", day(5, 10), 99_999, 1),
    turnover(12, 1, "signed", day(5, 7), 40_000, 1),
    turnover(12, 2, "cancelled", day(5, 9), -40_000, 1),
    turnover(13, 1, "signed", day(2, 1), 20_000, 1),
    turnover(14, 1, "signed", day(4, 25), 5_000, 99),
]

ENTRIES = [
    entry(4, 1, None, "new", day(4, 1), 2),
    entry(4, 2, "contract", "lost", day(5, 12), 2),
    entry(4, 3, "lost", "lost", day(5, 13), 2),  # from one lost status to another: no new refusal
    entry(9, 1, "measure", "lost", day(5, 14), 1),
    entry(9, 2, "lost", "measure", day(5, 16), 99),
    entry(9, 3, "measure", "lost", day(5, 19), 99),
    entry(10, 1, "new", "lost", day(5, 12), 1),
    entry(11, 1, "new", "lost", day(5, 12), 1),
]

PAYMENTS = [
    payment(1, 0, "prepayment", day(4, 10), 30_000),
    payment(1, 1000, "rest", day(5, 15), 70_000),
    payment(3, 0, "prepayment", day(5, 6), 20_000),
    payment(3, 1, "payment", day(5, 25), 10_000),
    payment(4, 0, "prepayment", day(4, 16), 15_000),
    payment(6, 0, "prepayment", day(5, 19), 15_000),
    payment(6, 1, "payment", day(5, 20), -3_000),
    payment(8, 0, "prepayment", day(5, 18), 5_000),
    payment(11, 0, "prepayment", day(5, 10), 99_999),
]

COSTS = [
    *costs(1, 30_000, 10_000, 20_000),
    *costs(3, 20_000, None, None),
    *costs(4, None, None, None),
    *costs(5, 30_000, 10_000, 10_000),
    *costs(6, 4_000, 0, 1_000),
    *costs(7, None, None, None),
    *costs(8, 5_000, 1_000, 1_000),
    *costs(12, None, None, None),
    *costs(13, 12_000, 0, 3_000),
    *costs(14, 1_000, None, 500),
]

LEDGERS: Mapping[str, list[Row]] = {
    "users": PEOPLE,
    "contacts": CLIENTS,
    "companies": COMPANIES,
    "deals": DEALS,
    "turnover_entries": TURNOVER,
    "stage_entries": ENTRIES,
    "payments": PAYMENTS,
    "costs": COSTS,
}
