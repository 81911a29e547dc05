"""A big account for measuring: many leads with many fields, their pages ready as bytes."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.account import Account
from sandbox.amocrm.books import Settings, event_id
from sandbox.amocrm.company import MONTH, Demo
from sandbox.amocrm.days import DAY, local_date
from sandbox.amocrm.fields import settle, shown_all
from sandbox.amocrm.premises import COSTS, Premises, furnish
from sandbox.amocrm.truth import LOST, WON, Event, Lead, SharedValues, Value

PATTERNS = 5_000
"""How many different sets of field values there are."""
BULK = 600
"""So many leads were changed by one mass edit, within one second."""
_DATES = ("Дата заявки", "Дата договора", "Дата предоплаты", "Дата доплаты", "Дата монтажа", "День рождения")
_MONEY = ("Сумма договора", "Скидка", "Предоплата", "Доплата", *COSTS)


def big_account(leads: int, fields: int = 30, seed: int = 1, now: float | None = None) -> Demo:
    """`leads` deals with `fields` filled custom fields each and two events a lead.

    The same arguments give the same account. Up to 600 of the leads share the second of their last change.
    """
    present = int(time.time() if now is None else now)
    account = Account(settings=Settings(created_at=present - int(20 * MONTH)))
    place, rng = furnish(account), Random(f"big {seed}")
    for number in range(len(account.fields_of("leads")), fields):
        account.add_field(f"Поле {number}", "text")
    patterns = [
        SharedValues(*one) for one in _patterns(place, rng, present, fields, max(1, min(leads, PATTERNS)))
    ]
    bulk_at = present - 3 * DAY
    made = []
    for number in range(leads):
        created = present - int((leads - number) / leads * 18 * MONTH)
        updated = (
            bulk_at
            if number < BULK
            else created + rng.randrange(60, max(61, min(60 * DAY, present - created)))
        )
        made.append(_lead(place, rng, 9_000_001 + number, created, max(created, updated)))
    _fill(account, made, patterns)
    account.reserve("leads", leads)
    return Demo(account, place)


def change(demo: Demo, count: int, seed: int = 1) -> None:
    """`count` leads get another price and contract amount, now."""
    account = demo.account
    rng = Random(f"change {seed} {len(account.events)}")
    for lead_id in rng.sample(account.shelves["leads"].ids(), count):
        amount = rng.randrange(300, 4_000) * 100
        account.update_lead(lead_id, price=amount, fields={demo.premises.fields["Сумма договора"]: amount})


def _lead(place: Premises, rng: Random, lead_id: int, created: int, updated: int) -> Lead:
    owner = rng.choice(list(place.managers.values()))
    status = rng.choice([*list(place.statuses["Продажи"].values())[1:], WON, LOST])
    return Lead(
        lead_id, f"Окна {lead_id}", rng.randrange(300, 4_000) * 100, owner, place.account.group_of(owner),
        status,
        place.pipelines["Продажи"], owner, owner, created, updated,
        closed_at=updated if status in (WON, LOST) else None,
    )  # fmt: skip


def _patterns(
    place: Premises, rng: Random, present: int, fields: int, count: int
) -> Iterator[tuple[dict[int, Value], str]]:
    """Sets of values with their JSON."""
    account = place.account
    definitions = account.fields_of("leads")[:fields]
    names = {field_id: name for name, field_id in place.fields.items()}
    for _ in range(count):
        day = local_date(present - rng.randrange(int(17 * MONTH)), account.zone)
        values = {
            one.id: settle(one, _value(names.get(one.id, ""), one.type, day, rng), account.zone)
            for one in definitions
        }
        yield values, shown_all(definitions, values)


def _value(name: str, kind: str, day: date, rng: Random) -> Any:
    if name in _DATES:
        return day + timedelta(days=rng.randrange(0, 30))
    if name in _MONEY:
        return rng.randrange(10, 3_000) * 100
    choices = {
        "Источник": [one.name for one in cast.SOURCES],
        "Результат звонка": list(cast.CALL_RESULTS),
        "Продукт": [one.name for one in cast.PRODUCTS],
        "Тип дома": ["Панельный", "Кирпичный", "Частный дом"],
    }
    if name in choices:
        return rng.choice(choices[name])
    by_kind: dict[str, Any] = {
        "multiselect": ["Откосы", "Отлив"],
        "checkbox": True,
        "date_time": 1_760_000_000 + rng.randrange(DAY),
        "smart_address": {"city": "Тверь", "address_line_1": rng.choice(cast.STREETS)},
        "legal_entity": {"name": rng.choice(cast.COMPANIES), "entity_type": 2, "vat_id": "6900000000"},
        "chained_list": [(4521, 527_001 + rng.randrange(5))],
        "file": {"file_uuid": f"{rng.getrandbits(64):016x}", "file_name": "Смета.pdf", "file_size": 20_763},
        "numeric": rng.randrange(1, 9),
    }
    return by_kind.get(kind, f"{rng.choice(cast.STREETS)}, {rng.randrange(10_000)}")


def _fill(account: Account, leads: list[Lead], patterns: list[SharedValues]) -> None:
    for number, lead in enumerate(leads):
        lead.fields = patterns[number % len(patterns)]
    account.leads.update((lead.id, lead) for lead in leads)
    account.shelves["leads"].fill((lead.id, lead.updated_at, lead) for lead in leads)
    account.events.extend(sorted(_history(account, leads), key=lambda event: event.id))
    account.shelves["events"].fill((one.id, one.created_at, one) for one in account.events)
    account.reserve("events", len(account.events))


def _history(account: Account, leads: list[Lead]) -> Iterator[Event]:
    number = 0
    first = min(account.pipelines)
    new = list(account.pipelines[first].statuses)[1]
    before = ({"lead_status": {"id": new, "pipeline_id": first}},)
    after = {
        status: ({"lead_status": {"id": status, "pipeline_id": first}},)
        for status in {lead.status_id for lead in leads}
    }
    note = ({"note": {"id": 1}},)
    for lead in leads:
        by, number = lead.responsible_user_id, number + 2
        added = event_id(lead.created_at, number)
        yield Event(added, "lead_added", lead.id, "lead", by, lead.created_at, note)
        moved = event_id(lead.updated_at, number + 1)
        told = after[lead.status_id], before
        yield Event(moved, "lead_status_changed", lead.id, "lead", by, lead.updated_at, *told)
