"""The warehouse file: opened by one, whole or not at all, and polite when it is taken."""

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.runs import recorded
from warehouse import database
from warehouse.database import LINGER, Limits, Transaction, Warehouse, WarehouseBusy, WarehouseUnusable
from warehouse.draft import drafted
from warehouse.migrate import FOLDER
from warehouse.publish import NothingPublished, read_published

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


class PowerCut(BaseException):
    """The lights go out."""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "vitrina.duckdb", wait=0.0)


@contextmanager
def held_by_another(path: Path) -> Iterator[int]:
    """A DuckDB shell of somebody's holds the file."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder.pid
    finally:
        holder.communicate(timeout=20)


def answer(warehouse: Warehouse, sql: str) -> list[tuple[object, ...]]:
    with warehouse.transaction("test") as tx:
        return tx.execute(sql)


def test_a_new_file_has_every_migration_once(warehouse: Warehouse) -> None:
    names = sorted(file.stem for file in FOLDER.glob("*.sql"))

    assert answer(warehouse, "select name from ops.migrations order by 1") == [(name,) for name in names]
    again = Warehouse(warehouse.path)
    assert answer(again, "select count(*) from ops.migrations") == [(len(names),)]


def test_small_tables_that_are_written_one_by_one_take_little_room(warehouse: Warehouse) -> None:
    many = 20
    with warehouse.open("test") as session:
        for number in range(many):
            session.execute(f"create table raw.table_{number} as select hash(range) as mark from range(1000)")
            session.execute("checkpoint")

    assert warehouse.path.stat().st_size < many * 128 * 1024


def test_statements_are_kept_together_or_not_at_all(warehouse: Warehouse) -> None:
    def write(tx: Transaction, error: BaseException | None = None) -> None:
        tx.execute("insert into raw.touched values ('leads', 1)")
        if error is not None:
            raise error

    with pytest.raises(PowerCut), warehouse.transaction("test") as tx:
        write(tx, PowerCut())
    assert answer(warehouse, "from raw.touched") == []

    with warehouse.transaction("test") as tx:
        write(tx)
    assert answer(warehouse, "from raw.touched") == [("leads", 1)]


def test_moments_are_utc_whatever_the_machine_thinks(warehouse: Warehouse) -> None:
    told = answer(warehouse, "select cast(timestamptz '2026-03-01 12:00:00+00' as timestamp)")

    assert told == [(datetime(2026, 3, 1, 12),)]


def test_a_job_on_one_thread_leaves_the_others_to_the_next(warehouse: Warehouse) -> None:
    asked = "select current_setting('threads')"
    found = []
    with warehouse.lingering():
        for is_unshared in (False, True, False):
            with warehouse.open("build") as session:
                if is_unshared:
                    session.unshare()
                found += session.execute(asked)

    assert found == [(2,), (1,), (2,)]


def test_threads_take_turns(warehouse: Warehouse) -> None:
    inside: list[int] = []
    most: list[int] = []

    def write(number: int) -> None:
        with warehouse.transaction("test") as tx:
            inside.append(number)
            most.append(len(inside))
            tx.execute("insert into raw.touched values ('leads', ?)", [number])
            inside.remove(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert set(most) == {1}
    assert answer(warehouse, "select count(*) from raw.touched") == [(8,)]


def test_a_taken_file_is_refused_with_the_holders_name(warehouse: Warehouse) -> None:
    answer(warehouse, "select 1")
    with held_by_another(warehouse.path) as pid, pytest.raises(WarehouseBusy) as caught:
        answer(warehouse, "select 1")

    assert str(pid) in caught.value.holder
    assert answer(warehouse, "select 1") == [(1,)]


def test_the_note_of_a_killed_process_is_not_taken_for_the_holders(warehouse: Warehouse) -> None:
    answer(warehouse, "select 1")
    note = {"pid": 1, "job": "died long ago", "since": "2026-01-01T00:00:00Z"}
    Path(f"{warehouse.path}.holder").write_text(json.dumps(note), encoding="utf-8")

    with held_by_another(warehouse.path) as pid, pytest.raises(WarehouseBusy) as caught:
        answer(warehouse, "select 1")

    assert str(pid) in caught.value.holder
    assert "died long ago" not in caught.value.holder


def test_one_who_waits_gets_the_file_when_it_is_free(warehouse: Warehouse) -> None:
    patient = Warehouse(warehouse.path, wait=20.0)
    answer(patient, "select 1")
    got: list[object] = []

    def ask() -> None:
        got.append(answer(patient, "select 1"))

    with held_by_another(patient.path):
        waiting = threading.Thread(target=ask)
        waiting.start()
        time.sleep(0.3)
        assert got == []
    waiting.join(20)

    assert got == [[(1,)]]


def test_who_holds_the_file_says_so_and_takes_the_note_away(warehouse: Warehouse) -> None:
    note = Path(f"{warehouse.path}.holder")
    with warehouse.open("a long job"):
        assert json.loads(note.read_text(encoding="utf-8"))["job"] == "a long job"

    assert not note.exists()


@pytest.mark.parametrize("content", [b"this is no database, " * 400, b"PK\x03\x04" + bytes(8000)])
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_is(warehouse: Warehouse, content: bytes) -> None:
    warehouse.path.write_bytes(content)

    with pytest.raises(WarehouseUnusable):
        answer(warehouse, "select 1")

    assert warehouse.path.read_bytes() == content


@pytest.mark.parametrize("block", range(4))
def test_a_damaged_block_is_no_other_process(warehouse: Warehouse, block: int) -> None:
    sql = "create table raw.pile as select md5(number::varchar) as line from range(40000) as numbers (number)"
    answer(warehouse, sql)
    with warehouse.path.open("r+b") as file:
        file.seek(3 * 4096 + block * 262_144 + 100)  # headers, then blocks
        file.write(b"\xff" * 40)

    with pytest.raises(WarehouseUnusable, match="checksum"):
        answer(Warehouse(warehouse.path, wait=0.0), "select max(line) from raw.pile")


def test_a_path_that_cannot_be_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(WarehouseUnusable):
        answer(Warehouse(tmp_path / "file" / "vitrina.duckdb"), "select 1")


@pytest.mark.parametrize("is_large", [False, True])
def test_a_full_disk_is_one_error_also_where_the_file_is_held_on(
    warehouse: Warehouse, is_large: bool
) -> None:
    answer(warehouse, "create table raw.pile (line varchar)")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    with ExitStack() as hold:
        session = hold.enter_context(warehouse.open("a load"))
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
            with (
                pytest.raises(WarehouseUnusable, match="large"),
                session.transaction(is_large=is_large) as tx,
            ):
                tx.execute("insert into raw.pile select sha256(cast(i as varchar)) from range(20000) as t(i)")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert answer(warehouse, "select count(*) from raw.pile") == [(0,)]


def test_a_limit_of_memory_holds(tmp_path: Path) -> None:
    small = Warehouse(tmp_path / "vitrina.duckdb", limits=Limits("200MB", 1))

    ((limit, threads),) = answer(small, "select current_setting('memory_limit'), current_setting('threads')")

    assert (limit, threads) == ("190.7 MiB", 1)


def test_who_has_the_file_open_does_not_wait_for_himself(warehouse: Warehouse) -> None:
    errors: list[str] = []

    def ask_twice() -> None:
        for again in (lambda: warehouse.transaction("inner"), warehouse.lingering):
            with warehouse.transaction("outer"):
                try:
                    with again():
                        pass
                except RuntimeError as error:
                    errors.append(str(error))

    asking = threading.Thread(target=ask_twice, daemon=True)
    asking.start()
    asking.join(20)

    assert errors == [f"{warehouse.path} is already open in this thread"] * 2
    assert answer(warehouse, "select 1") == [(1,)]


# --- lingering ----------------------------------------------------------------------------------------------------


def is_open(warehouse: Warehouse) -> bool:
    return Path(f"{warehouse.path}.holder").exists()


def test_who_only_looks_does_not_wait_for_a_job_and_sees_what_was_kept(warehouse: Warehouse) -> None:
    with warehouse.transaction("before") as tx:
        tx.execute("create table t as select 1 as kept")
    seen: list[object] = []

    def look() -> None:
        with warehouse.glance("look") as tx:
            seen.append(tx.execute("from t"))

    with warehouse.open("long job") as session, session.transaction() as tx:
        tx.execute("insert into t values (2)")
        looker = threading.Thread(target=look, daemon=True)
        looker.start()
        looker.join(10)
        assert seen == [[(1,)]]
    look()
    assert seen[1:] == [[(1,), (2,)]]


@pytest.mark.parametrize("is_at_work", [False, True])
def test_who_looks_cannot_write_nor_take_the_file(warehouse: Warehouse, *, is_at_work: bool) -> None:
    with warehouse.open("job") if is_at_work else nullcontext():
        with (
            pytest.raises(WarehouseUnusable, match="read-only"),
            warehouse.glance("look") as tx,
        ):
            tx.execute("create table t as select 1")
        with (
            warehouse.glance("look"),
            pytest.raises(RuntimeError, match="already open"),
            warehouse.transaction("more"),
        ):
            pass


def test_the_file_is_not_closed_under_who_looks_and_not_shown_while_it_is_private(
    warehouse: Warehouse,
) -> None:
    looked, may_go, ended = threading.Event(), threading.Event(), threading.Event()
    seen: list[object] = []

    def look() -> None:
        with warehouse.glance("look") as tx:
            looked.set()
            may_go.wait(10)
            seen.append(tx.execute("select 1"))

    def work() -> None:
        with warehouse.open("job"):
            threading.Thread(target=look, daemon=True).start()
            looked.wait(10)
        ended.set()

    threading.Thread(target=work, daemon=True).start()
    assert looked.wait(10)
    assert not ended.wait(0.1), "it waits for who looks"
    may_go.set()
    assert ended.wait(10)
    assert seen == [[(1,)]]
    looked.clear()
    with warehouse.open("job", is_private=True):
        looker = threading.Thread(target=look, daemon=True)
        looker.start()
        assert not looked.wait(0.1)
    looker.join(10)
    assert len(seen) == 2


def test_while_it_lingers_the_file_stays_open_for_a_moment_only(warehouse: Warehouse) -> None:
    with warehouse.lingering():
        answer(warehouse, "select 1")
        assert is_open(warehouse)
        deadline = time.monotonic() + 20
        while is_open(warehouse) and time.monotonic() < deadline:
            time.sleep(LINGER / 5)
        with held_by_another(warehouse.path), pytest.raises(WarehouseBusy):
            answer(warehouse, "select 1")
        assert answer(warehouse, "select 1") == [(1,)]


def test_after_lingering_the_file_is_free_at_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LINGER", 3600.0)
    with warehouse.lingering():
        answer(warehouse, "select 1")

    assert not is_open(warehouse)
    with held_by_another(warehouse.path) as pid:
        assert pid


def test_a_block_within_another_does_not_end_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LINGER", 3600.0)
    with warehouse.lingering():
        with warehouse.lingering():
            answer(warehouse, "select 1")
        assert is_open(warehouse), "what follows at once need not read the catalog again"

    assert not is_open(warehouse)


def test_nobody_lingers_for_long(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LINGER", 3600.0)
    monkeypatch.setattr(database, "LONGEST_HOLD", 0.1)
    with warehouse.lingering():
        answer(warehouse, "select 1")
        assert is_open(warehouse)
        time.sleep(0.1)
        answer(warehouse, "select 1")
        assert not is_open(warehouse)


def test_what_one_use_sets_for_itself_the_next_does_not_know(warehouse: Warehouse) -> None:
    with warehouse.lingering():
        answer(warehouse, "set variable day = 1")
        answer(warehouse, "create temp table mine as select 1")

        assert answer(warehouse, "select getvariable('day')") == [(None,)]
        assert answer(warehouse, "select 1 from duckdb_tables() where temporary") == []


def test_a_use_that_fails_closes_the_file(warehouse: Warehouse) -> None:
    with warehouse.lingering():
        answer(warehouse, "select 1")
        with pytest.raises(PowerCut), warehouse.transaction("test"):
            raise PowerCut

        assert not is_open(warehouse)
        assert answer(warehouse, "select 1") == [(1,)]


def test_a_file_that_took_the_place_of_the_open_one_is_opened_anew(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LINGER", 3600.0)
    other = Warehouse(warehouse.path.with_name("other.duckdb"))
    answer(other, "insert into raw.touched values ('leads', 7)")
    with warehouse.lingering():
        answer(warehouse, "insert into raw.touched values ('leads', 1)")
        other.path.replace(warehouse.path)

        assert answer(warehouse, "from raw.touched") == [("leads", 7)]


def test_the_program_does_not_end_before_the_file_was_let_go_of(tmp_path: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from warehouse import database

class Slow:
    def __init__(self, connection):
        self._connection = connection

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def __del__(self):
        time.sleep(0.3)
        print("let go", flush=True)

open_file = database.connect
database.connect = lambda *given: Slow(open_file(*given))
database.LINGER = 0.0
warehouse = database.Warehouse(Path(sys.argv[1]))
with warehouse.lingering():
    with warehouse.transaction("test"):
        pass
    while Path(sys.argv[1] + ".holder").exists():
        time.sleep(0.001)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "vitrina.duckdb")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)

    assert ended.stdout == "let go\n"


# --- the read copy ------------------------------------------------------------------------------------------------


def make_mart(warehouse: Warehouse, number: int, path: Path) -> None:
    with warehouse.open("build") as session, drafted(session, path) as draft:
        draft.take_over(None)
        with draft.told():
            session.execute(f"create table mart.one as select {number} as number from range({number})")
        draft.publish()


def test_nothing_published_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished), read_published(tmp_path / "marts.duckdb"):
        pass


def test_a_reader_keeps_the_copy_he_opened(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "public" / "marts.duckdb"
    make_mart(warehouse, 2, path)

    with read_published(path) as early:
        make_mart(warehouse, 3, path)
        assert early.table("mart.one") == [(2,)] * 2
        assert early.table("mart.none") is None

    with read_published(path) as late:
        assert late.table("mart.one") == [(3,)] * 3


def test_readers_never_meet_the_lock_nor_half_a_copy(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "marts.duckdb"
    make_mart(warehouse, 1, path)
    stop = threading.Event()
    broken: list[object] = []
    reads: list[int] = []

    def read() -> None:
        while not stop.is_set():
            with read_published(path) as shelf:
                rows = shelf.table("mart.one") or []
            reads.append(len(rows))
            if not rows or rows != [(len(rows),)] * len(rows):
                broken.append(rows)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(2, 8):
        make_mart(warehouse, number, path)
    stop.set()
    reader.join(20)

    assert broken == []
    assert reads == sorted(reads)


def test_a_copy_that_cannot_be_written_leaves_the_old_one(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "marts.duckdb"
    make_mart(warehouse, 2, path)
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(WarehouseUnusable):
        make_mart(warehouse, 3, tmp_path / "file" / "marts.duckdb")

    with read_published(path) as shelf:
        assert shelf.table("mart.one") == [(2,)] * 2
    assert [file.name for file in tmp_path.iterdir() if ".part" in file.name] == []


def test_a_copy_without_room_on_the_disk_names_the_copy(warehouse: Warehouse, tmp_path: Path) -> None:
    make_mart(warehouse, 2, tmp_path / "first.duckdb")
    path, before = tmp_path / "marts.duckdb", resource.getrlimit(resource.RLIMIT_FSIZE)

    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        with pytest.raises(WarehouseUnusable) as failed:
            make_mart(warehouse, 2, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert failed.value.path == path
    assert [file.name for file in tmp_path.iterdir() if "marts" in file.name] == []


# --- the journal ----------------------------------------------------------------------------------------------------


def test_a_run_is_written_down_with_its_end(warehouse: Warehouse) -> None:
    with recorded(warehouse, "sync all", lambda: NOON) as tally:
        assert answer(warehouse, "select job, ended_at, outcome from ops.runs") == [("sync all", None, None)]
        tally.records = 7
        tally.outcome = "part"

    assert answer(warehouse, "select job, outcome, records from ops.runs") == [("sync all", "part", 7)]


def test_a_run_that_fails_says_why(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="bad"), recorded(warehouse, "build all", lambda: NOON):
        raise ValueError("a bad day")

    assert answer(warehouse, "select outcome, note from ops.runs") == [("failed", "ValueError: a bad day")]


def test_the_log_holds_what_a_load_writes_in_one_hold_before_and_after_a_large_transaction(
    warehouse: Warehouse,
) -> None:
    """Each time that it is moved into the file, what is there already is written once more."""
    asked = "select current_setting('checkpoint_threshold')"
    with warehouse.open("test") as session:
        before = session.execute(asked)
        with session.transaction(is_large=True) as tx:
            tx.execute("insert into ops.notes values ('a', 'b', now())")
        after = session.execute(asked)

    assert before == after == [("64.0 MiB",)]
