"""How long the marts have been as they are, as far as the builds of this process tell without a gap."""

from building import Built
from metrics.following import NOTHING


class Ages:
    """By mart the number of the build that last changed it."""

    def __init__(self) -> None:
        self._last: tuple[int | None, dict[str, int]] = (None, {})

    def note(self, built: Built) -> None:
        """What that build did; where it goes on from one of another process every mart counts as changed."""
        run, known = self._last
        since = known if built.since is not None and built.since == run else {}
        ages = {
            each.name: since.get(each.name, built.run) if each.change == NOTHING else built.run
            for each in built.models
        }
        self._last = (built.run, ages)

    def of(self, mart: str, run: int) -> int | None:
        """The build since which a mart is what it is in the copy of `run`; None: not known."""
        last, ages = self._last
        return ages.get(mart) if last == run else None
