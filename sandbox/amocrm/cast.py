"""The demo company's cast: who works there, where clients come from, what they buy, what they are called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manager:
    """A seller's ways.

    `closes` multiplies the chance to go on at each step; `refuses` the chance that the first call ends it
    all.

    `discount` is the usual share of the price given away; `share` how many of the leads he gets. He works
    from and until so many months before the present.
    """

    name: str
    group: str
    share: float = 1.0
    closes: float = 1.0
    refuses: float = 1.0
    discount: float = 0.03
    since: float = 99.0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """`quality` multiplies the chance of every step.

    `web` ones arrive by themselves, at any hour, with tags.
    """

    name: str
    share: float
    quality: float
    utm: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """Its prices in roubles, the share of the price that materials and the work of fitters take."""

    name: str
    share: float
    low: int
    high: int
    materials: float
    fitting: float


HEAD = "Виктория Лебедева"
MANAGERS = (
    Manager("Анна Соколова", "Отдел продаж", 1.2, 1.20, 0.8),
    Manager("Дмитрий Орлов", "Отдел продаж", 1.1, 1.05, 1.0),
    Manager("Елена Морозова", "Отдел продаж", 1.0, 1.10, 0.9, 0.02),
    Manager("Сергей Волков", "Отдел продаж", 1.2, 1.15, 0.9, 0.17),
    Manager("Игорь Зайцев", "Отдел продаж", 1.0, 0.75, 2.1),
    Manager("Ольга Павлова", "Отдел продаж", 0.9, 1.00, 1.0),
    Manager("Максим Фёдоров", "Отдел продаж", 0.9, 0.95, 1.1, until=5.0),
    Manager("Татьяна Белова", "Работа с партнёрами", 0.7, 1.10, 0.9),
    Manager("Алексей Ким", "Работа с партнёрами", 0.6, 1.00, 1.0, 0.05),
    Manager("Юлия Никитина", "Отдел продаж", 0.9, 0.90, 1.1, since=6.0),
    Manager("Павел Громов", "Сервисная служба", 0.0),
    Manager("Наталья Ершова", "Сервисная служба", 0.0),
)

SOURCES = (
    Source("Авито", 0.22, 0.75, "avito"),
    Source("Яндекс.Директ", 0.20, 0.95, "yandex"),
    Source("Сайт", 0.16, 1.05, "site"),
    Source("Рекомендация", 0.12, 1.45),
    Source("ВКонтакте", 0.09, 0.70, "vk"),
    Source("2ГИС", 0.08, 1.00, "2gis"),
    Source("Повторный клиент", 0.07, 1.55),
    Source("Холодный обзвон", 0.06, 0.40),
)

PRODUCTS = (
    Product("Окна ПВХ", 0.42, 28_000, 160_000, 0.42, 0.10),
    Product("Балкон под ключ", 0.18, 70_000, 240_000, 0.40, 0.16),
    Product("Лоджия", 0.12, 90_000, 310_000, 0.41, 0.15),
    Product("Входная дверь", 0.12, 22_000, 95_000, 0.50, 0.07),
    Product("Остекление коттеджа", 0.08, 240_000, 980_000, 0.47, 0.11),
    Product("Москитные сетки и отделка", 0.08, 3_500, 24_000, 0.36, 0.18),
)

LOSS_REASONS = (
    "Дорого", "Выбрали конкурента", "Не выходит на связь", "Передумали", "Не наш регион", "Не устроили сроки",
    "-10% не дали", "Расторгли договор", "Спам",
)  # fmt: skip

CALL_RESULTS = ("Отказ", "Перенос", "Замер", "КП", "Договор")

SEASON = (0.55, 0.60, 0.80, 0.95, 1.10, 1.15, 1.20, 1.30, 1.40, 1.30, 1.00, 0.70)
"""How the twelve months of the year compare."""

SURNAMES = (
    "Иванов", "Смирнов", "Кузнецов", "Попов", "Васильев", "Петров", "Михайлов", "Новиков", "Козлов",
    "Степанов",
    "Семёнов", "Голубев", "Виноградов", "Богданов", "Воробьёв", "Гусев", "Тарасов", "Комаров", "Киселёв",
    "Макаров",
)  # fmt: skip
MEN = ("Александр", "Андрей", "Николай", "Роман", "Артём", "Владимир", "Евгений", "Георгий")
WOMEN = ("Мария", "Екатерина", "Светлана", "Ирина", "Людмила", "Ксения", "Галина", "Вера")
STREETS = (
    "ул. Ленина",
    "пр. Мира",
    "ул. Гагарина",
    "ул. Садовая",
    "Школьная ул.",
    "наб. Волги",
    "ул. Победы",
)
COMPANIES = (
    "ООО «Ромашка»",
    "ИП Литвинов",
    "ООО «СтройДом»",
    "ТСЖ «Уют»",
    "АО «Тверьпроект»",
    "ООО «Вектор»",
)

HOSTILE_NAMES = (
    '=IMPORTXML("http://x","//a")',
    "+7 916 000-11-22",
    "007",
    "Окна 🪟 для бабушки 👵🏻",
    '=HYPERLINK("http://x";"жми")',
    "-5 окон, срочно",
    "@Алёна (инстаграм)",
    'Лоджия; "панорама", 2-й этаж',
    "1/2 дома",
    "12.05.2026",
    "ИСТИНА",
    "<b>Балкон</b> & «эркер»",
    "'Апостроф",
    "  пробелы по краям  ",
)
"""What people really type into a name, and what a spreadsheet would make of it."""

EXPENSES = (
    ("Аренда шоурума и склада", 95_000),
    ("Налоги и взносы", 62_000),
    ("Транспорт", 48_000),
    ("Связь и подписки", 18_500),
)
