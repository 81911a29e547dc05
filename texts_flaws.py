"""What people read where the mapping no longer fits the account."""

from collections.abc import Sequence
from typing import Final

# What the account took from under the mapping: what happened, and what to do.
_FLAWS: Final[dict[str, tuple[str, str]]] = {
    "field_deleted": (
        "поле «{name}» удалено в amoCRM",
        "заведите поле снова, впишите его номер в {key} и перезапустите vitrina; если оно больше не нужно – null",
    ),
    "field_made_anew": (
        "поле «{name}» удалено в amoCRM и заведено заново",
        "впишите новый номер {heir} в {key} и перезапустите vitrina",
    ),
    "field_retyped": (
        "поле «{name}» сменило тип в amoCRM, теперь {type}",
        "проверьте в сделках, что значения в нём остались; если нет – заведите поле и впишите его номер в {key}",
    ),
    "field_unfit": (
        "поле «{name}» имеет тип {type}, который сюда не подходит",
        "верните полю прежний тип или впишите в {key} номер другого поля",
    ),
    "pipeline_deleted": (
        "воронка «{name}» удалена в amoCRM",
        "впишите в mapping.pipelines воронку, куда ушли сделки, и уберите {key}",
    ),
    "pipeline_archived": (
        "воронка «{name}» отправлена в архив amoCRM",
        "верните её из архива, если она нужна; если нет – уберите {key}",
    ),
    "status_deleted": (
        "этап {status} воронки «{name}» удалён в amoCRM",
        "сопоставьте этапы заново (номера: «vitrina check --fields») и уберите {key}",
    ),
}

_FIGURES: Final[dict[str, str]] = {
    "": "все показатели воронки",
    "lead_date": "даты заявок",
    "source": "источники",
    "call_result": "результаты звонков",
    "contract_amount": "суммы договоров, оборот, дебиторка",
    "contract_date": "даты договоров, оборот по месяцам",
    "prepayment_amount": "предоплаты, дебиторка",
    "prepayment_date": "предоплаты, дебиторка",
    "payment_amount": "оплаты, дебиторка",
    "payment_date": "оплаты, дебиторка",
    "installation_date": "график платежей",
    "discount": "скидки",
    "product": "продукты",
    "cost": "расходы, прибыль",
}


def flaw(kind: str, **details: object) -> tuple[str, str]:
    """What the account took from under the mapping, and what to do about it."""
    what, remedy = _FLAWS[kind]
    return what.format(**details), remedy.format(**details)


def figures_of(role: str) -> str:
    """Which figures a mapped field makes; without one, those of a whole pipeline."""
    return _FIGURES[role]


def with_flaws(state: str, flaws: Sequence[tuple[str, str]]) -> str:
    """The stamp of a sheet some of whose figures stand on what is no longer there: what happened, which figures."""
    told = "; ".join(f"{what}: цифры неверны – {figures}" for what, figures in flaws)
    return f"{state}; {told}" if told else state
