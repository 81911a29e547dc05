"""Backfill: a stream's whole past, several windows of it at once, taken up again where it was cut off."""

import logging
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from connectors.base import CountedSource, Source, Walk
from sync.crew import Crew
from sync.merge import in_batches, keep_pages
from warehouse.cursors import EPOCH, Window, keep_windows, move_cursor, read_windows
from warehouse.database import Warehouse

log = logging.getLogger(__name__)
NEWEST = 0.02  # of the past that is loaded
Report = Callable[[int, float], None]
"""Called with the records handed over so far and the share of the past that was walked, 0 to 1."""


def nobody_watches(_records: int, _share: float) -> None:
    """Progress that is not shown."""


def backfill(
    stream: str,
    source: Source,
    warehouse: Warehouse,
    *,
    since: datetime,
    until: datetime,
    walkers: int,
    is_first: bool = False,
    is_whole: bool = False,
    report: Report = nobody_watches,
) -> int:
    """Hand over everything that changed from `since` up to `until`; return how many records were new or changed.

    Rows and what is left to walk are committed together, so a crash repeats a few pages and loses none.  The cursor
    moves only when all windows are done: until then the stream counts as incomplete.

    `is_first`: the stream was never loaded; then what an interrupted attempt left over is taken up, together with
    what happened since.  `is_whole`: what is dated before `since`, where nothing should be, is asked for as well.
    """
    with warehouse.transaction(f"backfill:{stream}") as tx:
        left = read_windows(tx, stream) if is_first else []
        walk = source.streams[stream].walk if is_whole else None
        windows = _resume(left, until) if left else _cut(since, until, walkers, walk)
        keep_windows(tx, stream, windows)
    crew = Crew(stream, source, windows, walkers, since)
    read = changed = 0
    for pages in crew.batches():
        with warehouse.transaction(f"backfill:{stream}") as tx:
            changed += keep_pages(tx, [page for _, page in pages])
            for part, page in pages:
                part.reached = max(part.reached, page.cursor or part.reached)
            keep_windows(tx, stream, crew.left())
        read += sum(len(page.ids) for _, page in pages)
        report(read, min(crew.share(), 0.999))  # 1 is said once, at the end
        log.info("backfill.pages stream=%s records=%d", stream, read)
    with warehouse.transaction(f"backfill:{stream}") as tx:
        keep_windows(tx, stream, [])
        move_cursor(tx, stream, until, until)
    report(changed, 1.0)
    return changed


def _cut(since: datetime, until: datetime, parts: int, whole: Walk | None) -> list[Window]:
    """Equal stretches; for a `whole` past (walked so) what was dated before the beginning as well.

    A walk by value finds that at the head of the oldest stretch without a question more; one by windows would feel
    its way through decades, and has a stretch of its own for it, walked last.

    The newest of the past is apart and walked first: it is the densest, what was changed in bulk cannot be shared,
    and at the end of a load one walker would be alone with it.
    """
    newest = until - (until - since) * NEWEST
    step = (newest - since) / parts
    edges = [since + step * number for number in range(parts)] + [newest]
    before = []
    if whole == "by_value":
        edges[0] = EPOCH
    elif whole and since > EPOCH:
        before = [Window(EPOCH, since)]
    return [Window(newest, until), *(Window(a, b) for a, b in pairwise(edges)), *before]


def _resume(left: list[Window], until: datetime) -> list[Window]:
    """What was left over, and the time since: it may read a stretch twice, never leave one out."""
    newest = max(window.until for window in left)
    return [*left, Window(newest, until)] if newest < until else left


def load_whole(
    stream: str,
    source: CountedSource,
    warehouse: Warehouse,
    *,
    until: datetime,
    report: Report = nobody_watches,
) -> int:
    """Hand over everything a stream holds by rising ids, where it cannot be asked for stretches of time.

    Without filters every stretch would be read from the newest record down, so one walk through all is cheaper.
    What changes behind the walk is newer than `until`, and polling brings it.
    """
    read = changed = 0
    for pages in in_batches(source.everything(stream)):
        with warehouse.transaction(f"backfill:{stream}") as tx:
            changed += keep_pages(tx, pages)
        read += sum(len(page.ids) for page in pages)
        report(read, 0.0)
    with warehouse.transaction(f"backfill:{stream}") as tx:
        move_cursor(tx, stream, until, until)
    report(changed, 1.0)
    return changed
