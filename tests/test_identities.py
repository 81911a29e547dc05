"""Identities: a total that is not the sum of its drill-down is found, and its tab is not written."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from metrics.catalog import CatalogBroken, load
from metrics.identities import Broken, broken
from tests.golden_marts.company import LEDGERS
from tests.golden_marts.ledgers import CATALOG, Ledgers
from warehouse.database import Transaction

HEADER = """\
-- Title:   По месяцам
-- Meaning: Итог.
-- Grain:   month
-- Date:    дата
-- Reads:   mart.lines
-- Equals:  amount = mart.lines.amount by month
--          deals = mart.lines.rows by month = month_of(day) where amount <> 0
-- Columns:
--   month  | month   | Месяц
--   amount | money   | Сумма
--   deals  | integer | Сделки
"""


@pytest.fixture(scope="module")
def company() -> Iterator[Ledgers]:
    ledgers = Ledgers()
    for ledger, rows in LEDGERS.items():
        ledgers.write(ledger, rows)
    ledgers.build()
    yield ledgers
    ledgers.connection.close()


def test_every_promise_of_the_catalogue_holds(company: Ledgers) -> None:
    assert broken(Transaction(company.connection), CATALOG) == []
    assert sum(len(model.identities) for model in CATALOG) > 20


def test_a_kopeck_too_much_is_found_with_its_key(company: Ledgers) -> None:
    company.connection.execute("begin")
    company.connection.execute(
        "update mart.turnover_by_month set net_amount = net_amount + 0.01 where month = '2026-04-01'"
    )

    found = broken(Transaction(company.connection), CATALOG)

    company.connection.execute("rollback")
    text = "net_amount = mart.turnover_parts.net_amount by month"
    assert [each for each in found if each.model == "turnover_by_month"] == [
        Broken("turnover_by_month", text, "month=2026-04-01", Decimal("285000.01"), Decimal(285_000))
    ]


def test_a_row_that_only_the_drill_down_has_is_found(company: Ledgers) -> None:
    company.connection.execute("begin")
    company.connection.execute("delete from mart.profit_by_product where product = 'Окна'")

    found = {each.model: each.key for each in broken(Transaction(company.connection), CATALOG)}

    company.connection.execute("rollback")
    assert found["profit_by_product"] == "product=Окна"


def test_an_identity_says_columns_keys_and_condition(tmp_path: Path) -> None:
    _write(tmp_path)

    first, second = load(tmp_path)["totals"].identities

    assert (first.column, first.whole, first.whole_column, first.keys, first.where) == (
        "amount", "lines", "amount", (("month", "month"),), "true",
    )  # fmt: skip
    assert (second.whole_column, second.keys, second.where) == (
        "rows", (("month", "month_of(day)"),), "amount <> 0",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("amount = mart.lines.amount by month", "amount is mart.lines.amount", "totals.sql:6: .* is not"),
        ("amount = mart.lines.amount by month", "sum = mart.lines.amount", "totals.sql:6: .* no column"),
        ("amount by month\n", "amount by day\n", "totals.sql:6: .* speaks of day"),
        ("deals = mart.lines", "deals = mart.nothing", "equals mart.nothing, which does not exist"),
    ],
)
def test_a_promise_about_nothing_is_refused(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    _write(tmp_path, right, wrong)

    with pytest.raises(CatalogBroken, match=says):
        load(tmp_path)


def _write(folder: Path, right: str = "", wrong: str = "") -> None:
    text = HEADER.replace(right, wrong, 1) if right else HEADER
    (folder / "totals.sql").write_text(
        text + "select month, amount, deals from mart.lines\n", encoding="utf-8"
    )
    lines = HEADER.replace("mart.lines\n-- Equals", "core.deals\n-- Equals").splitlines(keepends=True)
    kept = [line for line in lines if "mart.lines" not in line]
    (folder / "lines.sql").write_text("".join(kept) + "select 1 from core.deals\n", encoding="utf-8")
