"""What Google's refusals mean, and what people can do about each."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from exports.errors import (
    ApiDisabled,
    ExportError,
    KeyRevoked,
    NotShared,
    ProtectedRange,
    QuotaExceeded,
    Refused,
    SpreadsheetGone,
    TooLarge,
    Unreachable,
)

_TOO_OFTEN = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_DISABLED = {"SERVICE_DISABLED", "accessNotConfigured"}
_TOO_LARGE = (
    "above the limit of 10000000 cells",
    "payload size exceeds the limit",
    "requests in a single batch",
)

_LONGEST = 300
"""Google may quote a cell in its message: a log has no use for a whole one."""


def refusal(status: int, body: bytes, *, book: str, robot: str) -> ExportError:
    """The error for an answer that is not 2xx; the status decides, for a body may be a proxy's HTML page."""
    error = _error(body)
    message = str(error.get("message", ""))[:_LONGEST]
    reasons = set(_reasons(error))
    if status == 429 or (status == 403 and reasons & _TOO_OFTEN):
        return QuotaExceeded("Google просит писать реже: исчерпана квота запросов в минуту. Повторим позже.")
    if status in (400, 403) and "protected cell or object" in message:
        return ProtectedRange(
            f"В таблице {book} защищены ячейки, которые заполняет программа. "
            f"Снимите защиту с её листов или добавьте {robot} в редакторы защищённого диапазона."
        )
    if status in (400, 413) and (status == 413 or any(sign in message for sign in _TOO_LARGE)):
        return TooLarge(f"Таблица {book} не вмещает данные: {message}. Удалите из неё лишние листы.")
    if status == 403 and reasons & _DISABLED:
        return ApiDisabled(
            f"В проекте робота {robot} не включён Google Sheets API. Включите его: {_switch(error)}"
        )
    match status:
        case 401:
            return KeyRevoked(f"Google не принимает ключ робота {robot}. Создайте новый ключ и укажите его.")
        case 403:
            return NotShared(f"Таблица {book} не открыта роботу. Дайте доступ «Редактор» адресу {robot}.")
        case 404:
            return SpreadsheetGone(
                f"Таблицы {book} нет. Проверьте её номер в настройках: он стоит в её адресе."
            )
        case 408 | 409:
            return Unreachable(
                f"Google не выполнил запрос к таблице {book} (ответ {status}). Повторим позже."
            )
        case _ if status >= 500:
            return Unreachable(f"Google временно не отвечает (ответ {status}). Повторим позже.")
        case _:
            return Refused(
                f"Google отклонил запрос к таблице {book} (ответ {status}): {message or 'без объяснения'}"
            )


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    for part in (*error.get("details", ()), *error.get("errors", ())):
        if "reason" in part:
            yield part["reason"]


def _switch(error: Mapping[str, Any]) -> str:
    for part in error.get("details", ()):
        if "activationUrl" in part.get("metadata", {}):
            return str(part["metadata"]["activationUrl"])
    return "https://console.cloud.google.com/apis/library/sheets.googleapis.com"
