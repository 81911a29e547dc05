"""The next published copy: what it begins as, that nobody sees it before it is whole, and what becomes of it else."""

from pathlib import Path

import duckdb
import pytest

from warehouse import draft as drafts
from warehouse.database import Session, Warehouse
from warehouse.draft import drafted
from warehouse.publish import read_published

NOTE = '{"run": 1}'


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / 'it\'s a "name".duckdb')


def note(session: Session, build: str) -> None:
    session.execute("delete from ops.notes where name = 'build'")
    session.execute("insert into ops.notes values ('build', ?, now())", [build])


def publish(warehouse: Warehouse, path: Path, before: str | None, build: str, *statements: str) -> bool:
    """Publish what the statements make of the draft; whether it began as what was published."""
    with warehouse.open("build") as session, drafted(session, path) as draft:
        draft.take_over(before)
        stood = draft.stands
        for statement in statements:
            session.execute(statement)
        note(session, build)
        draft.publish()
    return stood


@pytest.mark.parametrize("before", [NOTE, '{"run": 7}', None])
def test_a_draft_begins_as_the_copy_of_the_last_build_or_as_nothing(
    warehouse: Warehouse, tmp_path: Path, before: str | None
) -> None:
    path = tmp_path / "marts.duckdb"
    publish(warehouse, path, None, NOTE, "create table mart.one as select 1 as number")

    stood = publish(warehouse, path, before, '{"run": 2}', "create table mart.two as select 2 as number")

    assert stood is (before == NOTE)
    with read_published(path) as shelf:
        assert shelf.table("mart.one") == ([(1,)] if stood else None)
        assert shelf.table("mart.two") == [(2,)]


def test_nobody_sees_a_draft_and_nothing_of_it_remains(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "marts.duckdb"
    publish(warehouse, path, None, NOTE, "create table mart.one as select 1 as number")

    with warehouse.open("build") as session:
        with drafted(session, path) as draft:
            draft.take_over(NOTE)
            session.execute("create or replace table mart.one as select 2 as number")
            with read_published(path) as shelf:
                assert shelf.table("mart.one") == [(1,)]
        assert session.execute("select schema_name from duckdb_schemas() where schema_name = 'mart'") == []

    with read_published(path) as shelf:
        assert shelf.table("mart.one") == [(1,)]
    assert not [file.name for file in tmp_path.iterdir() if ".part" in file.name]


def test_what_a_killed_program_left_of_its_draft_is_in_nobodys_way(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "marts.duckdb"
    left = tmp_path / "marts.duckdb.part"
    with duckdb.connect(str(left)) as file:
        file.execute("create schema mart; create table mart.strange as select 1")

    publish(warehouse, path, None, NOTE, "create table mart.one as select 1 as number")

    assert not left.exists()
    with read_published(path) as shelf:
        assert shelf.table("mart.strange") is None


def test_a_copy_that_was_updated_often_is_written_anew(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is replaced leaves holes in it."""
    monkeypatch.setattr(drafts, "UPDATES", 5)
    path = tmp_path / "marts.duckdb"
    sizes = []
    for run in range(12):
        publish(
            warehouse,
            path,
            f"{run - 1}" if run else None,
            f"{run}",
            *(["create table mart.still as select range as number from range(1000)"] if not run else []),
            f"create or replace table mart.one as select hash(range, {run}) as number from range(100000)",
        )
        sizes.append(path.stat().st_size)

    with read_published(path) as shelf:
        assert len(shelf.table("mart.one") or []) == 100_000
        assert shelf.table("mart.still") == [(number,) for number in range(1000)]
        [(updates,)] = shelf.rows("select updates from ops.copies")
    assert updates <= 6
    assert sizes[-1] < 3 * sizes[0]
