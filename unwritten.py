"""Books that are not written and why: noted in the warehouse, so that every process can tell."""

from dataclasses import dataclass
from datetime import datetime

from exports.errors import ExportError
from warehouse.database import Transaction
from warehouse.journal import clear_note
from warehouse.troubles import note_trouble, read_troubles

UNWRITTEN = "unwritten:"  # prefix of the note that says why a book is not written


@dataclass(frozen=True, slots=True)
class Unwritten:
    """One book that has not been written since a moment; `text` says why and what to do."""

    book: str
    kind: str
    text: str
    since: datetime


def note_unwritten(tx: Transaction, book: str, error: ExportError | None, now: datetime) -> None:
    """Note why the book is not written, from the first such moment on; without an error, that it is."""
    if error is None:
        clear_note(tx, UNWRITTEN + book)
        return
    note_trouble(tx, UNWRITTEN + book, error, now)


def read_unwritten(tx: Transaction) -> list[Unwritten]:
    """Every book that is not written, by name."""
    return [Unwritten(each.name, each.kind, each.text, each.since) for each in read_troubles(tx, UNWRITTEN)]
