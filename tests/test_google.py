"""What goes wrong on the way to Google, and what people are told about it."""

import json
import socket
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bootstrap import Parts
from config import from_mapping
from exports import book as limits
from exports.book import SheetsBook
from exports.errors import (
    ApiDisabled,
    ExportError,
    KeyRevoked,
    KeyUnreadable,
    NotShared,
    ProtectedRange,
    QuotaExceeded,
    Refused,
    SpreadsheetGone,
    TooLarge,
    Unreachable,
)
from exports.google import Google, Robot, connect
from exports.known import FIELDS, own_id
from exports.pace import Pace
from exports.refusals import refusal
from sandbox.google.faults import Fault, On
from sandbox.google.server import GoogleServer
from tests.doors import HEAD, speaking
from tests.fakes_google import ROBOT, Hand, plan_of, reads

pytest_plugins = ["tests.google_fixtures"]


class Killed(BaseException):
    """The process ends here."""


def test_a_process_that_dies_before_the_answer_leaves_exactly_one_copy(
    server: GoogleServer, google: Google, sheet: str
) -> None:
    def die(seconds: float) -> None:
        raise Killed

    server.fail("unavailable_after", on="write")
    with pytest.raises(Killed):
        SheetsBook(google, sheet, sleep=die).refresh(plan_of(1, rows=300), 1)

    done = SheetsBook(google, sheet).refresh(plan_of(1, rows=300), 2)

    assert done.cells == 0, "the marks tell that all is there already"
    assert [tab.title for tab in server.book(sheet).tabs] == ["Сделки", "Месяцы", "Лист1"]
    assert len(server.book(sheet).metadata) == 3


def test_with_googles_own_quotas_nothing_is_ever_refused() -> None:
    hand = Hand(now=time.time())
    with GoogleServer(quotas=True, validate=True, clock=hand.clock) as strict:
        client = connect(strict.service_account(ROBOT), strict.url, clock=hand.clock, sleep=hand.sleep)
        sheets = [strict.create_spreadsheet(name, share={ROBOT: "writer"}) for name in ("одна", "другая")]
        books = [SheetsBook(client, each, clock=hand.clock, sleep=hand.sleep) for each in sheets]
        began = hand.now
        for run in range(1, 81):
            for book in books:
                book.refresh(plan_of(run, rows=1), run)

        assert {seen.status for seen in strict.requests} == {200}
        assert hand.now - began < 60 * 160 / 45


@pytest.mark.parametrize("fault", ["unavailable", "internal", "bad_gateway", "hang", "quota"])
@pytest.mark.parametrize("on", ["write", "read"])
def test_what_passes_is_waited_for(
    server: GoogleServer, book: SheetsBook, hand: Hand, fault: Fault, on: On
) -> None:
    server.fail(fault, on=on, seconds=0.8)

    book.refresh(plan_of(1), 1)

    assert book.refresh(plan_of(1), 2).skipped
    assert 0 < sum(hand.waits) < 60


@pytest.mark.parametrize(("fault", "error"), [("unavailable", Unreachable), ("bad_gateway", Unreachable),
                                              ("quota", QuotaExceeded)])  # fmt: skip
def test_what_does_not_pass_is_given_up_in_bounded_time(
    server: GoogleServer, book: SheetsBook, hand: Hand, fault: Fault, error: type[ExportError]
) -> None:
    server.fail(fault, times=100, on="read")

    with pytest.raises(error) as caught:
        book.refresh(plan_of(1), 1)

    assert caught.value.retryable
    assert reads(server) <= limits.ATTEMPTS
    assert sum(hand.waits) < 300


def test_a_stale_token_is_renewed_without_anybody_noticing(server: GoogleServer, book: SheetsBook) -> None:
    server.fail("unauthorized", on="write")

    assert book.refresh(plan_of(1), 1).requests == 2


def test_a_token_server_that_stumbles_is_waited_for(server: GoogleServer, book: SheetsBook) -> None:
    server.fail("unavailable", on="token")

    assert book.refresh(plan_of(1), 1).requests == 2


def test_a_spreadsheet_that_is_not_shared_names_the_robot(server: GoogleServer, google: Google) -> None:
    alien = server.create_spreadsheet("Чужая")

    with pytest.raises(NotShared, match=f"Дайте доступ «Редактор» адресу {ROBOT}"):
        SheetsBook(google, alien).refresh(plan_of(), 1)


def test_a_reader_cannot_write(server: GoogleServer, google: Google) -> None:
    shown = server.create_spreadsheet("Только смотреть", share={ROBOT: "reader"})

    with pytest.raises(NotShared, match=ROBOT):
        SheetsBook(google, shown).refresh(plan_of(), 1)


def test_after_people_act_the_next_refresh_works(server: GoogleServer, google: Google) -> None:
    late = server.create_spreadsheet("Ещё не открыта")
    book = SheetsBook(google, late)
    with pytest.raises(NotShared):
        book.refresh(plan_of(), 1)

    server.share(late, ROBOT, "writer")

    assert not book.refresh(plan_of(), 2).skipped


def test_a_wrong_number_of_a_spreadsheet_is_said(google: Google) -> None:
    with pytest.raises(SpreadsheetGone, match="нет-такой"):
        SheetsBook(google, "нет-такой").refresh(plan_of(), 1)


def test_an_api_that_is_off_leads_to_its_switch(server: GoogleServer, book: SheetsBook) -> None:
    server.fail("api_disabled", on="read")

    with pytest.raises(ApiDisabled, match=r"Включите его: https://console\.developers\.google\.com/apis"):
        book.refresh(plan_of(), 1)


