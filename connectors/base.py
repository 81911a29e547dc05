"""The shared language of connectors and sync: pages, changes, deliveries, errors."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol

Walk = Literal["snapshot", "by_value", "windows"]


@dataclass(frozen=True, slots=True)
class Digest:
    """What a walk must know of a page; the rest of its body stays unread bytes.

    `is_ordered`: no record is older than the one before it. `is_reversed`: none is newer.
    """

    ids: tuple[int | str, ...]
    oldest: int | None
    newest: int | None
    has_next: bool
    is_ordered: bool = True
    is_reversed: bool = True

    @property
    def count(self) -> int:
        return len(self.ids)


ReadDigest = Callable[[bytes, str, str], Digest]
"""(page body, name of its collection, key of its time stamp) → its digest; ValueError if it is not a page."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A collection of the source that changes, and how its changes are walked.

    `needs`: what an account must have for it, as its owner would say it; empty where every account does.
    `is_filter_paid`: the source filters it only for accounts that pay for that.
    """

    name: str
    path: str
    collection: str
    walk: Walk
    stamp: str = "updated_at"
    page_size: int = 250
    params: tuple[tuple[str, str], ...] = ()
    needs: str = ""
    is_filter_paid: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records as the source sent them, followed by a cursor.

    `cursor`: every change older than this has been handed over; None where that cannot be said yet.
    `tombstones`: the records are stubs of objects that lie in the trash.
    """

    stream: str
    collection: str
    body: bytes
    ids: tuple[int | str, ...]
    fetched_at: datetime
    cursor: datetime | None = None
    tombstones: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One fact inside a delivery: this object changed; what it is now, only the source can say.

    `moment` is when the source says it changed, where the delivery tells.
    """

    stream: str
    id: int
    action: str
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook POST, understood."""

    account_id: int | None
    subdomain: str | None
    changes: tuple[Change, ...]


class Source(Protocol):
    """A system that can be polled for changes and that pushes deliveries."""

    @property
    def streams(self) -> Mapping[str, Stream]: ...

    def snapshot(self, stream: str) -> Iterator[Page]: ...

    def changed(self, stream: str, since: datetime, until: datetime) -> Iterator[Page]: ...

    def by_ids(self, stream: str, ids: Sequence[int]) -> Iterator[Page]: ...

    def trashed(self, since: datetime, until: datetime) -> Iterator[Page]: ...

    def trashed_among(self, ids: Sequence[int]) -> Iterator[Page]: ...

    def understand(self, body: bytes) -> Delivery: ...


class CountedSource(Source, Protocol):
    """A source whose streams can also be read whole, object by object, whatever their dates."""

    def everything(self, stream: str) -> Iterator[Page]: ...


class SourceError(Exception):
    """The source could not be read."""

    retryable: ClassVar[bool] = False


class Unreachable(SourceError):
    """No answer: a wrong host, a broken line, a timeout."""

    retryable: ClassVar[bool] = True


class ServerFailed(SourceError):
    """The source answered 5xx."""

    retryable: ClassVar[bool] = True


class TooSlow(ServerFailed):
    """The source ran out of time over this question; a smaller one may pass."""


class Silent(Unreachable):
    """There is a line, and for long nothing was answered, whatever was asked."""

    retryable: ClassVar[bool] = False


class RateLimited(SourceError):
    """Too many requests; `retry_after` seconds are asked for, where the source says so."""

    retryable: ClassVar[bool] = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unauthorized(SourceError):
    """The token is wrong, expired or revoked: a person must give a new one."""


class PaymentRequired(SourceError):
    """The account's subscription has ended."""


class Forbidden(SourceError):
    """The grant lacks the right to read this stream."""


class NotOffered(Forbidden):
    """This account has no such stream: its tariff lacks it, or it is switched off."""


class Blocked(SourceError):
    """The source has blocked us altogether: stop, and do not knock again."""


class NotFound(SourceError):
    """There is no such path or account."""


class BadRequest(SourceError):
    """The source did not accept our question."""


class ContractBroken(SourceError):
    """The answer is not what the documented contract says."""


class FilterIgnored(ContractBroken):
    """The answer holds what the question had filtered out."""
