"""When a question is asked again, and when no more."""

from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
    wait_random,
)

from connectors.base import RateLimited, SourceError, TooSlow

SLOW_ATTEMPTS = 2
"""How often a question is repeated that amoCRM had no time for: its asker can make it smaller."""

_BACKOFF = wait_exponential(multiplier=0.5, max=30.0) + wait_random(0.0, 0.5)


class Repeating:
    """Asks up to `attempts` times, and not beyond `give_up_after` seconds; a pause that is asked for is kept."""

    def __init__(self, attempts: int, give_up_after: float, sleep: Callable[[float], None]) -> None:
        self._attempts = attempts
        self._give_up_after = give_up_after
        self._sleep = sleep

    def where(self, is_worth_it: Callable[[BaseException], bool]) -> Retrying:
        """Calls again what failed, where the error says that this helps."""
        return Retrying(
            retry=retry_if_exception(is_worth_it),
            stop=self._should_stop,
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )

    def _should_stop(self, state: RetryCallState) -> bool:
        is_slow = isinstance(_error(state), TooSlow)
        attempts = min(self._attempts, SLOW_ATTEMPTS) if is_slow else self._attempts
        return (stop_after_attempt(attempts) | stop_before_delay(self._give_up_after))(state)


def is_retryable(error: BaseException) -> bool:
    """Whether waiting may help."""
    return isinstance(error, SourceError) and error.retryable


def is_refused(error: BaseException) -> bool:
    """Whether amoCRM has said that it did nothing."""
    return isinstance(error, RateLimited)


def _wait(state: RetryCallState) -> float:
    error = _error(state)
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return error.retry_after
    return _BACKOFF(state)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
