"""From the published marts to the books that people read."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from editions import Document, Edition, editions
from exports.audience import Rights
from exports.errors import ExportError, KeyUnreadable
from exports.plan import Plan
from jobs import Jobs
from planning import EVERYTHING, Planning, Shown, StillLoading
from unwritten import note_unwritten, read_unwritten
from warehouse.journal import note_exported
from warehouse.publish import Shelf

if TYPE_CHECKING:
    from exports.book import Refreshed
    from exports.book import SheetsBook as Spreadsheet
    from exports.workbook import Workbook

__all__ = ["Exported", "Exporter", "StillLoading"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of one book: `error` says why it was not written, `held` which tabs stand as they were.

    `built_at`: the build that it was to show; `at`: when it did.
    """

    name: str
    kind: str
    built_at: datetime
    at: datetime
    tabs: tuple[str, ...] = ()
    cells: int = 0
    bytes: int = 0
    requests: int = 0
    skipped: bool = False
    held: tuple[str, ...] = ()
    error: ExportError | None = None


class Exporter:
    """Keeps the books of one configuration equal to the published marts."""

    def __init__(self, jobs: Jobs) -> None:
        self._parts = jobs.parts
        self._planning = Planning(jobs)
        self._editions = {each.name: each for each in editions(jobs.parts.config)}
        self._spreadsheets: dict[str, Spreadsheet] = {}
        self._workbooks: dict[str, dict[Path, Workbook]] = {}
        self._told: dict[str, str | None] = {}  # what status tells of a book, as far as we told it

    @property
    def names(self) -> list[str]:
        """By which books are called: those of the settings, and each of those that one entry stands for."""
        return list(
            dict.fromkeys(name for each in self._editions.values() for name in (each.book, each.name))
        )

    def export(self, names: Sequence[str] = (), *, dry_run: bool = False) -> list[Exported]:
        """Write the named books (all, if none is named); a book that cannot be written leaves the others going.

        A name of the configuration that stands for several books means all of them.
        """
        wanted = [each for each in self._editions.values() if not names or {each.name, each.book} & {*names}]
        exported = self._write(wanted, dry_run=dry_run)
        if exported and not dry_run:
            self._tell(exported)
            if self.live <= {book.name for book in exported if book.error is None}:
                self.note_shown(exported[0].built_at, exported[-1].at)
        return exported

    def refresh(self, name: str) -> Exported:
        """Write one book and try once, in a thread of its own perhaps; when to try again is for the caller to say."""
        exported = self._write([self._editions[name]], tries=1)
        self._tell(exported)
        return exported[0]

    @property
    def live(self) -> frozenset[str]:
        """The books whose cells people watch: spreadsheets, for a file shows what it did when it was opened."""
        names = frozenset(each.name for each in self._editions.values() if each.kind != "xlsx")
        return names or frozenset(self._editions)

    def urgency(self) -> Mapping[str, bool]:
        """The books by name, and whether each goes before the others: the owner's first one does."""
        first = next((each.name for each in self._editions.values() if each.is_owners), None)
        return {name: name == first for name in self._editions}

    def has_room(self, name: str, keep: int) -> bool:
        """Whether the book could be sent at once, leaving `keep` requests of this minute to others."""
        book = self._editions[name]
        try:
            return book.kind == "xlsx" or self._parts.robot(book.key_env).has_room(str(book.place), keep)
        except KeyUnreadable:
            return True  # so that the attempt tells it

    def put_right(self) -> set[str]:
        """Books of which another process has told something else since: that it wrote one, or could not."""
        told = dict(self._told)
        with self._parts.warehouse.glance("exported") as tx:
            noted = {each.book for each in read_unwritten(tx)}
        still = dict(self._told)  # what we told of a book meanwhile was not read
        found = {
            name
            for name in told.keys() & still
            if told[name] == still[name] and bool(told[name]) != (name in noted)
        }
        for name in found:
            self._told.pop(name, None)
        return found

    def note_shown(self, built_at: datetime, moment: datetime) -> None:
        """What was built up to then stands in the cells since that moment."""
        with self._parts.warehouse.transaction("exported") as tx:
            note_exported(tx, built_at, moment)

    def _write(
        self, books: Sequence[Edition], *, dry_run: bool = False, tries: int | None = None
    ) -> list[Exported]:
        found: dict[str, list[Document] | ExportError] = {}

        def readers(shelf: Shelf) -> Iterator[Rights]:
            for book in books:
                try:
                    documents = found[book.name] = list(book.documents(shelf))
                except ExportError as error:
                    found[book.name] = error
                else:
                    yield from (document.rights for document in documents)

        shown = self._planning.shown(readers)
        return [self._export(book, found[book.name], shown, dry_run=dry_run, tries=tries) for book in books]

    def save(self, path: Path) -> None:
        """Put everything into a workbook of its own, as it stands at this moment: it does not tell of its own age."""
        from exports import xlsx

        plan = self._planning.shown(lambda _: [EVERYTHING]).plans[EVERYTHING]
        xlsx.write(replace(plan, stamp=replace(plan.stamp, alarm_after=None)), path)

    def _export(
        self,
        book: Edition,
        documents: Sequence[Document] | ExportError,
        shown: Shown,
        *,
        dry_run: bool,
        tries: int | None,
    ) -> Exported:
        """Write all that a book comes to; of several files as many as can be written."""
        done: list[tuple[Plan, Refreshed]] = []
        errors = [documents] if isinstance(documents, ExportError) else []
        documents = [] if isinstance(documents, ExportError) else documents
        self._keep_workbooks(book, documents)
        for document in documents:
            plan = shown.plans[document.rights]
            try:
                done.append((plan, self._refresh(book, document, plan, shown, dry_run=dry_run, tries=tries)))
            except ExportError as error:
                errors.append(error)
        for problem in errors:
            log.error("export.failed book=%s error=%s: %s", book.name, type(problem).__name__, problem)
        if errors:
            return Exported(book.name, book.kind, shown.built_at, self._parts.now(), error=errors[0])
        return Exported(
            book.name,
            book.kind,
            shown.built_at,
            self._parts.now(),
            tuple(dict.fromkeys(title for _, each in done for title in each.tabs_sent)),
            sum(each.cells for _, each in done),
            sum(each.bytes for _, each in done),
            sum(each.requests for _, each in done),
            all(each.skipped for _, each in done),
            tuple(dict.fromkeys(tab.title for plan, _ in done for tab in plan.tabs if tab.held)),
        )

    def _refresh(
        self,
        book: Edition,
        document: Document,
        plan: Plan,
        shown: Shown,
        *,
        dry_run: bool,
        tries: int | None,
    ) -> "Refreshed":
        if book.kind == "xlsx":
            return self._workbooks[book.name][Path(document.place)].refresh(plan, dry_run=dry_run)
        spreadsheet = self._spreadsheet(book, shown.zone)
        return spreadsheet.refresh(plan, shown.run, dry_run=dry_run, tries=tries)

    def _tell(self, exported: Sequence[Exported]) -> None:
        """Have status tell which books are not written and why; only what is news is noted."""
        told = {book.name: type(book.error).__name__ if book.error else None for book in exported}
        news = [book for book in exported if self._told.get(book.name, "?") != told[book.name]]
        if news:
            for book in news:
                self._told.pop(book.name, None)  # nobody knows, until it is noted
            with self._parts.warehouse.transaction("exported") as tx:
                for book in news:
                    note_unwritten(tx, book.name, book.error, self._parts.now())
            self._told |= told

    def _keep_workbooks(self, book: Edition, documents: Sequence[Document]) -> None:
        """One for each file of the book; of the file of somebody who left nothing is remembered."""
        if book.kind != "xlsx":
            return
        from exports.workbook import Workbook

        kept, stamp_every = self._workbooks.get(book.name, {}), self._parts.config.exports.stamp_every
        self._workbooks[book.name] = {
            path: kept.get(path) or Workbook(path, stamp_every=stamp_every)
            for path in (Path(document.place) for document in documents)
        }

    def _spreadsheet(self, book: Edition, zone: str) -> "Spreadsheet":
        from exports.book import Habits
        from exports.book import SheetsBook as Spreadsheet
        from exports.latest import Latest

        if book.name not in self._spreadsheets:
            habits = Habits(time_zone=zone, stamp_every=self._parts.config.exports.stamp_every)
            robot = self._parts.robot(book.key_env)
            latest = Latest(self._parts.config.warehouse.path.with_name("books") / str(book.place))
            self._spreadsheets[book.name] = Spreadsheet(robot, str(book.place), habits, latest=latest)
        return self._spreadsheets[book.name]
