"""Incoming leads, customers, tags and roles."""

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


@pytest.fixture
def told(small: Small) -> list[tuple[str, dict[str, str]]]:
    """The webhooks that would be sent: (code, body)."""
    heard: list[tuple[str, dict[str, str]]] = []

    def hear(happened: Happened) -> None:
        for action in happened.actions:
            body = wire.encode(small.account, happened.kind, action, happened.item, happened.old)
            heard.append((wire.code_of(happened.kind, action), dict(parse_qsl(body.decode()))))

    small.account.listen(hear)
    return heard


def test_an_incoming_lead_waits_with_a_hidden_contact_until_it_is_accepted(
    small: Small, caller: Caller, told: list[tuple[str, dict[str, str]]]
) -> None:
    account = small.account
    uid = account.add_incoming("sip", small.sales, "Звонок", contact="Иван", metadata={"phone": 79990001122})

    (waiting,) = caller.items("/leads/unsorted")
    (contact,) = waiting["_embedded"]["contacts"]
    assert (waiting["uid"], waiting["category"], len(uid)) == (uid, "sip", 24)
    assert waiting["metadata"] == {"phone": 79990001122}
    assert caller.get(f"/leads/unsorted/{uid}").json() == waiting
    assert caller.get("/contacts").status_code == 204
    small.clock.pass_by(90)
    account.update_contact(contact["id"], name="Иван Иванов")
    assert not any(code.endswith("_contact") for code, _ in told)
    lead = account.accept_incoming(uid, status_id=small.new, by=small.oleg)

    assert waiting["_embedded"]["leads"] == [{"id": lead}]
    assert caller.get("/leads/unsorted").status_code == 204
    assert caller.get(f"/leads/unsorted/{uid}").status_code == 404
    assert caller.ids("/contacts") == [contact["id"]]
    assert (account.leads[lead].status_id, account.leads[lead].responsible_user_id) == (small.new, small.oleg)
    by_code = dict(told)
    assert by_code["add_unsorted"]["unsorted[add][0][data][leads][0][id]"] == str(lead)
    assert by_code["delete_unsorted"]["unsorted[delete][0][action]"] == "accept"
    assert by_code["delete_unsorted"]["unsorted[delete][0][accept_result][leads][0]"] == str(lead)
    assert [code for code, _ in told].count("add_contact") == 1
    summary = caller.get("/leads/unsorted/summary").json()
    assert (summary["total"], summary["accepted"], summary["average_sort_time"]) == (1, 1, 90)
    assert summary["categories"]["sip"] == {"total": 1}
    with pytest.raises(KeyError, match="settled"):
        account.decline_incoming(uid, by=small.oleg)


def test_declining_deletes_the_lead_and_moving_or_deleting_the_lead_settles_the_request(
    small: Small, caller: Caller
) -> None:
    account = small.account
    declined, moved, deleted = (account.add_incoming("forms", small.sales, contact="Иван") for _ in range(3))
    account.decline_incoming(declined, by=small.anna)
    account.move_lead(account.incoming[moved].lead_id, small.new)
    account.delete_lead(account.incoming[deleted].lead_id)

    outcomes = [account.incoming[uid].outcome for uid in (declined, moved, deleted)]

    assert outcomes == ["decline", "accept", "decline"]
    assert len(caller.ids("/leads", **{"with": "only_deleted"})) == 2
    assert len(caller.ids("/contacts")) == 1


def test_incoming_leads_stand_in_the_list_of_leads_where_the_account_does_so(
    small: Small, caller: Caller
) -> None:
    small.account.add_incoming("mail", small.sales)
    ordinary = small.lead()

    assert len(caller.ids("/leads")) == 2
    caller.server.api.manners.unsorted_listed = False
    assert caller.ids("/leads") == [ordinary]
    assert caller.get("/leads/unsorted", **{"filter[category][]": "sip"}).status_code == 204


def test_an_account_without_customers_has_nothing_to_tell(small: Small, caller: Caller) -> None:
    small.account.add_customer("Иван", responsible_user_id=small.anna)

    assert caller.get("/account").json()["customers_mode"] == "unavailable"
    assert [caller.get(path).status_code for path in ("/customers", "/customers/transactions")] == [204, 204]
    assert caller.get("/customers/statuses").status_code == 422
    caller.server.api.manners.customers_refused = True
    assert caller.get("/customers").status_code == 422


def test_a_customer_carries_the_sums_of_his_purchases(
    small: Small, caller: Caller, told: list[tuple[str, dict[str, str]]]
) -> None:
    account = small.account
    account.settings.customers_mode = "periodicity"
    ivan, olga = (account.add_customer(name, responsible_user_id=small.anna) for name in ("Иван", "Ольга"))
    small.clock.pass_by(60)
    bought = [account.add_transaction(ivan, price) for price in (100, 300)]
    account.update_customer(ivan, responsible_user_id=small.oleg)
    account.delete_customer(olga)

    window = {"filter[updated_at][from]": int(small.clock.now), "order[id]": "asc"}
    (shown,) = caller.items("/customers", **window)
    assert (shown["id"], shown["ltv"], shown["purchases_count"], shown["average_check"]) == (
        ivan,
        400,
        2,
        200,
    )
    assert caller.get(f"/customers/{olga}").status_code == 204
    assert sorted(caller.ids(f"/customers/{ivan}/transactions")) == bought
    assert len(caller.items("/customers/statuses")) == 3
    kinds = [event["type"] for event in caller.items("/events", **{"filter[entity]": "customer"})]
    assert sorted(kinds) == ["customer_added"] * 2 + ["customer_deleted"] + ["transaction_added"] * 2
    assert tuple(code for code, _ in told[-2:]) == ("responsible_customer", "delete_customer")
    assert told[-2][1]["customers[responsible][0][old_responsible_user_id]"] == str(small.anna)


def test_tags_are_listed_by_kind_with_the_ids_that_cards_show(small: Small, caller: Caller) -> None:
    small.lead(tags=["ab", "ba"])

    (lead,) = caller.items("/leads")
    listed = caller.items("/leads/tags")

    assert listed == lead["_embedded"]["tags"]
    assert len({tag["id"] for tag in listed}) == 2
    assert [tag["name"] for tag in caller.items("/leads/tags", **{"filter[name]": "ba"})] == ["ba"]
    assert caller.get("/contacts/tags").status_code == 204


def test_roles_are_for_administrators(small: Small, caller: Caller) -> None:
    assert caller.get("/roles").status_code == 204
    role = small.account.add_role("Менеджер", [small.oleg])

    (shown,) = caller.items("/roles", **{"with": "users"})
    assert (shown["id"], shown["_embedded"]["users"]) == (role, [small.oleg])
    (oleg,) = (user for user in caller.items("/users", **{"with": "role"}) if user["id"] == small.oleg)
    assert (oleg["rights"]["role_id"], oleg["_embedded"]["roles"][0]["name"]) == (role, "Менеджер")
    caller.server.api.is_admin = False
    assert [caller.get(path).status_code for path in ("/roles", "/sources", "/users")] == [403] * 3
