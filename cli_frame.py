"""What every verb does before and after its own work: configuration in, one sentence and an exit code out."""

import contextlib
import logging
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

import texts
from config import Config, ConfigError, Need, load

if TYPE_CHECKING:
    from jobs import Jobs

DONE, FAILED, BAD_USAGE, IN_PART, BUSY = 0, 1, 2, 3, 4


@contextlib.contextmanager
def with_jobs(config: Path | None, wait: float | None, need: Collection[Need]) -> Iterator["Jobs"]:
    """The jobs of the configuration; what goes wrong becomes one sentence and an exit code."""
    from bootstrap import Parts
    from jobs import Jobs

    try:
        settings: Config = load(config, os.environ, need)
    except ConfigError as error:
        fail(str(error), BAD_USAGE)
    if wait is not None:
        settings = settings.with_wait(wait)
    logging.basicConfig(
        level=settings.log.level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with in_sentences(settings.locale, settings.amocrm.url):
        yield Jobs(Parts(settings))


@contextlib.contextmanager
def in_sentences(locale: str, address: str = "") -> Iterator[None]:
    """Errors that people can do something about become sentences; the others keep their traceback."""
    try:
        yield
    except Exception as error:
        from failures import explain

        failure = explain(error, locale=locale, address=address)
        if failure is None:
            raise
        fail(failure.text, failure.code)


def check_names(kind: str, names: Sequence[str], known: Sequence[str], locale: str) -> None:
    """End with a sentence if one of `names` is unknown; `kind` is that sentence's key."""
    for name in names:
        if name not in known:
            fail(texts.sentence(kind, locale, name=name, known=", ".join(known)), BAD_USAGE)


def local_midnight(text: str, jobs: "Jobs") -> datetime:
    """The moment at which a day, written 2024-05-01, begins in the account's zone."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        fail(texts.sentence("bad_date", jobs.parts.config.locale, text=text), BAD_USAGE)
    return datetime.combine(day, time(), tzinfo=jobs.zone()).astimezone(UTC)


def fail(text: str, code: int) -> NoReturn:
    """Say it and end."""
    print(text, file=sys.stderr)
    raise typer.Exit(code)
