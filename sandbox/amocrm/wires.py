"""Sockets and threads under a server: keep-alive HTTP/1.1, one write per reply, broken lines on demand."""

import contextlib
import socket
import struct
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.amocrm.exchange import TITLES, Reply, Request

_REASONS = {200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", **TITLES}
_CLOSE_AT_ONCE = struct.pack("ii", 1, 0)
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply, and what becomes of it on the line: "ok", "reset", "cut", "hang" or "stall"."""

    reply: Reply
    line: str = "ok"
    seconds: float = 0.0
    """For a stall: of silence in the middle of the body."""


Serve = Callable[[Request], Outcome]


class Wires:
    """Listens on 127.0.0.1; `serve` answers each request in a thread of its connection."""

    def __init__(self, serve: Serve, port: int) -> None:
        self._server = _Server(serve, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def sleep(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        self._server.stopping.wait(seconds)

    def stop(self) -> None:
        self._server.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(STOP_SECONDS)
        self._server.close_lines()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, serve: Serve, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Line)
        self.serve = serve
        self.stopping = threading.Event()
        self._lines: set[socket.socket] = set()
        self._lines_lock = threading.Lock()

    def remember(self, line: socket.socket) -> None:
        with self._lines_lock:
            self._lines.add(line)

    def forget(self, line: socket.socket) -> None:
        with self._lines_lock:
            self._lines.discard(line)

    def close_lines(self) -> None:
        with self._lines_lock:
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no event; a fault of ours must be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Line(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.remember(self.connection)

    def finish(self) -> None:
        self.server.forget(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length) if length else b""
        outcome = self.server.serve(Request(self.command, path, query, headers, body))
        if self.server.stopping.is_set() or outcome.line in ("reset", "hang"):
            self._break()
        elif outcome.line in ("cut", "stall"):
            message = _message(outcome.reply)
            self.wfile.write(message[: len(message) - len(outcome.reply.body) // 2 - 1])
            self.server.stopping.wait(outcome.seconds)
            self._break()
        else:
            self.wfile.write(_message(outcome.reply))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: the server's own record of requests is the log."""

    def _break(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_AT_ONCE)
            self.connection.close()


def _message(reply: Reply) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}",
        "Server: nginx",
        f"X-Request-Id: {uuid.uuid4()}",
        "Cache-Control: no-store",
    ]
    headers = {"Date": formatdate(usegmt=True), **dict(reply.headers)}
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if reply.content_type is not None:
        lines.append(f"Content-Type: {reply.content_type}")
    if reply.status != 204:
        lines.append(f"Content-Length: {len(reply.body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body
