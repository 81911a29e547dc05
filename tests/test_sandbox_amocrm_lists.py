"""The stand-in account pages, filters and orders its lists as the documented API does."""

from collections.abc import Iterator

import pytest

from sandbox.amocrm import AmoServer, Manners
from sandbox.amocrm.small import Small
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


def test_an_empty_list_and_a_page_past_the_end_have_no_body(small: Small, caller: Caller) -> None:
    empty = caller.get("/leads")
    small.lead()
    past = caller.get("/leads", page=2)
    unknown = caller.get("/leads/1")

    for reply in (empty, past, unknown):
        assert (reply.status_code, reply.content) == (204, b"")


def test_pages_follow_one_another_by_next_and_repeat_the_query(small: Small, caller: Caller) -> None:
    wanted = sorted(small.lead(str(number)) for number in range(5))
    found, url = [], f"{caller.server.url}/api/v4/leads?limit=2&order[id]=asc"
    while True:
        reply = caller.session.get(url, timeout=5)
        if reply.status_code == 204:
            break
        page = reply.json()
        found += [lead["id"] for lead in page["_embedded"]["leads"]]
        self_link = page["_embedded"]["leads"][0]["_links"]["self"]["href"]
        assert self_link.partition("?")[2] == str(reply.request.url).partition("?")[2]
        if "next" not in page["_links"]:
            break
        url = page["_links"]["next"]["href"]

    assert found == wanted


def test_a_full_last_page_names_a_next_one_that_is_empty(small: Small, caller: Caller) -> None:
    small.lead()
    small.lead()

    page = caller.get("/leads", limit=2).json()

    assert caller.session.get(page["_links"]["next"]["href"], timeout=5).status_code == 204
    caller.server.api.manners.next_after_full_page = False
    assert "next" not in caller.get("/leads", limit=2).json()["_links"]


@pytest.mark.parametrize(("path", "most"), [("/leads", 250), ("/contacts", 250), ("/events", 100)])
def test_a_limit_above_the_maximum_becomes_fifty_without_a_word(
    small: Small, caller: Caller, path: str, most: int
) -> None:
    for number in range(most + 1):
        small.lead(str(number))
        small.account.add_contact(str(number), responsible_user_id=small.anna)

    assert len(caller.items(path, limit=most)) == most
    assert len(caller.items(path, limit=most + 1)) == 50
    assert len(caller.items(path)) == 50
    caller.server.api.manners.over_limit = "refuse"
    assert caller.get(path, limit=most + 1).status_code == 422


def test_a_time_filter_holds_both_its_ends_and_orders_as_asked(small: Small, caller: Caller) -> None:
    leads = []
    for number in range(4):
        leads.append(small.lead(str(number)))
        small.clock.pass_by(10)
    start = int(small.clock.now) - 40
    span = {"filter[updated_at][from]": start + 10, "filter[updated_at][to]": start + 20}

    assert caller.ids("/leads", **span, **{"order[updated_at]": "asc"}) == leads[1:3]
    assert caller.ids("/leads", **span, **{"order[updated_at]": "desc"}) == leads[2:0:-1]
    caller.server.api.manners.inclusive = False
    assert caller.ids("/leads", **span) == []


def test_an_edit_between_two_pages_hides_a_row_from_who_counts_pages(small: Small, caller: Caller) -> None:
    leads = []
    for number in range(4):
        leads.append(small.lead(str(number)))
        small.clock.pass_by(1)
    query = {"limit": 2, "order[updated_at]": "asc"}
    first = caller.ids("/leads", page=1, **query)
    small.account.update_lead(leads[0], price=5)

    second = caller.ids("/leads", page=2, **query)

    assert leads[2] not in first + second


def test_filters_are_read_in_every_spelling(small: Small, caller: Caller) -> None:
    one, two, _ = small.lead("1"), small.lead("2"), small.lead("3")
    url = f"{caller.server.url}/api/v4/leads?order[id]=asc&"
    spellings = (
        f"filter[id][]={one}&filter[id][]={two}",
        f"filter[id][0]={one}&filter[id][1]={two}",
        f"filter%5Bid%5D%5B%5D={one}&filter%5Bid%5D%5B%5D={two}",
        f"filter[id]={one},{two}",
    )
    for spelling in spellings:
        page = caller.session.get(url + spelling, timeout=5).json()
        assert [lead["id"] for lead in page["_embedded"]["leads"]] == [one, two], spelling


