"""The rules of the webhook post: what counts as delivered, when it is tried again, when it is given up."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "amoCRM-Webhooks/3.0",
    "Accept-Encoding": "gzip",
}
RETRY_DELAYS = (300, 900, 900, 3600)
"""Seconds between one try and the next."""
PATIENT_TRIES = 3
"""How many tries every failure gets; only 499 and 5xx get the others."""
MOST_FAILURES = 100
FAILURES_FORGOTTEN_AFTER = 7200


@dataclass(slots=True)
class Posting:
    """How the post works: its clock may run fast, and it may lose, repeat, delay and join deliveries.

    `time_scale` multiplies the waits of hours and minutes (not the timeout of a try); after more failures than
    `most_failures` a webhook is switched off; `drop`, `duplicate` and
    `reorder` are shares; what happens within `batch_seconds` travels together.
    """

    timeout: float = 2.0
    time_scale: float = 1.0
    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_seconds: float = 0.5
    batch_seconds: float = 0.0
    most_failures: int = MOST_FAILURES
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """One try: `status` 0 means that no answer came; `at` is monotonic."""

    webhook_id: int
    destination: str
    actions: tuple[str, ...]
    body: bytes
    attempt: int
    at: float
    moment: float
    status: int
    seconds: float

    @property
    def is_good(self) -> bool:
        return is_good(self.status)


def is_good(status: int) -> bool:
    return 100 <= status <= 299


def wait_after(attempt: int, status: int) -> float | None:
    """Seconds between try number `attempt`, answered by `status`, and the next; None: there is no next."""
    is_patient = status == 499 or 500 <= status <= 599
    if is_good(status) or attempt > len(RETRY_DELAYS) or (attempt >= PATIENT_TRIES and not is_patient):
        return None
    return RETRY_DELAYS[attempt - 1]


def is_hopeless(failures: Sequence[float], now: float, time_scale: float, most: int = MOST_FAILURES) -> bool:
    """Whether a receiver whose latest reply was invalid has failed too often to be kept."""
    horizon = now - FAILURES_FORGOTTEN_AFTER * time_scale
    return sum(moment >= horizon for moment in failures) > most


def post(destination: str, body: bytes, timeout: float) -> int:
    """Send once, following nothing; the status, or 0 without an answer in time."""
    parts = urlsplit(destination)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = connect(parts.netloc, timeout=timeout)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    try:
        line.request("POST", target, body, {**HEADERS, "X-Amocrm-Requestid": str(uuid.uuid4())})
        return line.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        line.close()
