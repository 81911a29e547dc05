"""A client of the demo company and the card that is opened for him."""

from datetime import date
from random import Random
from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.premises import Premises

_MAIL = ("mail.test", "yandex.test", "gmail.test")


def open_card(
    place: Premises, rng: Random, manager: int, moment: int | None = None
) -> tuple[int, int | None]:
    """A contact, in one case of eight with a company behind it; (contact id, company id)."""
    account, field = place.account, place.fields
    company_id = None
    if rng.random() < 0.12:
        company_fields: dict[int, Any] = {
            field["companies: Телефон"]: [(phone(rng), "WORK")],
            field["companies: Web"]: f"https://client{rng.randrange(1000)}.test",
            field["companies: Адрес"]: f"г. Тверь,\n{rng.choice(cast.STREETS)}, {rng.randrange(1, 90)}",
        }
        name = rng.choice(cast.COMPANIES)
        company_id = account.add_company(
            name, responsible_user_id=manager, fields=company_fields, moment=moment
        )
    fields: dict[int, Any] = {field["contacts: Телефон"]: [(phone(rng), "MOB")]}
    if rng.random() < 0.3:
        fields[field["contacts: Телефон"]].append((phone(rng), "HOME"))
    if rng.random() < 0.4:
        address = f"client{rng.randrange(10_000)}@{rng.choice(_MAIL)}"
        fields[field["contacts: Email"]] = [(address, "PRIV")]
    if company_id is not None:
        fields[field["contacts: Должность"]] = rng.choice(("Директор", "Снабженец", "Прораб"))
    if rng.random() < 0.1:
        fields[field["contacts: Дата рождения"]] = date(rng.randrange(1950, 2003), rng.randrange(1, 13), 12)
    contact_id = account.add_contact(
        person(rng), responsible_user_id=manager, fields=fields, company_id=company_id, moment=moment
    )
    return contact_id, company_id


def person(rng: Random) -> str:
    surname = rng.choice(cast.SURNAMES)
    return (
        f"{rng.choice(cast.MEN)} {surname}" if rng.random() < 0.5 else f"{rng.choice(cast.WOMEN)} {surname}а"
    )


def phone(rng: Random) -> str:
    """Free text, as people type it."""
    number = f"{rng.randrange(900, 999)}{rng.randrange(10**7):07d}"
    forms = ("+7{}", "8{}", "+7 {0:.3} {0}", "7{} (вечером)")
    return rng.choice(forms).format(number)


def particulars(place: Premises, rng: Random, source: cast.Source, moment: int) -> dict[int, Any]:
    """The fields that no report reads: now one, now another, of every type."""
    field, found = place.fields, {}
    chances: tuple[tuple[str, float, Any], ...] = (
        ("Комментарий", 0.3, f"Звонить после {rng.randrange(10, 19)}:00\nЭтаж {rng.randrange(1, 17)}"),
        ("Страница клиента", 0.08, f"https://vk.test/id{rng.randrange(10**6)}"),
        ("Нужен демонтаж", 0.35, True),
        ("Опции", 0.4, rng.sample(("Подоконник", "Откосы", "Отлив", "Москитная сетка"), rng.randrange(1, 4))),
        ("Тип дома", 0.5, rng.choice(("Панельный", "Кирпичный", "Частный дом"))),
        ("День рождения", 0.05, date(rng.randrange(1950, 2003), rng.randrange(1, 13), 5)),
        ("Адрес", 0.5, f"{rng.choice(cast.STREETS)}, {rng.randrange(1, 120)}"),
        (
            "Адрес объекта",
            0.1,
            {"city": "Тверь", "address_line_1": rng.choice(cast.STREETS), "zip": "170000"},
        ),
        ("Реквизиты", 0.06, {"name": rng.choice(cast.COMPANIES), "entity_type": 2, "vat_id": "6900000000"}),
        ("Профильная система", 0.07, [(4521, 527_001 + rng.randrange(5)), (4521, 527_010)]),
        ("Количество створок", 0.5, rng.choice((1, 2, 3, 4, "2.5"))),
    )
    for name, chance, value in chances:
        if rng.random() < chance:
            found[field[name]] = value
    if source.utm:
        found[field["utm_source"]] = source.utm
        found[field["utm_medium"]] = "cpc"
        found[field["utm_campaign"]] = f"okna_{moment // 2_592_000 % 12 + 1:02d}"
    return found
