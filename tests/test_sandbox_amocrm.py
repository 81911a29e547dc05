"""The stand-in account shows its objects as the documented API does, and refuses as it does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.amocrm import AmoServer
from sandbox.amocrm.small import FIELD_TYPES, Small
from tests.sandbox_amocrm_caller import Caller

SAMPLE = Path(__file__).parent / "samples" / "amocrm" / "leads_page.json"
EXTRAS = {"contacts", "loss_reason", "catalog_elements", "source"}


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture
def caller(small: Small) -> Iterator[Caller]:
    with AmoServer(small.account, rate=0) as server:
        caller = Caller(server)
        yield caller
        caller.session.close()


def test_a_leads_keys_are_those_of_a_captured_page_in_their_order(small: Small, caller: Caller) -> None:
    small.lead("Окна", fields={small.source: "Сайт"})
    captured = json.loads(SAMPLE.read_text(encoding="utf-8"))["_embedded"]["leads"][0]

    page = caller.get("/leads").json()
    lead = page["_embedded"]["leads"][0]

    assert list(lead) == list(captured)
    assert list(lead["_embedded"]) == list(captured["_embedded"])
    select = next(one for one in captured["custom_fields_values"] if one["field_type"] == "select")
    assert list(lead["custom_fields_values"][0]) == list(select)
    assert list(lead["custom_fields_values"][0]["values"][0]) == list(select["values"][0])


def test_with_adds_what_was_asked_and_nothing_else(small: Small, caller: Caller) -> None:
    contact = small.account.add_contact("Иван", responsible_user_id=small.anna)
    small.account.sources[5] = "Форма"
    lead = small.lead(contacts=[contact], elements=[(527001, 2, 4521)], source_id=5)
    small.account.move_lead(lead, 143, loss_reason_id=small.too_dear)

    plain = caller.items("/leads")[0]
    full = caller.items("/leads", **{"with": ",".join([*EXTRAS, "nonsense"])})[0]

    assert set(plain["_embedded"]) == {"tags", "companies"}
    assert set(full["_embedded"]) == {"tags", "companies", *EXTRAS}
    assert full["_embedded"]["contacts"][0]["is_main"] is True
    assert full["_embedded"]["loss_reason"][0]["name"] == "Дорого"
    assert full["_embedded"]["source"] == {"id": 5, "name": "Форма"}
    assert full["_embedded"]["catalog_elements"][0]["metadata"]["catalog_id"] == 4521


def test_every_type_of_field_is_shown_in_its_documented_form(small: Small, caller: Caller) -> None:
    small.lead_of_every_type()

    values = {one["field_type"]: one["values"] for one in caller.items("/leads")[0]["custom_fields_values"]}

    assert set(values) == {kind for kind, _ in FIELD_TYPES}
    assert values["numeric"] == [{"value": "14012"}]
    assert values["checkbox"] == [{"value": True}]
    assert values["date"] == [{"value": 1_767_214_800}]
    assert [one["value"] for one in values["multiselect"]] == ["Первый", "Второй"]
    assert values["smart_address"][1] == {"value": "170000", "enum_id": 5, "enum_code": "zip"}
    assert values["chained_list"][0] == {"catalog_id": 1001, "catalog_element_id": 12235}
    assert values["multitext"][1]["enum_code"] == "MOB"
    assert values["textarea"] == [{"value": "строка\nещё строка"}]


def test_unknown_paths_and_methods_are_problems(caller: Caller) -> None:
    unknown, wrong = caller.get("/lead"), caller.session.post(f"{caller.server.url}/api/v4/leads", timeout=5)

    assert (unknown.status_code, wrong.status_code) == (404, 405)
    assert unknown.json()["title"] == "Not Found"
    assert unknown.headers["Content-Type"] == wrong.headers["Content-Type"] == "application/problem+json"


def test_success_is_hal_and_every_reply_has_its_request_id(small: Small, caller: Caller) -> None:
    small.lead()
    replies = [caller.get("/leads"), caller.get("/nothing"), caller.get("/tasks")]

    assert replies[0].headers["Content-Type"] == "application/hal+json"
    assert len({reply.headers["X-Request-Id"] for reply in replies}) == 3


def test_nobody_comes_in_without_a_good_token(caller: Caller) -> None:
    url = f"{caller.server.url}/api/v4/account"

    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": caller.server.token}):
        reply = requests.get(url, headers=headers, timeout=5)
        assert reply.status_code == 401
        assert reply.json()["detail"] == "Неверный логин или пароль"


def test_deleted_leads_are_in_no_list_but_their_own_and_there_as_stubs(small: Small, caller: Caller) -> None:
    kept, gone = small.lead(), small.lead()
    small.clock.pass_by(60)
    small.account.delete_lead(gone, by=small.oleg)
    deleted_at = int(small.clock.now)
    only = {"with": "only_deleted"}

    assert caller.ids("/leads") == [kept]
    assert caller.get(f"/leads/{gone}").status_code == 204
    assert caller.items("/leads", **only) == [
        {"id": gone, "updated_at": deleted_at, "updated_by": small.oleg, "is_deleted": True}
    ]
    assert caller.ids("/leads", **only, **{"filter[updated_at][from]": deleted_at}) == [gone]
    assert caller.ids("/leads", **only, **{"filter[updated_at][from]": deleted_at + 1}) == []
    assert caller.ids("/leads", **only, **{"filter[id][]": kept}) == []


def test_a_restored_lead_is_back_as_it_was_and_a_purged_one_leaves_no_trace(
    small: Small, caller: Caller
) -> None:
    back, gone = small.lead("Вернётся", price=7), small.lead()
    small.account.delete_lead(back)
    small.account.delete_lead(gone)
    small.account.restore_lead(back)
    small.clock.pass_by(31 * 86_400)
    small.account.purge()

    lead = caller.items("/leads")[0]

    assert (lead["id"], lead["name"], lead["price"], lead["is_deleted"]) == (back, "Вернётся", 7, False)
    assert caller.get("/leads", **{"with": "only_deleted"}).status_code == 204
    assert small.account.leads[gone].purged


def test_the_awkward_variants_can_be_switched_on(small: Small, caller: Caller) -> None:
    live, gone = small.lead("1", price=9), small.lead("2")
    small.account.update_lead(live, fields={small.source: "Сайт"})
    small.account.move_lead(live, 143, loss_reason_id=small.too_dear)
    small.account.delete_lead(gone)
    manners = caller.server.api.manners
    manners.minor_units = manners.deleted_as_null = manners.loss_reason_as_object = True
    manners.stub_by_id = manners.live_among_deleted = True
    manners.enum_codes = manners.page_number = False

    page = caller.get("/leads", **{"with": "loss_reason"}).json()
    lead = page["_embedded"]["leads"][0]

    assert "_page" not in page
    assert (lead["price_with_minor_units"], lead["is_deleted"]) == (9.0, None)
    assert "enum_code" not in lead["custom_fields_values"][0]["values"][0]
    assert lead["_embedded"]["loss_reason"]["id"] == small.too_dear
    assert caller.get(f"/leads/{gone}").json()["is_deleted"] is True
    assert [one["is_deleted"] for one in caller.items("/leads", **{"with": "only_deleted"})] == [True, None]


def test_reference_lists_are_whole_and_counted(small: Small, caller: Caller) -> None:
    account = caller.get("/account", **{"with": "datetime_settings,users_groups"}).json()
    users, fields = caller.get("/users").json(), caller.get("/leads/custom_fields", limit=1).json()
    pipelines = caller.get("/leads/pipelines").json()

    assert account["_embedded"]["datetime_settings"]["timezone"] == "Europe/Moscow"
    assert account["_embedded"]["datetime_settings"]["timezone_offset"] == "+03:00"
    assert users["_total_items"] == 2
    assert fields["_page_count"] == 1
    assert fields["_embedded"]["custom_fields"][0]["enums"][0]["value"] == "Авито"
    statuses = pipelines["_embedded"]["pipelines"][0]["_embedded"]["statuses"]
    assert [status["type"] for status in statuses] == [1, 0, 0, 0, 0]
    assert [status["id"] for status in statuses][-2:] == [142, 143]
    assert caller.items("/leads/loss_reasons")[0]["name"] == "Дорого"
    assert caller.get("/contacts/custom_fields").json()["_embedded"]["custom_fields"][0]["code"] == "PHONE"


def test_a_grant_of_no_administrator_sees_no_users_and_no_webhooks(small: Small) -> None:
    with AmoServer(small.account, rate=0, is_admin=False) as server:
        caller = Caller(server)
        assert caller.get("/users").status_code == caller.get("/webhooks").status_code == 403
        assert caller.get("/leads/pipelines").status_code == 200
        caller.session.close()


def test_contacts_companies_and_tasks_are_listed_with_their_links(small: Small, caller: Caller) -> None:
    account = small.account
    company = account.add_company("ООО «Ромашка»", responsible_user_id=small.anna)
    contact = account.add_contact(
        "Иван Иванов",
        responsible_user_id=small.anna,
        company_id=company,
        fields={small.phone: [("8 (916) 000", "MOB")]},
    )
    lead = small.lead(contacts=[contact], company_id=company)
    task = account.add_task("Позвонить", responsible_user_id=small.anna, complete_till=5, entity_id=lead)

    person = caller.items("/contacts", **{"with": "leads"})[0]
    firm = caller.items("/companies", **{"with": "contacts"})[0]
    open_task = caller.items("/tasks")[0]
    account.complete_task(task, "Готово")

    assert (person["first_name"], person["last_name"]) == ("Иван", "Иванов")
    assert person["custom_fields_values"][0]["values"][0]["value"] == "8 (916) 000"
    assert [one["id"] for one in person["_embedded"]["leads"]] == [lead]
    assert [one["id"] for one in person["_embedded"]["companies"]] == [company]
    assert [one["id"] for one in firm["_embedded"]["contacts"]] == [contact]
    assert (open_task["result"], open_task["entity_type"]) == ([], "leads")
    assert caller.items("/tasks", **{"filter[is_completed]": 1})[0]["result"] == {"text": "Готово"}
    assert caller.items("/leads")[0]["closest_task_at"] is None


def test_a_renamed_option_shows_its_new_text_though_the_lead_did_not_change(
    small: Small, caller: Caller
) -> None:
    lead = small.lead(fields={small.source: "Сайт"})
    option = small.account.leads[lead].fields[small.source]
    before = caller.items("/leads")[0]
    small.clock.pass_by(60)
    small.account.rename_choice(small.source, option, "Наш сайт")

    after = caller.items("/leads")[0]

    assert after["updated_at"] == before["updated_at"]
    assert after["custom_fields_values"][0]["values"][0]["value"] == "Наш сайт"
    assert after["custom_fields_values"][0]["values"][0]["enum_id"] == option


def test_a_linked_contact_changes_the_card_but_not_its_moment(small: Small, caller: Caller) -> None:
    lead = small.lead()
    contact = small.account.add_contact("Иван", responsible_user_id=small.anna)
    before = caller.items("/leads", **{"with": "contacts"})[0]
    small.clock.pass_by(60)
    small.account.link_contact(lead, contact, by=small.anna)

    after = caller.items("/leads", **{"with": "contacts"})[0]
    small.account.delete_contact(contact)

    assert after["updated_at"] == before["updated_at"]
    assert [one["id"] for one in after["_embedded"]["contacts"]] == [contact]
    assert caller.items("/leads", **{"with": "contacts"})[0]["_embedded"]["contacts"] == []
    assert caller.get("/contacts").status_code == 204
    assert caller.items("/events", **{"filter[type]": "entity_linked"})[0]["value_after"] == [
        {"link": {"entity": {"type": "contact", "id": contact}}}
    ]
