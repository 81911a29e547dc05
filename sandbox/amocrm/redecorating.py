"""What an administrator changes while people work: fields, options, statuses and pipelines come, go and move."""

from typing import Any

from sandbox.amocrm.customers import Customers
from sandbox.amocrm.fields import Choice
from sandbox.amocrm.things import Tag


class Redecorating(Customers):
    """None of it counts as a change of the objects concerned, except where statuses are taken from under leads."""

    def delete_field(self, field_id: int) -> None:
        """The field vanishes from the list and from every object that had a value of it."""
        with self.lock:
            concerned = self._holders(field_id)
            for item in concerned:
                del item.fields[field_id]
            definition = self.fields.pop(field_id)
            self._ordered_fields.pop(definition.entity, None)
            self._redraw(definition.entity, concerned)

    def add_choice(self, field_id: int, text: str) -> int:
        """One more option, at the end; returns its id."""
        with self.lock:
            definition = self.fields[field_id]
            choice = Choice(self._id("choices"), text, len(definition.choices) + 1)
            definition.choices[choice.id] = choice
            return choice.id

    def delete_choice(self, field_id: int, choice_id: int) -> None:
        """The option vanishes, and with it every value that named it."""
        with self.lock:
            concerned = self._holders(field_id)
            del self.fields[field_id].choices[choice_id]
            for item in concerned:
                value = item.fields[field_id]
                left = tuple(one for one in value if one != choice_id) if isinstance(value, tuple) else None
                if left:
                    item.fields[field_id] = left
                elif left == () or value == choice_id:
                    del item.fields[field_id]
            self._redraw(self.fields[field_id].entity, concerned)

    def move_status(self, pipeline_id: int, status_id: int, sort: int) -> None:
        """Another place in the row of statuses."""
        with self.lock:
            self.pipelines[pipeline_id].statuses[status_id].sort = sort

    def delete_status(self, pipeline_id: int, status_id: int, *, by: int = 0) -> int:
        """The status goes; its leads move to the pipeline's first one. Returns how many moved."""
        with self.lock:
            pipeline = self.pipelines[pipeline_id]
            if not pipeline.statuses[status_id].is_editable:
                raise ValueError(f"status {status_id} belongs to the system")
            place = (pipeline_id, status_id)
            inside = [one for one in self.leads.values() if (one.pipeline_id, one.status_id) == place]
            others = (one for one in pipeline.statuses.values() if one.id != status_id and one.type == 0)
            first = min(others, key=lambda one: one.sort).id
            for lead in inside:
                if lead.deleted_at is None:
                    self.move_lead(lead.id, first, by=by)
                else:
                    lead.status_id = first
            del pipeline.statuses[status_id]
            return len(inside)

    def rename_pipeline(self, pipeline_id: int, name: str) -> None:
        with self.lock:
            self.pipelines[pipeline_id].name = name

    def archive_pipeline(self, pipeline_id: int, *, is_archive: bool = True) -> None:
        """The pipeline stays in the list, marked; what is in it stays, too."""
        with self.lock:
            self.pipelines[pipeline_id].is_archive = is_archive

    def rename_tag(self, kind: str, name: str, new_name: str) -> None:
        """The tag keeps its id; every card shows its new name."""
        with self.lock:
            known = self.tags[kind]
            old = known.pop(name)
            known[new_name] = Tag(old.id, new_name, old.color)
            owners: dict[int, Any] = getattr(self, kind)
            concerned = [item for item in owners.values() if name in item.tags]
            for item in concerned:
                item.tags = tuple(new_name if one == name else one for one in item.tags)
            self._ripple(kind, concerned)

    def _holders(self, field_id: int) -> list[Any]:
        """The objects with a value of this field."""
        entity = self.fields[field_id].entity
        owners = self.elements if entity.startswith("catalogs/") else self._cards(entity)
        return [item for item in owners.values() if field_id in item.fields]

    def _redraw(self, entity: str, items: list[Any]) -> None:
        """They look different from now on."""
        for item in items:
            if hasattr(item, "head"):
                item.head = None
        self._ripple("elements" if entity.startswith("catalogs/") else entity, items)
