"""The warehouse file: opened for one job or page, refused politely when busy."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

from warehouse.kept import Kept
from warehouse.migrate import migrate
from warehouse.session import (
    Limits,
    Parameters,
    Row,
    Session,
    Transaction,
    WarehouseBusy,
    WarehouseError,
    WarehouseUnusable,
    connect,
    discard,
    first_line,
)

__all__ = [
    "DRAFT",
    "LINGER",
    "LONGEST_HOLD",
    "Limits",
    "Parameters",
    "Row",
    "Session",
    "Transaction",
    "Warehouse",
    "WarehouseBusy",
    "WarehouseError",
    "WarehouseUnusable",
    "connect",
    "discard",
]

LINGER = 0.05  # seconds the file stays open after a use, in case it is opened again at once
LONGEST_HOLD = 1.0  # seconds after which it is closed all the same, so that nobody else waits for long
DRAFT = ".compact"  # ends the name of a file that is to take the warehouse's place


class Warehouse:
    """One DuckDB file, held only while a job or a page of it is being written.

    Threads of this process take turns; another process waits up to `wait` seconds and then gets WarehouseBusy.
    To open the file is to read its whole catalog; within `lingering` what follows at once need not do so again.
    """

    def __init__(self, path: Path, *, limits: Limits | None = None, wait: float = 30.0) -> None:
        self.path = path
        self.wait = wait
        self._limits = limits or Limits()
        self._turn = threading.Lock()
        self._whose: int | None = None  # the thread whose turn it is
        self._migrated: int | None = None  # the inode of the file whose schema was seen to be ours
        self._lingering = 0  # blocks under way
        self._kept: Kept | None = None
        self._at_work: Kept | None = None  # the file as a job has it open, for others to look into
        self._lookers: set[int] = set()  # the threads that do
        self._looks = threading.Condition()

    @contextlib.contextmanager
    def open(self, job: str, *, is_small: bool = False, is_private: bool = False) -> Iterator[Session]:
        """`is_small`: the job is about a few pages, which threads cannot share: DuckDB's would spin, waiting.

        `is_private`: nobody may look in meanwhile.
        """
        limits = replace(self._limits, threads=1) if is_small else self._limits
        with self._own_turn():
            held = self._take(limits)
            connection = held.file.cursor()  # one of its own: what a job sets for itself ends with it
            is_sound = False
            try:
                self._sign(job)
                self._show(None if is_private else held)
                yield Session(connection, self.path, held.work_with)
                is_sound = True
            finally:
                self._show(None)
                with contextlib.suppress(duckdb.Error):
                    connection.close()
                self._leave(held, is_sound=is_sound)

    @contextlib.contextmanager
    def lingering(self) -> Iterator[None]:
        """While the block lasts, the file is closed a moment after a use, not at once."""
        with self._own_turn():
            self._lingering += 1
        try:
            yield
        finally:
            with self._own_turn():
                self._lingering -= 1
                is_last = not self._lingering
            if is_last:
                self._let_go()

    @contextlib.contextmanager
    def _own_turn(self) -> Iterator[None]:
        """One thread at a time; who has the file open and asks for it once more would wait for itself for ever."""
        if threading.get_ident() in (self._whose, *self._lookers):
            raise RuntimeError(f"{self.path} is already open in this thread")
        with self._turn:
            self._whose = threading.get_ident()
            try:
                yield
            finally:
                self._whose = None

    def _take(self, limits: Limits) -> Kept:
        kept, self._kept = self._kept, None
        if kept is not None and kept.inode == self._inode():
            kept.keep()
            kept.work_with(limits.threads)
            return kept
        if kept is not None:
            self._close(kept)
        return Kept(self._connect(limits), limits.threads, self._migrated, time.monotonic())

    def _leave(self, held: Kept, *, is_sound: bool) -> None:
        if not (is_sound and self._lingering) or time.monotonic() - held.since > LONGEST_HOLD:
            self._close(held)
            return
        held.keep(threading.Timer(LINGER, self._let_go))
        self._kept = held

    def _let_go(self) -> None:
        with self._own_turn():
            kept, self._kept = self._kept, None
            if kept is not None:
                self._close(kept)

    def _close(self, held: Kept) -> None:
        held.keep()
        with contextlib.suppress(OSError):
            self._signature.unlink()
        with contextlib.suppress(duckdb.Error):  # a full disk speaks up again at closing
            held.file.close()

    @contextlib.contextmanager
    def transaction(self, job: str) -> Iterator[Transaction]:
        """A small job of one transaction."""
        with self.open(job, is_small=True) as session, session.transaction() as tx:
            yield tx

    @contextlib.contextmanager
    def glance(self, job: str) -> Iterator[Transaction]:
        """What was kept last, for reading. A job of this process that has the file open is not waited for."""
        me = threading.get_ident()
        with self._looks:
            held = self._at_work if me not in self._lookers else None
            if held is not None:
                self._lookers.add(me)
        if held is None:
            with self.open(job, is_small=True) as session, session.look() as tx:
                yield tx
            return
        try:
            with held.file.cursor() as connection, Session(connection, self.path).look() as tx:
                yield tx
        finally:
            with self._looks:
                self._lookers.discard(me)
                self._looks.notify_all()

    def _show(self, held: Kept | None) -> None:
        """Let others look into the file; or no longer, once all who do have looked."""
        with self._looks:
            self._at_work = held
            self._looks.wait_for(lambda: held is not None or not self._lookers)

    def _connect(self, limits: Limits) -> duckdb.DuckDBPyConnection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseUnusable(self.path, error.strerror or str(error)) from error
        attempts = Retrying(
            retry=retry_if_exception_type(WarehouseBusy),
            stop=stop_after_delay(self.wait),
            wait=wait_random(0.05, 0.25),
            reraise=True,
        )
        return attempts(self._connect_once, limits)

    def _connect_once(self, limits: Limits) -> duckdb.DuckDBPyConnection:
        before = self._inode()
        try:
            connection = connect(self.path, limits)
        except duckdb.IOException as error:
            if "Could not set lock" in str(error):
                raise WarehouseBusy(self.path, self._holder(str(error))) from error
            raise WarehouseUnusable(self.path, first_line(error)) from error
        except duckdb.Error as error:
            raise WarehouseUnusable(self.path, first_line(error)) from error
        inode = self._inode()
        if before is not None and before != inode:  # another file took its place: we may hold the former one
            connection.close()
            raise WarehouseBusy(self.path, "?")
        if self._migrated != inode:
            try:
                discard(self.path.with_name(self.path.name + DRAFT))  # of a program that was killed
                migrate(connection)
            except (OSError, duckdb.Error) as error:
                connection.close()
                raise WarehouseUnusable(self.path, first_line(error)) from error
            self._migrated = inode
        return connection

    def _inode(self) -> int | None:
        with contextlib.suppress(OSError):
            return self.path.stat().st_ino
        return None

    @property
    def _signature(self) -> Path:
        return self.path.with_name(self.path.name + ".holder")

    def _sign(self, job: str) -> None:
        note = {"pid": os.getpid(), "job": job, "since": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        with contextlib.suppress(OSError):
            self._signature.write_text(json.dumps(note), encoding="utf-8")

    def _holder(self, message: str) -> str:
        """The PID that DuckDB names, with that process's own note if it left one."""
        pid = message.partition("(PID ")[2].partition(")")[0]
        with contextlib.suppress(OSError, ValueError, KeyError):
            note = json.loads(self._signature.read_text(encoding="utf-8"))
            if str(note["pid"]) == pid or not pid:
                return f"PID {note['pid']} ({note['job']}, {note['since']})"
        return f"PID {pid}" if pid else "?"
