"""Salaries by days worked, and the sums of the slips."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from tests.independent.counting import Row, grouped, month, month_end, rounded, share, total
from tests.independent.rates import Pay, Rate


def salaries(pay: Pay, today: date, days_off: Collection[date], here: Collection[int]) -> Iterator[Row]:
    """By person, month and rate. `here`: who has not left; who has, and whoever has no rate of his own, is paid
    only for the days that somebody wrote down."""
    rates = [one for one in pay.rates if one.base == "fixed"]
    first = min((month(one.since or today) for one in rates), default=None)
    typed = {(when, who): number for when, who, number in pay.worked}
    people = {one.whom for one in rates if one.whom} | {who for _, who in typed}
    while first is not None and first <= today:
        days = [first + timedelta(days=n) for n in range((month_end(first) - first).days + 1)]
        working = [day for day in days if day.weekday() < 5 and day not in days_off]
        for who in sorted(people):
            number = typed.get((first, who))
            chosen = [(day, one) for day in working if (one := _in_force(rates, who, day))]
            for rate, found in grouped(chosen, lambda pair: pair[1]).items():
                passed = sum(day <= today for day, _ in found)
                if number is None and (who not in here or rate.whom is None):
                    continue
                assert rate.amount is not None
                told = passed if number is None else rounded(number * len(found) / len(working), 2)
                exact = passed if number is None else number * len(found) / len(working)
                yield {
                    "month": first,
                    "manager_id": who,
                    "base_amount": rate.amount,
                    "rate": share(told, len(working)),
                    "amount": rounded(rate.amount * exact / len(working), 2),
                    "reason": f"рабочих дней {_plain(told)} из {len(working)}"
                    + ("" if number is None else " по табелю"),
                    "worked_on": [day for day, _ in found if day <= today],
                }
        first = month(month_end(first) + timedelta(days=1))


def _plain(number: Decimal | int) -> str:
    return f"{Decimal(number).normalize():f}".replace(".", ",")


def _in_force(rates: Iterable[Rate], who: int, day: date) -> Rate | None:
    fitting = [
        one for one in rates if one.whom in (None, who) and (one.since or day) <= day <= (one.until or day)
    ]
    return max(fitting, key=lambda one: (one.whom is not None, one.since or date.min), default=None)


def by_person(lines: Iterable[Row]) -> list[Row]:
    """The sum of each slip, part by part."""
    rows = []
    for (first, who), found in sorted(grouped(lines, lambda row: (row["month"], row["manager_id"])).items()):
        parts = grouped(found, _part)
        sums = {f"{part}_amount": total(row["amount"] for row in parts.get(part, [])) for part in PARTS}
        rows.append(
            {
                "month": first,
                "manager_id": who,
                **sums,
                "amount": total(row["amount"] for row in found),
                "lines": len(found),
                "state": "предварительно",
            }
        )
    return rows


def by_month(people: Iterable[Row]) -> list[Row]:
    """The sum of all slips."""
    names = [*(f"{part}_amount" for part in PARTS), "amount"]
    return [
        {
            "month": first,
            "people": len(found),
            **{name: total(row[name] for row in found) for name in names},
            "state": "предварительно",
        }
        for first, found in sorted(grouped(people, lambda row: row["month"]).items())
    ]


PARTS = ("salary", "percent", "event", "returned", "adjusted")


def _part(row: Row) -> str:
    if row["kind"] in ("cancelled", "refund"):
        return "returned"
    return {"fixed": "salary", "measurement": "event", "installation": "event"}.get(row["base"], "percent")
