"""The plan as an Excel workbook: one file, replaced whole."""

import errno
import os
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from exports.colours import TAB_COLOURS
from exports.errors import FileNotWritten
from exports.formats import LOOKS, Format, Look
from exports.links import Link
from exports.plan import (
    ABOUT_ROW,
    FIRST_ROW,
    HEADER_ROW,
    TITLE_ROW,
    TOTAL_ROW,
    Block,
    Plan,
    Tab,
    Value,
)
from exports.replacing import replacing
from exports.stamp import FRESH, IS_ALARMED, STAMP_FORMATS, Formula, Stamp, stamp_cells
from exports.text import cell_text
from exports.tones import ALARMED
from exports.widths import label_lines, pixels, row_lines
from exports.xlsx_overlay import FONT, draw_over, in_excel

CELL_LIMIT = 32_767
TITLE_LIMIT = 31
EXACT = 2**53
"""Excel keeps whole numbers exactly up to here; a longer one is an identifier, so it is written as text."""

_OPTIONS = {
    "in_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
    "default_format_properties": {"font_name": FONT, "font_size": 10},
}
_A4 = 9
_LINE_POINTS = 15
_ROW_POINTS = 15.75  # as in Google's spreadsheets
_GAP_POINTS = 3  # of the row of totals, where no table has any
_NOTE = {"author": "vitrina", "x_scale": 3, "y_scale": 2}
_PAGE_PIXELS = 980  # between the margins of a landscape A4
_SMALLEST_PRINT = 40


def write(plan: Plan, path: Path) -> int:
    """Put the workbook at `path` and return its size in bytes.

    The file is replaced in one step, so whoever opens it meets the old book or the new one.
    """
    content = render(plan)
    try:
        with replacing(path) as part:
            _write_through(part, content)
    except OSError as error:
        raise FileNotWritten(sentence(path, error)) from error
    return len(content)


def render(plan: Plan) -> bytes:
    """The workbook's bytes; equal plans give equal bytes."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        book.set_properties({"title": "Показатели", "created": plan.stamp.data_at})
        book.set_calc_mode("auto")
        pen = _Pen(book, plan.deal_url)
        for tab in plan.tabs:
            _write_tab(book.add_worksheet(sheet_title(tab.title)), tab, plan, pen)
    return target.getvalue()


def sheet_title(title: str) -> str:
    """A title Excel accepts: without []:*?/\\, without quotes at its ends, at most 31 characters."""
    allowed = "".join(" " if sign in "[]:*?/\\" else sign for sign in title)
    return allowed.strip("' ")[:TITLE_LIMIT].strip("' ")


class _Pen:
    """The cell formats of one workbook, each made once, and the hand that writes a value."""

    def __init__(self, book: Workbook, deal_url: str | None) -> None:
        self.book = book
        self.looks: dict[str, CellFormat] = {
            name: book.add_format(_properties(look)) for name, look in LOOKS.items()
        }
        grey = {"font_color": "#666666", "font_size": 9, "align": "left", "indent": 0}
        self.stamps: dict[str, CellFormat] = {
            name: book.add_format(_properties(LOOKS[name]) | grey) for name in STAMP_FORMATS
        }
        self.alarmed = book.add_format(
            {"bold": True, "font_color": ALARMED.text, "bg_color": ALARMED.background}
        )
        self.title = book.add_format({"bold": True, "font_size": 12})
        self.about = book.add_format({"font_size": 9, "font_color": "#666666"})
        total = {"bold": True, "valign": "vcenter", "bg_color": "#F2F6FA"}
        self.totals = {name: book.add_format(_properties(look) | total) for name, look in LOOKS.items()}
        self.total_word = book.add_format(total | {"align": "left", "indent": 1})
        label = {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8EDF3", "bottom": 1}
        self.text_header = book.add_format(label | {"indent": 1})
        self.figure_header = book.add_format(label | {"align": "right"})
        self.note = book.add_format({"italic": True, "font_color": "#666666"})
        self.link = book.add_format(_properties(LOOKS["deal"]) | {"font_color": "#1155CC"})
        self.named_link = book.add_format(_properties(LOOKS["link"]) | {"font_color": "#1155CC"})
        self.deal_url = deal_url

    def write(self, sheet: Worksheet, row: int, column: int, value: Value, name: Format) -> None:
        if isinstance(value, Link):
            sheet.write_url(row, column, value.page, self.named_link, cell_text(value.text, CELL_LIMIT))
        elif name == "deal" and self.deal_url and isinstance(value, int):
            # The number is written over the link's text: the cell stays a number and leads to the deal.
            sheet.write_url(row, column, f"{self.deal_url}{value}", self.link)
            put(sheet, row, column, value, self.link)
        else:
            put(sheet, row, column, value, self.looks[name])


def _properties(look: Look) -> dict[str, object]:
    """A text keeps the general format, for a formatted text of more than 255 signs is shown as ####."""
    shape: dict[str, object] = {"valign": "top", "text_wrap": look.wraps}
    return shape | ({"align": "left", "indent": 1} if look.is_text else {"num_format": look.pattern})


