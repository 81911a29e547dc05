"""Failures on demand: what goes wrong with the next requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal, get_args

from sandbox.google.errors import ApiError, Forbidden, Unauthenticated, Unavailable
from sandbox.google.quotas import refusal

Fault = Literal[
    "unavailable",  # 503, and nothing was done
    "unavailable_after",  # done, and then 503
    "internal",  # 500, and nothing was done
    "bad_gateway",  # 502 with an HTML page
    "unauthorized",  # 401
    "quota",  # 429
    "api_disabled",  # 403: the API is not switched on in the project
    "hang",  # silence, and nothing was done
    "hang_after",  # done, and then silence
]
On = Literal["read", "write", "token", "any"]

AFTER = ("unavailable_after", "hang_after")
SILENT = ("hang", "hang_after")
LONGEST_SILENCE = 120.0

BAD_GATEWAY_PAGE = """<!DOCTYPE html>
<html lang=en><meta charset=utf-8><title>Error 502 (Server Error)!!1</title>
<p><b>502.</b> <ins>That’s an error.</ins>
<p>The server encountered a temporary error and could not complete your request.
"""


@dataclass(slots=True)
class Planned:
    """A failure that waits for its request."""

    fault: Fault
    times: int
    on: On
    seconds: float


class Faults:
    """The failures still to come, in order; each is used up by the requests it strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Planned] = []

    def plan(self, fault: Fault, times: int, on: On, seconds: float) -> None:
        if fault not in get_args(Fault):
            raise ValueError(f"unknown fault: {fault}")
        with self._lock:
            self._planned.append(Planned(fault, times, on, min(seconds, LONGEST_SILENCE)))

    def take(self, kind: str) -> Planned | None:
        """The failure that strikes this request, if one is planned for its kind."""
        with self._lock:
            for planned in self._planned:
                if planned.on in (kind, "any"):
                    planned.times -= 1
                    if planned.times <= 0:
                        self._planned.remove(planned)
                    return planned
        return None

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()


def refusal_of(fault: Fault, kind: str) -> ApiError:
    """The error that a failed request is answered with."""
    if fault == "unauthorized":
        return Unauthenticated()
    if fault == "quota":
        return refusal("read" if kind == "read" else "write", 60, per_user=True)
    if fault == "api_disabled":
        return _api_disabled()
    if fault == "internal":
        return ApiError("Internal error encountered.")
    return Unavailable()


def _api_disabled() -> Forbidden:
    url = "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=123456789012"
    return Forbidden(
        "Google Sheets API has not been used in project 123456789012 before or it is disabled. "
        f"Enable it by visiting {url} then retry.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "sheets.googleapis.com",
                    "consumer": "projects/123456789012",
                    "activationUrl": url,
                },
            }
        ],
    )
