"""Files that are replaced whole, so that whoever opens one meets the old content or the new one."""

import glob
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ABANDONED = 3600.0
"""Seconds after which nobody writes at a draft any more: whoever did was killed over it."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A draft beside `path` that takes its place at the end of the block; after a failure nothing is left of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    try:
        yield draft
        draft.replace(path)
    except OSError as error:
        error.filename = str(path)  # nobody was told of the draft
        raise
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Take away what was left of earlier drafts."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with suppress(OSError):
            if time.time() - draft.stat().st_mtime > ABANDONED:
                draft.unlink()
