"""One question to a list of amoCRM: its address, and what must be true of the answer."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.amocrm.streams import Params
from connectors.base import ContractBroken, Digest, FilterIgnored, Page, ReadDigest, Stream

Get = Callable[[str, Params], bytes | None]
"""(path, parameters) → body, None where amoCRM says there is nothing (204)."""


@dataclass(frozen=True, slots=True)
class Span:
    """The seconds from `first` up to, and without, `end`.

    Nobody says whether the bounds of amoCRM's ranges belong to them, so the question is a second wider at
    each side where that could matter: records may come twice, and none is lost whatever the truth is.
    Once an answer has shown that the lower bound belongs to its range, that side needs no margin any more.
    """

    first: int
    end: int

    def asked(self, *, includes_first: bool) -> tuple[int, int]:
        """The bounds to ask for; a lower one of 0 could be taken for none."""
        return max(1, self.first - (not includes_first)), self.end


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a list, read only as far as the walks need.

    `is_lowered`: it holds so much less than it could that the `limit` of the question was not accepted.
    """

    body: bytes
    digest: Digest
    asked_at: datetime
    is_last: bool
    is_lowered: bool = False

    def page(self, stream: Stream, cursor: datetime | None = None) -> Page:
        """The same as a page of records, followed by `cursor`."""
        return Page(stream.name, stream.collection, self.body, self.digest.ids, self.asked_at, cursor)


class Asker:
    """Asks for pages, and believes none that breaks what was asked for."""

    def __init__(self, get: Get, digest: ReadDigest, now: Callable[[], datetime]) -> None:
        self._get = get
        self._digest = digest
        self._now = now
        self._includes_first: bool | None = (
            None  # nobody has shown yet whether the lower bound belongs to a range
        )

    def page(self, stream: Stream, number: int, limit: int, extra: Params = ()) -> Answer | None:
        """A page of a list by its number; None where there is nothing on it."""
        return self._ask(stream, [*extra, ("limit", str(limit)), ("page", str(number))], limit)

    def ids(self, stream: Stream, ids: Sequence[int]) -> Answer | None:
        """These objects, as far as they exist; nobody else's id may come back."""
        wanted = [("filter[id][]", str(each)) for each in ids]
        # Nothing at all is believed the second time: objects are asked for because somebody has heard of them.
        answer = self.page(stream, 1, stream.page_size, wanted) or self.page(
            stream, 1, stream.page_size, wanted
        )
        if answer and not set(answer.digest.ids) <= set(ids):
            raise FilterIgnored(f"{stream.name}: filter[id] was ignored, objects came that nobody asked for")
        return answer

    def one(self, stream: Stream, identity: int) -> Page | None:
        """One object by its own address, as a page of one; None where it is gone, or in the trash."""
        asked_at = self._now()
        path = f"{stream.path}/{identity}"
        body = self._get(path, stream.params) or self._get(path, stream.params)
        if body is None:
            return None
        try:
            item = json.loads(body)
        except ValueError as error:
            raise ContractBroken(f"{stream.name}: the answer to one id is not JSON") from error
        if not isinstance(item, dict) or item.get("id") != identity:
            raise ContractBroken(f"{stream.name}: another object came than the one that was asked for")
        if item.get("is_deleted") is True:
            return None
        return Page(stream.name, stream.collection, page_of(stream.collection, body), (identity,), asked_at)

    def upwards(self, stream: Stream, number: int, limit: int) -> Answer | None:
        """A page of the whole list in the order of ids: the one order that no edit disturbs."""
        return self._ordered(stream, ("order[id]", "asc"), number, limit)

    def downwards(self, stream: Stream, number: int, limit: int) -> Answer | None:
        """A page of the whole list, what changed last first."""
        return self._ordered(stream, (f"order[{stream.stamp}]", "desc"), number, limit)

    def bounds(self, span: Span) -> tuple[int, int]:
        """The bounds to ask for; the pages of one window must all be asked for with the same."""
        return span.asked(includes_first=bool(self._includes_first))

    def onwards(self, stream: Stream, span: Span, limit: int) -> Answer | None:
        """The first page of a span that begins with a record: what shows whether the bound belongs to its range."""
        if self._includes_first is None:
            answer = self.span(stream, span.asked(includes_first=True), 1, limit)
            if answer and answer.digest.oldest == span.first:
                return answer
            self._includes_first = False
        return self.span(stream, self.bounds(span), 1, limit)

    def span(self, stream: Stream, bounds: tuple[int, int], number: int, limit: int) -> Answer | None:
        """A page of what has its stamp within `bounds`.

        An answer out of bounds or out of order is asked for once more (a record edited between amoCRM's
        search and its answer looks so); twice means that the account does not filter or order, and the
        walk must not go on.
        """
        extra = _within(stream, bounds)
        answer = self.page(stream, number, limit, extra)
        if answer and _complaint(stream, bounds, answer.digest):
            answer = self.page(stream, number, limit, extra)
            if answer and (complaint := _complaint(stream, bounds, answer.digest)):
                raise complaint
        if answer and answer.digest.oldest == bounds[0]:
            self._includes_first = True
        return answer

    def nothing(self, stream: Stream, cursor: datetime) -> Page:
        """A page without records that carries a cursor."""
        return Page(stream.name, stream.collection, page_of(stream.collection), (), self._now(), cursor)

    def _ordered(self, stream: Stream, order: tuple[str, str], number: int, limit: int) -> Answer | None:
        extra = [order] if order not in stream.params else []
        answer = self.page(stream, number, limit, extra)
        if answer and not _obeys(order, answer.digest):  # a record edited between search and answer looks so
            answer = self.page(stream, number, limit, extra)
            if answer and not _obeys(order, answer.digest):
                raise ContractBroken(f"{stream.name}: {order[0]} was ignored")
        return answer

    def _ask(self, stream: Stream, params: Params, limit: int) -> Answer | None:
        asked_at = self._now()
        query = (*stream.params, *params)
        body = self._get(stream.path, query)
        digest = self._read(stream, body) if body else None
        if body and digest is None:  # cut off on its way, or an error in the guise of data: worth one more
            body = self._get(stream.path, query)
            digest = self._read(stream, body) if body else None
            if body and digest is None:
                raise ContractBroken(f"{stream.name}: the answer holds no {stream.collection}")
        if body is None or digest is None or not digest.ids:
            return None
        return Answer(
            body,
            digest,
            asked_at,
            is_last=not digest.has_next and digest.count < limit,
            is_lowered=digest.has_next and digest.count <= limit // 2,
        )

    def _read(self, stream: Stream, body: bytes) -> Digest | None:
        """The digest of a page, be it empty; None if the body is no page of the stream."""
        try:
            digest = self._digest(body, stream.collection, stream.stamp)
        except ValueError:
            return None
        return digest if digest.ids or f'"{stream.collection}"'.encode() in body else None


