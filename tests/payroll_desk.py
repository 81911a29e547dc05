"""A desk where wages are worked out: pay rules, contracts and payments in few words; the slips as short tuples."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.golden_marts.ledgers import TODAY, Ledgers, Row, day, deal, payment, turnover

ANNA, BORIS, VERA = 1, 2, 3
NAMES = {ANNA: "Анна", BORIS: "Борис", VERA: "Вера"}  # Вера has left
Line = tuple[str, int | None, str]  # day, deal, sum


class Desk(Ledgers):
    """Ledgers with people, and the shortest words for what wages depend on."""

    def __init__(self, today: date = TODAY) -> None:
        super().__init__(today)
        self.write("users", [
            {"user_id": who, "name": name, "is_active": who != VERA} for who, name in NAMES.items()
        ])  # fmt: skip
        self._rules = 0

    def rule(self, base: str, **facts: Any) -> None:
        self._rules += 1
        whom = NAMES.get(facts.get("manager_id", 0), "")
        row = {
            "rule_id": self._rules,
            "whom": whom,
            "role": "",
            "base": base,
            "tier_from": 0,
            "scale": "whole",
        }
        self.write("pay_rules", [row | facts])

    def contract(
        self, deal_id: int, signed_on: date, amount: int | str, manager: int = ANNA, **facts: Any
    ) -> None:
        """A signed contract with the first row of its turnover."""
        row = {
            "step": "contract",
            "contract_on": signed_on,
            "contract_manager_id": manager,
            "contract_amount": Decimal(amount),
        }
        self.write("deals", [deal(deal_id, signed_on, **(row | facts))])
        self.write("turnover_entries", [turnover(deal_id, 1, "signed", signed_on, Decimal(amount), manager)])

    def moved(self, deal_id: int, seq: int, kind: str, booked_on: date, amount: int | str) -> None:
        """A later row of a contract's turnover."""
        self.write("turnover_entries", [turnover(deal_id, seq, kind, booked_on, Decimal(amount), ANNA)])

    def paid(self, deal_id: int, seq: int, paid_on: date, amount: int, **facts: Any) -> None:
        self.write("payments", [{**payment(deal_id, seq, "payment", paid_on, amount), **facts}])

    def plan(self, month: date, manager: int, *versions: int, measure: str = "turnover") -> None:
        for number, amount in enumerate(versions, start=1):
            row: Row = {"month": month, "whom": "Анна", "manager_id": manager, "measure": measure}
            self.write("plans", [{**row, "version": number, "valid_from": month, "amount": amount}])

    def share(self, deal_id: int, role: str, *shares: tuple[int, str]) -> None:
        for seq, (manager, share) in enumerate(shares):
            row: Row = {"deal_id": deal_id, "seq": seq, "role": role, "manager_id": manager}
            self.write("deal_shares", [{**row, "share": Decimal(share)}])

    def slip(self, month: date, manager: int = ANNA) -> list[Line]:
        """The lines of one person's month: day, deal, sum."""
        lines = self.connection.execute(
            "select strftime(on_day, '%d.%m'), deal_id, cast(amount as varchar) from mart.payroll_lines "
            "where month = ? and manager_id = ? order by seq",
            [month, manager],
        )
        return lines.fetchall()

    def total(self, month: date, manager: int = ANNA) -> str:
        [(amount,)] = self.connection.execute(
            "select cast(coalesce(sum(amount), 0) as varchar) from mart.payroll where month = ? and manager_id = ?",
            [month, manager],
        ).fetchall()
        return str(amount)


APRIL, MAY = day(4, 1), day(5, 1)
