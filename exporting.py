"""From the published marts to the books that people read."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import texts
import texts_flaws
from config import SheetsBook, XlsxBook
from exports.errors import ExportError, KeyUnreadable
from exports.layout import LAYOUT, BlockLayout, TabLayout
from exports.plan import Column, Plan, Table, make_plan
from exports.stamp import Delay, Stamp
from jobs import Jobs
from mapping_flaws import read_flaws
from metrics import ledgers
from metrics.catalog import Catalog, Model
from stops import read_stops, stamp_state
from unwritten import note_unwritten, read_unwritten
from warehouse.database import Transaction
from warehouse.inputs import refusals
from warehouse.journal import note_exported, read_note, time_to_cell
from warehouse.publish import Shelf, read_published

if TYPE_CHECKING:
    from exports.book import SheetsBook as Spreadsheet
    from exports.workbook import Workbook

log = logging.getLogger(__name__)
Book = SheetsBook | XlsxBook


class StillLoading(Exception):
    """The first load of the account is not finished."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of one book: `error` says why it was not written, `held` which tabs stand as they were."""

    name: str
    kind: str
    built_at: datetime
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
        self._jobs = jobs
        self._parts = jobs.parts
        self._spreadsheets: dict[str, Spreadsheet] = {}
        self._workbooks: dict[str, Workbook] = {}
        self._planning = Lock()
        self._told: dict[str, str | None] = {}  # what status tells of a book, as far as we told it

    def export(self, names: Sequence[str] = (), *, dry_run: bool = False) -> list[Exported]:
        """Write the named books (all, if none is named); a book that cannot be written leaves the others going.

        NothingPublished before the first build, StillLoading while the account was never loaded whole: figures of
        half an account are wrong, and nobody sees by how much.
        """
        books = [book for book in self._parts.config.exports.books if not names or book.name in names]
        exported = self._write(books, dry_run=dry_run)
        if exported and not dry_run:
            self._tell(exported)
            if all(book.error is None for book in exported):
                self.note_shown(exported[0].built_at)
        return exported

    def refresh(self, name: str) -> Exported:
        """Write one book and try once, in a thread of its own perhaps; when to try again is for the caller to say."""
        books = [book for book in self._parts.config.exports.books if book.name == name]
        exported = self._write(books, tries=1)
        self._tell(exported)
        return exported[0]

    def urgency(self) -> Mapping[str, bool]:
        """The books by name, and whether each goes before the others: the first of them does."""
        names = [book.name for book in self._parts.config.exports.books]
        return {name: place == 0 for place, name in enumerate(names)}

    def has_room(self, name: str, keep: int) -> bool:
        """Whether the book could be sent at once, leaving `keep` requests of this minute to others."""
        book = next(book for book in self._parts.config.exports.books if book.name == name)
        try:
            return book.kind == "xlsx" or self._parts.google.has_room(book.spreadsheet, keep)
        except KeyUnreadable:
            return True  # so that the attempt tells it

    def put_right(self) -> set[str]:
        """Books of which we told that they are not written, and which another process has written since."""
        with self._parts.warehouse.transaction("exported") as tx:
            noted = {each.book for each in read_unwritten(tx)}
        written = {name for name, error in self._told.items() if error and name not in noted}
        for name in written:
            del self._told[name]
        return written

    def note_shown(self, built_at: datetime) -> None:
        """What was built up to then stands in the cells."""
        with self._parts.warehouse.transaction("exported") as tx:
            note_exported(tx, built_at, self._parts.now())

    def _write(
        self, books: Sequence[Book], *, dry_run: bool = False, tries: int | None = None
    ) -> list[Exported]:
        plan, zone, built = self._whole()
        return [self._export(book, plan, zone, built, dry_run=dry_run, tries=tries) for book in books]

    def save(self, path: Path) -> None:
        """Put everything into a workbook of its own, as it stands at this moment: it does not tell of its own age."""
        from exports import xlsx

        plan, _, _ = self._whole()
        xlsx.write(replace(plan, stamp=replace(plan.stamp, alarm_after=None)), path)

    def _whole(self) -> tuple[Plan, str, Mapping[str, str]]:
        with self._planning, read_published(self._parts.config.warehouse.published) as shelf:
            built = _build_note(shelf)
            if built["data_at"] is None:
                raise StillLoading
            ((url, zone),) = shelf.rows("select account_url, timezone from core.settings")
            return self._plan(shelf, built, url, ZoneInfo(zone)), zone, built

    def _export(
        self,
        book: Book,
        plan: Plan,
        zone: str,
        built: Mapping[str, str],
        *,
        dry_run: bool,
        tries: int | None,
    ) -> Exported:
        built_at = datetime.fromisoformat(built["built_at"])
        try:
            if book.kind == "xlsx":
                done = self._workbook(book).refresh(plan, dry_run=dry_run)
            else:
                run = int(built["run"])
                done = self._spreadsheet(book, zone).refresh(plan, run, dry_run=dry_run, tries=tries)
        except ExportError as error:
            log.error("export.failed book=%s error=%s: %s", book.name, type(error).__name__, error)
            return Exported(book.name, book.kind, built_at, error=error)
        return Exported(
            book.name,
            book.kind,
            built_at,
            done.tabs_sent,
            done.cells,
            done.bytes,
            done.requests,
            done.skipped,
            tuple(tab.title for tab in plan.tabs if tab.held),
        )

    def _tell(self, exported: Sequence[Exported]) -> None:
        """Have status tell which books are not written and why; only what is news is noted."""
        told = {book.name: type(book.error).__name__ if book.error else None for book in exported}
        news = [book for book in exported if self._told.get(book.name, "?") != told[book.name]]
        if news:
            with self._parts.warehouse.transaction("exported") as tx:
                for book in news:
                    note_unwritten(tx, book.name, book.error, self._parts.now())
            self._told |= told

    def _workbook(self, book: XlsxBook) -> "Workbook":
        from exports.workbook import Workbook

        if book.name not in self._workbooks:
            stamp_every = self._parts.config.exports.stamp_every
            self._workbooks[book.name] = Workbook(book.path, stamp_every=stamp_every)
        return self._workbooks[book.name]

    def _spreadsheet(self, book: SheetsBook, zone: str) -> "Spreadsheet":
        from exports.book import Habits
        from exports.book import SheetsBook as Spreadsheet

        if book.name not in self._spreadsheets:
            habits = Habits(time_zone=zone, stamp_every=self._parts.config.exports.stamp_every)
            self._spreadsheets[book.name] = Spreadsheet(self._parts.google, book.spreadsheet, habits)
        return self._spreadsheets[book.name]

    def _plan(self, shelf: Shelf, built: Mapping[str, str], url: str, zone: ZoneInfo) -> Plan:
        tables = read_tables(shelf, self._parts.catalog, LAYOUT)
        stamp = self._stamp(built, zone)
        return make_plan(LAYOUT, tables, stamp, deal_url=f"{url}/leads/detail/", held=_held(shelf))

    def _stamp(self, built: Mapping[str, str], zone: ZoneInfo) -> Stamp:
        """How fresh the published figures are: as of their build, or better where nothing changed since."""
        with self._parts.warehouse.transaction("stamp") as tx:
            data_at = _moment(built["data_at"])
            if not ledgers.is_stale(tx) and read_note(tx, "build") == json.dumps(built):
                data_at = self._jobs.data_at(tx) or data_at
            state = _state(tx, data_at, zone)
            sources = texts.refused_places(len(refusals(tx)))
            taken = time_to_cell(tx, self._parts.now())
        local = (data_at or datetime.fromisoformat(built["built_at"])).astimezone(zone)
        checked = self._parts.now().astimezone(zone)
        delay = Delay(*map(round, taken)) if taken else None
        alarm_after = self._parts.config.exports.alarm_after
        return Stamp(_wall(local), _wall(checked), int(built["run"]), state, sources, delay, alarm_after)


