"""How a batch goes to Google: as it is, or by way of a draft where it is too large; and what goes in no way."""

from dataclasses import dataclass

from exports.drafts import Draft, make_draft
from exports.errors import TooLarge
from exports.known import Known
from exports.sheets import Batch

RECOMMENDED = 2_000_000
"""So many bytes Google recommends for one request."""

MOST_BYTES = 10_000_000
MANY_CELLS, MOST_CELLS = 5_000_000, 9_000_000
"""Google holds 10 MiB a request and 10 million cells a spreadsheet; a little is left to people."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A batch ready to go; with a draft its portions go first and the draft's last request in the batch's place."""

    batch: Batch
    draft: Draft | None = None

    @property
    def body(self) -> bytes:
        """The request that changes what people see."""
        return self.batch.body if self.draft is None else self.draft.body

    @property
    def bytes(self) -> int:
        return len(self.body) + sum(map(len, self.draft.portions if self.draft else ()))


def prepare(batch: Batch, known: Known, most: int, *, was_refused: bool = False) -> Sending:
    """The way for `batch`, requests of more than `most` bytes being avoided; TooLarge if there is none.

    After a refusal no draft is made where Google takes it all at once: while one is filled people change the grid
    again, and cells that they have merged may be no place for a copy.
    """
    is_long = len(batch.body) > (MOST_BYTES if was_refused else most)
    draft = make_draft(batch, known, most) if is_long else None
    standing = sum(tab.cells for tab in known.tabs if not tab.is_draft)  # also what the batch takes away
    if draft is not None and max(standing, batch.after.cells) + draft.cells > MOST_CELLS:
        draft = None
    sending = Sending(batch, draft)
    _check(sending)
    return sending


def _check(sending: Sending) -> None:
    """Refuse what cannot land whole: splitting it would let people see a half of it."""
    size, batch = len(sending.body), sending.batch
    if size > MOST_BYTES:
        largest = sorted(batch.cells, key=batch.cells.__getitem__, reverse=True)[:3]
        raise TooLarge(
            f"Книга не помещается в один запрос Google: {size / 1e6:.1f} МБ при пределе 10 МБ. "
            f"Уменьшите число строк на листах: {', '.join(largest)}."
        )
    if batch.after.cells > MOST_CELLS:
        raise TooLarge(
            f"В таблице стало бы {batch.after.cells} ячеек, а Google держит не больше 10 миллионов. "
            "Удалите из неё лишние листы или пустые строки."
        )
