"""Which rows of a published mart a book shows, and in which order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from exports.layout import BlockLayout, TabLayout
from exports.plan import Table
from metrics.catalog import Catalog, Column, Model
from planning import read_tables
from warehouse.publish import Shelf, read_published

BY_MONTH = Model(
    "turnover_by_month",
    "Оборот",
    "Смысл.",
    ("month",),
    "",
    (),
    (Column("month", "month", "Месяц"), Column("name", "text", "Имя"), Column("net", "money", "Оборот")),
    "",
)
BY_DEAL = Model(
    "profit_by_deal",
    "Прибыль",
    "Смысл.",
    ("deal_id",),
    "",
    (),
    (Column("deal_id", "deal", "Сделка"), Column("owed", "integer", "Долг")),
    "",
    refresh=("deal_id",),
)
UNBUILT = replace(BY_DEAL, name="receivables")
SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (9, 10, 11))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    path = tmp_path / "published.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create schema mart")
        db.execute("create table mart.turnover_by_month (month date, name varchar, net decimal(18, 2))")
        db.execute(
            "insert into mart.turnover_by_month values ('2026-09-01', 'б', 100), ('2026-10-01', 'б', 80), "
            "(null, 'а', null), ('2026-11-01', 'а', 120.5), ('2026-10-01', 'а', 80)"
        )
        db.execute(
            "create table mart.profit_by_deal as select * from (values (4, 1), (2, 1), (3, 9)) as _ (deal_id, owed)"
        )
    with read_published(path) as opened:
        yield opened


def shown(shelf: Shelf, *blocks: BlockLayout) -> dict[str, Table]:
    return read_tables(shelf, Catalog((BY_MONTH, BY_DEAL, UNBUILT)), (TabLayout("one", "Один", blocks),))


def test_the_newest_month_stands_first_and_nothing_known_stands_last(shelf: Shelf) -> None:
    table = shown(shelf, BlockLayout("turnover_by_month", order=("-month",)))["turnover_by_month"]

    assert [row[0] for row in table.rows] == [NOVEMBER, OCTOBER, OCTOBER, SEPTEMBER, None]


def test_equal_rows_keep_the_order_of_their_mart(shelf: Shelf) -> None:
    tables = shown(
        shelf,
        BlockLayout("turnover_by_month", order=("name",)),
        BlockLayout("profit_by_deal", order=("owed",)),
    )

    assert [row[0] for row in tables["turnover_by_month"].rows] == [
        None,
        NOVEMBER,
        OCTOBER,
        SEPTEMBER,
        OCTOBER,
    ]
    assert [row[0] for row in tables["profit_by_deal"].rows] == [2, 4, 3], (
        "that of a mart by deal is its grain"
    )


def test_of_a_long_mart_the_first_rows_are_read_and_how_many_there_are(shelf: Shelf) -> None:
    tables = shown(
        shelf,
        BlockLayout("turnover_by_month", order=("-net", "name"), limit=3),
        BlockLayout("profit_by_deal", limit=3),
    )

    assert [row[:2] for row in tables["turnover_by_month"].rows] == [
        (NOVEMBER, "а"),
        (SEPTEMBER, "б"),
        (OCTOBER, "а"),
    ]
    assert tables["turnover_by_month"].count == 5
    assert (len(tables["profit_by_deal"].rows), tables["profit_by_deal"].count) == (3, 3)


def test_a_mart_that_was_not_built_is_not_there(shelf: Shelf) -> None:
    tables = shown(shelf, BlockLayout("profit_by_deal"), BlockLayout("receivables"))

    assert set(tables) == {"profit_by_deal"}
