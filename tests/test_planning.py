"""What a long-lived process shows: what no build has changed it does not read again, and shows all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from exports.audience import Rights
from exports.plan import Tab
from jobs import Jobs
from planning import EVERYTHING, Planning
from tests.harness import Office, an_office

READERS = (EVERYTHING, Rights("sales"))


@dataclass
class Reading:
    """A service that keeps what it read, and the account behind it."""

    office: Office
    jobs: Jobs
    planning: Planning

    def change(self, jobs: Jobs, price: int) -> None:
        """Somebody changes a deal, and the figures follow, made by `jobs`."""
        account = self.office.company.account
        lead = next(one for one in account.leads.values() if one.deleted_at is None)
        account.update_lead(lead.id, price=price)
        self.office.clock.pass_by(60)
        jobs.sync(["leads"])
        jobs.build()

    def kept(self) -> dict[Rights, tuple[Tab, ...]]:
        return tabs_of(self.planning)

    def anew(self) -> dict[Rights, tuple[Tab, ...]]:
        """What a process shows that reads everything."""
        return tabs_of(Planning(Jobs(self.jobs.parts)))


def tabs_of(planning: Planning) -> dict[Rights, tuple[Tab, ...]]:
    shown = planning.shown(lambda _: READERS)
    return {rights: shown.plans[rights].tabs for rights in READERS}


@contextmanager
def a_reading(folder: Path) -> Iterator[Reading]:
    with an_office(folder, deals=20, months=2) as office:
        jobs = office.product("product")
        jobs.sync()
        jobs.build()
        yield Reading(office, jobs, Planning(jobs))


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    with a_reading(tmp_path) as reading:
        yield reading


@pytest.fixture(scope="module")
def _unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    with a_reading(tmp_path_factory.mktemp("unchanged")) as reading:
        yield reading


@pytest.fixture
def unchanged(_unchanged: Reading) -> Reading:
    """One that has read nothing yet; whoever takes it leaves the account and the build as they are."""
    return replace(_unchanged, planning=Planning(_unchanged.jobs))


def test_what_changed_is_read_again_and_nothing_else(reading: Reading) -> None:
    before = reading.kept()

    reading.change(reading.jobs, price=1_234_500)
    after = reading.kept()

    assert after == reading.anew()
    for rights in READERS:
        same = [one is other for one, other in zip(before[rights], after[rights], strict=True)]
        assert any(same), "a tab that no change concerns is the one that was made before"
        assert not all(same)


def test_what_another_process_changed_is_read_too(reading: Reading) -> None:
    reading.kept()

    reading.change(Jobs(reading.jobs.parts), price=1_234_500)
    assert reading.kept() == reading.anew(), "its build is not known to us"
    reading.jobs.build()
    assert reading.kept() == reading.anew(), (
        "ours, which changes nothing, goes on from one that is not known to us"
    )


def test_a_table_is_read_again_where_only_that_changed_which_its_totals_take(
    unchanged: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages = {"turnover_parts": 1}
    monkeypatch.setattr(unchanged.jobs.ages, "of", lambda mart, run: ages.get(mart, 1))
    before = {tab.key: tab for tab in unchanged.kept()[EVERYTHING]}

    ages["turnover_parts"] = 2
    after = {tab.key: tab for tab in unchanged.kept()[EVERYTHING]}

    anew = {key for key in after if after[key] is not before[key]}
    assert {"turnover", "managers", "sources"} <= anew, "they tell the average check of all contracts"
    assert not {"cash", "receivables", "payroll"} & anew


def test_tabs_that_were_held_come_back(unchanged: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    before = unchanged.kept()
    with monkeypatch.context() as broken:
        broken.setattr("planning.uneven", lambda *_: {"summary": "a = b"})
        assert any(tab.held for tab in unchanged.kept()[EVERYTHING])

    assert unchanged.kept() == before


def test_what_was_read_for_somebody_who_has_left_is_forgotten(unchanged: Reading) -> None:
    gone = Rights("sales")

    def shown(*readers: Rights) -> tuple[Tab, ...]:
        return unchanged.planning.shown(lambda _: readers).plans[readers[-1]].tabs

    def is_remembered() -> bool:
        return any(one is other for one, other in zip(before, shown(gone), strict=True))

    before = shown(EVERYTHING, gone)
    unchanged.office.clock.pass_by(23 * 3600)
    shown(EVERYTHING)
    assert is_remembered(), "not everybody is shown something every hour"
    unchanged.office.clock.pass_by(25 * 3600)
    shown(EVERYTHING)
    assert not is_remembered()
