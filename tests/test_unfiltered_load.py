"""Loading and polling an account that has not paid for filters: the same warehouse, by other questions."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bootstrap import Parts
from config import from_mapping
from jobs import Jobs
from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import demo_company

NOW = datetime(2026, 3, 17, 9, 20, tzinfo=UTC)


def records(jobs: Jobs) -> list[tuple[object, ...]]:
    """All that is kept; what has no date of its own is dated by our first look at it, which tells nothing here."""
    with jobs.parts.warehouse.transaction("test") as tx:
        return tx.execute(
            "select stream, id, if(version = payload_at, null, version), payload, is_deleted "
            "from raw.records order by 1, 2"
        )


def jobs_of(server: AmoServer, folder: Path) -> Jobs:
    content = {"amocrm": {"url": server.url, "requests_per_second": 500}, "sync": {"settle": 0}}
    config = from_mapping(content, folder, {"VITRINA_AMOCRM_TOKEN": server.token})
    return Jobs(Parts(config, now=lambda: datetime.fromtimestamp(server.account.clock(), UTC)))


@pytest.mark.parametrize("is_polled", [False, True])
def test_the_warehouse_is_the_same_with_and_without_the_paid_filter(
    tmp_path: Path, *, is_polled: bool
) -> None:
    clock = [NOW.timestamp()]
    company = demo_company(seed=3, deals=60, now=NOW, clock=lambda: clock[0])
    account = company.account
    with AmoServer(account, rate=0) as server:
        account.settings.is_api_filter_enabled = False
        unpaid = jobs_of(server, tmp_path / "unpaid")
        if is_polled:
            clock[0] += 60
            unpaid.sync()
        clock[0] += 60
        for lead_id in sorted(account.leads)[:3]:
            if account.leads[lead_id].deleted_at is None:
                account.update_lead(lead_id, price=777)
        alive = [one.id for one in account.leads.values() if one.deleted_at is None]
        account.delete_lead(alive[-1])
        clock[0] += 60
        unpaid.sync()
        account.settings.is_api_filter_enabled = True
        paid = jobs_of(server, tmp_path / "paid")
        paid.sync()

    account_free = [row for row in records(unpaid) if row[0] not in ("account", "leads")]
    assert account_free == [row for row in records(paid) if row[0] not in ("account", "leads")]
    alive_rows = [row for row in records(paid) if row[0] == "leads" and not row[4]]
    assert [row for row in records(unpaid) if row[0] == "leads" and not row[4]] == alive_rows
    assert len(alive_rows) > 40
