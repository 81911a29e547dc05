"""The demo company's account before its first client: people, pipelines, fields, and what they mean."""

from dataclasses import dataclass
from typing import Any

from sandbox.amocrm import cast
from sandbox.amocrm.account import Account
from sandbox.amocrm.truth import LOST, WON

UNSORTED = "Неразобранное"
SALES = ("Новая заявка", "Перенос", "Замер", "КП", "Договор", "Монтаж")
SERVICE = ("Новое обращение", "Выезд мастера", "Ремонт")
EXPENSES = ("К оплате",)
MATERIALS, DELIVERY, FITTING = COSTS = ("Закуп материалов", "Расходы на доставку", "Расходы на монтаж")

_LEAD_FIELDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Дата заявки", "date", ()),
    ("Источник", "select", tuple(source.name for source in cast.SOURCES)),
    ("Результат звонка", "select", cast.CALL_RESULTS),
    ("Продукт", "select", tuple(product.name for product in cast.PRODUCTS)),
    ("Сумма договора", "monetary", ()),
    ("Дата договора", "date", ()),
    ("Скидка", "monetary", ()),
    ("Предоплата", "monetary", ()),
    ("Дата предоплаты", "date", ()),
    ("Доплата", "monetary", ()),
    ("Дата доплаты", "date", ()),
    ("Дата монтажа", "date", ()),
    *((article, "monetary", ()) for article in COSTS),
    ("Номер договора", "text", ()),
    ("Комментарий", "textarea", ()),
    ("Страница клиента", "url", ()),
    ("Нужен демонтаж", "checkbox", ()),
    ("Опции", "multiselect", ("Подоконник", "Откосы", "Отлив", "Москитная сетка")),
    ("Тип дома", "radiobutton", ("Панельный", "Кирпичный", "Частный дом")),
    ("Время замера", "date_time", ()),
    ("День рождения", "birthday", ()),
    ("Адрес", "streetaddress", ()),
    ("Адрес объекта", "smart_address", ()),
    ("Реквизиты", "legal_entity", ()),
    ("Профильная система", "chained_list", ()),
    ("Смета", "file", ()),
    ("Количество створок", "numeric", ()),
)
_UTM = ("UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN")


@dataclass(frozen=True, slots=True)
class Premises:
    """The ids of everything, by the names people use."""

    account: Account
    head: int
    managers: dict[str, int]
    pipelines: dict[str, int]
    statuses: dict[str, dict[str, int]]
    fields: dict[str, int]
    loss_reasons: dict[str, int]

    @property
    def mapping(self) -> dict[str, Any]:
        """What each field and status means, as a configuration has it."""
        field = self.fields
        return {
            "fields": {
                "lead_date": field["Дата заявки"],
                "source": field["Источник"],
                "call_result": field["Результат звонка"],
                "contract_amount": field["Сумма договора"],
                "contract_date": field["Дата договора"],
                "prepayment": {"amount": field["Предоплата"], "date": field["Дата предоплаты"]},
                "payments": [{"amount": field["Доплата"], "date": field["Дата доплаты"]}],
                "installation_date": field["Дата монтажа"],
                "discount": field["Скидка"],
                "product": field["Продукт"],
                "costs": {article: field[article] for article in COSTS},
            },
            "pipelines": {
                self.pipelines["Продажи"]: {"kind": "sales", "steps": self._steps("Продажи", _SALES_STEPS)},
                self.pipelines["Сервис"]: {"kind": "service", "steps": self._steps("Сервис", _SERVICE_STEPS)},
                self.pipelines["Расходы"]: {"kind": "expenses", "steps": {}},
            },
        }

    @property
    def sellers(self) -> list[str]:
        """Those who sell now, by name."""
        selling = [one.name for one in cast.MANAGERS if one.share > 0]
        return [name for name in selling if self.account.users[self.managers[name]].is_active]

    @property
    def orders(self) -> list[tuple[int, str]]:
        """What was ordered for deals that wait for the fitters: the deal and the price of its materials."""
        waiting, materials = self.statuses["Продажи"]["Договор"], self.fields[MATERIALS]
        leads = [lead for lead in self.account.leads.values() if lead.deleted_at is None]
        return [
            (lead.id, str(lead.fields[materials]))
            for lead in leads
            if lead.status_id == waiting and materials in lead.fields
        ]

    def _steps(self, pipeline: str, steps: dict[str, str]) -> dict[int, str]:
        own = {self.statuses[pipeline][name]: step for name, step in steps.items()}
        return {**own, WON: "won", LOST: "lost"}


_SALES_STEPS = {
    UNSORTED: "new",
    "Новая заявка": "new",
    "Перенос": "postponed",
    "Замер": "measure",
    "КП": "quote",
    "Договор": "contract",
    "Монтаж": "install",
}
_SERVICE_STEPS = {UNSORTED: "new", "Новое обращение": "new", "Выезд мастера": "measure", "Ремонт": "install"}


def furnish(account: Account) -> Premises:
    """Set the account up as its administrator would."""
    groups: dict[str, int] = {}
    for manager in cast.MANAGERS:
        if manager.group not in groups:
            groups[manager.group] = account.add_group(manager.group)
    head = account.add_user(cast.HEAD, is_admin=True)
    managers = {one.name: account.add_user(one.name, group_id=groups[one.group]) for one in cast.MANAGERS}
    pipelines = {
        "Продажи": account.add_pipeline("Продажи", SALES),
        "Сервис": account.add_pipeline("Сервис", SERVICE, won="Закрыто", lost="Отказ клиента"),
        "Расходы": account.add_pipeline("Расходы", EXPENSES, won="Оплачено", lost="Отменено"),
    }
    statuses = {
        name: {status.name: status.id for status in account.pipelines[pipeline_id].statuses.values()}
        for name, pipeline_id in pipelines.items()
    }
    fields = {name: account.add_field(name, kind, choices) for name, kind, choices in _LEAD_FIELDS}
    fields |= {code.lower(): account.add_field(code.lower(), "tracking_data", code=code) for code in _UTM}
    _furnish_people(account, fields)
    reasons = {name: account.add_loss_reason(name) for name in cast.LOSS_REASONS}
    return Premises(account, head, managers, pipelines, statuses, fields, reasons)


def _furnish_people(account: Account, fields: dict[str, int]) -> None:
    phones = ("WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER")
    for entity in ("contacts", "companies"):
        fields[f"{entity}: Телефон"] = account.add_field(
            "Телефон", "multitext", phones, entity=entity, code="PHONE"
        )
        fields[f"{entity}: Email"] = account.add_field(
            "Email", "multitext", ("WORK", "PRIV", "OTHER"), entity=entity, code="EMAIL"
        )
    fields["contacts: Должность"] = account.add_field("Должность", "text", entity="contacts", code="POSITION")
    fields["contacts: Дата рождения"] = account.add_field("Дата рождения", "birthday", entity="contacts")
    fields["companies: Web"] = account.add_field("Web", "url", entity="companies", code="WEB")
    fields["companies: Адрес"] = account.add_field("Адрес", "textarea", entity="companies", code="ADDRESS")
