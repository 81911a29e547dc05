"""Whatever goes wrong while a spreadsheet is refreshed, whoever looks sees one whole run."""

import random

from exports.book import SheetsBook
from exports.google import Google, connect
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT, Hand
from tests.harness import wait_until
from tests.sheet_storm import SILENCE, Onlooker, Storm, check_calm, storm_plan

pytest_plugins = ["tests.google_fixtures"]

REFRESHES, SIZES = 45, (30, 3, 0)


def test_in_a_storm_everybody_sees_whole_runs_and_afterwards_the_plan(
    server: GoogleServer, key: dict[str, str], sheet: str, hand: Hand
) -> None:
    google = connect(key, server.url, timeouts=(2.0, SILENCE), clock=hand.clock, sleep=hand.sleep)
    storm = Storm(server, google, sheet, hand, random.Random(5), SIZES)

    with Onlooker(server, sheet, SIZES) as onlooker:
        plan = storm.blow(REFRESHES)

    assert onlooker.wrong == []
    assert len(onlooker.runs) > REFRESHES / 5, "it was looked at all the time"
    assert len(storm.met) >= 8, "and much went wrong"
    assert onlooker.drafts.keys() == {0, 1}, "never two of them"
    check_calm(server, sheet, plan)
    assert onlooker.most == drawn_once(server, google)
    assert onlooker.most["Месяцы: charts"] == 1


def drawn_once(server: GoogleServer, google: Google) -> dict[str, int]:
    """How many charts, rules and protected areas a book has that was never touched by a storm."""
    calm = server.create_spreadsheet("?", share={ROBOT: "writer"})
    SheetsBook(google, calm).refresh(storm_plan(1, SIZES), 1)
    with Onlooker(server, calm, SIZES) as onlooker:
        wait_until(lambda: onlooker.most, 10, "looked at")
    return onlooker.most
