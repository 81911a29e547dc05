"""The open warehouse file, in use or kept for a moment between two uses."""

import threading
from dataclasses import dataclass

import duckdb


@dataclass(slots=True)
class Kept:
    """Which file it is, and since when nobody else could have it."""

    file: duckdb.DuckDBPyConnection
    threads: int
    inode: int | None
    since: float
    closing: threading.Timer | None = None

    def keep(self, until: threading.Timer | None = None) -> None:
        """Not to be closed before this timer ends; without one, not by any."""
        if self.closing is not None:
            self.closing.cancel()
        self.closing = until
        if until is not None:
            until.daemon = True
            until.start()

    def work_with(self, threads: int) -> None:
        if threads != self.threads:
            self.file.execute(f"set threads = {threads}")
        self.threads = threads