def test_leads_are_found_by_status_pair_field_and_owner(small: Small, caller: Caller) -> None:
    mine = small.lead("1", fields={small.source: "Сайт"})
    other = small.lead("2", responsible_user_id=small.oleg)
    small.account.move_lead(other, small.measure)
    option = small.account.leads[mine].fields[small.source]
    pair = {
        "filter[statuses][0][pipeline_id]": small.sales,
        "filter[statuses][0][status_id]": small.measure,
    }

    assert caller.ids("/leads", **pair) == [other]
    assert caller.ids("/leads", **{f"filter[custom_fields_values][{small.source}]": option}) == [mine]
    assert caller.ids("/leads", **{"filter[responsible_user_id][]": small.oleg}) == [other]
    assert caller.get("/leads", **{"filter[statuses][0][status_id]": 142}).status_code == 400


def test_a_bare_number_as_a_time_filter_finds_no_lead(small: Small, caller: Caller) -> None:
    small.lead()

    assert caller.get("/leads", **{"filter[updated_at]": 1}).status_code == 204
    caller.server.api.manners.bare_int_range = True
    assert len(caller.items("/leads", **{"filter[updated_at]": 1})) == 1


@pytest.mark.parametrize("path", ["/leads", "/contacts", "/companies"])
@pytest.mark.parametrize("paid", [True, False])
def test_filters_nobody_paid_for_or_that_are_out_of_order_do_nothing_while_ordering_works(
    small: Small, caller: Caller, path: str, paid: bool
) -> None:
    account = small.account
    makers = {"/leads": small.lead, "/contacts": account.add_contact, "/companies": account.add_company}
    more = {} if path == "/leads" else {"responsible_user_id": small.anna}
    first, second, third = (makers[path]("Имя", moment=moment, **more) for moment in (30, 10, 20))
    account.settings.is_api_filter_enabled = paid
    caller.server.api.manners.ignored_filters = frozenset({"updated_at", "id"} if paid else ())

    query = {"filter[updated_at][from]": 15, "filter[id]": first, "order[updated_at]": "desc"}
    assert caller.ids(path, **query) == [first, third, second]
    assert caller.get(path, **{"filter[nonsense]": 1}).status_code == 400
    about = caller.get("/account", **{"with": "is_api_filter_enabled"}).json()
    assert about["is_api_filter_enabled"] is paid


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/leads", "filter[updated]=1"),
        ("/leads", "filter[updated_at][since]=1"),
        ("/leads", "filter[id]=abc"),
        ("/leads", "order[name]=asc"),
        ("/leads", "limit=0"),
        ("/leads", "page=x"),
        ("/tasks", "filter[created_at][from]=1"),
        ("/tasks", "filter[entity_id]=5"),
        ("/tasks", "order[updated_at]=asc"),
        ("/contacts", "filter[pipeline_id]=1"),
        ("/events", "order[created_at]=asc"),
        ("/events", "filter[type]=lead_added,custom_field_610001_value_changed"),
        ("/events", "filter[entity_id]=1"),
        ("/events", "filter[created_by]=1,2,3,4,5,6,7,8,9,10,11"),
        ("/events", "filter[type]=lead_vanished"),
    ],
)
def test_what_is_not_documented_is_refused(caller: Caller, path: str, query: str) -> None:
    reply = caller.session.get(f"{caller.server.url}/api/v4{path}?{query}", timeout=5)

    assert reply.status_code == 400
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json()["validation-errors"][0]["errors"][0]["path"]


def test_a_lenient_account_ignores_what_it_does_not_know(small: Small) -> None:
    small.lead()
    with AmoServer(small.account, rate=0, manners=Manners(strict=False)) as server:
        caller = Caller(server)
        assert len(caller.items("/leads", **{"filter[updated]": 1, "order[name]": "asc"})) == 1
        caller.session.close()


def test_tasks_changed_after_a_moment_are_found_by_a_bare_number(small: Small, caller: Caller) -> None:
    task = small.account.add_task("1", responsible_user_id=small.anna, complete_till=5)
    at = int(small.clock.now)

    assert caller.ids("/tasks", **{"filter[updated_at]": at - 1}) == [task]
    assert caller.ids("/tasks", **{"filter[updated_at]": at}) == []
    assert caller.ids("/tasks", **{"filter[updated_at][from]": at, "filter[updated_at][to]": at}) == [task]
