"""What the demo company's office types beside amoCRM, as csv files in a folder: plans, rates, advertising, money."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sandbox.amocrm.premises import MATERIALS, Premises

Row = tuple[object, ...]

COMPANY_PLAN = 2_400_000
SELLER_PLAN = 300_000
SALARY = 25_000
IN_THE_BANK = 900_000
ADVERTISING = (("Авито", 34_000), ("Яндекс.Директ", 61_000), ("ВКонтакте", 17_000), ("2ГИС", 12_000))
HOLIDAYS = (
    (1, 1),
    (1, 2),
    (1, 3),
    (1, 4),
    (1, 5),
    (1, 6),
    (1, 7),
    (1, 8),
    (2, 23),
    (3, 8),
    (5, 1),
    (5, 9),
    (6, 12),
    (11, 4),
)
REPAIR = ("Ремонт станка", 9, 45_000)
FIRST_DUE, LAST_DUE = 2, 30  # days until the supplier wants the money for what is ordered


def type_tables(folder: Path, premises: Premises, today: date, months: int) -> None:
    """Write the files; the same arguments write the same ones."""
    sellers = premises.sellers
    rng = Random(f"office {today:%Y-%m}")
    first = [_month(today, -back) for back in range(months - 1, -2, -1)]
    _write(
        folder, "Планы", ("Месяц", "Кому", "Показатель", "План", "Действует с"), _plans(first, sellers, today)
    )
    rates = ("Кому", "Роль", "База", "Ставка", "Сумма", "От выполнения плана", "Действует с")
    _write(folder, "Ставки", rates, _rates(sellers, first[0]))
    _write(folder, "Реклама", ("Месяц", "Источник", "Сумма"), _ads([m for m in first if m <= today], rng))
    _write(folder, "Деньги", ("Дата", "Счёт", "Остаток"), [(_day(today), "Расчётный счёт", IN_THE_BANK)])
    _write(folder, "Праздники", ("Дата", "Рабочий"), _holidays(first))
    bills = ("Месяц", "Статья", "Сумма", "Направление", "Сделка", "Срок оплаты", "Оплачено")
    _write(folder, "Расходы", bills, _bills(today, premises.orders, rng))


def _plans(months: Sequence[date], sellers: Sequence[str], today: date) -> Iterator[Row]:
    for month in months:
        yield f"{month:%m.%Y}", "", "оборот", COMPANY_PLAN, ""
        for seller in sellers:
            yield f"{month:%m.%Y}", seller, "оборот", SELLER_PLAN, ""
    raised = today.replace(day=min(15, today.day))
    yield f"{today:%m.%Y}", "", "оборот", COMPANY_PLAN + 300_000, _day(raised)


def _rates(sellers: Sequence[str], since: date) -> list[Row]:
    return [
        *((seller, "продажи", "оклад", "", SALARY, "", _day(since)) for seller in sellers),
        ("", "продажи", "оплата", "3%", "", "", ""),
        ("", "продажи", "оплата", "4%", "", "100%", ""),
        ("", "замер", "замер", "", 500, "", ""),
    ]


def _ads(months: Sequence[date], rng: Random) -> Iterator[Row]:
    for month in months:
        for source, usual in ADVERTISING:
            yield f"{month:%m.%Y}", source, round(usual * rng.uniform(0.85, 1.2), -2)


def _holidays(months: Sequence[date]) -> Iterator[Row]:
    for year in sorted({month.year for month in months}):
        for month, day in HOLIDAYS:
            yield _day(date(year, month, day)), "нет"


def _bills(today: date, orders: Sequence[tuple[int, str]], rng: Random) -> Iterator[Row]:
    article, days, amount = REPAIR
    yield f"{today:%m.%Y}", article, amount, "Цех", "", _day(today + timedelta(days)), "нет"
    for deal, cost in orders:
        due = today + timedelta(rng.randint(FIRST_DUE, LAST_DUE))
        yield f"{today:%m.%Y}", MATERIALS, cost, "Цех", deal, _day(due), "нет"


def _month(day: date, away: int) -> date:
    number = day.year * 12 + day.month - 1 + away
    return date(number // 12, number % 12 + 1, 1)


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _write(folder: Path, title: str, head: Row, rows: Iterator[Row] | Sequence[Row]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{title}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([head, *rows])