def put(sheet: Worksheet, row: int, column: int, value: Value, look: CellFormat) -> None:
    """Write `value` as what it is: a text is never read as a number, a formula or a link."""
    match value:
        case None | "":
            return
        case bool():
            sheet.write_boolean(row, column, value, look)
        case int() if abs(value) > EXACT:
            sheet.write_string(row, column, str(value), look)
        case int() | Decimal():
            sheet.write_number(row, column, value, look)
        case date() if value.year < 1900:
            sheet.write_string(row, column, value.isoformat(), look)
        case datetime() | date():
            sheet.write_datetime(row, column, value, look)
        case _:
            sheet.write_string(row, column, cell_text(str(value), CELL_LIMIT), look)


def _write_tab(sheet: Worksheet, tab: Tab, plan: Plan, pen: _Pen) -> None:
    sheet.set_default_row(_ROW_POINTS)
    _write_stamp(sheet, plan.stamp_of(tab), pen)
    for column, width in enumerate(pixels(tab)):
        sheet.set_column_pixels(column, column, width)
    for block in tab.blocks:
        _write_block(sheet, block, pen)
    draw_over(pen.book, sheet, tab)
    sheet.freeze_panes(FIRST_ROW, 0)
    if tab.key in TAB_COLOURS:
        sheet.set_tab_color(TAB_COLOURS[tab.key])
    sheet.set_row(HEADER_ROW, _LINE_POINTS * max(label_lines(tab), 2))
    if not any(block.is_added_up for block in tab.blocks):
        sheet.set_row(TOTAL_ROW, _GAP_POINTS)
    if len(tab.blocks) == 1 and tab.blocks[0].rows:
        only = tab.blocks[0]
        sheet.autofilter(HEADER_ROW, only.column, HEADER_ROW + len(only.rows), only.column + only.width - 1)
    _set_up_print(sheet, tab)


def _write_stamp(sheet: Worksheet, stamp: Stamp, pen: _Pen) -> None:
    """The first row; all of it turns red when its formula speaks up."""
    for column, value in enumerate(stamp_cells(stamp)):
        look = pen.stamps[STAMP_FORMATS[column]]
        if isinstance(value, Formula):
            sheet.write_formula(0, column, in_excel(value.text), look, FRESH)
            rule = {"type": "formula", "criteria": in_excel(IS_ALARMED), "format": pen.alarmed}
            sheet.conditional_format(0, 0, 0, len(STAMP_FORMATS) - 1, rule)
        else:
            put(sheet, 0, column, value, look)


def _set_up_print(sheet: Worksheet, tab: Tab) -> None:
    """One table fits the width of the page; of several, each starts on a page of its own."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.repeat_rows(0, HEADER_ROW)
    if len(tab.blocks) == 1:
        sheet.fit_to_pages(1, 0)
        return
    widths = pixels(tab)
    widest = max(sum(widths[block.column : block.column + block.width + 1]) for block in tab.blocks)
    sheet.set_print_scale(min(100, max(_SMALLEST_PRINT, 100 * _PAGE_PIXELS // widest)))
    sheet.set_v_pagebreaks([block.column for block in tab.blocks[1:]])


def _write_block(sheet: Worksheet, block: Block, pen: _Pen) -> None:
    put(sheet, TITLE_ROW, block.column, block.heading, pen.title)
    if block.note:
        sheet.write_comment(TITLE_ROW, block.column, block.note, _NOTE)
    put(sheet, ABOUT_ROW, block.column, block.about_line, pen.about)
    for offset, total in enumerate(block.total_line):
        look = pen.total_word if isinstance(total, str) else pen.totals[block.columns[offset].format]
        sheet.write_blank(TOTAL_ROW, block.column + offset, None, look)
        put(sheet, TOTAL_ROW, block.column + offset, total, look)
    for offset, column in enumerate(block.columns):
        header = pen.text_header if LOOKS[column.format].is_text else pen.figure_header
        put(sheet, HEADER_ROW, block.column + offset, column.label, header)
    wraps = any(LOOKS[column.format].wraps for column in block.columns)
    for index, row in enumerate(block.rows):
        if wraps:  # Excel makes room for several lines by itself, others do not
            sheet.set_row(FIRST_ROW + index, _LINE_POINTS * row_lines(block, index))
        for offset, value in enumerate(row):
            pen.write(sheet, FIRST_ROW + index, block.column + offset, value, block.format(index, offset))
    if not block.rows:
        put(sheet, FIRST_ROW, block.column, block.instead_of_rows, pen.note)


def _write_through(part: Path, content: bytes) -> None:
    with part.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sentence(path: Path, error: OSError) -> str:
    """What people read when the file cannot be written, and what they can do."""
    if error.errno == errno.ENOSPC:
        return f"Не удалось записать книгу {path}: на диске нет места. Освободите его и повторите выгрузку."
    if error.errno == errno.EROFS:
        return f"Не удалось записать книгу {path}: диск только для чтения. Укажите другую папку."
    if isinstance(error, PermissionError):
        return (
            f"Не удалось записать книгу {path}: файл открыт в другой программе или запись туда запрещена. "
            "Закройте книгу, проверьте права на папку или укажите другой путь."
        )
    return f"Не удалось записать книгу {path} ({error.strerror or error}). Проверьте путь или укажите другой."
