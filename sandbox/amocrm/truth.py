"""What an account consists of: plain objects, no behaviour."""

from dataclasses import dataclass, field
from typing import Any

WON = 142
LOST = 143

Value = Any
"""A custom field's value as this account keeps it; see fields.settle for the form of each type."""


@dataclass(slots=True)
class User:
    id: int
    name: str
    email: str
    group_id: int | None = None
    role_id: int | None = None
    is_admin: bool = False
    is_active: bool = True
    is_free: bool = False


@dataclass(slots=True)
class Group:
    id: int
    name: str
    uuid: str


@dataclass(slots=True)
class Status:
    id: int
    name: str
    sort: int
    pipeline_id: int
    color: str = "#99ccff"
    type: int = 0
    is_editable: bool = True


@dataclass(slots=True)
class Pipeline:
    id: int
    name: str
    sort: int
    is_main: bool = False
    is_unsorted_on: bool = True
    is_archive: bool = False
    statuses: dict[int, Status] = field(default_factory=dict)


@dataclass(slots=True)
class LossReason:
    id: int
    name: str
    sort: int
    created_at: int
    updated_at: int


class SharedValues(dict[int, Value]):
    """Values of fields that many leads have alike, with their JSON at hand; nobody writes into them."""

    def __init__(self, values: dict[int, Value], text: str) -> None:
        super().__init__(values)
        self.text = text


@dataclass(slots=True)
class Lead:
    """A deal.

    In the trash while `deleted_at` is set, and shown there unless `purged`. One that was merged into another
    is deleted too, and `merged_into` is set.
    """

    id: int
    name: str
    price: int
    responsible_user_id: int
    group_id: int
    status_id: int
    pipeline_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    loss_reason_id: int | None = None
    source_id: int | None = None
    closed_at: int | None = None
    closest_task_at: int | None = None
    fields: dict[int, Value] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    contacts: tuple[int, ...] = ()
    company_id: int | None = None
    elements: tuple[Any, ...] = ()
    """Links to elements of catalogues; see things.ElementLink."""
    deleted_at: int | None = None
    merged_into: int | None = None
    purged: bool = False
    head: bytes | None = None
    """The item's JSON up to its links; None after each change."""


@dataclass(slots=True)
class Person:
    """A contact or a company: `kind` is the name of its collection."""

    kind: str
    id: int
    name: str
    responsible_user_id: int
    group_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    closest_task_at: int | None = None
    fields: dict[int, Value] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    company_id: int | None = None
    leads: tuple[int, ...] = ()
    contacts: tuple[int, ...] = ()
    is_unsorted: bool = False
    deleted_at: int | None = None
    head: bytes | None = None


@dataclass(slots=True)
class Task:
    id: int
    text: str
    task_type_id: int
    responsible_user_id: int
    group_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    complete_till: int
    entity_id: int | None = None
    entity_type: str | None = None
    duration: int = 0
    is_completed: bool = False
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the account's own history; immutable."""

    id: str
    type: str
    entity_id: int
    entity_type: str
    created_by: int
    created_at: int
    value_after: tuple[dict[str, Any], ...] = ()
    value_before: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what and when; `live` is false for history written with a moment of its own.

    `updated_at` and `created_at` are what the object is dated with: the moment, unless an import says otherwise.
    """

    verb: str
    by: int
    moment: int
    live: bool
    updated_at: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: what was done to what, with the changed attributes before and after."""

    moment: int
    verb: str
    kind: str
    id: int
    by: int
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """What the account tells its listeners: actions in the words of the webhook settings.

    `live` is false for history written with a moment of its own: nobody is told about that by webhook.
    """

    kind: str
    actions: tuple[str, ...]
    """Empty: the object looks different from now on, but nobody is told."""
    item: Any
    old: dict[str, Any]
    live: bool


@dataclass(slots=True)
class Webhook:
    id: int
    destination: str
    settings: tuple[str, ...]
    created_at: int
    updated_at: int
    created_by: int
    sort: int = 1
    disabled: bool = False
