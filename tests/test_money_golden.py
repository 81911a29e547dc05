"""Plans, cash, overheads, net profit: worked out by hand; golden_money holds the sums beside the figures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics import drills
from metrics.catalog import Model
from metrics.identities import broken
from tests.golden_marts.ledgers import CATALOG, Ledgers
from tests.golden_money.company import LEDGERS
from tests.test_marts_golden import read_golden, written
from warehouse.database import Transaction

GOLDEN = Path(__file__).parent / "golden_money"
WORKED_OUT = sorted(file.stem for file in GOLDEN.glob("*.txt"))


@pytest.fixture(scope="module")
def company() -> Iterator[Ledgers]:
    ledgers = Ledgers()
    ledgers.choose(cash_days=12, large_check=100_000, wages_day=1)
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


def test_its_totals_are_the_sums_of_their_drill_downs(company: Ledgers) -> None:
    assert broken(Transaction(company.connection), CATALOG) == []


def test_a_test_deal_has_no_part_in_any_figure(company: Ledgers) -> None:
    for model in CATALOG:
        if "deal_id" in (column.name for column in model.columns):
            assert (8,) not in company.rows(model.name, "deal_id"), model.name


@pytest.mark.parametrize(
    "model", [model for model in CATALOG if model.drills], ids=lambda model: str(model.name)
)
def test_every_figure_is_what_its_rows_add_up_to(company: Ledgers, model: Model) -> None:
    assert drills.check(Transaction(company.connection), model.name, model.drills) == []
