"""What no list of changes shows, a reading of everything by its number does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import Jobs
from tests.harness import Office, an_office, records
from warehouse.publish import read_published

CHANGES = ("leads", "contacts", "companies", "tasks")
"""Their lists of changes; events may tell of some deletions sooner."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with an_office(tmp_path, deals=30, months=2) as office:
        yield office


def test_what_changed_and_went_without_a_trace_comes_right(office: Office) -> None:
    account = office.company.account
    lead = next(one for one in account.leads.values() if one.deleted_at is None)
    contacts = [one.id for one in account.contacts.values() if one.deleted_at is None]
    for text in ("Позвонить", "Забыть"):
        account.add_task(text, responsible_user_id=0, complete_till=account.moment(), entity_id=lead.id)
    ours = office.product("ours")
    office.clock.pass_by(60)
    ours.sync()

    with account.dated(updated_at=lead.updated_at):
        account.update_lead(lead.id, price=12_345)
    account.delete_task(max(account.tasks))
    account.delete_contact(contacts[0])
    office.clock.pass_by(60)
    ours.sync(CHANGES)
    found = {one.stream: (one.healed, one.gone) for one in ours.reconcile()}

    fresh = office.product("fresh")
    fresh.sync()
    assert records(ours) == records(fresh)
    assert found["leads"][0] >= 1
    assert found["tasks"] == (0, 1)
    assert found["contacts"][1] == 1
    assert {one.stream: one.healed + one.gone for one in ours.reconcile()} == dict.fromkeys(found, 0)


def test_a_deal_of_a_client_who_was_merged_is_told_by_the_name_of_who_stayed(office: Office) -> None:
    account = office.company.account
    ours = office.product("ours")
    office.clock.pass_by(60)
    ours.sync()
    ours.build()
    before = clients(ours)
    deal = next(one for one in before if account.leads[one].contacts and not account.leads[one].company_id)
    gone = account.leads[deal].contacts
    stays = next(one for one in account.contacts if one not in gone)
    account.update_contact(stays, name="Кто остался")

    account.link_contact(deal, stays)
    for one in gone:
        account.delete_contact(one)
    office.clock.pass_by(60)
    ours.reconcile()
    ours.build()

    assert (before[deal], clients(ours)[deal]) == (account.contacts[gone[0]].name, "Кто остался")


def clients(jobs: Jobs) -> dict[int, str]:
    """By deal, as the tables name them."""
    with read_published(jobs.parts.config.warehouse.published) as shelf:
        return dict(shelf.rows("select deal_id, client from mart.deal_balances"))


def test_what_stands_where_two_pages_meet_is_one_object(office: Office) -> None:
    account = office.company.account
    lead = next(one for one in account.leads.values() if one.deleted_at is None)
    for number in range(600):
        account.add_task(
            f"Позвонить {number}", responsible_user_id=0, complete_till=account.moment(), entity_id=lead.id
        )
    ours = office.product("ours")
    office.clock.pass_by(60)
    ours.sync(["tasks"])

    (found,) = ours.reconcile(["tasks"])

    assert (found.read, found.healed, found.gone) == (len(account.tasks), 0, 0)
