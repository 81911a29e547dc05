"""What no list of changes shows, a reading of everything by its number does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Office, an_office, records

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
