"""A spreadsheet whose writer is killed again and again, amid faults of every kind, while somebody looks all the time.

SOAK_KILLS (20) says how often the writer is killed; then one more writes in peace, and the book is compared with the
plan.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from exports.book import SheetsBook
from exports.google import connect
from sandbox.google.server import GoogleServer
from tests.fakes_google import ROBOT
from tests.sheet_storm import Onlooker, check_calm, storm_plan, strike

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("SOAK_KILLS", "20"))
SIZES = (500, 20, 0, 500)
RUNS_OF_A_LIFE = 10_000  # more than any lives to see
REFRESHES = 200


def test_whenever_the_writer_is_killed_everybody_sees_whole_runs(tmp_path: Path) -> None:
    met: Counter[str] = Counter()
    chance = random.Random(7)
    with GoogleServer(quotas=False, validate=True, keep_requests=10, keep_revisions=3) as server:
        key = tmp_path / "key.json"
        key.write_text(json.dumps(server.service_account(ROBOT)))
        sheet = server.create_spreadsheet("Показатели", share={ROBOT: "writer"})
        with Onlooker(server, sheet, SIZES) as onlooker:
            life = 0
            while life < KILLS or met["refreshed"] < REFRESHES:
                life += 1
                met += live(server, [server.url, str(key), sheet, str(life * RUNS_OF_A_LIFE)], chance)
                assert life < 10 * KILLS
            server.heal()
        last = (life + 1) * RUNS_OF_A_LIFE
        plan = storm_plan(last, SIZES)
        SheetsBook(connect(json.loads(key.read_text()), server.url), sheet).refresh(plan, last)
        calm = server.create_spreadsheet("?", share={ROBOT: "writer"})
        SheetsBook(connect(json.loads(key.read_text()), server.url), calm).refresh(plan, last)
        looks = f"{sum(onlooker.runs.values())} looks at {len(onlooker.runs)} runs, {onlooker.drafts[1]} at a draft"
        print(f"\nspreadsheet: {life} kills, {dict(met)}, {looks}")

        assert onlooker.wrong == []
        assert onlooker.drafts.keys() == {0, 1}
        check_calm(server, sheet, plan)
        kinds = [
            [
                (tab.title, len(tab.charts), len(tab.rules), len(tab.protected))
                for tab in server.book(each).tabs
            ]
            for each in (sheet, calm)
        ]
        assert kinds[0] == kinds[1]


def live(server: GoogleServer, words: list[str], chance: random.Random) -> Counter[str]:
    """One life of the writer, amid faults, and its sudden death; what became of its refreshes."""
    met: Counter[str] = Counter()
    command = [sys.executable, "-m", "tests.soak.sheet_writer", *words, *map(str, SIZES)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        met[writer.stdout.readline().strip()] += 1
        death = time.monotonic() + chance.uniform(0.2, 4)
        while time.monotonic() < death:
            strike(server, chance, met)
            time.sleep(chance.uniform(0.05, 0.5))
        writer.kill()
        met.update(line.strip() for line in writer.stdout)
    return met
