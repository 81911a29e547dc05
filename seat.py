"""The seat of the service: one process at a time has it, until it is told to leave."""

import fcntl
import os
import signal
import threading
from pathlib import Path
from typing import TextIO


class AlreadyServing(Exception):
    """Another `serve` works on the same inbox."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"PID {pid}")
        self.pid = pid


def take_seat(path: Path) -> TextIO:
    """Keep a lock for as long as the process lives; AlreadyServing if another one has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    seat = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        seat.seek(0)
        holder = seat.read().strip()
        seat.close()
        raise AlreadyServing(holder or "?") from error
    seat.truncate(0)
    seat.write(str(os.getpid()))
    seat.flush()
    return seat


def stop_signal() -> threading.Event:
    """Set at Ctrl-C or at a polite kill; a second one ends the process at once."""
    event = threading.Event()

    def stop(number: int, _: object) -> None:
        if event.is_set():
            os._exit(128 + number)
        event.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    return event
