"""What people read about the tables they type: one sentence for each thing that cannot be used."""

from typing import Final

# kind → (Russian, English)
_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "month": ("нужен месяц, например 05.2026", "a month such as 05.2026 is needed"),
    "day": ("нужна дата, например 12.05.2026", "a date such as 12.05.2026 is needed"),
    "money": (
        "нужно число, например 10 000 или 10 000,50, без слов",
        "a number is needed, e.g. 10000.50, no words",
    ),
    "kopecks": (
        "больше двух знаков после запятой: округлите до копейки",
        "more than two decimals: round to the kopeck",
    ),
    "too_large": ("число слишком велико", "the number is too large"),
    "too_small": ("должно быть не меньше {least}", "must be at least {least}"),
    "rate": ("нужен курс: число больше нуля, например 92,4481", "a rate above zero is needed, e.g. 92.4481"),
    "percent": ("нужна доля со знаком процента, например 5%", "a share with its sign is needed, e.g. 5%"),
    "percent_sign": (
        "поставьте знак процента, если это проценты: {text}%",
        "add the sign if this is a percentage: {text}%",
    ),
    "number": (
        "нужно число от 0 до 31, например 18 или 18,5",
        "a number from 0 to 31 is needed, e.g. 18 or 18.5",
    ),
    "count": ("нужно целое число от 1 до 120", "a whole number from 1 to 120 is needed"),
    "flag": ("нужно да или нет", "yes or no is needed"),
    "currency": ("нужны три буквы валюты, например USD", "three letters of a currency are needed, e.g. USD"),
    "deal": (
        "нужен номер сделки, например 12345678, или ссылка на неё",
        "the number of a deal or a link to it is needed",
    ),
    "choice": ("допустимо только: {known}", "only these are allowed: {known}"),
    "manager_unknown": (
        "такого сотрудника в amoCRM нет; возможно: {known}",
        "amoCRM has no such user; perhaps: {known}",
    ),
    "manager_ambiguous": (
        "так зовут нескольких: напишите номер пользователя amoCRM",
        "several people bear this name: write the number of the amoCRM user",
    ),
    "article_unknown": ("такой статьи нет; есть: {known}", "there is no such article; there are: {known}"),
    "deal_unknown": (
        "такой сделки в amoCRM нет: проверьте номер",
        "amoCRM has no such deal: check the number",
    ),
    "required": ("не заполнено", "not filled in"),
    "rate_needs_share": ("для этой базы нужен столбец «Ставка»", "this base needs the column «Ставка»"),
    "rate_needs_amount": ("для этой базы нужен столбец «Сумма»", "this base needs the column «Сумма»"),
    "rate_has_both": (
        "заполните что-то одно: «Ставка» – для доли, «Сумма» – для рублей",
        "fill in one: «Ставка» for a share, «Сумма» for an amount",
    ),
    "ends_before_it_begins": ("«Действует по» раньше, чем «Действует с»", "it ends before it begins"),
    "no_amount": ("заполните «Сумма» или «По плану»", "fill in «Сумма» or «По плану»"),
    "deal_over_months": (
        "расход по сделке не раскладывается на месяцы: уберите «На месяцев»",
        "an expense of a deal is not spread: clear «На месяцев»",
    ),
    "no_rate": (
        "нет курса {currency} на этот день: допишите его в таблицу «Курсы»",
        "no rate of {currency} for that day: add it to the table «Курсы»",
    ),
    "contradiction": (
        "противоречит строкам {rows}: оставьте одну",
        "contradicts the rows {rows}: keep one",
    ),
    "repetition": (
        "повторяет строку {first} и учтена один раз; если это другое, допишите, чем отличается",
        "repeats row {first} and counts once; if it is another one, say what makes it different",
    ),
    "still_in_force": ("пока действует прежнее значение", "the former value stays in force"),
    "columns_missing": (
        "нет столбцов: {columns}; действует прежняя версия таблицы",
        "columns are missing: {columns}; the former version of the table stays in force",
    ),
    "column_twice": (
        "столбец повторяется; действует прежняя версия таблицы",
        "a column is repeated; the former version of the table stays in force",
    ),
    "no_good_row": (
        "ни одной годной строки; действует прежняя версия таблицы",
        "not one usable row; the former version of the table stays in force",
    ),
    "empty_file": (
        "{origin} пуст; действует прежняя версия таблицы",
        "{origin} is empty; the former version of the table stays in force",
    ),
    "half_written": (
        "{origin} записан не до конца или испорчен: сохраните его ещё раз; действует прежняя версия",
        "{origin} is half written or damaged: save it again; the former version stays in force",
    ),
    "unreadable": (
        "{origin} не открывается ({reason}): закройте его в других программах; действует прежняя версия",
        "{origin} cannot be opened ({reason}): close it elsewhere; the former version stays in force",
    ),
    "found_twice": (
        "найдена дважды ({origin}): оставьте одну; действует прежняя версия",
        "found twice ({origin}): keep one; the former version stays in force",
    ),
    "gone": (
        "таблицы больше нет на месте ({origin}); действует прежняя версия. Чтобы отменить её, верните пустую таблицу",
        "the table is gone ({origin}); the former version stays in force. To cancel it, put an empty table back",
    ),
    "accepted": ("Принято из таблиц: {tables}", "Accepted from the tables: {tables}"),
    "refused": (
        "В таблицах не принято мест: {number}. Где и почему: «vitrina inputs»",
        "Places in the tables that were not accepted: {number}. Where and why: `vitrina inputs`",
    ),
    "no_typed_spreadsheet": (
        "в config.yaml нет inputs.spreadsheet: укажите таблицу Google или возьмите --format xlsx",
        "config.yaml has no inputs.spreadsheet: name a Google spreadsheet, or take --format xlsx",
    ),
    "staff_unknown": (
        "сотрудники ещё не загружены, выбирать было бы не из кого: выполните «vitrina run»",
        "the staff was not loaded yet, so there would be nobody to choose: run `vitrina run`",
    ),
    "template_exists": (
        "{path} уже есть и не тронут: переименуйте его или укажите другое место (--to)",
        "{path} exists and is left alone: rename it or name another place (--to)",
    ),
}


def sentence(kind: str, locale: str, **details: object) -> str:
    """What is wrong and what to do, in the reader's language."""
    return _SENTENCES[kind][locale == "en"].format(**details)
