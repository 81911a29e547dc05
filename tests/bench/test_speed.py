"""`make bench`: how fast and how lean the product is on a large account, beside dlt on the same server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.figures import MIB, Findings, is_big, slowest, wanted_leads
from tests.bench.runs import Product, Report, dlt
from tests.bench.standin import Account, big_account, spreadsheets

pytestmark = [pytest.mark.bench, pytest.mark.skipif(is_big(), reason="BIG=1 asks for the huge account")]

LEADS = wanted_leads(100_000)
PAGE = 250
PER_SECOND = 7
LATENCY = 0.3
CHANGED = 250
DLT_LEADS = (
    20_000  # so many of them are loaded with dlt: all would take it up to ten minutes, at the same rows/s
)
REFERENCE = "account", "users", "pipelines", "lead_fields", "contact_fields", "company_fields", "loss_reasons"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The large account, without a limit of requests."""
    with big_account(tmp_path_factory.mktemp("account"), LEADS) as served:
        yield served


def test_backfill_beside_dlt(tmp_path: Path, account: Account, findings: Findings) -> None:
    """The first load of all leads; then dlt's, with nested values as JSON, which is what we keep, and as it comes."""
    _, ours = Product(tmp_path, account).run(("sync", *REFERENCE), ("sync", "leads"))
    assert ours["records"] == LEADS
    speed = ours["records"] / ours["seconds"]
    findings.note("backfill of leads, rows/s", f"{speed:,.0f} ({LEADS:,} leads)")
    findings.note("  processor seconds", f"{ours['cpu']:.1f} of {ours['seconds']:.1f}")
    findings.at_most("  peak memory, MiB", ours["peak"] / MIB, 1024, "{:,.0f}")
    pages = min(LEADS, DLT_LEADS) // PAGE
    for name, depth in (("dlt as it comes", None), ("dlt, nested values as JSON", 0)):
        theirs = dlt(tmp_path, account, pages, depth)
        assert theirs["rows"] == pages * PAGE
        findings.note(f"{name}, rows/s", f"{_speed(theirs):,.0f} ({theirs['rows']:,} leads)")
        findings.note("  processor seconds", f"{theirs['cpu']:.1f} of {theirs['seconds']:.1f}")
        findings.note("  peak memory, MiB", f"{theirs['peak'] / MIB:,.0f}")
        findings.at_least(f"ours beside {name}", speed / _speed(theirs), 10, "{:.1f}×")
        work = (ours["records"] / ours["cpu"]) / (theirs["rows"] / theirs["cpu"])
        findings.note("  by processor seconds", f"{work:.1f}×")


def test_pace_under_the_limit(tmp_path: Path, findings: Findings) -> None:
    """amoCRM's limit of seven requests a second is what the first load waits for, and nothing else."""
    with big_account(tmp_path, LEADS, rate=PER_SECOND, latency=LATENCY) as slow:
        _, ours = Product(tmp_path, slow, pace=PER_SECOND).run(("sync", *REFERENCE), ("sync", "leads"))
    assert ours["records"] == LEADS
    share = ours["records"] / ours["seconds"] / (PER_SECOND * PAGE)
    findings.at_least(f"of {PER_SECOND} × {PAGE} rows/s, {LATENCY:.1f} s latency", share, 0.95, "{:.1%}")
    findings.note("  requests for pages of records", f"{ours['requests']} for {LEADS // PAGE}")


def test_daily_work(tmp_path: Path, account: Account, findings: Findings) -> None:
    """Everything loaded, built and shown; then some deals change and the figures follow."""
    with spreadsheets() as sheets:
        product = Product(tmp_path, account, sheets)
        (loaded,) = product.run(("sync",))
        findings.note("first load of all streams", f"{loaded['records']:,} in {loaded['seconds']:.1f} s")
        first = product.run(("build_full",), ("export", "xlsx"), ("export", "sheets"))
        account.change(CHANGED)
        again = product.run(("sync",), ("build",), ("export", "xlsx"), ("export", "sheets"))
    full, book, table = first
    synced, built, book_again, table_again = again
    assert full["deals"] == LEADS
    assert built["deals"] == CHANGED
    findings.note("full build, s", f"{full['seconds']:.1f} (marts {full['marts']:.1f})")
    findings.note("  of it publishing, s", f"{full['publishing']:.2f}")
    findings.note(
        f"sync after {CHANGED} changes, s", f"{synced['seconds']:.1f} ({synced['requests']} requests)"
    )
    findings.at_most(f"build and publish after {CHANGED} changes, s", built["seconds"], 1, "{:.2f}")
    findings.note(
        "  its marts, added up over two connections, s", f"{built['marts']:.2f} ({slowest(built, 3)})"
    )
    findings.note(
        "workbook, s: first / after the changes", f"{book['seconds']:.1f} / {book_again['seconds']:.1f}"
    )
    findings.note("spreadsheet, s: first / after", f"{table['seconds']:.1f} / {table_again['seconds']:.1f}")
    findings.note("spreadsheet, requests", f"{table['requests']} / {table_again['requests']}")
    peak = max(report["peak"] for report in (loaded, *first, *again))
    findings.at_most("peak memory of the daily work, MiB", peak / MIB, 1024, "{:,.0f}")
    findings.note("warehouse / marts file, MiB", f"{product.size / MIB:.0f} / {built['bytes'] / MIB:.0f}")


def _speed(report: Report) -> float:
    return float(report["rows"] / report["seconds"])
