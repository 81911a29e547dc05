"""The books of the configuration: what each is, for whom it is, and where it stands."""

import os
import re
from collections.abc import Iterator
from string import digits
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from config_checks import (
    Columns,
    Count,
    Seconds,
    Section,
    Spreadsheet,
    Text,
    Variable,
    Whole,
    Xlsx,
    defaults,
    wrong,
)
from config_secrets import GOOGLE_KEY

Audience = Literal["owner", "sales", "accountant", "marketer", "manager"]

WHOSE = "{id}"  # in the path of managers' files: the number of the manager

_Show = Annotated[dict[Text, Columns], defaults()]


class SheetsBook(Section):
    """A spreadsheet at Google, by its id; for managers one for each, by the manager's number."""

    name: Text
    kind: Literal["sheets"]
    audience: Annotated[Audience, Field(alias="for")] = "owner"
    show: _Show
    spreadsheet: Spreadsheet | None = None
    spreadsheets: dict[Whole, Spreadsheet] = defaults()
    key_env: Variable = GOOGLE_KEY

    @model_validator(mode="after")
    def _is_somewhere(self) -> "SheetsBook":
        is_for_each = self.audience == "manager"
        given = {"spreadsheet": self.spreadsheet is not None, "spreadsheets": bool(self.spreadsheets)}
        wanted, unwanted = ("spreadsheets", "spreadsheet") if is_for_each else ("spreadsheet", "spreadsheets")
        if given[unwanted]:
            raise wrong("book_for_each" if is_for_each else "book_for_one", below=(unwanted,))
        if not given[wanted]:
            raise wrong("missing", below=(wanted,))
        return self

    def called(self, manager: int | None) -> str:
        """By which name a spreadsheet of the book is called: its own, with the manager's number if there are many."""
        return self.name if manager is None else f"{self.name}/{manager}"

    def names(self) -> Iterator[str]:
        """All that it can be called by."""
        yield self.name
        yield from map(self.called, self.spreadsheets)

    def places(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every spreadsheet that it fills, and where it is named."""
        if self.spreadsheet is not None:
            yield ("spreadsheet",), self.spreadsheet
        for manager, spreadsheet in self.spreadsheets.items():
            yield ("spreadsheets", manager), spreadsheet


class XlsxBook(Section):
    """A workbook in a file; for managers a file for each."""

    name: Text
    kind: Literal["xlsx"]
    audience: Annotated[Audience, Field(alias="for")] = "owner"
    show: _Show
    path: Xlsx

    @model_validator(mode="after")
    def _is_a_file_for_each(self) -> "XlsxBook":
        if self.audience == "manager" and WHOSE not in str(self.path):
            raise wrong("path_for_each", id=WHOSE, below=("path",))
        return self

    def names(self) -> Iterator[str]:
        """All that it can be called by."""
        yield self.name

    def places(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The file that it fills, however its path is spelled, and where it is named."""
        yield ("path",), os.path.normcase(os.path.realpath(self.path))


Book = Annotated[SheetsBook | XlsxBook, Field(discriminator="kind")]


class Exports(Section):
    refresh_every: Seconds = 15
    stamp_every: Seconds = 300
    alarm_after: Count | None = 900
    books: tuple[Book, ...] = ()

    @field_validator("alarm_after")
    @classmethod
    def _the_stamp_moves_in_time(cls, after: int | None, info: ValidationInfo) -> int | None:
        if after is not None and after <= info.data.get("stamp_every", 0):
            raise wrong("alarm_too_soon")
        return after

    @model_validator(mode="after")
    def _books_stand_apart(self) -> "Exports":
        seen: list[tuple[str, str]] = []
        for number, book in enumerate(self.books):
            names = [(("name",), name) for name in book.names()]
            for where, what in (*names, *book.places()):
                kind = "name" if where == ("name",) else book.kind
                if any(kind == other and _meet(what, taken) for other, taken in seen):
                    raise wrong("book_twice", what=where[0], below=("books", number, *where))
                seen.append((kind, what))
        return self


def _meet(one: str, other: str) -> bool:
    """Whether both are the same, or may be with some numbers in their places for one."""
    ours, theirs = _pieces(one), _pieces(other)
    seen: set[tuple[int, int]] = set()
    reached = {(0, 0)}  # so many pieces of each may make the same text
    while reached:
        seen |= reached
        reached = {step for place in reached for step in _steps(ours, theirs, *place)} - seen
    return (len(ours), len(theirs)) in seen


def _pieces(path: str) -> list[str]:
    """The letters of a path, and its places for a number."""
    return re.findall(f"{re.escape(WHOSE)}|.", path, re.DOTALL)


def _steps(ours: list[str], theirs: list[str], our: int, their: int) -> Iterator[tuple[int, int]]:
    """How far both come by one more letter; a place for a number may take another one after it."""
    if our == len(ours) or their == len(theirs):
        return
    one, other = ours[our], theirs[their]
    if one == other or (one == WHOSE and other in digits) or (other == WHOSE and one in digits):
        yield our + 1, their + 1
        if one == WHOSE:
            yield our, their + 1
        if other == WHOSE:
            yield our + 1, their
