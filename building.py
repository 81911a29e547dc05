"""Building: ledgers, marts and the published copy, all of it or nothing."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from bootstrap import Parts
from loaded import Loaded
from mapping_flaws import Flaw, keep_flaws
from metrics import build as marts
from metrics import history, identities, ledgers, slices
from metrics.catalog import BY_DEAL
from metrics.choices import choose
from stops import BUILD, STOPPED
from sync.runs import recorded_in
from warehouse.database import Transaction
from warehouse.journal import clear_note, note_built, read_note, set_note
from warehouse.publish import Difference, publish

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did."""

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
        with parts.warehouse.open("build") as session, recorded_in(session, job, parts.now) as tally:
            if full:
                with session.transaction() as tx:
                    tx.execute(
                        "delete from ops.notes where name in ('ledgers', 'reference', 'typed ledgers')"
                    )
            while True:
                with session.transaction() as tx:
                    history.begin(tx, tally.run_id, built_at)
                    ledger = ledgers.refresh(tx, parts.meaning)
                    tally.records += ledger.done
                    if not ledger.left:
                        self.set_scene(tx, built_at)
                        flaws = keep_flaws(tx, parts.meaning)
                        history.forget(tx, built_at, parts.config.warehouse.history_days)
                        clear_note(tx, STOPPED + BUILD)
                        difference = self._difference(tx)
                        built = marts.build(
                            tx, parts.catalog, names or None, only_changed=difference is not None
                        )
                        broken = self._check(tx, names, built_at)
                        self._note(tx, names, built_at, tally.run_id)
                        break
            publish(session, parts.config.warehouse.published, difference)
        return Built(tally.records, built, built_at, broken, tuple(flaws))

    def _difference(self, tx: Transaction) -> Difference | None:
        """By what the marts will differ from those that were built before; None: by everything."""
        catalog = self.parts.catalog
        before = read_note(tx, "build")
        if before is None or not slices.are_kept(tx, catalog):
            return None
        by_deal = frozenset(f"mart.{model.name}" for model in catalog if model.is_by_deal)
        return Difference(before, by_deal, slices.CHANGED, BY_DEAL)

    def _note(self, tx: Transaction, names: Sequence[str], moment: datetime, run_id: int) -> None:
        if names:
            slices.forget(tx)
        else:
            slices.keep(tx, self.parts.catalog)
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
        """Say what the statements of the marts read beside tables: the day, the moment, the choices of the config."""
        choose(tx, self.parts.config.money.model_dump())
        today = moment.astimezone(self._loaded.zone(tx)).date()
        tx.execute(f"set variable today = date '{today}'")
        tx.execute(f"set variable as_of = timestamp '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}'")

    def _check(
        self, tx: Transaction, names: Sequence[str], moment: datetime
    ) -> tuple[identities.Broken, ...]:
        """Add up what the marts promise; what does not hold is noted, so that its tabs are not written."""
        catalog = self.parts.catalog
        checked = catalog.needed_for(names) if names else catalog.models
        broken = tuple(identities.broken(tx, checked))
        for each in broken:
            log.error("build.identity_broken mart=%s identity=%s at=%s", each.model, each.text, each.key)
        known = json.loads(read_note(tx, "identities") or "[]")
        kept = [each for each in known if each["model"] not in {model.name for model in checked}]
        told = json.dumps([*kept, *(asdict(each) for each in broken)], default=str)
        set_note(tx, "identities", told, moment)
        return broken

    def _build_note(self, tx: Transaction, moment: datetime, run_id: int) -> str:
        data_at = self._loaded.data_at(tx)
        return json.dumps(
            {
                "run": run_id,
                "built_at": moment.isoformat(),
                "today": f"{moment.astimezone(self._loaded.zone(tx)).date()}",
                "data_at": data_at.isoformat() if data_at else None,
            }
        )
