"""Our subscription: made, seen, renewed when amoCRM lets it lapse, and never shown with its secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap import Parts
from config import from_mapping
from connectors.amocrm.subscriptions import EVENT_CODES
from hooks import Hooks, NoPublicAddress, shown
from sandbox.amocrm import AmoServer
from sandbox.amocrm.small import Small
from sync.inbox import Inbox

SECRET = "a-secret-of-more-than-16"


@pytest.fixture
def server() -> Iterator[AmoServer]:
    with AmoServer(Small().account, rate=0) as running:
        yield running


def hooks(server: AmoServer, folder: Path, public_url: str | None = "https://vitrina.example") -> Hooks:
    content = {"amocrm": {"url": server.url}, "webhooks": {"public_url": public_url}}
    secrets = {"VITRINA_AMOCRM_TOKEN": server.token, "VITRINA_WEBHOOK_SECRET": SECRET}
    return Hooks(Parts(from_mapping(content, folder, secrets, {"amocrm", "webhook"})))


def test_what_is_missing_is_subscribed_and_what_is_right_is_left_alone(
    server: AmoServer, tmp_path: Path
) -> None:
    ours = hooks(server, tmp_path)

    assert ours.ours() is None
    assert ours.ensure()
    assert not ours.ensure()

    subscription = ours.ours()
    assert subscription is not None
    assert subscription.tells(EVENT_CODES)


def test_a_subscription_switched_off_or_cut_down_is_renewed(server: AmoServer, tmp_path: Path) -> None:
    ours = hooks(server, tmp_path)
    ours.subscribe()
    (webhook,) = server.account.webhooks.values()

    webhook.disabled = True
    assert ours.ensure()
    server.account.subscribe(ours.destination(), ["add_lead"])
    assert ours.ensure()

    assert not ours.ensure()


def test_it_can_be_taken_away(server: AmoServer, tmp_path: Path) -> None:
    ours = hooks(server, tmp_path)
    ours.subscribe()

    assert ours.unsubscribe()
    assert not ours.unsubscribe()
    assert ours.all() == []


def test_without_a_public_address_nothing_is_guessed(server: AmoServer, tmp_path: Path) -> None:
    with pytest.raises(NoPublicAddress):
        hooks(server, tmp_path, public_url=None).ensure()


def test_an_address_is_shown_without_its_secret(server: AmoServer, tmp_path: Path) -> None:
    destination = hooks(server, tmp_path).destination()

    assert SECRET in destination
    assert SECRET not in shown(destination)
    assert "hidden" not in shown("https://other.example/hook/hidden")


def test_what_was_set_aside_can_be_digested_again(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.keep(b"garbage")
    (file,) = inbox.waiting()
    file.rename(file.with_suffix(".dead"))

    assert inbox.waiting() == []
    assert inbox.replay() == 1
    assert [each.read_bytes() for each in inbox.waiting()] == [b"garbage"]
    assert inbox.set_aside_count() == 0
