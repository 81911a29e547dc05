"""What stands still and why: noted in the warehouse, so that every process and every book can tell."""

from dataclasses import dataclass
from datetime import datetime

import texts_stamp
from connectors.amocrm.patience import Stopped
from connectors.base import Forbidden, RateLimited, SourceError, Unreachable
from texts_streams import stream_title
from warehouse.database import Transaction
from warehouse.journal import clear_note
from warehouse.troubles import note_trouble, read_troubles

STOPPED = "stopped:"  # prefix of the note that says why a stream stands still
WHOLE = "all"  # stands in the place of a stream where the account as a whole cannot be read
RECONCILIATION = "reconcile"  # the same where the nightly comparison was given up
BUILD = "build"  # the same where the figures could not be computed
NEEDED = frozenset({WHOLE, BUILD, "account", "pipelines", "lead_fields", "leads", "events", "trash"})
"""Without these no figure moves, or figures move wrongly; what else stands still leaves them right."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stream, or the whole account, that stands still since a moment; `kind` names the class of the error."""

    stream: str
    kind: str
    text: str
    since: datetime

    @property
    def is_grave(self) -> bool:
        """Whether the figures stand still with it."""
        return self.stream in NEEDED


def concerns_all(error: SourceError) -> bool:
    """Whether the other streams would only fail in the same way."""
    return isinstance(error, Unreachable | RateLimited) or not (
        error.retryable or isinstance(error, Forbidden)
    )


def note_stop(tx: Transaction, stream: str, error: Exception, now: datetime) -> None:
    """Note why `stream` (or all of them, where the error concerns all) stands still; the first moment stays."""
    if isinstance(error, Stopped):  # we were told to end, amoCRM is not to blame
        return
    name = STOPPED + (WHOLE if isinstance(error, SourceError) and concerns_all(error) else stream)
    note_trouble(tx, name, error, now)


def clear_stop(tx: Transaction, stream: str) -> None:
    """`stream` goes again, so the account as a whole does."""
    clear_note(tx, STOPPED + stream)
    clear_note(tx, STOPPED + WHOLE)


def read_stops(tx: Transaction) -> list[Stop]:
    """Everything that stands still, by name."""
    return [Stop(each.name, each.kind, each.text, each.since) for each in read_troubles(tx, STOPPED)]


def stamp_state(stops: list[Stop], data_at: str | None) -> str | None:
    """The words of the stamp for what stands still; None if nothing does. `data_at`: as people read it."""
    grave = sorted({texts_stamp.stopped(stop.kind) for stop in stops if stop.is_grave})
    if grave:
        return texts_stamp.sync_stopped(data_at, "; ".join(grave))
    light = sorted(f"{stream_title(stop.stream)} ({texts_stamp.stopped(stop.kind)})" for stop in stops)
    return texts_stamp.all_but(", ".join(light)) if light else None
