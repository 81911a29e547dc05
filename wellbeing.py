"""What the service knows of its own health: what stands still, and whether the account may be asked now."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from connectors.base import Blocked, NotFound, PaymentRequired, RateLimited, SourceError, Unauthorized
from stops import NEEDED, WHOLE, concerns_all

REST, LONGEST_REST = 60.0, 900.0
"""Seconds without a question after the account has turned us away: the first time, and at most."""

UNHEARD = 900.0  # seconds without a successful poll after which we are not well
_TURNED_AWAY = (Unauthorized, PaymentRequired, NotFound, RateLimited, Blocked)


class Wellbeing:
    """The health of one service.

    An account that turns us away is left alone for a while, longer each time, so that nobody hammers at a closed
    door; when it opens again we find out by ourselves.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stopped: Mapping[
            str, str
        ] = {}  # replaced, never changed: the door reads it from another thread
        self._remarks: Mapping[str, str] = {}
        self._heard_at = clock()
        self._rest_until = clock()
        self._rest = 0.0

    def may_ask(self) -> bool:
        """Whether the account may be asked now."""
        return self._clock() >= self._rest_until

    def heard(self, names: tuple[str, ...], errors: Mapping[str, Exception]) -> None:
        """A poll of these streams came through, but for `errors`; no names: a poll of everything."""
        others = {name: told for name, told in self._stopped.items() if names and name not in (*names, WHOLE)}
        self._stopped = others | {name: _told(error) for name, error in errors.items()}
        self._heard_at = self._clock()
        self._rest = 0.0

    def failed(self, name: str, error: Exception) -> None:
        """A question about `name` failed; after one that turned us away there is a rest."""
        is_whole = isinstance(error, SourceError) and concerns_all(error)
        self._stopped = {**self._stopped, (WHOLE if is_whole else name): _told(error)}
        if isinstance(error, _TURNED_AWAY):
            self._rest = min(max(REST, 2 * self._rest), LONGEST_REST)
            self._rest_until = self._clock() + self._rest

    def remark(self, name: str, problem: str | None) -> None:
        """What is wrong with something that no poll tells of; None: it is right."""
        others = {one: told for one, told in self._remarks.items() if one != name}
        self._remarks = others | ({name: problem} if problem else {})

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong, by name."""
        return tuple(sorted({**self._remarks, **self._stopped}.items()))

    def report(self) -> dict[str, Any]:
        """`ok` is false while figures stand still; what stands still beside them is told all the same."""
        silence = self._clock() - self._heard_at
        grave = [problem for name, problem in self.problems if name in NEEDED]
        return {
            "ok": not grave and silence < UNHEARD,
            "problem": "; ".join(grave) or None,
            "stopped": dict(self.problems),
            "seconds_since_last_poll": round(silence),
            "seconds_of_rest": max(0, round(self._rest_until - self._clock())),
        }


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
