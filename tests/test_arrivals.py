"""What counts is when requests arrive: not even a line that is now quick, now slow, brings too many in a second."""

import heapq
import random
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from connectors.amocrm.client import Client
from connectors.amocrm.pace import Turn
from connectors.amocrm.shared_pace import SharedPace
from connectors.amocrm.tokens import LongLived
from sandbox.amocrm.account import Account
from sandbox.amocrm.server import AmoServer
from tests.fakes_amocrm import FakeClock

REQUESTS = 36
Delay = Callable[[random.Random], float]
"""By how many seconds the line holds the next request up."""


def at_times(chance: random.Random) -> float:
    """One request in three is slow."""
    return 0.12 if chance.random() < 1 / 3 else 0.0


def anything(chance: random.Random) -> float:
    """No two requests take the line the same time."""
    return chance.uniform(0.0, 0.1)


@pytest.mark.parametrize("delay", [at_times, anything])
def test_a_moody_line_brings_no_more_than_seven_in_a_second(tmp_path: Path, delay: Delay) -> None:
    with AmoServer(Account(), rate=7) as server, a_moody_line(server.url, delay) as url:
        pace = SharedPace(tmp_path / "pace", 7)
        with Client(url, LongLived(server.token), pace) as client, ThreadPoolExecutor(6) as threads:
            list(threads.map(lambda _: client.get("/api/v4/account"), range(REQUESTS)))

    assert [one.status for one in server.requests] == [200] * REQUESTS
    assert server.max_in_any_second() <= 7


class Traffic(FakeClock):
    """Time that passes while somebody waits for his turn; meanwhile answers come."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: list[tuple[float, int, Turn]] = []

    def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        while self.under_way and self.under_way[0][0] <= until:
            self.now, _, turn = heapq.heappop(self.under_way)
            turn.answered()
        self.now = until

    def answer(self, moment: float, turn: Turn) -> None:
        heapq.heappush(self.under_way, (moment, id(turn), turn))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("delay", "share"), [(lambda chance: chance.expovariate(1_000), 0.98), (at_times, 0.92), (anything, 0.92)]
)
def test_every_second_is_full_and_none_too_full(
    tmp_path: Path, delay: Delay, share: float, seed: int
) -> None:
    """Two processes take turns, each with its own experience of the line; amoCRM needs a little under 0.3 s."""
    clock, chance = Traffic(), random.Random(seed)
    paces = [SharedPace(tmp_path / "pace", 7, clock=clock, sleep=clock.sleep) for _ in range(2)]
    arrivals = []
    with ExitStack() as open_turns:
        for number in range(500):
            turn = open_turns.enter_context(paces[number % 2].turn("leads"))
            arrivals.append(turn.started + delay(chance))
            clock.answer(arrivals[-1] + 0.29 + chance.expovariate(250), turn)

    arrivals.sort()
    spans = [late - early for early, late in zip(arrivals, arrivals[7:], strict=False)]
    assert min(spans) > 1.0
    assert len(arrivals) / (arrivals[-1] - arrivals[0]) > share * 7


@contextmanager
def a_moody_line(url: str, delay: Delay) -> Iterator[str]:
    """A relay to `url` that holds some requests up on their way there, and no answer."""
    host, port = url.removeprefix("http://").split(":")
    chance = random.Random(3)
    sockets: list[socket.socket] = []

    def relay(source: socket.socket, sink: socket.socket, *, is_moody: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if is_moody:
                    threading.Event().wait(delay(chance))
                sink.sendall(data)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((host, int(port)))
                sockets.extend((client, server))
                for source, sink, is_moody in ((client, server, True), (server, client, False)):
                    there = partial(relay, source, sink, is_moody=is_moody)
                    threading.Thread(target=there, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for each in (listener, *sockets):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            for each in sockets:
                each.close()
