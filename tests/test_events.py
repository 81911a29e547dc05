"""Deliveries: whatever the order and the shape of their keys, they say which objects changed."""

import random
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.amocrm.events import understand
from connectors.base import Change, ContractBroken

SAMPLES = Path(__file__).parent / "samples" / "amocrm"
AT = 1_767_312_000
MOMENT = datetime.fromtimestamp(AT, UTC)
ACCOUNT = {"account[subdomain]": "acme", "account[id]": "31000001"}


def form(fields: dict[str, str], *, account: dict[str, str] | None = None) -> bytes:
    return urlencode({**(ACCOUNT if account is None else account), **fields}).encode()


def changes(fields: dict[str, str]) -> set[Change]:
    return set(understand(form(fields)).changes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lead_add", Change("leads", 32966269, "add", datetime(2025, 5, 26, 14, 11, 9, tzinfo=UTC))),
        ("lead_update", Change("leads", 32966269, "update", datetime(2025, 5, 26, 14, 13, 32, tzinfo=UTC))),
        ("contact_add", Change("contacts", 37054081, "add", datetime(2025, 5, 26, 19, 53, 51, tzinfo=UTC))),
        (
            "contact_update",
            Change("contacts", 37054081, "update", datetime(2025, 5, 26, 20, 55, 37, tzinfo=UTC)),
        ),
    ],
)
def test_what_real_accounts_sent_is_understood(name: str, expected: Change) -> None:
    delivery = understand((SAMPLES / f"webhook_{name}.form").read_bytes())

    assert delivery.changes == (expected,)
    assert (delivery.account_id, delivery.subdomain) == (31000001, "acme")


@pytest.mark.parametrize("name", ["lead_add", "lead_update", "contact_add", "contact_update"])
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_keys_means_nothing(name: str, seed: int) -> None:
    body = (SAMPLES / f"webhook_{name}.form").read_bytes()
    parts = body.split(b"&")
    random.Random(seed).shuffle(parts)

    assert understand(b"&".join(parts)) == understand(body)


def test_brackets_need_not_be_encoded() -> None:
    body = (SAMPLES / "webhook_lead_update.form").read_bytes()

    assert understand(body.replace(b"%5B", b"[").replace(b"%5D", b"]")) == understand(body)


@pytest.mark.parametrize("action", ["add", "update", "status", "responsible", "restore", "delete"])
def test_every_action_on_a_lead_is_a_change_of_it(action: str) -> None:
    said = {f"leads[{action}][0][id]": "7", f"leads[{action}][0][last_modified]": str(AT)}

    assert changes(said) == {Change("leads", 7, action, MOMENT)}


def test_a_deletion_may_bring_nothing_but_the_id() -> None:
    assert changes({"leads[delete][0][id]": "7"}) == {Change("leads", 7, "delete")}


@pytest.mark.parametrize("action", ["add", "update", "delete", "restore", "responsible"])
@pytest.mark.parametrize(("kind", "stream"), [("contact", "contacts"), ("company", "companies")])
def test_companies_come_among_the_contacts(action: str, kind: str, stream: str) -> None:
    said = {f"contacts[{action}][0][id]": "7", f"contacts[{action}][0][type]": kind}

    assert changes(said) == {Change(stream, 7, action)}


def test_several_objects_and_actions_may_share_a_delivery() -> None:
    said = {
        "leads[status][0][id]": "1",
        "leads[status][1][id]": "2",
        "leads[update][0][id]": "1",
        "contacts[update][0][id]": "3",
        "contacts[update][0][type]": "contact",
        "contacts[update][1][id]": "4",
        "contacts[update][1][type]": "company",
        "task[add][0][id]": "5",
    }

    assert changes(said) == {
        Change("leads", 1, "status"),
        Change("leads", 2, "status"),
        Change("leads", 1, "update"),
        Change("contacts", 3, "update"),
        Change("companies", 4, "update"),
        Change("tasks", 5, "add"),
    }


def test_ids_inside_an_object_are_not_its_own() -> None:
    said = {
        "contacts[update][0][linked_leads_id][9000001][ID]": "9000001",
        "contacts[update][0][tags][0][id]": "72289",
        "contacts[update][0][custom_fields][0][id]": "620001",
        "contacts[update][0][custom_fields][2][values][value]": "2",
        "contacts[update][0][custom_fields][3][values][0]": "1767214800",
        "contacts[update][0][id]": "7",
        "contacts[update][0][type]": "contact",
    }

    assert changes(said) == {Change("contacts", 7, "update")}


