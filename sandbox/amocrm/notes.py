"""Note verbs: texts and calls on the cards of leads, contacts, companies and customers."""

from collections.abc import Mapping
from typing import Any, Literal

from sandbox.amocrm.books import CARDS
from sandbox.amocrm.people import People
from sandbox.amocrm.things import Note
from sandbox.amocrm.truth import Act

_EVENTS = {
    "call_in": "incoming_call",
    "call_out": "outgoing_call",
    "sms_in": "incoming_sms",
    "sms_out": "outgoing_sms",
}


class Notes(People):
    """A note does not count as a change of its card, unless `settings.touching` says so."""

    def add_note(
        self,
        kind: str,
        entity_id: int,
        text: str = "",
        *,
        note_type: str = "common",
        params: dict[str, Any] | None = None,
        by: int | None = None,
        moment: float | None = None,
    ) -> int:
        """A note on the card `entity_id` of the collection `kind`; a common one needs only its text."""
        with self.lock:
            card = self._cards(kind)[entity_id]
            act = self.act("add", card.responsible_user_id if by is None else by, moment)
            note = Note(
                kind, self._id("notes"), entity_id, note_type, {"text": text} if params is None else params,
                card.responsible_user_id, self.group_of(card.responsible_user_id), act.by, act.by,
                act.created_at, act.updated_at,
            )  # fmt: skip
            self.notes[note.id] = note
            told = _EVENTS.get(note_type, "common_note_added")
            self._emit(told, CARDS[kind], entity_id, act, after=[{"note": {"id": note.id}}])
            self._done_note(act, note, {}, ("note",))
            return note.id

    def add_call(
        self,
        kind: str,
        entity_id: int,
        direction: Literal["in", "out"],
        *,
        phone: str,
        duration: int = 0,
        status: int = 4,
        result: str = "",
        by: int | None = None,
        moment: float | None = None,
    ) -> int:
        """What telephony writes: `status` 4 has talked, 6 got no answer, 7 was busy."""
        with self.lock:
            caller = self._cards(kind)[entity_id].responsible_user_id if by is None else by
            params = {
                "uniq": f"call-{self._next['notes']}", "duration": duration, "source": "pbx",
                "link": "https://pbx.test/record.mp3" if duration else "", "phone": phone,
                "call_responsible": str(caller), "call_result": result, "call_status": status,
            }  # fmt: skip
            note_type = f"call_{direction}"
            return self.add_note(kind, entity_id, note_type=note_type, params=params, by=by, moment=moment)

    def update_note(
        self, note_id: int, text: str, *, by: int | None = None, moment: float | None = None
    ) -> None:
        """Another text; neither an event nor a webhook tells it."""
        with self.lock:
            note = self.notes[note_id]
            act = self.act("update", note.responsible_user_id if by is None else by, moment)
            before = {"text": note.params.get("text")}
            note.params = {**note.params, "text": text}
            self._done_note(act, note, before, ())

    def delete_note(self, note_id: int, *, by: int | None = None, moment: float | None = None) -> None:
        """The note vanishes; only an event is left of it."""
        with self.lock:
            note = self.notes[note_id]
            act = self.act("delete", note.responsible_user_id if by is None else by, moment)
            note.deleted_at = act.moment
            del self.notes[note_id]
            before = [{"note": {"id": note_id}}]
            self._emit("common_note_deleted", CARDS[note.kind], note.entity_id, act, after=before)
            self._done_note(act, note, {}, ())

    def _cards(self, kind: str) -> dict[int, Any]:
        cards: dict[str, dict[int, Any]] = {
            "leads": self.leads,
            "contacts": self.contacts,
            "companies": self.companies,
            "customers": self.customers,
        }
        return cards[kind]

    def _move_things(self, onto: Mapping[int, int]) -> dict[str, list[tuple[int, int]]]:
        moved = super()._move_things(onto)
        notes = [one for one in self.notes.values() if one.kind == "leads" and one.entity_id in onto]
        moved["notes"] = [(one.id, one.entity_id) for one in notes]
        for note_id, lead_id in moved["notes"]:
            self._move_thing("notes", note_id, onto[lead_id])
        return moved

    def _move_thing(self, kind: str, thing_id: int, lead_id: int) -> None:
        super()._move_thing(kind, thing_id, lead_id)
        if kind == "notes" and thing_id in self.notes:
            note = self.notes[thing_id]
            note.entity_id = lead_id
            self._ripple("leads/notes", [note])

    def _done_note(self, act: Act, note: Note, before: dict[str, Any], actions: tuple[str, ...]) -> None:
        note.updated_at, note.updated_by = act.updated_at, act.by
        shelf = f"{note.kind}/notes"
        if note.deleted_at is None:
            self.shelves[shelf].put(note.id, note.updated_at, note)
        else:
            self.shelves[shelf].drop(note.id)
        self._record(act, shelf, note.id, before, dict(note.params))
        self._touch(act, note.kind, note.entity_id, "notes")
        self._tell(act, shelf, actions, note, before)
