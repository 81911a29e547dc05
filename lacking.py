"""What this account or this token does not have: skipped, noted and told; no figure stands still for it."""

from datetime import datetime, timedelta

import texts
from config import Config
from connectors.amocrm.source import AmoCrm
from connectors.amocrm.streams import STREAMS as KNOWN
from connectors.base import BadRequest, Forbidden, NotFound, PaymentRequired
from polled import BESIDE, chosen, key_of
from warehouse.database import Transaction
from warehouse.journal import clear_note
from warehouse.troubles import note_trouble, read_troubles

LACKING = "lacking:"  # prefix of the note that says why the account has no such stream


def lacks(stream: str, error: Exception) -> bool:
    """Whether the answer means that this account, or this token, does not have the stream."""
    return stream in BESIDE and isinstance(error, Forbidden | PaymentRequired | NotFound | BadRequest)


def note_lack(tx: Transaction, stream: str, error: Exception, now: datetime) -> None:
    note_trouble(tx, LACKING + stream, error, now)


def clear_lack(tx: Transaction, stream: str) -> None:
    clear_note(tx, LACKING + stream)


def read_lacks(tx: Transaction, config: Config) -> dict[str, str]:
    """The streams that are wanted and not to be had, with the answer of the account."""
    wanted = chosen(config, BESIDE)
    return {each.name: each.text for each in read_troubles(tx, LACKING) if each.name in wanted}


def probe(source: AmoCrm, stream: str, now: datetime) -> None:
    """Ask one small question of the stream; SourceError if it is not to be had."""
    if source.streams[stream].walk == "snapshot":
        next(source.snapshot(stream), None)
    else:
        next(source.changed(stream, now - timedelta(minutes=1), now), None)


def needs(stream: str) -> str:
    """What an account or a token must have for the stream, beside the right to see it at all."""
    return next((known.needs for known in KNOWN if known.name == stream), "")


def explain_lack(config: Config, stream: str, detail: str) -> str:
    """The sentence for people: what is missing, what would bring it, how not to ask for it any more."""
    rights = "the right to read it" if config.locale == "en" else "право видеть эти данные"
    return texts.sentence(
        "lacking",
        config.locale,
        name=stream,
        detail=detail,
        needs=needs(stream) or rights,
        switch=key_of(stream),
    )
