"""The stock client, gspread with google-auth, works against the stand-in and reaches nothing else."""

import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import gspread
import pytest
from google.auth.credentials import Credentials
from google.oauth2 import service_account
from gspread.utils import ValueRenderOption
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from sandbox.google import GoogleServer

ROBOT = "robot@sandbox.iam.gserviceaccount.com"
GOOGLE = "https://sheets.googleapis.com"


class HostAdapter(HTTPAdapter):
    """Sends what is meant for Google to the stand-in."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        request.url = (request.url or "").replace(GOOGLE, self.url)
        return super().send(request, *args, **options)


class PlainCredentials(Credentials):
    """A service account's tokens without google-auth's background question to Google about regions.

    The question is asked by `before_request` of the service account class; `refresh` alone does not ask.
    """

    def __init__(self, account: service_account.Credentials) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._account = account

    def refresh(self, request: Any) -> None:
        self._account.refresh(request)  # type: ignore[no-untyped-call]
        self.token: str | None = self._account.token
        self.expiry: datetime | None = self._account.expiry


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with GoogleServer(validate=True) as server:
        yield server


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that were looked up, in any thread."""
    hosts: list[str] = []
    look_up = socket.getaddrinfo

    def note(host: Any, *args: Any, **options: Any) -> Any:
        hosts.append(str(host))
        return look_up(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    return hosts


@pytest.fixture
def client(google: GoogleServer, looked_up: list[str]) -> Iterator[gspread.Client]:
    scopes = ["https://www.googleapis.com/auth/spreadsheets"]
    account = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        google.service_account(ROBOT), scopes=scopes
    )
    made = gspread.authorize(PlainCredentials(account))
    made.set_timeout((5, 10))
    made.http_client.session.mount(GOOGLE, HostAdapter(google.url))
    yield made
    made.http_client.session.close()
    session = made.http_client.session
    getattr(session, "_auth_request_session", session).close()


@pytest.fixture
def book(google: GoogleServer) -> str:
    return google.create_spreadsheet("Показатели", share={ROBOT: "writer"})


def test_a_tab_is_added_filled_formatted_and_read_back(
    google: GoogleServer, client: gspread.Client, book: str, looked_up: list[str]
) -> None:
    spreadsheet = client.open_by_key(book)
    tab = spreadsheet.add_worksheet("Сводка", rows=20, cols=4)
    tab.update([["Показатель", "Сегодня"], ["Оборот", 1234567.5], ["=не формула", True]], "A1", raw=True)
    tab.format("B2", {"numberFormat": {"type": "NUMBER", "pattern": '#,##0" ₽"'}})
    tab.freeze(rows=1)
    tab.set_basic_filter()

    assert (spreadsheet.title, spreadsheet.locale, spreadsheet.timezone) == (
        "Показатели",
        "ru_RU",
        "Europe/Moscow",
    )
    assert tab.get_all_values() == [
        ["Показатель", "Сегодня"],
        ["Оборот", "1\u00a0234\u00a0568 ₽"],
        ["=не формула", "ИСТИНА"],
    ]
    assert tab.get("B2:B3", value_render_option=ValueRenderOption.unformatted) == [[1234567.5], [True]]
    assert google.book(book).tabs[1].properties["gridProperties"]["frozenRowCount"] == 1
    assert set(looked_up) <= {"127.0.0.1"}


def test_the_usual_calls_count_as_google_counts_them(
    google: GoogleServer, client: gspread.Client, book: str
) -> None:
    spreadsheet = client.open_by_key(book)
    tab = spreadsheet.sheet1
    tab.batch_update([{"range": "A1:B1", "values": [["a", 1]]}, {"range": "A2", "values": [["b"]]}])
    tab.update_title("Данные")
    tab.resize(rows=50, cols=3)
    tab.clear()
    tab.batch_clear(["A1:B2"])
    tab.update_notes({"A1": "без НДС"})
    spreadsheet.duplicate_sheet(tab.id, new_sheet_name="Копия")
    spreadsheet.reorder_worksheets(list(reversed(spreadsheet.worksheets())))
    spreadsheet.del_worksheet(spreadsheet.worksheet("Копия"))
    spreadsheet.update_title("Иначе")
    spreadsheet.batch_update(
        {"requests": [{"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}}}}]}
    )

    kinds = [seen.kind for seen in google.requests]
    assert (kinds.count("token"), kinds.count("read"), kinds.count("write")) == (1, 5, 11)
    assert {seen.status for seen in google.requests} == {200}
    assert google.cell(book, "Данные!A1") == {"note": "без НДС"}
    assert google.book(book).properties["title"] == "Иначе"
    assert [(tab.title, tab.row_count) for tab in google.book(book).tabs] == [("Данные", 50)]


def test_refusals_arrive_as_the_client_knows_them(
    google: GoogleServer, client: gspread.Client, book: str
) -> None:
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        client.open_by_key("unknown")
    with pytest.raises(PermissionError):
        client.open_by_key(google.create_spreadsheet("Чужая"))
    tab = client.open_by_key(book).sheet1
    with pytest.raises(gspread.exceptions.APIError) as refused:
        tab.update([["x"]], "AA1")

    assert refused.value.code == 400
    assert "exceeds grid limits. Max rows: 1000, max columns: 26" in str(refused.value)


def test_one_unauthorized_answer_is_healed_by_a_new_token(
    google: GoogleServer, client: gspread.Client, book: str
) -> None:
    tab = client.open_by_key(book).sheet1
    google.fail("unauthorized", on="write")

    tab.update([["x"]], "A1")

    assert google.values(book, "A1") == [["x"]]
    assert [seen.kind for seen in google.requests].count("token") == 2
