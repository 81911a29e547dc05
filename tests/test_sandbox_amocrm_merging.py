"""Merged leads: one card is left, the signals are those that were switched on, and it can be taken back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.amocrm import AmoServer
from sandbox.amocrm.merging import MergeSignals
from sandbox.amocrm.small import Small
from sandbox.amocrm.truth import Happened
from tests.sandbox_amocrm_caller import Caller


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture
def caller(small: Small) -> Iterator[Caller]:
    with AmoServer(small.account, rate=0) as server:
        caller = Caller(server)
        yield caller
        caller.session.close()


@pytest.fixture
def told(small: Small) -> list[tuple[str, int]]:
    """The webhooks that would be sent: (code, id)."""
    heard: list[tuple[str, int]] = []

    def hear(happened: Happened) -> None:
        heard.extend((f"{action} {happened.kind}", happened.item.id) for action in happened.actions)

    small.account.listen(hear)
    return heard


def test_the_survivor_takes_over_what_it_lacks_and_keeps_what_it_has(small: Small, caller: Caller) -> None:
    account = small.account
    ivan, olga = (account.add_contact(name, responsible_user_id=small.anna) for name in ("Иван", "Ольга"))
    note = account.add_field("Примечание", "text")
    one = small.lead("Окна", price=0, fields={small.source: "Сайт"}, contacts=[ivan], tags=["a"])
    other = small.lead(
        "Двери", price=70, fields={small.source: "Авито", note: "x"}, contacts=[olga], tags=["b"]
    )
    task = account.add_task(
        "Позвонить", responsible_user_id=small.anna, complete_till=1_767_300_000, entity_id=other
    )

    account.merge_leads(one, [other])

    (shown,) = caller.items("/leads", **{"with": "contacts"})
    assert (shown["id"], shown["name"], shown["price"]) == (one, "Окна", 70)
    assert {value["field_id"]: value["values"][0]["value"] for value in shown["custom_fields_values"]} == {
        small.source: "Сайт",
        note: "x",
    }
    assert [contact["id"] for contact in shown["_embedded"]["contacts"]] == [ivan, olga]
    assert [tag["name"] for tag in shown["_embedded"]["tags"]] == ["a", "b"]
    assert caller.get(f"/tasks/{task}").json()["entity_id"] == one
    (linked,) = caller.items("/contacts", **{"with": "leads", "filter[id]": olga})
    assert [lead["id"] for lead in linked["_embedded"]["leads"]] == [one]
    assert account.leads[other].merged_into == one


def test_by_default_every_signal_is_given(small: Small, caller: Caller, told: list[tuple[str, int]]) -> None:
    one, other = small.lead(), small.lead(price=5)
    told.clear()
    small.clock.pass_by(60)

    small.account.merge_leads(one, [other], by=small.oleg)

    assert told == [("update leads", one), ("delete leads", other)]
    events = caller.items("/events", **{"filter[created_at]": int(small.clock.now) - 1})
    assert {(event["type"], event["entity_id"]) for event in events} == {
        ("entity_merged", one),
        ("sale_field_changed", one),
        ("lead_deleted", other),
    }
    merged = next(event for event in events if event["type"] == "entity_merged")
    assert merged["value_after"] == merged["value_before"] == []
    assert caller.ids("/leads", **{"with": "only_deleted"}) == [other]
    assert small.account.leads[one].updated_at == int(small.clock.now)


def test_a_merge_can_be_told_by_its_event_alone(
    small: Small, caller: Caller, told: list[tuple[str, int]]
) -> None:
    one, other = small.lead(), small.lead()
    told.clear()
    small.account.merge_signals = MergeSignals(
        survivor_hook=False, loser_hook=False, loser_event=False, loser_in_trash=False
    )

    small.account.merge_leads(one, [other])

    assert told == []
    assert [event["type"] for event in caller.items("/events", **{"filter[entity]": "lead"})] == [
        "entity_merged",
        "lead_added",
        "lead_added",
    ]
    assert caller.ids("/leads") == [one]
    assert caller.ids("/leads", **{"with": "only_deleted"}) == []


@pytest.mark.parametrize("in_trash", [True, False])
def test_a_merge_taken_back_leaves_both_as_they_were(
    small: Small, caller: Caller, told: list[tuple[str, int]], in_trash: bool
) -> None:
    account = small.account
    account.merge_signals = replace(account.merge_signals, loser_in_trash=in_trash)
    ivan = account.add_contact("Иван", responsible_user_id=small.anna)
    one, other = small.lead(price=1), small.lead(price=2, fields={small.source: "Авито"}, contacts=[ivan])
    task = account.add_task(
        "Позвонить", responsible_user_id=small.anna, complete_till=1_767_300_000, entity_id=other
    )
    account.merge_leads(one, [other])
    account.update_lead(one, price=9)
    told.clear()
    small.clock.pass_by(60)

    account.unmerge(one)

    assert (account.leads[one].price, account.leads[one].fields, account.leads[one].contacts) == (9, {}, ())
    assert account.leads[other].merged_into is None
    assert caller.ids("/leads") == [other, one]
    assert caller.ids("/leads", **{"with": "only_deleted"}) == []
    assert account.contacts[ivan].leads == (other,)
    assert account.tasks[task].entity_id == other
    assert told == [("restore leads", other), ("update leads", one)]
    assert "lead_restored" in {event["type"] for event in caller.items("/events")}
    with pytest.raises(KeyError, match="taken back"):
        account.unmerge(one)


def test_a_merge_is_final_after_five_more_events_or_thirty_days(small: Small) -> None:
    busy, idle = (small.lead() for _ in range(2))
    for one in (busy, idle):
        small.account.merge_leads(one, [small.lead()])
    for price in range(1, 7):
        small.account.update_lead(busy, price=price)
    small.clock.pass_by(31 * 86_400)

    with pytest.raises(KeyError, match="taken back"):
        small.account.unmerge(idle)
    small.clock.pass_by(-31 * 86_400)
    with pytest.raises(ValueError, match="too much"):
        small.account.unmerge(busy)
    small.account.unmerge(idle)


def test_what_was_merged_away_can_be_neither_restored_nor_merged_again(small: Small) -> None:
    one, other = small.lead(), small.lead()
    small.account.merge_leads(one, [other])

    with pytest.raises(KeyError, match="trash"):
        small.account.restore_lead(other)
    for survivor, loser in ((one, other), (other, one)):
        with pytest.raises(KeyError, match="trash"):
            small.account.merge_leads(survivor, [loser])
    with pytest.raises(ValueError, match="other leads"):
        small.account.merge_leads(one, [one])


def test_signals_of_a_merge_are_switched_one_by_one(small: Small) -> None:
    signals = replace(small.account.merge_signals, merge_event=False)
    small.account.merge_signals = signals
    one, other = small.lead(), small.lead()
    small.account.merge_leads(one, [other])

    assert [event.type for event in small.account.events] == ["lead_added", "lead_added", "lead_deleted"]
