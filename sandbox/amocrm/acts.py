"""What may be ordered from another process: the account's verbs, the staff, and every trouble there is."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from sandbox.amocrm.bustle import Bustle
from sandbox.amocrm.company import Demo
from sandbox.amocrm.fault_kinds import named
from sandbox.amocrm.manners import Manners
from sandbox.amocrm.posting import Posting
from sandbox.amocrm.server import AmoServer
from sandbox.amocrm.staff import Staff

VERBS = frozenset({
    "add_lead", "update_lead", "move_lead", "delete_lead", "restore_lead", "merge_leads", "unmerge", "purge",
    "add_contact", "update_contact", "delete_contact", "link_contact", "add_company", "update_company",
    "add_task", "update_task", "complete_task", "delete_task", "add_note", "add_call", "update_note", "delete_note",
    "add_catalog", "add_element", "add_product", "add_invoice", "pay_invoice", "update_element",
    "delete_element", "link_element", "unlink_element", "add_incoming", "accept_incoming", "decline_incoming",
    "add_customer", "update_customer", "delete_customer", "add_transaction", "add_user", "dismiss_user",
    "remove_user", "add_role", "add_pipeline", "add_status", "rename_status", "add_loss_reason", "add_field",
    "rename_field", "rename_choice", "delete_field", "add_choice", "delete_choice", "move_status",
    "delete_status", "rename_pipeline", "archive_pipeline", "rename_tag", "subscribe", "unsubscribe",
})  # fmt: skip
"""Verbs of the account that may be ordered; their arguments are those of the methods."""
STOP_SECONDS = 5.0

Order = Mapping[str, Any]


class SetClock:
    """A clock that runs, and can be put wrong."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.skew = 0.0
        self._now = now

    def __call__(self) -> float:
        return self._now() + self.skew


class Acts:
    """Carries out orders in whatever thread they arrive.

    Besides the account's own verbs: `staff` and `stop`, `act` (some acts of the staff, now), `fault` (the next
    requests meet it), `stand` (all do), `random` (a share does), `calm` (none does, and no webhook is lost),
    `posting`, `manners` and `settings` (set their attributes), `rate`, `latency`, `lag`, `skew`, `settle`
    (wait until nothing is left to post), `revoke`, `expire_access`, `new_code`, `rename`, `enable_webhooks`.
    """

    def __init__(self, demo: Demo, server: AmoServer, clock: SetClock | None = None) -> None:
        self._demo, self._server, self._clock = demo, server, clock
        self._turn = threading.RLock()
        self._staff: Staff | None = None
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._orders: dict[str, Callable[..., Any]] = {
            "staff": self._start_staff, "stop": self.stop, "act": self._act, "calm": self._calm,
            "fault": self._fault, "stand": self._stand, "random": self._server.faults.random,
            "posting": self._posting, "manners": self._manners, "settings": self._settings,
            "rate": self._rate, "latency": self._latency, "lag": self._lag, "skew": self._skew,
            "settle": self._server.sender.settle, "revoke": self._server.grants.revoke,
            "expire_access": self._server.grants.expire_access, "new_code": self._server.grants.new_code,
            "rename": self._server.rename, "enable_webhooks": self._enable_webhooks,
        }  # fmt: skip

    def do(self, order: Order) -> Any:
        """Carry out {"verb": …, arguments}; with "dated" the verb dates its objects so.

        KeyError for an unknown verb; else whatever the verb raises.
        """
        wanted = dict(order)
        verb, dates = wanted.pop("verb", None), wanted.pop("dated", {})
        if verb in self._orders:
            return self._orders[verb](**wanted)
        if verb not in VERBS:
            raise KeyError(f"no verb {verb!r}")
        account = self._demo.account
        if isinstance(wanted.get("fields"), dict):
            wanted["fields"] = {int(key): value for key, value in wanted["fields"].items()}
        with account.lock, account.dated(**dates):
            result = getattr(account, verb)(**wanted)
        return result if isinstance(result, int | str | list | bool | None) else None

    @property
    def done(self) -> int:
        """How many things the staff has done."""
        return len(self._staff.actions) if self._staff else 0

    @property
    def working(self) -> bool:
        """Whether the staff is at work; it is not after `stop`, nor if it has failed."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> int:
        """The staff goes home; how many things it has done."""
        with self._turn:
            self._ending.set()
            if self._thread is not None:
                self._thread.join(STOP_SECONDS)
            return self.done

    def _start_staff(
        self, per_second: float, seed: int = 1, bustle: bool = True, without: Iterable[str] = ()
    ) -> None:
        """Staff at work until `stop`; with `bustle` they do everything but `without`, else what the demo shows."""
        with self._turn:
            self.stop()
            self._ending = threading.Event()
            self._thread = self._team(seed, bustle, without).run(per_second, self._ending)

    def _act(self, times: int = 1, seed: int = 1, bustle: bool = True, without: Iterable[str] = ()) -> int:
        """So many things done by the staff, now; the number of all of them so far."""
        with self._turn:
            team = self._team(seed, bustle, without)
            for _ in range(times):
                team.act()
            return self.done

    def _team(self, seed: int, bustle: bool, without: Iterable[str]) -> Staff:
        """Those who work here; the first order decides who they are."""
        if self._staff is None:
            self._staff = Bustle(self._demo, seed, without) if bustle else Staff(self._demo, seed)
        return self._staff

    def _calm(self) -> None:
        """No more faults, nor lost, doubled or late webhooks; the next try is not long in coming."""
        self._server.faults.clear()
        self._server.limiter.unblock()
        self._posting(drop=0.0, duplicate=0.0, reorder=0.0, batch_seconds=0.0)

    def _fault(self, name: str, times: int = 1, path: str = "", **sizes: Any) -> None:
        self._server.faults.add(named(name, **sizes), times=times, path=path)

    def _stand(self, name: str, path: str = "", **sizes: Any) -> None:
        self._server.faults.stand(named(name, **sizes), path=path)

    def _posting(self, **values: Any) -> None:
        _set(self._server.sender.posting, Posting, values)

    def _manners(self, **values: Any) -> None:
        if "ignored_filters" in values:
            values["ignored_filters"] = frozenset(values["ignored_filters"])
        _set(self._server.api.manners, Manners, values)

    def _settings(self, **values: Any) -> None:
        if "touching" in values:
            values["touching"] = frozenset(values["touching"])
        settings = self._demo.account.settings
        _set(settings, type(settings), values)

    def _rate(self, per_second: int, reply: str = "html") -> None:
        self._server.limiter.rate, self._server.limiter.reply = (
            per_second,
            "json" if reply == "json" else "html",
        )

    def _latency(self, seconds: float) -> None:
        self._server.latency = seconds

    def _lag(self, low: float, high: float | None = None) -> None:
        if self._server.replica is None:
            raise ValueError("start the stand-in with a lag to change it")
        self._server.replica.lag = low if high is None else (low, high)

    def _skew(self, seconds: float) -> None:
        if self._clock is None:
            raise ValueError("this account's clock cannot be put wrong")
        self._clock.skew = seconds

    def _enable_webhooks(self) -> int:
        """What an administrator does by hand after amoCRM has switched webhooks off."""
        found = [one for one in self._demo.account.webhooks.values() if one.disabled]
        for one in found:
            one.disabled = False
        return len(found)


def _set(thing: Any, kind: type, values: Mapping[str, Any]) -> None:
    unknown = set(values) - {one.name for one in fields(kind)}
    if unknown:
        raise KeyError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(thing, name, value)
