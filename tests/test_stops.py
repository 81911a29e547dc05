"""Every stop of the account, from the door of amoCRM to the stamp: what is said, what goes on, how it ends."""

import json
import time
from collections.abc import Callable

import pytest

import dispatching
from bootstrap import Parts
from config import from_mapping
from connectors.amocrm.patience import Stopped
from jobs import Jobs
from sandbox.amocrm import faults
from sandbox.amocrm.company import Demo
from sandbox.amocrm.exchange import EMPTY
from sandbox.google.server import GoogleServer
from tests.cli_stand import DONE, FAILED, IN_PART, ROBOT, until
from tests.harness import wait_until
from tests.shop import DAY, SOON, TOKEN_ENDPOINT, Shop, company, oauth_shop, origin, serving, shop, stamp_of

__all__ = ["company", "oauth_shop", "origin", "shop"]

MONTH = 30 * DAY

# --- the whole account stops: one sentence, one request, the stamp, and all is well again afterwards


def _expired(shop: Shop) -> Callable[[], None]:
    shop.expire()
    return lambda: shop.place.secrets.update(VITRINA_AMOCRM_TOKEN=shop.amo.grants.long_lived())


def _unpaid(shop: Shop) -> Callable[[], None]:
    settings = shop.amo.account.settings
    settings.subscription_ended_at = int(shop.amo.account.clock()) - MONTH - DAY
    return lambda: setattr(settings, "subscription_ended_at", None)


def _blocked(shop: Shop) -> Callable[[], None]:
    shop.amo.faults.stand(faults.BLOCKED)
    return shop.amo.faults.clear


def _moved(shop: Shop) -> Callable[[], None]:
    address = shop.amo.rename("newname")
    return lambda: shop.place.content["amocrm"].update(url=address)


STOPS = {
    "a long-lived token ran out": (_expired, "Unauthorized", "токен amoCRM не действует"),
    "unpaid for more than 30 days": (_unpaid, "PaymentRequired", "подписка amoCRM закончилась"),
    "blocked": (_blocked, "Blocked", "amoCRM заблокировал доступ"),
    "renamed, with a long-lived token": (_moved, "NotFound", "аккаунта amoCRM по этому адресу нет"),
}


@pytest.mark.parametrize("name", STOPS)
def test_a_stop_of_the_account_is_told_everywhere_and_ends_by_itself(shop: Shop, name: str) -> None:
    stop, _, words = STOPS[name]
    shop.stamp()
    figures, undo = shop.figures(), stop(shop)
    before = len(shop.amo.requests)

    done = shop.place.call("sync")

    assert done.exit_code == FAILED
    assert len(done.stderr.strip().splitlines()) == 1
    assert len(shop.amo.requests) - before <= 1
    assert words in shop.stopped()["all"]
    assert f"Остановлено: вся загрузка: {words}" in shop.place.call("status").stdout
    assert shop.stamp().startswith("данные от ")
    assert shop.stamp().endswith(f", синхронизация остановлена: {words}")
    assert shop.figures() == figures

    undo()

    assert shop.place.call("sync").exit_code == DONE
    assert shop.stopped() == {}
    assert shop.stamp() == "данные полные"


def test_an_unpaid_account_is_read_for_thirty_days(shop: Shop) -> None:
    shop.amo.account.settings.subscription_ended_at = int(shop.amo.account.clock()) - 29 * DAY

    assert shop.place.call("sync").exit_code == DONE
    assert shop.stopped() == {}


def test_a_stream_without_the_right_is_skipped_and_the_rest_goes_on(shop: Shop) -> None:
    shop.amo.faults.stand(faults.NO_RIGHTS, path="/users")
    lead = shop.amo.account.leads[min(shop.amo.account.leads)]
    shop.amo.account.update_lead(lead.id, price=lead.price + 1000)

    done = shop.place.call("sync")

    assert done.exit_code == IN_PART
    assert "users: у токена нет прав" in done.stderr
    assert "Новых и изменённых записей: " in done.stdout
    assert list(shop.stopped()) == ["users"]
    assert shop.stamp() == "данные полные, кроме: сотрудники (нет прав на часть данных amoCRM)"


def test_deals_without_the_right_are_a_stop_of_the_figures(shop: Shop) -> None:
    shop.amo.faults.stand(faults.NO_RIGHTS, path="/leads")

    assert shop.place.call("sync").exit_code == IN_PART
    assert shop.stamp().endswith(", синхронизация остановлена: нет прав на часть данных amoCRM")


