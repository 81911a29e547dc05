"""Totals of tables: what adds up and what does not, over which rows, for whom, and whether they stand up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from exports.audience import Rights
from exports.cells import block_lines
from exports.grants import GRANTS
from exports.layout import LAYOUT, BlockLayout, TabLayout
from exports.plan import Block, Table, make_plan
from exports.stamp import Stamp
from metrics import catalog
from metrics.catalog import Catalog, CatalogBroken, Column, Model
from metrics.headers import read
from metrics.relations import read_identity
from metrics.totals import ROWS, Total, read_coverage, read_totals
from planning import read_tables
from totalling import uneven
from warehouse.publish import Shelf, read_published

ALL = catalog.load()
MOMENT = datetime(2026, 11, 22, 12, 45)
STAMP = Stamp(MOMENT, MOMENT, 7, "данные полные")
MANAGER = Rights("manager", manager=1)


def model(name: str, grain: str, columns: str, **more: str) -> Model:
    told = [part.split(":") for part in columns.split()]
    return Model(
        name, name, "Смысл.", (grain,), "дата договора", (), tuple(Column(a, b, a) for a, b in told), "",
        totals=read_totals([line.strip() for line in more.get("total", "").splitlines() if line.strip()]),
        coverage=read_coverage([more["coverage"]] if "coverage" in more else []),
        identities=tuple(read_identity(each) for each in more.get("equals", "").splitlines()),
    )  # fmt: skip


TURNOVER = model(
    "turnover_by_manager",
    "month",
    "month:month manager_id:hidden contracts:integer without_amount:integer signed_amount:money net_amount:money "
    "net_rate:percent average_amount:money",
    total="contracts, signed_amount, net_amount\nnet_rate = net_amount / signed_amount where net_amount is not null\n"
    "average_amount = signed_amount / mart.receivables.rows where receivable_amount > 50",
    coverage="сумма есть = contracts - without_amount / contracts",
    equals="net_amount = mart.receivables.receivable_amount by manager_id",
)
DEBTS = model(
    "receivables",
    "deal_id",
    "deal_id:deal name:text manager_id:hidden receivable_amount:money",
    total="receivable_amount",
)
MODELS = Catalog((TURNOVER, DEBTS))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    path = tmp_path / "published.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create schema mart")
        db.execute(
            "create table mart.turnover_by_manager as select unnest([1, 1, 2, 2])::bigint as manager_id,"
            " unnest([date '2026-10-01', date '2026-11-01', date '2026-10-01', date '2026-11-01']) as month,"
            " unnest([3, 1, 2000, null])::bigint as contracts, unnest([1, 0, 10, 0])::bigint as without_amount,"
            " unnest([100, 50, 1000, 70])::decimal(18, 2) as signed_amount,"
            " unnest([90, 30.5, 500, null])::decimal(18, 2) as net_amount,"
            " unnest([0.9, 0.61, 0.5, null])::decimal(18, 6) as net_rate, 5::decimal(18, 2) as average_amount"
        )
        db.execute(
            "create table mart.receivables as select unnest([5, 6, 7])::bigint as deal_id, 'Сделка' as name,"
            " unnest([1, 1, 2])::bigint as manager_id, unnest([100, 20.5, 500])::decimal(18, 2) as receivable_amount"
        )
    with read_published(path) as opened:
        yield opened


def layout(*marts: str, limit: int | None = None) -> tuple[TabLayout, ...]:
    return (TabLayout("one", "Один", tuple(BlockLayout(mart, limit=limit) for mart in marts)),)


def tables(shelf: Shelf, rights: Rights = MANAGER, limit: int | None = None) -> dict[str, Table]:
    return read_tables(shelf, MODELS, layout("turnover_by_manager", "receivables", limit=limit), rights)


def block(table: Table) -> Block:
    return make_plan(layout(table.name), {table.name: table}, STAMP).tabs[0].blocks[0]


def test_sums_add_up_and_a_share_is_one_of_sums(shelf: Shelf) -> None:
    totals = tables(shelf, Rights())["turnover_by_manager"].totals

    assert totals == {
        "contracts": 2004,
        "signed_amount": Decimal("1220.00"),
        "net_amount": Decimal("620.50"),
        "net_rate": Decimal("0.539565"),  # 620.50 of the 1150.00 whose net amount is known
        "average_amount": Decimal("610.00"),  # by two rows of the other mart
    }


def test_of_a_cut_table_all_rows_are_added_up_and_the_word_says_so(shelf: Shelf) -> None:
    whole, cut = (tables(shelf, Rights(), limit)["turnover_by_manager"] for limit in (None, 3))
    shown = make_plan(layout("turnover_by_manager", limit=3), {"turnover_by_manager": cut}, STAMP)

    assert (len(cut.rows), cut.totals) == (3, whole.totals)
    assert shown.tabs[0].blocks[0].total_line[0] == "Итого по всем 4"
    assert block(whole).total_line == (
        "Итого", 2004, None, Decimal("1220.00"), Decimal("620.50"), Decimal("0.539565"), Decimal("610.00"),
    )  # fmt: skip


def test_a_manager_gets_totals_of_his_own_rows_and_of_what_he_may_see(shelf: Shelf) -> None:
    shown = tables(shelf)

    assert shown["turnover_by_manager"].totals == {
        "contracts": 4,
        "signed_amount": Decimal("150.00"),
        "net_amount": Decimal("120.50"),
    }, "his share in the company's turnover is not his to see"
    assert shown["receivables"].totals == {"receivable_amount": Decimal("120.50")}


def test_what_is_known_stands_beside_the_date_base_and_never_reads_as_all(shelf: Shelf) -> None:
    told = [block(tables(shelf, rights)["turnover_by_manager"]).about for rights in (Rights(), MANAGER)]

    assert told == [
        "Дата договора · сумма есть: 1\u00a0993 из 2\u00a0004 (99,4 %)",
        "Дата договора · сумма есть: 3 из 4 (75 %)",
    ]


def test_nothing_of_a_column_that_somebody_may_not_see_is_told_in_a_total(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {**GRANTS["manager"], "turnover_by_manager": "month contracts net_amount"}
    monkeypatch.setitem(GRANTS, "manager", seen)

    table = tables(shelf)["turnover_by_manager"]

    assert table.totals == {"contracts": 4, "net_amount": Decimal("120.50")}
    assert table.coverage == ()


def test_what_takes_another_mart_is_told_to_those_alone_who_see_everything(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = "month contracts signed_amount average_amount"
    for audience in ("manager", "sales"):
        monkeypatch.setitem(GRANTS, audience, {**GRANTS[audience], "turnover_by_manager": seen})

    for rights in (MANAGER, Rights("sales")):
        assert "average_amount" not in tables(shelf, rights)["turnover_by_manager"].totals


def test_a_total_of_a_mart_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sums.sql").write_text(
        "-- Title:   Суммы\n-- Meaning: Смысл.\n-- Grain:   name\n-- Date:    сегодня\n-- Reads:   core.deals\n"
        "-- Total:   rate = rate / mart.nothing.amount\n-- Columns:\n--   name | text    | Имя\n"
        "--   rate | percent | Доля\n\nselect name, share(sum(price), 1) as rate from core.deals group by name\n"
    )

    with pytest.raises(CatalogBroken, match=r"sums\.sql: adds up mart\.nothing, which does not exist"):
        catalog.load(tmp_path)


def test_an_empty_table_has_neither(shelf: Shelf) -> None:
    table = tables(shelf, Rights("manager", manager=3))["turnover_by_manager"]

    assert block(table).total_line == ()
    assert block(table).about == "Дата договора"
    assert block_lines(block(table))[:3] == (("turnover_by_manager",), ("Дата договора",), ())


def test_where_the_first_column_is_added_up_the_line_above_says_what_it_is(shelf: Shelf) -> None:
    table = tables(shelf, Rights())["turnover_by_manager"]
    bare = (TabLayout("one", "Один", (BlockLayout(table.name, columns=("net_amount",)),)),)

    shown = make_plan(bare, {table.name: table}, STAMP).tabs[0].blocks[0]

    assert shown.total_line == (Decimal("620.50"),)
    assert shown.about_line.endswith(" · Итого")


@pytest.mark.parametrize("rights", [Rights(), MANAGER], ids=["all rows", "one's own"])
def test_totals_that_stand_up_hold_nothing_back(shelf: Shelf, rights: Rights) -> None:
    assert uneven(MODELS, tables(shelf, rights), rights) == {}


def test_a_total_that_is_not_the_sum_of_its_rows_is_noticed(shelf: Shelf) -> None:
    shown = tables(shelf)
    false = replace(shown["receivables"], totals={"receivable_amount": Decimal("120.51")})

    wrong = uneven(MODELS, shown | {"receivables": false}, MANAGER)

    assert wrong == {
        "receivables": "receivable_amount = rows",
        "turnover_by_manager": "net_amount = mart.receivables.receivable_amount by manager_id",
    }


@pytest.mark.parametrize("rights", [Rights(), MANAGER], ids=["all rows", "one's own"])
def test_a_total_that_is_not_that_of_its_drill_down_is_noticed_though_rows_are_cut(
    shelf: Shelf, rights: Rights
) -> None:
    shown = tables(shelf, rights, limit=1)
    debts = shown["receivables"]
    false = replace(debts, totals={"receivable_amount": debts.totals["receivable_amount"] + Decimal(1)})  # type: ignore[operator]

    assert list(uneven(MODELS, shown | {"receivables": false}, rights)) == ["turnover_by_manager"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["a, a"], "two totals"),
        (["a, b +"], "is not «column»"),
        (["a = b"], "is not «name = part / whole»"),
        (["a = b / c / d"], "is not «name = part / whole»"),
    ],
)
def test_what_says_no_total_is_refused(lines: Sequence[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_totals(lines)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-- Total:   name", "Total names name, which is no column of figures"),
        ("-- Total:   amuont", "Total names amuont"),
        ("-- Total:   amount = amount / wohle", "Total: wohle is no column"),
        ("-- Coverage: есть = amount / wohle", "Coverage: wohle is no column"),
        ("-- Total:   amount =", "Total: 'amount =' is not"),
    ],
)
def test_a_header_that_adds_up_what_is_not_there_is_refused(tmp_path: Path, line: str, said: str) -> None:
    header = (
        "-- Title:   Суммы\n-- Meaning: Смысл.\n-- Grain:   name\n-- Date:    сегодня\n-- Reads:   core.deals\n"
        f"{line}\n-- Columns:\n--   name   | text  | Имя\n--   amount | money | Сумма\n"
    )
    file = tmp_path / "sums.sql"
    file.write_text(f"{header}\nselect name, sum(price) as amount from core.deals group by name\n")

    with pytest.raises(CatalogBroken, match=said):
        read(file)


def sums(model: Model) -> list[Total]:
    return [total for total in model.totals if total.is_sum]


@pytest.mark.parametrize("model", [each for each in ALL if each.totals], ids=lambda each: str(each.name))
def test_every_sum_has_rows_behind_it(model: Model) -> None:
    """Told by a promise, by the ledger's rows, or by the mart's own rows, each of which is of one deal."""
    promised = {identity.column for identity in model.identities}
    drilled = {column for drill in model.drills for column in drill.measures}
    without = {total.column for total in sums(model)} - promised - drilled

    assert "deal_id" in model.grain or without == WORKED_OUT.get(model.name, set())


WORKED_OUT = {
    "receipts_by_month": {"payment_amount", "prepayment_amount", "rest_amount"},
    "missed_profit": {"missed_amount"},
    "average_check_by_manager": {"large_contracts"},
    "potential_profit": {"expected_amount", "potential_amount"},
    "discounts_by_manager": {"known_deals"},
    "turnover_bridge": {
        "not_acted_amount", "other_acts_amount", "not_paid_amount", "other_paid_amount", "advance_amount",
        "open_deals", "open_amount",
    },
    "payroll": {"percent_amount", "event_amount"},
    "wages_due": {"due_amount"},
    "cash_gap": {"careful_amount"},
    "profit_and_loss": {"net_amount"},
    "profit_and_loss_by_year": {"deals", "complete_deals"},
    "net_profit_by_manager": {"overheads_amount", "commission_amount", "other_overheads"},
}  # fmt: skip
"""Columns that follow, row by row, from others or from ledgers that no drill names; a second count proves them."""


def test_every_mart_of_money_by_rows_is_added_up() -> None:
    shown = {block.mart for tab in LAYOUT for block in tab.blocks}
    with_money = {
        model.name
        for model in ALL
        if model.name in shown and any(column.format == "money" for column in model.columns)
    }

    assert with_money - {model.name for model in ALL if model.totals} == {
        "attention", "adjustments", "reported_by_month", "reported_by_manager", "month_result",
    }, "rows of different things, and rows each of which holds those before it"  # fmt: skip


def test_no_word_of_a_condition_is_mistaken_for_a_column() -> None:
    assert ROWS not in {column.name for model in ALL if model.totals for column in model.columns}
