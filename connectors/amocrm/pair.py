"""The file that holds an OAuth pair: written whole or not at all, by one writer at a time."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from connectors.amocrm.locks import lock
from connectors.base import Unauthorized

LONGEST_LOCK = 300.0
"""Seconds; the pair is kept for a few questions to the token endpoint, each of which has its own bounds."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens, until when the first one lives, and the mark of the code they began with.

    `is_spent`: the refresh token was sent and no answer is known; it must not be sent again. `moved_to`: where
    the account was found to live that was at `moved_from`.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: float
    code: str = ""
    is_spent: bool = False
    moved_from: str = ""
    moved_to: str = ""

    def url(self, home: str) -> str:
        """The address of the account that was set up as `home`."""
        return self.moved_to if self.moved_to and self.moved_from == home else home


class PairFile:
    """A pair on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other thread and process away from the pair; OSError if one keeps us away for long."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        place = self._path.with_name(f"{self._path.name}.lock")
        file = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock(file, place, LONGEST_LOCK)
            yield
        finally:
            os.close(file)

    def read(self) -> Pair | None:
        """The pair as it was last written; None before the first time."""
        try:
            kept = json.loads(self._path.read_bytes())
            return Pair(**kept)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise Unauthorized(
                f"{self._path} does not hold amoCRM tokens: remove it and give a new authorization code"
            ) from error

    def write(self, pair: Pair) -> None:
        """Replace the pair; when this returns, a power cut changes nothing any more."""
        draft = self._path.with_name(f"{self._path.name}.part")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(pair), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self._sync_folder()

    def remove(self) -> None:
        """Forget the pair."""
        self._path.unlink(missing_ok=True)
        self._sync_folder()

    def _sync_folder(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def mark(code: str) -> str:
    """What tells codes apart without telling them."""
    return sha256(code.encode()).hexdigest()[:16]
