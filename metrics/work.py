"""Marts are made by one or several hands at once: each is a connection, and a thread but for the first."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from metrics.catalog import Model
from warehouse.database import Transaction

Made = TypeVar("Made")


class Work(Generic[Made]):
    """Marts that are to be made, each once those that it reads stand.

    `is_bound`: whether only the first hand can make a mart. `prepare`: what a hand needs before its first one. What
    `make` raises ends the work: no hand takes another.
    """

    def __init__(
        self,
        models: Sequence[Model],
        is_bound: Callable[[Model], bool],
        prepare: Callable[[Transaction], None],
        make: Callable[[Transaction, Model], Made],
    ) -> None:
        self._models = models
        self._prepare = prepare
        self._make = make
        self._bound = {model.name: is_bound(model) for model in models}
        self._left = list(models)
        self._readers = _readers(models)
        self._missing = {model.name: set(model.upstream) & set(self._bound) for model in models}
        self._made: dict[str, Made] = {}
        self._is_over = False
        self._changed = threading.Condition()

    def done_by(self, hands: Sequence[Transaction]) -> list[Made]:
        """What was made, in the order of the marts; all hands have let go, whatever happened."""
        first, *others = hands
        with ThreadPoolExecutor(max(1, len(others)), thread_name_prefix="marts") as pool:
            helping: list[Future[None]] = [pool.submit(self._work, hand, is_first=False) for hand in others]
            self._work(first, is_first=True)
            for each in helping:
                each.result()
        return [self._made[model.name] for model in self._models]

    def _work(self, hand: Transaction, *, is_first: bool) -> None:
        try:
            self._prepare(hand)
            while (model := self._take(is_first=is_first)) is not None:
                self._note(model, self._make(hand, model))
        except BaseException:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()
            raise

    def _take(self, *, is_first: bool) -> Model | None:
        """The next mart that can be made, first what most others wait for; None: there is no more to do."""
        with self._changed:
            while not self._is_over:
                own = [model for model in self._left if is_first or not self._bound[model.name]]
                if not own:
                    return None
                ready = [model for model in own if not self._missing[model.name]]
                if ready:
                    model = max(ready, key=lambda each: self._readers[each.name])
                    self._left.remove(model)
                    return model
                self._changed.wait()
        return None

    def _note(self, model: Model, made: Made) -> None:
        with self._changed:
            self._made[model.name] = made
            for missing in self._missing.values():
                missing.discard(model.name)
            self._changed.notify_all()


def _readers(models: Sequence[Model]) -> dict[str, int]:
    """How many marts read each of these, or what is made of it."""
    readers: dict[str, set[str]] = {model.name: set() for model in models}
    for model in reversed(models):
        for name in model.upstream:
            if name in readers:
                readers[name] |= {model.name, *readers[model.name]}
    return {name: len(found) for name, found in readers.items()}