def test_a_comparison_that_was_given_up_is_told_until_it_goes_through(shop: Shop, company: Demo) -> None:
    shop.place.content["sync"]["loss"] = {"share": 0.01, "at_least": 1}
    shop.amo.faults.stand(faults.SPURIOUS_EMPTY, path="/leads")

    given_up = shop.place.call("reconcile", "leads")
    told, stamp = shop.stopped(), shop.stamp()
    shop.amo.faults.clear()
    accepted = shop.place.call("reconcile", "leads")

    assert given_up.exit_code == FAILED
    assert list(told) == ["reconcile"]
    assert stamp.startswith("данные полные, кроме: ночная сверка (в amoCRM разом пропало")
    assert accepted.exit_code == DONE
    assert shop.stopped() == {}


def test_who_was_told_to_end_does_not_blame_amocrm(shop: Shop) -> None:
    shop.place.content["amocrm"]["attempts"] = 2
    secrets = shop.place.secrets
    jobs = Jobs(Parts(from_mapping(shop.place.content, shop.place.folder, secrets, {"amocrm"})))
    shop.amo.faults.add(faults.too_many(30))
    jobs.parts.patience.end()

    with pytest.raises(Stopped):
        jobs.sync(["users"])

    assert shop.stopped() == {}


# --- OAuth


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_refresh_asks_for_a_new_code_and_takes_it(oauth_shop: Shop, status: int) -> None:
    shop, grants = oauth_shop, oauth_shop.amo.grants
    assert grants.oauth
    grants.oauth.refusal_status = status
    grants.revoke()
    shop.expire()

    done = shop.place.call("sync")

    assert done.exit_code == FAILED
    assert "VITRINA_AMOCRM_CODE" in done.stderr
    assert shop.stamp().endswith("синхронизация остановлена: токен amoCRM не действует")

    shop.place.secrets["VITRINA_AMOCRM_CODE"] = grants.new_code()

    assert shop.place.call("sync").exit_code == DONE
    assert shop.stamp() == "данные полные"


def test_a_renamed_account_is_followed(oauth_shop: Shop) -> None:
    address = oauth_shop.amo.rename("newname")

    assert oauth_shop.place.call("sync").exit_code == DONE
    assert oauth_shop.stopped() == {}
    assert address in json.loads((oauth_shop.place.folder / "tokens.json").read_text())["moved_to"]


def test_of_two_processes_one_refreshes_and_both_go_on(oauth_shop: Shop) -> None:
    oauth_shop.expire()
    before = len(oauth_shop.amo.asked(TOKEN_ENDPOINT))
    oauth_shop.amo.faults.add(faults.slow(0.5), path=TOKEN_ENDPOINT)  # both are there while one is at it

    processes = [oauth_shop.place.start("sync", stream) for stream in ("users", "pipelines")]
    ends = [(process.communicate(timeout=60), process.returncode) for process in processes]

    assert [code for _, code in ends] == [DONE, DONE], ends
    assert len(oauth_shop.amo.asked(TOKEN_ENDPOINT)) - before == 1


def test_a_lost_answer_is_told_once_and_a_new_code_heals_it(oauth_shop: Shop) -> None:
    shop = oauth_shop
    shop.expire()
    shop.amo.faults.add(faults.LOST_REPLY, path=TOKEN_ENDPOINT)

    lost, again = shop.place.call("sync"), shop.place.call("sync")
    exchanges = [one for one in shop.amo.asked(TOKEN_ENDPOINT) if one.method == "POST"]

    assert (lost.exit_code, again.exit_code) == (FAILED, FAILED)
    assert "VITRINA_AMOCRM_CODE" in again.stderr
    assert len(exchanges) == 2  # the code's, and the lost one: what works once is not sent twice

    shop.place.secrets["VITRINA_AMOCRM_CODE"] = shop.amo.grants.new_code()

    assert shop.place.call("sync").exit_code == DONE


def test_killed_between_answer_and_disk_it_knows_that_the_pair_is_lost(oauth_shop: Shop) -> None:
    shop = oauth_shop
    shop.expire()
    shop.amo.faults.add(faults.slow(30), path=TOKEN_ENDPOINT)

    process = shop.place.start("sync", "users")
    until(lambda: shop.amo.faults.left == 0)
    time.sleep(0.2)  # the new pair is made there and on its way
    process.kill()
    process.communicate(timeout=20)
    done = shop.place.call("sync")

    assert done.exit_code == FAILED
    assert "VITRINA_AMOCRM_CODE" in done.stderr
    assert "токен amoCRM не действует" in shop.stopped()["all"]


def test_killed_before_the_question_left_it_loses_nothing(oauth_shop: Shop) -> None:
    shop = oauth_shop
    shop.expire()
    shop.amo.faults.add(faults.Fault(EMPTY, line="hang", seconds=30), path=TOKEN_ENDPOINT)  # not served

    process = shop.place.start("sync", "users")
    until(lambda: shop.amo.faults.left == 0)
    process.kill()
    process.communicate(timeout=20)

    assert shop.place.call("sync").exit_code == DONE


# --- the service


