"""Lists: which objects a request asks for, in which order, and the page of them it gets."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request, invalid, refuse
from sandbox.amocrm.fields import compact
from sandbox.amocrm.manners import Manners
from sandbox.amocrm.query import pairs_of, replaced, texts
from sandbox.amocrm.shelf import Shelf

DEFAULT_LIMIT = 50
MAX_LIMIT = 250
MAX_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Span:
    """A closed range; None is open."""

    low: int | None = None
    high: int | None = None

    def holds(self, value: int | None) -> bool:
        if value is None:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Cut:
    """A page's place in a list."""

    page: int
    limit: int
    start: int
    total: int
    has_next: bool


def number(text: Any, path: str) -> int:
    """An integer parameter; 400 for anything else."""
    try:
        return int(text)
    except (TypeError, ValueError):
        raise invalid(path) from None


def numbers(node: Any, path: str) -> list[int]:
    return [number(text, path) for text in texts(node)]


def span(node: Any, path: str, manners: Manners) -> Span:
    """`[from]` and `[to]`, either of which may be missing."""
    unknown = set(node) - {"from", "to"}
    if unknown:
        raise invalid(f"{path}.{unknown.pop()}", "ExtraFields")
    low = number(node["from"], f"{path}.from") if "from" in node else None
    high = number(node["to"], f"{path}.to") if "to" in node else None
    if manners.inclusive:
        return Span(low, high)
    return Span(None if low is None else low + 1, None if high is None else high - 1)


def filters(request: Request, known: Iterable[str], manners: Manners) -> dict[str, Any]:
    """The request's filters.

    One that is not documented for this list is refused, or ignored by a lenient account.
    """
    given = request.params.get("filter", {})
    if not isinstance(given, dict):
        raise invalid("filter")
    unknown = [name for name in given if name not in set(known)]
    if unknown and manners.strict:
        raise invalid(f"filter.{unknown[0]}", "ExtraFields", "This field was not expected.")
    return {name: node for name, node in given.items() if name not in unknown}


def paid_filters(api: Api, request: Request, known: Iterable[str]) -> dict[str, Any]:
    """The filters of a list that can be filtered only for money: none of them works where nobody paid."""
    given = filters(request, known, api.manners)
    if not api.account.settings.is_api_filter_enabled:
        return {}
    return {name: node for name, node in given.items() if name not in api.manners.ignored_filters}


def order(request: Request, known: Iterable[str], manners: Manners) -> tuple[str, bool] | None:
    """(attribute, is descending), or None where the request leaves it to the account."""
    given = request.params.get("order", {})
    if not isinstance(given, dict):
        raise invalid("order")
    for attribute, direction in given.items():
        if attribute in set(known) and direction in ("asc", "desc"):
            return attribute, direction == "desc"
        if manners.strict:
            raise invalid(f"order.{attribute}", "NotSupportedChoice")
    return None


def arrange(
    shelf: Shelf[Any, Any],
    stamps: Span,
    wanted: Sequence[Any] | None,
    by: tuple[str, bool] | None,
    keep: Callable[[Any], bool] | None = None,
) -> list[Any]:
    """The ids of a list, ordered; without an order the newest ids come first, which nobody promises."""
    attribute, descending = by or ("id", True)
    if wanted is not None:
        keys = sorted(key for key in set(wanted) if key in shelf.items and stamps.holds(shelf.stamp(key)))
        keys.sort(key=shelf.stamp)
    elif attribute == "id" and stamps == Span():
        keys = shelf.ids()
    else:
        keys = shelf.between(stamps.low, stamps.high)
    if keep is not None:
        keys = [key for key in keys if keep(shelf.items[key])]
    if attribute == "id":
        keys.sort()
    elif attribute != "updated_at":
        keys.sort(key=lambda key: (getattr(shelf.items[key], attribute), key))
    if descending:
        keys.reverse()
    return keys


def cut(request: Request, total: int, manners: Manners, maximum: int = MAX_LIMIT) -> Cut:
    """Which part of a list of `total` objects the request's page is."""
    page = number(request.params.get("page", 1), "page")
    limit = number(request.params.get("limit", DEFAULT_LIMIT), "limit")
    if page < 1 or limit < 1:
        raise invalid("page" if page < 1 else "limit")
    if limit > maximum:
        if manners.over_limit == "refuse":
            raise refuse(422, f"Limit {maximum} per page")
        limit = DEFAULT_LIMIT
    start = (page - 1) * limit
    reach = start + limit if manners.next_after_full_page else start + limit + 1
    return Cut(page, limit, start, total, has_next=total >= reach)


def page(api: Api, request: Request, place: Cut, name: str, items: Iterable[bytes]) -> Reply:
    """A HAL page of ready-made items; a page with none is 204."""
    body = b",".join(items)
    if not body:
        return EMPTY
    head = f'{{"_page":{place.page},' if api.manners.page_number else "{"
    links = compact(_links(api.url, request, place))
    return Reply(200, b"".join((f'{head}"_links":{links},"_embedded":{{"{name}":['.encode(), body, b"]}}")))


def counted_page(api: Api, request: Request, place: Cut, name: str, items: list[dict[str, Any]]) -> Reply:
    """A HAL page of a list that knows its totals."""
    if not items:
        return EMPTY
    pages = -(-place.total // place.limit)
    links = _links(api.url, request, place)
    links["last"] = _link(api.url, request, place, pages)
    if place.page >= pages:
        links.pop("next", None)
    totals = {"_total_items": place.total, "_page": place.page, "_page_count": pages}
    return Reply(200, compact({**totals, "_links": links, "_embedded": {name: items}}).encode())


def whole(api: Api, request: Request, name: str, items: list[dict[str, Any]]) -> Reply:
    """A list that is never paged."""
    links = {"self": {"href": f"{api.url}{request.path}"}}
    body = {"_total_items": len(items), "_links": links, "_embedded": {name: items}}
    return Reply(200, compact(body).encode())


def _links(url: str, request: Request, place: Cut) -> dict[str, Any]:
    links = {"self": _link(url, request, place, place.page)}
    if place.has_next:
        links["next"] = _link(url, request, place, place.page + 1)
    if place.page > 1:
        links["first"] = _link(url, request, place, 1)
        links["prev"] = _link(url, request, place, place.page - 1)
    return links


def _link(url: str, request: Request, place: Cut, target: int) -> dict[str, str]:
    query = replaced(pairs_of(request.query), limit=place.limit, page=target)
    return {"href": f"{url}{request.path}?{query}"}
