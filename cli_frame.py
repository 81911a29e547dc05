"""What every verb does before and after its own work: configuration in, one sentence and an exit code out."""

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import texts
import texts_inputs
import texts_usage
from config import Config, ConfigError, Need, load
from seat import TWICE

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="config.yaml (иначе VITRINA_CONFIG, иначе ./config.yaml)"),
]
Wait = Annotated[float | None, typer.Option("--wait", min=0, help="сколько секунд ждать занятое хранилище")]

_UsageError: Any = typer.BadParameter.__base__  # the parser's own, which typer does not name

if TYPE_CHECKING:
    from bootstrap import Parts
    from inputs import Look
    from jobs import Jobs, Synced

DONE, FAILED, BAD_USAGE, IN_PART, BUSY = 0, 1, 2, 3, 4
INTERRUPTED = 128 + signal.SIGINT


class Verbs(TyperGroup):
    """Tells what cannot be meant in a sentence, where the parser would tell it in English."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        words = sys.argv[1:] if args is None else [*args]
        if not words or "--help" in words or isinstance(self.commands.get(words[-1]), TyperGroup):
            _head_help_in_russian(self)
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except _UsageError as error:
            if not standalone_mode:
                raise
            if error.format_message():  # else it was nothing but the help, which stands there already
                place = error.ctx.command_path if error.ctx else "vitrina"
                print(texts_usage.in_russian(error.format_message(), place), file=sys.stderr)
            sys.exit(error.exit_code)
        return sys.exit(code) if standalone_mode else code


def _head_help_in_russian(group: TyperGroup) -> None:
    """What the parser itself puts into every help; the rest of it stands beside the verbs, in Russian."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = texts_usage.ARGUMENTS
    rich_utils.COMMANDS_PANEL_TITLE = texts_usage.COMMANDS
    rich_utils.OPTIONS_PANEL_TITLE = texts_usage.OPTIONS
    for command in (group, *group.commands.values()):
        option = command.get_help_option(typer.Context(command))
        if option:
            option.help = texts_usage.HELP
        if command is not group and isinstance(command, TyperGroup):
            _head_help_in_russian(command)


@contextlib.contextmanager
def with_jobs(
    config: Path | None, wait: float | None, need: Collection[Need], *, is_service: bool = False
) -> Iterator["Jobs"]:
    """The jobs of the configuration; what goes wrong becomes one sentence and an exit code."""
    from bootstrap import Parts
    from jobs import Jobs

    try:
        settings: Config = load(config, os.environ, need)
    except ConfigError as error:
        fail(str(error), BAD_USAGE)
    if wait is not None:
        settings = settings.with_wait(wait)
    _keep_a_log(settings.log.level, is_service=is_service)
    parts = Parts(settings)
    _check_books(parts)
    with in_sentences(settings.locale, settings.amocrm.url), interruptible(parts.patience.end):
        yield Jobs(parts)


def _check_books(parts: "Parts") -> None:
    """End with a sentence where a book is to show what its readers may not see."""
    if any(book.show for book in parts.config.exports.books):
        from editions import check_rights

        try:
            check_rights(parts.config, parts.catalog)
        except ConfigError as error:
            fail(str(error), BAD_USAGE)


def _keep_a_log(level: str, *, is_service: bool) -> None:
    """A service tells all it does; a verb that somebody called tells it in its own words, and warns in the log."""
    handler = logging.StreamHandler(sys.stderr)
    if not is_service and level != "DEBUG":
        handler.setLevel(logging.WARNING)
        handler.addFilter(lambda record: record.levelno != logging.ERROR)  # the verb ends with its sentence
    logging.basicConfig(
        level=level, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )


@contextlib.contextmanager
def interruptible(hurry: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C ends what waits in other threads too, and what fails because of it is Ctrl-C; once is enough."""
    pressed_at: float | None = None

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal pressed_at
        if pressed_at is not None and monotonic() - pressed_at < TWICE:
            return  # the same once more must not cut off what the first one has begun
        pressed_at = monotonic()
        hurry()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except typer.Exit:
        raise  # of whoever has told the interruption in words of his own
    except Exception as error:
        if pressed_at is not None:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def in_sentences(locale: str, address: str = "") -> Iterator[None]:
    """Errors that people can do something about become sentences; the others keep their traceback."""
    try:
        yield
    except BrokenPipeError:  # who read our output has gone: nothing to explain
        raise
    except KeyboardInterrupt:
        fail(texts.sentence("interrupted", locale), INTERRUPTED)
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
            fail(texts.sentence(kind, locale, name=name, known=", ".join(known) or "–"), BAD_USAGE)


def check_switches(jobs: "Jobs", streams: Sequence[str]) -> None:
    """End with a sentence if the configuration has turned one of the streams off."""
    from polled import is_on, key_of

    config = jobs.parts.config
    for name in streams:
        if not is_on(config, name):
            fail(texts.sentence("stream_off", config.locale, name=name, switch=key_of(name)), BAD_USAGE)


def local_midnight(text: str, jobs: "Jobs") -> datetime:
    """The moment at which a day, written 2024-05-01, begins in the account's zone."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        fail(texts.sentence("bad_date", jobs.parts.config.locale, text=text), BAD_USAGE)
    return datetime.combine(day, time(), tzinfo=jobs.zone()).astimezone(UTC)


def tell_stopped(jobs: "Jobs", synced: "Synced") -> None:
    """Say once why streams stand still or are not there, and end: in part if any came through, else failed."""
    from failures import explain
    from lacking import explain_lack

    config = jobs.parts.config
    for stream, lack in synced.lacking.items():
        print(explain_lack(config, stream, str(lack)), file=sys.stderr)
    streams: dict[str, list[str]] = {}
    for stream, error in synced.errors.items():
        streams.setdefault(type(error).__name__, []).append(stream)
    for names in streams.values():
        failure = explain(synced.errors[names[0]], locale=config.locale, address=config.amocrm.url)
        print(f"{', '.join(names)}: {failure.text if failure else names}", file=sys.stderr)
    if streams or synced.lacking:
        raise typer.Exit(IN_PART if synced.changed else FAILED)


def tell_inputs(look: "Look", locale: str) -> None:
    """Say what of the typed tables came in, and that some of it did not."""
    if look.accepted:
        print(texts_inputs.sentence("accepted", locale, tables=", ".join(look.accepted)), file=sys.stderr)
    if look.refused:
        print(texts_inputs.sentence("refused", locale, number=len(look.refused)), file=sys.stderr)


def fail(text: str, code: int) -> NoReturn:
    """Say it and end."""
    print(text, file=sys.stderr)
    raise typer.Exit(code)
