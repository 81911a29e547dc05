"""A folder of csv and xlsx files → tables of texts, read by pandas. No number becomes a float on its way."""

import contextlib
import io
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from connectors.inputs.tables import plain

if TYPE_CHECKING:
    from pandas import DataFrame

ERRORS = ".ошибки"  # what we write beside a file is no input
MOST_COLUMNS = 64
BROKEN_CELL = "#ОШИБКА"
CUT = (
    BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    SyntaxError,
    TypeError,
    AttributeError,
)
"""How openpyxl fails on a workbook of which a part is missing; an XML error is a SyntaxError."""
EXCEL_DIGITS = ".15g"  # what Excel keeps of a number: the rest is noise of its arithmetic


@dataclass(frozen=True, slots=True)
class Found:
    """One table where it was found: its rows as texts, or the kind of reason why it cannot be read."""

    title: str
    origin: str
    grid: tuple[tuple[str, ...], ...] = ()
    author: str | None = None
    trouble: str | None = None
    details: str = ""


def fingerprint(folder: Path) -> list[tuple[str, int, int]]:
    """What tells whether anything in the folder changed, without opening a file."""
    return [(path.name, state.st_mtime_ns, state.st_size) for path, state in _files(folder)]


def newest(folder: Path) -> float:
    """When something was last written there; 0 for an empty folder."""
    return max((state.st_mtime for _, state in _files(folder)), default=0.0)


def read_folder(folder: Path, titles: Sequence[str]) -> list[Found]:
    """Every table of these titles that the folder holds; one that stands at two places is told twice."""
    wanted = {plain(title): title for title in titles}
    found: list[Found] = []
    for path, _ in _files(folder):
        named = wanted.get(plain(path.stem))
        if path.suffix.lower() == ".csv":
            if named is not None:
                found.append(_read_csv(path, named))
        else:
            found.extend(_read_workbook(path, named, wanted))
    return found


def _files(folder: Path) -> Iterator[tuple[Path, Any]]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in sorted(folder.iterdir()):
            is_ours = path.stem.endswith(ERRORS) or path.name.startswith(("~$", "."))
            if path.suffix.lower() in (".csv", ".xlsx") and not is_ours:
                with contextlib.suppress(FileNotFoundError):
                    yield path, path.stat()


def _read_csv(path: Path, title: str) -> Found:
    import pandas as pd

    try:
        text = _text(path.read_bytes())
        if not text.strip():
            return Found(title, path.name, trouble="empty_file")
        frame = pd.read_csv(
            io.StringIO(text),
            header=None,
            names=range(MOST_COLUMNS),
            sep=_separator(text),
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            index_col=False,
        )
    except OSError as error:
        return Found(title, path.name, trouble="unreadable", details=error.strerror or str(error))
    except (pd.errors.ParserError, UnicodeDecodeError):
        return Found(title, path.name, trouble="half_written")
    return Found(title, path.name, _grid(frame))


def _text(body: bytes) -> str:
    """UTF-8, or what Excel in Russia writes when it is asked for «CSV»."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1251")


def _separator(text: str) -> str:
    """Of the first line with anything in it: the sign that parts it most often."""
    first = next(line for line in text.splitlines() if line.strip())
    return max(";\t,", key=first.count)


def _read_workbook(path: Path, named: str | None, wanted: Mapping[str, str]) -> Iterator[Found]:
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of what openpyxl leaves out: drawings, validations
            with pd.ExcelFile(path, engine="openpyxl") as book:
                author = book.book.properties.lastModifiedBy or None
                sheets = {plain(str(name)): str(name) for name in book.sheet_names}
                if named is not None:
                    first = str(book.sheet_names[0])
                    yield Found(named, path.name, _sheet(book, sheets.get(plain(named), first)), author)
                    return
                for key in sheets.keys() & wanted.keys():
                    origin = f"{path.name} / {sheets[key]}"
                    yield Found(wanted[key], origin, _sheet(book, sheets[key]), author)
    except OSError as error:
        yield Found(named or "", path.name, trouble="unreadable", details=error.strerror or str(error))
    except CUT as error:
        yield Found(named or "", path.name, trouble="half_written", details=type(error).__name__)


def _sheet(book: Any, sheet: str) -> tuple[tuple[str, ...], ...]:
    import pandas as pd

    return _grid(pd.read_excel(book, sheet_name=sheet, header=None, dtype=object, na_filter=False))


def _grid(frame: "DataFrame") -> tuple[tuple[str, ...], ...]:
    """The cells as texts, without the empty columns at the right."""
    rows = [[_as_text(cell) for cell in line] for line in frame.itertuples(index=False, name=None)]
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell), default=0)
    return tuple(tuple(row[:width]) for row in rows)


def _as_text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, float):
        return number_as_text(cell)
    if isinstance(cell, datetime):
        return f"{cell.date()}" if cell.time() == time() else f"{cell}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def number_as_text(number: float) -> str:
    """The digits that a spreadsheet shows for a number; what is none is told as the error that people see."""
    if number != number:  # noqa: PLR0124 – not a number: the cell holds #REF! or the like
        return BROKEN_CELL
    digits = Decimal(format(number, EXCEL_DIGITS))
    return f"{digits.normalize():f}"
