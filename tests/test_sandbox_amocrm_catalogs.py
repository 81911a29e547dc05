"""Catalogues, products, invoices, and what of them stands on a lead's card."""

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


def test_an_account_has_many_lists_but_one_of_products(small: Small, caller: Caller) -> None:
    assert caller.get("/catalogs").status_code == 204
    profiles = small.account.add_catalog("Профили")
    products = small.account.add_catalog("Товары", "products")

    assert [(one["id"], one["type"]) for one in caller.items("/catalogs")] == [
        (profiles, "regular"),
        (products, "products"),
    ]
    assert caller.ids("/catalogs", **{"filter[type]": "products"}) == [products]
    codes = {one["code"] for one in caller.items(f"/catalogs/{products}/custom_fields")}
    assert {"SKU", "PRICE"} <= codes
    with pytest.raises(ValueError, match="already"):
        small.account.add_catalog("Ещё товары", "products")


def test_elements_are_read_whole_in_pages_for_no_filter_by_time_exists(small: Small, caller: Caller) -> None:
    catalog = small.account.add_catalog("Товары", "products")
    ids = [small.account.add_product(catalog, f"Окно {number}", 100 + number) for number in range(3)]
    elsewhere = small.account.add_element(small.account.add_catalog("Профили"), "Профиль")
    path = f"/catalogs/{catalog}/elements"

    assert caller.ids(path, limit=2) + caller.ids(path, limit=2, page=2) == ids
    assert caller.get(path, limit=2, page=3).status_code == 204
    assert caller.ids(path, **{"filter[id][]": [ids[2], elsewhere]}) == [ids[2]]
    assert caller.ids(path, query="окно 1") == [ids[1]]
    assert caller.get(path, **{"filter[updated_at][from]": 1}).status_code == 400
    assert caller.get(path, **{"order[id]": "asc"}).status_code == 400
    assert caller.get(f"{path}/{elsewhere}").status_code == 204
    price = next(
        one
        for one in caller.get(f"{path}/{ids[0]}").json()["custom_fields_values"]
        if one["field_code"] == "PRICE"
    )
    assert price["values"] == [{"value": "100"}]


def test_an_element_stands_on_a_card_with_quantity_and_price(small: Small, caller: Caller) -> None:
    account, lead = small.account, small.lead()
    catalog = account.add_catalog("Товары", "products")
    window, door = (account.add_product(catalog, name, 100) for name in ("Окно", "Дверь"))
    price = account.field_of(catalog, "PRICE")
    born = account.leads[lead].updated_at
    small.clock.pass_by(60)

    account.link_element(lead, window, 2.5, price_id=price)
    account.link_element(lead, door)
    account.link_element(lead, door, 3)

    metadata = {"quantity": 2.5, "catalog_id": catalog, "price_id": price}
    rows = caller.items("/leads/links", **{"filter[entity_id][]": lead})
    assert [(row["to_entity_id"], row["to_entity_type"]) for row in rows] == [
        (window, "catalog_elements"),
        (door, "catalog_elements"),
    ]
    assert rows[0]["metadata"] == metadata
    assert rows[1]["metadata"]["quantity"] == 3
    (shown,) = caller.items("/leads", **{"with": "catalog_elements"})
    assert shown["_embedded"]["catalog_elements"][0] == {"id": window, "metadata": metadata}
    assert shown["updated_at"] == born
    assert len(caller.items("/events", **{"filter[type]": "entity_linked"})) == 2
    account.unlink_element(lead, door)
    account.delete_element(window)
    assert caller.items(f"/leads/{lead}/links") == []


def test_links_name_people_too_and_many_cards_are_asked_at_once(small: Small, caller: Caller) -> None:
    account = small.account
    company = account.add_company("ООО", responsible_user_id=small.anna)
    ivan, olga = (account.add_contact(name, responsible_user_id=small.anna) for name in ("Иван", "Ольга"))
    first, second = small.lead(contacts=[ivan, olga], company_id=company), small.lead(contacts=[olga])

    rows = caller.items("/leads/links", **{"filter[entity_id][]": [first, second]})

    assert [(row["entity_id"], row["to_entity_id"], row["metadata"]) for row in rows] == [
        (first, ivan, {"main_contact": True}),
        (first, olga, {"main_contact": False}),
        (first, company, None),
        (second, olga, {"main_contact": True}),
    ]
    only = {"filter[entity_id][]": [first, second], "filter[to_entity_type]": "companies"}
    assert [row["to_entity_id"] for row in caller.items("/leads/links", **only)] == [company]
    assert [row["to_entity_id"] for row in caller.items(f"/contacts/{olga}/links")] == [first, second]
    assert caller.get("/leads/links").status_code == 400


def test_an_invoice_has_positions_a_sum_a_status_and_a_day_of_payment(small: Small, caller: Caller) -> None:
    account, lead = small.account, small.lead()
    catalog = account.add_catalog("Счета", "invoices")
    invoice = account.add_invoice(
        catalog, "Счёт 1", [("Окно", 10.5, 2), ("Монтаж", 9, 1)], lead_id=lead, payer="Иван"
    )

    def values() -> dict[str, list[dict[str, object]]]:
        reply = caller.get(f"/catalogs/{catalog}/elements/{invoice}", **{"with": "invoice_link"}).json()
        assert reply["invoice_link"]
        return {one["field_code"]: one["values"] for one in reply["custom_fields_values"]}

    unpaid = values()
    small.clock.pass_by(60)
    account.pay_invoice(invoice)
    paid = values()

    assert unpaid["BILL_PRICE"] == [{"value": "30"}]
    assert [one["value"]["total_sum"] for one in unpaid["ITEMS"]] == [21.0, 9]  # type: ignore[index]
    assert unpaid["PAYER"][0]["value"] == {"name": "Иван", "type": "individual"}
    assert unpaid["BILL_STATUS"][0]["enum_code"] == "created"
    assert "BILL_PAYMENT_DATE" not in unpaid
    assert paid["BILL_STATUS"][0]["enum_code"] == "paid"
    assert paid["BILL_PAYMENT_DATE"] == [{"value": int(small.clock.now)}]
    assert account.leads[lead].elements[0].element_id == invoice


def test_the_webhooks_of_elements_name_their_list(small: Small) -> None:
    account, heard = small.account, list[tuple[str, bytes]]()

    def hear(told: Happened) -> None:
        for action in told.actions:
            body = wire.encode(account, told.kind, action, told.item, told.old)
            heard.append((wire.code_of(told.kind, action), body))

    catalog = account.add_catalog("Товары", "products")
    account.listen(hear)
    window = account.add_product(catalog, "Окно", 100, sku="ОК-1")
    account.update_element(window, name="Окно глухое")
    account.update_element(window, name="Окно глухое")
    account.delete_element(window)

    assert [code for code, _ in heard] == [f"{verb}_catalog_element" for verb in ("add", "update", "delete")]
    added, changed, gone = (dict(parse_qsl(body.decode())) for _, body in heard)
    assert added["catalogs[add][0][catalog_id]"] == str(catalog)
    assert added["catalogs[add][0][custom_fields][0][values][0][value]"] == "ОК-1"
    assert added["catalogs[add][0][type]"] == "catalog"
    assert changed["catalogs[update][0][name]"] == "Окно глухое"
    assert gone["catalogs[delete][0][id]"] == str(window)
