"""The workbook, read back by another library."""

import errno
import os
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from exports.errors import FileNotWritten
from exports.formats import Format
from exports.layout import LAYOUT, BlockLayout, TabLayout
from exports.plan import Column, Plan, Row, Table, make_plan
from exports.stamp import Stamp
from exports.text import CUT_MARK, cell_text
from exports.workbook import Workbook as KeptWorkbook
from exports.xlsx import CELL_LIMIT, render, sentence, sheet_title, write

STAMP = Stamp(datetime(2026, 11, 22, 12, 45), datetime(2026, 11, 22, 12, 46), 7, "данные полные")


def plan_of(formats: list[Format], *rows: Row, deal_url: str | None = None) -> Plan:
    columns = tuple(Column(f"c{place}", name, f"Столбец {place}") for place, name in enumerate(formats))
    table = Table("mart", "Таблица", "Смысл.", "c0", "", columns, rows)
    return make_plan(
        (TabLayout("one", "Один", (BlockLayout("mart"),)),), {"mart": table}, STAMP, deal_url=deal_url
    )


def opened(plan: Plan) -> Workbook:
    return load_workbook(BytesIO(render(plan)))


def test_values_come_back_as_what_they_are() -> None:
    row: Row = ("Окна", 12, Decimal("1234567.50"), Decimal("0.123"), date(2026, 11, 22), date(2026, 11, 1),
                datetime(2026, 11, 22, 12, 45), True, None)  # fmt: skip
    formats: list[Format] = [
        "text",
        "integer",
        "money",
        "percent",
        "date",
        "month",
        "datetime",
        "text",
        "money",
    ]

    cells = opened(plan_of(formats, row))["Один"][6][:9]

    assert [cell.value for cell in cells] == [
        "Окна", 12, 1234567.5, 0.123, datetime(2026, 11, 22), datetime(2026, 11, 1),
        datetime(2026, 11, 22, 12, 45), True, None,
    ]  # fmt: skip
    assert [cell.number_format for cell in cells[1:7]] == [
        "#,##0", '#,##0" ₽";[Red]-#,##0" ₽";"–"', "0.0%", "dd.mm.yyyy", "mm.yyyy", "dd.mm.yyyy hh:mm",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ['=IMPORTXML("http://x")', "+7 916 000-00-00", "-5", "@SUM(A1)", "007", "1e5", "http://x.example",
     "mailto:a@b.c",
     "Окно 🪟 «Люкс»", "two\nlines", "{=A1}", "'quoted", " spaces ", "_x0041_", "<b>&amp;"],
)  # fmt: skip
def test_text_stays_text(text: str) -> None:
    cell = opened(plan_of(["text"], (text,)))["Один"]["A6"]

    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.hyperlink is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_any_text_comes_back_as_that_text(texts: list[str]) -> None:
    sheet = opened(plan_of(["integer", "text"], *((number, text) for number, text in enumerate(texts))))[
        "Один"
    ]

    got = [sheet.cell(6 + place, 2) for place in range(len(texts))]

    assert [cell.value or "" for cell in got] == [cell_text(text, CELL_LIMIT) for text in texts]
    assert {cell.data_type for cell in got if cell.value is not None} <= {"s"}


def test_a_long_text_is_cut_visibly_at_excels_limit() -> None:
    value = opened(plan_of(["text"], ("я" * 60_000,)))["Один"]["A6"].value

    assert isinstance(value, str)
    assert len(value) == CELL_LIMIT
    assert value.endswith(CUT_MARK)


@pytest.mark.parametrize("limit", [50, 51, 52, 53])
def test_an_emoji_is_never_cut_in_half(limit: int) -> None:
    cut = cell_text("🪟" * 100, limit)

    assert len(cut.encode("utf-16-le")) // 2 in (limit, limit - 1)
    assert set(cut.removesuffix(CUT_MARK)) == {"🪟"}


def test_what_files_cannot_hold_is_left_out() -> None:
    assert cell_text("a\x00b\x07c\r\nd\te\ud800f\uffff\x85", 100) == "abc\nd ef"


def test_a_number_too_long_for_excel_keeps_its_digits_as_text() -> None:
    cell = opened(plan_of(["integer"], (40702810900000012345,)))["Один"]["A6"]

    assert cell.value == "40702810900000012345"


def test_a_deal_is_a_number_that_leads_to_its_page() -> None:
    book = opened(plan_of(["deal"], (123,), deal_url="https://acme.amocrm.ru/leads/detail/"))

    cell = book["Один"]["A6"]

    assert cell.value == 123
    assert cell.hyperlink is not None
    assert cell.hyperlink.target == "https://acme.amocrm.ru/leads/detail/123"


def test_rows_of_the_summary_have_their_own_formats() -> None:
    columns = (Column("figure", "text", "Показатель"), Column("today", "by_row", "Сегодня"),
               Column("format", "hidden", ""))  # fmt: skip
    rows: tuple[Row, ...] = (("Лиды", Decimal("3.00"), "integer"), ("Конверсия", Decimal("0.25"), "percent"))
    table = Table("summary", "Сводка", "", "figure", "", columns, rows)
    plan = make_plan((TabLayout("summary", "Сводка", (BlockLayout("summary"),)),), {"summary": table}, STAMP)

    sheet = opened(plan)["Сводка"]

    assert [(sheet.cell(row, 2).value, sheet.cell(row, 2).number_format) for row in (6, 7)] == [
        (3, "#,##0"),
        (0.25, "0.0%"),
    ]