@pytest.mark.parametrize("name", ["unpaid for more than 30 days"])
def test_the_service_says_why_it_stands_still_and_goes_on_when_it_can(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    stop, kind, words = STOPS[name]
    with serving(shop, monkeypatch) as service:
        until(lambda: service.health()["exported_build"], SOON)
        assert service.health()["ok"]

        undo = stop(shop)
        until(lambda: not service.health()["ok"], SOON)
        assert service.health()["stopped"]["all"].startswith(kind)
        until(lambda: words in stamp_of(shop), SOON)

        undo()
        until(lambda: service.health()["ok"], SOON)
        until(lambda: stamp_of(shop) == "данные полные", SOON)


@pytest.mark.parametrize("name", ["a long-lived token ran out", "blocked"])
def test_the_service_does_not_hammer_at_a_closed_door(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    stop, kind, words = STOPS[name]
    with serving(shop, monkeypatch, rest=60) as service:
        until(lambda: service.health()["exported_build"], SOON)
        stop(shop)
        until(lambda: not service.health()["ok"], SOON)
        before = len(shop.amo.requests)
        for _ in range(3):
            (shop.place.folder / "state/inbox" / f"20260101T000000000000-{_}.form").write_bytes(
                b"leads[update][0][id]=1&account[id]=1"
            )
        until(lambda: words in stamp_of(shop), SOON)
        time.sleep(2.5)

        assert len(shop.amo.requests) - before <= 1
        assert service.health()["seconds_of_rest"] > 30
        assert service.health()["stopped"]["all"].startswith(kind)


def test_the_service_stays_well_without_the_right_to_one_stream(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.amo.faults.stand(faults.NO_RIGHTS, path="/users")
    with serving(shop, monkeypatch) as service:
        until(lambda: "users" in service.health()["stopped"], SOON)
        until(lambda: "сотрудники" in stamp_of(shop), SOON)

        assert service.health()["ok"]
        assert service.health()["problem"] is None


# --- a book stops: it is told, the others go on


def beside(shop: Shop, *words: str) -> tuple[int, str]:
    """How `vitrina words…` ends beside the service, and what it prints; in one process DuckDB opens no file twice."""
    process = shop.place.start(*words)
    printed, _ = process.communicate(timeout=SOON)
    return process.returncode, printed


def unwritten(shop: Shop) -> dict[str, str]:
    told: dict[str, str] = json.loads(beside(shop, "status", "--json")[1])["unwritten"]
    return told


def test_a_book_that_is_not_shared_is_told_until_somebody_shares_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "LOOK", 0.5)
    with GoogleServer(quotas=False, validate=True) as google:
        alien = google.create_spreadsheet("Показатели")
        place = shop.place
        place.content["google"] = {"api_url": google.url}
        place.content["exports"]["books"].insert(0, {"name": "owner", "kind": "sheets", "spreadsheet": alien})
        place.secrets["VITRINA_GOOGLE_KEY"] = json.dumps(google.service_account(ROBOT))
        workbook = place.folder / "book.xlsx"
        workbook.unlink()

        with serving(shop, monkeypatch, {"amocrm", "webhook", "google"}) as service:
            wait_until(workbook.exists, SOON, "the other book written")
            wait_until(lambda: service.health()["unwritten_books"], SOON, "the refusal")
            told = service.health()
            asked = len(google.requests)
            assert told["ok"] is False
            assert ROBOT in str(told["problem"])
            said = unwritten(shop)
            assert "Дайте доступ «Редактор»" in said["owner"]
            assert "Книга owner: не пишется с" in beside(shop, "status")[1]
            assert beside(shop, "export", "owner")[0] == FAILED
            (refused,) = [book for book in place.content["exports"]["books"] if book["name"] == "owner"]
            place.content["exports"]["books"].remove(refused)
            assert unwritten(shop) == {}, "it is no book of ours"
            place.content["exports"]["books"].insert(0, refused)
            google.share(alien, ROBOT, "writer")
            assert len(google.requests) - asked <= 2, "nobody hammers at a closed door"

            assert beside(shop, "export", "owner")[0] == DONE
            wait_until(lambda: not service.health()["unwritten_books"], SOON, "all right again")

            monkeypatch.setattr(
                dispatching, "LOOK", 3_600
            )  # refused as well, the service would rest for an hour
            google.share(alien, ROBOT, "reader")
            assert beside(shop, "export", "owner")[0] == FAILED
            google.share(alien, ROBOT, "writer")
            asked = len(google.requests)
            monkeypatch.setattr(dispatching, "LOOK", 0.5)
            wait_until(lambda: len(google.requests) > asked, SOON, "the service looks by itself")
            wait_until(lambda: not unwritten(shop), SOON, "status is as right as the service")
            assert not service.health()["unwritten_books"]

        assert unwritten(shop) == {}
        assert google.book(alien).titled("Сводка") is not None
