"""Ledger rows in few words, and a warehouse in memory to build marts from them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from config_shape import Money
from metrics.build import Built, build
from metrics.catalog import load
from metrics.choices import choose
from tests.harness import ALONE
from warehouse.database import Transaction, connect
from warehouse.migrate import migrate

TODAY = date(2026, 5, 20)  # a Wednesday
ARTICLES = ("Закуп", "Доставка", "Монтаж")
CATALOG = load()

Row = dict[str, Any]


def deal(deal_id: int, lead_on: date, **facts: Any) -> Row:
    """A live deal of a sales pipeline; a contract's own date, owner and signature follow from its stage."""
    row: Row = {
        "deal_id": deal_id,
        "name": f"Сделка {deal_id}",
        "step": "new",
        "is_sale": True,
        "is_deleted": False,
        "is_lost": False,
        "is_cancelled": False,
        "created_at": datetime.combine(lead_on, time(9)),
        "updated_at": datetime.combine(lead_on, time(9)),
        "lead_at": datetime.combine(lead_on, time(9)),
        "lead_on": lead_on,
        "lead_manager_id": 1,
        "owner_id": 7,  # handed over since: who owns it now decides no figure
        "contract_reached_on": facts.get("contract_on"),
        "contract_reached_manager_id": facts.get("contract_manager_id"),
        "price": facts.get("contract_amount"),
        "is_signed": facts.get("contract_on") is not None,
    }
    return row | facts


def signed(deal_id: int, amount: int | None = 1_000, **facts: Any) -> Row:
    """A contract of this month."""
    facts = {"contract_on": day(5, 4), "contract_manager_id": 1, "measure_on": day(5, 3)} | facts
    return deal(deal_id, day(5, 1), step="contract", contract_amount=amount, **facts)


def turnover(
    deal_id: int, seq: int, kind: str, booked_on: date, amount: int | Decimal, manager_id: int | None
) -> Row:
    return {
        "deal_id": deal_id,
        "seq": seq,
        "kind": kind,
        "booked_at": datetime.combine(booked_on, time(12)),
        "booked_on": booked_on,
        "amount": Decimal(amount),
        "manager_id": manager_id,
    }


def entry(deal_id: int, seq: int, previous: str | None, step: str, entered_on: date, manager: int) -> Row:
    return {
        "deal_id": deal_id,
        "seq": seq,
        "step": step,
        "previous_step": previous,
        "entered_at": datetime.combine(entered_on, time(12)),
        "entered_on": entered_on,
        "manager_id": manager,
        "known_by": "event",
    }


def payment(deal_id: int, seq: int, kind: str, paid_on: date | None, amount: int) -> Row:
    return {
        "deal_id": deal_id,
        "seq": seq,
        "kind": kind,
        "paid_on": paid_on,
        "amount": Decimal(amount),
        "origin": "field",
    }


def costs(deal_id: int, *amounts: int | None) -> list[Row]:
    """What each article cost, None where nobody filled it in."""
    return [
        {"deal_id": deal_id, "article": article, "amount": amount}
        for article, amount in zip(ARTICLES, amounts, strict=True)
    ]


class Ledgers:
    """A warehouse in memory with the product's own tables."""

    def __init__(self, today: date = TODAY) -> None:
        self.connection: duckdb.DuckDBPyConnection = connect(":memory:", ALONE)
        migrate(self.connection)
        self.connection.execute("create schema mart")
        self.on(today)
        self.choose()

    def choose(self, **choices: object) -> None:
        """Take these choices of the section `money`, and the defaults of the others."""
        choose(Transaction(self.connection), Money(**choices).model_dump())  # type: ignore[arg-type]

    def on(self, today: date) -> None:
        self.connection.execute("set variable today = cast(? as date)", [today])

    def write(self, ledger: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            names = ", ".join(row)
            places = ", ".join("?" * len(row))
            self.connection.execute(
                f"insert into core.{ledger} ({names}) values ({places})", list(row.values())
            )

    def build(self, *names: str) -> list[Built]:
        return build(Transaction(self.connection), CATALOG, names or None)

    def rows(self, mart: str, *columns: str) -> list[tuple[Any, ...]]:
        """The rows of a mart in its own order."""
        return self.connection.execute(f"select {', '.join(columns) or '*'} from mart.{mart}").fetchall()

    def row(self, mart: str, where: str) -> Row:
        """The one row that fits."""
        answer = self.connection.execute(f"select * from mart.{mart} where {where}")
        names = [column[0] for column in answer.description or ()]
        [found] = answer.fetchall()
        return dict(zip(names, found, strict=True))


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def after(days: int) -> date:
    return TODAY + timedelta(days=days)
