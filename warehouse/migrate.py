"""Migrations: numbered SQL files, each kept together with the note that it was applied."""

from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the file's schema up to this version of the program; a cut half-way leaves the last whole step."""
    done = _applied(connection)
    for file in sorted(FOLDER.glob("*.sql")):
        if file.stem in done:
            continue
        connection.execute("begin")
        try:
            connection.execute(file.read_text(encoding="utf-8"))
            connection.execute("insert into ops.migrations (name, applied_at) values (?, now())", [file.stem])
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")


def _applied(connection: duckdb.DuckDBPyConnection) -> set[str]:
    known = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'ops' and table_name = 'migrations'"
    ).fetchone()
    if known is None:
        return set()
    return {name for (name,) in connection.execute("select name from ops.migrations").fetchall()}
