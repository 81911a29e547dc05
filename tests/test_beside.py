"""What stands beside the deals: staff does something in the account, a sync brings it, a query shows it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from jobs import Jobs
from metrics.ledgers import refresh
from sandbox.amocrm.truth import Lead
from tests.harness import Office, an_office, rows


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with an_office(tmp_path_factory.mktemp("office"), deals=12, months=1) as office:
        office.company.account.settings.customers_mode = "segments"
        yield office


@pytest.fixture(scope="module")
def jobs(office: Office) -> Jobs:
    """A product that knows the account as it was; every test looks at what it did itself."""
    jobs = office.product("ours", amocrm={"streams": {"customers": True}})
    jobs.sync()
    make_rows(jobs)
    return jobs


def make_rows(jobs: Jobs) -> int:
    """The rows of core, without the marts; return how many deals were made again."""
    with jobs.parts.warehouse.transaction("test") as tx:
        return refresh(tx, jobs.parts.meaning).done


def after(office: Office, jobs: Jobs, streams: str, sql: str) -> list[tuple[Any, ...]]:
    """What the query says once these streams were polled."""
    office.clock.pass_by(60)
    jobs.sync(streams.split())
    make_rows(jobs)
    return rows(jobs, sql)


def a_deal(office: Office) -> int:
    """Another one for every test."""
    taken.append(next(lead.id for lead in office.company.account.leads.values() if is_free(lead)))
    return taken[-1]


taken: list[int] = []


def is_free(lead: Lead) -> bool:
    return lead.deleted_at is None and lead.id not in taken


def a_manager(office: Office) -> int:
    return next(iter(office.company.premises.managers.values()))


def this_day(office: Office) -> tuple[datetime, date]:
    """The moment of the account's clock and its day, as they stand in the warehouse."""
    now = datetime.fromtimestamp(office.clock.seconds, UTC).replace(tzinfo=None)
    return now, now.date()


def test_a_call_is_known_by_who_spoke_how_long_and_how_it_ended(office: Office, jobs: Jobs) -> None:
    account, deal, speaker = office.company.account, a_deal(office), a_manager(office)
    contact = account.add_contact("Иван", responsible_user_id=speaker)
    account.add_note("leads", deal, "просто текст")
    account.add_call("leads", deal, "in", phone="+79990001122", duration=61, result="ок", by=speaker)
    account.add_call("contacts", contact, "out", phone="+79990001133", status=6, by=speaker)
    at, on = this_day(office)

    found = after(
        office,
        jobs,
        "lead_notes contact_notes",
        "select deal_id, contact_id, direction, duration, status, result, phone, manager_id, called_at, called_on "
        f"from core.calls where deal_id = {deal} or contact_id = {contact} order by direction",
    )

    assert found == [
        (deal, None, "in", 61, "talked", "ок", "+79990001122", speaker, at, on),
        (None, contact, "out", 0, "no_answer", None, "+79990001133", speaker, at, on),
    ]


