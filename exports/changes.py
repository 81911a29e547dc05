"""Which rows of a block have to be sent again."""

from collections.abc import Iterator, Sequence

WORTH_IT = 0.3
"""Above this share of changed rows the whole block is sent: many small areas cost more than they save."""


def changed_runs(old: Sequence[object] | None, new: Sequence[object], extent: int) -> list[tuple[int, int]]:
    """Half-open runs of the rows that differ, up to `extent`; all in one where little would be saved.

    `old` and `new` are what stands in the rows, `old` None where nobody remembers it. A row that only one of
    them has differs: it is new, or its place has to become empty.
    """
    if old is None:
        return [(0, extent)]
    runs = list(_runs(old, new))
    return runs if sum(end - start for start, end in runs) <= WORTH_IT * extent else [(0, extent)]


def _runs(old: Sequence[object], new: Sequence[object]) -> Iterator[tuple[int, int]]:
    start = None
    shared = min(len(old), len(new))
    longest = max(len(old), len(new))
    for row in range(longest):
        differs = row >= shared or old[row] != new[row]
        if differs and start is None:
            start = row
        elif not differs and start is not None:
            yield start, row
            start = None
    if start is not None:
        yield start, longest
