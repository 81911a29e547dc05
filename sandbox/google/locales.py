"""How people write numbers, dates and truth in the locales the stand-in knows."""

from __future__ import annotations

from dataclasses import dataclass

NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class Locale:
    """Signs and names; months both on their own and after a day."""

    decimal: str
    group: str
    true: str
    false: str
    date: str
    time: str
    months: tuple[str, ...]
    months_of: tuple[str, ...]
    months_short: tuple[str, ...]
    days: tuple[str, ...]
    days_short: tuple[str, ...]


RUSSIAN = Locale(
    decimal=",",
    group=NO_BREAK_SPACE,
    true="ИСТИНА",
    false="ЛОЖЬ",
    date="dd.mm.yyyy",
    time="h:mm:ss",
    months=tuple("январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()),
    months_of=tuple("января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()),
    months_short=tuple("янв. февр. март апр. май июнь июль авг. сент. окт. нояб. дек.".split()),
    days=tuple("понедельник вторник среда четверг пятница суббота воскресенье".split()),
    days_short=tuple("пн вт ср чт пт сб вс".split()),
)

ENGLISH = Locale(
    decimal=".",
    group=",",
    true="TRUE",
    false="FALSE",
    date="m/d/yyyy",
    time="h:mm:ss",
    months=tuple(
        "January February March April May June July August September October November December".split()
    ),
    months_of=tuple(
        "January February March April May June July August September October November December".split()
    ),
    months_short=tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()),
    days=tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
    days_short=tuple("Mon Tue Wed Thu Fri Sat Sun".split()),
)


def known(name: str) -> Locale:
    """The locale of that name; English signs for one the stand-in does not know."""
    return RUSSIAN if name.split("_")[0] == "ru" else ENGLISH
