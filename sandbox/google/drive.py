"""The spreadsheets that exist: who may do what with them, and every version they went through."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from sandbox.google.book import Book, Tab
from sandbox.google.errors import Forbidden, NotFound
from sandbox.google.protection import Editor

Role = Literal["owner", "writer", "reader"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A version that somebody's request produced."""

    number: int
    at: float
    author: str
    book: Book


@dataclass
class File:
    """One spreadsheet: its roles, its latest versions, and the lines shown above it on the page.

    The versions are replaced as one value, so that a reader needs no lock.
    """

    roles: dict[str, Role]
    revisions: tuple[Revision, ...]
    keep: int
    status: list[tuple[str, str]] = field(default_factory=list)

    @property
    def latest(self) -> Revision:
        return self.revisions[-1]

    def commit(self, book: Book, author: str, at: float) -> None:
        made = Revision(self.latest.number + 1, at, author, book)
        self.revisions = (*self.revisions, made)[-self.keep :]

    def at(self, number: int) -> Book | None:
        """The version of that number, while it is kept."""
        kept = self.revisions
        first = kept[0].number
        return kept[number - first].book if first <= number <= kept[-1].number else None


class Drive:
    """All spreadsheets by id."""

    def __init__(self, clock: Callable[[], float], keep_revisions: int) -> None:
        self._clock = clock
        self._keep = keep_revisions
        self.files: dict[str, File] = {}

    def create(self, title: str, locale: str, time_zone: str, owner: str, share: Mapping[str, Role]) -> str:
        """An empty spreadsheet of the owner, shared as asked; return its id."""
        spreadsheet_id = secrets.token_urlsafe(33)
        properties = {"title": title, "locale": locale, "autoRecalc": "ON_CHANGE", "timeZone": time_zone}
        first = "Лист1" if locale.startswith("ru") else "Sheet1"
        grid = {"rowCount": 1000, "columnCount": 26}
        tab = Tab({"sheetId": 0, "title": first, "sheetType": "GRID", "gridProperties": grid})
        book = Book(spreadsheet_id, properties, [tab])
        first_revision = Revision(1, self._clock(), owner, book)
        self.files[spreadsheet_id] = File({owner: "owner"}, (first_revision,), self._keep)
        for email, role in share.items():
            self.share(spreadsheet_id, email, role)
        return spreadsheet_id

    def share(self, spreadsheet_id: str, email: str, role: Role | None) -> None:
        """Give the account a role, or with None take it away."""
        roles = self.file(spreadsheet_id).roles
        if role is None:
            roles.pop(email, None)
            return
        if role not in get_args(Role):
            raise ValueError(f"unknown role: {role}")
        roles[email] = role

    def file(self, spreadsheet_id: str) -> File:
        if spreadsheet_id not in self.files:
            raise NotFound
        return self.files[spreadsheet_id]

    def open(self, spreadsheet_id: str, email: str, *, writing: bool) -> tuple[File, Editor]:
        """The file for this account: unknown ids are not found, unshared ones are refused."""
        file = self.file(spreadsheet_id)
        role = file.roles.get(email)
        if role is None or (writing and role == "reader"):
            raise Forbidden
        return file, Editor(email, is_owner=role == "owner")
