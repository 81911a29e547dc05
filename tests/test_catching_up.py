"""A service that starts after a while catches up, and does not keep what comes in at the door waiting for that."""

import time
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests

import dispatching
import service as service_module
from exporting import Exporter
from service import Service
from sync.inbox import Drained
from tests.harness import SECRET, Office, an_office, rows, wait_until

MOVING = ("/leads", "/contacts", "/companies", "/tasks")


def test_deliveries_are_digested_between_the_streams_that_are_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "CATCHING_UP", 0.0)
    with an_office(tmp_path, deals=20, months=2) as office:
        jobs = office.product("product")
        jobs.sync()
        jobs.build()
        lead = next(one for one in office.company.account.leads.values() if one.deleted_at is None)
        office.company.account.update_lead(lead.id, price=lead.price + 1)
        (body, *_) = office.ear.take()
        jobs.parts.inbox.keep(body)
        office.clock.pass_by(60)
        office.server.requests.clear()

        service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=0, secret=SECRET, max_body=10_000)
        service.start()
        try:
            wait_until(
                lambda: office.server.asked("/loss_reasons") and not jobs.parts.inbox.waiting(),
                60,
                "all caught up",
            )
        finally:
            service.stop()
        requests = list(office.server.requests)

    by_id = next(n for n, one in enumerate(requests) if "filter%5Bid%5D" in one.query)
    paths = [one.path.removeprefix("/api/v4") for one in requests]
    assert paths[by_id] == "/leads"
    assert by_id < paths.index("/contacts") < paths.index("/tasks") < paths.index("/users")


def test_polls_are_put_off_while_deliveries_pile_up_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "HELD_UP", 0.0)
    with an_office(tmp_path, deals=20, months=2) as office:
        hurry = dict.fromkeys(("probe", "leads", "events", "contacts", "companies", "tasks", "trash"), 1)
        jobs = office.product("product", sync={"every": hurry})
        jobs.sync()
        jobs.build()
        monkeypatch.setattr(jobs, "drain", lambda: Drained(0, 0))  # it never catches up with the flood
        office.server.requests.clear()
        service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=0, secret=SECRET, max_body=10_000)
        service.start()
        try:
            wait_until(lambda: office.server.asked("/loss_reasons"), 60, "caught up")
            jobs.parts.inbox.keep(b"account[id]=31000001")
            wait_until(lambda: is_left_alone(office), 60, "polls put off that come every second")
            monkeypatch.setattr(service_module, "PUT_OFF", 0.0)
            wait_until(lambda: all(office.server.asked(path) for path in MOVING), 60, "polled all the same")
        finally:
            service.stop()


def is_left_alone(office: Office) -> bool:
    """Whether nothing that moves is asked for during three seconds."""
    office.server.requests.clear()
    time.sleep(3)
    return not any(office.server.asked(path) for path in MOVING)


def test_what_comes_in_at_the_door_is_digested_built_and_shown_without_waiting_for_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "TICK", 3600.0)
    monkeypatch.setattr(dispatching, "EFFORT", 0)
    with an_office(tmp_path, deals=20, months=2) as office:
        exports = {"refresh_every": 0, "books": [{"name": "excel", "kind": "xlsx", "path": "book.xlsx"}]}
        jobs = office.product("product", sync={"drain_every": 3600}, exports=exports)
        jobs.sync()
        jobs.build()
        lead = next(one for one in office.company.account.leads.values() if one.deleted_at is None)
        service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=0, secret=SECRET, max_body=10_000)
        service.start()
        door = f"http://127.0.0.1:{service.door.port}/webhooks/amocrm/{SECRET}"
        try:
            wait_until(lambda: service.health()["exported_build"], 60, "caught up")
            before = service.health()["exported_build"]
            office.clock.pass_by(60)
            for price in (1_000, 2_000, 3_000):
                office.company.account.update_lead(lead.id, price=price)
                assert requests.post(door, data=office.ear.take()[-1], timeout=10).status_code == 204
                time.sleep(0.2)  # so that one comes while the one before is digested
            wait_until(lambda: not jobs.parts.inbox.waiting(), 30, "digested")
            wait_until(lambda: service.health()["exported_build"] != before, 30, "shown")
        finally:
            service.stop()


def test_the_next_delivery_is_not_left_waiting_after_one_that_came_amid_a_digestion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with an_office(tmp_path, deals=20, months=2) as office:
        jobs = office.product("product", sync={"drain_every": 3600})
        jobs.sync()
        jobs.build()
        lead = next(one for one in office.company.account.leads.values() if one.deleted_at is None)
        bodies = []
        for price in (1_000, 2_000, 3_000):
            office.company.account.update_lead(lead.id, price=price)
            bodies.append(office.ear.take()[-1])
        service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=0, secret=SECRET, max_body=10_000)
        door = f"http://127.0.0.1:{service.door.port}/webhooks/amocrm/{SECRET}"
        drain, at_once = jobs.drain, service_module.GATHER

        def digest_while_another_comes() -> Drained:
            if len(bodies) == 2:
                requests.post(door, data=bodies.pop(0), timeout=10)
                time.sleep(3 * at_once)  # it calls for us, and finds us at it
            return drain()

        monkeypatch.setattr(jobs, "drain", digest_while_another_comes)
        monkeypatch.setattr(service, "_build", lambda: None)  # nothing is left to do after it
        service.start()
        try:
            wait_until(lambda: service.health()["built_at"], 60, "caught up")
            while bodies:
                requests.post(door, data=bodies.pop(0), timeout=10)
                wait_until(lambda: not jobs.parts.inbox.waiting(), 20, "digested")
                time.sleep(0.5)  # so that the digestion is over
        finally:
            service.stop()


def test_a_digestion_hears_only_what_happened_since_the_one_before(tmp_path: Path) -> None:
    asked_since = []
    with an_office(tmp_path, deals=20, months=2) as office:
        jobs = office.product("product")
        jobs.sync()
        lead = next(one for one in office.company.account.leads.values() if one.deleted_at is None)
        for price in (1, 2):
            office.clock.pass_by(300)
            office.company.account.update_lead(lead.id, price=price)
            jobs.parts.inbox.keep(office.ear.take()[-1])
            office.server.requests.clear()
            jobs.drain()
            (events, *_) = (one for one in office.server.requests if "sale_field_changed" in one.query)
            asked_since.append(int(parse_qs(events.query)["filter[created_at][from]"][0]))
        heard = rows(jobs, "select count(*) from raw.events where type = 'sale_field_changed'")
        jobs.sync(["events"])
        again = rows(jobs, "select count(*) from raw.events where type = 'sale_field_changed'")

    assert asked_since[1] - asked_since[0] >= 290
    assert heard == again
