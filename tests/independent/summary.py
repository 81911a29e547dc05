"""The owner's first tab: today, this week, this month, and the same days of the month before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.independent.counting import DEALS, Row, mean, month, months_back, share, total
from tests.independent.debts import Debts
from tests.independent.facts import Deal
from tests.independent.results import Results
from tests.independent.sales import Sales, profit, turnover
from tests.independent.terms import Terms

Period = tuple[date, date]
Figure = Callable[[Period], Decimal | int | None]


@dataclass(frozen=True)
class Summary:
    """The rows of the tab «Сводка»."""

    terms: Terms
    deals: tuple[Deal, ...]

    results: Results
    plans: Sequence[Row]
    """Of every month, everybody and every measure."""

    def rows(self) -> list[Row]:
        """What is earned and how much money there is; who owes it; the deals; what is not filled in."""
        flows, states = self._by_period(), self._at_present()
        return [*flows[:4], *self._ahead_of_us(), *states[:4], *flows[4:], *states[4:]]

    def _ahead_of_us(self) -> list[Row]:
        today = self.results.month_result()[-1]
        days = self.results.cash_gap()
        how = f"{today['state']}, расходы по дням"
        rows = [_now("Результат месяца на сегодня", today["result_amount"], how)]
        for name, balance in (
            ("Меньше всего денег на счетах", "optimistic_balance"),
            ("Меньше всего денег, осторожно", "careful_balance"),
        ):
            below = [row["on_day"] for row in days if row[balance] < 0]
            until = days[-1]["on_day"]
            note = f"ниже нуля {below[0]:%d.%m.%Y}" if below else f"хватает до {until:%d.%m.%Y}"
            rows.append(_now(name, min(row[balance] for row in days), note))
        return rows

    @property
    def periods(self) -> dict[str, Period]:
        """Each up to today, today included; a shorter month before is taken to its end."""
        today = self.terms.today
        before, monday = months_back(today, 1), today - timedelta(days=today.weekday())
        return {
            "today": (today, today),
            "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
            "week": (monday, today),
            "last_week": (monday - timedelta(days=7), today - timedelta(days=7)),
            "month": (month(today), today),
            "previous": (month(before), before),
        }

    def _by_period(self) -> list[Row]:
        leads = self._days(deal.lead_on for deal in self._present)
        measures = self._days(deal.measure[0] for deal in self._present if deal.measure)
        contracts = self._days(deal.reached[0] for deal in self._present if deal.reached)
        losses = self._days(day for deal in self._present for day, _ in deal.losses)
        figures: list[tuple[str, Figure]] = [
            ("Чистый оборот", lambda period: self._turnover(period)["net_amount"]),
            (
                "Получено денег",
                lambda period: total(sum_ for day, sum_, _ in self._sales.received() if _in(day, period)),
            ),
            ("Валовая прибыль", lambda period: self._profit(period)["profit_amount"]),
            ("Маржа", lambda period: self._profit(period)["margin_rate"]),
            ("Заявки", leads),
            ("Замеры/КП", measures),
            ("Договоры", contracts),
            ("Отказы", losses),
            ("Замеры/КП к заявкам", lambda period: share(measures(period), leads(period))),
            ("Договоры к заявкам", lambda period: share(contracts(period), leads(period))),
            ("Подписано", lambda period: self._turnover(period)["signed_amount"]),
            ("Расторгнуто", lambda period: self._turnover(period)["cancelled_amount"]),
            (
                "Изменено и восстановлено",
                lambda period: total(
                    self._turnover(period)[key] for key in ("changed_amount", "resumed_amount")
                ),
            ),
            ("Средний чек", self._average),
        ]
        return [self._line(name, figure) for name, figure in figures]

    def _line(self, name: str, figure: Figure) -> Row:
        values = {key: figure(period) for key, period in self.periods.items()}
        now, before = values["month"], values["previous"]
        change = None if now is None or not before else Decimal(now) - Decimal(before)
        if change is not None:
            change = share(-change if name == "Расторгнуто" else change, abs(Decimal(before or 0)))
        note = f"месяц: {self._coverage()}" if name in ("Валовая прибыль", "Маржа") else None
        return {
            "figure": name,
            **values,
            "change": change,
            **self._planned(name, now),
            "note": note,
            DEALS: [],
        }

    def _planned(self, name: str, now: Decimal | int | None) -> Row:
        """The company's plan of this month, where this figure has one."""
        measure = {"Получено денег": "Поступления"}.get(name, name)
        key = (month(self.terms.today), "компания", measure)
        [plan] = [row for row in self.plans if (row["month"], row["whom"], row["measure"]) == key] or [{}]
        if name == "Договоры" or not plan:
            return {}
        aim = plan["current_plan"]
        done = None if now is None or aim is None else share(now, aim)
        return {"plan": aim, "attainment": done, "forecast": plan["run_rate"], "needed": plan["needed"]}

    def _at_present(self) -> list[Row]:
        owed, expected = Debts(self.terms, self.deals).receivables(), Debts(self.terms, self.deals).expected()
        late = [row for row in owed if row["overdue_days"] is not None and row["overdue_days"] > 0]
        running = [deal for deal in self.deals if deal.is_running]
        blank = [deal for deal in running if deal.amount is None]
        partly = [deal for deal in running if None in deal.costs.values()]
        unfinished = [deal for deal in running if deal.step != "won"]
        undated = [deal for deal in unfinished if deal.installation_on is None]
        of = f"из действующих: {len(running)}"
        return [
            _now("Дебиторка сейчас", total(row["receivable_amount"] for row in owed), f"сделок: {len(owed)}"),
            _now(
                "Из неё просрочено", total(row["receivable_amount"] for row in late), f"сделок: {len(late)}"
            ),
            _now("Ожидается за 7 дней", self._ahead(expected, 7), "считая сегодня, минус возвраты"),
            _now("Ожидается за 30 дней", self._ahead(expected, 30), "считая сегодня, минус возвраты"),
            _now("Договоры без суммы", len(blank), of, blank),
            _now("Договоры без всех расходов", len(partly), of, partly),
            _now("Договоры без даты монтажа", len(undated), f"из не завершённых: {len(unfinished)}", undated),
        ]

    def _ahead(self, expected: list[Row], days: int) -> Decimal:
        until = self.terms.today + timedelta(days=days - 1)
        period = self.terms.today, until
        return total(
            row["expected_amount"] for row in expected if row["due_on"] and _in(row["due_on"], period)
        )

    @property
    def _present(self) -> list[Deal]:
        return [deal for deal in self.deals if not deal.is_deleted]

    @property
    def _sales(self) -> Sales:
        return Sales(self.terms, self.deals)

    def _turnover(self, period: Period) -> Row:
        return turnover(one for one in self._sales.moved() if _in(one[2].on, period))

    def _average(self, period: Period) -> Decimal | None:
        signed = (one for one in self._sales.moved() if one[2].kind == "signed" and _in(one[2].on, period))
        return mean([move.amount for _, _, move in signed if move.amount])

    def _profit(self, period: Period) -> Row:
        return profit([row for row in self._sales.profits() if _in(row["contract_on"], period)])

    def _coverage(self) -> str:
        told = self._profit(self.periods["month"])
        return f"по {told['complete_deals']} из {told['deals']} сделок"

    def _days(self, days: Iterable[date]) -> Callable[[Period], int]:
        known = list(days)
        return lambda period: sum(_in(day, period) for day in known)


def _now(name: str, value: Decimal | int, note: str, deals: Iterable[Deal] = ()) -> Row:
    return {"figure": name, "today": value, "note": note, DEALS: [deal.lead_id for deal in deals]}


def _in(day: date, period: Period) -> bool:
    return period[0] <= day <= period[1]
