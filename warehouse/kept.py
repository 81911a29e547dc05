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
        """Not to be closed before this timer ends; without one, not by any.

        The program does not end before the timer's thread has: one that is still letting go of the file would be
        cut off amid DuckDB, which takes the whole process down.
        """
        if self.closing is not None:
            self.closing.cancel()
        self.closing = until
        if until is not None:
            until.start()

    def work_with(self, threads: int) -> None:
        if threads != self.threads:
            self.file.execute(f"set threads = {threads}")
        self.threads = threads
