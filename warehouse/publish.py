"""The published copy: the marts, a file beside the warehouse, so that readers never meet its lock."""

import contextlib
import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from warehouse.database import Limits, Row, Transaction, Warehouse, WarehouseUnusable, connect
from warehouse.journal import AHEAD, read_note
from warehouse.session import first_line

PORTION = 10_000  # rows
Among = Sequence[tuple[str, Sequence[object]]]


class NothingPublished(Exception):
    """No build has been published yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class MartsBehind(NothingPublished):
    """The ledgers say more than the published marts: a build did not end, or the file is not that of the last one."""


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
            quoted = str(path).replace("'", "''")
            self._connection.execute(f"copy ({_from(name, order)[0]}) to '{quoted}' (format parquet)")
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


@contextlib.contextmanager
def with_marts(warehouse: Warehouse, path: Path, job: str) -> Iterator[Transaction]:
    """A transaction of the warehouse in which `mart` names the published marts.

    NothingPublished where there are none, MartsBehind where they are not of what the ledgers say by now.
    """
    with warehouse.open(job, is_small=True) as session:
        if not path.exists():
            raise NothingPublished(path)
        try:
            session.attach(path, "published", "read_only")
        except (duckdb.Error, WarehouseUnusable) as error:
            raise WarehouseUnusable(path, first_line(error)) from error
        try:
            session.look_into("published")
            with session.transaction() as tx:
                published = tx.execute("select value from published.ops.notes where name = 'build'")
                if published != [(read_note(tx, "build"),)] or read_note(tx, AHEAD) is not None:
                    raise MartsBehind(path)
                yield tx
        finally:
            session.detach("published")
