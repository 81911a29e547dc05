"""What people typed: every accepted version is kept, and what was refused at the last look."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from warehouse.cursors import aware
from warehouse.database import Transaction
from warehouse.records import naive, touch

TOUCHED = "inputs"  # the stream under which a new version is made known to the next build

Cells = Mapping[str, str]
Refused = tuple[str, int, str | None, str | None, str]
"""Name of the table, row (0: the whole table), column, value, message."""


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted state of one table."""

    name: str
    version: int
    accepted_at: datetime
    origin: str
    author: str | None
    rows: int


def versions(tx: Transaction) -> list[Version]:
    """Every accepted version, the newest of each table first."""
    rows = tx.execute(
        "select name, version, accepted_at, origin, author, "
        "(select count(*) from raw.input_rows as kept where kept.name = told.name and kept.version = told.version) "
        "from raw.input_versions as told order by name, version desc"
    )
    return [
        Version(name, version, aware(accepted_at), origin, author, count)
        for name, version, accepted_at, origin, author, count in rows
    ]


def standing(tx: Transaction, name: str) -> list[dict[str, str]] | None:
    """The rows of the version in force; None if none was ever accepted."""
    if not tx.execute("select 1 from raw.input_versions where name = ? limit 1", [name]):
        return None
    rows = tx.execute(
        "select cells from raw.input_rows where name = $name and version = "
        '(select max(version) from raw.input_versions where name = $name) order by "row"',
        {"name": name},
    )
    return [json.loads(cells) for (cells,) in rows]


def accept(
    tx: Transaction,
    name: str,
    rows: Mapping[int, Cells],
    *,
    origin: str,
    author: str | None,
    at: datetime,
) -> bool:
    """Keep the rows as a new version if they say anything new; the order of the rows is no news.

    The deals of rows that came, went or changed are touched.
    """
    words = {row: json.dumps(cells, ensure_ascii=False, sort_keys=True) for row, cells in rows.items()}
    digest = sha256("\n".join(sorted(words.values())).encode()).hexdigest()
    last = tx.execute(
        "select version, digest from raw.input_versions where name = ? order by version desc limit 1", [name]
    )
    if (last and last[0][1] == digest) or (not last and not rows):
        return False
    number = int(last[0][0]) + 1 if last else 1
    tx.execute(
        "insert into raw.input_versions values (?, ?, ?, ?, ?, ?)",
        [name, number, naive(at), origin, author, digest],
    )
    tx.execute(
        "insert into raw.input_rows select $name, $version, unnest($rows), unnest($cells)",
        {"name": name, "version": number, "rows": list(words), "cells": list(words.values())},
    )
    _touch_deals(tx, name, number)
    touch(tx, TOUCHED, number)
    return True


def _touch_deals(tx: Transaction, name: str, version: int) -> None:
    tx.execute(
        "insert into raw.touched "
        "select distinct 'leads', cast(cells ->> '$.deal_id' as bigint) from ("
        "  select cells from raw.input_rows where name = $name and version in ($version, $version - 1)"
        "  group by cells having count(distinct version) = 1"
        ") where (cells ->> '$.deal_id') is not null",
        {"name": name, "version": version},
    )


def missing_deals(tx: Transaction, wanted: Collection[int]) -> set[int]:
    """Which of these deals the account has never shown."""
    known = tx.execute(
        "select id from raw.records where stream = 'leads' and payload_md5 is not null and id in "
        "(select unnest($ids::bigint[]))",
        {"ids": sorted(wanted)},
    )
    return set(wanted) - {identity for (identity,) in known}


def refusals(tx: Transaction) -> list[tuple[Refused, datetime]]:
    """What was refused at the last look, and since when it has been."""
    rows = tx.execute(
        'select name, "row", column_name, value, message, seen_at from ops.input_refusals order by all'
    )
    return [((name, row, column, value, text), aware(at)) for name, row, column, value, text, at in rows]


def note_refusals(tx: Transaction, refused: Sequence[Refused], at: datetime) -> bool:
    """Keep what is refused now, each since it was first seen; True if that is other than before."""
    since = dict(refusals(tx))
    if set(since) == set(refused):
        return False
    tx.execute("delete from ops.input_refusals")
    for each in dict.fromkeys(refused):
        tx.execute(
            "insert into ops.input_refusals values (?, ?, ?, ?, ?, ?)", [*each, naive(since.get(each, at))]
        )
    touch(tx, TOUCHED, 0)
    return True
