"""Streams that amoCRM does not give as one list of objects with ids: their pages are put together here.

All of them are small; they may be read.
"""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.amocrm import walks
from connectors.amocrm.asking import Asker, Get, page_of
from connectors.amocrm.streams import (
    ACCOUNT,
    CATALOG_LIST,
    ELEMENTS,
    GROUPS,
    LINKS,
    PAGE_SIZE,
    UNSORTED,
    UNSORTED_SUMMARY,
    Params,
)
from connectors.base import ContractBroken, Digest, Page, Stream

log = logging.getLogger(__name__)

MOST_READINGS = 5
SUMMARY_ID = 0  # an account has one summary, and it has no id of its own


@dataclass(frozen=True, slots=True)
class Composed:
    """Asks one account for what has to be put together."""

    get: Get
    ask: Asker
    now: Callable[[], datetime]
    heard: Callable[[dict[str, Any]], None]
    """Told of the account's settings whenever they were read as a stream."""

    def pages(self, stream: Stream) -> Iterator[Page] | None:
        """Yield the pages of such a stream; None for a stream that comes as it is."""
        compose = {
            ACCOUNT.name: self._account_page,
            GROUPS.name: self._groups,
            ELEMENTS.name: self._elements,
            UNSORTED.name: self._unsorted,
            UNSORTED_SUMMARY.name: self._summary,
        }.get(stream.name)
        return compose() if compose else None

    def account(self) -> tuple[dict[str, Any], bytes]:
        """The account, read and as it came."""
        account, body = self._object(ACCOUNT)
        if "id" not in account:
            raise ContractBroken("account: the answer has no id")
        return account, body

    def links(self, ids: Sequence[int]) -> Page:
        """What each of these leads is joined to, as a page of one record for every lead, joined or not."""
        asked_at = self.now()
        wanted = [("filter[entity_id][]", str(each)) for each in ids]
        found: dict[int, list[Any]] = {each: [] for each in ids}
        number = 1
        while True:
            page = self._links(wanted, number)
            for link in page["_embedded"][LINKS.collection] if page else ():
                if link["entity_id"] not in found:
                    raise ContractBroken("links: a lead came that nobody asked for")
                found[link["entity_id"]].append(link)
            if not page or "next" not in page.get("_links", {}):
                break
            number += 1
        records = [{"id": lead, "links": links} for lead, links in found.items()]
        return _page(LINKS, records, tuple(found), asked_at)

    def _links(self, wanted: Params, number: int) -> dict[str, Any]:
        query = (*wanted, ("limit", str(PAGE_SIZE)), ("page", str(number)))
        body = self.get(LINKS.path, query) or self.get(LINKS.path, query)  # nothing: believed the second time
        return _read(LINKS, body) if body else {}

    def _account_page(self) -> Iterator[Page]:
        asked_at = self.now()
        account, body = self.account()
        self.heard(account)
        body = page_of(ACCOUNT.collection, body)
        yield Page(ACCOUNT.name, ACCOUNT.collection, body, (account["id"],), asked_at)

    def _groups(self) -> Iterator[Page]:
        asked_at = self.now()
        account, _ = self.account()
        groups = account.get("_embedded", {}).get(GROUPS.collection, [])
        yield _page(GROUPS, groups, tuple(group["id"] for group in groups), asked_at)

    def _elements(self) -> Iterator[Page]:
        """The elements of all catalogs; a list of several pages is read until a reading shows nothing new.

        Neither an order nor a filter exists here, so an element that is deleted meanwhile may hide another.
        """
        for catalog in [each for page in walks.snapshot(self.ask, CATALOG_LIST) for each in page.ids]:
            stream = replace(ELEMENTS, path=ELEMENTS.path.format(catalog=catalog))
            seen: set[int | str] = set()
            for _ in range(MOST_READINGS):
                pages = list(walks.snapshot(self.ask, stream))
                yield from (page for page in pages if not seen.issuperset(page.ids))
                ids = {each for page in pages for each in page.ids}
                if len(pages) <= 1 or ids <= seen:
                    break
                seen |= ids

    def _unsorted(self) -> Iterator[Page]:
        """Incoming leads; each is known by the lead that it is, as its own name is no number."""
        ask = Asker(self.get, _digest_by_uid, self.now)
        for page in walks.snapshot(ask, UNSORTED):
            rows = json.loads(page.body)["_embedded"][UNSORTED.collection]
            known = [{"id": row["_embedded"]["leads"][0]["id"], **row} for row in rows if _has_lead(row)]
            if len(known) < len(rows):
                log.warning("unsorted.without_lead records=%d", len(rows) - len(known))
            yield _page(UNSORTED, known, tuple(row["id"] for row in known), page.fetched_at)

    def _summary(self) -> Iterator[Page]:
        asked_at = self.now()
        summary, _ = self._object(UNSORTED_SUMMARY)
        yield _page(UNSORTED_SUMMARY, [{"id": SUMMARY_ID, **summary}], (SUMMARY_ID,), asked_at)

    def _object(self, stream: Stream) -> tuple[dict[str, Any], bytes]:
        body = self.get(stream.path, stream.params) or self.get(stream.path, stream.params) or b""
        return _read(stream, body), body


def _read(stream: Stream, body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError as error:
        raise ContractBroken(f"{stream.name}: the answer is not JSON") from error
    if not isinstance(said, dict):
        raise ContractBroken(f"{stream.name}: the answer is no object")
    return said


def _page(stream: Stream, records: Sequence[Any], ids: tuple[int, ...], asked_at: datetime) -> Page:
    body = json.dumps({"_embedded": {stream.collection: records}}, ensure_ascii=False).encode()
    return Page(stream.name, stream.collection, body, ids, asked_at)


def _has_lead(row: dict[str, Any]) -> bool:
    return bool(row.get("_embedded", {}).get("leads"))


def _digest_by_uid(body: bytes, collection: str, stamp: str) -> Digest:  # noqa: ARG001 - the shape of ReadDigest
    page = json.loads(body)
    rows = page["_embedded"][collection]
    has_next = "next" in page.get("_links", {})
    return Digest(tuple(row["uid"] for row in rows), None, None, has_next)
