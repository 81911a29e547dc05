"""Building: ledgers, marts and the published copy, all of it or nothing."""

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bootstrap import Parts
from loaded import Loaded
from mapping_flaws import Flaw, keep_flaws
from metrics import build as marts
from metrics import history, identities, ledgers, slices
from metrics.beforehand import at_hand, put_aside
from metrics.choices import choose
from metrics.following import Following
from stops import BUILD, STOPPED
from sync.runs import Tally, recorded_in
from warehouse.database import Session, Transaction
from warehouse.draft import Draft, drafted
from warehouse.journal import AHEAD, clear_note, note_built, read_note, set_note

log = logging.getLogger(__name__)
IDENTITIES = "identities"
FEW = 5_000  # touched objects; what they make necessary is many small statements


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
        """Make the ledgers of touched deals again, then the marts in a draft; publish it, all or nothing.

        `full` takes every deal as touched. Named marts are built with everything they read, the others stay as they
        are published. A build that fails leaves the ledgers as the account is and the marts to the next build.
        """
        parts = self.parts
        built_at = parts.now()
        job = f"build {' '.join(names) or 'all'}"
        with parts.warehouse.open("build") as session, recorded_in(session, job, parts.now) as tally:
            is_small = not full and _is_small(session)
            with session.look() as tx:
                before = read_note(tx, "build")
            if is_small:
                session.unshare()
            with (
                session.beside() as beside,
                drafted(beside, parts.config.warehouse.published) as draft,
                at_hand(beside.statements()) as other,
            ):
                with ThreadPoolExecutor(1, thread_name_prefix="draft") as pool:
                    begun = pool.submit(self._begin, draft, other, before, is_small=is_small)
                    flaws, marks = self._settle(session, tally, built_at, full=full)
                tx = session.statements()
                following = Following(tx, parts.catalog, marks if draft.stands else None, begun.result())
                if not draft.stands:
                    names = ()
                elif following.before is None and not names:
                    draft.clear()
                with draft.told(), draft.known_to(session):
                    self.set_scene(other, built_at)
                    hand = other if is_small else None
                    built = marts.follow(tx, parts.catalog, following, names or None, hand)
                    broken = self._broken(tx, built, hand)
                with session.transaction() as tx:
                    self._note(tx, built, broken, built_at, tally.run_id)
                draft.publish()
                if not names:
                    with session.transaction() as tx:
                        slices.keep(tx, parts.catalog, following.marks)
        since = int(json.loads(before)["run"]) if before and following.before is not None else None
        return Built(tally.run_id, since, tally.records, built, built_at, broken, tuple(flaws))

    def _begin(
        self, draft: Draft, hand: Transaction, before: str | None, *, is_small: bool
    ) -> Mapping[str, str]:
        """Begin the draft, and where few deals are touched put aside what it holds of them."""
        draft.take_over(before)
        return put_aside(hand, self.parts.catalog) if is_small and draft.stands else {}

    def _settle(
        self, session: Session, tally: Tally, built_at: datetime, *, full: bool
    ) -> tuple[list[Flaw], dict[str, list[str]] | None]:
        """Bring the ledgers to what is known of the account, and have the session know the day and the choices.

        The flaws of the mapping, and the marks by which the marts follow; None has them made from nothing. The marks
        are forgotten until those marts stand.
        """
        parts = self.parts
        if full:
            with session.transaction() as tx:
                tx.execute("delete from ops.notes where name in ('ledgers', 'reference', 'typed ledgers')")
                slices.forget(tx)
        while True:
            with session.transaction(is_large=True) as tx:
                history.begin(tx, tally.run_id, built_at)
                ledger = ledgers.refresh(tx, parts.meaning)
                tally.records += ledger.done
                set_note(tx, AHEAD, f"{tally.run_id}", built_at)
                if not ledger.left:
                    self.set_scene(tx, built_at)
                    flaws = keep_flaws(tx, parts.meaning)
                    history.forget(tx, built_at, parts.config.warehouse.history_days)
                    marks = slices.kept(tx, parts.catalog)
                    slices.forget(tx)
                    return flaws, marks

    def _note(
        self,
        tx: Transaction,
        built: Sequence[marts.Built],
        broken: Sequence[identities.Broken],
        moment: datetime,
        run_id: int,
    ) -> None:
        """Write down what was built; what does not add up keeps its tabs from being written."""
        changed = {each.name for each in built}
        kept = [
            each for each in json.loads(read_note(tx, IDENTITIES) or "[]") if each["model"] not in changed
        ]
        told = json.dumps([*kept, *(asdict(each) for each in broken)], default=str)
        set_note(tx, IDENTITIES, told, moment)
        note_built(tx, moment)
        set_note(tx, "build", self._build_note(tx, moment, run_id), moment)
        clear_note(tx, STOPPED + BUILD)
        clear_note(tx, AHEAD)

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

    def _broken(
        self, tx: Transaction, built: Sequence[marts.Built], other: Transaction | None
    ) -> tuple[identities.Broken, ...]:
        """Add up what the marts promise."""
        changes = {each.name: each.change for each in built}
        checked = [model for model in self.parts.catalog if model.name in changes]
        known = json.loads(read_note(tx, IDENTITIES) or "[]")
        broken = tuple(identities.broken(tx, checked, None if known else changes, other))
        for each in broken:
            log.error("build.identity_broken mart=%s identity=%s at=%s", each.model, each.text, each.key)
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
    """Whether marts stand that can follow a few changes."""
    with session.transaction() as tx:
        [(touched,)] = tx.execute("select count(*) from raw.touched")
        return touched <= FEW and read_note(tx, slices.NOTE) is not None
