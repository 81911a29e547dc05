"""The jobs: what the command line and the schedule both call. There is no second way to do any of it."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ages import Ages
from bootstrap import Parts
from building import Building, Built
from connectors.base import SourceError
from inputs import Inputs
from loaded import Loaded
from metrics.ledgers import check_roles
from polled import MOVING, NEEDED, REFERENCE, STREAMS
from probing import Probing
from rehearsing import Rehearsing
from stops import BUILD, RECONCILIATION, WHOLE, clear_stop, concerns_all, note_stop
from sync.loss import MassLoss
from sync.reconcile import Reconciled
from syncing import RECONCILED, Report, Synced, Syncing, nobody_watches
from warehouse.compaction import WORTH, compact
from warehouse.database import Transaction, WarehouseError

__all__ = ["MOVING", "NEEDED", "RECONCILED", "REFERENCE", "STREAMS", "Built", "Jobs", "Synced"]


class Jobs:
    """One configuration's jobs."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._loaded = Loaded(parts)
        self._syncing = Syncing(parts, self._loaded)
        self.inputs = Inputs(parts)
        self._building = Building(parts, self._loaded)
        self.ages = Ages()
        self._rehearsing = Rehearsing(parts, self._loaded, self._syncing)
        self.sync = self._syncing.sync
        self.sync_deal = self._syncing.sync_deal
        self.drain = self._syncing.drain
        self.rehearse = self._rehearsing.rehearse
        self.probe = Probing(parts, self._loaded, self._syncing).probe
        self.rehearse_deal = self._rehearsing.rehearse_deal
        self.needs_build = self._building.needs_build
        self.set_scene = self._building.set_scene

    def data_at(self, tx: Transaction) -> datetime | None:
        """Everything that happened in the account up to here is in the warehouse; None: not loaded yet."""
        return self._loaded.data_at(tx)

    def is_loaded(self) -> bool:
        """Whether the account was loaded whole once."""
        with self.parts.warehouse.transaction("loaded") as tx:
            return self._loaded.data_at(tx) is not None

    def get_to_know(self, report: Report = nobody_watches) -> None:
        """Before a first load see whether the mapping fits the account; MappingBroken now and not after hours."""
        if not self.is_loaded():
            self.sync(REFERENCE, report=report)
            with self.parts.warehouse.transaction("mapping") as tx:
                check_roles(tx, self.parts.meaning)

    def reconcile(
        self, names: Sequence[str] = RECONCILED, *, accept_loss: bool = False, report: Report = nobody_watches
    ) -> list[Reconciled]:
        """Compare with the account and heal; MassLoss, which status and the books tell until it goes through."""
        try:
            found = self._syncing.reconcile(names, accept_loss=accept_loss, report=report)
        except MassLoss as error:
            with self.parts.warehouse.transaction("note") as tx:
                note_stop(tx, RECONCILIATION, error, self.parts.now())
            raise
        with self.parts.warehouse.transaction("note") as tx:
            clear_stop(tx, RECONCILIATION)
        return found

    def build(self, names: Sequence[str] = (), *, full: bool = False) -> Built:
        """Make ledgers and marts and publish them; a failure is told by status and the books until it succeeds."""
        try:
            built = self._building.build(names, full=full)
        except WarehouseError:
            raise
        except Exception as error:
            with self.parts.warehouse.transaction("note") as tx:
                note_stop(tx, BUILD, error, self.parts.now())
            raise
        self.ages.note(built)
        return built

    def compact(self) -> None:
        """Write the warehouse file anew where most of it is holes."""
        compact(self.parts.warehouse, worth=WORTH)

    def note_whole_stop(self, error: Exception) -> None:
        """Have status and the books tell why nothing comes, where the whole account cannot be read."""
        if isinstance(error, SourceError) and concerns_all(error):
            with self.parts.warehouse.transaction("note") as tx:
                note_stop(tx, WHOLE, error, self.parts.now())

    def zone_of(self, tx: Transaction) -> ZoneInfo:
        """The account's time zone, within a transaction that is open."""
        return self._loaded.zone(tx)

    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return self._loaded.zone()
