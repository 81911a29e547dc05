"""The stand-in over HTTP: tokens, roles, quotas, failures on demand, and replies in Google's shape."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from google.auth import crypt, jwt

from sandbox.google import GoogleServer
from sandbox.google.discovery import Discovery
from sandbox.google.messages import MESSAGES
from sandbox.google.quotas import Limits

Json = dict[str, Any]
ROBOT = "robot@sandbox.iam.gserviceaccount.com"
TIMEOUT = 10


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def google(clock: Clock) -> Iterator[GoogleServer]:
    with GoogleServer(validate=True, clock=clock) as server:
        yield server


@pytest.fixture
def book(google: GoogleServer) -> str:
    return google.create_spreadsheet("Показатели", share={ROBOT: "writer", "guest@example.com": "reader"})


Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(google: GoogleServer) -> Iterator[Ask]:
    """Send one request as the robot."""
    with requests.Session() as session:

        def send(verb: str, path: str, body: Any = None, token: str | None = None, **query: Any) -> Any:
            return session.request(
                verb,
                f"{google.url}/v4/spreadsheets/{path}".rstrip("/"),
                json=body,
                params=query,
                timeout=TIMEOUT,
                headers={"Authorization": f"Bearer {token or google.token(ROBOT)}"},
            )

        yield send


def put(value: str, sheet_id: int = 0) -> Json:
    """A batch that writes A1."""
    start = {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": 0}
    rows = [{"values": [{"userEnteredValue": {"stringValue": value}}]}]
    return {"requests": [{"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}]}


def error(response: requests.Response) -> tuple[int, str, str]:
    body = response.json()["error"]
    assert response.status_code == body["code"]
    return body["code"], body["status"], body["message"]


def assertion(key: dict[str, str], now: float, **changed: Any) -> str:
    signer = crypt.RSASigner.from_service_account_info(key)  # type: ignore[no-untyped-call]
    claims = {
        "iss": key["client_email"],
        "scope": "https://www.googleapis.com/auth/spreadsheets",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": int(now),
        "exp": int(now) + 3600,
    }
    return str(jwt.encode(signer, {**claims, **changed}).decode())  # type: ignore[no-untyped-call]


def exchange(google: GoogleServer, signed: str, **form: str) -> requests.Response:
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    body = {"grant_type": grant, "assertion": signed, **form}
    return requests.post(f"{google.url}/token", data=body, timeout=TIMEOUT)


def test_a_signed_assertion_earns_a_token_that_expires(
    google: GoogleServer, book: str, ask: Ask, clock: Clock
) -> None:
    key = google.service_account(ROBOT)

    reply = exchange(google, assertion(key, clock.now)).json()

    assert reply["token_type"] == "Bearer"
    assert ask("GET", book, token=reply["access_token"]).status_code == 200
    clock.now += reply["expires_in"] + 1
    assert error(ask("GET", book, token=reply["access_token"]))[:2] == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"iat": 1_000_000_000, "exp": 1_000_003_600}, "Token must be a short-lived token"),
        ({"iss": "stranger@sandbox.iam.gserviceaccount.com"}, "account not found"),
        ({"scope": ""}, "Invalid OAuth scope"),
        ({"aud": "http://127.0.0.1/token"}, "aud"),
    ],
)
def test_a_wrong_assertion_is_refused(google: GoogleServer, clock: Clock, changed: Json, words: str) -> None:
    refused = exchange(google, assertion(google.service_account(ROBOT), clock.now, **changed))

    assert refused.status_code == 400
    assert words in refused.json()["error_description"]


def test_a_foreign_signature_and_a_revoked_key_are_refused(google: GoogleServer, clock: Clock) -> None:
    key, other = google.service_account(ROBOT), google.service_account("other@example.com")
    head, claims, _ = assertion(key, clock.now).split(".")
    forged = ".".join([head, claims, assertion(other, clock.now).split(".")[2]])

    assert exchange(google, forged).json()["error_description"] == "Invalid JWT Signature."
    assert exchange(google, "nonsense").json()["error"] == "invalid_grant"
    assert exchange(google, forged, grant_type="password").json()["error"] == "unsupported_grant_type"
    google.revoke(ROBOT)
    assert exchange(google, assertion(key, clock.now)).json()["error"] == "invalid_grant"


def test_a_token_for_reading_does_not_write(google: GoogleServer, book: str, ask: Ask, clock: Clock) -> None:
    scope = "https://www.googleapis.com/auth/spreadsheets.readonly"
    signed = assertion(google.service_account(ROBOT), clock.now, scope=scope)
    token = exchange(google, signed).json()["access_token"]

    assert ask("GET", book, token=token).status_code == 200
    assert error(ask("POST", f"{book}:batchUpdate", put("x"), token=token))[0] == 403


def test_roles_decide(google: GoogleServer, book: str, ask: Ask) -> None:
    guest, stranger = google.token("guest@example.com"), google.token("stranger@example.com")
    batch = f"{book}:batchUpdate"

    assert ask("GET", book, token=guest).status_code == 200
    denied = (403, "PERMISSION_DENIED", "The caller does not have permission")
    assert error(ask("POST", batch, put("x"), token=guest)) == denied
    assert error(ask("GET", book, token=stranger)) == denied
    assert error(ask("GET", "unknown")) == (404, "NOT_FOUND", "Requested entity was not found.")
    google.share(book, ROBOT, None)
    assert error(ask("POST", batch, put("x"))) == denied
    assert error(ask("POST", "", {"properties": {"title": "Моя"}})) == denied


def test_the_minute_has_an_end_for_each_kind_of_request(
    google: GoogleServer, book: str, ask: Ask, clock: Clock
) -> None:
    clock.now -= clock.now % 60
    token = google.token(ROBOT)
    statuses = [ask("GET", book, token=token, fields="spreadsheetId").status_code for _ in range(61)]

    assert statuses == [200] * 60 + [429]
    refused = ask("GET", book, token=token).json()["error"]
    assert refused["status"] == "RESOURCE_EXHAUSTED"
    assert refused["message"].startswith(
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'"
    )
    assert refused["details"][0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert ask("POST", f"{book}:batchUpdate", put("x"), token=token).status_code == 200
    clock.now += 60
    assert ask("GET", book, token=google.token(ROBOT)).status_code == 200


def test_the_project_has_its_own_limit(clock: Clock) -> None:
    with GoogleServer(clock=clock, limits=Limits(per_user=2, per_project=3)) as server:
        people = {f"{number}@example.com": "reader" for number in range(2)}
        made = server.create_spreadsheet("x", share=people)  # type: ignore[arg-type]
        answers = [
            requests.get(
                f"{server.url}/v4/spreadsheets/{made}",
                headers={"Authorization": f"Bearer {server.token(email)}"},
                timeout=TIMEOUT,
            )
            for email in [*people, *people]
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "limit 'Read requests per minute' of" in answers[-1].json()["error"]["message"]


def test_without_quotas_nothing_is_counted() -> None:
    with GoogleServer(quotas=False) as server:
        made = server.create_spreadsheet("x", share={ROBOT: "reader"})
        headers = {"Authorization": f"Bearer {server.token(ROBOT)}"}
        with requests.Session() as session:
            url = f"{server.url}/v4/spreadsheets/{made}?fields=spreadsheetId"
            statuses = {session.get(url, headers=headers, timeout=TIMEOUT).status_code for _ in range(70)}

    assert statuses == {200}


def test_a_lost_reply_is_a_write_that_happened(google: GoogleServer, book: str, ask: Ask) -> None:
    google.fail("unavailable_after", on="write")

    assert error(ask("POST", f"{book}:batchUpdate", put("x")))[:2] == (503, "UNAVAILABLE")
    assert google.values(book, "A1") == [["x"]]


@pytest.mark.parametrize(
    ("fault", "status"),
    [("unavailable", 503), ("internal", 500), ("unauthorized", 401), ("quota", 429), ("api_disabled", 403)],
)
def test_a_refused_write_did_not_happen_and_the_next_one_does(
    google: GoogleServer, book: str, ask: Ask, fault: Any, status: int
) -> None:
    google.fail(fault, on="write")

    assert ask("GET", book).status_code == 200
    assert error(ask("POST", f"{book}:batchUpdate", put("x")))[0] == status
    assert google.values(book, "A1") == []
    assert ask("POST", f"{book}:batchUpdate", put("x")).status_code == 200


def test_a_gateway_answers_with_a_page(google: GoogleServer, book: str, ask: Ask) -> None:
    google.fail("bad_gateway", times=2)

    answers = [ask("GET", book) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [502, 502, 200]
    assert answers[0].headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("fault", "left"), [("hang", []), ("hang_after", [["x"]])])
def test_a_silence_outlasts_the_caller_and_ends(
    google: GoogleServer, book: str, fault: Any, left: list[Any]
) -> None:
    google.fail(fault, on="write", seconds=20)
    url, headers = (
        f"{google.url}/v4/spreadsheets/{book}:batchUpdate",
        {"Authorization": f"Bearer {google.token(ROBOT)}"},
    )

    with pytest.raises(requests.Timeout):
        requests.post(url, json=put("x"), headers=headers, timeout=(5, 0.3))
    started = time.monotonic()
    google.stop()

    assert time.monotonic() - started < 5
    assert google.values(book, "A1") == left


def test_a_planned_failure_can_be_taken_back(google: GoogleServer, book: str, ask: Ask) -> None:
    google.fail("unavailable", times=5)
    google.heal()

    assert ask("GET", book).status_code == 200
    with pytest.raises(ValueError, match="unknown fault"):
        google.fail("earthquake")  # type: ignore[arg-type]


def test_user_entered_is_refused_and_so_is_append(google: GoogleServer, book: str, ask: Ask) -> None:
    option = {"valueInputOption": "USER_ENTERED"}

    assert ask("PUT", f"{book}/values/A1", {"values": [["=1+2"]]}, **option).status_code == 501
    batch = {**option, "data": [{"range": "A1", "values": [["x"]]}]}
    assert ask("POST", f"{book}/values:batchUpdate", batch).status_code == 501
    assert (
        ask("POST", f"{book}/values/A1:append", {"values": [["x"]]}, valueInputOption="RAW").status_code
        == 501
    )
    assert google.revision(book) == 1


def test_null_skips_a_cell_and_an_empty_text_clears_it(google: GoogleServer, book: str, ask: Ask) -> None:
    ask("PUT", f"{book}/values/A1:C1", {"values": [["a", "b", "c"]]}, valueInputOption="RAW")

    reply = ask("PUT", f"{book}/values/A1:C1", {"values": [[None, "", 12.5]]}, valueInputOption="RAW")

    assert google.values(book, "A1:C1") == [["a", "", 12.5]]
    assert reply.json()["updatedRange"] == "'Лист1'!A1:C1"


def test_values_are_read_as_google_reads_them(google: GoogleServer, book: str, ask: Ask) -> None:
    rows = {"values": [["A1", "", "", "D1"], ["", "b2"], [], ["A4", True, 1.5]]}
    ask("PUT", f"{book}/values/A1", rows, valueInputOption="RAW")

    assert ask("GET", f"{book}/values/Лист1").json() == {
        "range": "'Лист1'!A1:Z1000",
        "majorDimension": "ROWS",
        "values": [["A1", "", "", "D1"], ["", "b2"], [], ["A4", "ИСТИНА", "1,5"]],
    }
    raw = ask("GET", f"{book}/values/A4:C4", valueRenderOption="UNFORMATTED_VALUE").json()
    assert raw["values"] == [["A4", True, 1.5]]
    assert "values" not in ask("GET", f"{book}/values/F:F").json()
    columns = ask("GET", f"{book}/values:batchGet", ranges=["A1:B2", "D1"], majorDimension="COLUMNS").json()
    assert [found["values"] for found in columns["valueRanges"]] == [[["A1"], ["", "b2"]], [["D1"]]]
    assert error(ask("GET", f"{book}/values/Нет!A1"))[2] == "Unable to parse range: Нет!A1"
    assert "exceeds grid limits" in error(ask("GET", f"{book}/values/A2000"))[2]


def test_values_can_be_addressed_by_grid_range_and_metadata(
    google: GoogleServer, book: str, ask: Ask
) -> None:
    location = {"dimensionRange": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}}
    mark = {"metadataId": 9003, "metadataKey": "col", "location": location, "visibility": "DOCUMENT"}
    google.edit(book, {"createDeveloperMetadata": {"developerMetadata": mark}})
    by_grid = {"gridRange": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "endColumnIndex": 2}}
    body = {
        "valueInputOption": "RAW",
        "data": [
            {"dataFilter": by_grid, "majorDimension": "ROWS", "values": [[1, 2], [3, 4]]},
            {
                "dataFilter": {"developerMetadataLookup": {"metadataId": 9003}},
                "majorDimension": "COLUMNS",
                "values": [["Выручка", 5]],
            },
        ],
    }

    reply = ask("POST", f"{book}/values:batchUpdateByDataFilter", body).json()

    assert google.values(book, "A1:C2") == [[1, 2, "Выручка"], [3, 4, 5]]
    assert (reply["totalUpdatedCells"], reply["totalUpdatedSheets"]) == (6, 1)
    found = ask(
        "POST",
        f"{book}/developerMetadata:search",
        {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "col", "locationType": "COLUMN"}}]},
    ).json()["matchedDeveloperMetadata"]
    assert found[0]["developerMetadata"]["location"]["locationType"] == "COLUMN"


def test_masks_cut_the_reply_and_bring_cells_by_themselves(google: GoogleServer, book: str, ask: Ask) -> None:
    shape = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"}}}
    write = {"userEnteredValue": {"numberValue": 46348}, **shape, "note": "срез"}
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 1}
    google.edit(book, {"updateCells": {"start": start, "rows": [{"values": [write]}], "fields": "*"}})

    inner = "data(startRow,startColumn,rowData.values(effectiveValue,formattedValue,note))"
    reply = ask("GET", book, fields=f"sheets(properties(sheetId,title),{inner})", ranges="B2:C3").json()

    cell = {"effectiveValue": {"numberValue": 46348}, "formattedValue": "22.11.2026", "note": "срез"}
    assert reply == {
        "sheets": [
            {
                "properties": {"sheetId": 0, "title": "Лист1"},
                "data": [{"startRow": 1, "startColumn": 1, "rowData": [{"values": [cell]}]}],
            }
        ]
    }
    assert ask("GET", book, fields="sheets.data.rowData", ranges="E5").json() == {"sheets": [{"data": [{}]}]}
    assert error(ask("GET", book, fields="sheets(("))[0] == 400


def test_defaults_are_left_out_of_replies_as_proto3_does(google: GoogleServer, book: str, ask: Ask) -> None:
    colour = {"rgbColor": {"red": 1, "green": 0, "blue": 0.5}}
    properties = {"sheetId": 0, "tabColorStyle": colour, "hidden": False}
    fields = "tabColorStyle,hidden"
    google.edit(
        book,
        {"updateSheetProperties": {"properties": properties, "fields": fields}},
        {"setBasicFilter": {"filter": {"range": {"sheetId": 0, "endRowIndex": 5}}}},
    )

    sheet = ask("GET", book, includeGridData="False").json()["sheets"][0]

    assert sheet["properties"] == {
        "sheetId": 0,
        "title": "Лист1",
        "index": 0,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 1000, "columnCount": 26},
        "tabColor": {"red": 1, "blue": 0.49803922},
        "tabColorStyle": {"rgbColor": {"red": 1, "blue": 0.49803922}},
    }
    assert sheet["basicFilter"]["range"] == {
        "startRowIndex": 0,
        "endRowIndex": 5,
        "startColumnIndex": 0,
        "endColumnIndex": 26,
    }


def test_a_mask_cuts_the_reply_of_a_write_and_a_wrong_one_stops_it(
    google: GoogleServer, book: str, ask: Ask
) -> None:
    reply = ask("POST", f"{book}:batchUpdate", put("x"), fields="spreadsheetId")

    assert reply.json() == {"spreadsheetId": book}
    assert error(ask("POST", f"{book}:batchUpdate", put("y"), fields="replies("))[0] == 400
    assert google.values(book, "A1") == [["x"]]


def test_protection_is_replied_as_asked_and_kept_with_the_one_who_asked(
    google: GoogleServer, book: str, ask: Ask
) -> None:
    asked = {"range": {"sheetId": 0, "endRowIndex": 2, "endColumnIndex": 2}, "warningOnly": False}
    editors: Json = {"users": [], "groups": []}
    body = {"requests": [{"addProtectedRange": {"protectedRange": {**asked, "editors": editors}}}]}

    reply = ask("POST", f"{book}:batchUpdate", body).json()["replies"][0]["addProtectedRange"]

    key = reply["protectedRange"]["protectedRangeId"]
    whole = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    expected = {"protectedRangeId": key, "range": whole, "requestingUserCanEdit": True}
    assert reply["protectedRange"] == {**expected, "editors": {}}
    kept = ask("GET", book, fields="sheets.protectedRanges").json()["sheets"][0]["protectedRanges"]
    assert kept == [{**expected, "editors": {"users": [ROBOT]}}]


def test_only_cells_that_were_given_a_value_are_counted(google: GoogleServer, book: str, ask: Ask) -> None:
    rows = [["a", None, None], [None, None, None], [None, None, "b"]]

    reply = ask("PUT", f"{book}/values/A1:C3", {"values": rows}, valueInputOption="RAW").json()

    counts = ("updatedRange", "updatedRows", "updatedColumns", "updatedCells")
    assert tuple(reply[name] for name in counts) == ("'Лист1'!A1:C3", 2, 2, 2)
    wrong = error(ask("PUT", f"{book}/values/A1", {"values": "X"}, valueInputOption="RAW"))[2]
    assert wrong == "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""


def test_a_batch_can_bring_back_what_it_wrote(google: GoogleServer, book: str, ask: Ask) -> None:
    extra = {"includeSpreadsheetInResponse": True, "responseRanges": ["A1"], "responseIncludeGridData": True}

    reply = ask("POST", f"{book}:batchUpdate", {**put("x"), **extra}).json()

    row = reply["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"][0]
    assert reply["replies"] == [{}]
    assert row["values"][0]["formattedValue"] == "x"


@pytest.mark.parametrize(
    ("path", "body", "query"),
    [
        (":batchUpdate", {"requests": [{"bogus": {}}]}, {}),
        (":batchUpdate", {"requests": [], "dryRun": True}, {}),
        (":batchUpdate", {"requests": []}, {}),
        ("/values:batchUpdate", {"data": [{"range": "A1", "values": ["x"]}], "valueInputOption": "RAW"}, {}),
        (":batchUpdate", put("x"), {"dryRun": "true"}),
    ],
)
def test_requests_beyond_the_description_are_refused(  # noqa: PLR0917
    google: GoogleServer, book: str, ask: Ask, path: str, body: Json, query: dict[str, str]
) -> None:
    assert error(ask("POST", book + path, body, **query))[:2] == (400, "INVALID_ARGUMENT")
    assert google.revision(book) == 1


def test_a_body_that_is_too_large_or_no_json_is_refused(google: GoogleServer, book: str) -> None:
    url = f"{google.url}/v4/spreadsheets/{book}:batchUpdate"
    headers = {"Authorization": f"Bearer {google.token(ROBOT)}"}

    for body, words in ((b" " * 10_485_761, "Request payload size exceeds"), (b'{"a": NaN}', "Invalid JSON")):
        refused = requests.post(url, data=body, headers=headers, timeout=TIMEOUT)
        assert words in error(refused)[2]


def test_a_reader_between_requests_never_sees_half_a_batch(google: GoogleServer, book: str, ask: Ask) -> None:
    def both(value: str) -> Json:
        corner = {"sheetId": 0, "rowIndex": 999, "columnIndex": 25}
        rows = [{"values": [{"userEnteredValue": {"stringValue": value}}]}]
        last = {"updateCells": {"start": corner, "rows": rows, "fields": "userEnteredValue"}}
        return {"requests": [*put(value)["requests"], last]}

    seen: list[tuple[int, Any, Any]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            tab = google.book(book).tabs[0]
            seen.append((google.revision(book), tab.cell(0, 0), tab.cell(999, 25)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for number in range(20):
        assert ask("POST", f"{book}:batchUpdate", both(str(number))).status_code == 200
    done.set()
    watcher.join(timeout=5)

    assert all(first == last for _, first, last in seen)
    assert [number for number, *_ in seen] == sorted(number for number, *_ in seen)
    numbers = [revision.number for revision in google.revisions(book)]
    assert numbers == list(range(1, 22))
    assert google.book(book, 2).tabs[0].cell(0, 0) == {"userEnteredValue": {"stringValue": "0"}}


def test_requests_are_recorded(google: GoogleServer, book: str, ask: Ask) -> None:
    ask("POST", f"{book}:batchUpdate", put("x"))
    ask("GET", book, fields="spreadsheetId")

    assert [(seen.kind, seen.status, seen.author) for seen in google.requests] == [
        ("write", 200, ROBOT),
        ("read", 200, ROBOT),
    ]
    assert google.requests[0].json == put("x")
    google.forget_requests()
    assert google.requests == []


def test_a_stopped_server_answers_nobody(google: GoogleServer, book: str, ask: Ask) -> None:
    assert ask("GET", book).status_code == 200
    address, token = google.url, google.token(ROBOT)
    with requests.Session() as session:
        headers = {"Authorization": f"Bearer {token}"}
        session.get(f"{address}/v4/spreadsheets/{book}", headers=headers, timeout=TIMEOUT)
        google.stop()

        with pytest.raises(requests.ConnectionError):
            session.get(f"{address}/v4/spreadsheets/{book}", headers=headers, timeout=TIMEOUT)


def test_a_reply_beyond_the_description_fails_the_test_that_got_it(clock: Clock) -> None:
    server = GoogleServer(validate=True, clock=clock)

    def misuse() -> None:
        with server:
            server._violations.append("GET /x: unknown field y")

    with pytest.raises(AssertionError, match="unknown field y"):
        misuse()


def test_our_messages_are_a_part_of_the_published_ones() -> None:
    schemas = Discovery().schemas
    unknown = [
        f"{message}.{name}"
        for message, fields in MESSAGES.items()
        for name in fields
        if name not in schemas[message].get("properties", {})
    ]

    assert unknown == []


def test_key_files_are_as_google_gives_them(google: GoogleServer) -> None:
    key = google.service_account(ROBOT)

    assert key["client_email"] == ROBOT
    assert key["token_uri"] == f"{google.url}/token"
    assert key["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
    head = assertion(key, 0).split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["kid"] == key["private_key_id"]


def test_latency_is_felt_and_fits_a_stop(clock: Clock) -> None:
    with GoogleServer(clock=clock, latency=0.2) as server:
        made = server.create_spreadsheet("x", share={ROBOT: "reader"})
        headers = {"Authorization": f"Bearer {server.token(ROBOT)}"}
        answer = requests.get(f"{server.url}/v4/spreadsheets/{made}", headers=headers, timeout=TIMEOUT)

    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.2
