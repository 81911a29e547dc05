"""A large company with all that money has: the demo company loaded the usual way, its deals then multiplied."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from warehouse.database import Session

MONTHS = 24
APART = 10_000_000  # between the number of a deal and that of its next twin
MANAGERS = 12
RENT, SALARIES, TAXES = 180_000, 900_000, 240_000

_TWINS = """
    insert into raw.records by name
    select records.* replace (
        records.id + {apart} * number as id,
        replace(
            records.payload, '"id":' || records.id || ',', '"id":' || (records.id + {apart} * number) || ','
        ) as payload,
        md5_number_lower(records.payload || number) as payload_md5
    )
    from raw.records as records
    cross join range(1, {times}) as copies (number)
    where records.stream = 'leads' and {is_sale}
"""


def type_tables(folder: Path, today: date, managers: Sequence[str]) -> None:
    """Write what the company's people type: plans, overheads, advertising, pay rules and the money in the bank."""
    folder.mkdir(parents=True, exist_ok=True)
    months = [f"{number % 12 + 1:02}.{number // 12}" for number in _last(today, MONTHS)]
    _write(folder / "Планы.csv", ("Месяц", "Кому", "Показатель", "План"), _plans(months, managers))
    bills = (("Аренда", RENT), ("Оклады", SALARIES), ("Налоги", TAXES))
    _write(
        folder / "Расходы.csv",
        ("Месяц", "Статья", "Сумма", "Срок оплаты", "Оплачено"),
        ((month, article, amount, f"10.{month}", "да") for month in months for article, amount in bills),
    )
    sources = ("Яндекс.Директ", "Авито", "Сайт")
    _write(
        folder / "Реклама.csv",
        ("Месяц", "Источник", "Сумма"),
        ((month, source, 90_000) for month in months for source in sources),
    )
    _write(
        folder / "Ставки.csv",
        ("База", "Ставка", "Сумма", "От выполнения плана"),
        (
            ("оплата", "3%", "", ""),
            ("оплата", "4%", "", "100%"),
            ("валовая прибыль", "2%", "", ""),
            ("договор", "1%", "", ""),
            ("замер", "", 500, ""),
            ("оклад", "", 40_000, ""),
        ),
    )
    _write(
        folder / "Деньги.csv", ("Дата", "Счёт", "Остаток"), ((f"01.{months[-1]}", "Расчётный", 3_500_000),)
    )


def multiply(session: Session, times: int, is_expense: Iterable[int]) -> None:
    """Give every deal that is no bill `times - 1` twins with the same history, under numbers of their own."""
    pipelines = ", ".join(str(number) for number in is_expense) or "0"
    sale = f"cast(payload ->> '$.pipeline_id' as bigint) not in ({pipelines})"
    with session.transaction() as tx:
        tx.execute(_TWINS.format(apart=APART, times=times, is_sale=sale))
        tx.execute(
            "insert into raw.events "
            f"select events.* replace (events.id || '-' || number as id, entity_id + {APART} * number as entity_id) "
            f"from raw.events as events cross join range(1, {times}) as copies (number) "
            "where entity_type = 'lead' and entity_id in "
            f"(select id from raw.records where stream = 'leads' and {sale})"
        )


def _plans(months: Sequence[str], managers: Sequence[str]) -> Iterable[tuple[object, ...]]:
    for month in months:
        for measure, amount in (("оборот", 60_000_000), ("поступления", 50_000_000), ("договоры", 400)):
            yield month, "", measure, amount
        for manager in managers:
            yield month, manager, "оборот", 60_000_000 // MANAGERS


def _last(today: date, months: int) -> range:
    present = today.year * 12 + today.month - 1
    return range(present - months + 1, present + 1)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
