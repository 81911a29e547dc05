"""The jobs: what the command line and the schedule both call. There is no second way to do any of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bootstrap import Parts
from building import Building, Built
from loaded import Loaded
from rehearsing import Rehearsing
from syncing import MOVING, RECONCILED, REFERENCE, STOPPED, STREAMS, Synced, Syncing
from warehouse.database import Transaction

__all__ = ["MOVING", "RECONCILED", "REFERENCE", "STOPPED", "STREAMS", "Built", "Jobs", "Synced"]


class Jobs:
    """One configuration's jobs."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._loaded = Loaded(parts)
        self._syncing = Syncing(parts, self._loaded)
        self._building = Building(parts, self._loaded)
        self._rehearsing = Rehearsing(parts, self._loaded, self._syncing)
        self.sync = self._syncing.sync
        self.reconcile = self._syncing.reconcile
        self.sync_deal = self._syncing.sync_deal
        self.drain = self._syncing.drain
        self.rehearse = self._rehearsing.rehearse
        self.rehearse_deal = self._rehearsing.rehearse_deal
        self.build = self._building.build
        self.needs_build = self._building.needs_build

    def data_at(self, tx: Transaction) -> datetime | None:
        """Everything that happened in the account up to here is in the warehouse; None: not loaded yet."""
        return self._loaded.data_at(tx)

    def is_loaded(self) -> bool:
        """Whether the account was loaded whole once."""
        with self.parts.warehouse.transaction("loaded") as tx:
            return self._loaded.data_at(tx) is not None

    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return self._loaded.zone()
