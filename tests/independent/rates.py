"""How people of the company are paid, as somebody types it: rates, salaries and days worked."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from sandbox.amocrm.account import Account
from tests.independent.counting import months_back
from tests.independent.typed import Typed, save, typed_for

BASES = {
    "contract": "договор",
    "paid": "оплата",
    "closed_act": "закрытый акт",
    "gross_profit": "валовая прибыль",
    "net_profit": "чистая прибыль",
    "measurement": "замер",
    "installation": "монтаж",
    "fixed": "оклад",
}
SCALES = {False: "на всё", True: "на превышение"}


@dataclass(frozen=True)
class Rate:
    """One row of the table: a part of the base, or roubles."""

    base: str
    rate: Decimal | None = None
    amount: Decimal | None = None
    whom: int | None = None
    tier: Decimal = Decimal(0)
    is_marginal: bool = False
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Pay:
    """The rates, and the days that each worked in a month."""

    rates: tuple[Rate, ...] = ()
    worked: tuple[tuple[date, int, Decimal], ...] = ()


def everything_paid_for(today: date, account: Account) -> tuple[Typed, Pay]:
    """Every base, both scales, rates that change in time, three sorts of salary; plans that tiers hang on."""
    month, before = today.replace(day=1), months_back(today.replace(day=1), 1)
    middle, whole = before + timedelta(days=13), Decimal
    people = Counter(lead.responsible_user_id for lead in account.leads.values() if lead.price)
    first, second, third, *_ = (who for who, _ in people.most_common() if who in account.users)
    typed = typed_for(today, {user.id: user.name for user in account.users.values()})
    months = [months_back(month, count) for count in range(12)]
    plans = [
        *((when, who, "turnover", 100_000) for when in months for who in (first, second)),
        *((when, third, "turnover", 30_000) for when in months),
        *((when, first, "gross_profit", 20_000) for when in months[:8]),
        *((when, second, "receipts", 90_000) for when in months[:8]),
        (months[3], first, "receipts", 250_000),
    ]
    known = {one[:3] for one in plans}
    kept = (one for one in typed.plans if one[:3] not in known)
    rates = (
        Rate("contract", Decimal("0.03")),
        Rate("contract", Decimal("0.045"), tier=Decimal("0.8")),
        Rate("contract", Decimal("0.041111"), whom=second, since=middle, until=month + timedelta(days=9)),
        Rate("paid", Decimal("0.02"), is_marginal=True),
        Rate("paid", Decimal("0.035"), tier=Decimal("0.5"), is_marginal=True),
        Rate("paid", Decimal("0.05"), tier=Decimal(1), is_marginal=True),
        Rate("closed_act", Decimal("0.01"), until=before + timedelta(days=20)),
        Rate("closed_act", Decimal("0.015"), since=middle),
        Rate("gross_profit", Decimal("0.05"), is_marginal=True),
        Rate("gross_profit", Decimal("0.08"), tier=Decimal("0.6"), is_marginal=True),
        Rate("net_profit", Decimal("0.033333")),
        Rate("measurement", amount=Decimal("499.99")),
        Rate("installation", amount=Decimal(1500)),
        Rate("fixed", amount=Decimal(44_000), whom=first, since=before),
        Rate("fixed", amount=Decimal("50000.05"), whom=first, since=middle),
        Rate("fixed", amount=Decimal(30_000), whom=second, since=before),
        Rate("fixed", amount=Decimal(21_000), since=before),
    )
    worked = ((before, second, whole("11")), (before, third, whole("7.5")), (month, third, whole("3.25")))
    return replace(typed, plans=(*kept, *plans)), Pay(rates, worked)


def type_in_pay(pay: Pay, folder: Path, names: dict[int, str]) -> None:
    """Save both tables as people would."""
    header = (
        "Кому",
        "База",
        "Ставка",
        "Сумма",
        "От выполнения плана",
        "Шкала",
        "Действует с",
        "Действует по",
    )
    save(folder, "Ставки", header, (tuple(_cells(one, names)) for one in pay.rates))
    days = ((f"{month:%m.%Y}", names[who], str(number)) for month, who, number in pay.worked)
    save(folder, "Табель", ("Месяц", "Сотрудник", "Дней"), days)


def _cells(one: Rate, names: dict[int, str]) -> Iterator[str]:
    yield names[one.whom] if one.whom else ""
    yield BASES[one.base]
    yield "" if one.rate is None else _percents(one.rate)
    yield "" if one.amount is None else str(one.amount)
    yield _percents(one.tier) if one.tier else ""
    yield SCALES[one.is_marginal]
    for day in (one.since, one.until):
        yield f"{day:%d.%m.%Y}" if day else ""


def _percents(fraction: Decimal) -> str:
    return f"{fraction * 100:f}%".replace(".", ",")
