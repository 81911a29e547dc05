"""A workbook kept equal to the plan, refresh after refresh."""

import time
from collections.abc import Callable
from pathlib import Path

from exports import xlsx
from exports.book import Refreshed
from exports.plan import Plan, Tab


class Workbook:
    """One Excel file; it is written again only when there is something new to read in it."""

    def __init__(
        self, path: Path, *, stamp_every: float = 300.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._stamp_every = stamp_every
        self._clock = clock
        self._shown: tuple[tuple[Tab, ...], str] | None = None
        self._print: tuple[int, int] | None = None
        self._written_at = float("-inf")

    def refresh(self, plan: Plan, *, dry_run: bool = False) -> Refreshed:
        """Make the file show `plan`; a file that people changed or removed is written again."""
        content = (plan.tabs, plan.state)
        is_recent = self._clock() - self._written_at < self._stamp_every
        if is_recent and content == self._shown and self._print == _print(self._path):
            return Refreshed(skipped=True)
        size = len(xlsx.render(plan)) if dry_run else xlsx.write(plan, self._path)
        if not dry_run:
            self._shown, self._print, self._written_at = content, _print(self._path), self._clock()
        cells = sum(len(block.rows) * block.width for tab in plan.tabs for block in tab.blocks)
        return Refreshed(tuple(tab.title for tab in plan.tabs), cells, size)


def _print(path: Path) -> tuple[int, int] | None:
    """What tells this version of the file from another."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size
