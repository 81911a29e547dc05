"""amoCRM as a source: its streams, its pages by time, by id and from the trash, its deliveries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.amocrm import trash, unfiltered, walks
from connectors.amocrm.asking import Answer, Asker
from connectors.amocrm.client import Client
from connectors.amocrm.composed import Composed
from connectors.amocrm.events import understand
from connectors.amocrm.filters import Filters
from connectors.amocrm.streams import IDS_AT_ONCE, TRASH, streams
from connectors.amocrm.subscriptions import EVENT_CODES, Subscription, Subscriptions
from connectors.base import BadRequest, Delivery, FilterIgnored, NotOffered, Page, ReadDigest, Stream, TooSlow

DEEPEST_TRASH = 20
"""Pages of the trash that are looked through for certain leads where it cannot be filtered."""


def utc_now() -> datetime:
    """This moment, aware."""
    return datetime.now(UTC)


class AmoCrm:
    """An account that is polled for changes and that pushes deliveries.

    Pages keep the bytes that amoCRM sent; nothing of a record is read here but what `digest` tells. An account
    without the filters that are paid for is asked in other ways, and yields the same.
    """

    def __init__(
        self,
        client: Client,
        digest: ReadDigest,
        tracked_fields: Sequence[int] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.streams: Mapping[str, Stream] = streams(tracked_fields)
        self._ask = Asker(client.get, digest, now)
        self._composed = Composed(client.get, self._ask, now, self._heard)
        self._ask_trash = Asker(client.get, trash.digest, now)
        self._filters = Filters(self._is_filter_paid)
        self._webhooks = Subscriptions(client)

    def track(self, fields: Sequence[int]) -> None:
        """Have a stream of events for each of these fields, and for no others."""
        self.streams = streams(fields)

    @property
    def filters_enabled(self) -> bool:
        """Whether leads, contacts and companies can be filtered; asked before it first matters."""
        return self._filters.is_paid

    def account(self) -> dict[str, Any]:
        """Who the account is: its id, address, time zone and currency."""
        account, _ = self._composed.account()
        return account

    def snapshot(self, stream: str) -> Iterator[Page]:
        """Yield every page of a small collection as it is now."""
        known = self._stream(stream, "snapshot")
        return _offered(known, self._composed.pages(known) or walks.snapshot(self._ask, known))

    def changed(self, stream: str, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield what changed from `since` up to `until`; the last page's cursor is `until`.

        Any two moments will do, so several stretches of one stream may be walked at once. Without filters
        it comes newest first, together with what changed after `until`, and only the last page has a cursor.
        """
        known = self._stream(stream, "by_value", "windows")
        if known.walk == "windows":
            return walks.windows(self._ask, known, _second(since), _second(until))
        return _offered(known, self._by_value(self._ask, known, _second(since), _second(until)))

    def everything(self, stream: str, after: int | None = None, place: int = 0) -> Iterator[Page]:
        """Yield every object that exists all the while, by rising ids; no filter is needed, no cursor comes.

        A reading that was cut off goes on `after` the highest id it had, of which about `place` had come.
        """
        known = self._stream(stream, "by_value", "windows")
        if known.stamp != "updated_at":
            raise ValueError(f"{stream} cannot be put in the order of ids")
        return unfiltered.everything(self._ask, known, after, place)

    def newest(self, stream: str) -> datetime | None:
        """When anything in the stream changed last; one small question, None if nothing is there."""
        return unfiltered.newest(self._ask, self._stream(stream, "by_value"))

    def newest_trashed(self) -> datetime | None:
        """When a lead went to the trash last; one small question, None if the trash is empty."""
        return unfiltered.newest(self._ask_trash, TRASH)

    def by_ids(self, stream: str, ids: Sequence[int]) -> Iterator[Page]:
        """Yield these objects as they are now; one that is gone for good, or in the trash, does not come.

        Without filters others may come along.
        """
        known = self._stream(stream, "by_value", "windows")
        missing = list(dict.fromkeys(ids))
        while missing and self._filters.work_for(known):
            try:
                for answer in _answers_to(self._ask, known, missing[:IDS_AT_ONCE]):
                    yield answer.page(known)
            except FilterIgnored as error:
                self._filters.caught(known, error)
            else:
                del missing[:IDS_AT_ONCE]
        yield from unfiltered.by_ids(self._ask, known, missing)

    def trashed(self, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield the leads that went to the trash from `since` up to `until`."""
        for page in self._by_value(self._ask_trash, TRASH, _second(since), _second(until)):
            yield trash.tombstones(page)

    def trashed_among(self, ids: Sequence[int]) -> Iterator[Page]:
        """Yield those of these leads that lie in the trash; without filters: among its thousands of latest."""
        missing = list(dict.fromkeys(ids))
        while missing and self._filters.work_for(TRASH):
            try:
                found = [
                    each.page(TRASH) for each in _answers_to(self._ask_trash, TRASH, missing[:IDS_AT_ONCE])
                ]
            except FilterIgnored as error:
                self._filters.caught(TRASH, error)
            else:
                yield from (page for page in map(trash.tombstones, found) if page.ids)
                del missing[:IDS_AT_ONCE]
        for page in unfiltered.among(self._ask_trash, TRASH, missing, DEEPEST_TRASH):
            yield trash.tombstones(page, among=set(missing))

    def links(self, ids: Sequence[int]) -> Iterator[Page]:
        """Yield what these leads are joined to: a record for each, with its id and its `links`."""
        wanted = list(dict.fromkeys(ids))
        for first in range(0, len(wanted), IDS_AT_ONCE):
            yield self._composed.links(wanted[first : first + IDS_AT_ONCE])

    def subscriptions(self) -> list[Subscription]:
        """Every webhook of the account, other people's too; Forbidden to a grant that is no administrator's."""
        return self._webhooks.all()

    def subscribe(self, destination: str, events: Sequence[str] = EVENT_CODES) -> Subscription:
        """Have `destination` told of these events from now on."""
        return self._webhooks.subscribe(destination, events)

    def unsubscribe(self, destination: str) -> bool:
        """Have `destination` told nothing any more; False if it was told nothing anyway."""
        return self._webhooks.unsubscribe(destination)

    def understand(self, body: bytes) -> Delivery:
        """Read a webhook's body; nothing is asked of the network."""
        return understand(body)

    def _by_value(self, ask: Asker, stream: Stream, since: int, until: int) -> Iterator[Page]:
        """Walk by a filter if there is one; begin again without it if it turns out to be ignored."""
        if self._filters.work_for(stream):
            try:
                yield from walks.by_value(ask, stream, since, until)
            except FilterIgnored as error:
                self._filters.caught(stream, error)
            else:
                return
        yield from unfiltered.newest_first(ask, stream, since, until)

    def _is_filter_paid(self) -> bool:
        return _has_filters(self.account())

    def _heard(self, account: dict[str, Any]) -> None:
        self._filters.learned(is_paid=_has_filters(account))

    def _stream(self, name: str, *walks_allowed: str) -> Stream:
        stream = self.streams[name]
        if stream.walk not in walks_allowed:
            raise ValueError(f"{name} is walked as {stream.walk}, not as {' or '.join(walks_allowed)}")
        return stream


def _has_filters(account: dict[str, Any]) -> bool:
    return account.get("is_api_filter_enabled") is not False


def _offered(stream: Stream, pages: Iterator[Page]) -> Iterator[Page]:
    """The pages; where a stream needs what not every account has, a refused question means that it lacks it."""
    try:
        yield from pages
    except BadRequest as error:
        if not stream.needs:
            raise
        raise NotOffered(f"{stream.name}: this account does not offer it ({error})") from error


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
