"""Those who post deliveries: a process of its own, so that it takes no turns with the service under test."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.harness import SECRET

CALLER = """
import http.client, json, sys, threading, time
port, path, seconds, lines = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
bodies = open(sys.argv[5], "rb").read().splitlines()
took, statuses, began = [], [], time.monotonic() + 0.2

def post(first):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for number in range(first, len(bodies), lines):
        time.sleep(max(0.0, began + number * seconds / len(bodies) - time.monotonic()))
        asked = time.monotonic()
        line.request("POST", path, bodies[number])
        reply = line.getresponse()
        reply.read()
        took.append(time.monotonic() - asked)
        statuses.append(reply.status)
    line.close()

threads = [threading.Thread(target=post, args=(first,)) for first in range(lines)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps({"took": sorted(took), "statuses": statuses, "seconds": time.monotonic() - began}))
"""


@dataclass(frozen=True)
class Answered:
    """How a door answered: the seconds of each answer, quickest first, the statuses, and how long it all took."""

    took: list[float]
    statuses: set[int]
    seconds: float

    @property
    def p99(self) -> float:
        return self.took[int(len(self.took) * 0.99)]

    def __str__(self) -> str:
        p50 = self.took[len(self.took) // 2]
        parts = (f"{name} {each * 1000:.0f} ms" for name, each in (("p50", p50), ("p99", self.p99)))
        longest = f"longest {self.took[-1] * 1000:.0f} ms"
        return f"{len(self.took)} deliveries in {self.seconds:.1f} s: {', '.join((*parts, longest))}"


def post(folder: Path, port: int, bodies: Iterable[bytes], *, seconds: float, lines: int) -> Answered:
    """Post the bodies evenly within so many seconds, over so many lines at once."""
    file = folder / "bodies"
    file.write_bytes(b"\n".join(bodies))
    words = [str(port), f"/webhooks/amocrm/{SECRET}", str(seconds), str(lines), str(file)]
    done = subprocess.run(
        [sys.executable, "-c", CALLER, *words], capture_output=True, text=True, timeout=300, check=True
    )
    said = json.loads(done.stdout)
    return Answered(said["took"], set(said["statuses"]), said["seconds"])
