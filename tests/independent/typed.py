"""What people of the company typed into its tables."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tests.independent.counting import month_end, months_back

LONG_AGO = 1_000_000_000


@dataclass(frozen=True)
class Expense:
    """What is spent on no deal; over several months each bears its part, the first ones a kopeck more."""

    month: date
    article: str
    amount: Decimal
    direction: str = ""
    due_on: date | None = None
    is_paid: bool = False
    months: int = 1

    @property
    def parts(self) -> list[tuple[date, Decimal]]:
        kopecks = int(self.amount * 100)
        return [
            (months_back(self.month, -n), Decimal(kopecks // self.months + (n < kopecks % self.months)) / 100)
            for n in range(self.months)
        ]

    @property
    def is_wages(self) -> bool:
        return self.article.strip().lower() == "зарплата"

    @property
    def paid_on(self) -> date:
        return self.due_on or month_end(self.month)


@dataclass(frozen=True)
class Typed:
    """Plans as (month, whose, measure, amount), ads as (month, source, amount), days off, cash as (day, sum)."""

    plans: tuple[tuple[date, int | None, str, int], ...] = ()
    ads: tuple[tuple[date, str, Decimal], ...] = ()
    days_off: tuple[date, ...] = ()
    cash: tuple[tuple[date, Decimal], ...] = ()
    expenses: tuple[Expense, ...] = ()


def typed_for(today: date, people: dict[int, str]) -> Typed:
    """Something in every table: this month and the one before, the company and one person."""
    month, before = today.replace(day=1), months_back(today.replace(day=1), 1)
    person = min(people, key=lambda one: people[one])
    weekday = next(day for n in range(5) if (day := month + timedelta(days=n)).weekday() < 5)
    return Typed(
        plans=(
            (month, None, "turnover", 5_000_000),
            (month, None, "receipts", 1),
            (before, None, "turnover", 2_000_000),
            (month, person, "contracts", 4),
            (month, person, "gross_profit", 100_000),
        ),
        ads=((month, "Сайт", Decimal("15000.50")), (before, "Нигде", Decimal(700))),
        days_off=(weekday,),
        expenses=(
            Expense(month, "Аренда", Decimal(80_000), "Офис", today + timedelta(days=5)),
            Expense(month, "Связь", Decimal("1200.07"), "", today - timedelta(days=1), is_paid=True),
            Expense(before, "Налоги", Decimal("12345.67"), "Офис", before.replace(day=10), is_paid=True),
            Expense(before, "Подписка", Decimal(100), months=3),
            Expense(before, "Зарплата", Decimal("31000.09"), "Офис", today - timedelta(days=2), is_paid=True),
            Expense(month, "зарплата", Decimal(250_000), "Офис", today + timedelta(days=9)),
        ),
        cash=((today - timedelta(days=3), Decimal("100000.10")), (today + timedelta(days=1), Decimal(5))),
    )


MEASURES = {
    "turnover": "оборот",
    "receipts": "поступления",
    "contracts": "договоры",
    "gross_profit": "валовая прибыль",
}


def type_in(typed: Typed, folder: Path, names: dict[int, str]) -> None:
    """Save the tables as people would."""
    plans = (
        (f"{month:%m.%Y}", names[who] if who else "", MEASURES[measure], str(amount))
        for month, who, measure, amount in typed.plans
    )
    save(folder, "Планы", ("Месяц", "Кому", "Показатель", "План"), plans)
    ads = ((f"{month:%m.%Y}", source, str(amount)) for month, source, amount in typed.ads)
    save(folder, "Реклама", ("Месяц", "Источник", "Сумма"), ads)
    save(folder, "Праздники", ("Дата", "Рабочий"), ((f"{day:%d.%m.%Y}", "нет") for day in typed.days_off))
    header = ("Месяц", "Статья", "Сумма", "Направление", "Срок оплаты", "Оплачено", "На месяцев")
    save(folder, "Расходы", header, (_expense(one) for one in typed.expenses))
    cash = ((f"{day:%d.%m.%Y}", "Счёт", str(amount)) for day, amount in typed.cash)
    save(folder, "Деньги", ("Дата", "Счёт", "Остаток"), cash)


def _expense(one: Expense) -> tuple[str, ...]:
    due = f"{one.due_on:%d.%m.%Y}" if one.due_on else ""
    paid = "да" if one.is_paid else "нет"
    return f"{one.month:%m.%Y}", one.article, str(one.amount), one.direction, due, paid, str(one.months)


def save(folder: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Save one table; it looks long finished."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{title}.csv"
    path.write_text("\n".join(";".join(line) for line in (header, *rows)), encoding="utf-8")
    os.utime(path, (LONG_AGO, LONG_AGO))
