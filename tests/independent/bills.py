"""Bills: deals of pipelines of expenses, paid when they are won, none when they are lost or in the trash."""

from decimal import Decimal

from sandbox.amocrm.truth import LOST, WON
from tests.independent.lives import lives
from tests.independent.terms import Terms
from tests.independent.typed import Expense


def bills(terms: Terms) -> tuple[Expense, ...]:
    """Each as an expense of the month in which it was entered; no field of theirs is mapped here."""
    return tuple(_bills(terms))


def _bills(terms: Terms) -> list[Expense]:
    told = []
    for life in lives(terms.account):
        now, card = life.now, terms.account.leads[life.lead_id]
        if life.lead_id in terms.stubs or now.deleted or now.status_id == LOST or not now.price:
            continue
        if terms.kind(now.pipeline_id) == "expenses":
            entered, is_paid = terms.day(card.created_at), now.status_id == WON
            paid_on = terms.day(card.closed_at or card.updated_at) if is_paid else entered
            amount = Decimal(now.price)
            article = now.name.strip() or "Без статьи"
            told.append(Expense(entered.replace(day=1), article, amount, "", paid_on, is_paid=is_paid))
    return told
