"""What an HTTP answer of amoCRM means: a body, nothing, or an error of our tree."""

import json
from collections.abc import Mapping

from connectors.base import (
    BadRequest,
    Blocked,
    ContractBroken,
    Forbidden,
    NotFound,
    PaymentRequired,
    RateLimited,
    ServerFailed,
    SourceError,
    TooSlow,
    Unauthorized,
)

_DETAIL = 200


GOOD = {"GET": (200,), "POST": (200, 201, 202), "DELETE": (200, 202)}
"""What tells of success, 204 apart."""


def read(
    status: int, headers: Mapping[str, str], body: bytes, path: str, *, method: str = "GET"
) -> bytes | None:
    """The body of a good answer, None for an empty one; everything else is raised.

    HTML is never decoded: the gateway in front of amoCRM speaks it with every code, 200 included. A body is
    judged by its ends only, for to read it whole would cost more than to fetch it; who reads it later finds
    the rest.
    """
    if status == 204:
        return None
    if status not in GOOD[method]:
        raise error(status, headers, body, path)
    if not body.strip():
        return None
    if _kind(headers) == "application/problem+json":
        raise ServerFailed(f"{path}: amoCRM answered with an error in the guise of data")
    if not _is_json(headers):
        raise ServerFailed(f"{path}: amoCRM answered with a page instead of data")
    if not (body.lstrip()[:1] == b"{" and body.rstrip()[-1:] == b"}"):
        raise ServerFailed(f"{path}: the answer of amoCRM was cut off")
    return body


def error(status: int, headers: Mapping[str, str], body: bytes, path: str) -> SourceError:
    """The error that a status and its body stand for."""
    problem = _problem(headers, body)
    said = f"{path}: amoCRM answered {status}"
    if status == 403:
        if problem is None:
            return Blocked(f"{said}: it has blocked this integration or address; its support must unblock it")
        return Forbidden(f"{said}: the grant has no right to read this")
    if status == 429:
        return RateLimited(f"{said}: too many requests", _retry_after(headers, problem or {}))
    if 300 <= status < 400:
        return NotFound(f"{said}: the account has moved; check its address in amocrm.url")
    if status >= 500:
        return TooSlow(f"{said}: it ran out of time") if status == 504 else ServerFailed(said)
    plain: dict[int, SourceError] = {
        401: Unauthorized(f"{said}: the token is wrong, expired or revoked"),
        402: PaymentRequired(f"{said}: the subscription of the account has ended"),
        404: NotFound(f"{said}: no such account or path; check amocrm.url"),
        408: TooSlow(f"{said}: it ran out of time"),
    }
    if status in plain:
        return plain[status]
    if 400 <= status < 500:
        return BadRequest(f"{said}: {_detail(problem or {})}")
    return ContractBroken(said)


def _kind(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _is_json(headers: Mapping[str, str]) -> bool:
    kind = _kind(headers)
    return kind == "application/json" or kind.endswith("+json")


def _problem(headers: Mapping[str, str], body: bytes) -> dict[str, object] | None:
    """amoCRM's own description of an error; None if it was not amoCRM who answered."""
    if not _is_json(headers):
        return None
    try:
        problem = json.loads(body)
    except ValueError:
        return None
    return problem if isinstance(problem, dict) else None


def _detail(problem: Mapping[str, object]) -> str:
    errors = problem.get("validation-errors")
    detail = json.dumps(errors, ensure_ascii=False) if errors else problem.get("detail")
    return str(detail or "it does not say why")[:_DETAIL]


def _retry_after(headers: Mapping[str, str], problem: Mapping[str, object]) -> float | None:
    for said in (problem.get("retry_after"), headers.get("Retry-After")):
        try:
            seconds = float(str(said))
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    return None
