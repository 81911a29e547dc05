"""One row per run: what was done, how it ended. This is what `status` shows."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from warehouse.database import Session, Transaction, Warehouse
from warehouse.journal import end_run, start_run

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """What a run has to say of itself while it goes."""

    run_id: int
    records: int = 0
    outcome: str = "done"
    note: str | None = None


Opened = contextlib.AbstractContextManager[Transaction]


@contextlib.contextmanager
def recorded(warehouse: Warehouse, job: str, now: Callable[[], datetime]) -> Iterator[Tally]:
    """Write down that `job` runs, and at its end how it went; an error is written down and goes on upwards."""
    with warehouse.lingering(), _recorded(lambda: warehouse.transaction(job), job, now) as tally:
        yield tally


@contextlib.contextmanager
def recorded_in(session: Session, job: str, now: Callable[[], datetime]) -> Iterator[Tally]:
    """The same in a file that stays open for the whole run."""
    with _recorded(session.transaction, job, now) as tally:
        yield tally


@contextlib.contextmanager
def _recorded(opened: Callable[[], Opened], job: str, now: Callable[[], datetime]) -> Iterator[Tally]:
    with opened() as tx:
        tally = Tally(start_run(tx, job, os.getpid(), now()))
    log.info("run.start run=%d job=%s", tally.run_id, job)
    try:
        yield tally
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            tally.outcome = "interrupted"
        else:
            tally.outcome, tally.note = "failed", f"{type(error).__name__}: {error}"
        with contextlib.suppress(Exception):
            _close(opened, tally, job, now())
        raise
    _close(opened, tally, job, now())


def _close(opened: Callable[[], Opened], tally: Tally, job: str, now: datetime) -> None:
    with opened() as tx:
        end_run(tx, tally.run_id, now, tally.outcome, records=tally.records, note=tally.note)
    log.info("run.end run=%d job=%s outcome=%s records=%d", tally.run_id, job, tally.outcome, tally.records)
