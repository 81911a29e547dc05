"""Books that are not written and why: noted in the warehouse, so that every process can tell."""

import json
from dataclasses import dataclass
from datetime import datetime

from exports.errors import ExportError
from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.journal import clear_note, set_note

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
    kind = type(error).__name__
    known = [each for each in read_unwritten(tx) if each.book == book and each.kind == kind]
    note = json.dumps({"kind": kind, "text": str(error)}, ensure_ascii=False)
    set_note(tx, UNWRITTEN + book, note, known[0].since if known else now)


def read_unwritten(tx: Transaction) -> list[Unwritten]:
    """Every book that is not written, by name."""
    rows = tx.execute(
        "select name, value, noted_at from ops.notes where starts_with(name, ?) order by 1", [UNWRITTEN]
    )
    return [
        Unwritten(name.removeprefix(UNWRITTEN), note["kind"], note["text"], aware(noted_at))
        for name, value, noted_at in rows
        for note in [json.loads(value)]
    ]
