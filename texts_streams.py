"""What people call the streams."""

from typing import Final

_STREAMS: Final[dict[str, str]] = {
    "all": "вся загрузка",
    "reconcile": "ночная сверка",
    "build": "расчёт",
    "account": "аккаунт",
    "users": "сотрудники",
    "pipelines": "воронки",
    "lead_fields": "поля сделок",
    "contact_fields": "поля контактов",
    "company_fields": "поля компаний",
    "loss_reasons": "причины отказа",
    "leads": "сделки",
    "contacts": "контакты",
    "companies": "компании",
    "tasks": "задачи",
    "lead_notes": "звонки по сделкам",
    "contact_notes": "звонки контактам",
    "company_notes": "звонки компаниям",
    "note_events": "удалённые звонки",
    "events": "история сделок",
    "trash": "корзина",
    "task_events": "выполнение задач",
    "link_events": "что прикреплено к сделкам",
    "catalogs": "списки",
    "catalog_elements": "товары и счета",
    "unsorted": "неразобранное",
    "unsorted_summary": "сводка неразобранного",
    "lead_tags": "теги сделок",
    "contact_tags": "теги контактов",
    "company_tags": "теги компаний",
    "groups": "отделы",
    "roles": "роли",
    "trash_events": "удалённые контакты и компании",
    "customers": "покупатели",
    "transactions": "покупки",
}
_OF_A_FIELD: Final = "events_field_"


def stream_title(stream: str) -> str:
    """A stream as people call what it brings."""
    field = stream.removeprefix(_OF_A_FIELD)
    return _STREAMS.get(stream, stream) if field == stream else f"история поля {field}"
