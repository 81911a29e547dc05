"""Marts made by several hands: each after those it reads, by whom may make it, and no one goes on after an error."""

import random
import threading
import time
from collections import defaultdict
from typing import Any, cast

import pytest

from metrics.catalog import Model, load
from metrics.work import Work
from warehouse.database import Transaction

MODELS = load().models
FIRST, SECOND = cast(Transaction, "first"), cast(Transaction, "second")


class Making:
    """Makes marts in no time at all or in a moment, and remembers who made which while what stood."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.stood: dict[str, set[str]] = {}
        self.by: dict[Any, list[str]] = defaultdict(list)
        self.prepared: list[Any] = []
        self.threads: dict[Any, set[int]] = defaultdict(set)
        self.done: set[str] = set()

    def make(self, hand: Transaction, model: Model) -> str:
        self.stood[model.name] = set(self.done)
        if self.chance.random() < 0.3:
            time.sleep(0.001)
        self.by[hand].append(model.name)
        self.threads[hand].add(threading.get_ident())
        self.done.add(model.name)
        return model.name


@pytest.mark.parametrize("seed", range(5))
def test_every_mart_is_made_once_after_those_it_reads(seed: int) -> None:
    making = Making(seed)
    bound = {model.name for model in MODELS if random.Random(f"{seed}{model.name}").random() < 0.3}

    made = Work(MODELS, lambda model: model.name in bound, making.prepared.append, making.make).done_by(
        [FIRST, SECOND]
    )

    assert made == [model.name for model in MODELS]
    assert sorted(making.by[FIRST] + making.by[SECOND]) == sorted(made)
    assert all(set(model.upstream) <= making.stood[model.name] for model in MODELS)
    assert bound <= set(making.by[FIRST])
    assert making.by[SECOND]
    assert set(making.prepared) == {FIRST, SECOND}
    assert making.threads[FIRST] == {threading.get_ident()}
    assert len(making.threads[SECOND]) == 1


def test_one_hand_makes_all_of_it_and_first_what_most_others_wait_for() -> None:
    making = Making(0)
    readers = {each: sum(each in model.upstream for model in MODELS) for each in (m.name for m in MODELS)}

    Work(MODELS, lambda model: False, making.prepared.append, making.make).done_by([FIRST])

    order = making.by[FIRST]
    assert sorted(order) == sorted(readers)
    assert all(set(model.upstream) <= making.stood[model.name] for model in MODELS)
    assert readers[order[0]] > 0
    assert [readers[name] for name in order[-5:]] == [0] * 5


@pytest.mark.parametrize("fails", [FIRST, SECOND])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_error_ends_the_work_of_all_hands(fails: Transaction, kind: type[BaseException]) -> None:
    made: list[str] = []
    both = threading.Barrier(2, timeout=20)

    def make(hand: Transaction, model: Model) -> None:
        if len(made) < 2:
            made.append(model.name)
            both.wait()
        if hand == fails:
            raise kind("it fails")
        time.sleep(0.01)

    with pytest.raises(kind, match="it fails"):
        Work(MODELS, lambda model: False, lambda hand: None, make).done_by([FIRST, SECOND])

    assert len(made) == 2
    assert not [each.name for each in threading.enumerate() if each.name.startswith("marts")]
