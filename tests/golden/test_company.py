"""The golden company: every mart as a person works it out; the files beside hold the arithmetic."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exports.layout import LAYOUT
from jobs import Jobs
from metrics import drills
from metrics.build import make_macros
from metrics.catalog import load
from metrics.identities import broken
from tests.golden.company import LIVES
from tests.golden.edges import EDGES, TOUCHES
from tests.golden.life import the_company
from tests.harness import looking, rows
from tests.test_marts_golden import read_golden, written
from warehouse.database import Transaction

GOLDEN = Path(__file__).parent
CATALOG = load()
WORKED_OUT = sorted(file.stem for file in GOLDEN.glob("*.txt"))
SHOWN = sorted({block.mart for tab in LAYOUT for block in tab.blocks})


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    with the_company(tmp_path_factory.mktemp("golden")) as jobs:
        yield jobs


@contextmanager
def the_scene(company: Jobs) -> Iterator[Transaction]:
    """The words and the moment in which marts are built."""
    with looking(company) as tx:
        company.set_scene(tx, company.parts.now())
        make_macros(tx)
        yield tx


@pytest.mark.parametrize("mart", WORKED_OUT)
def test_every_row_is_as_worked_out_by_hand(company: Jobs, mart: str) -> None:
    columns, *expected = read_golden(GOLDEN / f"{mart}.txt")

    found = rows(company, f"select {', '.join(columns)} from mart.{mart}")

    assert sorted([written(value) for value in row] for row in found) == sorted(expected)


@pytest.mark.parametrize("mart", WORKED_OUT)
def test_every_column_that_is_shown_is_worked_out(mart: str) -> None:
    [model] = [model for model in CATALOG if model.name == mart]
    columns = read_golden(GOLDEN / f"{mart}.txt")[0]

    assert columns == [column.name for column in model.columns if column.format != "hidden"]


def test_every_mart_on_a_tab_is_worked_out() -> None:
    assert set(SHOWN) <= set(WORKED_OUT)


@pytest.mark.parametrize("code", [f"E{number}" for number in range(1, 21)])
def test_every_edge_case_is_met_in_every_figure_that_it_can_touch(code: str) -> None:
    """The deals that meet it stand in each of those tables, or are seen to be missing from it."""
    assert set(EDGES[code]) <= set(LIVES)
    for mart, here, absent in TOUCHES[code]:
        columns, *table = read_golden(GOLDEN / f"{mart}.txt")
        deals = {int(row[columns.index("deal_id")]) for row in table if row[columns.index("deal_id")]}
        assert set(here) <= deals, (code, mart)
        assert not set(absent) & deals, (code, mart)
        assert here or absent


def test_totals_are_the_sums_of_their_drill_downs(company: Jobs) -> None:
    with the_scene(company) as tx:
        assert broken(tx, CATALOG) == []


def test_every_figure_is_what_its_rows_add_up_to(company: Jobs) -> None:
    with the_scene(company) as tx:
        wrong = {model.name: drills.check(tx, model.name, model.drills) for model in CATALOG if model.drills}

    assert {name: found for name, found in wrong.items() if found} == {}
