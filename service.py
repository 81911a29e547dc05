"""The service: the door open, the account polled, the marts built and the books refreshed, until told to stop."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from connectors.amocrm.patience import Stopped
from connectors.base import SourceError
from dispatching import Dispatch
from exporting import Exporter
from hooks import Hooks, StillDeaf
from jobs import NEEDED, REFERENCE, Jobs
from mapping_flaws import Flaw
from polled import rhythm_beside
from seat import take_seat
from stops import BUILD, RECONCILIATION, WHOLE
from sync.loss import MassLoss
from sync.schedule import BESIDE, EXPORT, Schedule, Task
from webhooks.serve import Door
from webhooks.server import create_app
from wellbeing import Wellbeing

T = TypeVar("T")
log = logging.getLogger(__name__)
HOOK = 240.0  # seconds between looks at our subscription
QUARTER = 900.0  # seconds between looks at the clock
FIRST = (
    10.0  # seconds between looks at whether the account is loaded, before what stands beside is loaded too
)
GATHER = 0.1  # seconds for which a delivery waits for others, to be digested in one go
TICK = 1.0  # seconds between looks at whether there is anything to build
LOOK_OUT = 0.25  # seconds between looks at whether there is anything to send
HELD_UP = 10.0  # seconds for which deliveries may wait for a service that polls
CATCHING_UP = 1.0  # the same between two streams, while it catches up
PUT_OFF = 300.0  # seconds for which polls may wait for deliveries
BREATH = 3  # a build that took s seconds is followed by at least s / BREATH seconds without one
OTHERS = 10.0  # seconds between looks at whether another process brought something in


class Service:
    """Everything that `vitrina serve` runs in one process."""

    def __init__(
        self, jobs: Jobs, exporter: Exporter, *, host: str, port: int, secret: str, max_body: int
    ) -> None:
        self._jobs = jobs
        self._built: datetime | None = None
        self._flaws: tuple[Flaw, ...] = ()  # where the mapping does not fit the account, at the last build
        settings = jobs.parts.config.exports
        self._dispatch = Dispatch(
            exporter, refresh_every=settings.refresh_every, stamp_every=settings.stamp_every
        )
        self._rest_until = 0.0
        self._pending = threading.Event()  # something was merged that no build has seen
        self._looked_at = 0.0
        self._reconciled_on: date | None = None
        self._well = Wellbeing()
        self._reliefs = 0  # how often a note was taken away that something stands still: stamps tell of notes
        self._is_hurried = False  # the next digestion comes as soon as it can
        self._is_told = False  # webhooks are known to come; while not, small questions take their place
        self._seat = take_seat(jobs.parts.config.sync.inbox / "serving")
        app = create_app(self._keep, secret, self.health, max_body)
        self.door = Door(app, host, port)
        self._schedule = Schedule(self._tasks())

    def start(self) -> None:
        """Open the door, load what is missing, then keep the rhythm."""
        self.door.start()
        self._pending.set()
        self._schedule.start()

    def stop(self) -> None:
        """Close the door after the requests under way, let running jobs end; nothing is lost."""
        self.door.stop()
        self._jobs.parts.patience.end()
        self._schedule.stop()
        self._dispatch.stop()
        self._seat.close()

    def health(self) -> Mapping[str, Any]:
        """What /healthz says; `ok` is false while figures stand still, or wait for a person to let them out."""
        report, grave, shown = self._well.report(), self._dispatch.grave, self._dispatch.shown
        return {
            **report,
            "ok": report["ok"] and grave is None,
            "problem": report["problem"] or grave,
            "unwritten_books": dict(self._dispatch.problems),
            "mapping_flaws": {flaw.key: flaw.what for flaw in self._flaws},
            "is_told_by_webhooks": self._is_told,
            "waiting_deliveries": len(self._jobs.parts.inbox.waiting()),
            "built_at": self._built.isoformat() if self._built else None,
            "exported_build": shown.isoformat() if shown else None,
        }

    def _keep(self, body: bytes) -> None:
        """What the door is given; of a burst only the first delivery calls for a digestion."""
        self._jobs.parts.inbox.keep(body)
        if not self._is_hurried:
            self._is_hurried = True
            self._schedule.hurry("drain", GATHER)

    def _tasks(self) -> list[Task]:
        settings = self._jobs.parts.config.sync
        every = settings.every
        rhythm = {
            name: getattr(every, name)
            for name in ("leads", "events", "contacts", "companies", "tasks", "trash")
        }
        return [
            Task("first load", 10**9, self._first_load),
            *(
                Task(f"poll {name}", seconds, self._unless_flooded(self._poll(name)), at_once=False)
                for name, seconds in rhythm.items()
            ),
            Task(
                "poll reference",
                every.reference,
                self._unless_flooded(self._poll(*REFERENCE)),
                at_once=False,
            ),
            *(
                Task(
                    f"poll beside {seconds:g}",
                    min(seconds, FIRST),
                    self._beside(streams, seconds),
                    lane=BESIDE,
                )
                for seconds, streams in rhythm_beside(self._jobs.parts.config).items()
            ),
            *([Task("hook", HOOK, self._hook)] if self._jobs.parts.config.webhooks.public_url else []),
            Task("probe", every.probe, self._unless_flooded(self._probe), at_once=False),
            Task("reconcile", QUARTER, self._reconcile, at_once=False),
            Task("drain", settings.drain_every, self._drain),
            Task("inputs", self._jobs.parts.config.inputs.every, self._inputs),
            Task("build", TICK, self._build),
            Task("export", LOOK_OUT, self._export, lane=EXPORT),
        ]

    def _first_load(self) -> None:
        """Load everything; where that was done, catch up: what moves first, and nothing waits long at the door."""
        if not self._jobs.is_loaded():
            self._poll(*NEEDED)()
            return
        for name in NEEDED:
            if name in REFERENCE:
                continue
            if self._jobs.parts.inbox.waited() > CATCHING_UP:
                self._drain()
            self._poll(name)()
        self._poll(*REFERENCE)()

    def _poll(self, *names: str) -> Callable[[], None]:
        def run() -> None:
            synced = self._asked(names[0] if names else WHOLE, lambda: self._jobs.sync(names))
            if synced is None:
                return
            self._well.heard(names, synced.errors)
            self._reliefs += synced.is_relief
            if sum(synced.changed.values()):
                self._pending.set()

        return run

    def _unless_flooded(self, ask: Callable[[], None]) -> Callable[[], None]:
        """Ask; but while more comes in at the door than is digested that goes first, for asking brings it late."""
        since: float | None = None

        def run() -> None:
            nonlocal since
            if self._jobs.parts.inbox.waited() > HELD_UP:
                since = since or time.monotonic()
                if time.monotonic() - since < PUT_OFF:
                    return
            since = None
            ask()

        return run

    def _asked(self, name: str, question: Callable[[], T]) -> T | None:
        """What a question to the account brought; None if it failed, or if the account is left alone just now."""
        if not self._well.may_ask():
            return None
        try:
            return question()
        except Stopped:  # nothing is wrong: we were told to end
            return None
        except (SourceError, MassLoss) as error:
            log.warning("asking.failed name=%s error=%s: %s", name, type(error).__name__, error)
            self._well.failed(name, error)
            self._jobs.note_whole_stop(error)
            return None

    def _beside(self, streams: Sequence[str], seconds: float) -> Callable[[], None]:
        """Poll what stands beside the figures, once those are loaded; what the account lacks is no trouble."""
        due, poll = 0.0, self._poll(*streams)

        def run() -> None:
            nonlocal due
            if time.monotonic() < due or not self._jobs.is_loaded():
                return
            due = time.monotonic() + seconds - FIRST / 2
            poll()

        return run

    def _hook(self) -> None:
        """See that amoCRM still tells us; what it kept to itself meanwhile, polling brings."""
        if not self._well.may_ask():
            return
        try:
            was_deaf = Hooks(self._jobs.parts).ensure()
            self._is_told = not was_deaf  # until the next look the probes cover the seam
        except (SourceError, StillDeaf) as error:  # no reason to stop anything: polling brings it all
            log.warning("hook.failed error=%s: %s", type(error).__name__, error)
            self._is_told = False
            self._well.remark("webhooks", f"{type(error).__name__}: {error}")
            return
        self._well.remark("webhooks", None)
        if was_deaf:
            self._poll("leads", "events", "contacts", "companies", "tasks", "trash")()

    def _probe(self) -> None:
        """Where no webhook tells us, find out by ourselves, and build at once as after a webhook."""
        changed = None if self._is_told else self._asked("probe", self._jobs.probe)
        if changed is None:
            return
        self._well.heard(("probe",), {})
        if changed:
            self._pending.set()
            self._build()

    def _reconcile(self) -> None:
        """Once a night, in the hour that the config names; then the file is rid of its holes."""
        here = self._jobs.parts.now().astimezone(self._jobs.zone())
        if here.hour == self._jobs.parts.config.sync.reconcile_hour and self._reconciled_on != here.date():
            self._reconciled_on = here.date()
            if self._asked(RECONCILIATION, self._jobs.reconcile) is not None:
                self._well.heard((RECONCILIATION,), {})
                self._pending.set()
            self._jobs.compact()

    def _drain(self) -> None:
        """Digest what came in and build at once; what came meanwhile follows, once others have had their turn."""
        self._is_hurried = False
        if not self._jobs.parts.inbox.waiting(1):
            return
        with self._jobs.parts.warehouse.lingering():
            drained = self._asked("inbox", self._jobs.drain)
            if drained is None or not drained.deliveries:
                return
            self._well.heard(("inbox",), {})
            self._pending.set()
            self._build()
        self._is_hurried = False  # a call that came meanwhile found us at it, and may be spent
        if self._jobs.parts.inbox.waiting(1):
            self._schedule.hurry("drain", GATHER)

    def _inputs(self) -> None:
        if self._jobs.inputs.take().is_news:
            self._pending.set()

    def _build(self) -> None:
        """Build what is new; never before everything was loaded once, for half an account gives wrong figures."""
        began = time.monotonic()
        if not (self._pending.is_set() or began - self._looked_at > OTHERS):
            return
        if began < self._rest_until:
            self._schedule.hurry("build", self._rest_until - began)
            return
        self._looked_at = began
        if not self._jobs.is_loaded():
            return
        self._pending.clear()
        if self._built is not None and not self._jobs.needs_build():
            return
        try:
            built = self._jobs.build()
        except BaseException as error:
            self._pending.set()
            self._well.remark(BUILD, f"{type(error).__name__}: {error}")
            raise
        self._built, self._flaws = built.built_at, built.flaws
        self._well.remark(BUILD, None)
        self._rest_until = time.monotonic() + (time.monotonic() - began) / BREATH
        self._schedule.hurry("export")

    def _export(self) -> None:
        """New figures go out at most every `refresh_every` seconds; the stamp alone goes when it is due."""
        if self._built is not None or self._well.problems:
            self._dispatch.send((self._built, self._well.problems, self._reliefs))
