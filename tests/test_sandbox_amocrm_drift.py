"""The furniture of the account moves: fields, options, statuses, pipelines and tags."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.amocrm import AmoServer
from sandbox.amocrm.small import Small
from tests.sandbox_amocrm_caller import Caller


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture(params=[0.0, 5.0], ids=["at once", "lagging"])
def caller(small: Small, request: pytest.FixtureRequest) -> Iterator[Caller]:
    with AmoServer(small.account, rate=0, lag=request.param) as server:
        caller = Caller(server)
        yield caller
        caller.session.close()


def shown(small: Small, caller: Caller) -> list[dict[str, Any]]:
    """The leads in the list, after any lag."""
    small.clock.pass_by(5)
    return caller.items("/leads", **{"order[id]": "asc"})


def test_a_deleted_field_vanishes_everywhere_and_touches_nothing(small: Small, caller: Caller) -> None:
    small.lead(fields={small.source: "Сайт"})
    (before,) = shown(small, caller)

    small.account.delete_field(small.source)

    (after,) = shown(small, caller)
    assert (before["custom_fields_values"][0]["field_id"], after["custom_fields_values"]) == (
        small.source,
        None,
    )
    assert after["updated_at"] == before["updated_at"]
    assert small.source not in caller.ids("/leads/custom_fields")
    assert caller.get(f"/leads/custom_fields/{small.source}").status_code == 404


def test_a_field_of_a_catalogue_can_go_too(small: Small, caller: Caller) -> None:
    account = small.account
    catalog = account.add_catalog("Счета", "invoices")
    invoice = account.add_invoice(catalog, "Счёт", [("Окно", 10, 1)])
    status = account.field_of(catalog, "BILL_STATUS")
    account.rename_field(status, "Состояние")
    account.delete_choice(status, next(iter(account.fields[status].choices)))
    account.delete_field(account.field_of(catalog, "BILL_PRICE"))
    small.clock.pass_by(5)

    (element,) = caller.items(f"/catalogs/{catalog}/elements")

    assert element["id"] == invoice
    assert [one["field_code"] for one in element["custom_fields_values"]] == ["ITEMS"]


def test_options_come_and_go(small: Small, caller: Caller) -> None:
    account = small.account
    several = account.add_field("Опции", "multiselect", ("Откосы", "Отлив"))
    first, second = account.fields[several].choices
    cold = account.add_choice(small.source, "Холодный звонок")
    lead = small.lead(fields={small.source: cold, several: ["Откосы", "Отлив"]})
    other = small.lead(fields={several: ["Откосы"]})
    assert len(shown(small, caller)) == 2

    account.delete_choice(small.source, cold)
    account.delete_choice(several, first)

    values = {one["id"]: one["custom_fields_values"] for one in shown(small, caller)}
    assert [one["enum_id"] for one in values[lead][0]["values"]] == [second]
    assert (len(values[lead]), values[other]) == (1, None)


def test_a_renamed_field_and_a_renamed_tag_keep_their_ids(small: Small, caller: Caller) -> None:
    small.lead(fields={small.source: "Сайт"}, tags=["старый"])
    (before,) = shown(small, caller)

    small.account.rename_field(small.source, "Откуда")
    small.account.rename_tag("leads", "старый", "новый")

    (after,) = shown(small, caller)
    assert after["custom_fields_values"][0]["field_name"] == "Откуда"
    assert after["_embedded"]["tags"] == [{**before["_embedded"]["tags"][0], "name": "новый"}]
    assert after["updated_at"] == before["updated_at"]


def test_a_deleted_status_hands_its_leads_to_the_first_one(small: Small, caller: Caller) -> None:
    lead = small.lead(status_id=small.measure)
    trashed = small.lead(status_id=small.measure)
    small.account.delete_lead(trashed)

    assert small.account.delete_status(small.sales, small.measure) == 2

    (moved,) = shown(small, caller)
    assert (moved["id"], moved["status_id"]) == (lead, small.new)
    assert "lead_status_changed" in {event["type"] for event in caller.items("/events")}
    small.account.restore_lead(trashed)
    assert {one["status_id"] for one in shown(small, caller)} == {small.new}
    with pytest.raises(ValueError, match="system"):
        small.account.delete_status(small.sales, 142)


def test_pipelines_are_renamed_reordered_and_archived(small: Small, caller: Caller) -> None:
    small.lead()
    small.account.rename_pipeline(small.sales, "Окна")
    small.account.move_status(small.sales, small.measure, 15)
    small.account.archive_pipeline(small.sales)

    pipeline = caller.get(f"/leads/pipelines/{small.sales}").json()

    assert (pipeline["name"], pipeline["is_archive"]) == ("Окна", True)
    order = [status["id"] for status in pipeline["_embedded"]["statuses"]]
    assert order.index(small.measure) < order.index(small.new)
    assert len(shown(small, caller)) == 1
    caller.server.api.manners.archived_listed = False
    assert shown(small, caller) == []
