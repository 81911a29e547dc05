"""A running stand-in, a robot's client and an empty spreadsheet, for the tests that write to Google."""

from collections.abc import Iterator

import pytest

from exports.book import SheetsBook
from exports.google import Google, connect
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT, Hand


@pytest.fixture(scope="module")
def server() -> Iterator[GoogleServer]:
    with GoogleServer(quotas=False, validate=True) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: GoogleServer) -> dict[str, str]:
    return server.service_account(ROBOT)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def google(server: GoogleServer, key: dict[str, str], hand: Hand) -> Google:
    server.heal()
    server.forget_requests()
    return connect(key, server.url, timeouts=(2.0, 0.5), clock=hand.clock, sleep=hand.sleep)


@pytest.fixture
def sheet(server: GoogleServer) -> str:
    return server.create_spreadsheet("Показатели", share={ROBOT: "writer"})


@pytest.fixture
def book(google: Google, sheet: str, hand: Hand) -> SheetsBook:
    return SheetsBook(google, sheet, clock=hand.clock, wall=hand.wall, sleep=hand.sleep)
