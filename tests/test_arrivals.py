"""What counts is when requests arrive: not even a line that is now quick, now slow, brings too many in a second."""

import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from connectors.amocrm.client import Client
from connectors.amocrm.shared_pace import SharedPace
from connectors.amocrm.tokens import LongLived
from sandbox.amocrm.account import Account
from sandbox.amocrm.server import AmoServer

REQUESTS = 36
SLOW = 0.12
"""Seconds by which the line delays one request in three."""


def test_a_line_that_is_slow_at_times_brings_no_more_than_seven_in_a_second(tmp_path: Path) -> None:
    with AmoServer(Account(), rate=7) as server, a_moody_line(server.url) as url:
        pace = SharedPace(tmp_path / "pace", 7)
        with Client(url, LongLived(server.token), pace) as client, ThreadPoolExecutor(6) as threads:
            list(threads.map(lambda _: client.get("/api/v4/account"), range(REQUESTS)))

    assert [one.status for one in server.requests] == [200] * REQUESTS
    assert server.max_in_any_second() <= 7


@contextmanager
def a_moody_line(url: str) -> Iterator[str]:
    """A relay to `url` that holds some requests up on their way there, and no answer."""
    host, port = url.removeprefix("http://").split(":")
    chance = random.Random(3)
    sockets: list[socket.socket] = []

    def relay(source: socket.socket, sink: socket.socket, slow: float) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if chance.random() < 1 / 3:
                    threading.Event().wait(slow)
                sink.sendall(data)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((host, int(port)))
                sockets.extend((client, server))
                for source, sink, slow in ((client, server, SLOW), (server, client, 0.0)):
                    threading.Thread(target=relay, args=(source, sink, slow), daemon=True).start()

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
