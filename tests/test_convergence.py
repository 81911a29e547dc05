"""The same history by any way, in any order, twice: the same figures to the last byte."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from jobs import Jobs
from sandbox.amocrm.staff import Staff
from sandbox.amocrm.truth import LOST, WON
from tests.harness import Office, an_office, differences, ledgers, marts, records, rows, without


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with an_office(tmp_path, deals=50, months=4) as office:
        yield office


def live(office: Office, rng: Random, acts: int) -> None:
    """People at work: some things within one second, some minutes apart."""
    staff = Staff(office.company, seed=rng.randrange(1000))
    for _ in range(acts):
        staff.act()
        office.clock.pass_by(rng.choice((0, 0, 0, 1, 5, 240)))


def quarrel(office: Office, rng: Random) -> None:
    """What staff seldom does: same-second moves, ways back, skipped stages, deletions taken back."""
    account, place = office.company.account, office.company.premises
    status, field = place.statuses["Продажи"], place.fields
    heirs = list(place.managers.values())
    leads = [
        one.id
        for one in account.leads.values()
        if one.deleted_at is None and one.pipeline_id == place.pipelines["Продажи"]
    ]
    rng.shuffle(leads)
    hurried, returned, skipped, binned, handed = leads[:5]
    for name in ("Замер", "КП", "Договор", "КП"):
        account.move_lead(hurried, status[name])
    account.update_lead(hurried, price=77_000)
    account.move_lead(hurried, status["Договор"])
    account.update_lead(hurried, price=78_000, fields={field["Сумма договора"]: 78_500})
    office.clock.pass_by(61)
    account.move_lead(returned, LOST, loss_reason_id=next(iter(account.loss_reasons)))
    office.clock.pass_by(90_000)
    account.move_lead(returned, status["Новая заявка"])
    account.move_lead(skipped, WON)
    account.delete_lead(binned)
    office.clock.pass_by(3)
    account.restore_lead(binned)
    account.delete_lead(binned)
    account.restore_lead(binned)
    account.update_lead(handed, responsible_user_id=heirs[0], by=place.head)
    account.update_lead(handed, responsible_user_id=heirs[1], by=place.head)
    account.move_lead(handed, status["Монтаж"])
    account.update_lead(handed, responsible_user_id=heirs[2], by=place.head)
    account.update_lead(handed, fields={field["Источник"]: "Авито" if rng.random() < 0.5 else None})
    today = datetime.fromtimestamp(office.clock(), UTC).date()
    for days in (3, 9, None, 9, 2):
        put_off = {field["Дата монтажа"]: today + timedelta(days=days) if days else None}
        account.update_lead(handed, fields=put_off, by=place.head)
        office.clock.pass_by(rng.choice((0, 40)))


def settle(office: Office) -> None:
    """Let pass what a poll trails behind."""
    office.clock.pass_by(30)


def hand_in(jobs: Jobs, bodies: list[bytes], rng: Random, *, at_once: int = 40) -> None:
    """Deliveries come twice and in any order, and are digested some at a time."""
    twice = bodies * 2
    rng.shuffle(twice)
    while twice:
        for body in twice[:at_once]:
            jobs.parts.inbox.keep(body)
        del twice[:at_once]
        jobs.drain()


@pytest.mark.parametrize("seed", [1])
def test_every_way_ends_in_the_same_figures(office: Office, seed: int) -> None:
    rng = Random(seed)
    late = office.product("late")
    late.sync()
    often, pushed, both = (office.product(name, late) for name in ("often", "pushed", "both"))
    heard: list[bytes] = []
    for _ in range(2):
        live(office, rng, 10)
        quarrel(office, rng)
        heard += (half := office.ear.take())
        hand_in(both, half, rng)
        often.sync()
        both.build()
    settle(office)
    hand_in(pushed, heard, rng)
    for jobs in (often, late, both):
        jobs.sync()
    fresh = office.product("fresh", warehouse={"threads": 2})  # nor does it matter how many are at work
    fresh.sync()

    expected = marts(fresh)
    assert rows(fresh, "select 1 from mart.installation_shifts where shifts >= 2")
    for jobs in (late, often, pushed, both):
        assert differences(marts(jobs), expected) == []
        # What was in the trash before anybody looked is known to nobody who comes later.
        binned = {one for product in (jobs, fresh) for one in trashed(product)}
        assert differences(without(ledgers(jobs), binned), without(ledgers(fresh), binned)) == []
        assert records(jobs) == records(fresh)


def test_a_contract_thrown_away_is_told_the_same_by_every_way(office: Office) -> None:
    late = office.product("late")
    late.sync()
    pushed, both = office.product("pushed", late), office.product("both", late)
    account, place = office.company.account, office.company.premises
    signed, returned = [
        one.id
        for one in account.leads.values()
        if one.deleted_at is None and one.closed_at is None and place.fields["Сумма договора"] in one.fields
    ][:2]
    for lead_id in (signed, returned):
        account.delete_lead(lead_id)
    office.clock.pass_by(5)
    heard = office.ear.take()
    hand_in(both, heard, Random(1))
    account.restore_lead(returned)
    settle(office)
    hand_in(pushed, heard + office.ear.take(), Random(2))
    late.sync()
    both.sync()

    expected = marts(late)
    turnover = f"select kind, amount > 0 from core.turnover_entries where deal_id = {signed} order by seq"
    assert rows(late, turnover) == [("signed", True), ("cancelled", False)]
    assert signed in trashed(late)
    assert returned not in trashed(late)
    for jobs in (pushed, both):
        assert differences(marts(jobs), expected) == []
        assert differences(ledgers(jobs), ledgers(late)) == []
        assert records(jobs) == records(late)


def trashed(jobs: Jobs) -> set[int]:
    return {one for (one,) in rows(jobs, "select id from raw.records where stream = 'leads' and is_deleted")}


def test_what_the_account_shows_late_is_not_missed(tmp_path: Path) -> None:
    with an_office(tmp_path, deals=25, months=2, lag=8.0) as office:
        pushed = office.product("pushed")
        pushed.sync()
        rng = Random(3)
        for _ in range(2):
            live(office, rng, 4)
            hand_in(pushed, office.ear.take(), rng)
            pushed.sync(["leads", "events", "trash"])
        quarrel(office, rng)
        hand_in(pushed, office.ear.take(), rng)
        settle(office)
        pushed.sync()
        fresh = office.product("fresh", warehouse={"threads": 2})  # nor does it matter how many are at work
        fresh.sync()

        assert differences(marts(pushed), marts(fresh)) == []
        assert records(pushed) == records(fresh)


def test_a_deal_whose_card_nobody_saw_has_no_ledgers(office: Office) -> None:
    """Its events are all that is left of it; whether they came before or after others must make no difference."""
    account = office.company.account
    gone = [one.id for one in account.leads.values() if one.deleted_at is None and one.closed_at is not None][
        :3
    ]
    for lead_id in gone:
        account.delete_lead(lead_id)
    office.clock.pass_by(31 * 86_400)
    assert set(gone) <= set(account.purge())
    jobs = office.product("late")
    jobs.sync()
    jobs.build()

    assert rows(jobs, f"select 1 from raw.events where entity_id = {gone[0]} limit 1")
    told = ledgers(jobs)
    assert differences(told, without(told, set(gone))) == []
