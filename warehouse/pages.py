"""Reading a page's outline with DuckDB, so that its body never becomes Python objects."""

import threading
from dataclasses import dataclass
from functools import cache

import duckdb

_OUTLINE = """
select
    list_filter(list_transform(items, lambda item: item.id), lambda id: id is not null and id <> 'null'),
    list_filter(list_transform(items, lambda item: item.stamp), lambda stamp: stamp is not null),
    next is not null and next <> 'null'
from (
    select
        list_transform(page._embedded.{collection}, lambda item: {{id: item.id, stamp: item.{stamp}}}) as items,
        page._links.next as next
    from (select from_json(decode(body), '{{
        "_links": {{"next": "JSON"}}, "_embedded": {{"{collection}": [{{"id": "JSON", "{stamp}": "BIGINT"}}]}}
    }}') as page from (select cast(? as blob) as body))
)
"""
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Outline:
    """The ids, the time stamps in the order of the page (none for an undated collection), and whether a next page
    is announced."""

    ids: tuple[int | str, ...]
    stamps: tuple[int, ...]
    has_next: bool


def read_outline(body: bytes, collection: str, stamp: str) -> Outline:
    """What a walk needs of a page of `collection`; ValueError when the body is not JSON."""
    connection = _connection()
    try:
        ((ids, stamps, has_next),) = connection.execute(
            _OUTLINE.format(collection=collection, stamp=stamp), [body]
        ).fetchall()
    except duckdb.Error as error:
        raise ValueError(f"not a page of {collection}") from error
    return Outline(tuple(_identity(text) for text in ids or ()), tuple(stamps or ()), has_next)


def _identity(text: str) -> int | str:
    plain = text.strip('"')
    return int(plain) if plain.isdigit() and plain == text else plain


def _connection() -> duckdb.DuckDBPyConnection:
    """A connection of this thread's own, for threads cannot share one; the database behind it they can."""
    if not hasattr(_local, "connection"):
        _local.connection = _database().cursor()
    return _local.connection  # type: ignore[no-any-return]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Nothing is kept in it. To make one takes longer than to read a page, so a process has one."""
    return duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "512MB"})
