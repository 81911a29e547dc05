"""What happened to each deal of such as somebody is paid for, or gives back what he was paid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.independent.counting import total
from tests.independent.facts import Deal

NOUGHT = Decimal(0)
_VOIDS = ("cancelled", "resumed")
_ALL_LAST = 1_000_000


@dataclass(frozen=True)
class Step:
    """Something that happened to a deal and is paid for, or takes back what was paid."""

    on: date
    place: int
    kind: str
    amount: Decimal


@dataclass(frozen=True)
class Act:
    """A step with its number, its base and whose it is."""

    base: str
    deal: Deal
    who: int
    seq: int
    kind: str
    on: date
    amount: Decimal

    @property
    def key(self) -> tuple[str, int, int]:
        return self.base, self.deal.lead_id, self.seq


@dataclass(frozen=True)
class Acts:
    """`overheads`: what each deal bears of them."""

    today: date
    overheads: Mapping[int, Decimal]

    def of(self, deal: Deal) -> Iterator[Act]:
        """Base by base, in the order of days."""
        for base, who, steps in self._steps(deal):
            yield from _numbered(base, deal, who, steps)

    def _steps(self, deal: Deal) -> Iterator[tuple[str, int, list[Step]]]:
        if not deal.is_deleted:
            if deal.measured and deal.measured[0] <= self.today:
                yield "measurement", deal.measured[1], [_once(deal.measured[0])]
            if deal.contract and deal.won_on and deal.won_by and deal.won_on <= self.today:
                yield "installation", deal.won_by, [_once(deal.won_on)]
        if deal.contract is None:
            return
        who, moves = deal.contract.manager, deal.contract.moves
        signed = {"signed": "accrued"}
        yield "contract", who, [
            Step(one.on, n, signed.get(one.kind, one.kind), one.amount) for n, one in enumerate(moves)
        ]  # fmt: skip
        voids = [Step(one.on, n, one.kind, NOUGHT) for n, one in enumerate(moves, 1) if one.kind in _VOIDS]
        yield "paid", who, _held(self._received(deal), voids)
        costs, amount = list(deal.costs.values()), deal.amount or NOUGHT
        if deal.won_on and deal.won_on <= self.today:
            yield "closed_act", who, _whole(deal.won_on, amount, voids)
        if costs and None not in costs:
            gain = amount - total(cost for cost in costs if cost is not None)
            if amount > 0 < gain:
                yield "gross_profit", who, _whole(deal.contract.on, gain, voids)
            left = gain - self.overheads.get(deal.lead_id, NOUGHT)
            if amount > 0 < left:
                yield "net_profit", who, _whole(deal.contract.on, left, voids)

    def _received(self, deal: Deal) -> list[Step]:
        assert deal.contract is not None
        return [
            Step(max(one.on, deal.contract.on), n, "refund" if one.amount < 0 else "accrued", one.amount)
            for n, one in enumerate(deal.payments)
            if one.on is not None and one.on <= self.today
        ]


def _once(on: date) -> Step:
    return Step(on, 0, "accrued", Decimal(1))


def _whole(on: date, amount: Decimal, voids: list[Step]) -> list[Step]:
    """What is earned as a whole on a day, goes with the contract and comes back with it."""
    before = [one for one in voids if one.on < on]
    stands = not before or before[-1].kind == "resumed"
    later = [
        Step(one.on, one.place, one.kind, -amount if one.kind == "cancelled" else amount)
        for one in voids
        if one.on >= on
    ]
    return [*([Step(on, 0, "accrued", amount)] if stands else []), *later]


def _held(received: list[Step], voids: list[Step]) -> list[Step]:
    """How the money that counts moves: none of it counts while the contract is called off."""
    late = [Step(one.on, _ALL_LAST + one.place, one.kind, one.amount) for one in voids]
    came = held = NOUGHT
    is_off = False
    steps = []
    for one in sorted([*received, *late], key=lambda one: (one.on, one.place)):
        came += one.amount
        is_off = one.kind == "cancelled" if one.kind in _VOIDS else is_off
        now = NOUGHT if is_off else came
        steps.append(Step(one.on, one.place, one.kind, now - held))
        held = now
    return steps


def _numbered(base: str, deal: Deal, who: int, steps: list[Step]) -> Iterator[Act]:
    """In the order of days; whatever comes first is earned."""
    moving = sorted((one for one in steps if one.amount), key=lambda one: (one.on, one.place))
    for seq, one in enumerate(moving, start=1):
        kind = "accrued" if seq == 1 and one.kind in ("changed", "resumed") else one.kind
        yield Act(base, deal, who, seq, kind, one.on, one.amount)
