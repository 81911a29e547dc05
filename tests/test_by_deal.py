"""Marts by deal follow only the deals that changed, and are what they would be if they were made from nothing."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from closing import Closing
from explaining import explain
from jobs import Jobs
from metrics import slices
from metrics.catalog import REFERENCE, Catalog, load
from sandbox.amocrm.staff import Staff
from tests.harness import Office, Tables, an_office, differences, looking, marts, rows
from tests.test_convergence import settle
from warehouse.publish import MartsBehind, read_published

MARK = "update mart.deal_balances set name = 'marked' where deal_id = {}"
RATES = (
    ("База", "Ставка", "Сумма", "От выполнения плана", "Шкала"),
    ("оплата", "3%", "", "", ""),
    ("оплата", "4%", "", "40%", ""),
    ("валовая прибыль", "2%", "", "", ""),
    ("замер", "", 500, "", ""),
)
STEEP = (
    *RATES[:3],
    ("договор", "1%", "", "", "на превышение"),
    ("договор", "2%", "", "30%", "на превышение"),
    ("чистая прибыль", "2%", "", "", ""),
)
MARKED = "select deal_id from mart.deal_balances where name = 'marked'"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with an_office(tmp_path_factory.mktemp("office"), deals=40, months=3) as office:
        yield office


@pytest.fixture(scope="module")
def origin(office: Office) -> Jobs:
    return office.product("origin")


@pytest.fixture
def jobs(office: Office, origin: Jobs, request: pytest.FixtureRequest) -> Jobs:
    """Has followed the company, in which the tests work one after the other, until this moment."""
    settle(office)
    origin.sync()
    origin.build()
    return office.product(request.node.name, origin)


def from_nothing(jobs: Jobs) -> Tables:
    """The marts of the same warehouse when every one of them is made from nothing."""
    write(jobs, "delete from ops.notes where name = 'marts'")
    return marts(jobs)


def write(jobs: Jobs, sql: str) -> None:
    with jobs.parts.warehouse.transaction("test") as tx:
        tx.execute(sql)


def mark(jobs: Jobs, sql: str) -> None:
    """Change what is published, to see what of it the next build leaves alone."""
    with duckdb.connect(str(jobs.parts.config.warehouse.published)) as file:
        file.execute(sql)


def published(jobs: Jobs) -> Tables:
    """The marts as those who read the published copy see them."""
    with read_published(jobs.parts.config.warehouse.published) as shelf:
        return {
            f"mart.{model.name}": shelf.table(f"mart.{model.name}", model.order) or []
            for model in jobs.parts.catalog
        }


def type_tables(jobs: Jobs, rates: Sequence[Sequence[object]]) -> None:
    """People type plans, overheads and rates of pay, long enough ago for nobody to wait for more."""
    managers = [name for (name,) in rows(jobs, "select name from core.users order by user_id")]
    months = ("03.2026", "04.2026", "05.2026")
    plans = [(month, manager, "оборот", 300_000) for month in months for manager in managers]
    tables: dict[str, Sequence[Sequence[object]]] = {
        "Планы": [("Месяц", "Кому", "Показатель", "План"), *plans],
        "Расходы": [("Месяц", "Статья", "Сумма"), *((month, "Аренда", 9_000) for month in months)],
        "Ставки": rates,
    }
    folder = jobs.parts.config.inputs.folder
    folder.mkdir(exist_ok=True)
    for name, lines in tables.items():
        file = folder / f"{name}.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows(lines)
        os.utime(file, (1, 1))
    look = jobs.inputs.take()
    assert (len(look.accepted), look.refused) == (3, [])


def work(office: Office, jobs: Jobs, staff: Staff) -> None:
    """Half a day of the company, and what of it is known then."""
    for _ in range(12):
        staff.act()
        office.clock.pass_by(40)
    settle(office)
    jobs.sync()


def balances(jobs: Jobs) -> list[int]:
    return [deal for (deal,) in rows(jobs, "select deal_id from mart.deal_balances order by 1")]


def test_day_after_day_they_are_what_they_would_be_from_nothing(office: Office, jobs: Jobs) -> None:
    staff = Staff(office.company, seed=3)
    account = office.company.account
    for round_ in range(4):
        work(office, jobs, staff)
        account.update_contact(next(iter(account.contacts)), name=f"Другое имя {round_}")
        if round_ == 2:
            office.clock.pass_by(86_400)
        settle(office)
        jobs.sync()

        followed = marts(jobs)

        assert published(jobs) == followed
        assert differences(followed, from_nothing(jobs)) == []


@pytest.mark.parametrize("rates", [RATES, STEEP], ids=["tiers", "steep"])
def test_wages_are_what_they_would_be_from_nothing(
    office: Office, jobs: Jobs, rates: Sequence[Sequence[object]]
) -> None:
    """Plans move the tiers of deals that nobody touched; overheads move a profit that is paid by."""
    staff = Staff(office.company, seed=4)
    type_tables(jobs, rates)
    jobs.build()
    assert rows(jobs, "select count(distinct base) from mart.payroll_lines") == [(3,)]
    for round_ in range(3):
        work(office, jobs, staff)
        if round_ == 1:
            Closing(jobs).close(date(2026, 4, 1))

        followed = marts(jobs)

        assert differences(followed, from_nothing(jobs)) == []


def test_a_mart_that_no_change_concerns_is_left_alone(office: Office, jobs: Jobs) -> None:
    """Another amount makes other sums, and no other leads: what counts leads stays, as its mark shows."""
    [(deal, amount), *_] = rows(
        jobs,
        "select deal_id, contract_amount from core.deals where is_signed and not is_deleted and contract_amount > 0",
    )
    mark(jobs, "update mart.leads_by_day set leads = 1000")
    mark(jobs, "update mart.turnover_by_month set contracts = 1000")
    field = office.company.mapping["fields"]["contract_amount"]
    office.company.account.update_lead(deal, fields={field: int(amount) + 1_000})
    settle(office)
    jobs.sync()

    jobs.build()

    assert rows(jobs, "select distinct leads from mart.leads_by_day") == [(1000,)]
    assert (1000,) not in rows(jobs, "select contracts from mart.turnover_by_month")


def test_only_the_rows_of_changed_deals_are_made_again(office: Office, jobs: Jobs) -> None:
    still, changed, *_ = balances(jobs)
    mark(jobs, MARK.format(still))
    mark(jobs, MARK.format(changed))
    office.company.account.update_lead(changed, name="Новое имя")
    settle(office)
    jobs.sync()

    jobs.build()

    assert rows(jobs, MARKED) == [(still,)]
    assert rows(jobs, f"select name from mart.deal_balances where deal_id = {changed}") == [("Новое имя",)]


def test_a_renamed_client_is_renamed_in_every_deal_of_his(office: Office, jobs: Jobs) -> None:
    [(deal, contact), *_] = rows(
        jobs, "select deal_id, contact_id from mart.deal_balances join core.deals using (deal_id)"
    )
    office.company.account.update_contact(contact, name="Иная Фамилия")
    settle(office)
    jobs.sync()

    jobs.build()

    assert rows(jobs, f"select client from mart.deal_balances where deal_id = {deal}") == [("Иная Фамилия",)]


@pytest.mark.parametrize("reason", ["another day", "a renamed manager", "named marts were built meanwhile"])
def test_what_concerns_every_deal_has_them_made_from_nothing(office: Office, jobs: Jobs, reason: str) -> None:
    mark(jobs, MARK.format(balances(jobs)[0]))
    if reason == "another day":
        office.clock.pass_by(86_400)
    elif reason == "a renamed manager":
        jobs.sync()
        write(
            jobs,
            "update raw.records set payload = replace(payload, 'name', 'name '), payload_md5 = 1 "
            "where stream = 'users'",
        )
    else:
        jobs.build(["turnover_by_month"])
        assert jobs.needs_build()

    jobs.build()

    assert rows(jobs, MARKED) == []


def test_a_route_that_an_upgrade_mends_has_all_marts_made_from_nothing(jobs: Jobs) -> None:
    """What the old route did not reach stands in the marts; no text of a select tells of it."""
    catalog = jobs.parts.catalog
    mended = Catalog(
        tuple(
            replace(model, routes=model.routes[:-1]) if model.name == "payroll_lines" else model
            for model in catalog
        )
    )
    with jobs.parts.warehouse.transaction("test") as tx:
        jobs.set_scene(tx, jobs.parts.now())
        assert slices.kept(tx, catalog)
        assert slices.kept(tx, mended) is None


def test_a_build_that_was_not_published_is_published_whole_by_the_next(office: Office, jobs: Jobs) -> None:
    path = jobs.parts.config.warehouse.published
    behind = path.read_bytes()
    one, other, *_ = balances(jobs)
    for deal, name in ((one, "Первая"), (other, "Вторая")):
        office.company.account.update_lead(deal, name=name)
        settle(office)
        jobs.sync()
        jobs.build()
        if deal == one:  # the program died before the copy was in its place
            path.write_bytes(behind)

    assert published(jobs) == marts(jobs)
    with read_published(path) as shelf:
        found = shelf.rows(f"select deal_id, name from mart.deal_balances where deal_id in ({one}, {other})")
    names: dict[int, str] = dict(found)
    assert names == {one: "Первая", other: "Вторая"}


@pytest.mark.parametrize(
    "place", ["metrics.build.Work.done_by", "warehouse.draft.Draft.publish", "metrics.slices.keep"]
)
def test_a_build_that_dies_leaves_the_former_marts_or_the_new_and_the_next_makes_them_all(
    office: Office, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    deal, *_ = balances(jobs)
    before = published(jobs)
    office.company.account.update_lead(deal, name=f"Имя перед {place}")
    settle(office)
    jobs.sync()

    with monkeypatch.context() as dying:
        dying.setattr(place, died)
        with pytest.raises(RuntimeError):
            jobs.build()

    has_new = place == "metrics.slices.keep"  # the very last
    assert (published(jobs) == before) is not has_new
    assert jobs.needs_build()
    if place == "metrics.build.Work.done_by":  # nobody explains marts by ledgers that are ahead of them
        with pytest.raises(MartsBehind):
            explain(jobs, "deal_balances", {"deal_id": f"{deal}"})
    followed = marts(jobs)
    assert (f"Имя перед {place}",) in rows(jobs, "select name from mart.deal_balances")
    assert published(jobs) == followed
    assert differences(followed, from_nothing(jobs)) == []
    assert explain(jobs, "deal_balances", {"deal_id": f"{deal}"}).proof.agrees is not False


def died(*_: object, **__: object) -> None:
    raise RuntimeError("the program died")


@pytest.mark.parametrize("spoilt", [b"", b"no database at all" * 1000])
def test_a_spoilt_copy_is_made_anew(office: Office, jobs: Jobs, spoilt: bytes) -> None:
    jobs.parts.config.warehouse.published.write_bytes(spoilt)

    jobs.build()

    assert published(jobs) == marts(jobs)


def test_what_is_made_deal_by_deal_reads_nothing_but_deals_and_names(jobs: Jobs) -> None:
    """Or what its header says a route to, by columns that are there."""
    asked = "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() group by all"
    with looking(jobs) as tx:
        columns: dict[str, list[str]] = dict(tx.execute(asked))
    models = [model for model in load() if model.is_by_deal]
    routes = [route for model in models for route in model.routes]
    read = (
        {name for model in models for name in model.reads} - REFERENCE - {route.relation for route in routes}
    )

    assert read
    assert [name for name in sorted(read) if "deal_id" not in columns[name]] == []
    assert [route for route in routes for key, _ in route.keys if key not in columns[route.relation]] == []
    assert all(route.source in {model.relation for model in models} for route in routes)
