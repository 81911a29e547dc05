"""`make soak`: minutes of a busy account, bad lines and sudden deaths; at the end everything is as in a fresh load.

SOAK_SECONDS (900) says how long all of it lasts; half goes to a run with webhooks, half to one without any. The staff
acts 20 times a second (merges, second thoughts, back-dated and traceless edits, an emptied trash); webhooks are
dropped, doubled and reordered; requests meet faults of every kind; the service is killed again and again. Then all is
calm, the product catches up and reconciles once, and what it holds is compared with a warehouse loaded from nothing.
"""

import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs import Jobs
from sandbox.amocrm import AmoServer, Posting
from sandbox.amocrm.company import demo_company
from tests.harness import HOOKS, SECRET, Program, SetClock, differences, make_jobs
from tests.soak.comparing import derived, in_the_trash, lost_deliveries, raw, rebuilt
from tests.soak.storm import HURRY, LOSS, READ_TIMEOUT, Storm, break_out, counted, lives, troubles

pytestmark = pytest.mark.soak

SECONDS = float(os.environ.get("SOAK_SECONDS", "900"))
DEATHS = max(2, min(20, int(SECONDS / 2 / 12)))
"""Twenty of each service, unless so little time is given that it could never get to work in between."""

ACTS = 20.0
PER_SECOND = 7
KNOWN = {
    "Blocked", "ContractBroken", "FilterIgnored", "Forbidden", "PaymentRequired", "RateLimited", "ServerFailed",
    "Silent", "TooSlow", "Unauthorized", "Unreachable",
}  # fmt: skip
"""Errors that the faults account for; whatever else the service complains of is a fault of ours."""


@pytest.mark.parametrize("hears", [True, False], ids=["with webhooks", "without webhooks"])
def test_after_a_storm_the_warehouse_equals_the_account(
    tmp_path: Path, free_port: int, *, hears: bool
) -> None:
    company = demo_company(deals=300, months=6)
    posting = Posting(drop=0.3, duplicate=0.2, reorder=0.2, time_scale=0.002)
    log = tmp_path / "errors.txt"
    with AmoServer(company.account, rate=PER_SECOND, posting=posting, strikes=1_000_000) as server:
        door = f"http://127.0.0.1:{free_port}"
        program = Program(
            tmp_path / "product", server, company.mapping,
            amocrm={"requests_per_second": PER_SECOND, "read_timeout": READ_TIMEOUT},
            sync={"every": HURRY, "loss": LOSS},
            webhooks={"port": free_port} | ({"public_url": door} if hears else {}),
            log={"level": "WARNING"},
        )  # fmt: skip
        if hears:
            company.account.subscribe(f"{door}/webhooks/amocrm/{SECRET}", HOOKS)
        stop = threading.Event()
        staff = Storm(company, seed=11)
        working = staff.run(ACTS, stop)
        break_out(server, seed=11)
        lives(program, server, SECONDS / 2, DEATHS, log)
        assert working.is_alive()
        stop.set()
        working.join(10)
        server.faults.clear()
        most = server.max_in_any_second()
        server.limiter.rate = 0

        clock = SetClock(datetime.now(UTC) + timedelta(seconds=30))
        ours = make_jobs(program.folder, server, company.mapping, clock, sync={"loss": LOSS})
        while ours.drain().deliveries:
            pass
        set_aside = ours.parts.inbox.set_aside_count()
        answered, told, missing = lost_deliveries(server, ours, staff.back_dated)
        fresh, *copies = (
            make_jobs(tmp_path / name, server, company.mapping, clock)
            for name in ("fresh", "ours again", "ours alive", "fresh alive")
        )
        end = End(ours, fresh, copies, server)
        end.catch_up()
        errors = troubles(log)
        print(
            f"\nsoak {'with' if hears else 'without'} webhooks: {SECONDS / 2:.0f} s, {DEATHS} deaths, "
            f"{len(staff.actions)} acts of the staff, {len(company.account.leads)} deals, "
            f"{len(company.account.events)} events\n"
            f"  {len(server.requests)} requests until the calm and after, at most {most} arrived in a second; "
            f"faults: {counted(sorted(server.faults.met.items()))}\n"
            f"  errors told in the log: {counted(sorted(errors.items()))}\n"
            f"  webhooks: {server.sender.told} to tell, {server.sender.dropped} dropped, "
            f"{len(server.deliveries)} tries, {answered} answered, of {told} changes {len(missing)} missing, "
            f"{set_aside} set aside\n"
            f"  healed by reconciliation: {end.healed}"
        )

        assert most <= PER_SECOND
        assert missing == []
        assert set_aside == 0
        assert (answered > 0) is hears
        assert set(errors) <= KNOWN
        end.check()


@dataclass
class End:
    """The product when all is calm, and one that loads the same account from nothing."""

    ours: Jobs
    fresh: Jobs
    copies: list[Jobs]
    server: AmoServer
    healed: str = ""
    agrees: bool = False

    def catch_up(self) -> None:
        self.ours.sync()
        found = self.ours.reconcile()
        self.healed = counted((each.stream, each.healed + each.gone) for each in found)
        self.agrees = all(each.agrees for each in found)
        self.ours.build()
        self.fresh.sync()
        self.fresh.build()

    def check(self) -> None:
        """Raw is the same; ours is what our raw makes; and both raws make the same of all that lives."""
        assert self.agrees
        trash = in_the_trash(self.server.account)
        assert differences(raw(self.ours, trash), raw(self.fresh, trash)) == []
        again, ours_alive, fresh_alive = self.copies
        assert differences(derived(self.ours), rebuilt(self.ours, again, without_the_gone=False)) == []
        of_ours = rebuilt(self.ours, ours_alive, without_the_gone=True)
        of_fresh = rebuilt(self.fresh, fresh_alive, without_the_gone=True)
        assert sum(map(len, of_ours.values())) > 0
        assert differences(of_ours, of_fresh) == []