def _state(tx: Transaction, data_at: datetime | None, zone: ZoneInfo) -> str:
    """The words of the stamp: all is there, or what is missing and why."""
    until = data_at.astimezone(zone).strftime("%d.%m.%Y %H:%M") if data_at else None
    whole = texts.COMPLETE if data_at else texts.STILL_LOADING
    state = stamp_state(read_stops(tx), until) or whole
    return texts_flaws.with_flaws(state, [(flaw.what, flaw.figures) for flaw in read_flaws(tx)])


def read_tables(shelf: Shelf, catalog: Catalog, layout: Sequence[TabLayout]) -> dict[str, Table]:
    """The marts of `layout` that were built; of each only the rows that are shown, for it may be a long one."""
    tables = (_table(shelf, catalog[block.mart], block) for tab in layout for block in tab.blocks)
    return {table.name: table for table in tables if table is not None}


def _table(shelf: Shelf, model: Model, block: BlockLayout) -> Table | None:
    name = f"mart.{model.name}"
    rows = shelf.table(name, (*block.order, *model.order), block.limit)
    if rows is None:
        return None
    return Table(
        model.name,
        model.title,
        model.meaning,
        ", ".join(model.grain),
        model.date_base,
        tuple(Column(column.name, column.format, column.label) for column in model.columns),  # type: ignore[arg-type]
        tuple(rows),
        shelf.count(name),
    )


def _held(shelf: Shelf) -> Mapping[str, str]:
    """Marts whose promised sums do not hold, each with the sentence that stands in place of fresh figures."""
    notes = shelf.rows("select value from ops.notes where name = 'identities'")
    broken = [each for (value,) in notes for each in json.loads(value)]
    return {each["model"]: texts.identity_broken(each["model"], each["text"], each["key"]) for each in broken}


def _build_note(shelf: Shelf) -> Mapping[str, str]:
    ((value,),) = shelf.rows("select value from ops.notes where name = 'build'")
    return dict(json.loads(value))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, microsecond=0)
