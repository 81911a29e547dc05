"""The streams beside the deals: notes, catalogues, links, incoming leads, tags, groups, roles, customers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.amocrm.client import Client, Timeouts
from connectors.amocrm.pace import Pace
from connectors.amocrm.source import AmoCrm
from connectors.amocrm.streams import PAGE_SIZE
from connectors.amocrm.tokens import LongLived
from connectors.base import Forbidden, NotOffered, Page
from sandbox.amocrm import faults
from sandbox.amocrm.account import Account
from sandbox.amocrm.server import AmoServer
from tests.fakes_amocrm import FakeClock, digest, ids

START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = START + timedelta(days=60)


class Firm:
    """An account with a few leads, and whatever a test adds."""

    def __init__(self) -> None:
        self.account = Account(FakeClock(UNTIL.timestamp() - 10))
        self.anna = self.account.add_user("Анна")
        self.sales = self.account.add_pipeline("Продажи", ["Новая"])
        new = self.account.status(self.sales, "Новая")
        self.leads = [
            self.account.add_lead(
                "Окна", pipeline_id=self.sales, status_id=new, responsible_user_id=self.anna
            )
            for _ in range(60)
        ]


@pytest.fixture
def firm() -> Firm:
    return Firm()


@pytest.fixture
def server(firm: Firm) -> Iterator[AmoServer]:
    with AmoServer(firm.account, rate=0) as server:
        yield server


@pytest.fixture
def source(server: AmoServer) -> Iterator[AmoCrm]:
    with Client(server.url, LongLived(server.token), Pace(1_000), Timeouts(attempts=1)) as client:
        yield AmoCrm(client, digest)


def rows(pages: Iterator[Page]) -> dict[int, dict[str, object]]:
    return {row["id"]: row for page in pages for row in json.loads(page.body)["_embedded"][page.collection]}


def test_notes_and_calls_come_with_what_they_say(firm: Firm, source: AmoCrm) -> None:
    account = firm.account
    contact = account.add_contact("Иван", responsible_user_id=firm.anna)
    texts = [account.add_note("leads", lead, f"заметка {lead}") for lead in firm.leads * 5]
    call = account.add_call("contacts", contact, "in", phone="+79990001122", duration=61, result="ок")

    of_leads = rows(source.changed("lead_notes", START, UNTIL))
    of_contacts = rows(source.changed("contact_notes", START, UNTIL))

    assert set(of_leads) == set(texts)
    params = of_contacts[call]["params"]
    assert isinstance(params, dict)
    assert (params["duration"], params["phone"], params["call_result"]) == (61, "+79990001122", "ок")
    assert list(source.changed("company_notes", START, UNTIL))[-1].cursor == UNTIL


def test_notes_are_filtered_without_the_paid_filters(firm: Firm, server: AmoServer, source: AmoCrm) -> None:
    firm.account.settings.is_api_filter_enabled = False
    note = firm.account.add_note("leads", firm.leads[0], "текст")

    assert ids(source.changed("lead_notes", START, UNTIL)) == [note]
    assert not server.asked("/account")


def test_the_elements_of_all_catalogues_come_together(firm: Firm, source: AmoCrm) -> None:
    account = firm.account
    goods, bills = account.add_catalog("Товары", "products"), account.add_catalog("Счета", "invoices")
    made = {account.add_product(goods, f"Окно {number}", 100.0 + number) for number in range(PAGE_SIZE + 60)}
    bill = account.add_invoice(bills, "Счёт 1", [("Окно", 100.0, 2)], lead_id=firm.leads[0])
    account.pay_invoice(bill)

    assert set(rows(source.snapshot("catalogs"))) == {goods, bills}
    pages = list(source.snapshot("catalog_elements"))
    assert {page.stream for page in pages} == {"catalog_elements"}
    assert set(ids(pages)) == {*made, bill}


def test_links_are_told_for_every_lead_that_was_asked_for(
    firm: Firm, server: AmoServer, source: AmoCrm
) -> None:
    account = firm.account
    goods = account.add_catalog("Товары", "products")
    window = account.add_product(goods, "Окно", 100.0)
    account.link_element(firm.leads[0], window, 3)
    server.faults.add(faults.SPURIOUS_EMPTY, path="/links")

    records = rows(source.links(firm.leads))

    assert set(records) == set(firm.leads)
    links = records[firm.leads[0]]["links"]
    assert isinstance(links, list)
    assert [(link["to_entity_id"], link["metadata"]["quantity"]) for link in links] == [(window, 3)]
    assert records[firm.leads[1]]["links"] == []
    assert len(server.asked("/links")) == 3


def test_incoming_leads_are_known_by_their_leads(firm: Firm, source: AmoCrm) -> None:
    account = firm.account
    uids = [account.add_incoming("forms", firm.sales, f"Заявка {number}") for number in range(3)]

    records = rows(source.snapshot("unsorted"))

    assert set(records) == {account.incoming[uid].lead_id for uid in uids}
    assert {row["uid"] for row in records.values()} == set(uids)


def test_the_summary_of_incoming_leads_is_one_record(firm: Firm, source: AmoCrm) -> None:
    firm.account.add_incoming("sip", firm.sales, "Звонок")

    (summary,) = rows(source.snapshot("unsorted_summary")).values()

    assert summary["total"] == 1


def test_directories_come_whole(firm: Firm, source: AmoCrm) -> None:
    group, role = firm.account.add_group("Отдел"), firm.account.add_role("Менеджер")

    assert group in rows(source.snapshot("groups"))
    assert role in rows(source.snapshot("roles"))
    for tags in ("lead_tags", "contact_tags", "company_tags"):
        assert rows(source.snapshot(tags)) == {}


def test_customers_come_where_the_account_has_them(firm: Firm, server: AmoServer, source: AmoCrm) -> None:
    firm.account.settings.customers_mode = "segments"
    customer = firm.account.add_customer("ООО", responsible_user_id=firm.anna)
    paid = firm.account.add_transaction(customer, 500)

    assert ids(source.changed("customers", START, UNTIL)) == [customer]
    assert ids(source.snapshot("transactions")) == [paid]

    firm.account.settings.customers_mode = "disabled"
    server.api.manners.customers_refused = True
    for pages in (source.changed("customers", START, UNTIL), source.snapshot("transactions")):
        with pytest.raises(NotOffered):
            list(pages)


def test_tasks_tell_when_they_were_done(firm: Firm, source: AmoCrm) -> None:
    task = firm.account.add_task("Позвонить", responsible_user_id=firm.anna, complete_till=1)
    firm.account.complete_task(task, "дозвонился")

    kinds = {row["type"] for row in rows(source.changed("task_events", START, UNTIL)).values()}

    assert {"task_added", "task_completed"} <= kinds


def test_the_burial_of_contacts_is_heard_of(firm: Firm, source: AmoCrm) -> None:
    contact = firm.account.add_contact("Иван", responsible_user_id=firm.anna)
    firm.account.delete_contact(contact)

    (event,) = rows(source.changed("trash_events", START, UNTIL)).values()

    assert (event["type"], event["entity_id"]) == ("contact_deleted", contact)


def test_a_stream_says_what_it_needs(server: AmoServer, source: AmoCrm) -> None:
    needy = {name for name, stream in source.streams.items() if stream.needs}
    assert needy == {"users", "roles", "catalogs", "catalog_elements", "customers", "transactions"}

    server.api.is_admin = False
    with pytest.raises(Forbidden):
        list(source.snapshot("roles"))
