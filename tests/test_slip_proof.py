"""What stands behind a line of a slip: by which movements it came, and the ledger rows of the deal that they are."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from metrics.proofs import prove
from tests.golden_marts.ledgers import CATALOG, costs, day, entry
from tests.payroll_desk import ANNA, BORIS, MAY, Desk
from warehouse.database import Transaction


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """Two contracts of May under a rule of every base; the first is shared by two people, the second is another's."""
    desk = Desk()
    for base in ("contract", "paid", "closed_act", "gross_profit", "net_profit"):
        desk.rule(base, rate=Decimal("0.01"))
    for base in ("measurement", "installation"):
        desk.rule(base, amount=500)
    for deal_id in (1, 2):
        desk.contract(deal_id, day(5, 5), 200_000, act_on=day(5, 12), step="install")
        desk.moved(deal_id, 2, "changed", day(5, 7), -50_000)
        desk.paid(deal_id, 1, day(5, 6), 40_000, is_confirmed=True)
        desk.write("costs", costs(deal_id, 20_000, 10_000, 0))
        desk.write("stage_entries", [entry(deal_id, 1, None, "measure", day(5, 4), ANNA)])
    for role in ("", "measurement", "installation"):
        desk.share(1, role, (ANNA, "0.6"), (BORIS, "0.4"))
    desk.write("overheads", [
        {"month": MAY, "article": "Аренда", "seq": 1, "amount": 6_000, "is_paid": False, "origin": "input"}
    ])  # fmt: skip
    desk.build()
    yield desk
    desk.connection.close()


def behind(desk: Desk, base: str, deal_id: int) -> dict[str, list[dict[str, Any]]]:
    """The levels under a line: relation → rows."""
    line = f"base = '{base}' and deal_id = {deal_id} and manager_id = {ANNA}"
    row = desk.row(
        "payroll_lines", f"{line} and seq = (select min(seq) from mart.payroll_lines where {line})"
    )
    proof = prove(Transaction(desk.connection), CATALOG, CATALOG["payroll_lines"], row, "amount")
    assert proof.agrees
    return {
        level.relation: [dict(zip(level.columns, each, strict=True)) for each in level.rows]
        for level in proof.levels
    }


@pytest.mark.parametrize("deal_id", [1, 2])
@pytest.mark.parametrize(
    ("base", "ledgers"),
    [
        ("contract", {"core.turnover_entries": 2}),
        ("paid", {"core.payments": 1}),
        ("closed_act", {"core.deals": 1}),
        ("gross_profit", {"core.deals": 1, "core.costs": 3}),
        ("net_profit", {"core.deals": 1, "core.costs": 3, "mart.payroll_overheads": 1}),
        ("measurement", {"core.stage_entries": 1}),
        ("installation", {"core.deals": 1}),
    ],
)
def test_a_line_of_a_slip_leads_to_the_ledger_rows_of_its_deal(
    desk: Desk, base: str, ledgers: dict[str, int], deal_id: int
) -> None:
    levels = behind(desk, base, deal_id)

    found = {name: len(rows) for name, rows in levels.items() if name in ledgers}
    assert found == ledgers
    assert not {name for name in levels if name.startswith("core.")} - set(ledgers)
    assert {row["deal_id"] for name in ledgers for row in levels[name]} == {deal_id}
