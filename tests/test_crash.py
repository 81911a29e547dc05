"""Killed at any moment and started again: nothing that was answered 204 is lost, and the figures are the same."""

import subprocess
import sys
import threading
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

from sandbox.amocrm import AmoServer, Posting
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.staff import Staff
from tests.harness import (
    HOOKS,
    SECRET,
    Program,
    SetClock,
    differences,
    kill,
    ledgers,
    make_jobs,
    marts,
    rows,
    wait_until,
    without,
)
from warehouse.publish import NothingPublished, read_published

SELDOM = dict.fromkeys(("leads", "events", "contacts", "companies", "tasks", "reference", "trash"), 3600)
STARTING = (1.2,)
"""Seconds after its start at which the service is killed, whatever it does then."""

BUILDING = (0.0, 0.2, 0.7)
"""Seconds after it has published new figures: it drains, builds, copies and writes the book again."""


def test_killed_at_any_moment_it_loses_nothing(tmp_path: Path, free_port: int) -> None:
    company = demo_company(deals=60, months=4)
    with AmoServer(company.account, rate=0, posting=Posting(time_scale=0.002)) as server:
        program = Program(
            tmp_path / "product", server, company.mapping,
            sync={"settle": 1, "drain_every": 0.3, "every": SELDOM}, webhooks={"port": free_port},
            exports={"refresh_every": 1, "books": [{"name": "книга", "kind": "xlsx", "path": "book.xlsx"}]},
        )  # fmt: skip
        company.account.subscribe(f"http://127.0.0.1:{free_port}/webhooks/amocrm/{SECRET}", HOOKS)
        stop = threading.Event()
        working = Staff(company, seed=5).run(12.0, stop)
        try:
            for lifetime in STARTING:
                with program.serving():
                    time.sleep(lifetime)
                assert_whole(program.folder)
            for lifetime in BUILDING:
                with program.serving() as service:
                    publishing(program, service, server)
                    time.sleep(lifetime)
                assert_whole(program.folder)
                assert (program.folder / "marts.duckdb").exists()
            with program.serving() as service:
                publishing(program, service, server)
                time.sleep(1.5)
                stop.set()
                working.join(10)
                server.sender.settle(1.0)
        finally:
            stop.set()

        clock = SetClock(datetime.now(UTC) + timedelta(seconds=30))
        jobs = make_jobs(program.folder, server, company.mapping, clock)
        jobs.drain()
        answered = leads_of_good_deliveries(server, company)
        assert len(answered) > 5
        versions = dict(
            rows(jobs, "select id, epoch(version)::bigint from raw.records where stream = 'leads'")
        )
        assert {lead: versions[lead] for lead in answered} == answered

        jobs.sync()
        fresh = make_jobs(tmp_path / "fresh", server, company.mapping, clock)
        fresh.sync()
        assert differences(marts(jobs), marts(fresh)) == []
        binned = {lead.id for lead in company.account.leads.values() if lead.deleted_at is not None}
        assert differences(without(ledgers(jobs), binned), without(ledgers(fresh), binned)) == []


def publishing(program: Program, service: "subprocess.Popen[str]", server: AmoServer) -> None:
    """Wait until the door is open, a hook switched off meanwhile is on again, and new figures are published."""
    published = program.folder / "marts.duckdb"
    before = published.stat().st_ino if published.exists() else None
    assert service.stdout is not None
    assert service.stdout.readline().startswith("http://127.0.0.1")
    for hook in server.account.webhooks.values():
        hook.disabled = False
    wait_until(lambda: published.exists() and published.stat().st_ino != before, 40, "new figures")


def assert_whole(folder: Path) -> None:
    """What people read is there or is not there; never half of it."""
    try:
        with read_published(folder / "marts.duckdb") as shelf:
            assert shelf.table("mart.summary")
    except NothingPublished:
        pass
    book = folder / "book.xlsx"
    assert not book.exists() or zipfile.is_zipfile(book)


def leads_of_good_deliveries(server: AmoServer, company: Demo) -> dict[int, int]:
    """Living leads whose last change was told by a delivery answered 204 → the second of that change."""
    told: dict[int, int] = {}
    for sent in server.deliveries:
        if not sent.is_good:
            continue
        form = parse_qs(sent.body.decode())
        for action in ("add", "update", "status", "responsible", "restore"):
            for lead, stamp in zip(
                form.get(f"leads[{action}][0][id]", ()),
                form.get(f"leads[{action}][0][updated_at]", ()),
                strict=True,
            ):
                told[int(lead)] = max(told.get(int(lead), 0), int(stamp))
    leads = company.account.leads
    return {
        lead: stamp
        for lead, stamp in told.items()
        if leads[lead].updated_at == stamp and not leads[lead].deleted_at
    }


HOLDER = """
import sys, pathlib
from warehouse.database import Warehouse
with Warehouse(pathlib.Path(sys.argv[1])).open("a long job"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_verbs_work_beside_the_service_and_say_who_holds_the_file(tmp_path: Path, free_port: int) -> None:
    company = demo_company(deals=40, months=3)
    with AmoServer(company.account, rate=0) as server:
        program = Program(
            tmp_path / "product", server, company.mapping, sync={"settle": 1}, webhooks={"port": free_port}
        )
        with program.serving():
            published = program.folder / "marts.duckdb"
            wait_until(published.exists, 30, "the first build")
            for words in ("sync leads", "build"):
                done = program.run(*words.split())
                assert done.returncode == 0, (words, done.stderr)
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(program.folder / "vitrina.duckdb")],
            cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            began = time.monotonic()
            refused = program.run("build", "--wait", "0.2")
            assert time.monotonic() - began < 15
            shown = program.run("show", "summary", "--format", "json")
        finally:
            kill(holder)

    assert refused.returncode == 4
    assert str(holder.pid) in refused.stderr
    assert "a long job" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert shown.returncode == 0


def test_the_note_of_a_dead_holder_keeps_nobody_out(tmp_path: Path) -> None:
    company = demo_company(deals=20, months=2)
    with AmoServer(company.account, rate=0) as server:
        program = Program(tmp_path / "product", server, company.mapping)
        (program.folder / "vitrina.duckdb.holder").write_text('{"pid": 1, "job": "died", "since": "then"}')

        done = program.run("build", "--wait", "0.2")

    assert done.returncode == 0, done.stderr