def moment(stamp: int) -> datetime:
    """The moment of a stamp of amoCRM."""
    return datetime.fromtimestamp(stamp, UTC)


def page_of(collection: str, item: bytes = b"") -> bytes:
    """The body of a page that holds one object as it came, or nothing."""
    return b'{"_embedded":{"%s":[%s]}}' % (collection.encode(), item)


def _obeys(order: tuple[str, str], digest: Digest) -> bool:
    if order == ("order[id]", "asc"):
        numbers = [each for each in digest.ids if isinstance(each, int)]
        return len(numbers) == digest.count and numbers == sorted(numbers)
    return digest.oldest is not None and digest.is_reversed


def _within(stream: Stream, bounds: tuple[int, int]) -> Params:
    name = f"filter[{stream.stamp}]"
    oldest, newest = bounds
    order = [(f"order[{stream.stamp}]", "asc")] if stream.walk == "by_value" else []
    return [(f"{name}[from]", str(oldest)), (f"{name}[to]", str(newest)), *order]


def _complaint(stream: Stream, bounds: tuple[int, int], digest: Digest) -> ContractBroken | None:
    if digest.oldest is None or digest.newest is None:
        return ContractBroken(f"{stream.name}: a record has no {stream.stamp}")
    oldest, newest = bounds
    if digest.oldest < oldest or digest.newest > newest:
        return FilterIgnored(
            f"{stream.name}: filter[{stream.stamp}] was ignored "
            "(is the filter package of the account switched off?)"
        )
    if stream.walk == "by_value" and not digest.is_ordered:
        return ContractBroken(f"{stream.name}: order[{stream.stamp}] was ignored")
    return None
