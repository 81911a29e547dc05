"""Locks of files, shared by processes, for which nobody waits for ever."""

import errno
import fcntl
import time
from pathlib import Path

AGAIN = 0.005
"""Seconds between two tries."""


def lock(file: int, path: Path, patience: float) -> None:
    """Lock the open `file` of `path` until it is closed; TimeoutError if somebody keeps it for `patience` seconds.

    The system takes a lock back from a process that dies, but not from one that was stopped (Ctrl-Z, a debugger).
    """
    deadline = time.monotonic() + patience
    while not _taken(file):
        if time.monotonic() > deadline:
            raise TimeoutError(
                errno.ETIMEDOUT, f"another process keeps it locked for {patience:g} s", str(path)
            )
        time.sleep(AGAIN)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
