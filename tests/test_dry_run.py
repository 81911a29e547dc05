"""A dry run tells what a sync would change and leaves no trace; a sync that finds nothing leaves none either."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jobs import Jobs
from sandbox.amocrm import AmoServer, faults
from sandbox.amocrm.company import demo_company
from tests.cli_stand import BAD_USAGE, DONE, FAILED, IN_PART, Place, lines
from tests.harness import NOON, Office, an_office, looking

HOUR = 3_600
LONG_AGO = NOON - timedelta(days=90)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with an_office(tmp_path_factory.mktemp("office"), deals=40, months=2) as office:
        yield office


@pytest.fixture(scope="module")
def origin(office: Office) -> Jobs:
    """Loaded and built; nobody looks at it afterwards."""
    jobs = office.product("origin")
    jobs.sync()
    jobs.build()
    office.clock.pass_by(HOUR)
    return jobs


@pytest.fixture
def jobs(office: Office, origin: Jobs, request: pytest.FixtureRequest) -> Jobs:
    return office.product(request.node.name, origin)


def trace(jobs: Jobs, *schemas: str) -> dict[str, tuple[int, str]]:
    """Rows and a digest of every table of these schemas, where anything written would show."""
    with looking(jobs) as tx:
        names = tx.execute("select distinct schema_name || '.' || table_name from duckdb_tables() order by 1")
        return {
            name: (len(kept), hashlib.sha256(repr(kept).encode()).hexdigest())
            for (name,) in names
            if name.partition(".")[0] in schemas and name != "raw.cursors"
            for kept in [tx.execute(f"from {name} order by all")]
        }


def file_of(jobs: Jobs) -> str:
    return hashlib.sha256(jobs.parts.config.warehouse.path.read_bytes()).hexdigest()


def told(jobs: Jobs, *names: str, **more: object) -> dict[str, tuple[set[object], set[object], set[object]]]:
    """New, changed and gone of the streams in which anything would change."""
    rehearsal = jobs.rehearse(names, **more)  # type: ignore[arg-type]
    assert rehearsal.errors == {}
    return {each.stream: (each.new, each.changed, each.gone) for each in rehearsal.streams if each.count}  # type: ignore[misc]


def test_what_would_be_new_changed_and_gone_is_told_and_nothing_is_written(
    office: Office, jobs: Jobs
) -> None:
    account, before = office.company.account, file_of(jobs)
    edited, buried = sorted(one.id for one in account.leads.values() if one.deleted_at is None)[:2]
    account.update_lead(edited, price=777_000)
    account.delete_lead(buried, by=0)
    owner = account.leads[edited].responsible_user_id
    pipeline, status = account.leads[edited].pipeline_id, account.leads[edited].status_id
    added = account.add_lead("Новая", pipeline_id=pipeline, status_id=status, responsible_user_id=owner)
    contact = account.add_contact("Новый человек", responsible_user_id=owner)
    option = account.add_field("Этаж", "numeric")
    office.clock.pass_by(60)

    found = told(jobs)

    assert found["leads"] == ({added}, {edited}, set())
    assert found["trash"] == (set(), set(), {buried})
    assert found["contacts"] == ({contact}, set(), set())
    assert found["lead_fields"] == ({option}, set(), set())
    assert found["events"][0]
    assert file_of(jobs) == before

    jobs.sync()
    assert told(jobs) == {}


def test_a_stretch_that_is_read_again_is_told_like_any_other(office: Office, jobs: Jobs) -> None:
    quiet = sorted(one.id for one in office.company.account.leads.values() if one.deleted_at is None)[9]
    with jobs.parts.warehouse.transaction("test") as tx:
        tx.execute("delete from raw.records where stream = 'leads' and id = ?", [quiet])
    before = file_of(jobs)

    whole = told(jobs, "leads", full=True)["leads"]
    since = told(jobs, "leads", since=LONG_AGO)["leads"]

    assert quiet in whole[0]
    assert since == whole
    assert quiet not in told(jobs, "leads").get("leads", [()])[0]
    assert file_of(jobs) == before


def test_too_great_a_loss_is_told_as_the_error_that_it_would_be(office: Office, origin: Jobs) -> None:
    careful = office.product("careful", origin, sync={"loss": {"share": 0.01, "at_least": 1}})
    account = office.company.account
    for lead in sorted(one.id for one in account.leads.values() if one.deleted_at is None)[-3:]:
        account.delete_lead(lead, by=0)
    office.clock.pass_by(60)
    before = file_of(careful)

    rehearsal = careful.rehearse(["trash"])

    assert {name: type(error).__name__ for name, error in rehearsal.errors.items()} == {"trash": "MassLoss"}
    assert file_of(careful) == before


@pytest.mark.parametrize("words", [{}, {"since": LONG_AGO}, {"full": True}])
def test_a_sync_that_finds_nothing_writes_nothing_but_how_far_it_looked(
    office: Office, origin: Jobs, words: dict[str, object]
) -> None:
    jobs = office.product(f"again {' '.join(words)}", origin)
    jobs.sync()
    jobs.build()
    office.clock.pass_by(HOUR)
    before = trace(jobs, "raw", "core", "mart")

    synced = jobs.sync(**words)  # type: ignore[arg-type]

    assert set(synced.changed.values()) == {0}
    assert not jobs.needs_build()
    assert trace(jobs, "raw", "core", "mart") == before


# --- at the command line


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Place, AmoServer]]:
    company = demo_company(deals=20, months=2)
    with AmoServer(company.account, rate=0) as server:
        content = {
            "amocrm": {"url": server.url, "requests_per_second": 500},
            "sync": {"settle": 0},
            "mapping": company.mapping,
            "exports": {"books": []},
        }
        yield Place(tmp_path, content, {"VITRINA_AMOCRM_TOKEN": server.token}), server


def test_before_the_first_load_nobody_is_asked_and_nothing_is_made(place: tuple[Place, AmoServer]) -> None:
    here, server = place

    done = here.call("sync", "--dry-run", "--since", "2024-05-01")

    assert done.exit_code == DONE
    assert "загрузились бы целиком: account, users" in done.stdout
    assert len(server.requests) == 0
    assert not (here.folder / "state/vitrina.duckdb").exists()


def test_the_screen_and_programs_are_told_the_same(place: tuple[Place, AmoServer]) -> None:
    here, server = place
    account = server.account
    here.call("sync")
    runs = json.loads(here.call("status", "--json").stdout)["runs"]
    deal = min(account.leads)
    account.update_lead(deal, price=777_000)

    screen, program = here.call("sync", "--dry-run"), here.call("sync", "leads", "--dry-run", "--json")
    one = here.call("sync", "--deal", str(deal), "--dry-run", "--json")
    unknown = here.call("sync", "--deal", "1", "--dry-run")

    assert str(deal) in screen.stdout
    assert json.loads(program.stdout)["streams"]["leads"]["changed"] == {"count": 1, "ids": [deal]}
    assert json.loads(one.stdout)["streams"]["leads"]["changed"]["ids"] == [deal]
    assert unknown.exit_code == FAILED
    assert json.loads(here.call("status", "--json").stdout)["runs"] == runs


def test_a_stream_that_cannot_be_read_is_told_and_the_others_too(place: tuple[Place, AmoServer]) -> None:
    here, server = place
    here.call("sync")
    server.faults.stand(faults.NO_RIGHTS, path="/users")

    done = here.call("sync", "users", "leads", "--dry-run")

    assert done.exit_code == IN_PART
    assert "Ничего не изменилось бы" in done.stdout
    assert lines(done.stderr)[-1].startswith("users: у токена нет прав")


def test_json_is_for_the_dry_run_alone(place: tuple[Place, AmoServer]) -> None:
    here, _ = place

    assert here.call("sync", "--json").exit_code == BAD_USAGE
