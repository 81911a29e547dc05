"""Reference verbs: what an administrator sets up before anybody sells anything."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.amocrm.books import Books
from sandbox.amocrm.fields import Choice, Field
from sandbox.amocrm.things import Role
from sandbox.amocrm.truth import LOST, WON, Group, LossReason, Pipeline, Status, User, Webhook

_UNSORTED = "Неразобранное"


class Reference(Books):
    """Users, pipelines, loss reasons, custom fields, webhook subscriptions."""

    def add_group(self, name: str) -> int:
        with self.lock:
            group_id = self._id("groups")
            self.groups[group_id] = Group(group_id, name, f"00000000-0000-4000-8000-{group_id:012d}")
            return group_id

    def add_user(self, name: str, *, group_id: int | None = None, is_admin: bool = False) -> int:
        with self.lock:
            user_id = self._id("users")
            email = f"user{user_id}@{self.settings.subdomain}.test"
            self.users[user_id] = User(user_id, name, email, group_id, is_admin=is_admin)
            return user_id

    def add_role(self, name: str, users: Iterable[int] = ()) -> int:
        """A role, given to these users."""
        with self.lock:
            role_id = self._id("roles")
            self.roles[role_id] = Role(role_id, name)
            for user_id in users:
                self.users[user_id].role_id = role_id
            return role_id

    def dismiss_user(self, user_id: int) -> None:
        """The user stays in the list, inactive."""
        with self.lock:
            self.users[user_id].is_active = False

    def remove_user(self, user_id: int) -> None:
        """The user vanishes from the list; what was his keeps his id."""
        with self.lock:
            del self.users[user_id]

    def add_pipeline(self, name: str, statuses: Iterable[str], *, won: str = "", lost: str = "") -> int:
        """A pipeline with its three system statuses around the given ones.

        The first one made is the main one.
        """
        with self.lock:
            pipeline_id = self._id("pipelines")
            number = len(self.pipelines) + 1
            pipeline = Pipeline(pipeline_id, name, number, is_main=not self.pipelines)
            own = [Status(self._id("statuses"), _UNSORTED, 10, pipeline_id, "#c1c1c1", 1, is_editable=False)]
            own += [
                Status(self._id("statuses"), status, 10 * place, pipeline_id)
                for place, status in enumerate(statuses, start=2)
            ]
            own.append(
                Status(WON, won or "Успешно реализовано", 10_000, pipeline_id, "#CCFF66", is_editable=False)
            )
            own.append(
                Status(
                    LOST,
                    lost or "Закрыто и не реализовано",
                    11_000,
                    pipeline_id,
                    "#D5D8DB",
                    is_editable=False,
                )
            )
            pipeline.statuses = {status.id: status for status in own}
            self.pipelines[pipeline_id] = pipeline
            return pipeline_id

    def add_status(self, pipeline_id: int, name: str, sort: int) -> int:
        with self.lock:
            status_id = self._id("statuses")
            self.pipelines[pipeline_id].statuses[status_id] = Status(status_id, name, sort, pipeline_id)
            return status_id

    def rename_status(self, pipeline_id: int, status_id: int, name: str) -> None:
        with self.lock:
            self.pipelines[pipeline_id].statuses[status_id].name = name

    def status(self, pipeline_id: int, name: str) -> int:
        """The id of a status by its name; KeyError if the pipeline has none of that name."""
        for status in self.pipelines[pipeline_id].statuses.values():
            if status.name == name:
                return status.id
        raise KeyError(f"pipeline {pipeline_id}: no status {name!r}")

    def add_loss_reason(self, name: str) -> int:
        with self.lock:
            reason_id = self._id("loss_reasons")
            made_at = self.settings.created_at
            self.loss_reasons[reason_id] = LossReason(reason_id, name, 100_000, made_at, made_at)
            return reason_id

    def add_field(
        self,
        name: str,
        kind: str,
        choices: Iterable[str] = (),
        *,
        entity: str = "leads",
        code: str | None = None,
        codes: Mapping[str, str] | None = None,
    ) -> int:
        """A custom field; `choices` are the texts of its options, `codes` the codes some of them have."""
        with self.lock:
            field_id = self._id("fields")
            definition = Field(field_id, name, kind, entity, 500 + len(self.fields_of(entity)), code)
            for place, text in enumerate(choices, start=1):
                choice = Choice(self._id("choices"), text, place, (codes or {}).get(text))
                definition.choices[choice.id] = choice
            definition.is_predefined = entity != "leads" and code is not None
            definition.currency = self.settings.currency if kind == "monetary" else None
            self.fields[field_id] = definition
            self._ordered_fields.pop(entity, None)
            return field_id

    def rename_field(self, field_id: int, name: str) -> None:
        with self.lock:
            self.fields[field_id].rename(name)
            self._forget_heads(field_id)

    def rename_choice(self, field_id: int, choice_id: int, text: str) -> None:
        """The option keeps its id.

        Every object shows its new text from now on, and none of them counts as changed.
        """
        with self.lock:
            old = self.fields[field_id].choices[choice_id]
            self.fields[field_id].choices[choice_id] = Choice(old.id, text, old.sort, old.code)
            self._forget_heads(field_id)

    def subscribe(self, destination: str, codes: Iterable[str], *, sort: int = 1) -> Webhook:
        """Tell `destination` about what the codes name; for a known destination this replaces its codes."""
        with self.lock:
            at = self.moment()
            for webhook in self.webhooks.values():
                if webhook.destination == destination:
                    webhook.settings, webhook.updated_at, webhook.disabled = tuple(codes), at, False
                    return webhook
            actor = next(iter(self.users), 0)
            webhook = Webhook(self._id("webhooks"), destination, tuple(codes), at, at, actor, sort)
            self.webhooks[webhook.id] = webhook
            return webhook

    def unsubscribe(self, destination: str) -> bool:
        """Whether there was such a subscription; it is gone now."""
        with self.lock:
            found = [one.id for one in self.webhooks.values() if one.destination == destination]
            for webhook_id in found:
                del self.webhooks[webhook_id]
            return bool(found)

    def _forget_heads(self, field_id: int) -> None:
        """The objects with a value of this field look different from now on."""
        entity = self.fields[field_id].entity
        owners: dict[int, Any] = getattr(self, entity, {})
        changed = [item for item in owners.values() if field_id in item.fields and hasattr(item, "head")]
        for item in changed:
            item.head = None
        self._ripple(entity, changed)
