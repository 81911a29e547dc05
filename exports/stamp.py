"""The first row of every tab: how fresh its figures are, and a formula that tells when nobody writes any more."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exports.formats import Format

STAMP_FORMATS: tuple[Format, ...] = (
    "text", "datetime", "text", "datetime", "text", "integer", "text", "text",
)  # fmt: skip
ALARM = len(STAMP_FORMATS) - 2
"""The place of the formula in the row, counted from 0."""

FRESH, LATE, SILENT = "свежо", "ДАННЫЕ ОТСТАЮТ", "НЕ ОБНОВЛЯЕТСЯ"
_DATA_AT, _CHECKED_AT, _ALARM = "$B$1", "$D$1", "$G$1"

IS_ALARMED = f'=AND(LEN({_ALARM})>0;{_ALARM}<>"{FRESH}")'
"""The condition under which the row is red, a formula too."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of ours, its arguments parted by `;`; nothing that anybody else wrote ever becomes one."""

    text: str


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds from a change in amoCRM to the cell that shows it, over the last hour."""

    median: int
    p95: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """How fresh the figures are: moments in the account's own time, without a zone.

    `sources`: what is to be said of what people type. `alarm_after`: seconds of silence, or of figures that do not
    move on, after which the row says so by itself; None: never.
    """

    data_at: datetime
    checked_at: datetime
    run: int
    state: str
    sources: str = ""
    delay: Delay | None = None
    alarm_after: int | None = None


StampValue = str | int | datetime | Formula | None


def stamp_cells(stamp: Stamp, *, ahead: int = 0) -> tuple[StampValue, ...]:
    """The first row of a tab; the words stand last, so that a long reason is not cut off.

    `ahead`: seconds by which the clock of the book that shows it is ahead of the account's.
    """
    return (
        "Данные на",
        stamp.data_at,
        "Проверено",
        stamp.checked_at,
        "Запись №",
        stamp.run,
        alarm(stamp.alarm_after, ahead),
        " · ".join(filter(None, (stamp.state, stamp.sources, _delay(stamp.delay)))),
    )


def alarm(after: int | None, ahead: int = 0) -> Formula | None:
    """Speaks up when nothing was written, or nothing new was heard of, for more than `after` seconds.

    English names, `;` between arguments, whole numbers: it reads the same whatever the book's language.
    """
    if after is None:
        return None
    is_silent, is_late = (f"(NOW()-{cell})*86400>{after + ahead}" for cell in (_CHECKED_AT, _DATA_AT))
    return Formula(f'=IF({is_silent};"{SILENT}";IF({is_late};"{LATE}";"{FRESH}"))')


def seconds_ahead(zone: str, ours: str, wall: datetime) -> int:
    """By how much the clock of `zone` is ahead of ours, when ours shows `wall`; 0 for a zone that nobody knows."""
    try:
        theirs, own = (wall.replace(tzinfo=ZoneInfo(name)).utcoffset() for name in (zone, ours))
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    return round((theirs - own).total_seconds()) if theirs is not None and own is not None else 0


def _delay(delay: Delay | None) -> str:
    if delay is None:
        return ""
    return f"от правки в amoCRM до ячейки {_span(delay.median)}, в 95 % случаев до {_span(delay.p95)}"


def _span(seconds: int) -> str:
    return f"{seconds} с" if seconds < 120 else f"{round(seconds / 60)} мин"
