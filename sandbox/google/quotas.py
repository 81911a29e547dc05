"""Requests a minute: per account and per project, reads and writes counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.google.errors import QuotaExceeded

Kind = Literal["read", "write"]

_PROJECT = "123456789012"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests of each kind a calendar minute may hold."""

    per_user: int = 60
    per_project: int = 300


class Quotas:
    """Counts answered requests by the clock's minute; without limits it never refuses."""

    def __init__(self, clock: Callable[[], float], limits: Limits | None) -> None:
        self._clock = clock
        self._limits = limits
        self._minute = 0
        self._used: Counter[tuple[str, str]] = Counter()

    def count(self, kind: Kind, email: str) -> None:
        """Take one request off the minute's allowance, or refuse it."""
        if self._limits is None:
            return
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._used = minute, Counter()
        if self._used[kind, email] >= self._limits.per_user:
            raise refusal(kind, self._limits.per_user, per_user=True)
        if self._used[kind, ""] >= self._limits.per_project:
            raise refusal(kind, self._limits.per_project, per_user=False)
        self._used[kind, email] += 1
        self._used[kind, ""] += 1


def refusal(kind: Kind, limit: int, *, per_user: bool) -> QuotaExceeded:
    """Google's 429 with the details that tell which allowance ran out."""
    noun = f"{kind.capitalize()} requests"
    name = f"{kind.capitalize()}RequestsPerMinutePer{'User' if per_user else 'Project'}"
    return QuotaExceeded(
        f"Quota exceeded for quota metric '{noun}' and limit '{noun} per minute"
        f"{' per user' if per_user else ''}' of service 'sheets.googleapis.com' "
        f"for consumer 'project_number:{_PROJECT}'.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "sheets.googleapis.com",
                    "consumer": f"projects/{_PROJECT}",
                    "quota_metric": f"sheets.googleapis.com/{kind}_requests",
                    "quota_limit": name,
                    "quota_limit_value": str(limit),
                    "quota_unit": "1/min/{project}/{user}" if per_user else "1/min/{project}",
                    "quota_location": "global",
                },
            },
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [
                    {
                        "description": "Request a higher quota limit.",
                        "url": "https://cloud.google.com/docs/quota#requesting_higher_quota",
                    }
                ],
            },
        ],
    )
