"""The door on its hinges: the app served by a thread of this process."""

import logging
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self, cast

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

log = logging.getLogger(__name__)
logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests queue in a burst is no news

THREADS = 8
"""More than there are processors: each waits for the disk most of the time."""

LONGEST_IDLE = 30
"""Seconds a connection is kept on which nothing is said."""

LONGEST_STOP = 5.0
"""Seconds that requests under way are given when the door closes."""


class Door:
    """Serves `app` from `start` to `stop`; where `port` is 0 a free one is taken, and `port` says which.

    The address is taken when the door is made: one that is in use is an OSError here, not a line in a log.
    """

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.host = host
        self._map: dict[int, Any] = {}
        try:
            server = create_server(
                app,
                map=self._map,
                listen=_numeric(host, port),
                threads=THREADS,
                channel_timeout=LONGEST_IDLE,
                max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + 1,
                ident=None,
            )
        except OSError:
            wasyncore.close_all(self._map, ignore_all=True)
            raise
        self._server = cast(Any, server)
        self.port = int(self._server.effective_port)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="door", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open; returns at once."""
        self._thread.start()
        log.info("door.open host=%s port=%d", self.host, self.port)

    def stop(self) -> None:
        """Close, after what is under way was answered."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.pull_trigger()
            self._thread.join(LONGEST_STOP * 2)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=LONGEST_STOP)
        wasyncore.close_all(self._map, ignore_all=True)
        log.info("door.closed port=%d", self.port)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1.0, map=self._map, count=1)
        deadline = time.monotonic() + LONGEST_STOP
        while self._is_busy() and time.monotonic() < deadline:
            wasyncore.loop(timeout=0.05, map=self._map, count=1)

    def _is_busy(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _numeric(host: str, port: int) -> str:
    """The address as numbers: a name may stand for several, and one door has one."""
    number = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    return f"[{number}]:{port}" if ":" in number else f"{number}:{port}"
