"""An empty workbook for people to type in: a tab for each table, comments on its headers, a tab of explanations."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from exports.errors import FileNotWritten
from exports.formats import Format
from exports.replacing import replacing

GUIDE = "Как заполнять"
WIDE = 60


@dataclass(frozen=True, slots=True)
class Blank:
    """One column to be typed: its header, what belongs there, an example, whether it must be filled in."""

    table: str
    title: str
    note: str
    example: str
    is_required: bool
    is_text: bool  # typed as it stands: a spreadsheet must make no number or date of it
    look: Format | None = None  # what a spreadsheet makes of it, if it is a day, a month or a share
    choices: tuple[str, ...] = ()  # nothing but these
    from_list: str | None = None  # the list of names that it is mostly one of


HEADERS = ("Таблица", "Столбец", "Что писать", "Обязательно", "Пример")


def guide(blanks: Sequence[Blank]) -> list[tuple[str, ...]]:
    """The explanations, a line for each column."""
    lines = [
        (each.table, each.title, each.note, "да" if each.is_required else "", each.example) for each in blanks
    ]
    return [HEADERS, *lines]


def write_template(blanks: Sequence[Blank], path: Path) -> None:
    """Write the workbook; FileNotWritten if the place does not let itself be written."""
    try:
        with replacing(path) as draft:
            _write(blanks, draft)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise FileNotWritten(f"{path} не пишется: проверьте путь и права ({error}).") from error


def _write(blanks: Sequence[Blank], draft: Path) -> None:
    with xlsxwriter.Workbook(str(draft)) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for table in dict.fromkeys(each.table for each in blanks):
            sheet = book.add_worksheet(table)
            sheet.freeze_panes(1, 0)
            for at, each in enumerate(each for each in blanks if each.table == table):
                sheet.write_string(0, at, each.title, head)
                sheet.write_comment(0, at, f"{each.note}\nНапример: {each.example}")
                sheet.set_column(at, at, max(14, len(each.title) + 4), text if each.is_text else None)
        sheet = book.add_worksheet(GUIDE)
        sheet.freeze_panes(1, 0)
        for row, line in enumerate(guide(blanks)):
            for at, words in enumerate(line):
                sheet.write_string(row, at, words, wrap if row else head)
        for at, width in enumerate((14, 22, WIDE, 14, 22)):
            sheet.set_column(at, at, width)