def test_a_call_that_was_removed_is_marked(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    call = account.add_call("leads", a_deal(office), "in", phone="1", duration=5)
    sql = f"select is_deleted from core.calls where call_id = {call}"
    assert after(office, jobs, "lead_notes", sql) == [(False,)]

    account.delete_note(call)

    assert after(office, jobs, "note_events", sql) == [(True,)]


def test_a_call_of_an_unknown_user_is_given_to_him_when_he_is_known(office: Office, jobs: Jobs) -> None:
    account, deal = office.company.account, a_deal(office)
    newcomer = account.add_user("Новенький")
    call = account.add_call("leads", deal, "out", phone="1", by=newcomer)
    sql = f"select manager_id from core.calls where call_id = {call}"
    assert after(office, jobs, "lead_notes", sql) == [(account.leads[deal].responsible_user_id,)]

    assert after(office, jobs, "users", sql) == [(newcomer,)]


def test_a_task_tells_when_and_by_whom_it_was_done(office: Office, jobs: Jobs) -> None:
    account, deal = office.company.account, a_deal(office)
    anna, boris = list(office.company.premises.managers.values())[:2]
    due = office.clock.seconds + 86_400
    task = account.add_task("Позвонить", responsible_user_id=anna, complete_till=due, entity_id=deal)
    sql = (
        "select deal_id, owner_id, type, due_on, is_completed, completed_at, completed_on, completed_by, result "
        f"from core.tasks where task_id = {task}"
    )
    opened = (deal, anna, "Связаться", date(2026, 5, 21), False, None, None, None, None)
    assert after(office, jobs, "tasks task_events", sql) == [opened]

    account.complete_task(task, "дозвонился", by=boris)
    done = (*opened[:4], True, *this_day(office), boris, "дозвонился")

    assert after(office, jobs, "tasks task_events", sql) == [done]
    account.delete_task(task)
    is_deleted = f"select is_deleted from core.tasks where task_id = {task}"
    assert after(office, jobs, "task_events", is_deleted) == [(True,)]


def test_products_stand_on_a_deal_with_quantity_and_price(office: Office, jobs: Jobs) -> None:
    account, deal = office.company.account, a_deal(office)
    goods = account.add_catalog("Товары", "products")
    window = account.add_product(goods, "Окно", 12_500.50, sku="W-1")
    account.link_element(deal, window, 3)
    sql = "select deal_id, product_id, catalog, name, sku, quantity, price, amount from core.products"

    once = (deal, window, "Товары", "Окно", "W-1", Decimal("3.000"), Decimal("12500.50"), Decimal("37501.50"))
    assert after(office, jobs, "link_events catalogs catalog_elements", sql) == [once]

    account.update_element(window, fields={account.field_of(goods, "PRICE"): 100})
    dear = (*once[:6], Decimal("100.00"), Decimal("300.00"))
    assert after(office, jobs, "catalog_elements", sql) == [dear]

    account.unlink_element(deal, window)
    assert after(office, jobs, "link_events", sql) == []


def test_an_invoice_is_money_of_its_deal(office: Office, jobs: Jobs) -> None:
    account, deal = office.company.account, a_deal(office)
    bills = account.add_catalog("Счета", "invoices")
    bill = account.add_invoice(bills, "Счёт 1", [("Окно", 100.25, 2), ("Дверь", 50.0, 1)], lead_id=deal)
    loose = account.add_invoice(bills, "Счёт 2", [("Окно", 10.0, 1)])
    sql = (
        "select deal_id, invoice_id, status, state, amount, paid_amount, paid_on, positions, is_deleted "
        "from core.invoices order by invoice_id"
    )
    sum_of = Decimal("250.50")
    waiting = (None, loose, "Создан", "created", Decimal("10.00"), Decimal(0), None, 1, False)
    assert after(office, jobs, "link_events catalogs catalog_elements", sql) == [
        (deal, bill, "Создан", "created", sum_of, Decimal(0), None, 2, False),
        waiting,
    ]

    account.pay_invoice(bill)
    _, today = this_day(office)
    office.clock.pass_by(60)
    jobs.sync(["catalog_elements"])
    assert make_rows(jobs) == 1  # the deal whose money it is, and no other
    assert rows(jobs, sql) == [(deal, bill, "Оплачен", "paid", sum_of, sum_of, today, 2, False), waiting]

    paid = f"select amount, paid_on from core.payments where deal_id = {deal} and origin = 'invoice'"
    assert rows(jobs, paid) == [(sum_of, today)]

    account.update_element(bill, fields={account.field_of(bills, "BILL_STATUS"): "Частично оплачен"})
    assert after(office, jobs, "catalog_elements", sql)[0][3:6] == ("partially_paid", sum_of, None)

    account.delete_element(bill)
    account.delete_element(loose)
    assert [row[-1] for row in after(office, jobs, "catalog_elements", sql)] == [True, True]


def test_an_incoming_lead_waits_until_somebody_takes_it(office: Office, jobs: Jobs) -> None:
    account, place = office.company.account, office.company.premises
    uid = account.add_incoming("forms", place.pipelines["Продажи"], "Сайт")
    lead = account.incoming[uid].lead_id
    sql = "select deal_id, uid, category, source, is_waiting, left_at is null from core.unsorted"
    assert after(office, jobs, "unsorted", sql) == [(lead, uid, "forms", "forms", True, True)]

    account.move_lead(lead, place.statuses["Продажи"]["Новая заявка"])

    assert after(office, jobs, "unsorted", sql) == [(lead, uid, "forms", "forms", False, False)]


def test_tags_stand_on_deals(office: Office, jobs: Jobs) -> None:
    account, deal = office.company.account, a_deal(office)
    account.update_lead(deal, tags=("vip", "опт"))
    sql = f"select name from core.tags where deal_id = {deal} order by name"
    assert after(office, jobs, "leads lead_tags", sql) == [("vip",), ("опт",)]

    account.update_lead(deal, tags=("опт",))

    assert after(office, jobs, "leads", sql) == [("опт",)]


def test_users_have_their_departments_and_roles(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    group = account.add_group("Отдел замеров")
    user = account.add_user("Пётр", group_id=group)
    account.add_role("Замерщик", [user])

    found = after(
        office,
        jobs,
        "users groups roles",
        "select users.name, groups.name, user_roles.name from core.users "
        "left join core.groups using (group_id) left join core.user_roles using (role_id) "
        f"where user_id = {user}",
    )

    assert found == [("Пётр", "Отдел замеров", "Замерщик")]


def test_customers_and_their_purchases_come_where_the_account_has_them(office: Office, jobs: Jobs) -> None:
    account, anna = office.company.account, a_manager(office)
    customer = account.add_customer("ООО", responsible_user_id=anna, next_price=900)
    purchase = account.add_transaction(customer, 500, comment="шкаф")
    _, today = this_day(office)
    whose = "select customer_id, name, owner_id, next_amount from core.customers"
    bought = "select purchase_id, customer_id, amount, comment, purchased_on from core.purchases"

    found = after(office, jobs, "customers transactions", whose)

    assert found == [(customer, "ООО", anna, Decimal("900.00"))]
    assert rows(jobs, bought) == [(purchase, customer, Decimal("500.00"), "шкаф", today)]


def test_who_is_on_a_card_is_heard_of_though_the_deal_did_not_change(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    deal = next(one.id for one in account.leads.values() if is_free(one) and not one.contacts)
    contact = account.add_contact("Иван", responsible_user_id=a_manager(office))
    account.link_contact(deal, contact)

    sql = f"select contact_id from core.deals where deal_id = {deal}"
    assert after(office, jobs, "link_events", sql) == [(contact,)]


def test_a_contact_that_was_deleted_is_buried_without_a_reconciliation(office: Office, jobs: Jobs) -> None:
    account = office.company.account
    contact = account.add_contact("Иван", responsible_user_id=a_manager(office))
    sql = f"select is_deleted from raw.records where stream = 'contacts' and id = {contact}"
    assert after(office, jobs, "contacts trash_events", sql) == [(False,)]

    account.delete_contact(contact)

    assert after(office, jobs, "trash_events", sql) == [(True,)]


def test_a_sync_of_what_did_not_change_writes_nothing(office: Office, jobs: Jobs) -> None:
    account, deal = office.company.account, a_deal(office)
    account.add_call("leads", deal, "in", phone="1")
    account.add_incoming("forms", office.company.premises.pipelines["Продажи"], "Сайт")
    office.clock.pass_by(60)
    jobs.sync()
    make_rows(jobs)
    office.clock.pass_by(60)

    synced = jobs.sync()

    assert sum(synced.changed.values()) == 0
    assert rows(jobs, "from raw.touched") == []
