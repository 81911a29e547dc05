"""A service that starts after a while catches up, and does not keep what comes in at the door waiting for that."""

from pathlib import Path

import pytest

import service as service_module
from exporting import Exporter
from service import Service
from tests.harness import SECRET, an_office, wait_until


def test_deliveries_are_digested_between_the_streams_that_are_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "HELD_UP", 0.0)
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
