"""Staff that also does what seldom happens: merges, imports, mass edits, second thoughts."""

from collections.abc import Iterable

from sandbox.amocrm.company import Demo
from sandbox.amocrm.errands import DAY, Errands, is_open
from sandbox.amocrm.staff import Action, Kinds
from sandbox.amocrm.truth import LOST, Lead

BULK = 20
"""So many leads a mass edit changes within one second."""


class Bustle(Errands):
    """Everything the stand-in can do, at random: what survives this survives an ordinary year.

    `without` names what they leave alone: `throw_away` (a signed deal goes to the trash, where nobody who comes
    later can read it), `merge`, `import_late` and so on, after the methods here and in Staff.
    """

    def __init__(self, demo: Demo, seed: int = 1, without: Iterable[str] = ()) -> None:
        super().__init__(demo, seed)
        self._without = frozenset(without)
        unknown = self._without - {act.__name__.lstrip("_") for _, act in self._everything()}
        if unknown:
            raise KeyError(f"nobody here ever does {', '.join(sorted(unknown))}")

    def _kinds(self) -> Kinds:
        return tuple(
            (share, act) for share, act in self._everything() if act.__name__.lstrip("_") not in self._without
        )

    def _everything(self) -> Kinds:
        return (
            *super()._kinds(),
            (0.04, self._merge),
            (0.015, self._unmerge),
            (0.06, self._change_amount),
            (0.04, self._think_again),
            (0.03, self._cancel),
            (0.01, self._throw_away),
            (0.04, self._import_late),
            (0.02, self._mass_edit),
            (0.03, self._clear),
            (0.03, self._go_to_and_fro),
        )

    def _merge(self) -> Action | None:
        one, other = self._any(is_open), self._any(is_open)
        if one is None or other is None or one is other:
            return None
        self._account.merge_leads(one.id, [other.id], by=self._place.head)
        return self._done(one.id, f"«{other.name}»: объединена с «{one.name}»")

    def _unmerge(self) -> Action | None:
        made = [one.survivor_id for one in self._account.merges[-20:] if one.undone_at is None]
        if not made:
            return None
        survivor = self._rng.choice(made)
        try:
            self._account.unmerge(survivor, by=self._place.head)
        except (KeyError, ValueError):
            return None
        return self._done(survivor, "объединение отменено")

    def _change_amount(self) -> Action | None:
        lead = self._any(self._is_signed)
        if lead is None:
            return None
        amount = self._rng.randrange(300, 2500) * 100
        self._account.update_lead(lead.id, price=amount, fields=self._named({"Сумма договора": amount}))
        return self._done(lead.id, f"«{lead.name}»: сумма договора изменена")

    def _think_again(self) -> Action | None:
        """A closed deal is opened once more, perhaps with another manager."""
        lead = self._any(lambda one: one.closed_at is not None)
        if lead is None:
            return None
        step = self._rng.choice(("Новая заявка", "Замер", "КП", "Договор"))
        self._account.move_lead(lead.id, self._status(step))
        return self._done(lead.id, f"«{lead.name}»: снова в работе")

    def _cancel(self) -> Action | None:
        lead = self._any(lambda one: self._is_signed(one) and one.status_id != LOST)
        if lead is None:
            return None
        self._account.move_lead(lead.id, LOST)
        return self._done(lead.id, f"«{lead.name}»: договор расторгнут")

    def _throw_away(self) -> Action | None:
        lead = self._any(self._is_signed)
        if lead is None:
            return None
        self._account.delete_lead(lead.id, by=self._place.head)
        self._deleted.append(lead.id)
        return self._done(lead.id, f"«{lead.name}»: удалена с договором")

    def _import_late(self) -> Action | None:
        """An integration writes by API and dates what it writes in the past."""
        lead, past = self._any(is_open), self._account.moment() - self._rng.randrange(1, 90 * DAY)
        with self._account.dated(updated_at=past, created_at=past):
            if lead is None or self._rng.random() < 0.5:
                return self._new_lead()
            price = self._rng.randrange(300, 2500) * 100
            self._account.update_lead(lead.id, price=price, by=0)
        return self._done(lead.id, f"«{lead.name}»: записана задним числом")

    def _mass_edit(self) -> Action | None:
        found = list(self._present(is_open))
        if not found:
            return None
        chosen = self._rng.sample(found, min(BULK, len(found)))
        mark = self._rng.choice(("акция", "обзвон", "сезон"))
        for lead in chosen:
            self._account.update_lead(lead.id, tags=[mark], price=lead.price + 100, by=self._place.head)
        return self._done(chosen[0].id, f"массовая правка: {len(chosen)}")

    def _clear(self) -> Action | None:
        lead = self._any(lambda one: bool(one.fields))
        if lead is None:
            return None
        field_id = self._rng.choice(sorted(lead.fields))
        self._account.update_lead(lead.id, fields={field_id: None})
        return self._done(lead.id, f"«{lead.name}»: поле очищено")

    def _go_to_and_fro(self) -> Action | None:
        """Several changes of one deal within a second."""
        lead = self._any(is_open)
        if lead is None:
            return None
        here = lead.status_id
        for place in (self._status("Замер"), self._status("КП"), here):
            self._account.move_lead(lead.id, place)
        return self._done(lead.id, f"«{lead.name}»: туда и обратно")

    def _is_signed(self, lead: Lead) -> bool:
        return self._place.fields["Сумма договора"] in lead.fields
