"""One deal told by hand: payloads and events go in by the usual way, ledgers come out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from metrics.ledgers import Meaning, Role, refresh
from warehouse.database import Row, Transaction, Warehouse
from warehouse.records import merge_events, merge_records, replace_snapshot

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, noon in Moscow
DAY = 24 * 60
DEAL = 501
SALES, REPAIRS, BILLS = 10, 20, 30
NEW, LATER, MEASURE, QUOTE, CONTRACT, INSTALL, WON, LOST = 1, 2, 3, 4, 5, 6, 142, 143
AMOUNT, SOURCE, SIGNED_ON, PREPAID, PREPAID_ON, PAID, PAID_ON, GOODS, FITTING, FITTED_ON = range(901, 911)
ANNA, OLEG, VERA = 71, 72, 73
_STEPS = {
    NEW: "new",
    LATER: "postponed",
    MEASURE: "measure",
    QUOTE: "quote",
    CONTRACT: "contract",
    INSTALL: "install",
    WON: "won",
    LOST: "lost",
}
_OPTIONS = {1: "Авито", 2: "Сайт"}
ROLES = (
    Role("contract_amount", AMOUNT, "amount"),
    Role("source", SOURCE, "source"),
    Role("contract_date", SIGNED_ON, "date"),
    Role("prepayment_amount", PREPAID, "prepayment"),
    Role("prepayment_date", PREPAID_ON, "prepayment date"),
    Role("payment_amount", PAID, "payment"),
    Role("payment_date", PAID_ON, "payment date"),
    Role("cost", GOODS, "goods", article="Закуп", position=1),
    Role("cost", FITTING, "fitting", article="Монтаж", position=2),
    Role("installation_date", FITTED_ON, "fitted on"),
)
MEANING = Meaning(
    roles=ROLES,
    kinds={SALES: "sales", REPAIRS: "service", BILLS: "expenses"},
    steps={(SALES, status): step for status, step in _STEPS.items()},
    last_payment="fields",
    timezone="Europe/Moscow",
)

Told = tuple[str, Any]
"""A fact by the way it comes in: ("lead" | "event" | "stub", its JSON)."""


def minute(number: float) -> datetime:
    return BEGIN + timedelta(minutes=number)


def unix(number: float) -> int:
    return int(minute(number).timestamp())


def lead(
    status: int = NEW,
    *,
    at: float = 0,
    created: float = 0,
    pipeline: int = SALES,
    price: int = 0,
    owner: int = ANNA,
    fields: Mapping[int, Any] | None = None,
    deal: int = DEAL,
    **more: Any,
) -> Told:
    """The deal as a list shows it after a change at minute `at`."""
    values = [
        {
            "field_id": key,
            "values": [{"value": _OPTIONS[value], "enum_id": value} if key == SOURCE else {"value": value}],
        }
        for key, value in (fields or {}).items()
    ]
    is_closed = status in (WON, LOST)
    return "lead", {
        "id": deal, "name": "Окна", "price": price, "responsible_user_id": owner, "status_id": status,
        "pipeline_id": pipeline, "created_by": ANNA, "updated_by": ANNA, "created_at": unix(created),
        "updated_at": unix(at), "closed_at": unix(at) if is_closed else None, "is_deleted": False,
        "custom_fields_values": values or None, "_embedded": {"contacts": [], "companies": []},
        "loss_reason_id": None, **more,
    }  # fmt: skip


def stub(at: float, deal: int = DEAL) -> Told:
    """The deal as the list of the trash shows it."""
    return "stub", {"id": deal, "updated_at": unix(at), "is_deleted": True}


def moved(
    at: float, before: int, after: int, name: str = "m", *, pipelines: tuple[int, int] = (SALES, SALES)
) -> Told:
    sides = [
        {"lead_status": {"id": status, "pipeline_id": pipeline}}
        for status, pipeline in zip((before, after), pipelines, strict=True)
    ]
    return event("lead_status_changed", at, sides[0], sides[1], name)


def handed(at: float, before: int, after: int, name: str = "h") -> Told:
    sides = [{"responsible_user": {"id": user}} for user in (before, after)]
    return event("entity_responsible_changed", at, sides[0], sides[1], name)


def priced(at: float, before: int, after: int, name: str = "p") -> Told:
    sides = [{"sale_field_value": {"sale": sale}} for sale in (before, after)]
    return event("sale_field_changed", at, sides[0], sides[1], name)


def filled(at: float, field: int, before: Any, after: Any, name: str = "f") -> Told:
    """An event of a custom field; None is an empty one, an option is given by its id."""
    sides = [
        None if value is None else {"custom_field_value": _value(field, value)} for value in (before, after)
    ]
    return event(f"custom_field_{field}_value_changed", at, sides[0], sides[1], name)


def binned(at: float, name: str = "x") -> Told:
    return event("lead_deleted", at, None, None, name)


def restored(at: float, name: str = "y") -> Told:
    return event("lead_restored", at, None, None, name)


def event(kind: str, at: float, before: Any, after: Any, name: str) -> Told:
    return "event", {
        "id": f"{unix(at)}{name}", "type": kind, "entity_type": "lead", "entity_id": DEAL, "created_by": OLEG,
        "created_at": unix(at), "value_before": [before] if before else [], "value_after": [after] if after else [],
    }  # fmt: skip


class Desk:
    """Takes facts in and shows what the ledgers make of them."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._asked = 0
        self.looks_at: float = 90 * DAY  # the minute at which the account is asked
        self.meaning = MEANING
        pipelines = [
            {"id": one, "name": f"Воронка {one}", "sort": one, "_embedded": {"statuses": _statuses()}}
            for one in (SALES, REPAIRS, BILLS)
        ]
        fields: list[dict[str, Any]] = [
            {"id": role.field, "name": role.key, "code": None, "enums": None} for role in ROLES
        ]
        fields[1]["enums"] = [{"id": one, "value": label} for one, label in _OPTIONS.items()]
        self.snapshot("pipelines", "pipelines", pipelines)
        self.snapshot("lead_fields", "custom_fields", fields)

    def snapshot(self, stream: str, collection: str, items: Sequence[Mapping[str, Any]]) -> None:
        replace_snapshot(self._tx, stream, collection, [self._sheet(collection, items)])

    def tell(self, *facts: Told) -> "Desk":
        """Take the facts in, each by itself and in this order; then make the ledgers."""
        for kind, item in facts:
            if kind == "event":
                merge_events(self._tx, [self._sheet("events", [item])])
            else:
                sheet = self._sheet("leads", [item])
                merge_records(self._tx, "leads", "leads", [sheet], tombstones=kind == "stub")
        return self.refresh()

    def refresh(self, **meaning: Any) -> "Desk":
        self.meaning = replace(self.meaning, **meaning)
        self.made_again = refresh(self._tx, self.meaning).done
        return self

    def ask(self, sql: str) -> list[Row]:
        return self._tx.execute(sql)

    def deal(self, *columns: str) -> Any:
        """One cell of the deal, or a tuple of several."""
        (row,) = self.ask(f"select {', '.join(columns)} from core.deals where deal_id = {DEAL}")
        return row if len(columns) > 1 else row[0]

    def stages(self) -> list[Row]:
        """(step, how it is known, minute) of each entry."""
        found = self.ask("select step, known_by, entered_at from core.stage_entries order by deal_id, seq")
        return [(step, known_by, _minutes(at)) for step, known_by, at in found]

    def turnover(self) -> list[Row]:
        """(kind, whole roubles, day of March) of each entry."""
        found = self.ask("select kind, amount, booked_on from core.turnover_entries order by deal_id, seq")
        return [(kind, int(amount), on.day) for kind, amount, on in found]

    def everything(self) -> dict[str, list[Row]]:
        names = (
            "deals",
            "stage_entries",
            "owner_entries",
            "amount_changes",
            "turnover_entries",
            "payments",
            "costs",
            "installation_changes",
        )
        return {name: self.ask(f"from core.{name} order by all") for name in names}

    def _sheet(self, collection: str, items: Sequence[Mapping[str, Any]]) -> tuple[bytes, datetime]:
        self._asked += 1
        return json.dumps({"_embedded": {collection: items}}).encode(), minute(self.looks_at) + timedelta(
            seconds=self._asked
        )


@contextmanager
def a_desk(warehouse: Warehouse) -> Iterator[Desk]:
    """An account without deals; nothing of it is kept."""
    with warehouse.open("test") as session:
        session.execute("begin")
        try:
            yield Desk(Transaction(session._connection))
        finally:
            session.execute("rollback")


def _statuses() -> list[dict[str, Any]]:
    return [{"id": one, "name": step, "sort": one * 10} for one, step in _STEPS.items()]


def _value(field: int, value: Any) -> dict[str, Any]:
    if field == SOURCE:
        return {"field_id": field, "enum_id": value, "text": _OPTIONS[value]}
    return {"field_id": field, "enum_id": None, "text": str(value)}


def _minutes(moment: datetime) -> float:
    return (moment.replace(tzinfo=UTC) - BEGIN).total_seconds() / 60
