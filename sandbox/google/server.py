"""A spreadsheet service on this machine: what tests and the demo start, steer and look into."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.google import api, batch, page
from sandbox.google.access import Accounts
from sandbox.google.api import Seen, Service
from sandbox.google.book import Book, Cell
from sandbox.google.drive import Drive, Revision, Role
from sandbox.google.faults import Fault, Faults, On
from sandbox.google.protection import Editor
from sandbox.google.quotas import Limits, Quotas
from sandbox.google.values import value_range

OWNER = "owner@example.com"


class _Quiet(WSGIRequestHandler):
    """Answers without telling the terminal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class GoogleServer:
    """Google Sheets and its token endpoint over HTTP on 127.0.0.1, with its state open to the caller."""

    def __init__(
        self,
        port: int = 0,
        *,
        clock: Callable[[], float] = time.time,
        quotas: bool = True,
        limits: Limits | None = None,
        latency: float = 0.0,
        validate: bool = False,
        keep_revisions: int = 100,
        keep_requests: int = 1000,
    ) -> None:
        self._clock = clock
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._service = Service(
            drive=Drive(clock, keep_revisions),
            accounts=Accounts(clock),
            quotas=Quotas(clock, (limits or Limits()) if quotas else None),
            faults=Faults(),
            seen=deque(maxlen=keep_requests),
            clock=clock,
            latency=latency,
            stopping=threading.Event(),
            lock=threading.RLock(),
        )
        self._violations: list[str] = []
        if validate:
            from sandbox.google.discovery import Discovery

            checker = Discovery()
            self._service.checker, self._violations = checker, checker.violations

    def start(self) -> Self:
        """Listen; afterwards `url` is known."""
        app = Flask(__name__, static_folder=None)
        app.url_map.merge_slashes = False
        app.register_blueprint(api.blueprint(self._service))
        app.register_blueprint(page.blueprint(self._service.drive))
        self._service.stopping.clear()
        self._server = make_server("127.0.0.1", self._port, app, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and let silent requests go."""
        self._service.stopping.set()
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(timeout=5)
            self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if kind is None and self._violations:
            raise AssertionError("the stand-in broke the API's description: " + "; ".join(self._violations))

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the server is not running")
        return f"http://127.0.0.1:{self._server.server_port}"

    def create_spreadsheet(
        self,
        title: str,
        locale: str = "ru_RU",
        time_zone: str = "Europe/Moscow",
        share: Mapping[str, Role] | None = None,
        owner: str = OWNER,
    ) -> str:
        """An empty spreadsheet of the owner, shared with others as asked; return its id."""
        with self._service.lock:
            return self._service.drive.create(title, locale, time_zone, owner, share or {})

    def share(self, spreadsheet_id: str, email: str, role: Role | None) -> None:
        """Give the account a role, or with None take it away."""
        self._service.drive.share(spreadsheet_id, email, role)

    def service_account(self, email: str) -> dict[str, str]:
        """A key file for a robot, whose token endpoint is this server."""
        return self._service.accounts.new_key(email, f"{self.url}/token")

    def revoke(self, email: str) -> None:
        """Make the robot's keys and tokens worthless."""
        self._service.accounts.revoke(email)

    def token(self, email: str) -> str:
        """An access token without the exchange, for a plain session."""
        return self._service.accounts.issue(email)

    def edit(self, spreadsheet_id: str, *requests: dict[str, Any], by: str = OWNER) -> list[dict[str, Any]]:
        """Do what a person does in the browser, as a batch of the API's own requests; return the replies."""
        with self._service.lock:
            file, _ = self._service.drive.open(spreadsheet_id, by, writing=True)
            editor = Editor(by, is_owner=file.roles[by] == "owner")
            draft, replies = batch.apply(file.latest.book, editor, list(requests))
            file.commit(draft, by, self._clock())
        return replies

    def fail(self, fault: Fault, times: int = 1, on: On = "any", seconds: float = 30.0) -> None:
        """Let the next requests of this kind go wrong; `seconds` is how long a silence lasts."""
        self._service.faults.plan(fault, times, on, seconds)

    def heal(self) -> None:
        """Forget the failures still planned."""
        self._service.faults.clear()

    @property
    def requests(self) -> list[Seen]:
        """What came in so far, oldest first (the last `keep_requests`)."""
        return list(self._service.seen)

    def forget_requests(self) -> None:
        self._service.seen.clear()

    def book(self, spreadsheet_id: str, revision: int | None = None) -> Book:
        """The spreadsheet as it is, or as it was at a revision that is still kept."""
        file = self._service.drive.file(spreadsheet_id)
        book = file.latest.book if revision is None else file.at(revision)
        if book is None:
            raise LookupError(f"revision {revision} is not kept")
        return book

    def revision(self, spreadsheet_id: str) -> int:
        """The number of the latest version; every committed write adds one."""
        return self._service.drive.file(spreadsheet_id).latest.number

    def revisions(self, spreadsheet_id: str) -> list[Revision]:
        """The versions still kept, oldest first."""
        return list(self._service.drive.file(spreadsheet_id).revisions)

    def cell(self, spreadsheet_id: str, a1: str) -> Cell:
        """One cell as stored: value, format, note, validation."""
        tab, area = self.book(spreadsheet_id).locate(a1)
        return tab.cell(area.top, area.left)

    def values(self, spreadsheet_id: str, a1: str, *, shown: bool = False) -> list[list[Any]]:
        """Contents of a range as values, or as the texts that people see."""
        book = self.book(spreadsheet_id)
        tab, area = book.locate(a1)
        render = "FORMATTED_VALUE" if shown else "UNFORMATTED_VALUE"
        found: list[list[Any]] = value_range(book, tab, area, {"valueRenderOption": render}).get("values", [])
        return found

    def set_status(self, spreadsheet_id: str, lines: Iterable[tuple[str, str]]) -> None:
        """Set the lines (label, text) that the page shows above the spreadsheet."""
        self._service.drive.file(spreadsheet_id).status = list(lines)

    def notes(self, spreadsheet_id: str) -> list[tuple[str, str]]:
        """The lines that the page shows above the spreadsheet."""
        return list(self._service.drive.file(spreadsheet_id).status)
