"""What hangs on the cards of an account or lies beside them: plain objects, no behaviour."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sandbox.amocrm.truth import Value


class ElementLink(NamedTuple):
    """An element of a catalogue on a lead's card."""

    element_id: int
    quantity: float
    catalog_id: int
    price_id: int | None = None


@dataclass(frozen=True, slots=True)
class Tag:
    id: int
    name: str
    color: str | None = None


@dataclass(slots=True)
class Role:
    id: int
    name: str


@dataclass(slots=True)
class Note:
    """A line on a card; `kind` is the collection the card belongs to."""

    kind: str
    id: int
    entity_id: int
    note_type: str
    params: dict[str, Any]
    responsible_user_id: int
    group_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    deleted_at: int | None = None


@dataclass(slots=True)
class Catalog:
    """A list of things: `type` is regular, products or invoices."""

    id: int
    name: str
    type: str
    sort: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int


@dataclass(slots=True)
class Element:
    id: int
    catalog_id: int
    name: str
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    fields: dict[int, Value] = field(default_factory=dict)
    deleted_at: int | None = None


@dataclass(slots=True)
class Incoming:
    """A request nobody has looked at yet; `outcome` says what became of it."""

    id: str
    category: str
    pipeline_id: int
    source_name: str
    lead_id: int
    contacts: tuple[int, ...]
    created_at: int
    updated_at: int
    metadata: dict[str, Any] = field(default_factory=dict)
    outcome: str | None = None
    settled_by: int = 0
    deleted_at: int | None = None


@dataclass(slots=True)
class Customer:
    id: int
    name: str
    responsible_user_id: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    next_price: int = 0
    next_date: int = 0
    status_id: int | None = None
    periodicity: int = 0
    fields: dict[int, Value] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    contacts: tuple[int, ...] = ()
    deleted_at: int | None = None


@dataclass(slots=True)
class Transaction:
    """A purchase of a customer."""

    id: int
    customer_id: int
    price: int
    comment: str
    completed_at: int
    created_by: int
    updated_by: int
    created_at: int
    updated_at: int
    deleted_at: int | None = None
