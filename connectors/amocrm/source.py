"""amoCRM as a source: its streams, its pages by time, by id and from the trash, its deliveries."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.amocrm import walks
from connectors.amocrm.asking import Answer, Asker
from connectors.amocrm.client import Client
from connectors.amocrm.events import understand
from connectors.amocrm.streams import ACCOUNT, IDS_AT_ONCE, TRASH, streams
from connectors.base import ContractBroken, Delivery, Digest, Page, ReadDigest, Stream, TooSlow


def utc_now() -> datetime:
    """This moment, aware."""
    return datetime.now(UTC)


class AmoCrm:
    """An account that is polled for changes and that pushes deliveries.

    Pages keep the bytes that amoCRM sent; nothing of a record is read here but what `digest` tells.
    """

    def __init__(
        self,
        client: Client,
        digest: ReadDigest,
        tracked_fields: Sequence[int] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.streams: Mapping[str, Stream] = streams(tracked_fields)
        self._client = client
        self._now = now
        self._ask = Asker(client.get, digest, now)
        self._ask_trash = Asker(client.get, _trash_digest, now)

    def account(self) -> dict[str, Any]:
        """Who the account is: its id, address, time zone and currency."""
        account, _ = self._account()
        return account

    def snapshot(self, stream: str) -> Iterator[Page]:
        """Yield every page of a small collection as it is now."""
        if stream == ACCOUNT.name:
            return self._account_page()
        return walks.snapshot(self._ask, self._stream(stream, "snapshot"))

    def changed(self, stream: str, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield what changed from `since` up to `until`; the last page's cursor is `until`.

        Any two moments will do, so several stretches of one stream may be walked at once.
        """
        known = self._stream(stream, "by_value", "windows")
        walk = walks.by_value if known.walk == "by_value" else walks.windows
        return walk(self._ask, known, _second(since), _second(until))

    def by_ids(self, stream: str, ids: Sequence[int]) -> Iterator[Page]:
        """Yield these objects as they are now; one that is gone for good, or in the trash, does not come."""
        known = self._stream(stream, "by_value", "windows")
        for answer in self._answers(known, ids):
            yield answer.page(known)

    def trashed(self, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield the leads that went to the trash from `since` up to `until`."""
        for page in walks.by_value(self._ask_trash, TRASH, _second(since), _second(until)):
            yield _tombstones(page)

    def trashed_among(self, ids: Sequence[int]) -> Iterator[Page]:
        """Yield those of these leads that lie in the trash."""
        for answer in self._answers(TRASH, ids):
            if (page := _tombstones(answer.page(TRASH))).ids:
                yield page

    def understand(self, body: bytes) -> Delivery:
        """Read a webhook's body; nothing is asked of the network."""
        return understand(body)

    def _answers(self, stream: Stream, ids: Sequence[int]) -> Iterator[Answer]:
        asker = self._ask_trash if stream is TRASH else self._ask
        wanted = list(dict.fromkeys(ids))
        for first in range(0, len(wanted), IDS_AT_ONCE):
            yield from _answers_to(asker, stream, wanted[first : first + IDS_AT_ONCE])

    def _account(self) -> tuple[dict[str, Any], bytes]:
        body = self._client.get(ACCOUNT.path, ACCOUNT.params) or b""
        try:
            account = json.loads(body)
        except ValueError as error:
            raise ContractBroken("account: the answer is not JSON") from error
        if not isinstance(account, dict) or "id" not in account:
            raise ContractBroken("account: the answer has no id")
        return account, body

    def _account_page(self) -> Iterator[Page]:
        """The account is a bare object; it is handed over as a page of one, like everything else."""
        asked_at = self._now()
        account, body = self._account()
        page = b'{"_embedded":{"%s":[%s]}}' % (ACCOUNT.collection.encode(), body)
        yield Page(ACCOUNT.name, ACCOUNT.collection, page, (account["id"],), asked_at)

    def _stream(self, name: str, *walks_allowed: str) -> Stream:
        stream = self.streams[name]
        if stream.walk not in walks_allowed:
            raise ValueError(f"{name} is walked as {stream.walk}, not as {' or '.join(walks_allowed)}")
        return stream


def _second(when: datetime) -> int:
    return int(when.timestamp())


def _answers_to(ask: Asker, stream: Stream, ids: list[int]) -> Iterator[Answer]:
    """Ask for these ids, in halves where amoCRM runs out of time over them."""
    try:
        answer = ask.ids(stream, ids)
    except TooSlow:
        if len(ids) == 1:
            raise
        half = len(ids) // 2
        yield from _answers_to(ask, stream, ids[:half])
        yield from _answers_to(ask, stream, ids[half:])
        return
    if answer:
        yield answer


def _tombstones(page: Page) -> Page:
    """The page with only what says itself that it is deleted: live leads were seen in this list too.

    The stubs of the trash are small, so they may be read here; a page of nothing but stubs stays as it came.
    """
    rows = json.loads(page.body)["_embedded"][page.collection]
    dead = _dead(rows)
    if len(dead) == len(rows):
        return replace(page, tombstones=True)
    body = json.dumps({"_embedded": {page.collection: dead}}, ensure_ascii=False).encode()
    return replace(page, body=body, ids=tuple(row["id"] for row in dead), tombstones=True)


def _trash_digest(body: bytes, collection: str, stamp: str) -> Digest:
    """The digest of what is really deleted on a page: a live lead there stands out of any order."""
    page = json.loads(body)
    dead = _dead(page["_embedded"][collection])
    stamps = [row[stamp] for row in dead]
    return Digest(
        ids=tuple(row["id"] for row in dead),
        oldest=min(stamps, default=None),
        newest=max(stamps, default=None),
        has_next="next" in page.get("_links", {}),
        is_ordered=stamps == sorted(stamps),
    )


def _dead(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row.get("is_deleted") is True]
