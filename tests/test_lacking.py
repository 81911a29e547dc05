"""An account or a token that lacks a stream: the others go on, and everybody is told; a switch ends the asking."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.amocrm import AmoServer, faults
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.exchange import problem
from sandbox.amocrm.faults import Fault
from tests.cli_stand import BAD_USAGE, DONE, IN_PART, SECRET, Place, until


@pytest.fixture
def company() -> Demo:
    return demo_company(deals=12, months=1)


@pytest.fixture
def amo(company: Demo) -> Iterator[AmoServer]:
    with AmoServer(company.account, rate=0) as server:
        yield server


@pytest.fixture
def place(amo: AmoServer, company: Demo, tmp_path: Path) -> Place:
    content = {
        "amocrm": {"url": amo.url, "requests_per_second": 500, "attempts": 1},
        "sync": {"settle": 0},
        "mapping": company.mapping,
    }
    return Place(tmp_path, content, {"VITRINA_AMOCRM_TOKEN": amo.token})


@pytest.mark.parametrize("fault", [faults.NO_RIGHTS, faults.UNPAID, Fault(problem(404, "Not found"))])
def test_a_stream_that_is_not_to_be_had_is_skipped_and_told(
    amo: AmoServer, place: Place, fault: Fault
) -> None:
    amo.faults.stand(fault, path="/catalogs")

    synced = place.call("sync", "account", "catalogs", "groups")

    assert synced.exit_code == IN_PART
    assert "catalogs: в этом аккаунте недоступно" in synced.stderr
    assert "право на списки" in synced.stderr
    assert "amocrm.streams.catalogs: false" in synced.stderr
    status = json.loads(place.call("status", "--json").stdout)
    assert list(status["lacking"]) == ["catalogs"]
    assert status["stopped"] == {}
    assert {"account", "groups"} <= set(status["complete_until"])


def test_what_comes_back_is_not_told_any_more(amo: AmoServer, place: Place) -> None:
    amo.faults.add(faults.NO_RIGHTS, path="/catalogs")
    assert place.call("sync", "catalogs").exit_code == IN_PART

    assert place.call("sync", "catalogs").exit_code == DONE
    assert json.loads(place.call("status", "--json").stdout)["lacking"] == {}


def test_what_is_switched_off_is_neither_asked_for_nor_told(amo: AmoServer, place: Place) -> None:
    amo.faults.stand(faults.NO_RIGHTS, path="/catalogs")
    assert place.call("sync", "catalogs").exit_code == IN_PART
    place.content["amocrm"]["streams"] = {"catalogs": False, "notes": False}
    asked = len(amo.asked("/catalogs"))

    synced = place.call("sync")

    assert synced.exit_code == DONE, synced.output
    assert len(amo.asked("/catalogs")) == asked
    assert not amo.asked("/leads/notes")
    status = json.loads(place.call("status", "--json").stdout)
    assert status["lacking"] == {}
    assert not {"catalogs", "lead_notes"} & set(status["complete_until"])


def test_a_stream_that_is_switched_off_cannot_be_asked_for_by_name(place: Place) -> None:
    synced = place.call("sync", "customers")

    assert synced.exit_code == BAD_USAGE
    assert "amocrm.streams.customers: true" in synced.stderr


def test_check_says_what_the_token_lacks(amo: AmoServer, place: Place) -> None:
    amo.faults.stand(faults.NO_RIGHTS, path="/unsorted")

    checked = place.call("check")

    assert "unsorted: в этом аккаунте недоступно" in checked.output
    assert "✓ catalogs: право на списки" in checked.output


def test_the_service_loads_what_is_beside_and_is_well_without_what_it_lacks(
    amo: AmoServer, company: Demo, place: Place
) -> None:
    account = company.account
    deal = next(lead.id for lead in account.leads.values() if lead.deleted_at is None)
    account.add_call("leads", deal, "in", phone="1", moment=account.moment() - 60)
    amo.faults.stand(faults.NO_RIGHTS, path="/catalogs")
    place.content["sync"] |= {"every": {"notes": 1, "catalogs": 1}, "inbox": "inbox"}
    place.content["webhooks"] = {"port": 0}
    place.secrets["VITRINA_WEBHOOK_SECRET"] = SECRET

    def state() -> dict[str, Any]:
        return dict(json.loads(place.call("status", "--json").stdout))

    process = place.start("serve")
    try:
        assert process.stdout
        health = process.stdout.readline().strip()
        until(lambda: len(amo.asked("/catalogs")) > 2, seconds=90)  # asked again in the next turn

        assert "lead_notes" in state()["complete_until"]
        assert {"catalogs"} <= set(state()["lacking"]) <= {"catalogs", "catalog_elements"}
        assert requests.get(health, timeout=5).status_code == 200
    finally:
        process.kill()
        process.communicate(timeout=20)
