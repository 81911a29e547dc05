"""The limiter: so many requests in any one second, then 429, then the door is shut."""

import threading
from collections import deque
from typing import Literal

from sandbox.amocrm.exchange import Reply, page_of_gateway, problem

STRIKES_FORGOTTEN_AFTER = 60.0


class Limiter:
    """Counts arrivals; `rate` 0 switches it off.

    `window` is a little under a second: two requests that left their client more than a second apart may
    arrive closer to one another than that, and the line between them is no one's fault.
    """

    def __init__(
        self,
        rate: int,
        *,
        strikes: int = 20,
        window: float = 0.95,
        reply: Literal["html", "json"] = "html",
        retry_after: int = 1,
    ) -> None:
        self.rate = rate
        self.strikes = strikes
        self.window = window
        self.reply = reply
        self.retry_after = retry_after
        self.blocked = False
        self._lock = threading.Lock()
        self._arrivals: deque[float] = deque()
        self._refusals: deque[float] = deque()

    def refuse(self, now: float) -> Reply | None:
        """What to answer instead of serving a request that arrives `now`; None: serve it."""
        with self._lock:
            if self.blocked:
                return page_of_gateway(403)
            if not self.rate:
                return None
            _forget(self._arrivals, now - self.window)
            self._arrivals.append(now)
            if len(self._arrivals) <= self.rate:
                return None
            _forget(self._refusals, now - STRIKES_FORGOTTEN_AFTER)
            self._refusals.append(now)
            if len(self._refusals) >= self.strikes:
                self.blocked = True
            return self._too_many()

    def unblock(self) -> None:
        """What amoCRM's support does on request."""
        with self._lock:
            self.blocked = False
            self._refusals.clear()

    def _too_many(self) -> Reply:
        if self.reply == "html":
            return page_of_gateway(429)
        return problem(429, "Request limit exceeded", retry_after=self.retry_after)


def _forget(moments: deque[float], before: float) -> None:
    while moments and moments[0] <= before:
        moments.popleft()
