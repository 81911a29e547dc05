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
    months=(
        "январь",
        "февраль",
        "март",
        "апрель",
        "май",
        "июнь",
        "июль",
        "август",
        "сентябрь",
        "октябрь",
        "ноябрь",
        "декабрь",
    ),
    months_of=(
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ),
    months_short=(
        "янв.",
        "февр.",
        "март",
        "апр.",
        "май",
        "июнь",
        "июль",
        "авг.",
        "сент.",
        "окт.",
        "нояб.",
        "дек.",
    ),
    days=("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    days_short=("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
)

ENGLISH = Locale(
    decimal=".",
    group=",",
    true="TRUE",
    false="FALSE",
    date="m/d/yyyy",
    time="h:mm:ss",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    months_of=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    months_short=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    days_short=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)


def known(name: str) -> Locale:
    """The locale of that name; English signs for one the stand-in does not know."""
    return RUSSIAN if name.partition("_")[0] == "ru" else ENGLISH
