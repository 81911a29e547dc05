"""Deals by name: the name leads to the deal's page, and is never read as anything but a text."""

from dataclasses import replace
from io import BytesIO

from openpyxl import load_workbook

from exports.book import SheetsBook
from exports.layout import BlockLayout, TabLayout
from exports.links import NAMELESS, Link
from exports.plan import Column, Plan, Row, Table, make_plan
from exports.stamp import Stamp
from exports.xlsx import render
from sandbox.google.server import GoogleServer
from tests.fakes_google import plan_of as plain_plan

pytest_plugins = ["tests.google_fixtures"]

PAGES = "https://acme.amocrm.ru/leads/detail/"
COLUMNS = (
    Column("deal_id", "deal", "Сделка"),
    Column("name", "text", "Название"),
    Column("survivor_id", "deal", "Осталась"),
    Column("survivor_name", "text", "Её название"),
    Column("other_id", "deal", "Ещё одна"),
)
STAMP: Stamp = plain_plan().stamp


def plan_of(*rows: Row, deal_url: str | None = PAGES) -> Plan:
    table = Table("deals", "Сделки", "Смысл.", "deal_id", "", COLUMNS, rows)
    layout = (TabLayout("deals", "Сделки", (BlockLayout("deals"),)),)
    return make_plan(layout, {"deals": table}, replace(STAMP, run=7), deal_url=deal_url)


def page_of(server: GoogleServer, sheet: str, a1: str) -> str | None:
    look = server.cell(sheet, a1).get("userEnteredFormat", {})
    page: str | None = look.get("textFormat", {}).get("link", {}).get("uri")
    return page


def test_a_name_stands_in_place_of_the_number_and_leads_to_the_deal() -> None:
    block = plan_of((5, "Окна", 6, None, 7), (None, None, None, None, None)).tabs[0].blocks[0]

    assert [(each.format, each.label) for each in block.columns] == [
        ("link", "Сделка"), ("link", "Осталась"), ("deal", "Ещё одна"),
    ]  # fmt: skip
    assert block.rows == (
        (Link("Окна", f"{PAGES}5"), Link(NAMELESS, f"{PAGES}6"), 7),
        (None, None, None),
    )


def test_without_an_address_numbers_stay() -> None:
    block = plan_of((5, "Окна", 6, "Двери", 7), deal_url=None).tabs[0].blocks[0]

    assert block.rows == ((5, "Окна", 6, "Двери", 7),)


def test_a_link_goes_with_its_row_and_a_hostile_name_stays_a_text(
    server: GoogleServer, book: SheetsBook, sheet: str
) -> None:
    hostile = '=HYPERLINK("http://evil.example";"x")'
    book.refresh(plan_of((5, hostile, None, None, 7), (6, "Окна", None, None, 8)), 1)
    assert server.cell(sheet, "Сделки!A6")["userEnteredValue"] == {"stringValue": hostile}
    assert [page_of(server, sheet, f"Сделки!A{row}") for row in (6, 7)] == [f"{PAGES}5", f"{PAGES}6"]

    book.refresh(plan_of((6, "Окна", None, None, 8)), 2)

    assert [page_of(server, sheet, f"Сделки!A{row}") for row in (6, 7)] == [f"{PAGES}6", None]
    assert server.values(sheet, "Сделки!A7") == []


def test_the_workbook_leads_there_too() -> None:
    [sheet] = load_workbook(BytesIO(render(plan_of((5, "=1+1", None, None, 7))))).worksheets

    assert (sheet["A6"].value, sheet["A6"].data_type) == ("=1+1", "s")
    assert sheet["A6"].hyperlink.target == f"{PAGES}5"
