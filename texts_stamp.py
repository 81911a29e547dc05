"""What a book's stamp says of its figures: in Russian, whatever the language of the config."""

from typing import Final

COMPLETE: Final = "данные полные"
_BROKEN: Final = (
    "лист не обновлён: итог не сходится с расшифровкой ({model}: {text}{where}); сообщите разработчикам"
)
STILL_LOADING: Final = "данные неполные: первая загрузка ещё не закончена"

# Class of the error → why something stands still, in a few words.
_STOPS: Final[dict[str, str]] = {
    "Unauthorized": "токен amoCRM не действует",
    "Unreachable": "нет связи с amoCRM",
    "Silent": "amoCRM не отвечает на запросы",
    "PaymentRequired": "подписка amoCRM закончилась",
    "Forbidden": "нет прав на часть данных amoCRM",
    "Blocked": "amoCRM заблокировал доступ",
    "RateLimited": "amoCRM ограничил частоту запросов",
    "NotFound": "аккаунта amoCRM по этому адресу нет",
    "ServerFailed": "amoCRM отвечает ошибкой сервера",
    "TooSlow": "amoCRM не успевает ответить",
    "MappingBroken": "в mapping названо поле, которого в amoCRM нет",
    "GrainBroken": "расчёт остановлен: витрина неоднозначна",
    "ColumnsBroken": "расчёт остановлен: витрина не та, что описана",
    "MassLoss": "в amoCRM разом пропало слишком много сделок, удаление не принято",
}


def stopped(kind: str) -> str:
    """Why a stream stands still, in the words of the stamp."""
    return _STOPS.get(kind, "ошибка amoCRM")


def identity_broken(model: str, text: str, key: str) -> str:
    """The stamp of a tab whose total is not the sum of its drill-down."""
    return _BROKEN.format(model=model, text=text, where=f" при {key}" if key else "")


def sync_stopped(since: str | None, reason: str) -> str:
    """The stamp of a sheet whose figures have stopped."""
    return (
        f"данные от {since}, синхронизация остановлена: {reason}" if since else f"данные неполные: {reason}"
    )


def all_but(parts: str) -> str:
    """The stamp of a sheet whose figures go on, while something beside them stands still."""
    return f"данные полные, кроме: {parts}"


def refused_places(number: int) -> str:
    """What the stamp says of the tables that people type."""
    return f"в таблицах ввода не принято мест: {number}, см. «Качество данных»" if number else ""
