"""Drill-downs: every figure of a mart is what the rows of its ledgers add up to, and a broken one is named."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from exports.layout import LAYOUT
from metrics import drills
from metrics.catalog import Model, load
from tests.golden_marts.company import LEDGERS
from tests.golden_marts.ledgers import Ledgers
from warehouse.database import Transaction

JOURNALS = {"mapping_flaws", "refused_inputs", "schema_changes"}  # what happened, no figures
DRILLED = [model for model in load() if model.drills]


@pytest.fixture(scope="module")
def company() -> Iterator[Ledgers]:
    ledgers = Ledgers()
    for ledger, rows in LEDGERS.items():
        ledgers.write(ledger, rows)
    ledgers.build()
    yield ledgers
    ledgers.connection.close()


@pytest.mark.parametrize("model", DRILLED, ids=lambda model: str(model.name))
def test_every_figure_is_what_its_rows_add_up_to(company: Ledgers, model: Model) -> None:
    assert drills.check(Transaction(company.connection), model.name, model.drills) == []


def test_every_table_of_the_book_that_holds_figures_says_its_rows() -> None:
    shown = {block.mart for tab in LAYOUT for block in tab.blocks}

    assert shown - {model.name for model in DRILLED} == JOURNALS


def test_a_figure_that_its_rows_do_not_give_is_named(company: Ledgers) -> None:
    model = next(model for model in DRILLED if model.name == "turnover_by_month")
    company.connection.execute("begin")
    company.connection.execute(
        "update mart.turnover_by_month set net_amount = net_amount + 0.01 where month = date '2026-04-01'"
    )

    broken = drills.check(Transaction(company.connection), model.name, model.drills)

    company.connection.execute("rollback")
    assert [(each.column, each.key, each.shown - each.added_up) for each in broken] == [
        ("net_amount", (date(2026, 4, 1),), Decimal("0.01"))
    ]
    assert str(broken[0]).startswith("mart.turnover_by_month (2026-04-01): net_amount is ")


@pytest.mark.parametrize(
    "lines",
    [
        ["month = month_of(a.b)"],
        ["from nowhere", "month = a.b", "amount = sum(a.c)"],
        ["from core.deals as deals", "month = deals.lead_on"],
        ["from core.deals as deals", "amount = count(*)"],
        ["from core.deals as deals", "month = deals.lead_on", "height = count(*)"],
        ["from core.deals as deals", "month = deals.lead_on", "amount = 1", "amount = 2"],
    ],
)
def test_a_drill_that_says_too_little_is_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match=r"drill|column|from"):
        drills.parse(lines, ["month"], ["month", "amount"])
