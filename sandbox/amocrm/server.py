"""The account's door: real HTTP, every request counted, limited, checked and answered."""

import time
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from sandbox.amocrm.account import Account
from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import Refused, Reply, Request, problem
from sandbox.amocrm.faults import Fault, Faults
from sandbox.amocrm.grants import Grants, OAuth
from sandbox.amocrm.limiter import Limiter
from sandbox.amocrm.manners import Manners
from sandbox.amocrm.moving import SUBDOMAIN_PATH, Moves, OldHost, subdomain
from sandbox.amocrm.posting import Posting, Sent
from sandbox.amocrm.replica import Replica
from sandbox.amocrm.routes import answer
from sandbox.amocrm.sender import Sender
from sandbox.amocrm.wires import Outcome, Wires

TOKEN_PATH = "/oauth2/access_token"  # noqa: S105
READS_AFTER_END = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was answered; `at` is the monotonic moment of its arrival, `fault` what befell it."""

    method: str
    path: str
    query: str
    status: int
    at: float
    seconds: float
    fault: str = ""


class AmoServer:
    """Serves one account at `url` until stopped.

    `token` is a long-lived token (made unless given); with `oauth` the token endpoint works too. `rate` is
    the limit of requests in a second (0: none), `latency` the seconds every answer takes, `lag` the seconds
    until a change shows in lists (a pair: something between the two, for each change another). Webhooks are
    sent while it runs, as `posting` says. `api.manners`, `limiter`, `faults` and `grants` may be changed
    meanwhile.
    """

    def __init__(
        self,
        account: Account,
        *,
        token: str | None = None,
        oauth: OAuth | None = None,
        rate: int = 7,
        latency: float = 0.0,
        lag: float | tuple[float, float] = 0.0,
        port: int = 0,
        faults: Faults | None = None,
        manners: Manners | None = None,
        is_admin: bool = True,
        limit_reply: Literal["html", "json"] = "html",
        strikes: int = 20,
        posting: Posting | None = None,
    ) -> None:
        self.account = account
        self.latency = latency
        self.limiter = Limiter(rate, strikes=strikes, reply=limit_reply)
        self.faults = faults or Faults()
        self.sender = Sender(account, posting)
        self.requests: deque[Asked] = deque(maxlen=200_000)
        self._wires = [Wires(self._serve, port)]
        self._moves = Moves({})
        self.url = self._wires[0].url
        self.grants = Grants(account.settings.id, self.url.removeprefix("http://"), account.clock, oauth)
        self.token = self.grants.long_lived(token)
        self.replica = Replica(account, lag) if lag else None
        shelves = self.replica.shelves if self.replica else account.shelves
        self.api = Api(account, self.url, manners or Manners(), shelves, is_admin)

    def start(self) -> Self:
        self._wires[0].start()
        self.sender.start()
        return self

    def stop(self) -> None:
        """No request is served after this returns; stopping twice is no error."""
        for wires in self._wires:
            wires.stop()
        self.sender.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def rename(self, name: str, old_host: OldHost = "404") -> str:
        """The account gets another subdomain and with it another address; returns that address."""
        wires = Wires(self._serve, 0)
        wires.start()
        self._wires.append(wires)
        self._moves.left[self.url.removeprefix("http://")] = old_host
        with self.account.lock:
            self.account.settings.subdomain = name
            self.url = self.api.url = wires.url
        return self.url

    @property
    def deliveries(self) -> list[Sent]:
        """Every try to post a webhook, in the order in which they ended."""
        return list(self.sender.deliveries)

    def asked(self, path: str = "") -> list[Asked]:
        """The requests so far whose path ends with `path`."""
        return [one for one in list(self.requests) if one.path.endswith(path)]

    def max_in_any_second(self, window: float = 1.0) -> int:
        """The most requests that arrived within one second of each other."""
        moments = sorted(one.at for one in list(self.requests))
        most = first = 0
        for last, moment in enumerate(moments):
            while moments[first] <= moment - window:
                first += 1
            most = max(most, last - first + 1)
        return most

    def _serve(self, request: Request) -> Outcome:
        arrived = time.monotonic()
        fault = self.faults.take(request) or Fault(served=True)
        reply = fault.reply
        if reply is None or fault.served:
            true = self._true_reply(fault.alter(request) if fault.alter else request, arrived)
            reply = reply or (fault.garble(true) if fault.garble else true)
        stall = fault.seconds if fault.line == "stall" else 0.0
        pause = self.latency + fault.seconds - stall
        if pause:
            self._wires[0].sleep(pause)
        seconds = time.monotonic() - arrived
        status = reply.status if fault.line == "ok" else 0
        self.requests.append(
            Asked(request.method, request.path, request.query, status, arrived, seconds, fault.name)
        )
        return Outcome(reply, fault.line, stall)

    def _true_reply(self, request: Request, arrived: float) -> Reply:
        refused = self.limiter.refuse(arrived)
        if refused is not None:
            return refused
        refused = self._moves.refuse(request, self.url)
        if refused is not None:
            return refused
        if request.path == SUBDOMAIN_PATH:
            return subdomain(request, self.grants, self.account.settings.subdomain, self.url)
        if request.path == TOKEN_PATH:
            return self.grants.exchange(request) if request.method == "POST" else problem(405)
        refused = self.grants.refuse(request) or self._unpaid(request)
        if refused is not None:
            return refused
        with self.account.lock:
            if self.api.manners.purges:
                self.account.purge()
            if self.replica is not None:
                self.replica.catch_up()
            try:
                return answer(self.api, request)
            except Refused as refusal:
                return refusal.reply

    def _unpaid(self, request: Request) -> Reply | None:
        """Without a subscription writing ends on the first day, reading after the thirtieth."""
        ended = self.account.settings.subscription_ended_at
        if ended is None:
            return None
        since = self.account.clock() - ended
        is_refused = since >= 0 if request.method != "GET" else since > READS_AFTER_END
        return problem(402, "Payment required") if is_refused else None
