"""What one deal contributes to the figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from tests.independent.lives import Life, Turn, first, lives
from tests.independent.money_moves import Move, Payment, moves, payments
from tests.independent.terms import CONTRACTED, MEASURED, PATH, Terms

Passing = tuple[date, int]
"""A day and who was responsible then."""


@dataclass(frozen=True)
class Contract:
    """A signature: its day, whose it was, and what has become of the amount."""

    on: date
    manager: int
    amount: Decimal | None
    moves: tuple[Move, ...]
    is_cancelled: bool


@dataclass(frozen=True)
class Deal:
    """The facts of a deal that was ever in a sales pipeline."""

    lead_id: int
    name: str
    client: str | None
    source: str | None
    product: str | None
    reason: str | None
    price: Decimal
    step: str | None
    is_serviced: bool
    is_deleted: bool
    lead_on: date
    lead_manager: int
    owner: int
    measure: Passing | None
    measured: Passing | None
    reached: Passing | None
    losses: tuple[Passing, ...]
    returns: tuple[Passing, ...]
    contract: Contract | None
    won_on: date | None
    won_by: int | None
    installation_on: date | None
    payments: tuple[Payment, ...]
    costs: Mapping[str, Decimal | None]
    farthest: int
    worth: Decimal | None
    discount: Decimal | None

    @property
    def is_lost(self) -> bool:
        return self.step == "lost"

    @property
    def lost_on(self) -> date | None:
        return self.losses[-1][0] if self.is_lost else None

    @property
    def is_running(self) -> bool:
        """Signed, and not cancelled since."""
        return self.contract is not None and not self.contract.is_cancelled

    @property
    def amount(self) -> Decimal | None:
        return self.contract.amount if self.contract else None


def deals(terms: Terms) -> list[Deal]:
    """The deals that count: those that ever were in a sales pipeline."""
    return [
        _deal(life, terms)
        for life in lives(terms.account)
        if life.lead_id not in terms.stubs
        and any(terms.kind(turn.after.pipeline_id) == "sales" for turn in life.turns)
    ]


def _deal(life: Life, terms: Terms) -> Deal:
    fields, roles, card = life.now.fields, terms.roles, terms.account.leads[life.lead_id]
    passing = _passing(life, terms)
    measure = first(turn for turn in passing if _step(turn, terms) in MEASURED)
    contracted = first(turn for turn in passing if _step(turn, terms) in CONTRACTED)
    left_new = first(turn for turn in passing if _step(turn, terms) != "new")
    losses = [turn for turn in passing if _step(turn, terms) == "lost" != _step_before(turn, terms)]
    returns = [turn for turn in passing if _step_before(turn, terms) == "lost" != _step(turn, terms)]
    wins = [turn for turn in passing if _step(turn, terms) == "won"]
    contract = _contract(life, contracted, terms)
    step = terms.step(life.now.pipeline_id, life.now.status_id)
    reason = terms.account.loss_reasons.get(card.loss_reason_id or 0)
    return Deal(
        lead_id=life.lead_id,
        name=life.now.name,
        client=_client(life.lead_id, terms),
        source=_first_source(life, terms),
        product=terms.text(roles.get("product"), fields),
        reason=reason.name if reason else None,
        price=Decimal(life.now.price),
        step=step,
        is_serviced=terms.kind(life.now.pipeline_id) == "service",
        is_deleted=life.now.deleted,
        lead_on=terms.date(roles.get("lead_date"), fields) or terms.day(life.turns[0].at),
        lead_manager=left_new.after.owner if left_new else life.now.owner,
        owner=life.now.owner,
        measure=_passed(measure, terms),
        measured=_passed(first(turn for turn in passing if _step(turn, terms) == "measure"), terms),
        reached=_passed(contracted, terms),
        losses=tuple((terms.day(turn.at), turn.after.owner) for turn in losses),
        returns=tuple((terms.day(turn.at), turn.after.owner) for turn in returns),
        contract=contract,
        won_on=terms.day(wins[-1].at) if step == "won" else None,
        won_by=wins[-1].after.owner if step == "won" else None,
        installation_on=terms.date(roles.get("installation_date"), fields),
        payments=payments(life, terms, contract.on if contract else None, wins),
        costs={article: terms.amount(field, fields) for article, field in terms.articles.items()},
        farthest=max(
            (PATH.index(name) for turn in passing if (name := _step(turn, terms)) in PATH), default=0
        ),
        worth=terms.contract_amount(fields, life.now.price),
        discount=terms.amount(roles.get("discount"), fields),
    )


def _passing(life: Life, terms: Terms) -> list[Turn]:
    """The moves from one status to another, from the first sight of a sales pipeline on."""
    turns = life.turns
    came = next(n for n, turn in enumerate(turns) if terms.kind(turn.after.pipeline_id) == "sales")
    return [turn for turn in turns[came:] if _place(turn.before) != _place(turn.after)]


def _contract(life: Life, contracted: Turn | None, terms: Terms) -> Contract | None:
    """The contract by its typed date, else by the day on which its step was first reached."""
    typed = terms.date(terms.roles.get("contract_date"), life.now.fields)
    if contracted is None and typed is None:
        return None
    reached_on = terms.day(contracted.at) if contracted else None
    on = typed or reached_on
    assert on is not None
    evening = datetime.combine(on + timedelta(days=1), time(), terms.zone).timestamp()
    manager = contracted.after.owner if contracted and on == reached_on else life.until(evening).owner
    is_off = life.now.deleted or terms.step(life.now.pipeline_id, life.now.status_id) == "lost"
    return Contract(
        on,
        manager,
        terms.contract_amount(life.now.fields, life.now.price),
        moves(life, terms, on, evening, contracted if on == reached_on else None),
        is_off,
    )


def _first_source(life: Life, terms: Terms) -> str | None:
    field = terms.roles.get("source")
    return next((text for turn in life.turns if (text := terms.text(field, turn.after.fields))), None)


def _client(lead_id: int, terms: Terms) -> str | None:
    """The person on the card; without one, the company."""
    card = terms.account.leads[lead_id]
    people = [terms.account.contacts[one].name for one in card.contacts[:1]]
    firms = [terms.account.companies[one].name for one in (card.company_id,) if one]
    return next((name for name in (*people, *firms) if name), None)


def _place(state: object) -> tuple[int, int] | None:
    return (state.pipeline_id, state.status_id) if state is not None else None  # type: ignore[attr-defined]


def _step(turn: Turn, terms: Terms) -> str | None:
    return terms.step(turn.after.pipeline_id, turn.after.status_id)


def _step_before(turn: Turn, terms: Terms) -> str | None:
    return terms.step(turn.before.pipeline_id, turn.before.status_id) if turn.before else None


def _passed(turn: Turn | None, terms: Terms) -> Passing | None:
    return (terms.day(turn.at), turn.after.owner) if turn else None
