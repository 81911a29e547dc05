"""A burst of webhooks: a thousand changed deals cost tens of requests."""

from pathlib import Path

from tests.harness import an_office, rows


def test_a_thousand_changed_deals_cost_tens_of_requests(tmp_path: Path) -> None:
    with an_office(tmp_path, deals=1050, months=12) as office:
        jobs = office.product("pushed", sync={"since": "2026-05-20"})
        jobs.sync()
        account = office.company.account
        present = [lead for lead in account.leads.values() if lead.deleted_at is None][:1000]
        for number, lead in enumerate(present):
            account.update_lead(lead.id, price=lead.price + 1)
            office.clock.pass_by(number % 2)
        office.clock.pass_by(1)
        bodies = office.ear.take()
        for body in bodies:
            jobs.parts.inbox.keep(body)
        asked_before = len(office.server.requests)

        drained = jobs.drain()

        asked = len(office.server.requests) - asked_before
        print(f"\n{len(bodies)} deliveries, {len(present)} deals, {asked} requests")
        assert drained.deliveries == len(bodies) == 1000
        assert jobs.parts.inbox.waiting() == []
        assert asked < 60
        truth = {lead.id: lead.price for lead in present}
        kept = rows(
            jobs, "select id, cast(payload ->> '$.price' as bigint) from raw.records where stream = 'leads'"
        )
        assert truth.items() <= dict(kept).items()
        told = rows(jobs, "select entity_id from raw.events where type = 'sale_field_changed'")
        assert truth.keys() <= {lead for (lead,) in told}
