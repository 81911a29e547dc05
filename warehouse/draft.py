"""The next published copy: marts are made in a file apart, which takes the place of the one that readers have."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from warehouse.session import Session, WarehouseUnusable, discard, first_line

_NAME = "published"
UPDATES = 200  # of one copy, then its tables are written anew: what was taken out leaves holes
_SCHEMAS = ("mart", "core", "ops")  # `core` only where it is small reference
_COPIES = "ops.copies"  # of the copy: how often it was brought up to date
_REFERENCE = ("settings", "users", "pipelines", "statuses", "roles")


class Draft:
    """A file that nobody knows of until it is published; in statements of its sessions it is what `mart` names.

    `stands`: it began as the published copy of the last build, so that what this build leaves alone is there.
    """

    def __init__(self, session: Session, path: Path) -> None:
        """`session`: of a connection of its own, so that one may begin the draft while another makes ledgers."""
        self._session = session
        self._path = path
        self._file = path.with_name(f"{path.name}.part")  # who holds the warehouse is alone at it
        self.stands = False

    def take_over(self, build: str | None) -> None:
        """Begin as the published copy if it is that of the build with this note, else as nothing."""
        with self.told():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._begin_as_published(build)
            except (OSError, duckdb.Error, WarehouseUnusable):  # there is none, or what is none of ours
                self.stands = False
            if not self.stands:
                self.clear()

    def clear(self) -> None:
        """Begin with nothing."""
        self.leave()
        self._attach()
        for schema in _SCHEMAS:
            self._session.execute(f"create schema {_NAME}.{schema}")
        self._session.execute(f"create table {_NAME}.{_COPIES} as select 0 as updates")
        self._session.look_into(_NAME)
        self.stands = False

    def leave(self) -> None:
        """Have nothing of it remain."""
        with contextlib.suppress(duckdb.Error, WarehouseUnusable):
            self._session.detach(_NAME)
        with contextlib.suppress(OSError):
            discard(self._file)

    @contextlib.contextmanager
    def known_to(self, session: Session) -> Iterator[None]:
        """Have `mart` be the draft's in another session's statements, too."""
        session.look_into(_NAME)
        try:
            yield
        finally:
            with contextlib.suppress(WarehouseUnusable):  # it has been said before
                session.look_away()

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """What the disk does to the draft is said of the copy that it is to be, whatever was being done."""
        try:
            yield
        except Exception as error:
            cause = (
                error if isinstance(error, OSError | duckdb.Error | WarehouseUnusable) else error.__cause__
            )
            if isinstance(cause, WarehouseUnusable):
                reason = cause.reason
            elif isinstance(cause, OSError | duckdb.IOException | duckdb.FatalException):
                reason = first_line(cause)
            else:
                raise
            raise WarehouseUnusable(self._path, reason) from error

    def publish(self) -> None:
        """Add what `status` reads, and take the copy's place; readers see the old one or this, nothing between."""
        with self.told():
            for name in self._accompanying():
                self._session.execute(f"create or replace table {_NAME}.{name} as from {name}")
            self._session.execute(f"create or replace table {_NAME}.ops.cursors as from raw.cursors")
            self._session.execute(f"update {_NAME}.{_COPIES} set updates = updates + 1")
            self._session.detach(_NAME)
            self._file.replace(self._path)

    def _begin_as_published(self, build: str | None) -> None:
        discard(self._file)
        if build is None or not self._path.exists():
            return
        shutil.copyfile(self._path, self._file)
        self._attach()
        noted = self._session.execute(f"select value from {_NAME}.ops.notes where name = 'build'")
        if noted != [(build,)]:
            return
        [(updates,)] = self._session.execute(f"select updates from {_NAME}.{_COPIES}")
        if updates >= UPDATES:
            self._write_anew()
        self._session.look_into(_NAME)
        self.stands = True

    def _write_anew(self) -> None:
        """Every table once more, without the holes."""
        self.clear()
        self._session.attach(self._path, "former", "read_only")
        try:
            known = self._session.execute(
                "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'former'"
            )
            for (name,) in known:
                if name != _COPIES:
                    self._session.execute(f"create table {_NAME}.{name} as from former.{name}")
        finally:
            self._session.detach("former")

    def _attach(self) -> None:
        """It has no log: all of it stands in the one file when it is let go of."""
        self._session.attach(self._file, _NAME, "storage_version 'latest', recovery_mode 'no_wal_writes'")

    def _accompanying(self) -> list[str]:
        """What is published beside the marts, by name."""
        found = self._session.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database() "
            "and (schema_name = 'ops' or (schema_name = 'core' and list_contains(?, table_name))) order by 1",
            [list(_REFERENCE)],
        )
        return [name for (name,) in found]


@contextlib.contextmanager
def drafted(session: Session, path: Path) -> Iterator[Draft]:
    """A draft of the copy at `path` that is yet to begin, gone at the end if it was not published."""
    draft = Draft(session, path)
    try:
        yield draft
    finally:
        draft.leave()
