"""The documents that the configured books come to: one each, of the books of managers one for every manager."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import texts
from config import ALL, GOOGLE_KEY, WHOSE, Config, ConfigError, Problem, SheetsBook, XlsxBook
from exports.audience import MANAGER, OWNER, Rights, Show
from exports.errors import NobodyThere
from exports.layout import LAYOUT
from metrics.catalog import Catalog
from warehouse.publish import Shelf

Book = SheetsBook | XlsxBook


@dataclass(frozen=True, slots=True)
class Document:
    """A spreadsheet or a file, and what may stand in it."""

    rights: Rights
    place: str | Path


@dataclass(frozen=True, slots=True)
class Edition:
    """What is written at a time: a spreadsheet, a file, or all files of a book. `book`: its name in the settings."""

    name: str
    book: str
    kind: str
    audience: str
    show: Show
    place: str | Path
    manager: int | None = None
    key_env: str = GOOGLE_KEY

    @property
    def is_owners(self) -> bool:
        """Whether it holds everything."""
        return self.audience == OWNER and not self.show

    def documents(self, shelf: Shelf) -> Iterator[Document]:
        """All that is to be written now; NobodyThere if it is for a user whom the account does not know."""
        if self.audience != MANAGER:
            yield Document(Rights(self.audience, self.show), self.place)
            return
        people: dict[int, bool] = dict(shelf.rows("select user_id, is_active from core.users"))
        if self.manager is None:
            for manager in _at_work(people, shelf):
                path = Path(str(self.place).replace(WHOSE, str(manager)))
                yield Document(Rights(self.audience, self.show, manager), path)
        elif self.manager in people:
            yield Document(Rights(self.audience, self.show, self.manager), self.place)
        else:
            raise NobodyThere(texts.sentence("no_manager", "ru", book=self.book, manager=self.manager))


def editions(config: Config) -> Iterator[Edition]:
    """What is to be written, in the order of the settings."""
    for book in config.exports.books:
        shown = tuple((mart, () if names == (ALL,) else names) for mart, names in book.show.items())
        if isinstance(book, XlsxBook):
            yield Edition(book.name, book.name, book.kind, book.audience, shown, book.path)
            continue
        for manager, spreadsheet in [(None, book.spreadsheet), *book.spreadsheets.items()]:
            if spreadsheet is not None:
                kind, reader, key = book.kind, book.audience, book.key_env
                yield Edition(book.called(manager), book.name, kind, reader, shown, spreadsheet, manager, key)


def _at_work(people: dict[int, bool], shelf: Shelf) -> list[int]:
    """Whoever works here and has figures."""
    rows = shelf.table("mart.manager_totals", columns=("manager_id",)) or []
    return sorted(manager for (manager,) in rows if people.get(manager))


def check_rights(config: Config, catalog: Catalog) -> None:
    """ConfigError, where a book is to show what does not exist or what its readers may not see."""
    problems = [
        problem
        for number, book in enumerate(config.exports.books)
        for problem in _problems(book, ("exports", "books", number, "show"), catalog)
    ]
    if problems:
        raise ConfigError(problems, config.file, config.locale)


def _problems(book: Book, where: tuple[str | int, ...], catalog: Catalog) -> Iterator[Problem]:
    shown = [block.mart for tab in LAYOUT for block in tab.blocks]
    rights = Rights(book.audience, manager=0 if book.audience == MANAGER else None)
    for mart, columns in book.show.items():
        path = (*where, mart)
        grant = rights.granted(mart)
        if mart not in shown:
            yield Problem("mart_unknown", path, {"hint": _hint(mart, shown)})
        elif grant is None:
            yield Problem("mart_denied", path)
        elif columns != (ALL,):
            known = [column.name for column in catalog[mart].columns if column.format != "hidden"]
            for column in columns:
                if column not in known:
                    yield Problem("column_unknown", path, {"column": column, "hint": _hint(column, known)})
                elif not grant.allows(column):
                    yield Problem("column_denied", path, {"column": column})


def _hint(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" ({close[0]}?)" if close else ""
