"""What people type, from where they type it into the warehouse, with an answer beside every row that is refused."""

import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import texts_inputs
from answers import LISTS, write_answers
from bootstrap import Parts
from connectors.inputs.checking import Cells, Checked, Refusal, check
from connectors.inputs.folder import Found, fingerprint, newest, read_folder
from connectors.inputs.tables import BY_NAME, TABLES, Table, plain
from connectors.inputs.values import Known
from exports.errors import ExportError
from sync.runs import recorded
from typed_sheets import TypedSheets
from warehouse.database import Transaction
from warehouse.inputs import Refused, accept, missing_deals, note_refusals, refusals, standing
from warehouse.journal import clear_note, read_note, set_note

log = logging.getLogger(__name__)

NOTE = "inputs"
REVISION = 1  # of the checks: another number has every table checked again
SETTLE = 1.0  # seconds that a file must have been left alone: it may still be being written


class StaffUnknown(Exception):
    """The account was not loaded yet, so nobody's name is known."""


@dataclass(slots=True)
class Look:
    """What one look at the tables found, table by table."""

    found: dict[str, Found] = field(default_factory=dict)
    checked: dict[str, Checked] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    waiting: set[int] = field(default_factory=set)  # deals that rows speak of and the account has not shown
    lists: dict[str, list[str]] = field(default_factory=dict)  # names that people choose from
    is_news: bool = False


