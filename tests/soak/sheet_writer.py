"""A process that refreshes one spreadsheet as fast as it can, run after run, until it is killed."""

import json
import sys
from pathlib import Path

from exports.book import Habits, SheetsBook
from exports.errors import ExportError
from exports.google import connect
from tests.sheet_storm import SILENCE, storm_plan

OFTEN = 100_000  # requests a minute
LARGE = 40_000  # bytes of a request; more goes by way of a draft


def main(url: str, key: str, sheet: str, first: str, *sizes: str) -> None:
    google = connect(
        json.loads(Path(key).read_text()),
        url,
        timeouts=(2.0, 2 * SILENCE),
        gap=0,
        writes_per_minute=OFTEN,
        reads_per_minute=OFTEN,
        sleep=lambda _: None,
    )
    habits = Habits(look_every=1, heal_every=2, patience=5, request_size=LARGE)
    book = SheetsBook(google, sheet, habits, sleep=lambda _: None)
    run = int(first)
    while True:
        try:
            book.refresh(storm_plan(run, tuple(map(int, sizes))), run)
        except ExportError as error:
            print(type(error).__name__, flush=True)
        else:
            print("refreshed", flush=True)
        run += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
