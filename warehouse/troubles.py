"""What went wrong and has not come right again, noted so that every process can tell it."""

import json
from dataclasses import dataclass
from datetime import datetime

from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.journal import set_note


@dataclass(frozen=True, slots=True)
class Trouble:
    """What has been wrong with something since a moment; `kind` names the class of the error, `text` is its own."""

    name: str
    kind: str
    text: str
    since: datetime


def note_trouble(tx: Transaction, name: str, error: Exception, now: datetime) -> None:
    """Note what is wrong; of the same kind of error the first moment stays."""
    kind = type(error).__name__
    known = [each.since for each in read_troubles(tx, name) if not each.name and each.kind == kind]
    note = json.dumps({"kind": kind, "text": str(error)}, ensure_ascii=False)
    set_note(tx, name, note, known[0] if known else now)


def read_troubles(tx: Transaction, prefix: str) -> list[Trouble]:
    """Whatever is noted under names that begin so, by the rest of the name."""
    rows = tx.execute(
        "select name, value, noted_at from ops.notes where starts_with(name, ?) order by 1", [prefix]
    )
    return [
        Trouble(name.removeprefix(prefix), note["kind"], note["text"], aware(noted_at))
        for name, value, noted_at in rows
        for note in [json.loads(value)]
    ]
