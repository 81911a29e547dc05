"""Files we put into people's folder: what is wrong in each table, and empty tables to begin with."""

import csv
import io
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.inputs.folder import ERRORS
from connectors.inputs.tables import BY_NAME, TABLES, Kind
from warehouse.inputs import Refused

if TYPE_CHECKING:
    from exports.formats import Format
    from exports.template import Blank

BOOK = "Ввод.xlsx"
HEADERS = ("Строка", "Столбец", "Значение", "Что исправить")
LISTS: Mapping[Kind, str] = {"manager": "Сотрудники", "article": "Статьи"}
"""The lists of names that columns of a kind are chosen from."""
_LOOKS: "Mapping[Kind, Format]" = {"day": "date", "month": "month", "percent": "percent"}


def write_answers(folder: Path, refused: Sequence[Refused]) -> None:
    """A file of errors for every table that has some, none for the others; one that says the same is left alone."""
    if not folder.is_dir():
        return
    told: dict[str, list[Refused]] = defaultdict(list)
    for refusal in refused:
        told[refusal[0]].append(refusal)
    for table in TABLES:
        _keep(folder / f"{table.title}{ERRORS}.csv", _as_csv(told[table.name]) if told[table.name] else None)


def _as_csv(refused: Sequence[Refused]) -> bytes:
    lines = [
        (str(row or "вся таблица"), column or "", value or "", message)
        for _, row, column, value, message in refused
    ]
    return _csv([HEADERS, *lines])


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    """What Excel in Russia opens by a double click."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _keep(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != content:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_bytes(content)
        draft.replace(path)


def title_of(name: str) -> str:
    """What people call a table; the refusal of everything at once names none."""
    return BY_NAME[name].title if name in BY_NAME else "Все таблицы"


class TemplateExists(Exception):
    """People may have typed into it already."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


def write_blank_book(folder: Path) -> list[Path]:
    """One workbook with all tables; TemplateExists rather than overwriting anything."""
    from exports.template import write_template

    path = folder / BOOK
    if path.exists():
        raise TemplateExists(path)
    write_template(blanks(), path)
    return [path]


def write_blank_files(folder: Path) -> list[Path]:
    """A csv file for each table and one that explains them; TemplateExists rather than overwriting anything."""
    from exports.template import GUIDE, guide

    files = {table.title: [tuple(column.title for column in table.columns)] for table in TABLES}
    files[GUIDE] = guide(blanks())
    paths = {folder / f"{title}.csv": lines for title, lines in files.items()}
    for path in paths:
        if path.exists():
            raise TemplateExists(path)
    folder.mkdir(parents=True, exist_ok=True)
    for path, lines in paths.items():
        _keep(path, _csv(lines))
    return list(paths)


def blanks() -> list["Blank"]:
    """Every column of every table, as it is explained to who fills it in."""
    from exports.template import Blank

    return [
        Blank(
            table.title,
            column.title,
            column.note,
            column.example,
            column.is_required,
            is_text=column.kind in ("manager", "article", "text", "choice", "currency", "deal"),
            look=_LOOKS.get(column.kind),
            choices=("да", "нет") if column.kind == "flag" else tuple(column.words),
            from_list=LISTS.get(column.kind),
        )
        for table in TABLES
        for column in table.columns
    ]
