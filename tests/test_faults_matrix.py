"""One table: what each fault does to each kind of question, how long that may take, and what is lost.

Real HTTP, the true client and walks; only sleeping is pretended, and counted. The outcome is one of:

    whole     everything came, as without the fault
    stopped   a person must act: an error that is not repeated, and nothing was promised (no cursor) for what
              did not come

Nothing is ever lost: after a stop the same question, asked when the fault is over, brings everything.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.amocrm.client import Client, Timeouts
from connectors.amocrm.pace import FIRST_PAUSE, Pace
from connectors.amocrm.source import AmoCrm
from connectors.amocrm.tokens import LongLived, OAuthPair
from connectors.base import Blocked, Page, SourceError, Unauthorized
from sandbox.amocrm import faults
from sandbox.amocrm.account import Account
from sandbox.amocrm.exchange import EMPTY, Request
from sandbox.amocrm.faults import Fault
from sandbox.amocrm.grants import OAuth
from sandbox.amocrm.server import TOKEN_PATH, AmoServer
from tests.fakes_amocrm import FakeClock, digest

START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = START + timedelta(days=30)
IMPATIENT, PATIENT = 0.6, 10.0
"""Seconds until an answer is late: where lateness is the fault it comes after two; elsewhere none is by chance."""
BACKOFF = 1.0  # the longest first wait before a question is repeated
LEADS = 320  # more than a page
LATE = ("hang", "stall")  # lines on which an answer does not come in time

REGISTRATION = OAuth()


@dataclass(frozen=True)
class Row:
    """What is done about a fault: the outcome, the most seconds slept, and the same for the token endpoint."""

    name: str
    fault: Fault
    seconds: float
    outcome: type[SourceError] | None = None
    token: type[SourceError] | None = None

    @property
    def read_timeout(self) -> float:
        return IMPATIENT if self.fault.line in LATE else PATIENT


# fault · most seconds slept · outcome for data (None: whole) · outcome for tokens (None: whole)
TABLE = (
    Row("429 HTML", faults.TOO_MANY, FIRST_PAUSE + BACKOFF),
    Row("429 JSON with retry_after", faults.too_many(3), 3.0 + BACKOFF),
    Row("403 block", faults.BLOCKED, 0.0, Blocked, Blocked),
    Row("500", faults.server_error(), BACKOFF),
    Row("502 HTML", faults.BAD_GATEWAY, BACKOFF),
    # Of an exchange nobody knows what became, amoCRM is asked whether the old token is still good.
    Row("504", faults.GATEWAY_TIMEOUT, BACKOFF),
    Row("timeout before the body", Fault(EMPTY, line="hang", seconds=2.0), BACKOFF),
    Row(
        "timeout before the body, yet it was done", faults.hang(2.0, served=True), BACKOFF, token=Unauthorized
    ),
    Row("timeout after the body", faults.stall(2.0), BACKOFF, token=Unauthorized),
    Row("connection reset", Fault(EMPTY, line="reset"), BACKOFF),
    Row("connection reset, yet it was done", faults.LOST_REPLY, BACKOFF, token=Unauthorized),
    Row("truncated JSON", faults.truncated(), BACKOFF, token=Unauthorized),
    Row("200 with an error body", faults.ERROR_AS_OK, BACKOFF, token=Unauthorized),
    Row(
        "200 with an error body, as data", faults.Fault(faults.ERROR_AS_OK.reply), BACKOFF, token=Unauthorized
    ),
    Row("spurious 204", faults.SPURIOUS_EMPTY, 0.0, token=Unauthorized),
    Row("next to an empty page", faults.next_to_nothing(), 0.0),
    Row("limit silently lowered", faults.lower_limit(), 0.0),
    Row("wrong content type", faults.wrong_content_type(), BACKOFF),
    Row("clock skew", faults.skewed(86_400.0), 0.0),
)

Ask = Callable[[AmoCrm, list[int]], Iterator[Page]]

# question · the path it goes to · how it is asked · whether its promise is a cursor
QUESTIONS: dict[str, tuple[str, Ask, bool]] = {
    "account": ("/account", lambda source, leads: source.snapshot("account"), False),
    "snapshot": ("/users", lambda source, leads: source.snapshot("users"), False),
    "by value": ("/leads", lambda source, leads: source.changed("leads", START, UNTIL), True),
    "windows": ("/events", lambda source, leads: source.changed("events", START, UNTIL), True),
    "by ids": ("/leads", lambda source, leads: source.by_ids("leads", leads[:120]), False),
    "everything": ("/leads", lambda source, leads: source.everything("leads"), False),
    "trash": ("/leads", lambda source, leads: source.trashed(START, UNTIL), True),
}


class Firm:
    """An account with more than a page of everything."""

    def __init__(self) -> None:
        self.account = Account(FakeClock(UNTIL.timestamp()))
        anna = self.account.add_user("Анна")
        for number in range(LEADS):
            self.account.add_user(f"User {number}")
        sales = self.account.add_pipeline("Продажи", ["Новая"])
        new = self.account.status(sales, "Новая")
        made = [
            self.account.add_lead(
                "Окна",
                pipeline_id=sales,
                status_id=new,
                responsible_user_id=anna,
                moment=START.timestamp() + n,
            )
            for n in range(2 * LEADS)
        ]
        for number, lead in enumerate(made[LEADS:]):
            self.account.delete_lead(lead, moment=START.timestamp() + 10_000 + number)
        self.leads = made[:LEADS]


@pytest.fixture(scope="module")
def firm() -> Firm:
    return Firm()


@pytest.fixture(scope="module")
def server(firm: Firm) -> Iterator[AmoServer]:
    with AmoServer(firm.account, rate=0, oauth=REGISTRATION) as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source(server: AmoServer, clock: FakeClock, row: Row) -> Iterator[AmoCrm]:
    pace = Pace(10_000, clock=clock, sleep=clock.sleep)
    timeouts = Timeouts(read=row.read_timeout)
    server.faults.clear()
    with Client(server.url, LongLived(server.token), pace, timeouts, sleep=clock.sleep) as client:
        yield AmoCrm(client, digest)
    server.faults.clear()


def came(pages: Iterator[Page], seen: dict[int | str, object]) -> datetime | None:
    """Take pages in; the last cursor they brought."""
    cursor = None
    for page in pages:
        cursor = page.cursor or cursor
        rows = bare(json.loads(page.body))["_embedded"][page.collection]
        seen |= {row["id"]: row for row in rows}
    return cursor


def bare(value: Any) -> Any:
    """Without the links, which repeat the question that was asked."""
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items() if key != "_links"}
    return [bare(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("at", [1, 2], ids=["first", "second"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_fault_costs_time_at_most(
    firm: Firm, server: AmoServer, source: AmoCrm, clock: FakeClock, *, question: str, row: Row, at: int
) -> None:
    path, ask, has_cursor = QUESTIONS[question]
    truth: dict[int | str, object] = {}
    promised = came(ask(source, firm.leads), truth)
    number = iter(range(1, 1_000))

    def is_hit(request: Request) -> bool:
        return next(number) == at

    server.faults.add(row.fault, path=path, when=is_hit)
    seen: dict[int | str, object] = {}
    error, cursor = None, None
    try:
        cursor = came(ask(source, firm.leads), seen)
    except SourceError as raised:
        error = raised

    is_met = server.faults.left == 0
    assert sum(clock.slept) <= row.seconds
    if row.outcome is None or not is_met:
        assert error is None
        assert seen == truth
        assert cursor == promised
    else:
        assert type(error) is row.outcome
        assert cursor is None or cursor < UNTIL
        with Client(server.url, LongLived(server.token), Pace(10_000)) as client:
            assert came(ask(AmoCrm(client, digest), firm.leads), seen) == promised
        assert seen == truth
    assert has_cursor is (promised is not None)
    assert at == 2 or is_met


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_fault_of_the_token_endpoint_costs_at_most_a_new_code(
    server: AmoServer,
    clock: FakeClock,
    tmp_path: Path,
    row: Row,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.amocrm.tokens.TIMEOUTS", (1.0, row.read_timeout))
    keys = (REGISTRATION.client_id, REGISTRATION.client_secret, REGISTRATION.redirect_uri)
    file = tmp_path / "pair.json"
    OAuthPair(server.url, *keys, file, server.grants.new_code(), now=server.account.clock).current()
    server.grants.expire_access()
    server.token = server.grants.long_lived()
    server.faults.clear()
    server.faults.add(row.fault, path=TOKEN_PATH)
    pair = OAuthPair(server.url, *keys, file, now=server.account.clock)
    pace = Pace(10_000, clock=clock, sleep=clock.sleep)

    with Client(server.url, pair, pace, sleep=clock.sleep) as client:
        if row.token is None:
            assert client.get("/api/v4/account")
        else:
            with pytest.raises(row.token):
                client.get("/api/v4/account")

    assert server.faults.left == 0
    assert sum(clock.slept) <= row.seconds
    if row.token is Unauthorized:
        healed = OAuthPair(server.url, *keys, file, server.grants.new_code(), now=server.account.clock)
        assert healed.current()
