"""Reconciliation: every object of a stream by its id, whatever its date; what differs is healed and counted."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.base import CountedSource, Page
from sync.loss import Breaker
from sync.merge import in_batches, keep_pages
from warehouse.census import (
    StageCount,
    begin_census,
    compare_census,
    count_census,
    keep_comparison,
    missing_from_census,
)
from warehouse.database import Warehouse
from warehouse.records import bury

log = logging.getLogger(__name__)
COUNTED = "leads"  # the stream that has stages and budgets to compare


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciliation found: objects read, those that had been wrong or missing here, and those gone there."""

    stream: str
    read: int
    healed: int
    gone: int
    stages: list[StageCount] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return all(stage.agrees for stage in self.stages)


def reconcile(
    stream: str,
    source: CountedSource,
    warehouse: Warehouse,
    breaker: Breaker,
    *,
    run_id: int,
    now: Callable[[], datetime],
    report: Callable[[int], None] = lambda _read: None,
) -> Reconciled:
    """Make `stream` equal to the account, as of the pages read now; MassLoss if too much would be gone.

    A census page is believed whatever the date on its objects, so rows that were back-dated, shown late or restored
    without a trace come right.  What the census did not show is looked for in the trash before it is buried.
    """
    started = now()
    read, healed = _take_census(stream, source, warehouse, report)
    with warehouse.transaction(f"census:{stream}") as tx:
        missing, alive = missing_from_census(tx, stream, started)
    breaker.check(stream, len(missing), alive)
    found = _look_for(missing, stream, source)
    with warehouse.transaction(f"census:{stream}") as tx:
        keep_pages(tx, found)
        for identity in set(missing).difference(*(page.ids for page in found)):
            bury(tx, stream, identity, started, started)
        stages = compare_census(tx, stream, started) if stream == COUNTED else []
        keep_comparison(tx, run_id, now(), stages)
        begin_census(tx, stream)
    log.info("reconcile.done stream=%s read=%d healed=%d gone=%d", stream, read, healed, len(missing))
    return Reconciled(stream, read, healed, len(missing), stages)


def _take_census(
    stream: str, source: CountedSource, warehouse: Warehouse, report: Callable[[int], None]
) -> tuple[int, int]:
    """Read every object; how many there are, however often shown, and how many had been wrong or missing here."""
    with warehouse.transaction(f"census:{stream}") as tx:
        begin_census(tx, stream)
    read = healed = 0
    for pages in in_batches(source.everything(stream)):
        with warehouse.transaction(f"census:{stream}") as tx:
            healed += keep_pages(tx, pages, census=True)
        read += sum(len(page.ids) for page in pages)
        report(read)
    with warehouse.transaction(f"census:{stream}") as tx:
        return count_census(tx, stream), healed


def _look_for(missing: Sequence[int], stream: str, source: CountedSource) -> list[Page]:
    """What came back behind the reading position was not shown: ask by number before anything is buried."""
    if not missing:
        return []
    found = list(source.by_ids(stream, missing))
    return [*found, *source.trashed_among(missing)] if stream == "leads" else found
