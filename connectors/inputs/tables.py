"""The tables that people fill in: their names, their columns, and what may stand in each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from unicodedata import normalize

Kind = Literal[
    "month", "day", "money", "rate", "percent", "number", "count", "flag", "choice", "currency",
    "manager", "deal", "article", "text",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key under which its value is kept, the header people see, and what belongs into it."""

    key: str
    title: str
    kind: Kind
    note: str
    example: str
    is_required: bool = False
    least: int | None = None  # the value must be at least this
    plain_below: int = (
        5  # without its sign a percentage is the fraction that a percent cell holds; more is refused
    )
    default: str = ""
    words: Mapping[str, str] = field(default_factory=dict)  # of a choice: what people write → what we keep


@dataclass(frozen=True, slots=True)
class Table:
    """One table; rows with the same `key` columns speak of the same thing, without a key every row stands alone."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_required)

    @property
    def required_key(self) -> tuple[str, ...]:
        """The columns of the key without which a row speaks of nothing."""
        return tuple(column.key for column in self.required if column.key in self.key)


_MONTH: Final = Column("month", "Месяц", "month", "Месяц: 05.2026, май 2026 или 01.05.2026", "05.2026", True)
_NOTE: Final = Column(
    "note", "Примечание", "text", "Любые слова; отличают строку от такой же второй", "за офис на Лесной"
)
_WHOM: Final = Column(
    "whom", "Кому", "manager", "Имя сотрудника, как в amoCRM; пусто – вся компания", "Иван Петров"
)

PLANS: Final = Table(
    "plans",
    "Планы",
    (
        _MONTH,
        _WHOM,
        Column(
            "measure", "Показатель", "choice", "оборот, поступления, договоры или валовая прибыль", "оборот",
            default="turnover",
            words={
                "оборот": "turnover", "поступления": "receipts", "договоры": "contracts",
                "валовая прибыль": "gross_profit",
            },
        ),
        Column("amount", "План", "money", "Рубли; для договоров – штуки", "1 500 000", True, least=0),
        Column(
            "valid_from", "Действует с", "day",
            "С какого дня действует изменённый план; пусто – со дня, когда строку изменили", "15.05.2026",
        ),
    ),
    key=("month", "whom", "measure", "valid_from"),
)  # fmt: skip

EXPENSES: Final = Table(
    "expenses",
    "Расходы",
    (
        Column("month", "Месяц", "month", "К какому месяцу относится расход: 05.2026", "05.2026", True),
        Column("article", "Статья", "article", "Статья расхода", "Аренда", True),
        Column("amount", "Сумма", "money", "Рубли; минус – возврат", "80 000"),
        Column(
            "planned_amount", "По плану", "money", "Сколько должно было уйти, если это известно", "75 000"
        ),
        Column("direction", "Направление", "text", "Направление бизнеса или отдел", "Офис"),
        Column(
            "deal_id", "Сделка", "deal", "Номер сделки или ссылка на неё; пусто – общий расход", "12345678"
        ),
        Column("due_on", "Срок оплаты", "day", "Когда платить или когда заплачено", "10.05.2026"),
        Column("is_paid", "Оплачено", "flag", "да или нет; пусто – нет", "да"),
        Column(
            "months",
            "На месяцев",
            "count",
            "На сколько месяцев разложить, начиная с указанного",
            "1",
            least=1,
        ),
        _NOTE,
    ),
)

ADS: Final = Table(
    "ads",
    "Реклама",
    (
        _MONTH,
        Column("source", "Источник", "text", "Источник, как в поле сделки", "Яндекс.Директ", True),
        Column("amount", "Сумма", "money", "Рубли", "120 000", True),
        _NOTE,
    ),
)

RATES: Final = Table(
    "rates",
    "Ставки",
    (
        Column("whom", "Кому", "manager", "Имя сотрудника; пусто – всем с этой ролью", "Иван Петров"),
        Column(
            "role", "Роль", "choice", "продажи, замер или монтаж; пусто – любая", "продажи",
            words={"продажи": "", "замер": "measurement", "монтаж": "installation"},
        ),
        Column(
            "base", "База", "choice",
            "договор, оплата, закрытый акт, валовая прибыль, чистая прибыль (доля), "
            "замер, монтаж (рубли за каждый) или оклад (рубли в месяц)", "оплата", True,
            words={
                "договор": "contract", "оплата": "paid", "закрытый акт": "closed_act",
                "валовая прибыль": "gross_profit", "чистая прибыль": "net_profit",
                "замер": "measurement", "монтаж": "installation", "оклад": "fixed",
            },
        ),
        Column("rate", "Ставка", "percent", "Доля от базы, со знаком процента", "5%", least=0, plain_below=1),
        Column("amount", "Сумма", "money", "Рубли: оклад, за замер, за монтаж", "50 000", least=0),
        Column(
            "tier_from", "От выполнения плана", "percent",
            "С какой доли плана действует ставка; пусто – с нуля", "100%", least=0, default="0",
        ),
        Column(
            "scale", "Шкала", "choice", "на всё – ставка на всю базу, на превышение – только сверх порога",
            "на всё", default="whole", words={"на всё": "whole", "на превышение": "marginal"},
        ),
        Column("valid_from", "Действует с", "day", "Первый день; пусто – всегда", "01.05.2026"),
        Column("valid_to", "Действует по", "day", "Последний день; пусто – бессрочно", "31.12.2026"),
    ),
)  # fmt: skip

EXCHANGE: Final = Table(
    "exchange",
    "Курсы",
    (
        Column("on_day", "Дата", "day", "День, с которого действует курс", "12.05.2026", True),
        Column("currency", "Валюта", "currency", "Три буквы: USD, EUR, CNY", "USD", True),
        Column("rate", "Курс", "rate", "Рублей за единицу", "92,4481", True),
    ),
    key=("on_day", "currency"),
)

PAYMENTS: Final = Table(
    "payments",
    "Платежи",
    (
        Column("paid_on", "Дата", "day", "День, когда деньги пришли или придут", "12.05.2026", True),
        Column("deal_id", "Сделка", "deal", "Номер сделки или ссылка на неё", "12345678", True),
        Column("amount", "Сумма", "money", "Минус – возврат клиенту", "30 000,50", True),
        Column("currency", "Валюта", "currency", "Три буквы; пусто – валюта аккаунта", ""),
        Column(
            "proof", "Чем подтверждено", "choice", "банк или бухгалтер; пусто – бухгалтер", "банк",
            default="confirmed", words={"банк": "bank", "бухгалтер": "confirmed"},
        ),
        Column("document", "Документ", "text", "Номер платёжки; отличает платёж от такого же второго", "п/п 115"),
    ),
)  # fmt: skip

CASH: Final = Table(
    "cash",
    "Деньги",
    (
        Column("on_day", "Дата", "day", "На утро какого дня известен остаток", "01.05.2026", True),
        Column("account", "Счёт", "text", "Счёт или касса", "Расчётный счёт", True),
        Column("amount", "Остаток", "money", "Рубли", "350 000", True),
    ),
    key=("on_day", "account"),
)

HOLIDAYS: Final = Table(
    "holidays",
    "Праздники",
    (
        Column("on_day", "Дата", "day", "День, который не как обычный день недели", "09.05.2026", True),
        Column(
            "is_working", "Рабочий", "flag", "да – рабочая суббота, нет – выходной; пусто – нет", "нет",
            default="false",
        ),
    ),
    key=("on_day",),
)  # fmt: skip

TIMESHEET: Final = Table(
    "timesheet",
    "Табель",
    (
        _MONTH,
        Column("manager", "Сотрудник", "manager", "Имя сотрудника, как в amoCRM", "Иван Петров", True),
        Column("days", "Дней", "number", "Сколько рабочих дней отработано", "18", True, least=0),
    ),
    key=("month", "manager"),
)

TABLES: Final = (PLANS, EXPENSES, ADS, RATES, EXCHANGE, PAYMENTS, CASH, HOLIDAYS, TIMESHEET)
"""In the order of checking: rates stand before the payments that need them."""
BY_NAME: Final = {table.name: table for table in TABLES}


def plain(text: str) -> str:
    """A name as it is compared: letter case, «ё», an accent typed apart and repeated blanks make no difference."""
    return " ".join(normalize("NFC", text).casefold().replace("ё", "е").split())
