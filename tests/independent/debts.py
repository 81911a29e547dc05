"""Who owes whom, since when, and what is expected when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.independent.counting import BLANK, DEALS, Row, grouped, share, total
from tests.independent.facts import Deal
from tests.independent.terms import Terms

AGES: tuple[tuple[str, Callable[[int], bool]], ...] = (
    ("не наступил срок", lambda days: days < 0),
    ("сегодня", lambda days: days == 0),
    ("1–7", lambda days: 1 <= days <= 7),
    ("8–30", lambda days: 8 <= days <= 30),
    ("31–60", lambda days: 31 <= days <= 60),
    ("60+", lambda days: days > 60),
)
UNDATED = "без даты"
KINDS = {"prepayment": "предоплата", "payment": "платёж", "rest": "остаток", "refund": "возврат"}


@dataclass(frozen=True)
class Debts:
    """Balances of the deals as of today."""

    terms: Terms
    deals: tuple[Deal, ...]

    def receivables(self) -> list[Row]:
        """What clients still owe by running contracts whose amount is known."""
        rows = []
        for deal in self.deals:
            if not deal.is_running or deal.amount is None or deal.amount <= self.received(deal):
                continue
            due = deal.installation_on
            late = (self.terms.today - due).days if due else None
            rows.append(
                {
                    **_card(deal),
                    "received_amount": self.received(deal),
                    "receivable_amount": deal.amount - self.received(deal),
                    "overdue_amount": deal.amount - self.received(deal) if late and late > 0 else Decimal(0),
                    "due_on": due,
                    "overdue_days": late if late is not None and late >= 0 else None,
                    "bucket": UNDATED if late is None else next(name for name, holds in AGES if holds(late)),
                }
            )
        return rows

    def ageing(self) -> list[Row]:
        rows = self.receivables()
        whole = total(row["receivable_amount"] for row in rows)
        told = []
        for name in (*(name for name, _ in AGES), UNDATED):
            found = [row for row in rows if row["bucket"] == name]
            owed = total(row["receivable_amount"] for row in found)
            told.append(
                {
                    "bucket": name,
                    "deals": len(found),
                    "receivable_amount": owed,
                    "receivable_rate": share(owed, whole),
                    "overdue_amount": total(row["overdue_amount"] for row in found),
                    DEALS: [row["deal_id"] for row in found],
                }
            )
        return told

    def to_clients(self) -> list[Row]:
        """What was paid over a running contract, and all that was paid for a lost or deleted deal."""
        rows = []
        for deal in self.deals:
            received, is_off = self.received(deal), deal.is_deleted or deal.is_lost
            over = (
                received
                if is_off
                else received - deal.amount
                if deal.is_running and deal.amount
                else Decimal(0)
            )
            if over > 0:
                reason = (
                    "переплата"
                    if not is_off
                    else "расторгнут после оплаты"
                    if deal.contract
                    else "отказ после оплаты"
                )
                rows.append(
                    {**_card(deal), "received_amount": received, "debt_amount": over, "reason": reason}
                )
        return rows

    def expected(self) -> list[Row]:
        """Each payment that is still to come: dated later than today, and the rest on the day of installation."""
        rows = []
        for deal in self.deals:
            is_off = deal.is_deleted or deal.is_lost  # nothing but what is to be given back
            ahead: list[tuple[date | None, str, Decimal]] = [
                (one.on, one.kind if one.amount > 0 else "refund", one.amount)
                for one in deal.payments
                if one.on and one.on > self.terms.today and (one.amount < 0 or not is_off)
            ]
            known = self.received(deal) + total(amount for _, _, amount in ahead)
            if deal.is_running and deal.amount is not None and deal.amount > known:
                ahead.append((deal.installation_on, "rest", deal.amount - known))
            ahead.sort(key=lambda one: one[0] or date.max)
            rows += [self._expected(deal, number, *one) for number, one in enumerate(ahead, start=1)]
        return sorted(rows, key=lambda row: (row["due_on"] or date.max, row["deal_id"], row["seq"]))

    def schedule(self) -> list[Row]:
        """The overdue in one row, then day by day, the undated last; only days run up a total."""
        groups = grouped(self.expected(), lambda row: (row["bucket"], _shown_day(row)))
        places = {"просрочено": 0, "ожидается": 1, UNDATED: 2}
        rows: list[Row] = []
        running = Decimal(0)
        for bucket, day in sorted(groups, key=lambda key: (places[key[0]], key[1] or date.min)):
            found = groups[bucket, day]
            amount = total(row["expected_amount"] for row in found)
            running += amount if day else 0
            rows.append(
                {
                    "bucket": bucket,
                    "due_on": day,
                    "payments": len(found),
                    "expected_amount": amount,
                    "cumulative_amount": running if day else None,
                    DEALS: [row["deal_id"] for row in found],
                }
            )
        return rows

    def received(self, deal: Deal) -> Decimal:
        return total(one.amount for one in deal.payments if one.on is not None and one.on <= self.terms.today)

    def _expected(self, deal: Deal, seq: int, due: date | None, kind: str, amount: Decimal) -> Row:
        bucket = UNDATED if due is None else "просрочено" if due < self.terms.today else "ожидается"
        told = {"due_on": due, "bucket": bucket, "seq": seq, "kind": KINDS[kind], "expected_amount": amount}
        return {**_card(deal), **told}


def _shown_day(row: Row) -> date | None:
    return row["due_on"] if row["bucket"] == "ожидается" else None


def _card(deal: Deal) -> dict[str, Any]:
    contract = deal.contract
    return {
        "deal_id": deal.lead_id,
        "name": deal.name,
        "client": deal.client or BLANK,
        "manager_id": contract.manager if contract else deal.owner,
        "contract_on": contract.on if contract else None,
        "contract_amount": deal.amount,
        DEALS: [deal.lead_id],
    }
