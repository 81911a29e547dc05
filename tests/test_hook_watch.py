"""The service sees that amoCRM still tells it: it subscribes, notices silence, and brings what was not told."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest

import service as serving
from bootstrap import Parts
from config import from_mapping
from connectors.amocrm.subscriptions import EVENT_CODES
from exporting import Exporter
from jobs import Jobs
from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.manners import Manners
from sandbox.amocrm.posting import Posting
from sandbox.amocrm.truth import Webhook
from service import Service
from tests.cli_stand import DONE, Place
from tests.harness import SECRET, make_settings, rows, wait_until

SOON = 30.0
NEVER = 86_400


@pytest.fixture(scope="module")
def company() -> Demo:
    return demo_company(deals=20, months=2)


@contextmanager
def watching(
    folder: Path, company: Demo, port: int, monkeypatch: pytest.MonkeyPatch, **server: object
) -> Iterator[tuple[Service, Jobs, AmoServer]]:
    """A service that looks at its subscription every second and polls nothing by itself but what it is told."""
    monkeypatch.setattr(serving, "HOOK", 1.0)
    company.account.webhooks.clear()
    streams = ("probe", "leads", "events", "contacts", "companies", "tasks", "reference", "trash")
    seldom = {"sync": {"settle": 0, "every": dict.fromkeys(streams, NEVER)}}
    door = {"webhooks": {"port": port, "public_url": f"http://127.0.0.1:{port}"}}
    with AmoServer(company.account, rate=0, posting=Posting(time_scale=0.001), **server) as amo:  # type: ignore[arg-type]
        secrets = {"VITRINA_AMOCRM_TOKEN": amo.token, "VITRINA_WEBHOOK_SECRET": SECRET}
        content = make_settings(folder, amo.url, company.mapping, **seldom, **door)
        jobs = Jobs(Parts(from_mapping(content, folder, secrets, {"amocrm", "webhook"})))
        service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=port, secret=SECRET, max_body=100_000)
        service.start()
        try:
            wait_until(lambda: service.health()["built_at"], SOON, "the first build")
            yield service, jobs, amo
        finally:
            service.stop()
            amo.stop()


Watch = Callable[..., AbstractContextManager[tuple[Service, Jobs, AmoServer]]]


@pytest.fixture
def watch(tmp_path: Path, company: Demo, free_port: int, monkeypatch: pytest.MonkeyPatch) -> Watch:
    return partial(watching, tmp_path, company, free_port, monkeypatch)


def ours(company: Demo) -> Webhook | None:
    return next(iter(company.account.webhooks.values()), None)


def new_contact(company: Demo, jobs: Jobs) -> Callable[[], bool]:
    """Somebody adds a contact; whether it is here."""
    account = company.account
    owner = next(iter(account.leads.values())).responsible_user_id
    made = account.add_contact("Новый человек", responsible_user_id=owner)
    return lambda: bool(rows(jobs, f"select 1 from raw.records where stream = 'contacts' and id = {made}"))


def test_it_subscribes_and_is_told(watch: Watch, company: Demo) -> None:
    with watch() as (service, jobs, _):
        wait_until(lambda: service.health()["is_told_by_webhooks"], SOON, "a look that found all in order")
        subscription = ours(company)
        assert subscription is not None
        assert set(EVENT_CODES) <= set(subscription.settings)

        wait_until(new_contact(company, jobs), SOON, "a contact by webhook")


def _switch_off(company: Demo, subscription: Webhook) -> None:
    subscription.disabled = True


def _cut_down(company: Demo, subscription: Webhook) -> None:
    subscription.settings = ("add_lead",)


def _take_away(company: Demo, subscription: Webhook) -> None:
    company.account.unsubscribe(subscription.destination)


@pytest.mark.parametrize("harm", [_switch_off, _cut_down, _take_away])
def test_silence_is_noticed_mended_and_made_up_for(
    watch: Watch, company: Demo, harm: Callable[[Demo, Webhook], None]
) -> None:
    with watch() as (service, jobs, _):
        wait_until(lambda: service.health()["is_told_by_webhooks"], SOON, "a look that found all in order")
        subscription = ours(company)
        assert subscription is not None

        harm(company, subscription)
        is_here = new_contact(company, jobs)  # of which no webhook tells
        wait_until(is_here, SOON, "what happened in the gap")
        wait_until(lambda: service.health()["is_told_by_webhooks"], SOON, "a subscription that tells again")

        again = ours(company)
        assert again is not None
        assert not again.disabled
        assert set(EVENT_CODES) <= set(again.settings)


@pytest.mark.parametrize(
    ("server", "kind"),
    [({"is_admin": False}, "Forbidden"), ({"manners": Manners(reposting_enables=False)}, "StillDeaf")],
)
def test_a_subscription_that_cannot_be_had_is_told_and_stops_nothing(
    watch: Watch, company: Demo, server: dict[str, object], kind: str
) -> None:
    with watch(**server) as (service, _, _):
        if kind == "StillDeaf":
            wait_until(lambda: ours(company), SOON, "a subscription")
            _switch_off(company, next(iter(company.account.webhooks.values())))
        wait_until(lambda: "webhooks" in service.health()["stopped"], SOON, "trouble that is told")

        assert service.health()["stopped"]["webhooks"].startswith(kind)
        assert not service.health()["is_told_by_webhooks"]
        assert service.health()["ok"]


def test_what_was_set_aside_is_replayed_and_what_is_not_ours_stays_aside(
    tmp_path: Path, company: Demo
) -> None:
    with AmoServer(company.account, rate=0) as amo:
        place = Place(
            tmp_path,
            {"amocrm": {"url": amo.url, "requests_per_second": 500}, "mapping": company.mapping},
            {"VITRINA_AMOCRM_TOKEN": amo.token},
        )
        assert place.call("sync").exit_code == DONE
        lead = min(company.account.leads)
        company.account.update_lead(lead, price=123_000)
        known = {"leads[update][0][id]": lead, "account[id]": company.account.settings.id}
        inbox = tmp_path / "state/inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        bodies = [urlencode(known), urlencode({**known, "account[id]": 1}), "garbage"]
        for number, body in enumerate(bodies):
            (inbox / f"20260101T00000000000{number}-{number}.dead").write_text(body)

        done = place.call("webhooks", "replay")

        assert done.exit_code == DONE
        assert "Возвращено: 3, разобрано: 1, снова отложено: 2" in done.stdout
        assert len(list(inbox.glob("*.dead"))) == 2
        told = place.call("sync", "leads", "--dry-run", "--json")
        assert f"{lead}" not in told.stdout
