"""The read copy: marts as a separate file, renamed into place, so that readers never meet the lock."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.database import Limits, Row, Session, WarehouseUnusable, connect, discard

PUBLISHED = ("mart", "core", "ops")  # schemas of the read copy; `core` only where it is small reference
UPDATES = 200  # of one copy, then it is made from nothing: what was taken out leaves holes
PORTION = 10_000  # rows
EVERYTHING = "*"  # of a mart differs, or may
Among = Sequence[tuple[str, Sequence[object]]]
_COPIES = "ops.copies"  # of the read copy: how often it was updated
_REFERENCE = ("settings", "users", "pipelines", "statuses", "roles")


class NothingPublished(Exception):
    """No build has been published yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


@dataclass(frozen=True, slots=True)
class Difference:
    """By what the marts differ from those of an earlier build.

    `since`: the note of that build, by which its published copy is known. `changes`: by mart the table of the keys
    whose rows differ; empty where none does. What is not named there is copied, and EVERYTHING as well.
    `keys`: by mart the columns of its keys, with commas. `fresh`: by mart a table that holds all rows of the keys
    that differ, where there is one; it is quicker to read than the mart.
    """

    since: str
    changes: Mapping[str, str]
    keys: Mapping[str, str]
    fresh: Mapping[str, str]


def publish(session: Session, path: Path, difference: Difference | None = None) -> None:
    """Copy the marts and what `status` reads to `path`; readers see the old copy or the new one, nothing between.

    With a difference the copy that stands there is taken over and brought up to date, where it is the right one.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        discard(draft)
        if difference is None or not _update(session, path, draft, difference):
            discard(draft)
            with _attached(session, draft):
                _copy(session)
        draft.replace(path)
    except (OSError, duckdb.Error, WarehouseUnusable) as error:
        with contextlib.suppress(OSError):
            discard(draft)
        reason = error.reason if isinstance(error, WarehouseUnusable) else str(error).partition("\n")[0]
        raise WarehouseUnusable(path, reason) from error


@contextlib.contextmanager
def _attached(session: Session, draft: Path) -> Iterator[None]:
    """The draft as the database `published`; at the end all of it stands in the one file, for it has no log."""
    session.execute(
        f"attach '{_quoted(draft)}' as published (storage_version 'latest', recovery_mode 'no_wal_writes')"
    )
    try:
        yield
    finally:
        session.execute("detach published")


def _update(session: Session, path: Path, draft: Path, difference: Difference) -> bool:
    """Bring a copy of the published file up to date; whether that could be done."""
    try:
        shutil.copyfile(path, draft)
        with _attached(session, draft):
            return _is_of(session, difference.since) and _follow(session, difference)
    except (OSError, duckdb.Error, WarehouseUnusable):  # nothing was published, or what is none of ours
        return False


def _is_of(session: Session, build: str) -> bool:
    """Whether the copy is that of this build, and has not been updated so often that it is full of holes."""
    ((updates,),) = session.execute(f"select updates from published.{_COPIES}")
    noted = session.execute("select value from published.ops.notes where name = 'build'")
    return noted == [(build,)] and updates < UPDATES


def _follow(session: Session, difference: Difference) -> bool:
    """Bring the draft up to date. What is replaced goes first, so that the new can stand in its place in the file."""
    known = session.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'published'"
    )
    tables = _tables(session)
    kept = {
        name: change
        for name in tables
        if (name,) in known and (change := difference.changes.get(name, EVERYTHING)) != EVERYTHING
    }
    session.execute("begin")
    for (name,) in known:
        if name not in kept and name != _COPIES:
            session.execute(f"drop table published.{name}")
    session.execute("commit")
    session.execute("checkpoint published")
    session.execute("begin")
    for name in tables:
        if name not in kept:
            session.execute(f"create table published.{name} as from {name}")
        elif kept[name]:
            keys = difference.keys[name]
            among = f"({keys}) in (select ({keys}) from {kept[name]})"
            session.execute(f"delete from published.{name} where {among}")
            fresh = difference.fresh.get(name, name)
            session.execute(f"insert into published.{name} from {fresh} where {among}")
    session.execute(f"update published.{_COPIES} set updates = updates + 1")
    session.execute("create table published.ops.cursors as from raw.cursors")
    session.execute("commit")
    return True


def _copy(session: Session) -> None:
    session.execute("begin")
    for schema in PUBLISHED:
        session.execute(f"create schema published.{schema}")
    for name in _tables(session):
        session.execute(f"create table published.{name} as from {name}")
    session.execute(f"create table published.{_COPIES} as select 0 as updates")
    session.execute("create table published.ops.cursors as from raw.cursors")
    session.execute("commit")


def _tables(session: Session) -> list[str]:
    """What is published, by name."""
    found = session.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database() "
        "and (schema_name in ('mart', 'ops') "
        "or (schema_name = 'core' and list_contains(?, table_name))) order by 1",
        [list(_REFERENCE)],
    )
    return [name for (name,) in found]


class Shelf:
    """The published copy, open for reading."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        found = self.rows("select schema_name || '.' || table_name from duckdb_tables()")
        self._names = {name for (name,) in found}

    def rows(self, sql: str, parameters: list[object] | None = None) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def table(
        self,
        name: str,
        order: Sequence[str] = (),
        limit: int | None = None,
        *,
        columns: Sequence[str] = (),
        among: Among = (),
    ) -> list[Row] | None:
        """The rows of a mart, at most `limit`, in their stored order; None where it was not built.

        `order`: columns to sort by first, `-` before a name turns it round; what is not known stands last.
        `columns`: these alone, all if none is named. `among`: the rows in which each column has one of its values.
        """
        if name not in self._names:
            return None
        found, values = _from(name, order, among)
        most = "" if limit is None else f" limit {limit}"
        return self.rows(f"select {', '.join(map(_name, columns)) or '*'} {found}{most}", values)

    def has(self, name: str) -> bool:
        """Whether a mart was built."""
        return name in self._names

    def stream(self, name: str, order: Sequence[str] = ()) -> Iterator[Row]:
        """The rows of a mart that was built, a portion of them in memory at a time."""
        found = self._connection.execute(_from(name, order)[0])
        while rows := found.fetchmany(PORTION):
            yield from rows

    def save(self, name: str, order: Sequence[str], path: Path) -> None:
        """Put a mart that was built into a Parquet file, its columns with the very types they have here."""
        try:
            self._connection.execute(f"copy ({_from(name, order)[0]}) to '{_quoted(path)}' (format parquet)")
        except duckdb.IOException as error:
            reason = str(error).partition("\n")[0].rpartition(": ")[2]  # kind, file, reason
            raise OSError(errno.EIO, reason, str(path)) from error

    def aggregate(self, name: str, aggregates: Sequence[str], among: Among = ()) -> Row:
        """What aggregates come to over the rows of a mart that was built."""
        where, values = _where(among)
        (row,) = self.rows(f"select {', '.join(aggregates)} from {name}{where}", values)
        return row


