"""A deal's life as the account's journal tells it: the state after each act, in the order of the acts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.amocrm.account import Account
from sandbox.amocrm.truth import Entry


@dataclass(frozen=True)
class State:
    """All that the figures can ask about a deal at one moment."""

    name: str
    pipeline_id: int
    status_id: int
    owner: int
    price: int
    fields: Mapping[int, Any]
    deleted: bool = False


@dataclass(frozen=True)
class Turn:
    """One act: the moment, the state before it (None: there was no deal) and after it, and who did it."""

    at: int
    before: State | None
    after: State
    by: int


@dataclass(frozen=True)
class Life:
    """All turns of one deal, in order."""

    lead_id: int
    turns: tuple[Turn, ...]

    @property
    def now(self) -> State:
        return self.turns[-1].after

    def until(self, moment: float) -> State:
        """The state just before `moment`; before the deal was made: its first state."""
        return [self.turns[0], *(turn for turn in self.turns if turn.at < moment)][-1].after


def lives(account: Account) -> list[Life]:
    """Every deal the account ever had, also those in the trash."""
    turns: dict[int, list[Turn]] = {}
    for entry in account.journal:
        if entry.kind == "leads":
            told = turns.setdefault(entry.id, [])
            before = told[-1].after if told else None
            told.append(Turn(entry.moment, before, _after(entry, before), entry.by))
    return [Life(lead_id, tuple(told)) for lead_id, told in sorted(turns.items())]


def _after(entry: Entry, before: State | None) -> State:
    told = entry.after
    if before is None:
        return State(
            told["name"], told["pipeline_id"], told["status_id"], told["responsible_user_id"], told["price"],
            dict(told["fields"]),
        )  # fmt: skip
    fields = {**before.fields, **told.get("fields", {})}
    return replace(
        before,
        name=told.get("name", before.name),
        pipeline_id=told.get("pipeline_id", before.pipeline_id),
        status_id=told.get("status_id", before.status_id),
        owner=told.get("responsible_user_id", before.owner),
        price=told.get("price", before.price),
        fields={key: value for key, value in fields.items() if value is not None},
        deleted=told["deleted_at"] is not None if "deleted_at" in told else before.deleted,
    )


def first(turns: Iterable[Turn]) -> Turn | None:
    return next(iter(turns), None)