def test_the_top_of_a_tab_stays_in_sight_and_is_printed_on_every_page() -> None:
    sheet = opened(plan_of(["text", "money"], ("a", Decimal(1))))["Один"]

    assert sheet.freeze_panes == "A6"
    assert sheet.auto_filter.ref == "A5:B6"
    assert sheet.print_title_rows == "$1:$5"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert [cell.value for cell in sheet[1][:8]] == [
        "Данные на", datetime(2026, 11, 22, 12, 45), "Проверено", datetime(2026, 11, 22, 12, 46),
        "Запись №", 7, None, "данные полные",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[5][:2]] == ["Столбец 0", "Столбец 1"]


def test_of_several_tables_each_is_printed_on_pages_of_its_own() -> None:
    columns = tuple(Column(f"c{place}", "money", "Сумма") for place in range(30))
    wide = Table("wide", "Широкая", "", "", "", columns, ())
    layout = TabLayout("one", "Один", (BlockLayout("wide"), BlockLayout("wide"), BlockLayout("wide")))

    sheet = opened(make_plan((layout,), {"wide": wide}, STAMP))["Один"]

    assert [each.id for each in sheet.col_breaks.brk] == [31, 62]
    assert sheet.page_setup.scale == 40


def test_an_empty_table_says_so() -> None:
    sheet = opened(plan_of(["text", "money"]))["Один"]

    assert sheet["A6"].value == "нет строк"
    assert sheet["B5"].value == "Столбец 1"


def test_without_a_single_table_every_tab_is_there_and_says_why_it_is_empty() -> None:
    book = opened(make_plan(LAYOUT, {}, STAMP))

    assert book.sheetnames == [tab.title for tab in LAYOUT]
    assert [book["Сводка"][place].value for place in ("A2", "A5", "A6")] == [
        "Главное",
        "нет данных",
        "таблица summary ещё не построена",
    ]


def test_equal_plans_give_equal_bytes() -> None:
    assert render(plan_of(["text"], ("a",))) == render(plan_of(["text"], ("a",)))


def test_the_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "book.xlsx"
    write(plan_of(["text"], ("old",)), path)
    size = write(plan_of(["text"], ("new",)), path)

    assert path.stat().st_size == size
    assert zipfile.is_zipfile(path)
    assert load_workbook(path)["Один"]["A6"].value == "new"
    assert [each.name for each in path.parent.iterdir()] == ["book.xlsx"]


def test_a_place_that_cannot_be_written_is_named_to_people(tmp_path: Path) -> None:
    folder = tmp_path / "book.xlsx"
    (folder / "inside").mkdir(parents=True)

    with pytest.raises(FileNotWritten, match=r"Не удалось записать книгу .*book\.xlsx.*[Уу]кажите") as caught:
        write(plan_of(["text"], ("a",)), folder)

    assert not caught.value.retryable
    assert [each.name for each in tmp_path.iterdir()] == ["book.xlsx"]


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "на диске нет места. Освободите его"),
        (errno.EROFS, "диск только для чтения. Укажите другую папку"),
        (errno.EACCES, "Закройте книгу, проверьте права"),
        (errno.EIO, "Проверьте путь или укажите другой"),
    ],
)
def test_every_trouble_with_a_file_comes_with_its_remedy(number: int, remedy: str) -> None:
    told = sentence(Path("/figures/book.xlsx"), OSError(number, os.strerror(number)))

    assert "/figures/book.xlsx" in told
    assert remedy in told


@pytest.mark.parametrize(
    ("title", "safe"), [("Итоги [2026]/11", "Итоги  2026  11"), ("'Я" + "ы" * 40, "Я" + "ы" * 30)]
)
def test_titles_are_made_fit_for_excel(title: str, safe: str) -> None:
    assert sheet_title(title) == safe


def test_a_workbook_is_written_again_only_when_there_is_something_new(tmp_path: Path) -> None:
    now = [0.0]
    path = tmp_path / "book.xlsx"
    book = KeptWorkbook(path, stamp_every=300, clock=lambda: now[0])
    figures = plan_of(["text"], ("a",))

    assert not book.refresh(figures).skipped
    now[0] += 299
    assert book.refresh(replace(figures, stamp=replace(STAMP, run=8))).skipped
    assert not book.refresh(plan_of(["text"], ("b",))).skipped
    assert not book.refresh(replace(plan_of(["text"], ("b",)), stamp=replace(STAMP, state="отстаёт"))).skipped
    now[0] += 301
    assert not book.refresh(replace(plan_of(["text"], ("b",)), stamp=replace(STAMP, state="отстаёт"))).skipped


def test_a_workbook_that_people_removed_or_changed_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = KeptWorkbook(path)
    figures = plan_of(["text"], ("a",))
    book.refresh(figures)

    path.unlink()
    assert not book.refresh(figures).skipped
    path.write_bytes(b"broken")
    assert not book.refresh(figures).skipped

    assert load_workbook(path)["Один"]["A6"].value == "a"


def test_a_dry_run_tells_the_size_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    figures = plan_of(["text"], ("a",))

    told = KeptWorkbook(path).refresh(figures, dry_run=True)

    assert told.bytes == len(render(figures))
    assert not path.exists()
