"""A product that was loaded, built and exported once, and the account it follows; called at its command line."""

import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import wellbeing
from bootstrap import Parts
from config import Need, from_mapping
from exporting import Exporter
from exports.stamp import STAMP_FORMATS
from jobs import Jobs
from sandbox.amocrm import AmoServer, OAuth
from sandbox.amocrm.company import Demo, demo_company
from service import Service
from tests.cli_stand import DONE, SECRET, Place

DAY = 86_400
CLIENT_SECRET = "sandbox-secret"
SOON = 90.0  # seconds for what a service does at once on a machine that has nothing else to do
TOKEN_ENDPOINT = "/oauth2/access_token"


@pytest.fixture(scope="module")
def company() -> Demo:
    return demo_company(deals=20, months=2)


@dataclass
class Shop:
    """A product that was loaded, built and exported once, and the account it follows."""

    place: Place
    amo: AmoServer

    def stamp(self) -> str:
        """The words of the stamp after an export."""
        assert self.place.call("export").exit_code == DONE
        return stamp_of(self)

    def figures(self) -> list[tuple[Any, ...]]:
        """What the workbook shows below its stamps."""
        book = load_workbook(self.place.folder / "book.xlsx")
        return [row for tab in book for row in tab.iter_rows(min_row=2, values_only=True)]

    def stopped(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(self.place.call("status", "--json").stdout)["stopped"]
        return told

    def expire(self) -> None:
        """Time passes: access tokens run out, here as there."""
        self.amo.grants.expire_access()
        file = self.place.folder / "tokens.json"
        if file.exists():
            file.write_text(json.dumps({**json.loads(file.read_text()), "expires_at": 0.0}))


def place_of(folder: Path, amo: AmoServer, company: Demo, *, oauth: bool) -> Place:
    keys = amo.grants.oauth
    grant = {"client_id": keys.client_id, "redirect_uri": keys.redirect_uri} if keys and oauth else None
    content = {
        "amocrm": {"url": amo.url, "requests_per_second": 500, "attempts": 1},
        "sync": {"settle": 0, "every": dict.fromkeys(("leads", "events", "contacts", "reference"), 1)},
        "mapping": company.mapping,
        "webhooks": {"port": 0},
        "exports": {"refresh_every": 1, "books": [{"name": "excel", "kind": "xlsx", "path": "book.xlsx"}]},
        "log": {"level": "ERROR"},
    }
    secrets = {"VITRINA_WEBHOOK_SECRET": SECRET}
    if grant:
        content["amocrm"] |= {"oauth": {**grant, "tokens_file": "tokens.json"}}
        secrets |= {"VITRINA_AMOCRM_CLIENT_SECRET": CLIENT_SECRET}
        secrets |= {"VITRINA_AMOCRM_CODE": amo.grants.new_code()}
    else:
        secrets |= {"VITRINA_AMOCRM_TOKEN": amo.token}
    return Place(folder, content, secrets)


@pytest.fixture(scope="module")
def origin(company: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a product after `vitrina run`."""
    folder = tmp_path_factory.mktemp("origin")
    with AmoServer(company.account, rate=0) as amo:
        done = place_of(folder, amo, company, oauth=False).call("run")
    assert done.exit_code == DONE, done.output
    return folder


@contextmanager
def a_shop(folder: Path, origin: Path, company: Demo, *, oauth: bool = False) -> Iterator[Shop]:
    shutil.copytree(origin, folder, dirs_exist_ok=True)
    with AmoServer(company.account, rate=0, oauth=OAuth()) as amo:
        shop = Shop(place_of(folder, amo, company, oauth=oauth), amo)
        if oauth:
            assert shop.place.call("sync", "users").exit_code == DONE  # the code becomes a pair
            shop.place.secrets.pop("VITRINA_AMOCRM_CODE")
        yield shop
        company.account.settings.subscription_ended_at = None


@pytest.fixture
def shop(tmp_path: Path, origin: Path, company: Demo) -> Iterator[Shop]:
    with a_shop(tmp_path, origin, company) as shop:
        yield shop


@pytest.fixture
def oauth_shop(tmp_path: Path, origin: Path, company: Demo) -> Iterator[Shop]:
    with a_shop(tmp_path, origin, company, oauth=True) as shop:
        yield shop


@contextmanager
def serving(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    needs: Collection[Need] = ("amocrm", "webhook"),
    rest: float = 0.3,
) -> Iterator[Service]:
    """The service in this process, in a hurry."""
    monkeypatch.setattr(wellbeing, "REST", rest)
    content, folder = shop.place.content, shop.place.folder
    jobs = Jobs(Parts(from_mapping(content, folder, shop.place.secrets, needs)))
    service = Service(jobs, Exporter(jobs), host="127.0.0.1", port=0, secret=SECRET, max_body=10_000)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def stamp_of(shop: Shop) -> str:
    """What the stamp says of the figures; how long changes take, which stands behind it, depends on the machine."""
    book = load_workbook(shop.place.folder / "book.xlsx")
    return str(book["Сводка"].cell(1, len(STAMP_FORMATS)).value).partition(" · ")[0]
