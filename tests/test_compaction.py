"""The warehouse file is rid of its holes, and nobody loses anything by it: not who waits, not who is killed."""

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import jobs as jobs_module
import service as service_module
from exporting import Exporter
from jobs import NEEDED, Jobs
from sandbox.amocrm import AmoServer
from sandbox.amocrm.big import big_account, change
from service import Service
from tests.harness import NOON, ROOT, SECRET, SetClock, an_office, kill, make_jobs, wait_until
from warehouse.compaction import WORTH, compact
from warehouse.database import DRAFT, Warehouse
from warehouse.session import BLOCK

ROWS = 400_000
ROUNDS = 6
TABLES = "select schema_name || '.' || table_name from duckdb_tables() order by 1"
BLOCK_SIZE = "select block_size from pragma_database_size() where database_name = current_database()"
SHAPE = (
    "select schema_name, table_name, sql from duckdb_tables() union all "
    "select schema_name, view_name, sql from duckdb_views() where not internal order by all"
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A file whose greater part is holes, and something that was kept."""
    found = Warehouse(tmp_path / "state" / "vitrina.duckdb")
    with found.transaction("test") as tx:
        tx.execute("create table raw.kept as select (range * 7919) % 1000003 as number from range(5000)")
        tx.execute("insert into ops.notes values ('kept', 'as it was', now()::timestamp)")
        tx.execute("select nextval('ops.run_numbers') from range(5)")
    make_holes(found)
    return found


def make_holes(warehouse: Warehouse, rows: int = ROWS) -> None:
    with warehouse.transaction("test") as tx:
        tx.execute("create table if not exists raw.kept as from range(5000)")
        tx.execute(f"create table raw.passing as select range, hash(range) as mark from range({rows})")
        tx.execute(
            "create table raw.after_it as from raw.passing limit 5000"
        )  # the end of the file is in use
    with warehouse.transaction("test") as tx:
        tx.execute("drop table raw.passing")
        tx.execute("create or replace table raw.kept as from raw.kept")
        tx.execute("drop table raw.after_it")
        tx.execute("create or replace table raw.tail as select hash(range) as mark from range(5000)")


def everything(warehouse: Warehouse) -> dict[str, list[object]]:
    with warehouse.transaction("test") as tx:
        found: dict[str, list[object]] = {
            name: list(tx.execute(f"from {name}")) for (name,) in tx.execute(TABLES)
        }
        found["shape"] = list(tx.execute(SHAPE))
    return found


def test_a_file_of_holes_becomes_small_and_holds_the_same(warehouse: Warehouse) -> None:
    before, size = everything(warehouse), warehouse.path.stat().st_size

    assert compact(warehouse, worth=1) == (size, warehouse.path.stat().st_size)

    assert warehouse.path.stat().st_size < size / 2
    assert everything(warehouse) == before
    with warehouse.transaction("test") as tx:
        assert tx.execute("select nextval('ops.run_numbers')") == [(6,)]
    assert [path.name for path in warehouse.path.parent.iterdir()] == [warehouse.path.name]


def test_rows_that_were_taken_out_are_holes_as_well(tmp_path: Path) -> None:
    """DuckDB leaves them in their blocks and calls those used."""
    warehouse = Warehouse(tmp_path / "vitrina.duckdb")
    with warehouse.transaction("test") as tx:
        tx.execute(f"create table raw.kept as select hash(range) as mark from range({ROWS})")
    with warehouse.transaction("test") as tx:
        tx.execute("delete from raw.kept where mark % 20 < 9")
    assert compact(warehouse, worth=1) is None  # less than half
    with warehouse.transaction("test") as tx:
        tx.execute(f"create table raw.passing as select hash(range) as mark from range({ROWS // 2})")
    with warehouse.transaction("test") as tx:
        tx.execute("drop table raw.passing")
        kept = tx.execute("select count(*), sum(mark) from raw.kept")
    size = warehouse.path.stat().st_size

    assert compact(warehouse, worth=1) is not None

    assert warehouse.path.stat().st_size < size / 2
    with warehouse.transaction("test") as tx:
        assert tx.execute("select count(*), sum(mark) from raw.kept") == kept


def test_a_file_of_an_earlier_version_is_written_anew_in_smaller_blocks(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "vitrina.duckdb")
    with duckdb.connect(str(warehouse.path)) as former:
        former.execute("create table noted as select 1 as number")
    with warehouse.transaction("test") as tx:
        assert tx.execute(BLOCK_SIZE) == [(262_144,)]
    make_holes(warehouse)
    before = everything(warehouse)

    assert compact(warehouse, worth=1) is not None

    assert everything(warehouse) == before
    with warehouse.transaction("test") as tx:
        assert tx.execute(BLOCK_SIZE) == [(BLOCK,)]


def test_a_file_that_is_not_worth_it_is_left_alone(warehouse: Warehouse) -> None:
    inode = warehouse.path.stat().st_ino

    assert compact(warehouse, worth=WORTH) is None
    assert warehouse.path.stat().st_ino == inode
    assert compact(warehouse, worth=1) is not None
    assert compact(warehouse, worth=1) is None


def test_what_another_writes_down_in_the_new_file_is_not_taken_away(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the new file's coming and the old one's closing, another process may be at work in the new one."""
    beside = warehouse.path.with_name(warehouse.path.name + ".wal")
    replace = Path.replace

    def replaced(self: Path, target: Path) -> Path:
        moved = replace(self, target)
        beside.write_bytes(b"another's log")
        return moved

    monkeypatch.setattr(Path, "replace", replaced)
    compact(warehouse, worth=1)

    assert beside.read_bytes() == b"another's log"


WRITER = """
import sys
from pathlib import Path
from warehouse.database import Warehouse

warehouse = Warehouse(Path(sys.argv[1]), wait=60)
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    with warehouse.transaction("writer") as tx:
        tx.execute("insert into raw.written values (?)", [number])
"""


def test_who_writes_meanwhile_loses_nothing(warehouse: Warehouse) -> None:
    with warehouse.transaction("test") as tx:
        tx.execute("create table raw.written (number integer)")
    many = 40
    compacted = 0
    with program(WRITER, warehouse.path, many) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        patient = Warehouse(warehouse.path, wait=60)
        while writer.poll() is None:
            make_holes(patient)
            compacted += compact(patient, worth=1) is not None
        assert writer.returncode == 0

    assert compacted > 0
    with warehouse.transaction("test") as tx:
        assert tx.execute("select number from raw.written order by 1") == [
            (number,) for number in range(many)
        ]


COMPACTOR = """
import sys
from pathlib import Path
from warehouse.compaction import compact
from warehouse.database import Warehouse

print("ready", flush=True)
compact(Warehouse(Path(sys.argv[1])), worth=1)
"""


@pytest.mark.parametrize("lifetime", [0.02, 0.06, 0.1, 0.2])
def test_killed_at_any_moment_it_leaves_a_whole_file(warehouse: Warehouse, lifetime: float) -> None:
    before = everything(warehouse)
    with program(COMPACTOR, warehouse.path) as compactor:
        assert compactor.stdout is not None
        compactor.stdout.readline()
        time.sleep(lifetime)
        kill(compactor)

    again = Warehouse(warehouse.path)

    assert everything(again) == before
    assert not warehouse.path.with_name(warehouse.path.name + DRAFT).exists()


def program(text: str, *arguments: object) -> subprocess.Popen[str]:
    words = [str(argument) for argument in arguments]
    return subprocess.Popen([sys.executable, "-c", text, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_round_after_round_the_files_stay_what_they_are(tmp_path: Path) -> None:
    """One per cent of the deals changes each time: a build writes beside what it replaces, and that is all."""
    clock = SetClock()
    account = big_account(600, now=NOON.timestamp() - 86_400)
    account.account.clock = clock
    with AmoServer(account.account, rate=0) as server:
        jobs = make_jobs(tmp_path, server, account.mapping, clock)
        jobs.sync(NEEDED)
        jobs.build(full=True)
        first, grown = sizes(jobs), []
        for number in range(ROUNDS):
            clock.pass_by(900)
            change(account, 10, seed=number)
            clock.pass_by(60)
            jobs.sync(("leads", "events"))
            jobs.build()
            grown.append(max(size / was for size, was in zip(sizes(jobs), first, strict=True)))
    assert max(grown) <= 2
    assert grown[-1] <= grown[1] * 1.05


def test_the_service_does_it_at_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "QUARTER", 0.2)
    monkeypatch.setattr(jobs_module, "WORTH", 1)
    noon = 12  # in the account's zone, at which the office's clock stands
    with an_office(tmp_path, deals=10, months=1) as office:
        jobs = office.product("product", sync={"reconcile_hour": noon})
        jobs.sync(NEEDED)
        jobs.build()
        make_holes(jobs.parts.warehouse, 15 * ROWS)
        path = jobs.parts.config.warehouse.path
        inode = path.stat().st_ino
        service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=0, secret=SECRET, max_body=10_000)
        service.start()
        try:
            wait_until(lambda: path.stat().st_ino != inode, 60, "the file written anew")
        finally:
            service.stop()


def sizes(jobs: Jobs) -> list[int]:
    places = jobs.parts.config.warehouse
    return [place.stat().st_size for place in (places.path, places.published)]
