"""Without faults nobody is ever refused: the service and verbs beside it ask seven times a second together."""

import threading
from collections import Counter
from pathlib import Path

import pytest

from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import demo_company
from tests.harness import HOOKS, SECRET, Program
from tests.soak.storm import HURRY, Storm
from tests.soak.test_soak import ACTS, PER_SECOND, SECONDS

pytestmark = pytest.mark.soak

VERBS = (("sync", "--full"), ("sync", "leads", "--since", "2020-01-01"), ("reconcile",))


def test_all_processes_together_never_ask_too_often(tmp_path: Path, free_port: int) -> None:
    company = demo_company(deals=2000, months=12)
    with AmoServer(company.account, rate=PER_SECOND) as server:
        server.limiter.window = 1.0
        program = Program(
            tmp_path / "product", server, company.mapping, amocrm={"requests_per_second": PER_SECOND},
            sync={"every": dict.fromkeys(HURRY, 2)}, webhooks={"port": free_port},
        )  # fmt: skip
        company.account.subscribe(f"http://127.0.0.1:{free_port}/webhooks/amocrm/{SECRET}", HOOKS)
        stop = threading.Event()
        Storm(company, seed=5).run(ACTS, stop)
        codes: list[tuple[str, int]] = []

        def work(verb: tuple[str, ...]) -> None:
            while not stop.is_set():
                done = program.run(*verb, "--wait", "60", timeout=300)
                codes.append((verb[0], done.returncode))

        with program.serving() as service:
            assert service.stdout is not None
            assert service.stdout.readline().startswith("http://127.0.0.1")
            beside = [threading.Thread(target=work, args=(verb,)) for verb in VERBS]
            for thread in beside:
                thread.start()
            stop.wait(SECONDS / 15)
            stop.set()
            for thread in beside:
                thread.join(300)
        moments = [one.at for one in server.requests]
        seconds = max(moments) - min(moments)
        refused = sum(one.status in {403, 429} for one in server.requests)
        most = server.max_in_any_second()
        print(
            f"\nlimit: {len(moments)} requests of the service and {len(codes)} verbs beside it in {seconds:.0f} s "
            f"({len(moments) / seconds:.2f}/s), at most {most} arrived in a second, {refused} refused; "
            f"verbs: {dict(Counter(codes))}"
        )

    assert refused == 0
    assert most <= PER_SECOND
    assert most > PER_SECOND / 2  # it was not idleness that kept the limit
