"""A small account for tests: two sellers, two pipelines, a field of every type, a clock set by hand."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.amocrm.account import Account

FIELD_TYPES: tuple[tuple[str, Any], ...] = (
    ("text", "Текст с «кавычками» и \\"), ("textarea", "строка\nещё строка"), ("url", "https://x.test/?a=1&b=2"),
    ("numeric", "14012"), ("monetary", "100500.50"), ("checkbox", True), ("select", "Первый"),
    ("radiobutton", "Второй"), ("multiselect", ("Первый", "Второй")), ("date", 1_767_214_800),
    ("date_time", 1_767_268_800), ("birthday", 631_141_200), ("streetaddress", "ул. Ленина, 1"),
    ("smart_address", {"city": "Тверь", "zip": "170000"}), ("legal_entity", {"name": "ООО", "vat_id": 6900}),
    ("chained_list", ((1001, 12235), (1002, 12236))), ("tracking_data", "yandex"),
    ("file", {"file_uuid": "u", "version_uuid": "v", "file_name": "смета.pdf", "file_size": 20763}),
    ("multitext", (("+79990001122", "WORK"), ("007", "MOB"))), ("price", "12"),
    ("linked_entity", {"name": "Иван", "entity_id": 7000001, "entity_type": "contacts", "catalog_id": None}),
    ("items", ({"sku": "a", "unit_price": 10.5, "quantity": 2.0},)),
)  # fmt: skip
"""Every type of custom field with a value of it."""
_CHOICES = {
    "select": ("Первый", "Второй"),
    "radiobutton": ("Первый", "Второй"),
    "multiselect": ("Первый", "Второй"),
    "multitext": ("WORK", "MOB"),
}


@dataclass(slots=True)
class HandClock:
    """Time that stands still until it is moved."""

    now: float = 1_767_225_600.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@dataclass(slots=True)
class Small:
    """The account and the ids in it."""

    clock: HandClock = field(default_factory=HandClock)
    account: Account = field(init=False)
    anna: int = 0
    oleg: int = 0
    sales: int = 0
    repairs: int = 0
    new: int = 0
    measure: int = 0
    too_dear: int = 0
    source: int = 0
    phone: int = 0

    def __post_init__(self) -> None:
        account = self.account = Account(self.clock)
        self.anna = account.add_user("Анна", is_admin=True)
        self.oleg = account.add_user("Олег", group_id=account.add_group("Партнёры"))
        self.sales = account.add_pipeline("Продажи", ("Новая", "Замер"))
        self.repairs = account.add_pipeline("Ремонт", ("Новая",))
        self.new, self.measure = account.status(self.sales, "Новая"), account.status(self.sales, "Замер")
        self.too_dear = account.add_loss_reason("Дорого")
        self.source = account.add_field("Источник", "select", ("Авито", "Сайт"))
        self.phone = account.add_field(
            "Телефон", "multitext", ("WORK", "MOB"), entity="contacts", code="PHONE"
        )

    def lead(self, name: str = "Окна", **more: Any) -> int:
        """A new lead of Anna's, in the first status of sales."""
        wanted = {"pipeline_id": self.sales, "status_id": self.new, "responsible_user_id": self.anna}
        return self.account.add_lead(name, **{**wanted, **more})

    def lead_of_every_type(self) -> int:
        """A lead with a value in a field of every type; the fields are made for it."""
        account = self.account
        values = {account.add_field(kind, kind, _CHOICES.get(kind, ())): value for kind, value in FIELD_TYPES}
        return self.lead("Все типы", fields=values)
