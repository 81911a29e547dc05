"""raw → core for what stands beside the deals: tasks, calls, catalogues, incoming leads, directories, customers."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from warehouse.database import Transaction
from warehouse.records import touch_all

FOLDER = Path(__file__).parent / "models" / "core"
STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "11_tasks": ("tasks", "account"),
    "12_calls": ("lead_notes", "contact_notes", "company_notes", "users"),
    "13_catalogs": ("catalogs", "catalog_elements"),
    "14_unsorted": ("unsorted",),
    "15_directories": ("lead_tags", "groups", "roles"),
    "16_customers": ("customers", "transactions"),
}
"""Statements → the streams whose touched records they make the rows of again."""


def refresh_beside(tx: Transaction) -> None:
    """Make the rows of touched records again; deals whose invoices changed are touched by that."""
    touched = {stream for (stream,) in tx.execute("select distinct stream from raw.touched")}
    for name, streams in STATEMENTS.items():
        if touched.intersection(streams):
            tx.execute(_sql(name))


def touch_beside(tx: Transaction) -> None:
    """Have all of it made again."""
    for streams in STATEMENTS.values():
        for stream in streams:
            touch_all(tx, stream)


@cache
def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
