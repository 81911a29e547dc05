"""The open file: statements, kept together or not at all, and what may be wrong with it."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

Parameters = Mapping[str, Any] | Sequence[Any]
Row = tuple[Any, ...]
LOG = "64MiB"  # of changes go into the log beside the file before all are moved into it, amid a job
LARGE = "100KB"  # of changes; fewer go into the log even of a transaction that is called large
BLOCK = 65_536  # bytes of a new file's blocks: a table takes one at least, and most tables are small


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


class Session:
    """The open file. A disk that fails is WarehouseUnusable whoever holds the session, and however long."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        work_with: Callable[[int], None] | None = None,
    ) -> None:
        self._connection = connection
        self._path = path
        self._work_with = work_with  # for the whole file, not for one connection

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

    @contextlib.contextmanager
    def look(self) -> Iterator[Transaction]:
        """A transaction that cannot write; it sees what was kept when it began."""
        with self._usable():
            self._connection.execute("begin read only")
            try:
                yield Transaction(self._connection)
            finally:
                with contextlib.suppress(duckdb.Error):
                    self._connection.execute("rollback")

    def execute(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """A statement of its own, outside any transaction (attach, detach, pragma)."""
        with self._usable():
            return self._connection.execute(sql, parameters).fetchall()

    def statements(self) -> Transaction:
        """Statements outside any transaction: each is kept by itself."""
        return Transaction(self._connection)

    @contextlib.contextmanager
    def beside(self) -> Iterator["Session"]:
        """Another session of the open file, for another thread; it sees what was kept."""
        connection = self._connection.cursor()
        try:
            yield Session(connection, self._path)
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.close()

    def attach(self, path: Path, name: str, options: str) -> None:
        """Open another file beside this one, under a name of its own."""
        quoted = str(path).replace("'", "''")
        self.execute(f"attach '{quoted}' as {name} ({options})")

    def detach(self, name: str) -> None:
        """Let go of an attached file, with all that it is to hold written into it."""
        self.look_away()
        self.execute(f"detach {name}")

    def look_into(self, name: str) -> None:
        """Have `mart` be that of an attached file from here on; all else stays what it is."""
        [(own,)] = self.execute("select current_database()")
        own = own.replace('"', '""').replace("'", "''")
        self.execute(f"""set search_path = '"{own}".main,{name}.mart'""")

    def look_away(self) -> None:
        """Have `mart` be nothing again."""
        self.execute("reset search_path")

    def unshare(self) -> None:
        """Have no statement shared among threads from here on, until somebody takes the file for another job.

        Where there are many small ones, DuckDB's threads spin at the beginning and the end of each: a third of all
        the processor's time, gained by nobody.
        """
        if self._work_with is not None:
            with self._usable():
                self._work_with(1)

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
            raise WarehouseUnusable(self._path, first_line(error)) from error


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
        options["default_block_size"] = BLOCK  # a file that stands keeps its own
    connection = duckdb.connect(str(path), read_only=read_only, config=options)
    connection.execute("set global timezone = 'UTC'")
    return connection


def first_line(error: Exception) -> str:
    """What an error of DuckDB says, without its advice."""
    return str(error).strip().partition("\n")[0]


def discard(path: Path) -> None:
    """Take a database file away, and the log beside it."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
