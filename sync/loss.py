"""The breaker: a pass that would mark too much as gone marks nothing."""

from dataclasses import dataclass


class MassLoss(Exception):
    """So many objects would be marked as gone that the source is more likely to be wrong than they to be deleted."""

    def __init__(self, stream: str, lost: int, alive: int) -> None:
        super().__init__(f"{stream}: {lost} of {alive} would be marked as deleted")
        self.stream = stream
        self.lost = lost
        self.alive = alive


@dataclass(frozen=True, slots=True)
class Breaker:
    """Lets a pass mark up to `share` of a stream as gone, and `at_least` objects in any case."""

    share: float = 0.05
    at_least: int = 20
    is_open: bool = False  # a person has looked and accepts the loss

    def check(self, stream: str, lost: int, alive: int) -> None:
        """MassLoss if this pass must not go on."""
        if not self.is_open and lost > max(self.at_least, self.share * alive):
            raise MassLoss(stream, lost, alive)
