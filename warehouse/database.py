"""The warehouse file: opened for one job or page, written in transactions, refused politely when busy."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

from warehouse.kept import Kept
from warehouse.migrate import migrate

Parameters = Mapping[str, Any] | Sequence[Any]
Row = tuple[Any, ...]
LINGER = 0.05  # seconds the file stays open after a use, in case it is opened again at once
LONGEST_HOLD = 1.0  # seconds after which it is closed all the same, so that nobody else waits for long
LOG = "64MiB"  # of changes go into the log beside the file before all are moved into it, amid a job
LARGE = "100KB"  # of changes; fewer go into the log even of a transaction that is called large
DRAFT = ".compact"  # ends the name of a file that is to take the warehouse's place


class WarehouseError(Exception):
    """The warehouse could not be used."""


class WarehouseBusy(WarehouseError):
    """Another process holds the file; `holder` says which, where that is known."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is held by {holder}")
        self.path = path
        self.holder = holder


class WarehouseUnusable(WarehouseError):
    """The file cannot be opened or written: rights, a full disk, a file that is not ours."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Transaction:
    """Statements that are kept together or not at all."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def columns(self, sql: str) -> list[tuple[str, str]]:
        """Name and type of each column that `sql` returns."""
        described = self._connection.execute(f"describe {sql}").fetchall()
        return [(name, kind) for name, kind, *_ in described]


@dataclass(frozen=True, slots=True)
class Limits:
    """What DuckDB may use of the machine."""

    memory: str = "512MB"
    threads: int = 2


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

    @contextlib.contextmanager
    def open(self, job: str, *, is_small: bool = False) -> Iterator["Session"]:
        """`is_small`: the job is about a few pages, which threads cannot share: DuckDB's would spin, waiting."""
        limits = replace(self._limits, threads=1) if is_small else self._limits
        with self._own_turn():
            held = self._take(limits)
            connection = held.file.cursor()  # one of its own: what a job sets for itself ends with it
            is_sound = False
            try:
                self._sign(job)
                yield Session(connection, self.path)
                is_sound = True
            finally:
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
            self._let_go()

    @contextlib.contextmanager
    def _own_turn(self) -> Iterator[None]:
        """One thread at a time; who has the file open and asks for it once more would wait for itself for ever."""
        if self._whose == threading.get_ident():
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
            raise WarehouseUnusable(self.path, _first_line(error)) from error
        except duckdb.Error as error:
            raise WarehouseUnusable(self.path, _first_line(error)) from error
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
                raise WarehouseUnusable(self.path, _first_line(error)) from error
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


class Session:
    """The open file. A disk that fails is WarehouseUnusable whoever holds the session, and however long."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @contextlib.contextmanager
    def transaction(self, *, is_large: bool = False) -> Iterator[Transaction]:
        """`is_large`: what is written goes straight into the file, not into the log beside it first."""
        with self._usable():
            self._connection.execute("begin")
            try:
                yield Transaction(self._connection)
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    self._connection.execute("rollback")
                raise
            if is_large:
                self._connection.execute(f"set checkpoint_threshold = '{LARGE}'")
            self._connection.execute("commit")
            if is_large:
                self._connection.execute(f"set checkpoint_threshold = '{LOG}'")

    @contextlib.contextmanager
    def rehearsal(self) -> Iterator[Transaction]:
        """A transaction that is taken back at its end, however that comes."""
        with self._usable():
            self._connection.execute("begin")
            try:
                yield Transaction(self._connection)
            finally:
                with contextlib.suppress(duckdb.Error):
                    self._connection.execute("rollback")

    def execute(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """A statement of its own, outside any transaction (attach, detach, pragma)."""
        with self._usable():
            return self._connection.execute(sql, parameters).fetchall()

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
            raise WarehouseUnusable(self._path, _first_line(error)) from error


def connect(path: Path | str, limits: Limits, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file our way: compressed payloads, UTC, bounded memory, no extension fetched behind our back."""
    options: dict[str, Any] = {
        "memory_limit": limits.memory,
        "threads": limits.threads,
        "autoinstall_known_extensions": False,
        "preserve_insertion_order": True,
    }
    if not read_only:
        options["storage_compatibility_version"] = "latest"
        options["checkpoint_threshold"] = LOG
    connection = duckdb.connect(str(path), read_only=read_only, config=options)
    connection.execute("set global timezone = 'UTC'")
    return connection


def discard(path: Path) -> None:
    """Take a database file away, and the log beside it."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
