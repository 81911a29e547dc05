"""One typed cell → the text that is kept, or the reason why it cannot be. Nothing is guessed."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches

from connectors.inputs.tables import Column, Kind, plain

MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
YES, NO = (
    frozenset({"да", "yes", "true", "истина", "+", "1"}),
    frozenset({"нет", "no", "false", "ложь", "-", "0"}),
)
SERIAL_ZERO = date(1899, 12, 30)
MOST = Decimal(10) ** 14
MOST_MONTHS = 120


class Unfit(Exception):
    """A value that cannot be used; `kind` finds the sentence for people, `details` complete it."""

    def __init__(self, kind: str, **details: object) -> None:
        super().__init__(kind)
        self.kind = kind
        self.details = details


@dataclass(frozen=True, slots=True)
class Known:
    """What the account and the configuration know: whom, what for, and which rates there are."""

    managers: Mapping[str, int] = field(default_factory=dict)  # name → id
    ambiguous: Collection[str] = ()  # names, as they are compared, that several people bear
    articles: Collection[str] = ()  # none: every article is taken
    currency: str = ""  # of the account
    rated_from: Mapping[str, str] = field(
        default_factory=dict
    )  # currency → the first day of which a rate is known

    def manager(self, text: str) -> int:
        """The person whom a name or a number means."""
        name = plain(text)
        if name in self.ambiguous:
            raise Unfit("manager_ambiguous")
        spelt = {plain(known): known for known in self.managers}
        if name in spelt:
            return self.managers[spelt[name]]
        if text.isdecimal() and int(text) in self.managers.values():
            return int(text)
        close = get_close_matches(name, spelt, n=3, cutoff=0.5)
        names = [spelt[each] for each in close] or sorted(self.managers)[:5]
        raise Unfit("manager_unknown", known=", ".join(names) or "–")


def parse(column: Column, text: str, known: Known) -> str:
    """What is kept of a cell that is not empty; Unfit if it is not what its column asks for."""
    if column.kind == "choice":
        return _choice(column, text)
    if column.kind == "manager":
        if known.managers:  # before the users are loaded nobody is known, so nobody is refused
            known.manager(text)
        return text
    if column.kind == "article":
        return _article(text, known)
    return _PARSERS[column.kind](column, text)


def _choice(column: Column, text: str) -> str:
    words = {plain(word): kept for word, kept in column.words.items()}
    if plain(text) not in words:
        raise Unfit("choice", known=", ".join(column.words))
    return words[plain(text)]


def _article(text: str, known: Known) -> str:
    if not known.articles:
        return text
    by_name = {plain(article): article for article in known.articles}
    if plain(text) not in by_name:
        raise Unfit("article_unknown", known=", ".join(by_name.values()))
    return by_name[plain(text)]


def _decimal(text: str, kind: str) -> Decimal:
    bare = re.sub(
        r"(?:₽|руб(?:\.|лей|ля|ль)?|р\.)$", "", re.sub(r"[\s\u00a0\u202f]", "", text.strip().lower())
    )
    bare = bare.replace("−", "-").replace(",", ".")
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", bare):
        raise Unfit(kind)
    return Decimal(bare)


def _at_least(column: Column, value: Decimal) -> Decimal:
    if column.least is not None and value < column.least:
        raise Unfit("too_small", least=column.least)
    return value


def _money(column: Column, text: str) -> str:
    value = _at_least(column, _decimal(text, "money"))
    if value != value.quantize(Decimal("0.01")):
        raise Unfit("kopecks")
    if abs(value) >= MOST:
        raise Unfit("too_large")
    return f"{value:.2f}"


def _rate(_: Column, text: str) -> str:
    value = _decimal(text, "rate")
    if not 0 < value < MOST / 100 or value != value.quantize(Decimal("0.000001")):
        raise Unfit("rate")
    return f"{value:f}"


def _percent(column: Column, text: str) -> str:
    number, sign, rest = text.partition("%")
    if rest.strip():
        raise Unfit("percent")
    value = _decimal(number, "percent")
    if not sign and abs(value) >= column.plain_below:
        raise Unfit("percent_sign", text=number.strip())
    value = _at_least(column, value / 100 if sign else value)
    if value >= 1000 or value != value.quantize(Decimal("0.000001")):
        raise Unfit("percent")
    return f"{value.normalize():f}"


def _number(column: Column, text: str) -> str:
    value = _at_least(column, _decimal(text, "number"))
    if value > 31 or value != value.quantize(Decimal("0.01")):
        raise Unfit("number")
    return f"{value.normalize():f}"


def _count(column: Column, text: str) -> str:
    value = _at_least(column, _decimal(text, "count"))
    if value != int(value) or value > MOST_MONTHS:
        raise Unfit("count")
    return str(int(value))


def _flag(_: Column, text: str) -> str:
    word = plain(text)
    if word not in YES | NO:
        raise Unfit("flag")
    return "true" if word in YES else "false"


def _currency(_: Column, text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Unfit("currency")
    return code


def _deal(_: Column, text: str) -> str:
    found = re.fullmatch(r"(?:\S*/leads/detail/)?(\d{1,18})(?:[/?#]\S*)?", text.strip())
    if found is None:
        raise Unfit("deal")
    return str(int(found[1]))


def _day(_: Column, text: str) -> str:
    return _read_day(text, "day").isoformat()


def _month(_: Column, text: str) -> str:
    words = plain(text).replace(" г.", "").replace(" года", "")
    numbers = re.fullmatch(r"(\d{1,2})[./](\d{4})", words) or re.fullmatch(r"(\d{4})-(\d{1,2})", words)
    named = re.fullmatch(r"([а-я]+) (\d{4})", words)
    if numbers:
        year, month = sorted((int(numbers[1]), int(numbers[2])), reverse=True)
    elif named and named[1] in map(plain, MONTHS):
        year, month = int(named[2]), [plain(name) for name in MONTHS].index(named[1]) + 1
    else:
        day = _read_day(text, "month")
        if day.day != 1:
            raise Unfit("month")
        year, month = day.year, day.month
    if not (1 <= month <= 12 and 2000 <= year <= 2100):
        raise Unfit("month")
    return date(year, month, 1).isoformat()


def _read_day(text: str, kind: str) -> date:
    bare = text.strip().removesuffix(" 00:00:00").removesuffix("T00:00:00")
    if re.fullmatch(r"\d{5}", bare):  # how spreadsheets keep a day: the same in every language
        return SERIAL_ZERO + timedelta(days=int(bare))
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(bare, form).date()  # noqa: DTZ007 – a calendar day has no zone
        except ValueError:
            continue
        if 2000 <= day.year <= 2100:
            return day
    raise Unfit(kind)


_PARSERS: Mapping[Kind, Callable[[Column, str], str]] = {
    "month": _month, "day": _day, "money": _money, "rate": _rate, "percent": _percent, "number": _number,
    "count": _count, "flag": _flag, "currency": _currency, "deal": _deal, "text": lambda _, text: text,
}  # fmt: skip
