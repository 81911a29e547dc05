"""Faults by name, so that they can be switched on from a table, at random, or from another process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from sandbox.amocrm import faults
from sandbox.amocrm.exchange import Request
from sandbox.amocrm.faults import Fault, Match

Make = Callable[[float, int], Fault]
"""(seconds, retry_after) → the fault."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How to make a fault, and which requests it can befall at all."""

    make: Make
    suits: Match = lambda _: True
    passes: bool = True
    """Whether it passes by itself and can be told from a true answer: chance deals out only such, unless told."""


def _just(fault: Fault) -> Make:
    return lambda _seconds, _retry_after: fault


def _is_later_page(request: Request) -> bool:
    return request.params.get("page", "1") not in ("0", "1")


def _is_list(request: Request) -> bool:
    return request.method == "GET" and "limit" in request.params


def _is_read(request: Request) -> bool:
    return request.method == "GET"


KINDS: Mapping[str, Kind] = {
    "429 html": Kind(_just(faults.TOO_MANY)),
    "429 json": Kind(lambda _, retry_after: faults.too_many(retry_after)),
    "500": Kind(_just(faults.server_error())),
    "502 html": Kind(_just(faults.BAD_GATEWAY)),
    "503 html": Kind(_just(faults.UNAVAILABLE)),
    "504 html": Kind(_just(faults.GATEWAY_TIMEOUT)),
    "timeout before": Kind(lambda seconds, _: faults.hang(seconds)),
    "timeout after": Kind(lambda seconds, _: faults.hang(seconds, served=True), _is_read),
    "timeout in body": Kind(lambda seconds, _: faults.stall(seconds), _is_read),
    "slow": Kind(lambda seconds, _: faults.slow(seconds)),
    "reset": Kind(_just(faults.RESET)),
    "lost reply": Kind(_just(faults.LOST_REPLY), _is_read),
    "cut": Kind(_just(faults.CUT), _is_read),
    "truncated json": Kind(_just(faults.truncated()), _is_read),
    "error as 200": Kind(_just(faults.ERROR_AS_OK), _is_read),
    "wrong content type": Kind(_just(faults.wrong_content_type()), _is_read),
    "204 mid-scan": Kind(_just(faults.SPURIOUS_EMPTY), _is_later_page),
    "204": Kind(_just(faults.SPURIOUS_EMPTY), _is_list, passes=False),
    "next to empty": Kind(_just(faults.next_to_nothing()), _is_list),
    "limit lowered": Kind(_just(faults.lower_limit()), _is_list),
    "clock skew": Kind(_just(faults.skewed(300))),
    "401": Kind(_just(faults.UNAUTHORIZED), passes=False),
    "402": Kind(_just(faults.UNPAID), passes=False),
    "403 block": Kind(_just(faults.BLOCKED), passes=False),
    "403 rights": Kind(_just(faults.NO_RIGHTS), passes=False),
}
PASSING = tuple(name for name, kind in KINDS.items() if kind.passes)


def named(name: str, *, seconds: float = 1.0, retry_after: int = 1) -> Fault:
    """The fault of that name; KeyError if there is none."""
    return replace(KINDS[name].make(seconds, retry_after), name=name)


def chance(
    rate: float, names: tuple[str, ...], seed: int, *, seconds: float = 1.0, retry_after: float = 1
) -> Callable[[Request], Fault | None]:
    """What befalls a request by chance: the token endpoint is spared, for a pair lost there is lost for good."""
    rng = Random(f"faults {seed}")
    wanted = names or PASSING
    made = {name: named(name, seconds=seconds, retry_after=int(retry_after)) for name in wanted}

    def draw(request: Request) -> Fault | None:
        if rng.random() >= rate or request.path.startswith("/oauth2"):
            return None
        suiting = [name for name in wanted if KINDS[name].suits(request)]
        return made[rng.choice(suiting)] if suiting else None

    return draw
