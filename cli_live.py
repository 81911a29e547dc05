"""`vitrina check --live`: a real spreadsheet tried out, end to end."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import texts_books
from cli_frame import BAD_USAGE, DONE, FAILED, INTERRUPTED, check_names, fail, with_jobs

if TYPE_CHECKING:
    from exports.proof import Proof, Step


def prove(config: Path | None, name: str) -> int:
    """Try out the spreadsheet of this book, tell each step, leave nothing behind; the exit code."""
    from editions import editions
    from exports.proof import Proof

    with with_jobs(config, None, {"google"}) as jobs:
        parts = jobs.parts
        books = list(editions(parts.config))
        check_names("unknown_book", [name], [book.name for book in books], parts.config.locale)
        book = next(book for book in books if book.name == name)
        if book.kind != "sheets":
            known = ", ".join(each.name for each in books if each.kind == "sheets") or "–"
            fail(
                texts_books.sentence("no_spreadsheet", parts.config.locale, name=name, known=known), BAD_USAGE
            )
        proof = Proof(parts.robot(book.key_env), str(book.place), now=parts.now)
        try:
            return DONE if _tell(proof) else FAILED
        except KeyboardInterrupt:
            fail(texts_books.sentence("proof_interrupted", parts.config.locale), INTERRUPTED)


def _tell(proof: "Proof") -> bool:
    """Every step as it is done, the cleaning up included, whatever cut the others off; whether all went well."""
    problems = 0
    try:
        for step in proof.steps():
            problems += _tell_step(step)
    finally:
        if proof.is_begun:
            with _undisturbed():
                problems += _tell_step(proof.clean_up())
    return not problems


def _tell_step(step: "Step") -> bool:
    import screens

    screens.finding(step.name, step.detail, step.problem)
    return step.problem is not None


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Another Ctrl-C changes nothing: what is done here ends by itself soon."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
