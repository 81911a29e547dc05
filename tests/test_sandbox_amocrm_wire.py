"""The bodies of the stand-in's webhooks are like the captured ones: names, order, forms of values."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from sandbox.amocrm import wire
from sandbox.amocrm.small import Small

SAMPLES = Path(__file__).parent / "samples" / "amocrm"


@pytest.fixture
def small() -> Small:
    return Small()


def keys(body: bytes) -> list[str]:
    return [key for key, _ in parse_qsl(body.decode(), keep_blank_values=True)]


def sample(name: str) -> list[str]:
    return keys((SAMPLES / f"webhook_{name}.form").read_bytes())


def test_an_added_lead_has_the_keys_of_a_captured_one_in_their_order(small: Small) -> None:
    lead = small.account.leads[small.lead("Test", price=999)]

    assert keys(wire.encode(small.account, "leads", "add", lead)) == sample("lead_add")


def test_an_updated_lead_has_the_keys_of_a_captured_one_in_their_order(small: Small) -> None:
    fields = [small.account.add_field(name, "text") for name in ("Поле1", "Поле2")]
    lead = small.account.leads[small.lead("Test", fields=dict(zip(fields, "12", strict=True)))]

    assert keys(wire.encode(small.account, "leads", "update", lead)) == sample("lead_update")


def test_contacts_have_the_keys_of_captured_ones_in_their_order(small: Small) -> None:
    account = small.account
    position = account.add_field("Должность", "text", entity="contacts", code="POSITION")
    account.fields[position].sort = 0
    email = account.add_field("Email", "multitext", ("WORK",), entity="contacts", code="EMAIL")
    contact = account.contacts[account.add_contact("Иван Пробный", responsible_user_id=small.anna)]
    added = wire.encode(account, "contacts", "add", contact)
    values = {position: "555", small.phone: [("333", "WORK")], email: [("444", "WORK")]}
    account.update_contact(contact.id, fields=values)

    assert keys(added) == sample("contact_add")
    assert sorted(keys(wire.encode(account, "contacts", "update", contact))) == sorted(
        sample("contact_update")
    )


def test_bodies_are_encoded_as_captured_ones(small: Small) -> None:
    lead = small.account.leads[small.lead("Окна + двери")]

    body = wire.encode(small.account, "leads", "add", lead)

    assert body.startswith(b"account%5Bsubdomain%5D=acme&account%5Bid%5D=31000001&account%5B_links%5D%5Bself")
    assert b"%D0%9E%D0%BA%D0%BD%D0%B0+%2B+" in body


def test_each_type_of_field_travels_in_its_own_form(small: Small) -> None:
    lead = small.account.leads[small.lead_of_every_type()]

    form = dict(parse_qsl(wire.encode(small.account, "leads", "update", lead).decode()))

    def of(kind: str) -> dict[str, str]:
        (place,) = (key for key, value in form.items() if value == kind and key.endswith("[name]"))
        prefix = place.removesuffix("[name]") + "[values]"
        return {key.removeprefix(prefix): value for key, value in form.items() if key.startswith(prefix)}

    assert of("date") == {"[0]": "1767214800"}
    assert of("birthday") == {"[0][value]": "01.01.1990"}
    assert set(of("radiobutton")) == {"[value]", "[enum]"}
    assert set(of("select")) == {"[0][value]", "[0][enum]"}
    assert of("checkbox") == {"[0][value]": "1"}
    assert of("numeric") == {"[0][value]": "14012"}
    assert of("multitext")["[1][value]"] == "007"


def test_a_deleted_lead_travels_with_its_place_only(small: Small) -> None:
    lead = small.account.leads[small.lead()]

    assert keys(wire.encode(small.account, "leads", "delete", lead))[3:] == [
        "leads[delete][0][id]",
        "leads[delete][0][status_id]",
        "leads[delete][0][pipeline_id]",
    ]


def test_tasks_and_notes_travel_in_their_old_names(small: Small) -> None:
    account = small.account
    lead = small.lead()
    task = account.tasks[
        account.add_task("Call", responsible_user_id=small.anna, complete_till=5, entity_id=lead)
    ]
    account.complete_task(task.id, "Done")

    done = dict(parse_qsl(wire.encode(account, "tasks", "update", task, {"is_completed": False}).decode()))
    note = dict(parse_qsl(wire.encode_note(account, "leads", lead, "hello").decode()))

    assert done["task[update][0][element_type]"] == "2"
    assert done["task[update][0][status]"] == done["task[update][0][action_close]"] == "1"
    assert done["task[update][0][date_create]"] == "2026-01-01 00:00:00"
    assert note["leads[note][0][note][date_create]"] == "2026-01-01 03:00:00"
    assert note["leads[note][0][note][element_id]"] == str(lead)
