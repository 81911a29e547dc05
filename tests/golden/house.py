"""The account in which the golden company lives: people, pipelines, fields; and the verbs its deals are told in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.amocrm import Account

MOSCOW = ZoneInfo("Europe/Moscow")
ANNA, BORIS, VERA, GLEB = 1, 2, 3, 4
PEOPLE = {ANNA: "Анна", BORIS: "Борис", VERA: "Вера", GLEB: "Глеб"}
WON, LOST = 142, 143
STEPS = {
    "Окна": {"Новая": "new", "Перенос": "postponed", "Замер": "measure", "КП": "quote", "Договор": "contract",
             "Монтаж": "install"},
    "Опт": {"Заявка": "new", "Контракт": "contract"},
    "Сервис": {"Обращение": "new"},
    "Расходы": {"К оплате": ""},
}  # fmt: skip
KINDS = {"Окна": "sales", "Опт": "sales", "Сервис": "service", "Расходы": "expenses"}
FIELDS = {
    "Источник": ("select", ("Сайт", "Реклама")),
    "Продукт": ("multiselect", ("Окна", "Двери")),
    "Сумма договора": ("monetary", ()),
    "Предоплата": ("monetary", ()),
    "Дата предоплаты": ("date", ()),
    "Доплата": ("monetary", ()),
    "Дата доплаты": ("date", ()),
    "Дата монтажа": ("date", ()),
    "Закуп": ("monetary", ()),
    "Монтаж": ("monetary", ()),
    "Закуп по плану": ("monetary", ()),
    "Прайс": ("monetary", ()),
    "Скидка": ("monetary", ()),
    "Валюта": ("text", ()),
    "Проверка": ("checkbox", ()),
    "Второй продавец": ("text", ()),
    "Доля второго": ("numeric", ()),
    "Монтажник": ("text", ()),
    "На сделку": ("numeric", ()),
    "Статья": ("text", ()),
    "Дата расхода": ("date", ()),
    "Срок оплаты": ("date", ()),
}
LOSS_REASONS = ("Дорого", "Передумал")

Verb = Callable[["House", int, float], None]
"""Something done with a deal at a moment."""


@dataclass
class House:
    """An account furnished as below; ids are those that its people know their deals by: 1, 2, 3…"""

    account: Account

    def __post_init__(self) -> None:
        first = dict.fromkeys(("users", "pipelines", "fields", "loss_reasons"), 1)
        self.account._next |= {**first, "statuses": 201, "choices": 301, "contacts": 401}
        for number, name in PEOPLE.items():
            assert self.account.add_user(name, is_admin=number == ANNA) == number
        self.pipelines = {name: self.account.add_pipeline(name, steps) for name, steps in STEPS.items()}
        self.fields = {
            name: self.account.add_field(name, kind, choices) for name, (kind, choices) in FIELDS.items()
        }
        self.reasons = {name: self.account.add_loss_reason(name) for name in LOSS_REASONS}
        self.contacts: dict[str, int] = {}
        self.products = self.account.add_catalog("Товары", "products")

    def status(self, pipeline: str, name: str) -> int:
        return self.account.status(self.pipelines[pipeline], name)

    def named(self, values: Mapping[str, Any]) -> dict[int, Any]:
        return {self.fields[name.replace("_", " ")]: value for name, value in values.items()}

    def client(self, name: str) -> int:
        if name not in self.contacts:
            moment = at("01.04 09:00")
            self.contacts[name] = self.account.add_contact(name, responsible_user_id=ANNA, moment=moment)
        return self.contacts[name]

    @property
    def mapping(self) -> dict[str, Any]:
        """What each field and status means here."""
        field = self.fields
        return {
            "fields": {
                "source": field["Источник"],
                "product": field["Продукт"],
                "contract_amount": field["Сумма договора"],
                "prepayment": {"amount": field["Предоплата"], "date": field["Дата предоплаты"]},
                "payments": [{"amount": field["Доплата"], "date": field["Дата доплаты"]}],
                "installation_date": field["Дата монтажа"],
                "costs": {"Закуп": field["Закуп"], "Монтаж": field["Монтаж"]},
                "planned_costs": {"Закуп": field["Закуп по плану"]},
                "list_amount": field["Прайс"],
                "discount": field["Скидка"],
                "currency": field["Валюта"],
                "test": field["Проверка"],
                "shares": [
                    {"manager": field["Второй продавец"], "field": field["Доля второго"]},
                    {"manager": field["Монтажник"], "role": "installation"},
                ],
            },
            "expenses": {
                "article": field["Статья"], "deal": field["На сделку"], "date": field["Дата расхода"],
                "due_date": field["Срок оплаты"],
            },
            "pipelines": {
                self.pipelines[name]: {
                    "kind": kind,
                    "steps": {self.status(name, status): step for status, step in STEPS[name].items() if step},
                }
                for name, kind in KINDS.items()
            },
            "test_names": ["тест"],
            "payments_confirmed_from": "invoice",
            "last_payment": "won",
        }  # fmt: skip


def at(words: str) -> float:
    """A moment of 2026 by Moscow's clocks: «06.04», which is noon, or «30.04 23:59»; «30.04 21:30 UTC» elsewhere."""
    moment, _, zone = words.partition(" UTC") if words.endswith("UTC") else (words, "", None)
    day, _, clock = moment.partition(" ")
    parsed = datetime.strptime(f"{day}.2026 {clock or '12:00'}", "%d.%m.%Y %H:%M")
    return parsed.replace(tzinfo=MOSCOW if zone is None else UTC).timestamp()


