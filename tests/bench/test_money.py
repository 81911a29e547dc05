"""`make bench`, all the figures of money: 24 months of a large company, its marts from nothing and deal by deal."""

from pathlib import Path

import pytest

from tests.bench.company import MONTHS
from tests.bench.figures import MIB, Findings, is_big, slowest, wanted_leads
from tests.bench.runs import Product
from tests.bench.standin import company

pytestmark = [pytest.mark.bench, pytest.mark.skipif(is_big(), reason="BIG=1 asks for the huge account")]

DEALS = 2_000  # that are loaded; all others are their twins
LONGEST = 1_800.0
CHANGED = 250


def test_all_figures_of_money(tmp_path: Path, findings: Findings) -> None:
    """Payments, costs, plans, overheads and pay rules: every mart made again, then some deals change."""
    times = max(1, wanted_leads(200_000) // DEALS)
    with company(tmp_path, DEALS, MONTHS) as account:
        product = Product(tmp_path, account, longest=LONGEST)
        *_, typed = product.run(("sync",), ("type_tables",))
        *_, ledgers = product.run(("multiply", str(times)), ("build_full",))
        (whole,) = product.run(("build_marts",))
        account.change(CHANGED)
        _, again = product.run(("sync",), ("build",))
    assert typed["refused"] == 0
    assert ledgers["deals"] > 0.9 * DEALS * times  # bills have no twins
    assert whole["deals"] == 0
    assert again["deals"] >= CHANGED
    size = f"{ledgers['deals']:,} deals, {MONTHS} months"
    findings.note(f"ledgers of {size}, s", f"{ledgers['seconds'] - ledgers['marts']:.1f}")
    findings.at_most("  all marts from nothing, s", whole["marts"], 5, "{:.2f}")
    findings.note("  slowest", slowest(whole, 5))
    findings.note("  build with it and publishing, s", f"{whole['seconds']:.2f} ({whole['publishing']:.2f})")
    findings.note("  processor seconds", f"{whole['cpu']:.1f}")
    refreshed = again["seconds"] - again["publishing"]
    findings.at_most(f"  refresh after {CHANGED} changes, s", refreshed, 2, "{:.2f}")
    findings.note("  slowest", slowest(again, 5))
    findings.note("  build with publishing, s", f"{again['seconds']:.2f} ({again['publishing']:.2f})")
    findings.note("  processor seconds", f"{again['cpu']:.1f}")
    peak = max(report["peak"] for report in (ledgers, whole, again))
    findings.at_most("  peak memory, MiB", peak / MIB, 1024, "{:,.0f}")
