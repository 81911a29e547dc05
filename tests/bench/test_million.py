"""`make bench BIG=1`: a huge account, from the first load to the file after a hundred rounds of changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.figures import MIB, Findings, is_big, slowest, wanted_leads
from tests.bench.runs import Product
from tests.bench.standin import Account, big_account

pytestmark = [pytest.mark.bench, pytest.mark.skipif(not is_big(), reason="only with BIG=1")]

LEADS = wanted_leads(1_000_000)
CHANGED = 250
LONGEST = 7_200.0
ROUNDS = 100
ROUNDS_ON = 20_000  # leads at most: each round is a whole sync, build and publishing


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with big_account(tmp_path_factory.mktemp("huge"), LEADS) as served:
        yield served


def test_huge_account(tmp_path: Path, account: Account, findings: Findings) -> None:
    """Everything loaded and built; then some deals change; then every deal is compared with the account."""
    product = Product(tmp_path, account, longest=LONGEST)
    (loaded,) = product.run(("sync",))
    findings.note(
        f"first load of {LEADS:,} leads, s", f"{loaded['seconds']:,.0f} ({loaded['records']:,} records)"
    )
    findings.note("  processor seconds", f"{loaded['cpu']:,.0f}")
    (full,) = product.run(("build_full",))
    assert full["deals"] == LEADS
    findings.note("full build, s", f"{full['seconds']:,.0f} (marts {full['marts']:.1f})")
    findings.note("  processor seconds", f"{full['cpu']:,.0f}")
    size = product.size
    account.change(CHANGED)
    synced, built = product.run(("sync",), ("build",))
    assert built["deals"] == CHANGED
    findings.note(
        f"sync after {CHANGED} changes, s", f"{synced['seconds']:.1f} ({synced['requests']} requests)"
    )
    findings.note(
        "build and publish after it, s", f"{built['seconds']:.2f} ({built['publishing']:.2f} publishing)"
    )
    findings.note("  of it the marts, s", f"{built['marts']:.2f} ({slowest(built, 3)})")
    (reconciled,) = product.run(("reconcile",))
    assert reconciled["agrees"]
    findings.note("reconcile, s", f"{reconciled['seconds']:,.0f} ({reconciled['requests']:,} requests)")
    for name, report in (
        ("load", loaded), ("full build", full), ("daily work", built), ("reconcile", reconciled),
    ):  # fmt: skip
        findings.at_most(f"peak memory: {name}, MiB", report["peak"] / MIB, 1024, "{:,.0f}")
    findings.note("  of the stand-in, MiB", f"{account.peak / MIB:,.0f}")
    after = f"{size / MIB:,.0f} / {product.size / MIB:,.0f} / {product.published / MIB:,.0f}"
    findings.note("warehouse file built / at the end / marts file, MiB", after)


def test_file_after_many_rounds(tmp_path: Path, findings: Findings) -> None:
    """A hundred times one per cent of the leads change: the files stay what they were, but for the holes."""
    leads = min(LEADS, ROUNDS_ON)
    with big_account(tmp_path, leads) as account:
        product = Product(tmp_path, account, longest=LONGEST)
        product.run(("sync",), ("build_full",))
        sizes = [(product.size, product.published)]
        for _ in range(ROUNDS):
            account.change(leads // 100)
            product.run(("sync",), ("build",))
            sizes.append((product.size, product.published))
    (first, first_copy), (last, last_copy) = sizes[0], sizes[-1]
    greatest, greatest_copy = (max(column) for column in zip(*sizes, strict=True))
    told = f"{first / MIB:.0f} → {last / MIB:.0f} / {first_copy / MIB:.0f} → {last_copy / MIB:.0f}"
    findings.note(f"{ROUNDS} rounds of 1 % of {leads:,} leads, warehouse / marts file, MiB", told)
    findings.at_most("  warehouse file at its greatest", greatest / first, 2, "{:.2f}×")
    findings.at_most("  marts file at its greatest", greatest_copy / first_copy, 2, "{:.2f}×")
