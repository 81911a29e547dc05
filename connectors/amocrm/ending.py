"""Answers that end: the head within the time for a silence, all of it within a limit, however slowly it trickles."""

import io
import socket
import time
from http.client import HTTPResponse
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

BUFFER = 65_536
"""Bytes of an answer that are taken at once; the library's own pieces are so small that they take as long again."""


def pools(limit: float) -> dict[str, type[HTTPConnectionPool]]:
    """Pools of lines for urllib3, by scheme, whose answers are a timeout after `limit` seconds."""

    class Answer(_Answer):
        within = limit

    class Plain(HTTPConnection):
        response_class = Answer

    class Secure(HTTPSConnection):
        response_class = Answer

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Answer(HTTPResponse):
    """An answer that is not waited for for ever."""

    within = float("inf")

    def __init__(self, sock: socket.socket, *more: Any, **named: Any) -> None:
        super().__init__(sock, *more, **named)
        self._began = time.monotonic()
        self._line = _Line(self.fp.detach(), self._began + min(self.within, sock.gettimeout() or self.within))
        self.fp = io.BufferedReader(self._line, BUFFER)

    def begin(self) -> None:
        """Read the head; then there is time for the rest."""
        super().begin()
        self._line.until = self._began + self.within


class _Line(io.RawIOBase):
    """What comes over a line until a moment; the socket's own timeout begins anew with every byte."""

    def __init__(self, raw: io.RawIOBase, until: float) -> None:
        self.until = until
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self.until:
            raise TimeoutError("an answer trickles and does not end")
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
