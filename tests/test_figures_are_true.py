"""Every figure of every tab equals a second count, made in plain Python from the account's own memory."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from sandbox.amocrm.company import Demo, demo_company
from tests.independent.book import expected_book, expected_rows
from tests.independent.rates import BASES
from tests.independent.reading import FIRST, LABELS, TOTALS, all_differences, read_spreadsheet, read_workbook
from tests.independent.served import Clock, Product, run
from tests.independent.unusual import Unusual

DEALS = 200
NOON = datetime(2026, 3, 17, 9, 20, tzinfo=UTC)
LAST_DAY = datetime(
    2026, 3, 31, 9, 20, tzinfo=UTC
)  # of a month: what follows happens on both sides of its end
SHOWN = 40


def as_it_is(demo: Demo) -> dict[str, Any]:
    return demo.mapping


def abroad(demo: Demo) -> dict[str, Any]:
    """Days are counted by a zone far west of the account's own, where the clocks change as well."""
    return {**demo.mapping, "timezone": "America/New_York"}


def poorly_mapped(demo: Demo) -> dict[str, Any]:
    """No field for the amount, the contract's date or further payments; several products; another zone."""
    mapping: dict[str, Any] = deepcopy(demo.mapping)
    fields = mapping["fields"]
    for role in ("contract_amount", "contract_date", "payments", "lead_date"):
        del fields[role]
    del fields["prepayment"]["date"]
    fields["product"] = demo.premises.fields["Опции"]
    fields["costs"] = {"Материалы": demo.premises.fields["Закуп материалов"]}
    return {**mapping, "timezone": "Asia/Vladivostok"}


Case = tuple[int, datetime, Callable[[Demo], dict[str, Any]], tuple[str, ...]]
CASES: dict[str, Case] = {
    "the demo company": (2026, NOON, as_it_is, ()),
    "abroad, at the turn of a month": (7, LAST_DAY, abroad, ("words", "odd_ways", "money")),
    "whatever people do": (3, NOON, as_it_is, ("missing_amounts", "changes_of_mind", "trash")),
    "who and where": (5, NOON, as_it_is, ("staff", "other_pipelines")),
    "paid by rates": (13, NOON, as_it_is, ("changes_of_mind", "staff", "money")),
    "poorly mapped": (11, LAST_DAY, poorly_mapped, ("changes_of_mind", "odd_ways", "money")),
}


@pytest.fixture(scope="module", params=CASES)
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A company whose books are written; in some, its people did odd things, and each was heard of by itself."""
    seed, now, mapping, works = CASES[request.param]
    demo = demo_company(seed=seed, deals=DEALS, now=now, clock=now.timestamp)
    unusual = Unusual(demo, now)
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("figures")
        acts = [getattr(unusual, work) for work in works]
        doings = (partial(_do, unusual, act) for act in acts)
        pays = request.param == "paid by rates"
        yield run(demo.account, mapping(demo), folder, now, stack, *doings, pays=pays)


def _do(unusual: Unusual, act: Callable[[], None], clock: Clock) -> None:
    act()
    clock.now = datetime.fromtimestamp(unusual.until, UTC)


def test_every_cell_of_the_workbook_is_true(product: Product) -> None:
    wrong = all_differences(expected_book(product.terms), read_workbook(product.workbook))

    assert not wrong, told(wrong)


def test_every_cell_of_the_spreadsheet_is_true(product: Product) -> None:
    grids = read_spreadsheet(product.google, product.spreadsheet)
    wrong = all_differences(expected_book(product.terms), grids)

    assert not wrong, told(wrong)


def test_slips_hold_every_sort_of_line_where_people_are_paid_by_rates(product: Product) -> None:
    lines = expected_rows(product.terms)["payroll_lines"]
    bases, kinds = {line["base"] for line in lines}, {line["kind"] for line in lines}
    in_tiers = {line["base"] for line in lines if "ступень" in line["reason"]}

    assert bases == (set(BASES) if product.pays else set())
    assert kinds == ({"accrued", "changed", "cancelled", "resumed", "refund"} if product.pays else set())
    assert in_tiers == ({"contract", "paid", "gross_profit"} if product.pays else set())


def test_one_wrong_kopeck_is_found(product: Product) -> None:
    book, grids = expected_book(product.terms), read_workbook(product.workbook)
    known = set(all_differences(book, grids))
    labels, row, totals = grids["Оборот"][LABELS], grids["Оборот"][FIRST], grids["Оборот"][TOTALS]
    row[labels.index("Подписано")] += Decimal("0.01")
    totals[labels.index("Чистый оборот")] += Decimal("0.01")
    grids["Прибыль по сделкам"].pop(FIRST)

    found = [line for line in all_differences(book, grids) if line not in known]

    assert any(line.startswith("Оборот / Оборот по месяцам") and "/ Подписано:" in line for line in found)
    assert any(line.startswith("Оборот / Оборот по месяцам / total / Чистый оборот") for line in found)
    assert any(line.startswith("Прибыль по сделкам") and ": no row" in line for line in found)


def told(wrong: list[str]) -> str:
    more = f"\n… and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return f"{len(wrong)} cells differ\n" + "\n".join(wrong[:SHOWN]) + more
