"""Notes and calls on cards: their list, their events, their webhook, and what a merge does with them."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from sandbox.amocrm import AmoServer, wire
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


def test_a_call_is_a_note_with_its_duration_phone_and_outcome(small: Small, caller: Caller) -> None:
    lead = small.lead()
    call = small.account.add_call("leads", lead, "in", phone="+79990001122", duration=60, result="ok")

    (note,) = caller.items("/leads/notes")

    assert (note["id"], note["entity_id"], note["note_type"]) == (call, lead, "call_in")
    wanted = {"duration": 60, "phone": "+79990001122", "call_status": 4, "call_result": "ok"}
    assert wanted.items() <= note["params"].items()
    (event,) = caller.items("/events", **{"filter[type]": "incoming_call"})
    assert (event["entity_id"], event["value_after"]) == (lead, [{"note": {"id": call}}])


def test_notes_are_listed_by_the_kind_of_their_card(small: Small, caller: Caller) -> None:
    account = small.account
    contact = account.add_contact("Иван", responsible_user_id=small.anna)
    first, second = small.lead(), small.lead()
    notes = [
        account.add_note("leads", lead, "Текст", moment=moment)
        for lead, moment in ((first, 30), (second, 10), (first, 20))
    ]
    other = account.add_note("contacts", contact, "Текст")

    assert caller.ids("/leads/notes", **{"order[updated_at]": "asc"}) == [notes[1], notes[2], notes[0]]
    assert caller.ids("/leads/notes", **{"filter[updated_at]": 20}) == [notes[0]]
    window = {"filter[updated_at][from]": 20, "filter[updated_at][to]": 20}
    assert caller.ids("/leads/notes", **window) == [notes[2]]
    assert caller.ids(f"/leads/{first}/notes", **{"order[id]": "asc"}) == [notes[0], notes[2]]
    assert caller.ids("/leads/notes", **{"filter[entity_id][]": second}) == [notes[1]]
    assert caller.ids("/contacts/notes") == [other]
    assert caller.get("/companies/notes").status_code == 204
    assert caller.get(f"/leads/notes/{notes[0]}").json()["params"] == {"text": "Текст"}
    assert caller.get("/leads/notes", **{"order[created_at]": "asc"}).status_code == 400


def test_a_note_does_not_touch_its_card_unless_the_account_is_of_that_sort(small: Small) -> None:
    lead = small.lead()
    born = int(small.clock.now)
    small.clock.pass_by(60)
    small.account.add_note("leads", lead, "Тихо")
    quiet = small.account.leads[lead].updated_at
    small.account.settings.touching = frozenset({"notes"})
    small.account.add_note("leads", lead, "Громко")

    assert (quiet, small.account.leads[lead].updated_at) == (born, born + 60)


def test_a_deleted_note_leaves_its_event_only(small: Small, caller: Caller) -> None:
    note = small.account.add_note("leads", small.lead(), "Текст")
    small.account.update_note(note, "Другой")
    assert caller.items("/leads/notes")[0]["params"]["text"] == "Другой"

    small.account.delete_note(note)

    assert caller.get("/leads/notes").status_code == caller.get(f"/leads/notes/{note}").status_code == 204
    assert len(caller.items("/events", **{"filter[type]": "common_note_deleted"})) == 1


def test_the_webhook_of_a_note_has_local_dates_and_the_kind_of_person(small: Small) -> None:
    account, heard = small.account, list[Happened]()
    contact = account.add_contact("Иван", responsible_user_id=small.anna)
    account.listen(heard.append)
    account.add_note("contacts", contact, "Привет")
    (told,) = heard

    body = dict(parse_qsl(wire.encode(account, told.kind, told.actions[0], told.item).decode()))

    assert wire.code_of(told.kind, told.actions[0]) == "note_contact"
    assert body["contacts[note][0][note][text]"] == "Привет"
    assert body["contacts[note][0][note][element_type]"] == "1"
    assert body["contacts[note][0][note][date_create]"] == "2026-01-01 03:00:00"
    assert body["contacts[note][0][type]"] == "contact"


def test_a_merge_brings_the_notes_together_and_its_undoing_parts_them(small: Small, caller: Caller) -> None:
    one, other = small.lead(), small.lead()
    note = small.account.add_note("leads", other, "Текст")
    small.account.merge_leads(one, [other])
    merged = caller.ids(f"/leads/{one}/notes")
    small.account.unmerge(one)

    assert merged == [note]
    assert caller.ids(f"/leads/{other}/notes") == [note]


def test_a_lagging_account_shows_notes_late_too(small: Small) -> None:
    lead = small.lead()
    with AmoServer(small.account, rate=0, lag=5) as server:
        caller = Caller(server)
        note = small.account.add_note("leads", lead, "Текст")
        early = caller.ids("/leads/notes")
        small.clock.pass_by(5)
        late = caller.ids("/leads/notes")
        small.account.delete_note(note)
        small.clock.pass_by(5)
        gone = caller.ids("/leads/notes")
        caller.session.close()

    assert (early, late, gone) == ([], [note], [])
