"""The account writes its own history: every verb leaves the documented events, in order, and the journal."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from sandbox.amocrm import AmoServer, wire
from sandbox.amocrm.small import Small
from sandbox.amocrm.truth import Happened


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture
def server(small: Small) -> Iterator[AmoServer]:
    with AmoServer(small.account, rate=0) as server:
        yield server


def read(server: AmoServer, **params: Any) -> list[dict[str, Any]]:
    """All events of all pages, in no promised order."""
    found: list[dict[str, Any]] = []
    headers = {"Authorization": f"Bearer {server.token}"}
    page = 1
    while True:
        query = {"limit": 100, "page": page, **params}
        reply = requests.get(f"{server.url}/api/v4/events", query, headers=headers, timeout=5)
        if reply.status_code == 204:
            return found
        assert reply.status_code == 200, reply.text
        found += reply.json()["_embedded"]["events"]
        page += 1


def test_a_move_tells_both_statuses_with_their_pipelines(small: Small, server: AmoServer) -> None:
    lead = small.lead()
    small.clock.pass_by(5)
    small.account.move_lead(lead, 143, loss_reason_id=small.too_dear, by=small.oleg)

    (event,) = read(server, **{"filter[type]": "lead_status_changed"})

    assert event["value_before"] == [{"lead_status": {"id": small.new, "pipeline_id": small.sales}}]
    assert event["value_after"] == [{"lead_status": {"id": 143, "pipeline_id": small.sales}}]
    assert (event["entity_id"], event["entity_type"]) == (lead, "lead")
    assert (event["created_by"], event["created_at"]) == (small.oleg, int(small.clock.now))
    assert event["_embedded"]["entity"]["id"] == lead
    assert len(event["id"]) == 26


def test_every_changed_attribute_is_an_event_of_its_own(small: Small, server: AmoServer) -> None:
    lead = small.lead("Окна", price=100, fields={small.source: "Авито"})
    small.account.update_lead(
        lead, name="Двери", price=150, responsible_user_id=small.oleg, fields={small.source: "Сайт"}
    )

    told = {event["type"]: (event["value_before"], event["value_after"]) for event in read(server)}

    assert told["sale_field_changed"] == (
        [{"sale_field_value": {"sale": 100}}],
        [{"sale_field_value": {"sale": 150}}],
    )
    assert told["entity_responsible_changed"][1] == [{"responsible_user": {"id": small.oleg}}]
    assert told["name_field_changed"][1] == [{"name_field_value": {"name": "Двери"}}]
    before, after = told[f"custom_field_{small.source}_value_changed"]
    assert before[0]["custom_field_value"]["text"] == "Авито"
    assert after[0]["custom_field_value"]["text"] == "Сайт"
    assert after[0]["custom_field_value"]["field_type"] == 4
    assert told["lead_added"][0] == []


def test_a_field_emptied_or_filled_tells_an_empty_side(small: Small, server: AmoServer) -> None:
    lead = small.lead()
    kind = f"custom_field_{small.source}_value_changed"
    small.account.update_lead(lead, fields={small.source: "Сайт"})
    small.clock.pass_by(1)
    small.account.update_lead(lead, fields={small.source: None})

    events = sorted(read(server, **{"filter[type]": kind}), key=lambda event: event["created_at"])

    assert [len(event["value_before"]) for event in events] == [0, 1]
    assert [len(event["value_after"]) for event in events] == [1, 0]
    assert small.account.leads[lead].fields == {}


def test_deletion_and_restoration_carry_no_values(small: Small, server: AmoServer) -> None:
    lead = small.lead()
    small.account.delete_lead(lead, by=small.oleg)
    small.account.restore_lead(lead, by=small.anna)

    events = read(server, **{"filter[type][]": ["lead_deleted", "lead_restored"]})

    assert {(event["type"], event["created_by"]) for event in events} == {
        ("lead_deleted", small.oleg),
        ("lead_restored", small.anna),
    }
    assert all(event["value_after"] == event["value_before"] == [] for event in events)


def test_what_is_already_so_changes_nothing(small: Small, server: AmoServer) -> None:
    lead = small.lead(price=5, fields={small.source: "Сайт"})
    told = len(small.account.events)
    small.clock.pass_by(60)

    small.account.update_lead(lead, price=5, fields={small.source: "Сайт"})
    small.account.move_lead(lead, small.new)

    assert len(small.account.events) == told
    assert small.account.leads[lead].updated_at == int(small.clock.now) - 60


def test_a_window_of_events_is_closed_at_both_ends_and_read_in_pages_of_a_hundred(
    small: Small, server: AmoServer
) -> None:
    for _ in range(250):
        small.lead()
        small.clock.pass_by(1)
    start = int(small.clock.now) - 250

    for span in (
        {"filter[created_at][from]": start + 10, "filter[created_at][to]": start + 209},
        {"filter[created_at]": f"{start + 10},{start + 209}"},
    ):
        events = read(server, **span, **{"filter[type]": "lead_added"})
        assert len({event["id"] for event in events}) == 200
    after = read(server, **{"filter[created_at]": start + 209})
    assert len(after) == 40


def test_ids_tell_the_order_in_which_things_of_one_second_happened(small: Small, server: AmoServer) -> None:
    lead = small.lead()
    small.account.move_lead(lead, small.measure)
    small.account.update_lead(lead, price=5)
    small.account.move_lead(lead, 142)

    events = sorted(read(server), key=lambda event: (event["created_at"], event["id"]))

    assert [event["type"] for event in events] == [
        "lead_added",
        "lead_status_changed",
        "sale_field_changed",
        "lead_status_changed",
    ]


def test_history_written_with_a_moment_stands_in_its_place(small: Small, server: AmoServer) -> None:
    lead = small.lead(moment=1_000_000)
    small.account.move_lead(lead, 142, moment=1_000_500)
    small.account.move_lead(lead, small.new, moment=1_001_000)

    kept = small.account.leads[lead]

    assert (kept.created_at, kept.updated_at, kept.closed_at) == (1_000_000, 1_001_000, None)
    window = {"filter[created_at][from]": 1_000_500, "filter[created_at][to]": 1_000_500}
    assert [event["type"] for event in read(server, **window)] == ["lead_status_changed"]


def test_closing_stamps_the_deal_and_re_opening_takes_the_stamp_away(small: Small) -> None:
    lead = small.lead()
    small.clock.pass_by(100)
    small.account.move_lead(lead, 143, loss_reason_id=small.too_dear)
    closed_at = small.account.leads[lead].closed_at
    small.account.move_lead(lead, small.measure)

    assert closed_at == int(small.clock.now)
    assert small.account.leads[lead].closed_at is None
    assert small.account.leads[lead].loss_reason_id == small.too_dear


def test_the_journal_keeps_what_was_before_and_after(small: Small) -> None:
    lead = small.lead(price=5)
    small.account.update_lead(lead, price=9, by=small.oleg)

    entry = small.account.journal[-1]

    assert (entry.verb, entry.kind, entry.id, entry.by) == ("update", "leads", lead, small.oleg)
    assert (entry.before, entry.after) == ({"price": 5}, {"price": 9})


def test_a_lead_in_the_trash_can_be_neither_changed_nor_deleted_again(small: Small) -> None:
    lead = small.lead()
    small.account.delete_lead(lead)

    for act in (small.account.delete_lead, lambda one: small.account.update_lead(one, price=1)):
        with pytest.raises(KeyError, match="trash"):
            act(lead)


def test_field_changes_may_be_told_without_the_fields_id(small: Small, server: AmoServer) -> None:
    lead = small.lead()
    small.account.update_lead(lead, fields={small.source: "Сайт"})
    server.api.manners.plain_event_types = True

    (event,) = read(server, **{"filter[type]": f"custom_field_{small.source}_value_changed"})

    assert event["type"] == "custom_field_value_changed"
    assert event["value_after"][0]["custom_field_value"]["field_id"] == small.source


def test_event_types_name_every_fields_own(small: Small, server: AmoServer) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}

    reply = requests.get(f"{server.url}/api/v4/events/types", headers=headers, timeout=5).json()

    keys = {one["key"] for one in reply["_embedded"]["events_types"]}
    assert {"lead_added", f"custom_field_{small.source}_value_changed"} <= keys


def test_an_import_dates_objects_in_the_past_while_its_events_come_now(
    small: Small, server: AmoServer
) -> None:
    lead, now = small.lead(), int(small.clock.now)
    heard: list[Happened] = []
    small.account.listen(heard.append)

    with small.account.dated(updated_at=now - 86_400, created_at=now - 172_800):
        small.account.update_lead(lead, price=5)
        old = small.lead("Из прошлого")
        person = small.account.add_contact("Иван", responsible_user_id=small.anna)

    kept = small.account
    assert kept.leads[lead].updated_at == kept.leads[old].updated_at == now - 86_400
    assert kept.leads[lead].created_at == now
    assert kept.leads[old].created_at == kept.contacts[person].created_at == now - 172_800
    assert {event["created_at"] for event in read(server)} == {now}
    assert [one.actions for one in heard] == [("update",), ("add",), ("add",)]
    small.account.update_lead(lead, price=6)
    assert kept.leads[lead].updated_at == now


def test_a_task_put_off_and_handed_over_tells_each_change(small: Small, server: AmoServer) -> None:
    task = small.account.add_task("Позвонить", responsible_user_id=small.anna, complete_till=100)
    heard: list[Happened] = []
    small.account.listen(heard.append)

    for _ in range(2):
        small.account.update_task(task, text="Ещё раз", complete_till=200, responsible_user_id=small.oleg)

    kinds = ["task_text_changed", "task_deadline_changed", "entity_responsible_changed"]
    told = {event["type"]: event for event in read(server, **{"filter[type][]": kinds})}
    assert told["task_text_changed"]["value_after"] == [{"task": {"text": "Ещё раз"}}]
    assert told["task_deadline_changed"]["value_before"] == [{"task_deadline": {"timestamp": 100}}]
    assert told["entity_responsible_changed"]["entity_type"] == "task"
    assert [one.actions for one in heard] == [("update", "responsible")]
    body = dict(
        parse_qsl(wire.encode(small.account, "tasks", "update", heard[0].item, heard[0].old).decode())
    )
    assert body["task[update][0][old_text]"] == "Позвонить"
    assert body["task[update][0][old_responsible_user_id]"] == str(small.anna)


def test_tags_that_come_and_go_are_told(small: Small, server: AmoServer) -> None:
    lead = small.lead(tags=["a", "b"])
    small.account.update_lead(lead, tags=["b", "c"])

    told = {event["type"]: event for event in read(server)}

    assert told["entity_tag_added"]["value_after"] == [{"tag": {"name": "c"}}]
    assert told["entity_tag_deleted"]["value_before"] == [{"tag": {"name": "a"}}]
