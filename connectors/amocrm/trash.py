"""What lies in the trash: stubs that say of themselves that they are deleted."""

import json
from collections.abc import Container
from dataclasses import replace
from itertools import pairwise
from typing import Any

from connectors.base import Digest, Page


def tombstones(page: Page, among: Container[int] | None = None) -> Page:
    """The page with only what says itself that it is deleted: live leads were seen in this list too.

    The stubs of the trash are small, so they may be read here; a page of nothing but stubs stays as it came.
    With `among` nothing but these ids stays.
    """
    rows = json.loads(page.body)["_embedded"][page.collection]
    dead = [row for row in _dead(rows) if among is None or row["id"] in among]
    if len(dead) == len(rows):
        return replace(page, tombstones=True)
    body = json.dumps({"_embedded": {page.collection: dead}}, ensure_ascii=False).encode()
    return replace(page, body=body, ids=tuple(row["id"] for row in dead), tombstones=True)


def digest(body: bytes, collection: str, stamp: str) -> Digest:
    """The digest of what is really deleted on a page: a live lead there stands out of any order."""
    page = json.loads(body)
    dead = _dead(page["_embedded"][collection])
    stamps = [row[stamp] for row in dead]
    return Digest(
        ids=tuple(row["id"] for row in dead),
        oldest=min(stamps, default=None),
        newest=max(stamps, default=None),
        has_next="next" in page.get("_links", {}),
        is_ordered=all(a <= b for a, b in pairwise(stamps)),
        is_reversed=all(a >= b for a, b in pairwise(stamps)),
    )


def _dead(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row.get("is_deleted") is True]
