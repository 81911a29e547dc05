"""Google over HTTP: the robot's key, gspread's client with our pace, errors as sentences for people."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport import Request as AuthRequest
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials as KeyCredentials
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient
from gspread.urls import (
    SPREADSHEET_BATCH_UPDATE_URL,
    SPREADSHEET_URL,
    SPREADSHEET_VALUES_BATCH_URL,
    SPREADSHEETS_API_V4_BASE_URL,
)
from requests.adapters import BaseAdapter, HTTPAdapter

from exports.errors import ExportError, KeyRevoked, KeyUnreadable, QuotaExceeded, Unreachable
from exports.pace import LONGEST, MINUTE, Kind, Pace
from exports.refusals import refusal

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
"""Enough to fill a spreadsheet that people have shared; nothing else of theirs can be seen."""

LARGE, COPYING = 1_000_000, b'"copyPaste":'
"""From so many bytes on, and where a draft is copied, an answer is waited for as long as Google may work at one
request: who gives up before does not know what became of it."""


class Google:
    """What a book needs of Google: to look at a spreadsheet, and to change it in one request."""

    def __init__(self, new_client: Callable[[], "PacedClient"], pace: Pace, robot: str) -> None:
        self._new_client = new_client
        self._clients = threading.local()
        self._pace = pace
        self.robot = robot

    def has_room(self, spreadsheet_id: str, keep: int = 0) -> bool:
        """Whether a change could be sent at once, leaving `keep` of this minute's changes to other books."""
        return self._pace.has_room("write", spreadsheet_id, keep)

    def read(self, spreadsheet_id: str, fields: str) -> Mapping[str, Any]:
        url = SPREADSHEET_URL % spreadsheet_id
        return _content(self._http.request("get", url, params={"fields": fields}))

    def values(
        self, spreadsheet_id: str, tabs: Sequence[str], *, shown: bool = False
    ) -> list[list[list[Any]]]:
        """What stands in whole tabs: texts, numbers as they are kept, days as serial numbers.

        `shown`: all of it as texts, the way people see it.
        """
        url = SPREADSHEET_VALUES_BATCH_URL % spreadsheet_id
        ranges = ["'{}'".format(tab.replace("'", "''")) for tab in tabs]
        options = {
            "valueRenderOption": "FORMATTED_VALUE" if shown else "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        answer = _content(self._http.request("get", url, params={"ranges": ranges, **options}))
        return [each.get("values", []) for each in answer["valueRanges"]]

    def apply(self, spreadsheet_id: str, body: bytes, keep: int = 0) -> None:
        """Send one batch, which Google carries out whole or not at all; wait until `keep` of a minute's are left."""
        url = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet_id
        headers = {"Content-Type": "application/json; charset=utf-8"}
        asked = {"fields": "spreadsheetId"}
        _content(self._http.request("post", url, params=asked, data=body, headers=headers, keep=keep))

    @property
    def _http(self) -> "PacedClient":
        """This thread's own client, for a session is for one thread; the pace is everybody's."""
        if not hasattr(self._clients, "own"):
            self._clients.own = self._new_client()
        client: PacedClient = self._clients.own
        return client


def connect(
    key: Mapping[str, Any],
    api_url: str | None = None,
    *,
    timeouts: tuple[float, float] = (5.0, 60.0),
    writes_per_minute: int = 50,
    reads_per_minute: int = 50,
    gap: float = 1.0,
    lines: Callable[[], HTTPAdapter] = HTTPAdapter,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Google:
    """A client for the robot whose key this is, for any number of threads; nothing is sent before it is used.

    With `api_url` everything, the exchange of tokens too, goes to that address and nowhere else. `lines`: over which
    a session talks, made for each anew.
    """
    robot = Robot(key).email
    budget: dict[Kind, int] = {"read": reads_per_minute, "write": writes_per_minute}
    pace = Pace(budget, gap=gap, clock=clock, sleep=sleep)

    def new_client() -> PacedClient:
        credentials = Robot(key)
        exchange = _led(requests.Session(), api_url, lines)
        session = AuthorizedSession(credentials, auth_request=Request(exchange))  # type: ignore[no-untyped-call]
        _led(session, api_url, lines)
        return PacedClient(credentials, session, pace, robot, timeouts)

    return Google(new_client, pace, robot)


class Robot(Credentials):
    """A service account that asks for tokens and for nothing else.

    Google's own class also looks up the account's permitted regions in the background, at a fixed address:
    a question nobody asked for, and one that would leave the machine even when all else goes to a stand-in.
    """

    def __init__(self, key: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        try:
            self._key = KeyCredentials.from_service_account_info(key, scopes=SCOPES)  # type: ignore[no-untyped-call]
        except (GoogleAuthError, ValueError, TypeError) as error:
            raise KeyUnreadable(
                "Ключ робота Google не читается: нужен файл JSON сервисного аккаунта. "
                "Скачайте его заново в Google Cloud и укажите в настройках."
            ) from error
        self.email: str = self._key.service_account_email

    def refresh(self, request: AuthRequest) -> None:
        self._key.refresh(request)
        self.token = self._key.token
        self.expiry = self._key.expiry


class PacedClient(HTTPClient):
    """gspread's client that keeps to a pace and raises our errors; it never repeats anything by itself."""

    def __init__(
        self,
        auth: Credentials,
        session: requests.Session,
        pace: Pace,
        robot: str,
        timeouts: tuple[float, float],
    ) -> None:
        super().__init__(auth, session)
        self._pace = pace
        self._robot = robot
        self._timeouts = timeouts

    def request(
        self, method: str, endpoint: str, *args: Any, keep: int = 0, **kwargs: Any
    ) -> requests.Response:
        """`keep`: so many requests of the minute are left to others."""
        book = _book(endpoint)
        self._pace.wait("read" if method.lower() == "get" else "write", book, keep)
        connecting, reading = self._timeouts
        body: bytes = kwargs.get("data") or b""
        is_long = len(body) > LARGE or COPYING in body
        self.set_timeout((connecting, LONGEST if is_long else reading))
        try:
            return super().request(method, endpoint, *args, **kwargs)
        except APIError as error:
            answer = error.response
            problem = refusal(answer.status_code, answer.content, book=book, robot=self._robot)
            if isinstance(problem, QuotaExceeded):
                self._pace.close(MINUTE / 4)
            raise problem from error
        except GoogleAuthError as error:
            raise _key_problem(error, self._robot) from error
        except requests.RequestException as error:
            raise Unreachable(
                f"Нет связи с Google ({type(error).__name__}). Проверьте интернет; повторим позже."
            ) from error


class _Redirect(BaseAdapter):
    """Sends every request to one address, whatever host it was meant for."""

    def __init__(self, address: str, line: HTTPAdapter) -> None:
        super().__init__()
        self._address = urlsplit(address)
        self._line = line

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        meant = urlsplit(str(request.url))
        request.url = urlunsplit(meant._replace(scheme=self._address.scheme, netloc=self._address.netloc))
        return self._line.send(request, *args, **kwargs)

    def close(self) -> None:
        self._line.close()


def _led(
    session: requests.Session, api_url: str | None, lines: Callable[[], HTTPAdapter]
) -> requests.Session:
    """The session, talking over such lines, and with `api_url` to that address."""
    session.trust_env = api_url is None  # a proxy named by the environment would be another host
    for scheme in ("https://", "http://"):
        session.mount(scheme, lines() if api_url is None else _Redirect(api_url, lines()))
    return session


def _key_problem(error: GoogleAuthError, robot: str) -> ExportError:
    if not isinstance(error, RefreshError) or error.retryable:
        return Unreachable(f"Сервер входа Google не отвечает ({type(error).__name__}). Повторим позже.")
    return KeyRevoked(
        f"Google не принимает ключ робота {robot}: ключ отозван или часы этого компьютера неверны. "
        "Проверьте часы; если они верны, создайте новый ключ и укажите его."
    )


def _content(answer: requests.Response) -> Mapping[str, Any]:
    """The JSON of an answer; a page that some gateway puts in its place is no answer."""
    try:
        content = answer.json()
        content["spreadsheetId"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable("Вместо Google отвечает кто-то другой. Проверьте сеть; повторим позже.") from error
    return content  # type: ignore[no-any-return]


def _book(endpoint: str) -> str:
    """The spreadsheet that an address speaks of."""
    return endpoint.removeprefix(SPREADSHEETS_API_V4_BASE_URL).strip("/").split("/")[0].split(":")[0]
