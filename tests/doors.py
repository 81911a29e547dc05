"""Doors that answer every caller the same, piece by piece."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def speaking(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A door that gives every caller these pieces of an answer, one after another; its address."""

    def answer(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.recv(65_536)
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause)

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(door.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
