"""A Google spreadsheet kept equal to the plan, refresh after refresh."""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from exports.errors import ExportError, Refused, Unreachable
from exports.known import FIELDS, Known, read_known
from exports.latest import Latest, Nobody
from exports.pace import KEPT, LONGEST
from exports.plan import Plan
from exports.sending import MANY_CELLS, MOST_CELLS, RECOMMENDED, Sending, prepare
from exports.sheets import make_batch
from exports.sizes import as_many_as_fit

log = logging.getLogger(__name__)

ATTEMPTS = 6
LONGEST_WAIT = 32

Answer = TypeVar("Answer")


class Client(Protocol):
    """What a book needs of Google."""

    def read(self, spreadsheet_id: str, fields: str) -> Mapping[str, Any]: ...

    def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None: ...


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh sent, or with a dry run would have sent; `skipped` when there was nothing to say."""

    tabs_sent: tuple[str, ...] = ()
    cells: int = 0
    bytes: int = 0
    requests: int = 0
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """How a book is kept; times in seconds.

    `stamp_every`: the stamp moves on at most this often while nothing else changes.
    `look_every`: so often we look for tabs that people deleted or moved.
    `heal_every`: so often all values are written again, for people may have typed over some.
    `patience`: how long one refresh goes on trying.
    `request_size`: what takes more bytes than that goes by way of a draft.
    """

    locale: str = "ru_RU"
    time_zone: str = "Europe/Moscow"
    stamp_every: float = 300.0
    look_every: float = 900.0
    heal_every: float = 86_400.0
    patience: float = 60.0
    request_size: int = RECOMMENDED


class SheetsBook:
    """One spreadsheet. What it shows is remembered here, and found again in its marks after a restart."""

    def __init__(
        self,
        client: Client,
        spreadsheet_id: str,
        habits: Habits | None = None,
        *,
        latest: Latest | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._id = spreadsheet_id
        self._habits = habits or Habits()
        self._latest = latest or Nobody()
        self._clock = clock
        self._wall = wall
        self._sleep = sleep
        self._known: Known | None = None
        self._looked_at = self._stamped_at = float("-inf")
        self._late_until = float("-inf")
        self._state: str | None = None
        self._requests, self._tries = 0, ATTEMPTS

    def refresh(self, plan: Plan, run: int, *, dry_run: bool = False, tries: int | None = None) -> Refreshed:
        """Make the spreadsheet show `plan`, by one atomic request or by none.

        Where that would be a large one, hidden portions go before it.

        `tries`: so often what passes by itself is tried, with pauses between; a portion, which nobody sees, is tried
        as often as may be.
        """
        self._requests, self._tries = 0, tries or ATTEMPTS
        with nullcontext() if dry_run else self._latest.alone():
            return self._refresh(plan, run, dry_run=dry_run)

    def _refresh(self, plan: Plan, run: int, *, dry_run: bool) -> Refreshed:
        try:
            sending = self._sending(plan, run)
            if sending.batch.is_only_stamp and not self._stamp_is_due(plan.state):
                return Refreshed(requests=self._requests, skipped=True)
            if not dry_run:
                sending = self._deliver_or_rebuild(sending, plan, run)
                self._state = plan.state
        except BaseException:
            self._known = None  # whatever happened, look before the next attempt
            raise
        cells = sending.batch.cells
        done = Refreshed(tuple(cells), sum(cells.values()), sending.bytes, self._requests)
        if not dry_run:
            log.info("sheets.refresh tabs=%d cells=%d bytes=%d", len(done.tabs_sent), done.cells, done.bytes)
        return done

    def _seen(self) -> Known:
        """What the spreadsheet has; looked at anew now and then, and where somebody else has written.

        While a request that was given up may still land, over newer figures perhaps, at every refresh and once after.
        """
        is_old = self._clock() - self._looked_at >= self._habits.look_every
        is_old |= self._looked_at < self._late_until
        if self._known is None or is_old or self._latest.token() not in (None, self._known.token):
            self._known = self._patiently(self._look, self._tries)
            self._latest.note(self._known.token)
        return self._known

    def _sending(self, plan: Plan, run: int, *, was_refused: bool = False) -> Sending:
        looked_at = self._looked_at
        known = self._seen()
        whole, unhealed, healed_at = self._healing(plan, known)
        batch = make_batch(
            plan,
            known,
            run=run,
            token=f"{run}-{secrets.token_hex(6)}",
            locale=self._habits.locale,
            time_zone=self._habits.time_zone,
            whole=whole,
            healed_at=healed_at,
            unhealed=unhealed,
        )
        if batch.counts_places and self._looked_at == looked_at:
            self._known = None
            return self._sending(plan, run, was_refused=was_refused)
        return prepare(batch, known, self._habits.request_size, was_refused=was_refused)

    def _healing(self, plan: Plan, known: Known) -> tuple[tuple[str, ...], tuple[str, ...], float]:
        """Whose values to write again, changed or not; whose then are left; and when all will have been.

        Once a day all of them, as many at a time as go into one request of the recommended size.
        """
        now = int(self._wall())
        if known.healed_at is None:
            return (), (), now
        is_due = now - known.healed_at >= self._habits.heal_every
        left = [tab for tab in plan.tabs if tab.key in known.unhealed] or (plan.tabs if is_due else ())
        whole = tuple(as_many_as_fit(left, self._habits.request_size))
        unhealed = tuple(tab.key for tab in left[len(whole) :])
        return whole, unhealed, known.healed_at if unhealed or not whole else now

    def _deliver_or_rebuild(self, sending: Sending, plan: Plan, run: int) -> Sending:
        """Mostly a refusal means that people changed the grid under us: look, rebuild and try once more."""
        try:
            self._deliver(sending)
        except Refused:
            log.warning("sheets.refused tabs=%d", len(sending.batch.cells))
            self._known = None
            sending = self._sending(plan, run, was_refused=True)
            self._deliver(sending)
        self._known = sending.batch.after
        self._stamped_at = self._clock()
        return sending

    def _deliver(self, sending: Sending) -> None:
        """Fill the draft if there is one, which nobody sees; then change what people see."""
        token, draft = sending.batch.token, sending.draft
        self._latest.note(token)  # before it is sent: who dies in between has told the others to look
        if draft is not None:
            log.info("sheets.draft portions=%d cells=%d", len(draft.portions), draft.cells)
            first, *others = draft.portions
            self._send(first, draft.is_in, ATTEMPTS, KEPT)
            for portion in others:  # each is tried again by itself, or a long draft would never be full
                self._send(portion, None, ATTEMPTS, KEPT)
        self._send(sending.body, lambda known: known.token == token, self._tries)

    def _send(
        self, body: bytes, has_landed: Callable[[Known], bool] | None, tries: int, keep: int = 0
    ) -> None:
        """Send until it has landed: after an answer that never came a look tells; None: it may land twice."""
        in_doubt = False

        def attempt() -> None:
            nonlocal in_doubt
            if in_doubt and has_landed is not None and has_landed(self._look()):
                return
            in_doubt = False
            self._requests += 1
            try:
                self._client.apply(self._id, body, keep)
            except Unreachable:
                in_doubt = True
                self._late_until = self._clock() + LONGEST
                raise

        self._patiently(attempt, tries)

    def _look(self) -> Known:
        self._requests += 1
        known = read_known(self._client.read(self._id, FIELDS))
        self._looked_at = self._clock()
        if known.cells > MANY_CELLS:
            log.warning("sheets.many_cells cells=%d most=%d", known.cells, MOST_CELLS)
        if not known.is_new and known.time_zone != self._habits.time_zone:
            log.warning("sheets.time_zone_differs book=%s ours=%s", known.time_zone, self._habits.time_zone)
        return known

    def _patiently(self, attempt: Callable[[], Answer], tries: int) -> Answer:
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, ExportError) and error.retryable),
            stop=stop_after_attempt(tries) | stop_before_delay(self._habits.patience),
            wait=wait_random_exponential(max=LONGEST_WAIT),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(attempt)

    def _stamp_is_due(self, state: str) -> bool:
        """A change of the state is said at once; that nothing changed can wait."""
        return state != self._state or self._clock() - self._stamped_at >= self._habits.stamp_every
