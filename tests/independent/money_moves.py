"""A contract's amount as it moved, and the money that came in for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tests.independent.lives import Life, State, Turn
from tests.independent.terms import Terms

NOUGHT = Decimal(0)


@dataclass(frozen=True)
class Move:
    """A row of the turnover: on which day, how much."""

    kind: Literal["signed", "changed", "cancelled", "resumed"]
    on: date
    amount: Decimal


@dataclass(frozen=True)
class Payment:
    """Money of the client; without a date it is a promise."""

    kind: Literal["prepayment", "payment", "rest"]
    on: date | None
    amount: Decimal


def moves(life: Life, terms: Terms, on: date, evening: float, signing: Turn | None) -> tuple[Move, ...]:
    """The signature with the amount of that evening, then each later change, loss and return on its day.

    An amount that was first filled in later was missing before, not other: it counts from the evening on.
    `signing` is the turn that signed; None: a date typed by hand did, and what was off by then is off from then.
    """
    evenings = _amount(life.until(evening), terms)
    later = [_amount(turn.after, terms) for turn in life.turns if turn.at >= evening]
    standing = next((one for one in (evenings, *later) if one is not None), NOUGHT)
    told = [Move("signed", on, standing)]
    is_known, is_on = evenings is not None, True
    if signing is None and _is_off(life.until(evening), terms):
        is_on = False
        told.append(Move("cancelled", on, -standing))
    for turn in life.turns:
        if turn.at < (signing.at if signing else evening):
            continue
        day, goes_on = terms.day(turn.at), not _is_off(turn.after, terms)
        now = _amount(turn.after, terms) if turn.at >= evening else evenings
        is_known = is_known or now is not None
        amount = (now or NOUGHT) if is_known else standing
        if is_on and not goes_on:
            told.append(Move("cancelled", day, -standing))
        elif goes_on and not is_on:
            standing = amount
            told.append(Move("resumed", day, amount))
        elif goes_on and amount != standing:
            told.append(Move("changed", day, amount - standing))
            standing = amount
        is_on = goes_on
    return tuple(told)


def payments(life: Life, terms: Terms, contract_on: date | None, wins: Sequence[Turn]) -> tuple[Payment, ...]:
    """What the fields say; where nothing but a prepayment is mapped, winning proves the rest.

    What was given back after it had been paid before, as far as the price did not fall.
    """
    fields, roles = life.now.fields, terms.roles
    told: list[Payment] = []
    prepayment = roles.get("prepayment") or {}
    amount = terms.amount(prepayment.get("amount"), fields)
    if amount:
        told.append(Payment("prepayment", terms.date(prepayment.get("date"), fields) or contract_on, amount))
    for role in roles.get("payments") or ():
        amount = terms.amount(role["amount"], fields)
        if amount:
            told.append(Payment("payment", terms.date(role.get("date"), fields), amount))
    step = terms.step(life.now.pipeline_id, life.now.status_id)
    if terms.rest_is_paid_by_winning and step == "won":
        due = _amount(life.now, terms)
        won_on = terms.day(wins[-1].at)
        back = -sum((one.amount for one in told if one.amount < 0 and one.on and one.on >= won_on), NOUGHT)
        if due is not None:
            dearest = max(_prices_from(life, terms, won_on), default=due)
            rest = (
                due
                - sum((one.amount for one in told), NOUGHT)
                - max(back - max(dearest - due, NOUGHT), NOUGHT)
            )
            if rest > 0:
                told.append(Payment("rest", won_on, rest))
    return tuple(told)


def _prices_from(life: Life, terms: Terms, day: date) -> list[Decimal]:
    """Every amount of the contract that stood on that day or later."""
    ends = [terms.day(turn.at) for turn in life.turns[1:]]
    amounts = [_amount(turn.after, terms) for turn in life.turns]
    standing = [one for one, end in zip(amounts, [*ends, day], strict=True) if end >= day]
    return [one for one in standing if one is not None]


def _amount(state: State, terms: Terms) -> Decimal | None:
    return terms.contract_amount(state.fields, state.price)


def _is_off(state: State, terms: Terms) -> bool:
    return state.deleted or terms.step(state.pipeline_id, state.status_id) == "lost"
