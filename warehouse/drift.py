"""Snapshots of small collections as they were kept, what changed in them, and what everything was called when."""

import json
from datetime import datetime
from typing import Any

from warehouse.database import Transaction
from warehouse.records import naive, statement


def kept_snapshot(tx: Transaction, stream: str) -> dict[int, dict[str, Any]]:
    """The objects of a small collection as they were last seen alive."""
    rows = tx.execute(
        "select id, payload from raw.records where stream = ? and not is_deleted and payload is not null",
        [stream],
    )
    return {identity: json.loads(payload) for identity, payload in rows}


def note_drift(
    tx: Transaction, stream: str, noticed_at: datetime, changes: list[tuple[int, str, str | None, str | None]]
) -> None:
    """Write down changes: id, what happened, what it was, what it is now."""
    for identity, kind, before, after in changes:
        tx.execute(
            "insert into core.drift select $at, cast(cast($at as timestamp) at time zone 'UTC' at time zone "
            "coalesce((select any_value(timezone) from core.settings), 'UTC') as date), "
            "$stream, $id, $kind, $before, $after",
            {
                "at": naive(noticed_at),
                "stream": stream,
                "id": identity,
                "kind": kind,
                "before": before,
                "after": after,
            },
        )


def keep_labels(tx: Transaction, stream: str, noticed_at: datetime) -> None:
    """Close the labels that no longer hold and open the new ones; a former label stays with its time."""
    parameters = {"stream": stream, "noticed": naive(noticed_at)}
    for part in statement("keep_labels").split(";\n"):
        used = {name: value for name, value in parameters.items() if f"${name}" in part}
        tx.execute(part, used)
