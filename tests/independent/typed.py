"""What people of the company typed into its tables."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tests.independent.counting import months_back

LONG_AGO = 1_000_000_000


@dataclass(frozen=True)
class Typed:
    """Plans as (month, whose, measure, amount), ads as (month, source, amount), days off, cash as (day, sum)."""

    plans: tuple[tuple[date, int | None, str, int], ...] = ()
    ads: tuple[tuple[date, str, Decimal], ...] = ()
    days_off: tuple[date, ...] = ()
    cash: tuple[tuple[date, Decimal], ...] = ()


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
    folder.mkdir(exist_ok=True)
    plans = (
        (f"{month:%m.%Y}", names[who] if who else "", MEASURES[measure], str(amount))
        for month, who, measure, amount in typed.plans
    )
    _save(folder, "Планы", ("Месяц", "Кому", "Показатель", "План"), plans)
    ads = ((f"{month:%m.%Y}", source, str(amount)) for month, source, amount in typed.ads)
    _save(folder, "Реклама", ("Месяц", "Источник", "Сумма"), ads)
    _save(folder, "Праздники", ("Дата", "Рабочий"), ((f"{day:%d.%m.%Y}", "нет") for day in typed.days_off))
    cash = ((f"{day:%d.%m.%Y}", "Счёт", str(amount)) for day, amount in typed.cash)
    _save(folder, "Деньги", ("Дата", "Счёт", "Остаток"), cash)


def _save(folder: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    path = folder / f"{title}.csv"
    path.write_text("\n".join(";".join(line) for line in (header, *rows)), encoding="utf-8")
    os.utime(path, (LONG_AGO, LONG_AGO))
