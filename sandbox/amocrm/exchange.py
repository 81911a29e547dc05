"""One HTTP exchange as values: what was asked, what is answered, and the bodies of refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.amocrm.fields import compact
from sandbox.amocrm.query import Params, pairs_of, tree_of

HAL = "application/hal+json"
PROBLEM = "application/problem+json"
JSON = "application/json"
HTML = "text/html"

TITLES = {
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 422: "Unprocessable Entity", 429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Params = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", tree_of(pairs_of(self.query)))

    @property
    def asked_with(self) -> frozenset[str]:
        """The names in `with`; unknown ones are simply of no effect."""
        wanted = self.params.get("with", "")
        return frozenset(wanted.split(",")) if isinstance(wanted, str) else frozenset()


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    content_type: str | None = HAL
    headers: tuple[tuple[str, str], ...] = ()


class Refused(Exception):
    """The request is answered with a problem; the reply says which."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode())
        self.reply = reply


EMPTY = Reply(204, content_type=None)


def hal(thing: Any, status: int = 200) -> Reply:
    return Reply(status, compact(thing).encode())


def problem(status: int, detail: str = "", **more: Any) -> Reply:
    """An error in the documented JSON form."""
    title = TITLES[status]
    kind = f"https://httpstatus.es/{status}"
    body = {"title": title, "type": kind, "status": status, "detail": detail or title, **more}
    return Reply(status, compact(body).encode(), PROBLEM)


def page_of_gateway(status: int) -> Reply:
    """What the gateway in front of the application answers: a page for people."""
    line = f"{status} {TITLES[status]}"
    text = (
        f"<html>\r\n<head><title>{line}</title></head>\r\n<body>\r\n<center><h1>{line}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, text.encode(), HTML)


def refuse(status: int, detail: str = "", **more: Any) -> Refused:
    return Refused(problem(status, detail, **more))


def invalid(path: str, code: str = "InvalidType", detail: str = "This value is not valid.") -> Refused:
    """400 with one validation error, in the documented form."""
    errors = [{"request_id": "0", "errors": [{"code": code, "path": path, "detail": detail}]}]
    body = {
        "validation-errors": errors,
        "title": TITLES[400],
        "type": "https://httpstatus.es/400",
        "status": 400,
        "detail": "Request validation failed",
    }
    return Refused(Reply(400, compact(body).encode(), PROBLEM))
