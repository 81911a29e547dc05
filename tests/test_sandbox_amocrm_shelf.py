"""A shelf keeps its objects in the order of their stamps, whatever is put, moved or dropped."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.amocrm.shelf import Shelf

STEPS = st.lists(st.tuples(st.integers(0, 12), st.one_of(st.none(), st.integers(0, 9))), max_size=60)
"""(key, its new stamp or None: dropped)."""


@given(STEPS, st.one_of(st.none(), st.integers(0, 9)), st.one_of(st.none(), st.integers(0, 9)))
def test_a_shelf_is_as_good_as_sorting_every_time(
    steps: list[tuple[int, int | None]], low: int | None, high: int | None
) -> None:
    shelf: Shelf[int, str] = Shelf()
    stamps: dict[int, int] = {}
    for key, stamp in steps:
        if stamp is None:
            shelf.drop(key)
            stamps.pop(key, None)
        else:
            shelf.put(key, stamp, f"item {key}")
            stamps[key] = stamp

    inside = [
        key for key in stamps if (low is None or stamps[key] >= low) and (high is None or stamps[key] <= high)
    ]
    assert shelf.between(low, high) == sorted(inside, key=lambda key: (stamps[key], key))
    assert shelf.ids() == sorted(stamps)
    assert len(shelf) == len(stamps)


@given(st.dictionaries(st.integers(0, 50), st.integers(0, 9)))
def test_filling_a_shelf_at_once_is_as_good_as_one_by_one(stamps: dict[int, int]) -> None:
    filled: Shelf[int, str] = Shelf()
    put: Shelf[int, str] = Shelf()
    filled.fill((key, stamp, "item") for key, stamp in stamps.items())
    for key, stamp in stamps.items():
        put.put(key, stamp, "item")

    assert (filled.ids(), filled.between()) == (put.ids(), put.between())