class Inputs:
    """The input tables of one configuration."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._settings = parts.config.inputs
        self._sheets = TypedSheets(parts) if self._settings.spreadsheet else None

    def take(self) -> Look:
        """Accept what is new and good, note what is refused, answer beside it; nothing if nothing changed.

        A table that cannot be read leaves its last version in force.
        """
        state, founds, refused = self._changed()
        if self._sheets and self._sheets.is_blank:
            self._prepare()
        if founds is None:
            return Look(refused=refused)
        at = self.parts.now()
        with recorded(self.parts.warehouse, "inputs", self.parts.now) as tally:
            with self.parts.warehouse.transaction("inputs") as tx:
                look = self._check(tx, founds)
                for name, checked in look.checked.items():
                    found = look.found[name]
                    if checked.is_readable and accept(
                        tx, name, checked.rows, origin=found.origin, author=found.author, at=at
                    ):
                        look.accepted.append(BY_NAME[name].title)
                look.is_news = note_refusals(tx, look.refused, at) or bool(look.accepted)
                state["facts"] = self._facts(tx)  # what was accepted just now names people, too
                set_note(tx, NOTE, json.dumps({**state, "waiting": sorted(look.waiting)}), at)
            tally.records = len(look.accepted)
        self._answer(look)
        return look

    def provide(self) -> list[str]:
        """Put the tables that are not there into the spreadsheet, to be filled in; the titles of what was made.

        StaffUnknown before the account was loaded: names could not be chosen from a list.
        """
        if self._sheets is None:
            return []
        self._sheets.read([table.title for table in TABLES])
        with self.parts.warehouse.transaction("inputs") as tx:
            lists = self._lists(tx)
        if not lists[LISTS["manager"]]:
            raise StaffUnknown
        return self._sheets.provide(lists)

    def _prepare(self) -> None:
        """Make the tables where nothing is yet, once the staff is known, but no empty ones in the place of others."""
        with self.parts.warehouse.transaction("inputs") as tx:
            if any(standing(tx, table.name) is not None for table in TABLES):
                return
        try:
            self.provide()
        except (ExportError, StaffUnknown) as error:
            log.warning("inputs.not_prepared error=%s: %s", type(error).__name__, error)

    def check(self) -> Look:
        """What `take` would find; nothing is kept, nothing is written."""
        founds = self._read()
        with self.parts.warehouse.transaction("inputs check") as tx:
            return self._check(tx, founds)

    def _changed(self) -> tuple[dict[str, object], list[Found] | None, list[Refused]]:
        """The state of things; the tables, if that state is not the one of the last look; what was refused then."""
        with self.parts.warehouse.transaction("inputs") as tx:
            note = json.loads(read_note(tx, NOTE) or "{}")
            waiting = set(note.pop("waiting", ()))
            has_come = bool(waiting) and missing_deals(tx, waiting) != waiting
            facts = self._facts(tx)
            refused = [each for each, _ in refusals(tx)]
        founds = self._read() if self._sheets else None
        state = json.loads(json.dumps({"revision": REVISION, "facts": facts, "seen": self._seen(founds)}))
        if state == note and not has_come:
            return state, None, refused
        if not note and not state["seen"]:  # nobody types anything here
            return state, None, refused
        return state, founds if founds is not None else self._read(), refused

    def _seen(self, founds: Sequence[Found] | None) -> object:
        if founds is None:
            return fingerprint(self._settings.folder)
        return [repr(found) for found in founds]

    def _read(self) -> list[Found]:
        titles = [table.title for table in TABLES]
        if self._sheets:
            try:
                return self._sheets.read(titles)
            except ExportError as error:
                return [Found("", self._settings.spreadsheet or "", trouble="unreadable", details=str(error))]
        young = SETTLE - (time.time() - newest(self._settings.folder))
        if 0 < young <= SETTLE:
            time.sleep(young)
        return read_folder(self._settings.folder, titles)

    def _facts(self, tx: Transaction) -> dict[str, object]:
        """What of the account decides whether a row can be used."""
        known = self._known(tx)
        return {
            "managers": dict(known.managers),
            "ambiguous": sorted(known.ambiguous),
            "currency": known.currency,
        }

    def _known(self, tx: Transaction) -> Known:
        users = tx.execute(
            "select id, payload ->> '$.name' from raw.records where stream = 'users' and payload_md5 is not null "
            "order by 1"
        )
        names = {name: identity for identity, name in users if name}
        bearers = Counter(plain(name) for _, name in users if name)
        currency = tx.execute(
            "select any_value(payload ->> '$.currency') from raw.records where stream = 'account'"
        )
        articles = self._settings.articles
        return Known(
            managers={**_former_names(tx, {identity for identity, _ in users}), **names},
            ambiguous=sorted(name for name, number in bearers.items() if number > 1),
            articles=(*articles, *self.parts.config.mapping.fields.costs) if articles else (),
            currency=str(currency[0][0] or "RUB"),
        )

    def _lists(self, tx: Transaction) -> dict[str, list[str]]:
        """What is chosen from: who works there, and the articles if they are laid down."""
        users = tx.execute(
            "select distinct payload ->> '$.name' as name from raw.records "
            "where stream = 'users' and not is_deleted order by name"
        )
        names = [name for (name,) in users if name]
        return {LISTS["manager"]: names, LISTS["article"]: list(self._known(tx).articles)}

    def _check(self, tx: Transaction, founds: Sequence[Found]) -> Look:
        look = Look(lists=self._lists(tx))
        known = self._known(tx)
        rated_from: dict[str, str] = {}

        def missing(wanted: object) -> set[int]:
            gone = missing_deals(tx, set(wanted))  # type: ignore[call-overload]
            look.waiting |= gone
            return gone

        whole = [found for found in founds if not found.title]
        for found in whole:
            self._refuse(look, "", found, Refusal(0, found.trouble or "unreadable"))
        for table in TABLES:
            in_force = standing(tx, table.name)
            here = [found for found in founds if found.title == table.title]
            trouble = _trouble(here, in_force is not None and not whole)
            if trouble:
                self._refuse(look, table.name, trouble[0], Refusal(0, trouble[1]))
            elif here:
                rated = Known(known.managers, known.ambiguous, known.articles, known.currency, rated_from)
                checked = check(table, here[0].grid, rated, missing_deals=missing, standing=in_force or ())
                look.found[table.name], look.checked[table.name] = here[0], checked
                for refusal in checked.refusals:
                    self._refuse(look, table.name, here[0], refusal)
            if table.name == "exchange":
                rated_from |= _rated_from(look, table, in_force or [])
        return look

    def _refuse(self, look: Look, name: str, found: Found, refusal: Refusal) -> None:
        details = {"origin": found.origin, "reason": found.details, **refusal.details}
        message = texts_inputs.sentence(refusal.kind, self.parts.config.locale, **details)
        look.refused.append((name, refusal.row, refusal.column, refusal.value, message))

    def _answer(self, look: Look) -> None:
        """Say beside every table what is wrong in it; an answer that cannot be given waits for the next look."""
        try:
            if self._sheets:
                self._sheets.answer(look.checked, look.refused, look.lists)
            else:
                write_answers(self._settings.folder, look.refused)
        except (ExportError, OSError) as error:
            log.warning("inputs.unanswered error=%s: %s", type(error).__name__, error)
            with self.parts.warehouse.transaction("inputs") as tx:
                clear_note(tx, NOTE)


def _former_names(tx: Transaction, users: set[int]) -> dict[str, int]:
    """Names under which people stand in the versions in force: somebody renamed is still the same."""
    names: dict[str, int] = {}
    for table in TABLES:
        for cells in standing(tx, table.name) or ():
            name = cells.get("whom") or cells.get("manager")
            if name and "manager_id" in cells and int(cells["manager_id"]) in users:
                names[name] = int(cells["manager_id"])
    return names


def _trouble(here: Sequence[Found], is_in_force: bool) -> tuple[Found, str] | None:
    """Why a table cannot be taken at all, if so."""
    if not here:
        return (Found("", "–"), "gone") if is_in_force else None
    if len(here) > 1:
        return Found("", ", ".join(found.origin for found in here)), "found_twice"
    return (here[0], here[0].trouble) if here[0].trouble else None


def _rated_from(look: Look, table: Table, in_force: Sequence[Cells]) -> dict[str, str]:
    """The first day of which a rate is known, currency by currency."""
    checked = look.checked.get(table.name)
    rows: Sequence[Cells] = list(checked.rows.values()) if checked and checked.is_readable else in_force
    first: dict[str, str] = {}
    for cells in rows:
        first[cells["currency"]] = min(cells["on_day"], first.get(cells["currency"], cells["on_day"]))
    return first