@pytest.mark.parametrize(
    ("code", "stream"),
    [("1", "contacts"), ("2", "leads"), ("3", "companies")],
    ids=["contact", "lead", "company"],
)
def test_a_note_is_a_change_of_what_it_hangs_on(code: str, stream: str) -> None:
    place = "leads" if code == "2" else "contacts"
    said = {
        f"{place}[note][0][note][id]": "42700001",
        f"{place}[note][0][note][element_type]": code,
        f"{place}[note][0][note][element_id]": "7",
        f"{place}[note][0][note][date_create]": "2026-01-01 03:00:00",
        f"{place}[note][0][note][updated_at]": str(AT),
    }

    assert changes(said) == {Change(stream, 7, "note", MOMENT)}


def test_a_note_of_a_customer_is_nothing_to_us() -> None:
    said = {"leads[note][0][note][element_type]": "12", "leads[note][0][note][element_id]": "7"}

    assert changes(said) == set()


@pytest.mark.parametrize("prefix", ["task[update][0]", "task[update][0][0]"])
def test_a_task_is_found_also_where_a_sample_repeats_the_index(prefix: str) -> None:
    said = {
        f"{prefix}[id]": "7",
        f"{prefix}[last_modified]": "2026-01-01 01:00:00",
        f"{prefix}[updated_at]": str(AT),
        f"{prefix}[result][id]": "155001",
        f"{prefix}[action_close]": "1",
    }

    assert changes(said) == {Change("tasks", 7, "update", MOMENT)}


def test_an_incoming_lead_is_a_lead_and_declining_throws_it_away() -> None:
    added = {
        "unsorted[add][0][uid]": "aa11",
        "unsorted[add][0][lead_id]": "7",
        "unsorted[add][0][category]": "forms",
    }
    accepted = {
        "unsorted[delete][0][action]": "accept",
        "unsorted[delete][0][uid]": "aa11",
        "unsorted[delete][0][accept_result][leads][0]": "7",
        "unsorted[delete][0][accept_result][contacts][0]": "8",
    }
    declined = {
        "unsorted[delete][0][action]": "decline",
        "unsorted[delete][0][decline_result][leads][0]": "7",
        "unsorted[delete][0][decline_result][leads][1]": "9",
    }

    assert changes(added) == {Change("leads", 7, "add")}
    assert changes(accepted) == {Change("leads", 7, "update"), Change("contacts", 8, "update")}
    assert changes(declined) == {Change("leads", 7, "delete"), Change("leads", 9, "delete")}


@pytest.mark.parametrize(
    "kind", ["catalogs", "message", "outgoing_message", "talk", "customers", "something_new"]
)
def test_other_kinds_are_nothing_to_do(kind: str) -> None:
    said = {
        f"{kind}[add][0][id]": "7",
        f"{kind}[add][0][element_type]": "2",
        f"{kind}[add][0][element_id]": "9",
    }

    assert changes(said) == set()


def test_an_older_account_names_only_its_subdomain() -> None:
    delivery = understand(form({"leads[add][0][id]": "7"}, account={"account[subdomain]": "acme"}))

    assert (delivery.account_id, delivery.subdomain) == (None, "acme")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff\xfe",
        b"<html></html>",
        b'{"leads":{"add":[{"id":7}]}}',
        b"leads%5Badd%5D%5B0%5D%5Bid%5D=7",
        form({"leads[add][0][name]": "no id"}),
        form({"leads[add][0][id]": ""}),
        form({"leads[add][0][id]": "seven"}),
        form({"leads[add][0][id]": "-7"}),
        form({"leads[add][0][id]": "²"}),
        form({"leads[add][0][id]": "9" * 40}),
        form({"leads[note][0][note][element_type]": "2"}),
        form({"leads[add][0][id]": "7"}, account={"account[id]": "acme"}),
    ],
)
def test_what_cannot_be_understood_is_refused_aloud(body: bytes) -> None:
    with pytest.raises(ContractBroken):
        understand(body)


@pytest.mark.parametrize("stamp", ["", "0000-00-00", "99999999999999999999", "9" * 12, "-1"])
def test_a_moment_that_is_none_is_left_out(stamp: str) -> None:
    assert changes({"leads[add][0][id]": "7", "leads[add][0][updated_at]": stamp}) == {
        Change("leads", 7, "add")
    }


def test_text_cut_amid_a_letter_spoils_nothing() -> None:
    body = form({"leads[add][0][id]": "7"}) + b"&leads[add][0][name]=%D0%98%D0&leads[add][0][x]=\xd0"

    assert understand(body).changes == (Change("leads", 7, "add"),)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_understood_or_refused(junk: bytes) -> None:
    for body in (junk, form({}) + b"&" + junk, form({}) + b"&leads[add][0][id]=" + quote_plus(junk).encode()):
        try:
            understand(body)
        except ContractBroken:
            continue
