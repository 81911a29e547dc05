"""What went wrong, as a sentence for people and an exit code for programs."""

from dataclasses import dataclass

import texts
from connectors.base import SourceError
from exporting import StillLoading
from exports.errors import ExportError
from hooks import NoPublicAddress
from metrics.ledgers import MappingBroken
from sync.loss import MassLoss
from warehouse.database import WarehouseBusy, WarehouseError, WarehouseUnusable
from warehouse.publish import MartsBehind, NothingPublished

DONE, FAILED, BAD_USAGE, IN_PART, BUSY = 0, 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Failure:
    """One sentence (or a line for each fault) that says what to do, and how the process ends."""

    text: str
    code: int = FAILED


def explain(error: BaseException, *, locale: str, address: str = "") -> Failure | None:
    """The failure that `error` is to people; None where nobody but a programmer can do anything about it."""
    if isinstance(error, SourceError):
        kind = type(error).__name__
        return Failure(texts.source_error(kind, detail=str(error), where=address, locale=locale))
    if isinstance(error, WarehouseError):
        return Failure(warehouse(error, locale), BUSY if isinstance(error, WarehouseBusy) else FAILED)
    if isinstance(error, NothingPublished):
        name = "marts_behind" if isinstance(error, MartsBehind) else "nothing_published"
        return Failure(texts.sentence(name, locale))
    if isinstance(error, NoPublicAddress):
        return Failure(texts.sentence("no_public_url", locale), BAD_USAGE)
    if isinstance(error, StillLoading):
        return Failure(texts.sentence("still_loading", locale))
    if isinstance(error, ExportError):
        return Failure(str(error))
    if isinstance(error, MassLoss):
        details = {"stream": error.stream, "lost": error.lost, "alive": error.alive}
        return Failure(texts.sentence("mass_loss", locale, **details))
    if isinstance(error, MappingBroken):
        lines = [
            texts.sentence("unknown_field", locale, place=role.key, field=role.field)
            for role in error.unknown
        ]
        return Failure("\n".join(lines), BAD_USAGE)
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return Failure(texts.sentence("disk", locale, path=error.filename or "?", reason=reason))
    return None


def warehouse(error: WarehouseError, locale: str) -> str:
    """The sentence for a warehouse that is held by somebody or cannot be used."""
    if isinstance(error, WarehouseBusy):
        return texts.sentence("busy", locale, path=error.path, holder=error.holder)
    if isinstance(error, WarehouseUnusable):
        return texts.sentence("unusable", locale, path=error.path, reason=error.reason)
    return str(error)
