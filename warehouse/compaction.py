"""Compaction: the warehouse written anew without its holes, and put in the place of the old file in one step."""

import contextlib
import logging
import os
import shutil
from pathlib import Path

import duckdb

from warehouse.database import DRAFT, Session, Warehouse, WarehouseUnusable, discard

log = logging.getLogger(__name__)
WORTH = 64 * 2**20  # bytes of holes that are worth the work
ROOM = 1.2  # times what the new file will hold must be free on the disk


def compact(warehouse: Warehouse, *, worth: int) -> tuple[int, int] | None:
    """Write the file anew where more than half of it is holes, `worth` bytes at least; its bytes before and after.

    What rows take that were taken out is a hole. None: the file was left alone. Half of it may be holes: a build
    writes beside what it replaces. The lock of the old file is held until the new one stands in its place, and
    whoever waited for it opens the new one (Warehouse sees to that). Killed at any moment, the program leaves the one
    file or the other, each of them whole.
    """
    path = warehouse.path
    draft = path.with_name(path.name + DRAFT)
    with warehouse.open("compact", is_private=True) as session:
        used, holes = _space(session)
        if holes <= used or holes < worth:
            return None
        if shutil.disk_usage(path.parent).free < ROOM * used:
            log.warning("warehouse.compaction_skipped used=%d holes=%d reason=disk", used, holes)
            return None
        before = path.stat().st_size
        try:
            _write(session, draft)
            if _has_log(path) or _has_log(draft):  # what is in there would be lost, or read into another file
                discard(draft)
                return None
            after = draft.stat().st_size
            draft.replace(path)
        except (OSError, duckdb.Error) as error:
            with contextlib.suppress(OSError):
                discard(draft)
            raise WarehouseUnusable(draft, str(error).partition("\n")[0]) from error
        _settle(path.parent)  # from here on nothing may be written: another process may hold the new file
    log.info("warehouse.compacted before=%d after=%d", before, after)
    return before, after


def _space(session: Session) -> tuple[int, int]:
    """Bytes of the file that hold something, and bytes that hold nothing, or rows that were taken out."""
    [(block, used, free)] = session.execute(
        "select block_size, used_blocks, free_blocks from pragma_database_size() "
        "where database_name = current_database()"
    )
    dead = _dead(session)
    return (used - dead) * block, (free + dead) * block


def _dead(session: Session) -> int:
    """So many blocks' worth of rows were taken out and stay where they were: DuckDB bears them up to a half."""
    found = 0.0
    for name, rows in session.execute(
        "select schema_name || '.' || table_name, estimated_size from duckdb_tables() "
        "where database_name = current_database() and estimated_size > 0"
    ):
        [(alive,)] = session.execute(f"select count(*) from {name}")
        if alive < rows:  # of the table's blocks that many are theirs
            [(blocks,)] = session.execute(
                "select count(distinct block) from (select unnest(list_append(additional_block_ids, block_id)) "
                f"as block from pragma_storage_info('{name}') where persistent)"
            )
            found += blocks * (1 - alive / rows)
    return int(found)


def _write(session: Session, draft: Path) -> None:
    """Everything as it stands, in its order, into a file of its own; no log is left beside the old one."""
    discard(draft)
    session.execute("checkpoint")
    [(name,)] = session.execute("select current_database()")
    session.attach(draft, "compacted", "storage_version 'latest'")
    session.execute(f'copy from database "{name}" to compacted')
    session.execute("detach compacted")


def _has_log(path: Path) -> bool:
    """Whether something is written down beside the file that is not yet in it."""
    beside = path.with_name(path.name + ".wal")
    return beside.exists() and beside.stat().st_size > 0


def _settle(folder: Path) -> None:
    """Have the disk know the file by its new place."""
    with contextlib.suppress(OSError):
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)
