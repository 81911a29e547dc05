"""The marts of a small company, worked out by hand: golden_marts holds the sums beside the figures."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.golden_marts.company import LEDGERS
from tests.golden_marts.ledgers import Ledgers

GOLDEN = Path(__file__).parent / "golden_marts"
WORKED_OUT = sorted(file.stem for file in GOLDEN.glob("*.txt"))


@pytest.fixture(scope="module")
def company() -> Iterator[Ledgers]:
    ledgers = Ledgers()
    for ledger, rows in LEDGERS.items():
        ledgers.write(ledger, rows)
    ledgers.build()
    yield ledgers
    ledgers.connection.close()


@pytest.mark.parametrize("mart", WORKED_OUT)
def test_the_mart_is_as_worked_out_by_hand(company: Ledgers, mart: str) -> None:
    columns, *expected = read_golden(GOLDEN / f"{mart}.txt")

    shown = [[written(value) for value in row] for row in company.rows(mart, *columns)]

    assert shown == expected


def test_days_without_leads_are_zeros_between_the_first_lead_and_today(company: Ledgers) -> None:
    days = company.rows("leads_by_day", "lead_on", "leads")

    assert days[0] == (date(2026, 1, 20), 1)
    assert days[-1] == (date(2026, 5, 20), 0)
    assert len(days) == 12 + 28 + 31 + 30 + 20
    assert {day for day, leads in days if leads} == {
        date(2026, 1, 20), date(2026, 3, 30), date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 21),
        date(2026, 4, 28), date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 10), date(2026, 5, 11),
        date(2026, 5, 18),
    }  # fmt: skip


def test_the_service_pipeline_has_no_part_in_any_figure(company: Ledgers) -> None:
    for mart in ("deal_balances", "receivables", "client_debts", "profit_by_deal", "payment_schedule_deals"):
        assert (11,) not in company.rows(mart, "deal_id")


def read_golden(file: Path) -> list[list[str]]:
    """The header and the rows of a worked-out table; lines that begin with # hold the arithmetic."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def written(value: object) -> str:
    """A value as it is written by hand: nothing for null, no idle zeros behind the point."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
