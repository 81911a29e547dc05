"""A plan in portions of the size that Google recommends, where that leaves nobody with a half of anything."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from exports.fitting import size_of
from exports.plan import Plan, Tab

RECOMMENDED = 2_000_000
"""So many bytes Google recommends for one request."""


def portions(plan: Plan, there: Collection[str], most: int = RECOMMENDED) -> Iterator[Plan]:
    """`plan` tab by tab: what is `there` at once, with the new tabs that fit; then more and more of the new ones.

    Figures that people see change in one request, whatever its size, for two would be seen half done. But a tab that
    comes a moment after another is no half: of those that are there, all tell of the same run.
    """
    taken, size = set(there), 0
    for tab in plan.tabs:
        if tab.key in there:
            continue
        if size and size + size_of(tab) > most:
            yield _of(plan, taken)
            size = 0
        taken.add(tab.key)
        size += size_of(tab)
    yield _of(plan, taken)


def as_many_as_fit(tabs: Sequence[Tab], most: int = RECOMMENDED) -> Iterator[str]:
    """The keys of the first tabs that go into one request, and always of one."""
    size = 0
    for tab in tabs:
        if size and size + size_of(tab) > most:
            return
        yield tab.key
        size += size_of(tab)


def _of(plan: Plan, keys: Collection[str]) -> Plan:
    return replace(plan, tabs=tuple(tab for tab in plan.tabs if tab.key in keys))