def _from(name: str, order: Sequence[str], among: Among = ()) -> tuple[str, list[object] | None]:
    """The rows of a mart in an order, and the values that stand in the condition."""
    where, values = _where(among)
    by = f" order by {', '.join([*map(_term, order), 'rowid'])}" if order else ""
    return f"from {name}{where}{by}", values


def _where(among: Among) -> tuple[str, list[object] | None]:
    """The condition and the values that stand in it."""
    if not among:
        return "", None
    terms = (f"{_name(column)} in ({', '.join('?' * len(values))})" for column, values in among)
    return f" where {' and '.join(terms)}", [value for _, values in among for value in values]


def _name(column: str) -> str:
    return f'"{column}"'


def _term(key: str) -> str:
    return f"{key.removeprefix('-')} {'desc' if key.startswith('-') else 'asc'} nulls last"


@contextlib.contextmanager
def read_published(path: Path, limits: Limits | None = None) -> Iterator[Shelf]:
    """Open the newest published copy; it stays what it is for as long as it is open."""
    if not path.exists():
        raise NothingPublished(path)
    try:
        connection = connect(path, limits or Limits(memory="256MB", threads=1), read_only=True)
    except duckdb.Error as error:
        raise WarehouseUnusable(path, str(error).partition("\n")[0]) from error
    try:
        yield Shelf(connection)
    finally:
        connection.close()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
