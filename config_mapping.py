"""The field mapping: what the fields, pipelines and statuses of this very account mean to the business."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from config_checks import FieldRef, Section, Text, Whole, Zone, defaults, wrong
from config_problems import Where, dotted

WON, LOST = 142, 143  # the same in every pipeline of every account

Kind = Literal["sales", "service", "expenses"]
Step = Literal["new", "postponed", "measure", "quote", "contract", "install", "won", "lost"]
LastPayment = Literal["won", "fields"]
Proof = Literal["bank", "confirmed", "invoice", "field"]  # the best one first
ShareRole = Literal["sale", "measurement", "installation"]


class Payment(Section):
    """A sum of money and the day it came, each in its own field of the deal."""

    amount: FieldRef
    date: FieldRef | None = None


class Share(Section):
    """Somebody's part in a deal: the field that names him; his percentage, from a field or the same everywhere."""

    manager: FieldRef
    role: ShareRole = "sale"
    field: FieldRef | None = None
    percent: Annotated[Whole, Field(ge=1, le=100)] | None = None


class Fields(Section):
    """Business role → custom field of the deal."""

    lead_date: FieldRef | None = None
    source: FieldRef | None = None
    call_result: FieldRef | None = None
    contract_amount: FieldRef | None = None
    contract_date: FieldRef | None = None
    prepayment: Payment | None = None
    payments: tuple[Payment, ...] = ()
    installation_date: FieldRef | None = None
    discount: FieldRef | None = None
    product: FieldRef | None = None
    costs: dict[Text, FieldRef] = defaults()
    planned_costs: dict[Text, FieldRef] = defaults()
    act_date: FieldRef | None = None
    expected_date: FieldRef | None = None
    list_amount: FieldRef | None = None
    currency: FieldRef | None = None
    test: FieldRef | None = None
    shares: tuple[Share, ...] = ()

    @model_validator(mode="after")
    def _no_amount_counts_twice(self) -> "Fields":
        taken: dict[int | str, Where] = {}
        for where, ref in self.mapped():
            if where[0] not in ("contract_amount", "discount", "costs") and where[-1] != "amount":
                continue
            if ref in taken:
                raise wrong("field_twice", field=ref, role=dotted(taken[ref]), below=where)
            taken[ref] = where
        return self

    def mapped(self) -> Iterator[tuple[Where, int | str]]:
        """Every role that has a field, with its path below `mapping.fields`, in the order of the file."""
        for name in type(self).model_fields:
            yield from _leaves((name,), getattr(self, name))


def _leaves(where: Where, value: object) -> Iterator[tuple[Where, int | str]]:
    if isinstance(value, int | str):
        yield where, value
    elif isinstance(value, Payment):
        yield from _leaves((*where, "amount"), value.amount)
        yield from _leaves((*where, "date"), value.date)
    elif isinstance(value, Share):
        yield from _leaves((*where, "manager"), value.manager)
        yield from _leaves((*where, "field"), value.field)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves((*where, key), part)
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _leaves((*where, number), part)


class Pipeline(Section):
    kind: Kind
    steps: dict[Whole, Step] = defaults()

    @field_validator("steps")
    @classmethod
    def _closing_statuses_are_known(cls, steps: dict[int, Step], info: ValidationInfo) -> dict[int, Step]:
        if info.data.get("kind") == "expenses":
            if steps:
                raise wrong("steps_of_expenses")
            return steps
        closing: dict[int, Step] = {WON: "won", LOST: "lost"}
        if any(steps.get(status, step) != step for status, step in closing.items()):
            raise wrong("won_and_lost")
        return {**steps, **closing}


class Expenses(Section):
    """Fields of the deals in pipelines of expenses, each of which is a bill."""

    article: FieldRef | None = None
    amount: FieldRef | None = None
    deal: FieldRef | None = None
    date: FieldRef | None = None
    due_date: FieldRef | None = None
    direction: FieldRef | None = None

    def mapped(self) -> Iterator[tuple[str, int | str]]:
        """Every role that has a field."""
        for name in type(self).model_fields:
            ref = getattr(self, name)
            if ref is not None:
                yield name, ref


class Roles(Section):
    """What the fields, pipelines and statuses of this very account mean."""

    timezone: Zone | None = None
    fields: Fields = defaults()
    pipelines: dict[Whole, Pipeline] = defaults()
    expenses: Expenses = defaults()
    test_names: tuple[Text, ...] = ()
    last_payment: LastPayment | None = None
    payments_confirmed_from: Proof = "field"

    @model_validator(mode="after")
    def _fields_prove_payments(self) -> "Roles":
        if self.last_payment == "fields" and not self.fields.payments:
            raise wrong("payments_unmapped", below=("last_payment",))
        return self

    @property
    def proof_of_last_payment(self) -> LastPayment:
        """What proves that the rest was paid: the chosen rule or, if none is, what the fields allow."""
        return self.last_payment or ("fields" if self.fields.payments else "won")
