"""A book too large for one request: its long tables are shown in part, and say so."""

from dataclasses import replace

from exports.book import SheetsBook
from exports.fitting import fitted
from exports.known import Known
from exports.layout import BlockLayout, TabLayout
from exports.plan import Plan, Row, Table, make_plan
from exports.sheets import make_batch
from sandbox.google.server import GoogleServer
from tests.fakes_google import plan_of, table, writes

pytest_plugins = ["tests.google_fixtures"]

COLUMNS = (("id", "deal"), ("name", "text"), ("sum", "money"))
LAYOUT = (
    TabLayout("whole", "Целиком", (BlockLayout("whole"),)),
    TabLayout("long", "Длинные", (BlockLayout("long", limit=1_500), BlockLayout("short", limit=1_500))),
)


def long_plan(rows: int, text: str = "Окно", count: int | None = None) -> Plan:
    """A table that is always shown whole, and two of which the first rows are."""
    lines: tuple[Row, ...] = tuple((number, f"{text} {number}", number * 7 or None) for number in range(rows))
    tables: dict[str, Table] = {
        "whole": table("whole", COLUMNS, lines),
        "long": replace(table("long", COLUMNS, lines), count=count),
        "short": table("short", COLUMNS, lines[:120]),
    }
    return make_plan(LAYOUT, tables, plan_of().stamp)


def body(plan: Plan) -> bytes:
    known = Known("Europe/Moscow", ())
    return make_batch(plan, known, run=1, token="1", locale="ru_RU", time_zone="Europe/Moscow").body


def lengths(plan: Plan) -> list[int]:
    return [len(block.rows) for tab in plan.tabs for block in tab.blocks]


def test_what_fits_is_left_as_it_is() -> None:
    plan = long_plan(1_200)

    assert fitted(plan, len(body(plan))) is plan


def test_long_tables_are_cut_as_far_as_it_takes_and_say_so() -> None:
    plan = long_plan(1_200, count=5_000)
    values = len(body(plan)) - len(body(long_plan(0)))

    cut = fitted(plan, values * 3 // 4)

    assert lengths(cut) == [1_200, 500, 120], "1,000 and 700 were too many, the whole one stays whole"
    assert [block.heading for block in cut.tabs[1].blocks] == ["long · показаны первые 500 из 5000", "short"]


def test_all_of_it_takes_no_more_than_was_allowed() -> None:
    plan, drawing = long_plan(1_200, 'Окно «Тёплый "дом"»\n'), len(body(long_plan(0)))

    for most in range(240_000, 460_000, 20_000):
        cut = fitted(plan, most)
        assert 0.75 * most < len(body(cut)) - drawing < 1.05 * most, most


def test_where_cutting_does_not_help_the_least_is_left() -> None:
    assert lengths(fitted(long_plan(1_200), 1_000)) == [1_200, 100, 100]


def test_a_book_of_more_than_a_request_holds_is_written(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    plan = long_plan(160, "я" * 20_000)

    done = book.refresh(replace(plan, tabs=plan.tabs[1:]), 1)

    assert done.bytes < 10_000_000
    assert writes(server) == 1
    assert server.values(sheet, "Длинные!A2") == [["long · показаны первые 100 из 160"]]
    assert len(server.values(sheet, "Длинные!A6:A")) == 100
    assert book.refresh(replace(plan, tabs=plan.tabs[1:]), 2).tabs_sent == (), "and stays as it is"
