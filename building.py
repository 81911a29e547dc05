"""Building: ledgers, marts and the published copy, all of it or nothing."""

import json
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bootstrap import Parts
from loaded import Loaded
from mapping_flaws import Flaw, keep_flaws
from metrics import build as marts
from metrics import history, identities, ledgers, slices
from metrics.choices import choose
from metrics.following import Following
from stops import BUILD, STOPPED
from sync.runs import recorded_in
from warehouse.database import Session, Transaction
from warehouse.journal import clear_note, note_built, read_note, set_note
from warehouse.publish import Difference, publish

log = logging.getLogger(__name__)
FEW = 5_000  # touched objects; what they make necessary is many small statements
MANY = 100_000  # deals; with more of them what is made from nothing at every build is worth several threads


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did. `run`: its number; `since`: that of the build by which the changes of its marts are told."""

    run: int
    since: int | None
    deals: int
    models: list[marts.Built]
    built_at: datetime
    broken: tuple[identities.Broken, ...] = ()
    flaws: tuple[Flaw, ...] = ()


class Building:
    """The building of one configuration."""

    def __init__(self, parts: Parts, loaded: Loaded) -> None:
        self.parts = parts
        self._loaded = loaded

    def build(self, names: Sequence[str] = (), *, full: bool = False) -> Built:
        """Make the ledgers of touched deals again, then the marts, then publish; all of it or nothing.

        `full` takes every deal as touched. Named marts are built with everything they read.
        """
        parts = self.parts
        built_at = parts.now()
        job = f"build {' '.join(names) or 'all'}"
        with (
            parts.warehouse.open("build") as session,
            recorded_in(session, job, parts.now) as tally,
            session.unshared() if not full and _is_small(session) else nullcontext(),
        ):
            if full:
                with session.transaction() as tx:
                    tx.execute(
                        "delete from ops.notes where name in ('ledgers', 'reference', 'typed ledgers')"
                    )
                    slices.forget(tx)
            while True:
                with session.transaction(is_large=True) as tx:
                    history.begin(tx, tally.run_id, built_at)
                    ledger = ledgers.refresh(tx, parts.meaning)
                    tally.records += ledger.done
                    if not ledger.left:
                        self.set_scene(tx, built_at)
                        flaws = keep_flaws(tx, parts.meaning)
                        history.forget(tx, built_at, parts.config.warehouse.history_days)
                        clear_note(tx, STOPPED + BUILD)
                        before = read_note(tx, "build")
                        following = self._following(tx, before)
                        built = marts.follow(tx, parts.catalog, following, names or None)
                        broken = self._check(tx, built, built_at)
                        self._note(tx, following, names, built_at, tally.run_id)
                        break
            difference = None
            if following.before is not None and before is not None:
                changes = {f"mart.{each.name}": each.change for each in built}
                keys = {model.relation: ", ".join(model.refresh) for model in parts.catalog}
                difference = Difference(before, changes, keys, following.fresh)
            publish(session, parts.config.warehouse.published, difference)
        since = int(json.loads(difference.since)["run"]) if difference else None
        return Built(tally.run_id, since, tally.records, built, built_at, broken, tuple(flaws))

    def _following(self, tx: Transaction, before: str | None) -> Following:
        """What changed since the last build; without one everything is made from nothing."""
        catalog = self.parts.catalog
        return Following(tx, catalog, slices.kept(tx, catalog) if before else None)

    def _note(
        self, tx: Transaction, following: Following, names: Sequence[str], moment: datetime, run_id: int
    ) -> None:
        if names:
            slices.forget(tx)
        else:
            slices.keep(tx, self.parts.catalog, following.marks)
        note_built(tx, moment)
        set_note(tx, "build", self._build_note(tx, moment, run_id), moment)

    def needs_build(self) -> bool:
        """Whether anything was touched since the last build, or another day has begun."""
        with self.parts.warehouse.transaction("needs build") as tx:
            note = read_note(tx, "build")
            if note is None or read_note(tx, slices.NOTE) is None or ledgers.is_stale(tx):
                return True
            return bool(
                json.loads(note)["today"] != f"{self.parts.now().astimezone(self._loaded.zone(tx)).date()}"
            )

    def set_scene(self, tx: Transaction, moment: datetime) -> None:
        """Say what the statements of the marts read beside tables: the day and the choices of the config."""
        choose(tx, self.parts.config.money.model_dump())
        rows = tx.execute("select timezone from core.settings")
        today = moment.astimezone(ZoneInfo(rows[0][0]) if rows else UTC).date()
        tx.execute(f"set variable today = date '{today}'")

    def _check(
        self, tx: Transaction, built: Sequence[marts.Built], moment: datetime
    ) -> tuple[identities.Broken, ...]:
        """Add up what the marts promise; what does not hold is noted, so that its tabs are not written."""
        changes = {each.name: each.change for each in built}
        known = json.loads(read_note(tx, "identities") or "[]")
        checked = [model for model in self.parts.catalog if model.name in changes]
        broken = tuple(identities.broken(tx, checked, None if known else changes))
        for each in broken:
            log.error("build.identity_broken mart=%s identity=%s at=%s", each.model, each.text, each.key)
        kept = [each for each in known if each["model"] not in changes]
        told = json.dumps([*kept, *(asdict(each) for each in broken)], default=str)
        set_note(tx, "identities", told, moment)
        return broken

    def _build_note(self, tx: Transaction, moment: datetime, run_id: int) -> str:
        data_at = self._loaded.data_at(tx)
        [(today,)] = tx.execute("select getvariable('today')")
        return json.dumps(
            {
                "run": run_id,
                "built_at": moment.isoformat(),
                "today": f"{today}",
                "data_at": data_at.isoformat() if data_at else None,
            }
        )


def _is_small(session: Session) -> bool:
    """Whether marts stand that can follow a few changes, in an account that is not large."""
    with session.transaction() as tx:
        [(touched, deals)] = tx.execute(
            "select (select count(*) from raw.touched), (select count(*) from core.deals)"
        )
        return touched <= FEW and deals <= MANY and read_note(tx, slices.NOTE) is not None
