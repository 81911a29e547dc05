"""Building: a mart keeps what its header promises, or nothing of the build stands."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.build import BuildFailed, ColumnsBroken, GrainBroken, build
from metrics.catalog import Catalog, load
from tests.golden_marts.ledgers import TODAY, Ledgers
from warehouse.database import Transaction


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema core; create schema mart; set variable today = date '2026-05-20'")
        connection.execute("create table core.facts (place varchar, amount decimal(18, 2))")
        connection.execute("insert into core.facts values ('a', 1), ('b', 2), (null, 3)")
        yield connection


def write(
    folder: Path,
    name: str = "sums",
    *,
    select: str = "select place, amount from core.facts order by place",
    columns: tuple[str, ...] = ("place | text | Место", "amount | money | Сумма"),
    grain: str = "place",
    reads: str = "core.facts",
) -> Catalog:
    header = [
        "-- Title: Суммы",
        "-- Meaning: Суммы по местам.",
        f"-- Grain: {grain}",
        "-- Date: сегодня",
        f"-- Reads: {reads}",
        "-- Columns:",
        *(f"--   {column}" for column in columns),
    ]
    (folder / f"{name}.sql").write_text("\n".join([*header, select]), encoding="utf-8")
    return load(folder)


def test_a_mart_becomes_a_table_in_the_order_of_its_select(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    [built] = build(Transaction(connection), write(tmp_path))

    assert (built.name, built.rows) == ("sums", 3)
    assert built.seconds > 0
    assert connection.execute("from mart.sums").fetchall() == [
        ("a", Decimal(1)), ("b", Decimal(2)), (None, Decimal(3)),
    ]  # fmt: skip


@pytest.mark.parametrize("today", ["null", "'2026-05-20'", "timestamp '2026-05-20 12:00'"])
def test_nothing_is_built_without_a_day_to_ask_about(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, today: str
) -> None:
    connection.execute(f"set variable today = {today}")

    with pytest.raises(BuildFailed, match="'today' must hold"):
        build(Transaction(connection), write(tmp_path))


@pytest.mark.parametrize("place", ["'a'", "null"])
def test_rows_that_repeat_the_grain_are_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, place: str
) -> None:
    connection.execute(f"insert into core.facts values ({place}, 9)")

    with pytest.raises(GrainBroken, match=r"mart\.sums: 1 of 4 rows repeat \(place\)"):
        build(Transaction(connection), write(tmp_path))


@pytest.mark.parametrize(
    "select",
    [
        "select amount, place from core.facts",
        "select place from core.facts",
        "select place, amount, 1 as more from core.facts",
        "select place, amount as sum from core.facts",
    ],
)
def test_columns_other_than_announced_are_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, select: str
) -> None:
    with pytest.raises(ColumnsBroken, match=r"mart\.sums: has \(.*\), announced \(place, amount\)"):
        build(Transaction(connection), write(tmp_path, select=select))


@pytest.mark.parametrize(
    ("shown_as", "expression"),
    [
        ("money", "cast(1 as double)"),
        ("money", "1"),
        ("money", "cast(1 as decimal(18, 4))"),
        ("percent", "1 / 3"),
        ("percent", "cast(1 as decimal(18, 2))"),
        ("integer", "sum(1)"),
        ("integer", "1.5"),
        ("number", "1 / 3"),
        ("month", "timestamp '2026-05-01'"),
        ("datetime", "date '2026-05-01'"),
        ("deal", "'17'"),
        ("text", "1"),
        ("by_row", "1 / 3"),
        ("hidden", "1 / 3"),
    ],
)
def test_a_type_that_does_not_fit_its_format_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, shown_as: str, expression: str
) -> None:
    catalog = write(
        tmp_path,
        select=f"select place, {expression} as amount from core.facts group by place",
        columns=("place | text | Место", f"amount | {shown_as} | Сумма"),
    )

    with pytest.raises(ColumnsBroken, match="not fit for"):
        build(Transaction(connection), catalog)


def test_a_select_that_fails_is_named(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    catalog = write(tmp_path, select="select nothing from core.facts")

    with pytest.raises(BuildFailed, match=r"^mart\.sums: .*nothing"):
        build(Transaction(connection), catalog)


def test_after_a_failure_the_former_marts_stand(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build(Transaction(connection), write(tmp_path))
    before = connection.execute("from mart.sums").fetchall()
    connection.execute("delete from core.facts where place = 'a'")
    catalog = write(
        tmp_path,
        "worse",
        select="select place, error('no') as amount from mart.sums",
        columns=("place | text | Место", "amount | hidden | Сумма"),
        reads="mart.sums",
    )

    connection.execute("begin")
    with pytest.raises(BuildFailed, match=r"mart\.worse"):
        build(Transaction(connection), catalog)
    connection.execute("rollback")

    assert connection.execute("from mart.sums").fetchall() == before


def test_a_named_mart_is_built_with_what_it_reads_and_nothing_else(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write(tmp_path)
    write(tmp_path, "other")
    catalog = write(tmp_path, "top", select="from mart.sums", reads="mart.sums")

    built = build(Transaction(connection), catalog, ["top"])

    assert [one.name for one in built] == ["sums", "top"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("average(cast(100.01 as decimal(18, 2)), 2)", Decimal("50.01")),  # 50.005
        ("average(cast(-100.01 as decimal(18, 2)), 2)", Decimal("-50.01")),
        ("average(cast(100.00 as decimal(18, 2)), 3)", Decimal("33.33")),
        ("average(cast(9999999999999999.99 as decimal(18, 2)), 1)", Decimal("9999999999999999.99")),
        ("average(cast(1 as decimal(18, 2)), 0)", None),
        ("average(cast(null as decimal(18, 2)), 2)", None),
        ("share(1, 3)", Decimal("0.333333")),
        ("share(1, 0)", None),
        ("share(0, 5)", Decimal(0)),
        ("month_of(date '2026-02-28')", TODAY.replace(month=2, day=1)),
        ("(select middle(x) from (values (1.00), (2.00), (9.00)) as t (x))", Decimal("2.00")),
        ("(select middle(x) from (values (1.00), (1.01)) as t (x))", Decimal("1.01")),  # 1.005
        ("(select middle(x) from (values (5.00), (null)) as t (x))", Decimal("5.00")),
        ("(select middle(x) from (select 1.00 as x where false))", None),
    ],
)
def test_arithmetic_is_exact_and_rounds_half_up(expression: str, expected: Any) -> None:
    ledgers = Ledgers()
    ledgers.build("leads_by_day")

    assert ledgers.connection.execute(f"select {expression}").fetchall() == [(expected,)]