def test_protected_cells_are_named_to_people(server: GoogleServer, book: SheetsBook, sheet: str) -> None:
    book.refresh(plan_of(1), 1)
    area = {"range": {"sheetId": own_id("months")}, "editors": {"users": []}}
    server.edit(sheet, {"addProtectedRange": {"protectedRange": area}})

    with pytest.raises(ProtectedRange, match=f"добавьте {ROBOT} в редакторы"):
        book.refresh(plan_of(2), 2)


def test_a_revoked_key_is_not_tried_again_and_again(server: GoogleServer, hand: Hand) -> None:
    key = server.service_account("old@project.iam.gserviceaccount.com")
    server.revoke("old@project.iam.gserviceaccount.com")

    with pytest.raises(KeyRevoked, match="ключ отозван или часы") as caught:
        SheetsBook(connect(key, server.url), "any").refresh(plan_of(), 1)

    assert not caught.value.retryable


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"type": "service_account"},
        {"private_key": "?", "client_email": "a@b", "token_uri": "http://127.0.0.1/"},
    ],
)
def test_a_key_that_is_no_key_is_said(broken: dict[str, str]) -> None:
    with pytest.raises(KeyUnreadable, match="нужен файл JSON сервисного аккаунта"):
        connect(broken)


def test_a_host_that_does_not_answer_is_said(key: dict[str, str], free_port: int, hand: Hand) -> None:
    nowhere = connect(key, f"http://127.0.0.1:{free_port}", clock=hand.clock, sleep=hand.sleep)

    with pytest.raises(Unreachable) as caught:
        SheetsBook(nowhere, "any", sleep=hand.sleep, clock=hand.clock).refresh(plan_of(), 1)

    assert caught.value.retryable


@pytest.mark.parametrize("is_known", [False, True], ids=["the exchange of tokens", "an answer"])
@pytest.mark.parametrize(
    "pieces",
    [[HEAD, b"X-Slow: ", *[b"x"] * 1000], [HEAD + b"Content-Length: 1000\r\n\r\n", *[b" "] * 1000]],
    ids=["head", "body"],
)
def test_what_trickles_is_not_waited_for_to_its_end(
    key: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pieces: list[bytes],
    *,
    is_known: bool,
) -> None:
    monkeypatch.setattr("exports.pace.LONGEST", 0.4)
    if is_known:
        monkeypatch.setattr(Robot, "before_request", lambda *_: None)

    with speaking(*pieces, pause=0.02) as url:
        content = {"amocrm": {"url": "https://a.amocrm.ru"}, "google": {"api_url": url}}
        parts = Parts(from_mapping(content, tmp_path, {"VITRINA_GOOGLE_KEY": json.dumps(key)}, {"google"}))
        began = time.monotonic()
        with pytest.raises(Unreachable):
            parts.google.read("any", FIELDS)

    assert time.monotonic() - began < 5


def test_a_stand_in_gets_everything_even_the_tokens_of_a_real_key(
    server: GoogleServer, key: dict[str, str], sheet: str, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    real = key | {"token_uri": "https://oauth2.googleapis.com/token", "universe_domain": "googleapis.com"}
    before, sought, look_up = set(threading.enumerate()), set[object](), socket.getaddrinfo

    def noted(host: object, *others: Any, **named: Any) -> Any:
        sought.add(host)
        return look_up(host, *others, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    client = connect(real, server.url, clock=hand.clock, sleep=hand.sleep)
    SheetsBook(client, sheet).refresh(plan_of(), 1)

    assert server.values(sheet, "Месяцы!B6") == [[1]]
    began = {thread.name for thread in set(threading.enumerate()) - before}
    assert all("process_request_thread" in name for name in began), "only the stand-in answers in threads"
    assert sought == {"127.0.0.1"}, "and no other host is looked up"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"message": "Invalid requests[0].updateCells: Range exceeds grid limits."}, Refused),
        (400, {"message": "Request payload size exceeds the limit: 10485760 bytes."}, TooLarge),
        (400, {"message": "… above the limit of 10000000 cells."}, TooLarge),
        (403, {"errors": [{"domain": "usageLimits", "reason": "userRateLimitExceeded"}]}, QuotaExceeded),
        (403, {"errors": [{"domain": "usageLimits", "reason": "storageQuotaExceeded"}]}, NotShared),
        (403, {"message": "You are trying to edit a protected cell or object."}, ProtectedRange),
        (401, {}, KeyRevoked),
        (408, {}, Unreachable),
        (409, {}, Unreachable),
        (413, None, TooLarge),
        (418, None, Refused),
        (502, None, Unreachable),
    ],
)
def test_every_refusal_has_its_meaning(
    status: int, body: dict[str, Any] | None, error: type[ExportError]
) -> None:
    raw = b"<html>502</html>" if body is None else json.dumps({"error": body}).encode()

    assert type(refusal(status, raw, book="1abc", robot=ROBOT)) is error


def test_the_pace_keeps_to_the_budget_of_any_minute_and_to_the_pause_between_requests() -> None:
    hand = Hand()
    pace = Pace({"read": 50, "write": 50}, gap=1.0, clock=hand.clock, sleep=hand.sleep)
    sent = []
    for _ in range(120):
        pace.wait("write", "one")
        sent.append(hand.now)

    assert max(sum(start <= moment < start + 60 for moment in sent) for start in sent) == 50
    assert min(after - before for before, after in pairwise(sent)) >= 1.0


def test_books_of_one_robot_share_its_budget_but_not_the_pause() -> None:
    hand = Hand()
    pace = Pace({"read": 5, "write": 3}, gap=1.0, clock=hand.clock, sleep=hand.sleep)

    for book in ("one", "two", "three", "four"):
        pace.wait("write", book)
    pace.wait("read", "five")

    assert hand.waits == [60.0]
