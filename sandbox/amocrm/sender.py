"""The webhook sender: hears what happens in the account and posts it to whoever subscribed."""

import heapq
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from random import Random

from sandbox.amocrm.account import Account
from sandbox.amocrm.posting import Posting, Sent, is_good, is_hopeless, post, wait_after
from sandbox.amocrm.truth import Happened, Webhook
from sandbox.amocrm.wire import Fact, code_of, encode_all

SENDERS = 4


@dataclass(frozen=True, slots=True)
class _Parcel:
    webhook: Webhook
    actions: tuple[str, ...]
    body: bytes
    attempt: int = 1


class Sender:
    """Posts every live change of `account` while it runs; each action of a change travels by itself.

    `deliveries` records every try; `told` counts what there was to tell, `dropped` what of it was lost on
    purpose. A webhook that fails too often is switched off, and its waiting deliveries are lost with it, as
    they would be.
    """

    def __init__(self, account: Account, posting: Posting | None = None) -> None:
        self.posting = posting or Posting()
        self.deliveries: list[Sent] = []
        self.told = 0
        self.dropped = 0
        self._account = account
        self._rng = Random(self.posting.seed)
        self._wake = threading.Condition()
        self._queue: list[tuple[float, int, _Parcel]] = []
        self._batch: list[tuple[Webhook, Fact]] = []
        self._batch_due = 0.0
        self._number = 0
        self._under_way = 0
        self._failures: dict[int, list[float]] = defaultdict(list)
        self._stopping = False
        self._thread: threading.Thread | None = None
        account.listen(self._hear)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the tries under way; what waits is forgotten."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(self.posting.timeout * 2 + 1)
            self._thread = None

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is left to send, later tries included; whether that came in time."""
        with self._wake:
            return self._wake.wait_for(lambda: not (self._queue or self._batch or self._under_way), timeout)

    def _hear(self, happened: Happened) -> None:
        if not happened.live or self._stopping or self._thread is None:
            return
        for action in happened.actions:
            code = code_of(happened.kind, action)
            for webhook in self._account.webhooks.values():
                if code in webhook.settings and not webhook.disabled:
                    self._accept(webhook, (happened.kind, action, happened.item, happened.old))

    def _accept(self, webhook: Webhook, fact: Fact) -> None:
        with self._wake:
            if not self.posting.batch_seconds:
                self._pack(webhook, [fact])
            else:
                kind, action, item, old = fact
                if not self._batch:
                    self._batch_due = time.monotonic() + self.posting.batch_seconds
                self._batch.append((webhook, (kind, action, copy(item), old)))
            self._wake.notify_all()

    def _pack(self, webhook: Webhook, facts: list[Fact]) -> None:
        posting, rng = self.posting, self._rng
        self.told += 1
        if rng.random() < posting.drop:
            self.dropped += 1
            return
        actions = tuple(code_of(kind, action) for kind, action, _, _ in facts)
        parcel = _Parcel(webhook, actions, encode_all(self._account, facts))
        for _ in range(2 if rng.random() < posting.duplicate else 1):
            is_late = rng.random() < posting.reorder
            self._put(parcel, rng.uniform(0, posting.reorder_seconds) if is_late else 0.0)

    def _put(self, parcel: _Parcel, wait: float) -> None:
        self._number += 1
        heapq.heappush(self._queue, (time.monotonic() + wait, self._number, parcel))

    def _run(self) -> None:
        with ThreadPoolExecutor(SENDERS) as senders:
            while True:
                due = self._due()
                if due is None:
                    return
                for parcel in due:
                    senders.submit(self._send, parcel)

    def _due(self) -> list[_Parcel] | None:
        """What is to be sent now, waiting for it; None when all is over."""
        with self._wake:
            while not self._stopping:
                now = time.monotonic()
                if self._batch and self._batch_due <= now:
                    self._pack_batch()
                due = []
                while self._queue and self._queue[0][0] <= now:
                    due.append(heapq.heappop(self._queue)[2])
                if due:
                    self._under_way += len(due)
                    return due
                self._wake.wait(self._until_next(now))
            return None

    def _until_next(self, now: float) -> float | None:
        moments: Iterable[float] = [entry[0] for entry in self._queue[:1]]
        if self._batch:
            moments = [*moments, self._batch_due]
        return max(0.0, min(moments) - now) if moments else None

    def _pack_batch(self) -> None:
        by_webhook: dict[int, list[Fact]] = defaultdict(list)
        webhooks = {webhook.id: webhook for webhook, _ in self._batch}
        for webhook, fact in self._batch:
            by_webhook[webhook.id].append(fact)
        self._batch.clear()
        for webhook_id, facts in by_webhook.items():
            self._pack(webhooks[webhook_id], facts)

    def _send(self, parcel: _Parcel) -> None:
        webhook = parcel.webhook
        started, moment = time.monotonic(), self._account.clock()
        status = 0
        if not webhook.disabled:
            status = post(webhook.destination, parcel.body, self.posting.timeout)
        ended = time.monotonic()
        with self._wake:
            self._under_way -= 1
            if not webhook.disabled:
                sent = Sent(
                    webhook.id, webhook.destination, parcel.actions, parcel.body, parcel.attempt, started,
                    moment, status, ended - started,
                )  # fmt: skip
                self.deliveries.append(sent)
                self._judge(parcel, status, ended)
            self._wake.notify_all()

    def _judge(self, parcel: _Parcel, status: int, now: float) -> None:
        """Try again, give up, or switch the webhook off."""
        failures = self._failures[parcel.webhook.id]
        if not is_good(status):
            failures.append(now)
            posting = self.posting
            if is_hopeless(failures, now, posting.time_scale, posting.most_failures):
                parcel.webhook.disabled = True
                return
        wait = wait_after(parcel.attempt, status)
        if wait is not None:
            again = _Parcel(parcel.webhook, parcel.actions, parcel.body, parcel.attempt + 1)
            self._put(again, wait * self.posting.time_scale)
