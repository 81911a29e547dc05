"""One table of findings for the whole run, printed at its end."""

from collections.abc import Iterator

import pytest

from tests.bench.figures import Findings


@pytest.fixture(scope="session")
def findings() -> Iterator[Findings]:
    found = Findings()
    print()
    yield found
    print(f"\n{found.table()}")