def on(words: str) -> date:
    return datetime.strptime(f"{words}.2026", "%d.%m.%Y").date()


def lead(
    owner: int,
    price: int = 0,
    source: str | None = None,
    product: tuple[str, ...] | str = (),
    *,
    pipeline: str = "Окна",
    name: str = "",
    client: str = "",
    **fields: Any,
) -> Verb:
    """A new deal in the first step of a pipeline."""

    def do(house: House, deal: int, moment: float) -> None:
        house.account._next["leads"] = deal
        products = (product,) if isinstance(product, str) else product
        first = next(iter(STEPS[pipeline]))
        house.account.add_lead(
            name or f"Сделка {deal}", pipeline_id=house.pipelines[pipeline],
            status_id=house.status(pipeline, first), responsible_user_id=owner, price=price,
            fields=house.named({"Источник": source, "Продукт": products or None, **fields}),
            contacts=(house.client(client),) if client else (), moment=moment,
        )  # fmt: skip

    return do


def fill(price: int | None = None, **fields: Any) -> Verb:
    """The deal's budget and fields; blanks in the names of fields are written _."""

    def do(house: House, deal: int, moment: float) -> None:
        house.account.update_lead(deal, price=price, fields=house.named(fields), moment=moment)

    return do


def put_off(day: str, by: int) -> Verb:
    """The installation is to be on another day; who said so."""

    def do(house: House, deal: int, moment: float) -> None:
        house.account.update_lead(deal, fields=house.named({"Дата монтажа": on(day)}), by=by, moment=moment)

    return do


def to(status: str, pipeline: str = "Окна", **fields: Any) -> Verb:
    """Into a step, and what is filled in on that occasion."""

    def do(house: House, deal: int, moment: float) -> None:
        house.account.move_lead(
            deal, house.status(pipeline, status), pipeline_id=house.pipelines[pipeline], moment=moment
        )
        if fields:
            fill(**fields)(house, deal, moment)

    return do


def sells(product: str, price: int, quantity: int) -> Verb:
    """A line of the deal: a product of the list, its price and how many of it."""

    def do(house: House, deal: int, moment: float) -> None:
        element = house.account.add_product(house.products, product, price, moment=moment)
        house.account.link_element(deal, element, quantity=quantity, moment=moment)

    return do


def won(house: House, deal: int, moment: float) -> None:
    house.account.move_lead(deal, WON, moment=moment)


def lost(reason: str | None = None) -> Verb:
    def do(house: House, deal: int, moment: float) -> None:
        number = house.reasons[reason] if reason else None
        house.account.move_lead(deal, LOST, loss_reason_id=number, moment=moment)

    return do


def binned(house: House, deal: int, moment: float) -> None:
    house.account.delete_lead(deal, moment=moment)


def restored(house: House, deal: int, moment: float) -> None:
    house.account.restore_lead(deal, moment=moment)


def takes_in(loser: int) -> Verb:
    def do(house: House, deal: int, moment: float) -> None:
        house.account.merge_leads(deal, [loser], moment=moment)

    return do


def handed(owner: int) -> Verb:
    def do(house: House, deal: int, moment: float) -> None:
        house.account.update_lead(deal, responsible_user_id=owner, moment=moment)

    return do
