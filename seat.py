"""The seat of the service: one process at a time has it, until it is told to leave."""

import fcntl
import os
import signal
import threading
import time
from pathlib import Path
from typing import TextIO

TWICE = 1.0
"""Seconds within which two signals are one: who stops a group of processes often sends two."""


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
    """Set at Ctrl-C or at a polite kill; another one, later than at once, ends the process without more ado."""
    event = threading.Event()
    stopped_at = float("inf")

    def stop(number: int, _: object) -> None:
        nonlocal stopped_at
        if time.monotonic() - stopped_at > TWICE:
            os._exit(128 + number)
        stopped_at = min(stopped_at, time.monotonic())
        threading.Thread(target=event.set, daemon=True).start()  # this thread may hold the lock of the event

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    return event
