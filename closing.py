"""Closing a month and opening it again: figures as they were reported, and who did it when."""

import getpass
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from exporting import StillLoading
from jobs import Jobs
from metrics import periods
from metrics.build import make_macros
from sync.runs import recorded
from warehouse.publish import with_marts


class NotOver(Exception):
    """The month is still running, or has not begun; `first_day` is when it can be closed."""

    def __init__(self, month: date, first_day: date) -> None:
        super().__init__(f"{month:%Y-%m}")
        self.month, self.first_day = month, first_day


class AlreadyClosed(Exception):
    """The month was closed before."""

    def __init__(self, month: date, closed_at: datetime) -> None:
        super().__init__(f"{month:%Y-%m}")
        self.month, self.closed_at = month, closed_at


class NotClosed(Exception):
    """The month is open as it is."""

    def __init__(self, month: date) -> None:
        super().__init__(f"{month:%Y-%m}")
        self.month = month


class Closing:
    """The closing of one configuration's months."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._parts = jobs.parts

    def list(self) -> Sequence[periods.Lock]:
        """Every closing there ever was, newest month first."""
        with self._parts.warehouse.transaction("periods") as tx:
            return periods.locks(tx)

    def close(self, month: date) -> Sequence[date]:
        """Freeze the month as reported, and with it every older one that is still open; which ones, oldest first.

        The figures are built before, so that what is frozen is what the account says now, and after, so that the
        marts know of the lock. StillLoading: figures of half an account are not worth keeping.
        """
        if not self._jobs.is_loaded():
            raise StillLoading
        following = (month + timedelta(days=31)).replace(day=1)
        if self._parts.now().astimezone(self._jobs.zone()).date() < following:
            raise NotOver(month, following)
        for lock in self.list():
            if lock.month == month and lock.reopened_at is None:
                raise AlreadyClosed(month, lock.closed_at)
        built = self._jobs.build()
        with recorded(self._parts.warehouse, f"period close {month:%Y-%m}", self._parts.now) as tally:
            with with_marts(
                self._parts.warehouse, self._parts.config.warehouse.published, "period close"
            ) as tx:
                self._jobs.set_scene(tx, built.built_at)
                make_macros(tx)
                months = periods.open_until(tx, month)
                periods.freeze(tx, self._parts.catalog, months, tally.run_id, self._parts.now())
            tally.records = len(months)
        self._jobs.build()
        return months

    def reopen(self, month: date) -> None:
        """Open a closed month again: it shows what the account says now; the closing stays on record."""
        with recorded(self._parts.warehouse, f"period reopen {month:%Y-%m}", self._parts.now) as tally:
            with self._parts.warehouse.transaction("period reopen") as tx:
                if not periods.reopen(tx, month, getpass.getuser(), self._parts.now()):
                    raise NotClosed(month)
            tally.records = 1
        self._jobs.build()
