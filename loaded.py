"""What is known of the account once it is loaded: its zone, its id, its age, how far it is complete."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bootstrap import Parts
from warehouse.cursors import complete_until
from warehouse.database import Transaction

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Looks into the warehouse of `parts`; each answer is what stands there now."""

    parts: Parts

    def zone(self, tx: Transaction | None = None) -> ZoneInfo:
        """The account's time zone, or the one that the mapping sets in its place; UTC before the first load."""
        if self.parts.config.mapping.timezone:
            return ZoneInfo(self.parts.config.mapping.timezone)
        if tx is None:
            with self.parts.warehouse.transaction("zone") as own:
                return self.zone(own)
        rows = tx.execute(
            "select payload ->> '$._embedded.datetime_settings.timezone' from raw.records where stream = 'account'"
        )
        return ZoneInfo(rows[0][0]) if rows and rows[0][0] else ZoneInfo("UTC")

    def data_at(self, tx: Transaction) -> datetime | None:
        """Everything that happened in the account up to here is in the warehouse; None: not loaded yet."""
        tracked = tuple(f"events_field_{field}" for field in self.parts.tracked_fields(tx))
        return complete_until(tx, ("leads", "events", *tracked))

    def beginning(self) -> datetime:
        """Where a first load starts: `sync.since`, else the day the account was made."""
        wanted = self.parts.config.sync.since
        if wanted is not None:
            return datetime.combine(wanted, time(), tzinfo=self.zone()).astimezone(UTC)
        with self.parts.warehouse.transaction("beginning") as tx:
            rows = tx.execute("select payload ->> '$.created_at' from raw.records where stream = 'account'")
        return datetime.fromtimestamp(int(rows[0][0]), UTC) if rows and rows[0][0] else LONG_AGO

    def account_id(self) -> int | None:
        with self.parts.warehouse.transaction("account") as tx:
            rows = tx.execute("select id from raw.records where stream = 'account' and not is_deleted")
        return int(rows[0][0]) if rows else None
