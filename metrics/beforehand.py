"""What marts hold of the touched deals is put aside while the ledgers are made, by a connection that waits meanwhile.

That is what a mart by deal is compared with after its rows were made again (metrics.following).
"""

import contextlib
from collections.abc import Iterator, Mapping

from metrics.catalog import BY_DEAL, Catalog
from warehouse.database import Transaction

DEALS = "aside.deals"
"""The deals that were touched when it was put aside."""


def put_aside(hand: Transaction, catalog: Catalog) -> Mapping[str, str]:
    """By mart the table of its rows of the touched deals, for all connections to see, of all marts that stand."""
    standing = hand.execute("select 'mart.' || table_name from duckdb_tables() where schema_name = 'mart'")
    hand.execute("attach ':memory:' as aside")
    hand.execute(
        f"create table {DEALS} as select distinct id as {BY_DEAL} from raw.touched where stream = 'leads'"
    )
    found: dict[str, str] = {}
    for model in catalog:
        if model.is_by_deal and not model.routes and (model.relation,) in standing:
            name = f"aside.{model.name}"
            hand.execute(
                f"create table {name} as from {model.relation} where {BY_DEAL} in (select {BY_DEAL} from {DEALS})"
            )
            found[model.relation] = name
    return found


@contextlib.contextmanager
def at_hand(hand: Transaction) -> Iterator[Transaction]:
    """At the end of the block nothing is aside any more."""
    try:
        yield hand
    finally:
        with contextlib.suppress(Exception):  # what was wrong with the disk has been said, and is what counts
            hand.execute("detach database if exists aside")
