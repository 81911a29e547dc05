"""The plan: what stands where, without any destination."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from textwrap import wrap

import pytest

from exports.formats import LOOKS
from exports.layout import LAYOUT, BlockLayout, TabLayout
from exports.plan import FIRST_ROW, Column, Table, make_plan
from exports.stamp import Stamp, stamp_cells
from exports.widths import label_lines, pixels
from metrics import catalog

STAMP = Stamp(datetime(2026, 11, 22, 12, 45), datetime(2026, 11, 22, 12, 46), 7, "данные полные")

TURNOVER = Table(
    "turnover_by_month",
    "Оборот по месяцам",
    "Суммы договоров по месяцу договора.",
    "month",
    "дата договора",
    (Column("month", "month", "Месяц"), Column("key", "hidden", ""), Column("net", "money", "Чистый оборот")),
    (
        (date(2026, 9, 1), 1, Decimal("100.00")),
        (date(2026, 10, 1), 2, Decimal("80.00")),
        (None, 3, None),
        (date(2026, 11, 1), 4, Decimal("120.50")),
    ),
)
DEALS = Table(
    "profit_by_deal",
    "Прибыль по сделкам",
    "Прибыль каждой сделки.",
    "deal_id",
    "дата договора",
    (Column("deal_id", "deal", "Сделка"), Column("name", "text", "Название")),
    tuple((number, f"Сделка {number}") for number in range(1, 6)),
)
SUMMARY = Table(
    "summary",
    "Сводка",
    "Главные цифры.",
    "line",
    "",
    (
        Column("line", "hidden", ""),
        Column("figure", "text", "Показатель"),
        Column("today", "by_row", "Сегодня"),
        Column("change", "percent", "Изменение"),
        Column("format", "hidden", ""),
    ),
    (
        (1, "Лиды", Decimal("3.00"), Decimal("0.5"), "integer"),
        (2, "Оборот", Decimal("90000.00"), None, "money"),
    ),
)


def tab(*blocks: BlockLayout) -> TabLayout:
    return TabLayout("one", "Один", blocks)


def test_tabs_stand_in_the_order_in_which_an_owner_reads_them() -> None:
    plan = make_plan(LAYOUT, {}, STAMP)

    assert [each.title for each in plan.tabs] == [
        "Сводка",
        "Воронка",
        "Источники",
        "Менеджеры",
        "Оборот",
        "План и факт",
        "Дебиторка",
        "График платежей",
        "Деньги",
        "Прибыль по сделкам",
        "Прибыль по продуктам",
        "Чистая прибыль",
        "Прибыли и убытки",
        "Скидки",
        "Упущено и впереди",
        "Зарплата",
        "Расчётные листки",
        "Закрытые месяцы",
        "Качество данных",
        "Определения",
    ]


def test_keys_of_tabs_are_unique_because_tabs_are_found_again_by_them() -> None:
    keys = [each.key for each in LAYOUT]

    assert len(set(keys)) == len(keys)


def test_hidden_columns_stay_at_home() -> None:
    plan = make_plan((tab(BlockLayout("turnover_by_month")),), {"turnover_by_month": TURNOVER}, STAMP)

    block = plan.tabs[0].blocks[0]

    assert [column.label for column in block.columns] == ["Месяц", "Чистый оборот"]
    assert block.rows[0] == (date(2026, 9, 1), Decimal("100.00"))


def test_a_cut_table_says_how_much_there_is() -> None:
    layout = (
        tab(
            BlockLayout("profit_by_deal", limit=2),
            BlockLayout("turnover_by_month", order=("-month",), limit=1),
            BlockLayout("summary", limit=2),
        ),
    )
    tables = {
        "profit_by_deal": replace(DEALS, rows=DEALS.rows[:2], count=5),
        "turnover_by_month": replace(TURNOVER, rows=TURNOVER.rows[:1], count=4),
        "summary": replace(SUMMARY, count=2),
    }
    plan = make_plan(layout, tables, STAMP)

    headings = [block.heading for block in plan.tabs[0].blocks]

    assert headings == [
        "Прибыль по сделкам · показаны первые 2 из 5",
        "Оборот по месяцам · показаны последние 1 из 4",
        "Сводка",
    ]


def test_blocks_stand_side_by_side_with_a_free_column_between() -> None:
    layout = (tab(BlockLayout("profit_by_deal"), BlockLayout("turnover_by_month")),)
    plan = make_plan(layout, {"profit_by_deal": DEALS, "turnover_by_month": TURNOVER}, STAMP)

    assert [(block.column, block.width) for block in plan.tabs[0].blocks] == [(0, 2), (3, 2)]


def test_a_growing_block_moves_no_other() -> None:
    layout = (tab(BlockLayout("profit_by_deal"), BlockLayout("turnover_by_month")),)
    grown = replace(DEALS, rows=DEALS.rows * 100)

    before, after = (
        make_plan(layout, {"profit_by_deal": deals, "turnover_by_month": TURNOVER}, STAMP)
        for deals in (DEALS, grown)
    )

    assert before.tabs[0].blocks[1] == after.tabs[0].blocks[1]


def test_a_missing_table_is_said_on_its_tab() -> None:
    plan = make_plan((tab(BlockLayout("receivables", "Дебиторка")),), {}, STAMP)

    block = plan.tabs[0].blocks[0]

    assert block.heading == "Дебиторка"
    assert block.columns[0].label == "нет данных"
    assert block.instead_of_rows == "таблица receivables ещё не построена"


def test_rows_of_the_summary_bring_their_own_formats() -> None:
    block = make_plan((tab(BlockLayout("summary")),), {"summary": SUMMARY}, STAMP).tabs[0].blocks[0]

    assert [[block.format(row, column) for column in range(3)] for row in range(2)] == [
        ["text", "integer", "percent"],
        ["text", "money", "percent"],
    ]


def test_a_format_nobody_knows_is_refused() -> None:
    wrong = replace(SUMMARY, rows=((1, "Лиды", Decimal(3), None, "roubles"),))

    with pytest.raises(ValueError, match="summary: a row asks for the format 'roubles'"):
        make_plan((tab(BlockLayout("summary")),), {"summary": wrong}, STAMP)


def test_what_is_no_number_becomes_an_empty_cell_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    wrong = replace(DEALS, rows=((Decimal("NaN"), "a"), (float("inf"), "b"), (1, "c")))  # type: ignore[arg-type]

    block = (
        make_plan((tab(BlockLayout("profit_by_deal")),), {"profit_by_deal": wrong}, STAMP).tabs[0].blocks[0]
    )

    assert [row[0] for row in block.rows] == [None, None, 1]
    assert caplog.messages == ["plan.not_a_number table=profit_by_deal"] * 2


def test_definitions_come_from_the_tables_own_headers() -> None:
    plan = make_plan(
        (tab(BlockLayout("turnover_by_month")), TabLayout("definitions", "Определения")),
        {"turnover_by_month": TURNOVER},
        STAMP,
    )

    assert plan.tabs[1].blocks[0].rows == (
        (
            "Один",
            "Оборот по месяцам",
            "Суммы договоров по месяцу договора.",
            "Месяц",
            "дата договора",
            "Месяц, Чистый оборот",
        ),
    )


def test_a_row_of_definitions_names_what_people_see_not_the_key_behind_it() -> None:
    plan = make_plan(
        (tab(BlockLayout("summary")), TabLayout("definitions", "Определения")), {"summary": SUMMARY}, STAMP
    )

    assert plan.tabs[1].blocks[0].rows[0][3] == "Показатель"


def test_the_stamp_holds_moments_not_texts() -> None:
    cells = stamp_cells(STAMP)

    assert cells[1] == datetime(2026, 11, 22, 12, 45)
    assert cells[3] == datetime(2026, 11, 22, 12, 46)
    assert cells[5:] == (7, None, "данные полные")


def test_every_column_of_a_tab_has_a_width_even_where_only_the_stamp_stands() -> None:
    plan = make_plan((tab(BlockLayout("profit_by_deal")),), {"profit_by_deal": DEALS}, STAMP)

    widths = pixels(plan.tabs[0])

    assert len(widths) == plan.tabs[0].width == len(stamp_cells(STAMP))
    assert min(widths[1], widths[3]) >= 100, "the moments of the stamp"
    assert widths[4] >= 70, "its last label"


def test_a_long_heading_finds_room_over_its_narrow_table() -> None:
    layout = (tab(BlockLayout("turnover_by_month", title="Оборот " * 9), BlockLayout("profit_by_deal")),)
    plan = make_plan(layout, {"profit_by_deal": DEALS, "turnover_by_month": TURNOVER}, STAMP)

    widths = pixels(plan.tabs[0])

    assert sum(widths[:3]) >= 8 * len("Оборот " * 9)


def test_wide_letters_find_room() -> None:
    thin, wide = ((("i" * 30),), (("Щ" * 30),))
    shown = [
        make_plan(
            (tab(BlockLayout("t")),),
            {"t": Table("t", "", "", "a", "", (Column("a", "text", "А"),), (row,))},
            STAMP,
        )
        for row in (thin, wide)
    ]

    narrow, broad = (pixels(plan.tabs[0])[0] for plan in shown)

    assert narrow <= 6 * 30
    assert broad >= 10 * 30


def test_no_chart_lies_over_figures() -> None:
    """It hangs under tables that grow no longer than this, and beside those that may."""
    longest = {"summary": 24, "attention": 20, "receivables_ageing": 7}
    hung = [
        (shown, chart) for shown in make_plan(LAYOUT, _empty_tables(), STAMP).tabs for chart in shown.charts
    ]
    assert len(hung) == 5
    for shown, chart in hung:
        widths = pixels(shown)
        for block in shown.blocks:
            left, end = (sum(widths[:place]) for place in (block.column, block.column + block.width))
            if left < chart.left + chart.width and chart.left < end:
                assert FIRST_ROW + longest[block.name] < chart.row, f"{chart.key} over {block.name}"


def _empty_tables() -> dict[str, Table]:
    return {
        model.name: Table(
            model.name, model.title, "", model.grain[0], "", tuple(map(_column, model.columns)), ()
        )
        for model in catalog.load()
    }


def test_no_word_of_any_label_is_broken_and_a_year_is_no_amount() -> None:
    for shown in make_plan(LAYOUT, _empty_tables(), STAMP).tabs[:-1]:
        widths = pixels(shown)
        for block in shown.blocks:
            for place, column in enumerate(block.columns, block.column):
                longest = max(map(len, column.label.split()))
                assert widths[place] >= 8 * longest + 12, f"{block.name}: {column.label}"
                lines = wrap(column.label, widths[place] // 7)
                assert widths[place] >= 7 * max(map(len, lines)) + 7, f"{block.name}: {column.label} touches"
                assert column.label != "Год" or LOOKS[column.format].pattern == "0"


def _column(column: catalog.Column) -> Column:
    return Column(column.name, column.format, column.label)  # type: ignore[arg-type]


def test_a_table_without_rows_says_what_that_means() -> None:
    spec = BlockLayout("turnover_by_month", empty="ничего не подписано")
    layout = (tab(spec),)

    none, some = (
        make_plan(layout, {"turnover_by_month": each}, STAMP).tabs[0].blocks[0]
        for each in (replace(TURNOVER, rows=()), TURNOVER)
    )

    assert none.heading == "Оборот по месяцам · ничего не подписано"
    assert (none.instead_of_rows, none.rows) == ("нет строк", ())
    assert some.heading == "Оборот по месяцам"


def test_a_long_label_over_narrow_figures_takes_several_lines() -> None:
    long = replace(
        TURNOVER, columns=(*TURNOVER.columns[:2], Column("net", "money", "Сумма договоров с прибылью"))
    )

    plans = [
        make_plan((tab(BlockLayout("turnover_by_month")),), {"turnover_by_month": each}, STAMP)
        for each in (TURNOVER, long)
    ]

    assert [label_lines(plan.tabs[0]) for plan in plans] == [1, 3]


def test_the_layout_speaks_of_marts_and_columns_that_exist() -> None:
    models = {model.name: model for model in catalog.load().models}

    for block in (block for each in LAYOUT for block in each.blocks):
        names = {column.name for column in models[block.mart].columns}
        assert {key.removeprefix("-") for key in block.order} | set(block.columns or ()) <= names, block.mart


def test_every_mart_that_people_may_read_has_its_place() -> None:
    parts = {"deal_balances", "funnel_parts", "open_invoices", "turnover_parts"}
    parts |= {
        "payroll_movements",
        "payroll_credits",
        "payroll_accruals",
        "payroll_corrections",
        "payroll_heights",
        "payroll_overheads",
        "payroll_salaries",
        "plan_attainment",
    }
    parts |= {
        "act_entries",
        "farthest_steps",
        "counted_overheads",
        "overhead_shares",
        "overhead_weights",
        "period_figures",
        "product_credits",
        "working_days",
    }
    parts |= {"deal_credits", "profit_credits", "receipt_credits", "turnover_credits"}
    parts |= {"net_profit_credits", "receipt_parts"}
    placed = [(each.key, block.mart) for each in LAYOUT for block in each.blocks]
    twice = [mart for place, (_, mart) in enumerate(placed) if mart in [each for _, each in placed[:place]]]

    assert twice == ["summary"]  # what matters at a glance, and all of it beside: on one tab
    assert len({mart for _, mart in placed}) == len(set(placed))
    assert {model.name for model in catalog.load().models} - parts == {mart for _, mart in placed}


def test_what_stands_in_two_tables_of_a_tab_shows_every_figure_in_one_of_them() -> None:
    blocks = [block for each in LAYOUT for block in each.blocks if block.mart == "summary"]
    told = [each.name for each in catalog.load()["summary"].columns if each.format != "hidden"]

    assert {name for block in blocks for name in block.columns or told} == set(told)
    assert (
        len({block.order for block in blocks}) == 1
    )  # row by row the same, for a colour of one may ask the other
