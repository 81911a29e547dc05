"""Incoming leads: requests that wait for somebody to accept or decline them."""

from typing import Any

from sandbox.amocrm.catalogs import Catalogs
from sandbox.amocrm.things import Incoming
from sandbox.amocrm.truth import Act, Lead, Person, Status

CATEGORIES = ("sip", "mail", "forms", "chats")


class Requests(Catalogs):
    """Each incoming request is a lead in its pipeline's first, system status, which nobody has taken yet."""

    def add_incoming(
        self,
        category: str,
        pipeline_id: int,
        name: str = "",
        *,
        contact: str = "",
        source_name: str = "",
        metadata: dict[str, Any] | None = None,
        fields: dict[int, Any] | None = None,
        moment: float | None = None,
    ) -> str:
        """A request by telephone, mail, form or chat; returns its uid.

        No list shows the contact, and nobody is told of it, until the request is accepted.
        """
        with self.lock:
            if category not in CATEGORIES:
                raise KeyError(f"no category {category!r}")
            act = self.act("add", 0, moment)
            owner = next(iter(self.users), 0)
            contacts: tuple[int, ...] = ()
            if contact:
                person = self._new_person("contacts", contact, owner, act)
                person.is_unsorted, contacts = True, (person.id,)
            lead_id = self.add_lead(
                name, pipeline_id=pipeline_id, status_id=self._unsorted_status(pipeline_id).id,
                responsible_user_id=owner, fields=fields, contacts=contacts, by=0, moment=moment,
            )  # fmt: skip
            uid = f"{self._id('unsorted'):024x}"
            request = Incoming(
                uid, category, pipeline_id, source_name or category, lead_id, contacts, act.created_at,
                act.created_at, metadata or {},
            )  # fmt: skip
            self.incoming[uid] = request
            self._done_incoming(act, request, ("add",))
            return uid

    def accept_incoming(self, uid: str, *, status_id: int, by: int, moment: float | None = None) -> int:
        """`by` takes the request over: it becomes an ordinary lead of his. Returns the lead's id."""
        with self.lock:
            request = self._waiting(uid)
            self.update_lead(request.lead_id, responsible_user_id=by, by=by, moment=moment)
            self.move_lead(request.lead_id, status_id, by=by, moment=moment)
            return request.lead_id

    def decline_incoming(self, uid: str, *, by: int, moment: float | None = None) -> None:
        """The request and its lead go to the trash."""
        with self.lock:
            self.delete_lead(self._waiting(uid).lead_id, by=by, moment=moment)

    def move_lead(self, lead_id: int, *place: Any, **more: Any) -> None:
        """To move the lead of a waiting request is to accept it."""
        with self.lock:
            self._settle(lead_id, "accept", **more)
            super().move_lead(lead_id, *place, **more)

    def delete_lead(self, lead_id: int, **more: Any) -> None:
        """To delete the lead of a waiting request is to decline it."""
        with self.lock:
            self._settle(lead_id, "decline", **more)
            super().delete_lead(lead_id, **more)

    def _lose(self, act: Act, loser: Lead, survivor_id: int) -> None:
        self._settle(loser.id, "accept", by=act.by, moment=None if act.live else act.moment)
        super()._lose(act, loser, survivor_id)

    def _waiting(self, uid: str) -> Incoming:
        request = self.incoming[uid]
        if request.outcome is not None:
            raise KeyError(f"incoming {uid} is settled already")
        return request

    def _settle(
        self, lead_id: int, outcome: str, *, by: int | None = None, moment: float | None = None, **_: Any
    ) -> None:
        """Close the request behind the lead, if one waits."""
        waiting = (one for one in self.incoming.values() if one.outcome is None and one.lead_id == lead_id)
        request = next(waiting, None)
        if request is None:
            return
        by = self.leads[lead_id].responsible_user_id if by is None else by
        if outcome == "accept":
            for contact_id in request.contacts:
                self._welcome(self.contacts[contact_id], by, self.act("add", by, moment))
        act = self.act("delete", by, moment)
        request.outcome, request.settled_by, request.deleted_at = outcome, by, act.moment
        self._done_incoming(act, request, ("delete",))

    def _welcome(self, contact: Person, owner: int, act: Act) -> None:
        """The contact of an accepted request appears among the others."""
        contact.is_unsorted, contact.responsible_user_id = False, owner
        self._emit_note("contact_added", "contact", contact.id, act)
        self._done_person(act, contact, {}, {"name": contact.name})

    def _done_incoming(self, act: Act, request: Incoming, actions: tuple[str, ...]) -> None:
        request.updated_at = act.moment
        if request.deleted_at is None:
            self.shelves["unsorted"].put(request.id, request.updated_at, request)
        else:
            self.shelves["unsorted"].drop(request.id)
        self._record(act, "unsorted", request.lead_id, {}, {"uid": request.id, "outcome": request.outcome})
        self._tell(act, "unsorted", actions, request, {})

    def _unsorted_status(self, pipeline_id: int) -> Status:
        return next(one for one in self.pipelines[pipeline_id].statuses.values() if one.type == 1)
