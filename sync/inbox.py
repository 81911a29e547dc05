"""The fast view: a folder of undigested deliveries, and their digestion."""

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from connectors.base import Change, ContractBroken, Delivery, Page, Source
from sync.merge import keep_pages
from warehouse.database import Warehouse
from warehouse.journal import note_deliveries
from warehouse.records import bury

log = logging.getLogger(__name__)
FETCHED = ("leads", "contacts", "companies", "tasks")  # streams whose objects can be asked for by id
AT_ONCE = 20_000  # deliveries digested in one go: what many of them name is asked for once
_MOMENT = "%Y%m%dT%H%M%S%f"


class Inbox:
    """Undigested deliveries, one file each.

    It needs no lock and no open warehouse, so the door stays quick while a long job holds the file, and a crash
    loses nothing: a delivery is durable before `keep` returns, and its file goes only after its records are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, body: bytes) -> None:
        """Make a delivery durable; OSError if it could not be."""
        name = f"{datetime.now(UTC).strftime(_MOMENT)}-{uuid4().hex}"
        draft = self._folder / f"{name}.part"
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._folder / f"{name}.form")
        self._settle()

    def waiting(self, limit: int | None = None) -> list[Path]:
        """Undigested deliveries, oldest first."""
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".form"))
        return [self._folder / name for name in names[:limit]]

    def waited(self) -> float:
        """Seconds for which the oldest undigested delivery has been here; 0 where there is none."""
        oldest = self.waiting(1)
        return (datetime.now(UTC) - _received(oldest[0])).total_seconds() if oldest else 0.0

    def replay(self) -> int:
        """Put what was set aside back among the waiting (after an upgrade); return how many that were."""
        with os.scandir(self._folder) as entries:
            dead = sorted(entry.name for entry in entries if entry.name.endswith(".dead"))
        for name in dead:
            (self._folder / name).rename((self._folder / name).with_suffix(".form"))
        return len(dead)

    def set_aside_count(self) -> int:
        with os.scandir(self._folder) as entries:
            return sum(entry.name.endswith(".dead") for entry in entries)

    def _settle(self) -> None:
        """Make the rename durable too: a file without its name is lost at a power cut."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass(frozen=True, slots=True)
class Drained:
    """What one digestion did."""

    deliveries: int
    changed: int
    set_aside: int = 0


def drain(
    inbox: Inbox,
    source: Source,
    warehouse: Warehouse,
    *,
    account_id: int | None,
    now: Callable[[], datetime],
) -> Drained:
    """Digest the waiting deliveries: what they name is asked for again, many ids to a request, and merged.

    A delivery says that an object changed, not reliably how.  The network is asked before the transaction opens;
    the files go away after it closed.  One that nobody can read, or of another account, is set aside.
    """
    files = inbox.waiting(AT_ONCE)
    if not files:
        return Drained(0, 0)
    readable, changes = _understand(files, source, account_id)
    asked_at = now()
    pages, buried = _ask(changes, source)
    with warehouse.transaction("drain") as tx:
        changed = keep_pages(tx, pages)
        for change in buried:
            changed += bury(tx, change.stream, change.id, change.moment or asked_at, asked_at)
        if changed:  # one that brought nothing new has no way to measure
            note_deliveries(tx, [_received(file) for file in readable], now())
    for file in readable:
        file.unlink(missing_ok=True)
    log.info("inbox.drained deliveries=%d changes=%d changed=%d", len(readable), len(changes), changed)
    return Drained(len(readable), changed, len(files) - len(readable))


def _understand(
    files: Sequence[Path], source: Source, account_id: int | None
) -> tuple[list[Path], dict[tuple[str, int], Change]]:
    """The files that could be read, and the last change they name of every object."""
    readable: list[Path] = []
    changes: dict[tuple[str, int], Change] = {}
    for file in files:
        try:
            delivery = source.understand(file.read_bytes())
            _check_account(delivery, account_id)
        except ContractBroken as error:
            log.warning("inbox.set_aside file=%s reason=%s", file.name, error)
            file.rename(file.with_suffix(".dead"))
            continue
        readable.append(file)
        changes.update({(change.stream, change.id): change for change in delivery.changes})
    return readable, changes


def _check_account(delivery: Delivery, account_id: int | None) -> None:
    if account_id is not None and delivery.account_id not in (None, account_id):
        raise ContractBroken(f"a delivery of account {delivery.account_id}")


def _ask(changes: dict[tuple[str, int], Change], source: Source) -> tuple[list[Page], list[Change]]:
    """What the source says of the changed objects, and those it says are gone."""
    pages: list[Page] = []
    buried: list[Change] = []
    for stream in FETCHED:
        ids = sorted(identity for name, identity in changes if name == stream)
        if not ids:
            continue
        pages += source.by_ids(stream, ids)
        missing = set(ids) - _ids(pages, stream)
        if stream == "leads" and missing:
            stubs = list(source.trashed_among(sorted(missing)))
            pages += stubs
            missing -= _ids(stubs, stream)
        # Gone from the lists and from the trash: believed only where the delivery itself says «deleted».
        buried += [
            changes[stream, gone] for gone in sorted(missing) if changes[stream, gone].action == "delete"
        ]
    return pages, buried


def _ids(pages: Iterable[Page], stream: str) -> set[int | str]:
    return {identity for page in pages if page.stream == stream for identity in page.ids}


def _received(file: Path) -> datetime:
    return datetime.strptime(file.name.partition("-")[0], _MOMENT).replace(tzinfo=UTC)
