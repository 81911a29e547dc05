"""The storm: staff that does everything and more, a service that dies again and again, and what became of it."""

import random
import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sandbox.amocrm import AmoServer
from sandbox.amocrm.bustle import Bustle
from sandbox.amocrm.company import Demo
from sandbox.amocrm.fault_kinds import KINDS
from sandbox.amocrm.staff import Action, Kinds
from sandbox.amocrm.truth import Lead
from tests.harness import Program

SHARE_OF_FAULTS = 0.03
READ_TIMEOUT = 2.0
SILENCE = 3.0
"""Seconds for which a faulty answer stays out: longer than we wait for it."""

HURRY = {"leads": 8, "events": 8, "contacts": 20, "companies": 20, "tasks": 20, "trash": 20, "reference": 60}
"""Seconds between polls: in a few minutes as much is to happen as in a day."""


LOSS = {"share": 0.5}
"""In these minutes as many deals are deleted as in months; that is for nobody to stop at."""


class Storm(Bustle):
    """Bustling staff, an integration that edits without a trace, and a trash that is emptied."""

    def __init__(self, demo: Demo, seed: int = 1) -> None:
        super().__init__(demo, seed)
        self.back_dated: set[int] = set()  # deals that an integration has dated in the past

    def _import_late(self) -> Action | None:
        done = super()._import_late()
        if done is not None:
            self.back_dated.add(done.lead_id)
        return done

    def _everything(self) -> Kinds:
        return (*super()._everything(), (0.03, self._edit_quietly), (0.02, self._empty_trash))

    def _edit_quietly(self) -> Action | None:
        """The card changes and its date does not: no list of what changed lately shows it."""
        lead = self._any(lambda one: one.closed_at is None)
        if lead is None:
            return None
        with self._account.dated(updated_at=lead.updated_at):
            self._account.update_lead(lead.id, price=self._rng.randrange(300, 2500) * 100, by=0)
        return self._done(lead.id, f"«{lead.name}»: изменена без следа")

    def _empty_trash(self) -> Action | None:
        binned: list[Lead] = [
            one
            for one in self._account.leads.values()
            if one.deleted_at is not None and not one.purged and one.merged_into is None
        ]
        if not binned:
            return None
        lead = self._rng.choice(binned)
        lead.purged = True
        self._account._shelve(lead)
        if lead.id in self._deleted:
            self._deleted.remove(lead.id)
        return self._done(lead.id, f"«{lead.name}»: удалена насовсем")


def break_out(server: AmoServer, seed: int) -> None:
    """From now on a share of all requests meets a fault, of every kind there is."""
    server.faults.random(SHARE_OF_FAULTS, tuple(KINDS), seed, seconds=SILENCE)


def lives(program: Program, server: AmoServer, seconds: float, deaths: int, log: Path) -> None:
    """For so long the service lives, and is killed `deaths` times, at no particular moments.

    While it is dead amoCRM may switch its webhook off; a person sees the notice and switches it on again.
    """
    chance = random.Random(11)
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as errors:
        for number in range(deaths):
            with program.serving(errors) as service:
                assert service.stdout is not None
                assert service.stdout.readline().startswith("http://127.0.0.1")
                for hook in server.account.webhooks.values():
                    hook.disabled = False
                end = began + seconds * (number + chance.uniform(0.6, 1.0)) / deaths
                time.sleep(max(0.0, end - time.monotonic()))


def troubles(log: Path) -> Counter[str]:
    """What the service told of that went wrong, by the kinds of errors."""
    found: Counter[str] = Counter()
    is_failed = False
    last = ""
    for line in [*log.read_text(encoding="utf-8").splitlines(), "2"]:
        if line[:1].isdigit():
            if is_failed:
                found[last.partition(":")[0].rpartition(".")[2]] += 1
            is_failed = "task.failed" in line
            if stopped := re.search(r"\berror=([A-Z]\w+):", line):
                found[stopped[1]] += 1
        elif line.strip() and not line.startswith(" "):
            last = line
    return found


def counted(things: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {number}" for name, number in things)
