"""The account's webhooks: listed, made, changed and taken away, over real HTTP; never twice by mistake."""

from collections.abc import Iterator

import pytest

from connectors.amocrm.client import WEBHOOKS, Client, Timeouts
from connectors.amocrm.pace import Pace
from connectors.amocrm.source import AmoCrm
from connectors.amocrm.subscriptions import EVENT_CODES
from connectors.amocrm.tokens import LongLived
from connectors.base import BadRequest, Forbidden, PaymentRequired, ServerFailed, TooSlow
from sandbox.amocrm import faults
from sandbox.amocrm.account import Account
from sandbox.amocrm.server import AmoServer
from tests.fakes_amocrm import FakeClock, digest

OURS = "https://vitrina.example/webhooks/amocrm/key"
THEIRS = "https://other.example/hook"


@pytest.fixture
def server() -> Iterator[AmoServer]:
    with AmoServer(Account(FakeClock(1_767_225_600.0)), rate=0) as server:
        yield server


@pytest.fixture
def source(server: AmoServer) -> Iterator[AmoCrm]:
    pace, timeouts = Pace(1_000), Timeouts(read=0.3)
    with Client(server.url, LongLived(server.token), pace, timeouts, sleep=lambda seconds: None) as client:
        yield AmoCrm(client, digest)


def writes(server: AmoServer) -> list[str]:
    return [one.method for one in server.asked(WEBHOOKS) if one.method != "GET"]


def test_an_account_without_webhooks_has_none(source: AmoCrm) -> None:
    assert source.subscriptions() == []


def test_a_webhook_is_made_once_and_changed_in_place(server: AmoServer, source: AmoCrm) -> None:
    server.account.subscribe(THEIRS, ["add_lead"])

    first = source.subscribe(OURS, ["add_lead"])
    second = source.subscribe(OURS)

    assert first.id == second.id
    assert second.tells(EVENT_CODES)
    assert not first.tells(EVENT_CODES)
    assert {one.destination for one in source.subscriptions()} == {OURS, THEIRS}


def test_a_webhook_that_amocrm_switched_off_tells_nothing(server: AmoServer, source: AmoCrm) -> None:
    source.subscribe(OURS)
    for webhook in server.account.webhooks.values():
        webhook.disabled = True

    assert not source.subscriptions()[0].tells(["add_lead"])
    assert source.subscribe(OURS).tells(EVENT_CODES)


def test_taking_away_leaves_the_others(server: AmoServer, source: AmoCrm) -> None:
    server.account.subscribe(THEIRS, ["add_lead"])
    source.subscribe(OURS)

    assert source.unsubscribe(OURS)
    assert not source.unsubscribe(OURS)
    assert [one.destination for one in source.subscriptions()] == [THEIRS]


@pytest.mark.parametrize("fault", [faults.LOST_REPLY, faults.CUT, faults.truncated()])
def test_a_lost_answer_is_looked_after_not_repeated(
    server: AmoServer, source: AmoCrm, fault: faults.Fault
) -> None:
    server.faults.add(fault, method="POST")
    assert source.subscribe(OURS).tells(EVENT_CODES)

    server.faults.add(faults.LOST_REPLY, method="DELETE")
    assert source.unsubscribe(OURS)

    assert writes(server) == ["POST", "DELETE"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.BAD_GATEWAY, ServerFailed),
        (faults.GATEWAY_TIMEOUT, TooSlow),
        (faults.UNPAID, PaymentRequired),
        (faults.NO_RIGHTS, Forbidden),
    ],
)
def test_what_was_not_done_is_told_and_not_repeated(
    server: AmoServer, source: AmoCrm, fault: faults.Fault, error: type[Exception]
) -> None:
    server.faults.add(fault, method="POST", times=9)

    with pytest.raises(error):
        source.subscribe(OURS)

    assert writes(server) == ["POST"]
    assert source.subscriptions() == []


def test_one_who_was_too_quick_asks_again(server: AmoServer, source: AmoCrm) -> None:
    server.faults.add(faults.too_many(0), method="POST", times=2)

    assert source.subscribe(OURS).tells(EVENT_CODES)
    assert len(writes(server)) == 3


def test_a_grant_without_the_right_is_told_so(server: AmoServer, source: AmoCrm) -> None:
    server.api.is_admin = False

    with pytest.raises(Forbidden):
        source.subscriptions()


def test_events_that_amocrm_does_not_know_are_refused(source: AmoCrm) -> None:
    with pytest.raises(BadRequest):
        source.subscribe(OURS, ["add_everything"])
