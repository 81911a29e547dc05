"""Merging leads into one of them, and taking that back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.amocrm.books import apply_values, changed_values
from sandbox.amocrm.deals import TRASH_SECONDS, Deals
from sandbox.amocrm.truth import Act, Lead, Value

MOST_MERGED = 5
MOST_LATER_EVENTS = 5
"""After more events than these on the surviving card a merge can no longer be taken back."""

State = dict[str, Any]


@dataclass(slots=True)
class MergeSignals:
    """What the outside learns of a merge and of taking it back.

    None of it is documented but the event's name: whoever reads must treat every signal as optional.
    """

    survivor_hook: bool = True
    """The webhook `leads[update]` about the surviving lead."""
    loser_hook: bool = True
    """The webhooks `leads[delete]` and `leads[restore]` about the one that goes and comes back."""
    loser_event: bool = True
    """The events `lead_deleted` and `lead_restored` about it."""
    merge_event: bool = True
    """The event `entity_merged` on the survivor, which does not name the other."""
    change_events: bool = True
    """The events about what the survivor has taken over."""
    loser_in_trash: bool = True
    """`only_deleted` shows the one that went."""


@dataclass(slots=True)
class Merge:
    """A merge as it was made; tests read here what no reply tells."""

    survivor_id: int
    losers: tuple[int, ...]
    moment: int
    before: State
    after: State
    moved: dict[str, list[tuple[int, int]]]
    """Kind of thing → (its id, the lead it hung on before)."""
    events_then: int
    undone_at: int | None = None


class Merging(Deals):
    """`merges` lists what was merged, `merge_signals` says what of it shows."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.merges: list[Merge] = []
        self.merge_signals = MergeSignals()

    def merge_leads(
        self,
        survivor_id: int,
        losers: Iterable[int],
        *,
        price: int | None = None,
        fields: Mapping[int, Any] | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> None:
        """Unite leads on the survivor's card.

        It keeps what it has, takes over what it lacks, and gets what `price` and `fields` choose; contacts,
        tags, elements, tasks and notes of all come together on it. The others leave the account.
        """
        with self.lock:
            names = tuple(dict.fromkeys(losers))
            survivor, gone = self._present(survivor_id), [self._present(one) for one in names]
            if not gone or len(gone) >= MOST_MERGED or survivor in gone:
                raise ValueError(f"one to {MOST_MERGED - 1} other leads can be merged into a lead")
            act = self.act("merge", survivor.responsible_user_id if by is None else by, moment)
            before, wanted = _state(survivor), _united(survivor, gone)
            wanted["price"] = wanted["price"] if price is None else price
            wanted["fields"] |= self._settled(fields)
            for loser in gone:
                self._unlink(loser)
            self._take_on(act, survivor, wanted)
            moved = self._move_things({loser.id: survivor_id for loser in gone})
            if self.merge_signals.merge_event:
                self._emit("entity_merged", "lead", survivor_id, act)
            self._tell_survivor(act, survivor, before)
            for loser in gone:
                self._lose(act, loser, survivor_id)
            count = self._events_of(survivor_id)
            self.merges.append(Merge(survivor_id, names, act.moment, before, _state(survivor), moved, count))

    def unmerge(self, survivor_id: int, *, by: int | None = None, moment: float | None = None) -> None:
        """Take the latest merge into this lead back.

        The others return as they were; what the survivor took over leaves it, unless it was changed since.
        """
        with self.lock:
            survivor = self._present(survivor_id)
            act = self.act("unmerge", survivor.responsible_user_id if by is None else by, moment)
            merge = self._undoable(survivor_id, act.moment)
            now = _state(survivor)
            wanted = {name: _back(name, now, merge) for name in now}
            merge.undone_at = act.moment
            self._take_on(act, survivor, wanted)
            for kind, things in merge.moved.items():
                for thing_id, lead_id in things:
                    self._move_thing(kind, thing_id, lead_id)
            for loser_id in merge.losers:
                self._bring_back(act, self.leads[loser_id])
            self._tell_survivor(act, survivor, now)

    def _undoable(self, survivor_id: int, now: int) -> Merge:
        made = [one for one in self.merges if one.survivor_id == survivor_id and one.undone_at is None]
        if not made or now - made[-1].moment > TRASH_SECONDS:
            raise KeyError(f"lead {survivor_id}: no merge that could be taken back")
        if self._events_of(survivor_id) - made[-1].events_then > MOST_LATER_EVENTS:
            raise ValueError(f"lead {survivor_id}: too much has happened since the merge")
        return made[-1]

    def _events_of(self, lead_id: int) -> int:
        return sum(one.entity_id == lead_id and one.entity_type == "lead" for one in self.events)

    def _lose(self, act: Act, loser: Lead, survivor_id: int) -> None:
        signals = self.merge_signals
        loser.deleted_at, loser.merged_into = act.moment, survivor_id
        loser.purged = not signals.loser_in_trash
        if signals.loser_event:
            self._emit("lead_deleted", "lead", loser.id, act)
        after = {"deleted_at": act.moment, "merged_into": survivor_id}
        self._done(replace(act, verb="delete"), loser, {}, after, ("delete",) if signals.loser_hook else ())

    def _bring_back(self, act: Act, loser: Lead) -> None:
        signals = self.merge_signals
        before = {"deleted_at": loser.deleted_at, "merged_into": loser.merged_into}
        loser.deleted_at = loser.merged_into = None
        loser.purged = False
        loser.contacts = tuple(one for one in loser.contacts if self.contacts[one].deleted_at is None)
        self._link(loser)
        if signals.loser_event:
            self._emit("lead_restored", "lead", loser.id, act)
        actions = ("restore",) if signals.loser_hook else ()
        self._done(replace(act, verb="restore"), loser, before, dict.fromkeys(before), actions)

    def _take_on(self, act: Act, survivor: Lead, wanted: State) -> None:
        """Write the united values onto the card, telling what changes."""
        told = self.merge_signals.change_events
        if wanted["price"] != survivor.price and told:
            after, before = ({"sale_field_value": {"sale": one}} for one in (wanted["price"], survivor.price))
            self._emit("sale_field_changed", "lead", survivor.id, act, after=[after], before=[before])
        missing = {key: None for key in survivor.fields if key not in wanted["fields"]}
        changes = changed_values(survivor.fields, wanted["fields"] | missing)
        apply_values(survivor.fields, changes)
        if told:
            self._tell_fields(survivor.id, changes, act)
        self._unlink(survivor)
        for name in ("price", "tags", "contacts", "company_id", "elements"):
            setattr(survivor, name, wanted[name])
        self._link(survivor)

    def _tell_survivor(self, act: Act, survivor: Lead, before: State) -> None:
        now = _state(survivor)
        changed = {name: now[name] for name in now if now[name] != before[name]}
        old = {name: before[name] for name in changed}
        self._done(act, survivor, old, changed, ("update",) if self.merge_signals.survivor_hook else ())

    def _unlink(self, lead: Lead) -> None:
        """The people of this lead no longer name it; the lead still names them."""
        contacts, companies = self._people_of(lead)
        for person in (*contacts, *companies):
            person.leads = tuple(one for one in person.leads if one != lead.id)
        self._ripple("contacts", contacts)
        self._ripple("companies", companies)

    def _move_things(self, onto: Mapping[int, int]) -> dict[str, list[tuple[int, int]]]:
        """Hang the tasks of the leads onto others; says what hung where."""
        tasks = [one for one in self.tasks.values() if one.entity_type == "leads" and one.entity_id in onto]
        moved = {"tasks": [(one.id, one.entity_id or 0) for one in tasks]}
        for task_id, lead_id in moved["tasks"]:
            self._move_thing("tasks", task_id, onto[lead_id])
        return moved

    def _move_thing(self, kind: str, thing_id: int, lead_id: int) -> None:
        """The thing shows on another card; that does not count as a change of it."""
        if kind == "tasks" and thing_id in self.tasks:
            task = self.tasks[thing_id]
            task.entity_id = lead_id
            self._ripple("tasks", [task])


def _state(lead: Lead) -> State:
    return {
        "price": lead.price, "fields": dict(lead.fields), "tags": lead.tags, "contacts": lead.contacts,
        "company_id": lead.company_id, "elements": lead.elements,
    }  # fmt: skip


def _united(survivor: Lead, gone: list[Lead]) -> State:
    every = [survivor, *gone]
    fields: dict[int, Value] = {}
    for lead in reversed(every):
        fields |= lead.fields
    prices = [lead.price for lead in every if lead.price]
    companies = [lead.company_id for lead in every if lead.company_id is not None]
    return {
        "price": prices[0] if prices else 0,
        "fields": fields,
        "tags": _all(every, lambda lead: lead.tags),
        "contacts": _all(every, lambda lead: lead.contacts),
        "company_id": companies[0] if companies else None,
        "elements": _all(every, lambda lead: lead.elements),
    }


def _all(leads: list[Lead], of: Callable[[Lead], tuple[Any, ...]]) -> tuple[Any, ...]:
    """What any of the leads has, once, in the order of the leads."""
    return tuple(dict.fromkeys(one for lead in leads for one in of(lead)))


def _back(name: str, now: State, merge: Merge) -> Any:
    """The value from before the merge, unless somebody has set another one since."""
    if name != "fields":
        return merge.before[name] if now[name] == merge.after[name] else now[name]
    then, taken = merge.before["fields"], merge.after["fields"]
    kept = {key: value for key, value in now["fields"].items() if taken.get(key) != value}
    return kept | {
        key: then[key] for key, value in now["fields"].items() if taken.get(key) == value and key in then
    }
