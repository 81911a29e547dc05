"""The API over HTTP: who asks, may they, does it go wrong, and what is the answer."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from flask import Blueprint, Response, request

from sandbox.google import masks
from sandbox.google.access import Accounts, GrantRefused
from sandbox.google.drive import Drive
from sandbox.google.errors import ApiError, Forbidden, Malformed, NotFound
from sandbox.google.faults import AFTER, BAD_GATEWAY_PAGE, SILENT, Faults, Planned, refusal_of
from sandbox.google.methods import Call, Method, check_query, find, flag
from sandbox.google.quotas import Quotas

PAYLOAD_LIMIT = 10_485_760


class Checker(Protocol):
    """Compares exchanges with the published description of the API."""

    def check_request(self, verb: str, path: str, query: set[str], body: Any) -> None: ...

    def check_reply(self, verb: str, path: str, body: Any) -> None: ...


@dataclass(slots=True)
class Seen:
    """A request as it came in, who sent it, and how it was answered."""

    verb: str
    path: str
    kind: str
    query: dict[str, list[str]]
    body: bytes
    at: float
    author: str = ""
    status: int = 0

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Service:
    """Everything that answering needs."""

    drive: Drive
    accounts: Accounts
    quotas: Quotas
    faults: Faults
    seen: deque[Seen]
    clock: Callable[[], float]
    latency: float
    stopping: threading.Event
    lock: threading.RLock
    checker: Checker | None = None


def blueprint(service: Service) -> Blueprint:
    """The routes of the token endpoint and of the Sheets API."""
    routes = Blueprint("api", __name__)

    @routes.post("/token")
    def token() -> Response:
        seen = _note(service, "token")
        planned = service.faults.take("token")
        try:
            if planned:
                return _broken(service, planned, "token", seen)
            return _json(service.accounts.exchange(request.form), 200, seen)
        except GrantRefused as refused:
            return _json(refused.body, 400, seen)

    @routes.route("/v4/spreadsheets", methods=["POST"])
    @routes.route("/v4/spreadsheets/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
    def sheets(rest: str = "") -> Response:
        found = find(request.method, rest)
        seen = _note(service, found[0].kind if found else "write")
        time_left = service.latency
        if time_left:
            service.stopping.wait(time_left)
        planned = service.faults.take(seen.kind)
        try:
            if planned and planned.fault not in AFTER:
                return _broken(service, planned, seen.kind, seen)
            reply = _answer(service, found, rest, seen)
        except ApiError as refusal:
            return _json(refusal.body(), refusal.status, seen)
        if planned:
            return _broken(service, planned, seen.kind, seen)
        return _json(reply, 200, seen)

    return routes


def _answer(service: Service, found: tuple[Method, Any] | None, rest: str, seen: Seen) -> dict[str, Any]:
    """Carry the request out; a version it makes is committed only when everything else went well."""
    token = service.accounts.bearer(request.headers.get("Authorization"))
    seen.author = token.email
    if found is None:
        if rest:
            raise NotFound
        raise Forbidden  # a robot has no storage: the owner creates spreadsheets and shares them
    method, path = found
    writing = method.kind == "write"
    with service.lock:
        service.quotas.count(method.kind, token.email)
    token.check(writing=writing)
    check_query(method, set(request.args))
    mask = masks.parse(request.args["fields"]) if "fields" in request.args else {}
    body = _body()
    with service.lock:
        file, editor = service.drive.open(path["id"], token.email, writing=writing)
        query = request.args.to_dict()
        ranges = tuple(request.args.getlist("ranges"))
        reply, draft = method.run(Call(file, editor, path, query, ranges, body or {}))
        if service.checker:
            service.checker.check_request(request.method, request.path, set(request.args), body)
            service.checker.check_reply(request.method, request.path, reply)
        if draft is not None:
            file.commit(draft, token.email, service.clock())
    cut: dict[str, Any] = masks.pick(reply, mask)
    return cut


def _body() -> Any:
    data = request.get_data()
    if len(data) > PAYLOAD_LIMIT:
        raise Malformed("", f"Request payload size exceeds the limit: {PAYLOAD_LIMIT} bytes.")
    if not data:
        return None
    try:
        return json.loads(data, parse_constant=_no_constant)
    except ValueError:
        raise Malformed("", "Invalid JSON payload received. Unexpected token.") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _note(service: Service, kind: str) -> Seen:
    query = {name: request.args.getlist(name) for name in request.args}
    seen = Seen(request.method, request.path, kind, query, request.get_data(cache=True), service.clock())
    service.seen.append(seen)
    return seen


def _broken(service: Service, planned: Planned, kind: str, seen: Seen) -> Response:
    if planned.fault in SILENT:
        service.stopping.wait(planned.seconds)
    if planned.fault == "bad_gateway":
        seen.status = 502
        return Response(BAD_GATEWAY_PAGE, 502, content_type="text/html; charset=UTF-8")
    refusal = refusal_of(planned.fault, kind)
    return _json(refusal.body(), refusal.status, seen)


def _json(body: Any, status: int, seen: Seen) -> Response:
    """Two spaces and a final newline, as Google prints it."""
    seen.status = status
    compact = "prettyPrint" in request.args and not flag(request.args["prettyPrint"])
    text = json.dumps(body, ensure_ascii=False, indent=None if compact else 2)
    response = Response(text + "\n", status, content_type="application/json; charset=UTF-8")
    response.headers["Cache-Control"] = "private"
    response.headers["Vary"] = "Origin, X-Origin, Referer"
    return response
