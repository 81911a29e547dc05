"""What the fields, pipelines and days of one account mean, read from a configuration's `mapping`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.amocrm.account import Account
from sandbox.amocrm.truth import LOST, WON
from tests.independent.rates import Pay
from tests.independent.typed import Typed

PATH = ("new", "measure", "quote", "contract", "install", "won")
MEASURED = frozenset(PATH[1:])
CONTRACTED = frozenset(PATH[3:])
KOPECK = Decimal("0.01")

Fields = Mapping[int, Any]


@dataclass(frozen=True)
class Terms:
    """One account in the words of its mapping, as it stands `now`.

    `stubs`: deals that already lay in the trash when somebody first asked; nothing but their ids can be known.
    `names`: what people were called when they were last seen; who leaves the account keeps his name.
    """

    account: Account
    mapping: Mapping[str, Any]
    now: datetime
    stubs: frozenset[int] = frozenset()
    names: Mapping[int, str] = field(default_factory=dict)
    typed: Typed = field(default_factory=Typed)
    pay: Pay = field(default_factory=Pay)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.mapping.get("timezone") or self.account.settings.timezone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def rest_is_paid_by_winning(self) -> bool:
        chosen = self.mapping.get("last_payment")
        return chosen == "won" if chosen else not self.roles.get("payments")

    @property
    def roles(self) -> Mapping[str, Any]:
        roles: Mapping[str, Any] = self.mapping["fields"]
        return roles

    @property
    def articles(self) -> Mapping[str, int]:
        articles: Mapping[str, int] = self.roles.get("costs", {})
        return articles

    def kind(self, pipeline_id: int) -> str | None:
        pipeline = self.mapping["pipelines"].get(pipeline_id)
        return pipeline["kind"] if pipeline else None

    def step(self, pipeline_id: int, status_id: int) -> str | None:
        """The funnel step of a status; None where no funnel is."""
        if self.kind(pipeline_id) not in ("sales", "service"):
            return None
        closing = {WON: "won", LOST: "lost"}
        step: str | None = {**self.mapping["pipelines"][pipeline_id]["steps"], **closing}.get(status_id)
        return step

    def day(self, moment: float) -> date:
        return datetime.fromtimestamp(moment, UTC).astimezone(self.zone).date()

    def contract_amount(self, fields: Fields, price: int) -> Decimal | None:
        """The mapped field if it is filled, else the budget; nothing or nought is an amount that is missing."""
        own = self.amount(self.roles.get("contract_amount"), fields)
        return (Decimal(price) if own is None else own) or None

    def amount(self, field_id: int | None, fields: Fields) -> Decimal | None:
        value = fields.get(field_id) if field_id else None
        return None if value is None else Decimal(value).quantize(KOPECK)

    def date(self, field_id: int | None, fields: Fields) -> date | None:
        """The day that somebody typed; the account keeps it as that day's midnight in its own zone."""
        value = fields.get(field_id) if field_id else None
        return None if value is None else datetime.fromtimestamp(value, self.account.zone).date()

    def text(self, field_id: int | None, fields: Fields) -> str | None:
        """What a select-like or text field shows; several options are joined in the field's own order."""
        value = fields.get(field_id) if field_id else None
        if value is None:
            return None
        choices = self.account.fields[field_id].choices if field_id else {}
        options = sorted(value, key=lambda one: choices[one].sort) if isinstance(value, tuple) else [value]
        return " + ".join(choices[one].value if one in choices else str(one) for one in options)
