"""A warehouse that was filled by an earlier version of the program is brought up to date, its rows as they were."""

import shutil
from pathlib import Path

import duckdb
import pytest

from warehouse import migrate

STEPS = sorted(file.stem for file in migrate.FOLDER.glob("*.sql"))
ROWS = 5_000
MADE_AGAIN = {
    "core.payments",
    "core.costs",
    "ops.notes",
}  # emptied by a step: the next build fills them from raw
VALUES = {
    "BIGINT": "number",
    "UBIGINT": "number",
    "INTEGER": "cast(number % 1000000 as integer)",
    "VARCHAR": "'text ' || number",
    "BOOLEAN": "number % 2 = 0",
    "DATE": "date '2026-01-01' + cast(number % 300 as integer)",
    "TIMESTAMP": "timestamp '2026-01-01' + to_minutes(number)",
    "TIMESTAMP WITH TIME ZONE": "timestamptz '2026-01-01 00:00:00+00'",
}


@pytest.mark.parametrize("step", STEPS[:-1])
def test_a_filled_file_of_an_earlier_version_is_brought_up_to_date(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = tmp_path / "migrations"
    former.mkdir()
    for name in STEPS[: STEPS.index(step) + 1]:
        shutil.copy(migrate.FOLDER / f"{name}.sql", former)
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        with monkeypatch.context() as earlier:
            earlier.setattr(migrate, "FOLDER", former)
            migrate.migrate(connection)
        filled = fill(connection)

    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        migrate.migrate(connection)
        for table in (filled & set(tables(connection))) - MADE_AGAIN:
            assert connection.sql(f"select count(*) from {table}").fetchall() == [(ROWS,)]


def tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.sql("select schema_name || '.' || table_name from duckdb_tables() where not temporary")
    return [name for (name,) in found.fetchall()]


def fill(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Put rows into every table but the note of the migrations; return the tables."""
    names = {name for name in tables(connection) if name != "ops.migrations"}
    for name in names:
        kinds = [kind for _, kind, *_ in connection.sql(f"describe {name}").fetchall()]
        values = ", ".join(VALUES.get(kind, f"cast({sample(kind)} as {kind})") for kind in kinds)
        connection.execute(f"insert into {name} select {values} from range({ROWS}) as made(number)")
    return names


def sample(kind: str) -> str:
    """What can be cast to a kind that VALUES does not name."""
    return "'[]'" if kind.endswith("[]") else "'{}'" if kind.startswith("MAP") else "number % 1000"
