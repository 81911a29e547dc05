"""What people read when something is wrong: one sentence that says what to do, in the language of the config."""

from typing import Final

# Class of the error → (Russian, English); {detail} is the English text of the error itself, {where} the address.
_SOURCE: Final[dict[str, tuple[str, str]]] = {
    "Unauthorized": (
        (
            "amoCRM не принимает токен: он неверен, истёк или отозван. Создайте новый в настройках интеграции "
            "и задайте его в VITRINA_AMOCRM_TOKEN; при входе через OAuth нужен новый код авторизации "
            "в VITRINA_AMOCRM_CODE ({detail})"
        ),
        (
            "amoCRM does not accept the token: create a new one in the integration's settings and set "
            "VITRINA_AMOCRM_TOKEN; with OAuth a new authorization code belongs in VITRINA_AMOCRM_CODE ({detail})"
        ),
    ),
    "Unreachable": (
        "{where} не отвечает: проверьте amocrm.url в config.yaml и интернет ({detail})",
        "{where} does not answer: check amocrm.url in config.yaml and the network ({detail})",
    ),
    "Silent": (
        "{where} на связи, но ни на один запрос не отвечает: повторите позже, загруженное сохранено ({detail})",
        "{where} takes requests and answers none: try again later, what was loaded is kept ({detail})",
    ),
    "NotFound": (
        "по адресу {where} нет такого аккаунта: проверьте amocrm.url в config.yaml ({detail})",
        "there is no such account at {where}: check amocrm.url in config.yaml ({detail})",
    ),
    "PaymentRequired": (
        "подписка amoCRM закончилась: продлите её, загрузка продолжится сама",
        "the amoCRM subscription has ended: renew it, loading goes on by itself",
    ),
    "Forbidden": (
        "у токена нет прав на эти данные: выдайте права администратора тому, кто создал интеграцию ({detail})",
        "the token has no right to read this: give its maker administrator's rights ({detail})",
    ),
    "NotOffered": (
        "этого в аккаунте нет: не позволяет тариф или выключено в настройках amoCRM ({detail})",
        "the account has no such thing: its tariff lacks it, or it is switched off ({detail})",
    ),
    "Blocked": (
        "amoCRM заблокировал доступ к API: напишите в поддержку amoCRM, до ответа мы ничего не запрашиваем",
        "amoCRM has blocked API access: write to amoCRM's support; nothing is asked until then",
    ),
    "RateLimited": (
        "amoCRM ограничил частоту запросов: подождём и продолжим сами ({detail})",
        "amoCRM limits the request rate: we wait and go on by ourselves ({detail})",
    ),
    "ServerFailed": (
        "amoCRM отвечает ошибкой сервера: повторим позже ({detail})",
        "amoCRM answers with a server error: we try again later ({detail})",
    ),
    "TooSlow": (
        "amoCRM не успевает ответить: повторим позже ({detail})",
        "amoCRM does not answer in time: we try again later ({detail})",
    ),
    "BadRequest": (
        "amoCRM не понял запрос: сообщите разработчикам ({detail})",
        "amoCRM did not understand a request: tell the developers ({detail})",
    ),
    "ContractBroken": (
        "amoCRM ответил не так, как описано в его документации: сообщите разработчикам ({detail})",
        "amoCRM answered otherwise than documented: tell the developers ({detail})",
    ),
}

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "busy": (
        "хранилище {path} занято: {holder}. Подождите или увеличьте --wait",
        "the warehouse {path} is held by {holder}: wait, or raise --wait",
    ),
    "unusable": (
        (
            "хранилище {path} не открывается или не пишется ({reason}): проверьте путь в config.yaml, "
            "место на диске и права на папку"
        ),
        (
            "the warehouse {path} cannot be opened or written ({reason}): check the path in config.yaml, "
            "the disk and the folder's rights"
        ),
    ),
    "disk": (
        "не удаётся записать {path} ({reason}): проверьте путь, место на диске и права на папку",
        "cannot write {path} ({reason}): check the path, the disk and the folder's rights",
    ),
    "nothing_published": (
        "витрины ещё не построены: выполните «vitrina run»",
        "the marts were not built yet: run `vitrina run`",
    ),
    "marts_behind": (
        "витрины старше данных, последний расчёт не закончен: выполните «vitrina build»",
        "the marts are older than the data, the last build did not end: run `vitrina build`",
    ),
    "still_loading": (
        "первая загрузка ещё не закончена, половина аккаунта даёт неверные цифры: выполните «vitrina sync»",
        "the first load is not finished, and half an account gives wrong figures: run `vitrina sync`",
    ),
    "unknown_field": (
        "{place}: в аккаунте нет поля сделки {field}. Найдите его id: «vitrina check --fields»",
        "{place}: the account has no deal field {field}. Find its id: `vitrina check --fields`",
    ),
    "unknown_pipeline": (
        "{place}: воронки {pipeline} в аккаунте нет. Номера воронок: «vitrina check --fields»",
        "{place}: the account has no pipeline {pipeline}. The numbers: `vitrina check --fields`",
    ),
    "unknown_status": (
        "{place}.steps: таких этапов в воронке нет: {statuses}. Номера этапов: «vitrina check --fields»",
        "{place}.steps: the pipeline has no such statuses: {statuses}. The numbers: `vitrina check --fields`",
    ),
    "no_pipelines": (
        (
            "{place}: ни одна воронка не названа, и все показатели будут пустыми. "
            "Номера воронок и этапов: «vitrina check --fields»"
        ),
        (
            "{place}: no pipeline is named, so every figure will be empty. "
            "The numbers of pipelines and statuses: `vitrina check --fields`"
        ),
    ),
    "deal_alone": (
        "--deal нельзя сочетать с потоками, --since и --full: он перечитывает одну сделку",
        "--deal goes with neither streams nor --since nor --full: it reads one deal again",
    ),
    "json_alone": (
        "--json у sync работает только вместе с --dry-run",
        "with sync, --json goes together with --dry-run only",
    ),
    "interrupted": (
        "прервано; загруженное сохранено, повторите команду, чтобы продолжить",
        "interrupted; what was loaded is kept, repeat the command to go on",
    ),
    "demo_interrupted": ("прервано, временные файлы убраны", "interrupted, temporary files are removed"),
    "unknown_stream": (
        "нет такого потока: {name}. Есть: {known}",
        "there is no stream {name}; there are: {known}",
    ),
    "stream_off": (
        "поток {name} выключен: включите его в config.yaml, {switch}: true",
        "the stream {name} is switched off: turn it on in config.yaml, {switch}: true",
    ),
    "lacking": (
        (
            "{name}: в этом аккаунте недоступно и пропущено ({detail}). Нужно: {needs}. "
            "Чтобы больше не спрашивать, {switch}: false"
        ),
        (
            "{name}: not available in this account, so it is skipped ({detail}). Needed: {needs}. "
            "To ask for it no more, {switch}: false"
        ),
    ),
    "unknown_model": (
        "нет такой витрины: {name}. Есть: {known}",
        "there is no mart {name}; there are: {known}",
    ),
    "unknown_column": (
        "нет такого столбца: {name}. Есть: {known}",
        "there is no column {name}; there are: {known}",
    ),
    "bad_condition": (
        "{text}: строка задаётся как столбец=значение, например month=2026-10",
        "{text}: a row is named as column=value, such as month=2026-10",
    ),
    "no_row": (
        "такой строки в витрине нет. Есть, например:\n  {known}",
        "the mart has no such row; it has, for instance:\n  {known}",
    ),
    "several_rows": (
        "подходит больше одной строки, уточните:\n  {known}",
        "more than one row fits, be more exact:\n  {known}",
    ),
    "bad_moment": (
        "{text}: нужен день 2026-10-01, момент 2026-10-01T09:30 или номер запуска из «vitrina status»",
        "{text}: a day 2026-10-01, a moment 2026-10-01T09:30 or the number of a run in `vitrina status` is needed",
    ),
    "backwards": (
        "--from {since}, --to {until}: первый момент должен быть раньше второго (без --to второй – сейчас)",
        "--from {since}, --to {until}: the first moment must be before the second (without --to that is now)",
    ),
    "bad_month": ("{text}: нужен месяц вида 2026-10", "{text}: a month such as 2026-10 is needed"),
    "month_not_over": (
        "месяц {month} ещё не закончился: закрыть его можно с {day}",
        "the month {month} is not over: it can be closed from {day} on",
    ),
    "month_closed": (
        "месяц {month} уже закрыт {at}; чтобы закрыть заново: vitrina period reopen {month} --yes",
        "the month {month} was closed on {at}; to close it anew: vitrina period reopen {month} --yes",
    ),
    "month_open": (
        "месяц {month} и так открыт; закрытые: vitrina period list",
        "the month {month} is open as it is; the closed ones: vitrina period list",
    ),
    "reopen_needs_yes": (
        "сданные цифры месяца {month} заменятся текущими; если так и надо: vitrina period reopen {month} --yes",
        "what was reported for {month} gives way to present data; if so: vitrina period reopen {month} --yes",
    ),
    "unknown_book": ("нет такой книги: {name}. Есть: {known}", "there is no book {name}; there are: {known}"),
    "unknown_deal": (
        "сделки {deal} в аккаунте нет: ни среди действующих, ни в корзине",
        "there is no deal {deal} in the account, in its trash neither",
    ),
    "mass_loss": (
        (
            "{stream}: разом пропало {lost} из {alive} – ничего не помечено удалённым. "
            "Проверьте права токена и аккаунт; если всё верно: vitrina reconcile --accept-loss"
        ),
        (
            "{stream}: {lost} of {alive} are gone at once, so nothing was marked as deleted. "
            "Check the token's rights and the account; if all is well: vitrina reconcile --accept-loss"
        ),
    ),
    "bad_date": ("{text}: нужна дата вида 2024-05-01", "{text}: a date such as 2024-05-01 is needed"),
    "no_manager": (
        "книга {book}: в amoCRM нет сотрудника с номером {manager}, исправьте его в exports.books",
        "book {book}: amoCRM has no user {manager}, correct the number in exports.books",
    ),
    "no_books": (
        "в config.yaml нет ни одной книги: добавьте её в exports.books",
        "config.yaml names no book: add one to exports.books",
    ),
    "no_public_url": (
        "webhooks.public_url: укажите адрес, по которому amoCRM видит этот сервер, например https://vitrina.acme.ru",
        "webhooks.public_url: set the address under which amoCRM reaches this server, e.g. https://vitrina.acme.com",
    ),
    "already_serving": (
        "vitrina serve уже работает на этой папке (PID {pid}): остановите её или используйте другой config.yaml",
        "vitrina serve already works on this folder (PID {pid}): stop it, or use another config.yaml",
    ),
    "port_taken": (
        "порт {host}:{port} занят другой программой: остановите её или смените webhooks.port",
        "port {host}:{port} is taken by another program: stop it or change webhooks.port",
    ),
    "port_refused": (
        "на {host}:{port} нельзя слушать ({reason}): проверьте webhooks.host и webhooks.port",
        "cannot listen on {host}:{port} ({reason}): check webhooks.host and webhooks.port",
    ),
}


def source_error(kind: str, *, detail: str, where: str, locale: str) -> str:
    """The sentence for an error of the source, by the name of its class."""
    sentences = _SOURCE.get(kind, _SOURCE["ContractBroken"])
    return sentences[locale == "en"].format(detail=detail, where=where)


def sentence(key: str, locale: str, **details: object) -> str:
    """One of our own sentences."""
    return _SENTENCES[key][locale == "en"].format(**details)
