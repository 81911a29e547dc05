"""The read copy: marts as a separate file, renamed into place, so that readers never meet the lock."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb

from warehouse.database import Limits, Row, Session, WarehouseUnusable, connect

PUBLISHED = ("mart", "core", "ops")  # schemas of the read copy; `core` only where it is small reference
_REFERENCE = ("settings", "users", "pipelines", "statuses", "roles")


class NothingPublished(Exception):
    """No build has been published yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


def publish(session: Session, path: Path) -> None:
    """Copy the marts and what `status` reads to `path`; readers see the old copy or the new one, nothing between."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        session.execute(f"attach '{_quoted(draft)}' as published (storage_version 'latest')")
        try:
            _copy(session)
        finally:
            session.execute("detach published")
        draft.replace(path)
    except (OSError, duckdb.Error) as error:
        with contextlib.suppress(OSError):
            draft.unlink()
            draft.with_name(draft.name + ".wal").unlink()
        raise WarehouseUnusable(path, str(error).partition("\n")[0]) from error


def _copy(session: Session) -> None:
    tables = session.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() "
        "and (schema_name in ('mart', 'ops') "
        "or (schema_name = 'core' and list_contains(?, table_name))) order by 1, 2",
        [list(_REFERENCE)],
    )
    session.execute("begin")
    for schema in PUBLISHED:
        session.execute(f"create schema published.{schema}")
    for schema, table in tables:
        session.execute(f"create table published.{schema}.{table} as from {schema}.{table}")
    session.execute("create table published.ops.cursors as from raw.cursors")
    session.execute("commit")


class Shelf:
    """The published copy, open for reading."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: list[object] | None = None) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def table(self, name: str) -> list[Row] | None:
        """Every row of a mart in its stored order; None where the mart was not built."""
        schema, _, table = name.partition(".")
        known = self.rows(
            "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, table]
        )
        return self.rows(f"from {schema}.{table}") if known else None


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
