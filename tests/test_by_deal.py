"""Marts by deal follow only the deals that changed, and are what they would be if they were made from nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import Jobs
from metrics.catalog import REFERENCE, load
from sandbox.amocrm.staff import Staff
from tests.harness import Office, Tables, an_office, differences, marts, rows
from tests.test_convergence import settle
from warehouse.publish import read_published

MARK = "update mart.deal_balances set name = 'marked' where deal_id = {}"
MARKED = "select deal_id from mart.deal_balances where name = 'marked'"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with an_office(tmp_path, deals=40, months=3) as office:
        yield office


@pytest.fixture
def jobs(office: Office) -> Jobs:
    settle(office)
    jobs = office.product("follows")
    jobs.sync()
    jobs.build()
    return jobs


def from_nothing(jobs: Jobs) -> Tables:
    """The marts of the same warehouse when every one of them is made from nothing."""
    write(jobs, "delete from ops.notes where name = 'marts'")
    return marts(jobs)


def write(jobs: Jobs, sql: str) -> None:
    with jobs.parts.warehouse.transaction("test") as tx:
        tx.execute(sql)


def published(jobs: Jobs) -> Tables:
    """The marts as those who read the published copy see them."""
    with read_published(jobs.parts.config.warehouse.published) as shelf:
        return {
            f"mart.{model.name}": shelf.table(f"mart.{model.name}", model.order) or []
            for model in jobs.parts.catalog
        }


def balances(jobs: Jobs) -> list[int]:
    return [deal for (deal,) in rows(jobs, "select deal_id from mart.deal_balances order by 1")]


def test_day_after_day_they_are_what_they_would_be_from_nothing(office: Office, jobs: Jobs) -> None:
    staff = Staff(office.company, seed=3)
    account = office.company.account
    for round_ in range(4):
        for _ in range(12):
            staff.act()
            office.clock.pass_by(40)
        account.update_contact(next(iter(account.contacts)), name=f"Другое имя {round_}")
        if round_ == 2:
            office.clock.pass_by(86_400)
        settle(office)
        jobs.sync()

        followed = marts(jobs)

        assert published(jobs) == followed
        assert differences(followed, from_nothing(jobs)) == []


def test_only_the_rows_of_changed_deals_are_made_again(office: Office, jobs: Jobs) -> None:
    still, changed, *_ = balances(jobs)
    write(jobs, MARK.format(still))
    write(jobs, MARK.format(changed))
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
    write(jobs, MARK.format(balances(jobs)[0]))
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


@pytest.mark.parametrize("spoilt", [b"", b"no database at all" * 1000])
def test_a_spoilt_copy_is_made_anew(office: Office, jobs: Jobs, spoilt: bytes) -> None:
    jobs.parts.config.warehouse.published.write_bytes(spoilt)

    jobs.build()

    assert published(jobs) == marts(jobs)


def test_what_is_made_deal_by_deal_reads_nothing_but_deals_and_names(jobs: Jobs) -> None:
    known = dict(
        rows(
            jobs,
            "select schema_name || '.' || table_name, list_contains(list(column_name), 'deal_id') "
            "from duckdb_columns() group by all",
        )
    )
    read = {name for model in load() if model.is_by_deal for name in model.reads} - REFERENCE

    assert read
    assert [name for name in sorted(read) if not known[name]] == []
