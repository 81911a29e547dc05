"""Staff that does everything at random leaves an account that agrees with itself, and lists that catch up."""

import pytest

from sandbox.amocrm import wire
from sandbox.amocrm.bustle import Bustle
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.replica import Replica
from sandbox.amocrm.small import HandClock
from sandbox.amocrm.truth import Happened

LONGEST = 30.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1_790_000_000.0)


@pytest.fixture
def demo(clock: HandClock) -> Demo:
    return demo_company(deals=40, months=3, clock=clock)


def test_a_bustling_year_keeps_the_account_whole(demo: Demo) -> None:
    account, staff = demo.account, Bustle(demo, seed=5)
    for _ in range(600):
        staff.act()

    shown = account.shelves["leads"].items
    assert set(shown) == {lead.id for lead in account.leads.values() if lead.deleted_at is None}
    assert all(account.leads[lead.merged_into].id for lead in account.leads.values() if lead.merged_into)
    assert any(one.undone_at for one in account.merges)
    assert {"contacts/notes", "leads/notes", "elements", "unsorted", "tasks"} <= {
        entry.kind for entry in account.journal
    }
    linked = {contact: lead.id for lead in shown.values() for contact in lead.contacts}
    assert all(linked[contact] in account.contacts[contact].leads for contact in linked)


def test_lagging_lists_show_the_truth_once_things_calm_down(demo: Demo, clock: HandClock) -> None:
    account, staff = demo.account, Bustle(demo, seed=2)
    replica = Replica(account, (0.5, LONGEST))
    for _ in range(500):
        staff.act()
        clock.pass_by(0.2)
        replica.catch_up()
    lagging = [name for name, shelf in account.shelves.items() if shelf.items != replica.shelves[name].items]
    clock.pass_by(LONGEST)
    replica.catch_up()

    assert "leads" in lagging
    for name, shelf in account.shelves.items():
        shown = replica.shelves[name]
        assert {key: (shelf.stamp(key), _bare(one)) for key, one in shelf.items.items()} == {
            key: (shown.stamp(key), _bare(one)) for key, one in shown.items.items()
        }, name


def test_what_they_are_told_to_leave_alone_does_not_happen(demo: Demo) -> None:
    staff = Bustle(demo, seed=3, without=("merge", "throw_away", "mass_edit"))
    texts = [staff.act().text_ru for _ in range(400)]

    assert demo.account.merges == []
    assert not any("массовая правка" in text or "удалена с договором" in text for text in texts)
    with pytest.raises(KeyError, match="ever does dance"):
        Bustle(demo, without=["dance"])


def test_whatever_happens_can_be_told_by_webhook(demo: Demo) -> None:
    told: set[str] = set()

    def hear(happened: Happened) -> None:
        for action in happened.actions:
            body = wire.encode(demo.account, happened.kind, action, happened.item, happened.old)
            assert body.startswith(b"account%5Bsubdomain%5D=")
            told.add(wire.code_of(happened.kind, action))

    demo.account.listen(hear)
    staff = Bustle(demo, seed=6)
    for _ in range(500):
        staff.act()

    assert {
        "add_lead", "update_lead", "status_lead", "responsible_lead", "delete_lead", "restore_lead",
        "note_lead", "update_contact", "add_task", "update_task", "delete_task", "add_unsorted",
        "delete_unsorted", "add_catalog_element", "update_catalog_element",
    } <= told  # fmt: skip


def _bare(item: object) -> dict[str, object]:
    """What there is to see of an object, without the bytes it keeps of itself."""
    names = [name for kind in type(item).__mro__ for name in getattr(kind, "__slots__", ())]
    return {name: getattr(item, name) for name in names if name != "head"}
