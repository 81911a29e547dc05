"""What is wrong with the configuration, told to people: where it stands and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Where = tuple[str | int, ...]

Locale = Literal["ru", "en"]

DEFAULT_LOCALE: Locale = "ru"

# kind → (Russian, English); a kind is pydantic's own error type or one of ours.
_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("ключ обязателен: допишите его", "the key is required: add it"),
    "extra_forbidden": (
        "такого ключа нет: исправьте имя или уберите строку{hint}",
        "there is no such key: correct its name or remove the line{hint}",
    ),
    "secret_in_file": (
        "секретам не место в файле: уберите строку и задайте переменную окружения (см. .env.example)",
        "secrets do not belong in the file: remove the line, set an environment variable (see .env.example)",
    ),
    "duplicate_key": (
        "ключ повторяется (впервые в строке {first}): оставьте один",
        "the key is repeated (first on line {first}): keep one",
    ),
    "mapping": ("здесь нужен раздел с ключами", "a section with keys belongs here"),
    "list": ("здесь нужен список", "a list belongs here"),
    "whole": ("нужно целое число без кавычек", "a whole number without quotes is needed"),
    "number": ("нужно число без кавычек", "a number without quotes is needed"),
    "text": ("нужна непустая строка", "a text that is not empty is needed"),
    "date": ("нужна дата вида 2024-05-01", "a date such as 2024-05-01 is needed"),
    "literal_error": ("допустимо только: {expected}", "only these are allowed: {expected}"),
    "union_tag_invalid": ("в kind допустимо только: {expected_tags}", "kind must be one of: {expected_tags}"),
    "union_tag_not_found": (
        "не указан вид книги: допишите kind: sheets или kind: xlsx",
        "the kind of the book is not given: add kind: sheets or kind: xlsx",
    ),
    "greater_than": ("должно быть больше {gt}", "must be greater than {gt}"),
    "greater_than_equal": ("должно быть не меньше {ge}", "must be at least {ge}"),
    "less_than_equal": ("должно быть не больше {le}", "must be at most {le}"),
    "same_file": (
        "копия не может быть самим хранилищем: укажите другой файл",
        "the copy cannot be the warehouse itself: name another file",
    ),
    "memory": ("нужен объём памяти вида 512MB или 2GB", "an amount of memory such as 512MB or 2GB is needed"),
    "address": (
        "нужен адрес вида https://имя.amocrm.ru без пути (http – только для этой же машины)",
        "an address such as https://name.amocrm.ru without a path is needed (http: this very machine only)",
    ),
    "address_www": (
        "это адрес сайта, а не аккаунта: замените www на имя вашего аккаунта",
        "this is the site, not an account: put your account's name in place of www",
    ),
    "pace": (
        "amoCRM допускает не больше {allowed} запросов в секунду и блокирует за превышение: уменьшите",
        "amoCRM allows at most {allowed} requests a second and blocks whoever exceeds it: lower the number",
    ),
    "redirect": (
        "нужен адрес вида https://…, в точности как в настройках интеграции",
        "an address such as https://… is needed, exactly as in the integration's settings",
    ),
    "zone": (
        "такого часового пояса нет: нужно имя вида Europe/Moscow",
        "there is no such time zone: a name such as Europe/Moscow is needed",
    ),
    "field": (
        "нужен номер поля amoCRM (целое число), его код (строка) или null",
        "the number of an amoCRM field (a whole number), its code (a text) or null is needed",
    ),
    "field_twice": (
        "поле {field} уже занято ролью {role}: сумма посчиталась бы дважды",
        "field {field} is already taken by {role}: its amount would be counted twice",
    ),
    "steps_of_expenses": (
        "у воронки расходов нет шагов: уберите steps или смените kind",
        "a pipeline of expenses has no steps: remove them or change its kind",
    ),
    "won_and_lost": (
        "статусы 142 и 143 в amoCRM всегда «успешно» и «закрыто»: 142 может быть только won, 143 только lost",
        "in amoCRM statuses 142 and 143 are always won and lost: 142 can only be won, 143 only lost",
    ),
    "payments_unmapped": (
        "значение fields требует хотя бы одного поля в mapping.fields.payments",
        "fields needs at least one entry in mapping.fields.payments",
    ),
    "spreadsheet": (
        "нужен идентификатор таблицы Google или её адрес из строки браузера (…/spreadsheets/d/…)",
        "the id of a Google spreadsheet or its address from the browser (…/spreadsheets/d/…) is needed",
    ),
    "alarm_too_soon": (
        "должно быть больше stamp_every: иначе книга краснеет, хотя всё идёт своим чередом",
        "must be more than stamp_every, or the book turns red though all is well",
    ),
    "xlsx": ("имя файла должно кончаться на .xlsx", "the file's name must end in .xlsx"),
    "book_twice": (
        "{what} повторяется: у каждой книги своё имя и своё место",
        "{what} is repeated: every book has a name and a place of its own",
    ),
    "book_for_each": (
        "у каждого менеджера своя таблица: вместо spreadsheet впишите spreadsheets, номер менеджера – таблица",
        "every manager has a spreadsheet of his own: in place of spreadsheet write spreadsheets, number to address",
    ),
    "book_for_one": (
        "по таблице на человека бывает только при for: manager: впишите одну в spreadsheet",
        "a spreadsheet for each person goes with for: manager only: write one as spreadsheet",
    ),
    "path_for_each": (
        "у каждого менеджера свой файл: в пути должно быть {id}, туда станет номер менеджера",
        "every manager has a file of his own: its path must hold {id}, which becomes the manager's number",
    ),
    "columns": (
        "нужен список столбцов витрины, например [month, leads], или слово {all}",
        "a list of columns of the mart is needed, such as [month, leads], or the word {all}",
    ),
    "mart_unknown": (
        "такой витрины в книгах нет: названия показывает vitrina models{hint}",
        "there is no such mart in the books: vitrina models lists them{hint}",
    ),
    "column_unknown": (
        "столбца {column} у этой витрины нет: исправьте имя{hint}",
        "this mart has no column {column}: correct its name{hint}",
    ),
    "mart_denied": (
        "этой аудитории витрину не показывают: уберите её или смените for",
        "this audience may not see the mart: remove it or change for",
    ),
    "column_denied": (
        "столбец {column} этой аудитории не показывают: уберите его или смените for",
        "this audience may not see the column {column}: remove it or change for",
    ),
    "variable": (
        "нужно имя переменной окружения из заглавных латинских букв, цифр и «_», без самого ключа",
        "the name of an environment variable in capitals, digits and _ is needed, not the key itself",
    ),
    "no_file": (
        "файла нет: сделайте его по образцу config.yaml или укажите другой (--config, VITRINA_CONFIG)",
        "no such file: make it after the sample config.yaml or name another (--config, VITRINA_CONFIG)",
    ),
    "unreadable": ("файл не читается: {reason}", "the file cannot be read: {reason}"),
    "not_utf8": (
        "файл не в UTF-8: сохраните его в этой кодировке",
        "the file is not UTF-8: save it as UTF-8",
    ),
    "syntax": (
        "ошибка YAML, столбец {column}: {reason}; проверьте отступы, двоеточия и кавычки",
        "YAML error, column {column}: {reason}; check indents, colons and quotes",
    ),
    "secret_missing": (
        "переменная не задана: {purpose}; задайте её саму или {name}_FILE с путём к файлу",
        "the variable is not set: {purpose}; set it, or {name}_FILE with the path of a file",
    ),
    "secret_twice": (
        "заданы и {name}, и {name}_FILE: оставьте одну из них",
        "both {name} and {name}_FILE are set: keep one",
    ),
    "secret_unreadable": (
        "файл {path} не читается ({reason}): проверьте путь и права",
        "the file {path} cannot be read ({reason}): check the path and the rights",
    ),
    "switch": ("нужно true или false", "true or false is needed"),
    "secret_malformed": (
        "внутри пробелы или посторонние символы: скопируйте значение ещё раз, без слова Bearer и без кавычек",
        "there are blanks or foreign characters in it: copy the value again, without Bearer and quotes",
    ),
    "secret_short": (
        "короче {least} символов: возьмите длинную случайную строку из латинских букв, цифр, «-» и «_»",
        "shorter than {least} characters: take a long random text of Latin letters, digits, - and _",
    ),
    "google_key": (
        "это не ключ сервисного аккаунта Google: нужен файл JSON целиком (type: service_account)",
        "this is no key of a Google service account: the whole JSON file is needed (type: service_account)",
    ),
}

_SAME = {
    "model_type": "mapping", "dict_type": "mapping", "mapping_type": "mapping",
    "model_attributes_type": "mapping", "tuple_type": "list", "list_type": "list",
    "int_type": "whole", "int_from_float": "whole", "int_parsing": "whole",
    "float_type": "number", "float_parsing": "number", "finite_number": "number",
    "string_type": "text", "string_too_short": "text", "path_type": "text",
    "bool_type": "switch", "bool_parsing": "switch",
    "date_type": "date", "date_parsing": "date", "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct: its kind, the path of the key (or the variable), the details of the sentence."""

    kind: str
    where: Where
    details: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    otherwise: str = ""

    def sentence(self, locale: str) -> str:
        """What is wrong and what to do, in the reader's language; no value of the file is repeated."""
        pair = _SENTENCES.get(_SAME.get(self.kind, self.kind))
        if pair is None:
            return self.otherwise or self.kind
        russian, english = pair
        return (english if locale == "en" else russian).format_map({"hint": "", **self.details})


class ConfigError(Exception):
    """The configuration cannot be used: `problems` holds all that was found, the text tells it to people."""

    def __init__(self, problems: Iterable[Problem], file: Path | None, locale: str = DEFAULT_LOCALE) -> None:
        self.problems = tuple(problems)
        self.file = file
        self.locale = locale
        super().__init__(self._text())

    def _text(self) -> str:
        english = self.locale == "en"
        head = "The configuration was not accepted" if english else "Настройки не приняты"
        if self.file is not None:
            head = f"{head} ({self.file})"
        return "\n".join([f"{head}:", *(f"  {self._line(problem)}" for problem in self.problems)])

    def _line(self, problem: Problem) -> str:
        place = dotted(problem.where)
        if problem.line is not None:
            place += f" ({'line' if self.locale == 'en' else 'строка'} {problem.line})"
        separator = ": " if place else ""
        return f"{place.strip()}{separator}{problem.sentence(self.locale)}"


def dotted(where: Where) -> str:
    """The path of a key as people write it: `exports.books[0].path`."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
