"""The product as a process of its own: one order in as JSON, what it took out as JSON.

`python -m tests.bench.ours <order>` where the order names the config's content, its folder, the environment and the
steps. Each step is timed by itself; the last line printed holds everything.
"""

import json
import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bootstrap import Parts
from config import from_mapping
from connectors.amocrm.client import Client
from connectors.amocrm.streams import Params
from exporting import Exporter
from jobs import Jobs
from metrics import slices
from tests.bench.company import multiply, type_tables
from warehouse.draft import Draft

Report = dict[str, Any]
KIB = 1024


class Bench:
    """The steps a process can be ordered to take."""

    def __init__(self, content: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> None:
        need = {"amocrm", "google"} if "VITRINA_GOOGLE_KEY" in environ else {"amocrm"}
        self.config = from_mapping(content, folder, environ, need)  # type: ignore[arg-type]
        self.jobs = Jobs(Parts(self.config))
        self._requests = 0
        self._publishing = 0.0  # seconds of the last build that went into the published copy
        self._time_publishing()
        self._count_requests(self.jobs.parts.client)

    def sync(self, *streams: str) -> Report:
        before = self._requests
        changed = self.jobs.sync(streams).changed
        return {"records": sum(changed.values()), "requests": self._requests - before}

    def build(self) -> Report:
        return self._built(full=False)

    def build_full(self) -> Report:
        return self._built(full=True)

    def build_marts(self) -> Report:
        """All marts from nothing; the ledgers stay as they are."""
        with self.jobs.parts.warehouse.transaction("bench") as tx:
            slices.forget(tx)
        return self._built(full=False)

    def reconcile(self) -> Report:
        before = self._requests
        found = self.jobs.reconcile(("leads",))
        return {"agrees": all(each.agrees for each in found), "requests": self._requests - before}

    def type_tables(self) -> Report:
        """People fill in the tables of an input folder, and all of it is accepted."""
        with self.jobs.parts.warehouse.transaction("bench") as tx:
            names = tx.execute(
                "select payload ->> '$.name' from raw.records where stream = 'users' order by id"
            )
        type_tables(self.config.inputs.folder, self.jobs.parts.now().date(), [name for (name,) in names])
        time.sleep(1.1)  # a file that was written a moment ago is left alone
        look = self.jobs.inputs.take()
        return {"accepted": len(look.accepted), "refused": len(look.refused)}

    def multiply(self, times: str) -> Report:
        kinds = self.config.mapping.pipelines.items()
        with self.jobs.parts.warehouse.open("bench") as session:
            multiply(session, int(times), [number for number, one in kinds if one.kind == "expenses"])
        return {}

    def export(self, book: str) -> Report:
        (done,) = Exporter(self.jobs).export([book])
        if done.error is not None:
            raise done.error
        return {"cells": done.cells, "bytes": done.bytes, "requests": done.requests}

    def _count_requests(self, client: Client) -> None:
        get, turn = client.get, threading.Lock()

        def counted(path: str, params: Params = ()) -> bytes | None:
            with turn:
                self._requests += 1
            return get(path, params)

        client.get = counted  # type: ignore[method-assign]

    def _time_publishing(self) -> None:
        publish, bench = Draft.publish, self

        def timed(self: Draft) -> None:
            began = time.monotonic()
            publish(self)
            bench._publishing = time.monotonic() - began

        Draft.publish = timed  # type: ignore[method-assign]

    def _built(self, *, full: bool) -> Report:
        built = self.jobs.build(full=full)
        slowest = sorted(built.models, key=lambda model: -model.seconds)[:5]
        return {
            "deals": built.deals,
            "marts": sum(model.seconds for model in built.models),
            "publishing": self._publishing,
            "bytes": self.config.warehouse.published.stat().st_size,
            "slowest": {model.name: model.seconds for model in slowest},
        }


def run(order: Mapping[str, Any]) -> list[Report]:
    """Take the steps of an order one after another; for each its report, its seconds and the peak memory so far."""
    bench = Bench(order["config"], Path(order["folder"]), order["environ"])
    return [_timed(getattr(bench, verb), names) for verb, *names in order["steps"]]


def _numbered(content: dict[str, Any]) -> dict[str | int, Any]:
    """JSON has no numbers for keys, a mapping of stages has no others."""
    return {int(key) if key.isdigit() else key: value for key, value in content.items()}


def _timed(step: Callable[..., Report], names: Sequence[str]) -> Report:
    began, worked = time.monotonic(), time.process_time()
    report = step(*names)
    seconds, cpu = time.monotonic() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    return {"seconds": seconds, "cpu": cpu, "peak": peak, **report}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1], object_hook=_numbered))))
