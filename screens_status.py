"""What `vitrina status` shows."""

import os
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from rich.markup import escape

from jobs import STREAMS
from screens import number, out, table
from status import Status
from texts_streams import stream_title
from warehouse.journal import Run

_OUTCOMES = {
    "done": "сделано",
    "part": "частично",
    "failed": "не удалось",
    "interrupted": "прервано",
}


def status(status: Status) -> None:
    """The state of things on one screen, every moment in the account's own time."""
    delay = status.delay
    local = partial(_local, zone=status.zone)
    out.print(f"Данные на:    {local(status.data_at) or 'ещё не загружены'}")
    out.print(f"Построено:    {local(status.built_at) or 'ещё нет'}")
    out.print(f"Вебхуки:      ждут {status.waiting_deliveries}, отложено {status.set_aside_deliveries}")
    out.print(
        f"Задержка, с:  в хранилище {_pair(delay.to_warehouse_p50, delay.to_warehouse_p95)}, "
        f"в ячейке {_pair(delay.to_cell_p50, delay.to_cell_p95)} (медиана / 95 %, вебхуков: {delay.deliveries})"
    )
    out.print(
        f"За час, с:    от правки в amoCRM до ячейки {_pair(delay.change_to_cell_p50, delay.change_to_cell_p95)}"
    )
    for stream, reason in status.stopped.items():
        out.print(f"[red]Остановлено: {escape(f'{stream_title(stream)}: {reason}')}[/red]")
    for book, reason in status.unwritten.items():
        out.print(f"[red]{escape(f'Книга {book}: {reason}')}[/red]")
    for sentence in status.lacking.values():
        out.print(f"[yellow]{escape(sentence)}[/yellow]")
    for flaw in status.mapping_flaws:
        out.print(
            f"[red]{escape(f'{flaw.key}: {flaw.what}; неверны: {flaw.figures}. Что делать: {flaw.remedy}')}[/red]"
        )
    for change in status.schema_changes:
        was, now = change.before or "–", change.after or "–"
        out.print(escape(f"В amoCRM {local(change.noticed_at)}: {change.kind}: {was} → {now} ({change.id})"))
    rows = [
        (stream_title(stream), stream, status.records.get(stream), local(status.complete_until.get(stream)))
        for stream in sorted({*status.records, *status.complete_until}, key=_by_loading)
    ]
    table(None, ("Что загружено", "Поток", "Записей", "Полно до"), rows)
    runs = [
        (run.run_id, run.job, local(run.started_at), _ended(run), run.records, run.note)
        for run in status.runs
    ]
    table("Запуски", ("Запуск", "Работа", "Начат", "Итог", "Записей", "Замечание"), runs)


def _by_loading(stream: str) -> tuple[int, str]:
    """The place of a stream in the order of loading; the history of a field stands beside that of the deals."""
    name = "events" if stream.startswith("events_field_") else stream
    return (STREAMS.index(name) if name in STREAMS else len(STREAMS), stream)


def _ended(run: Run) -> str:
    """How a run ended; one without an end goes on only while its process lives."""
    if run.outcome is not None:
        return _OUTCOMES.get(run.outcome, run.outcome)
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return "не закончен"
    except PermissionError:  # it lives, and is somebody else's
        pass
    return "идёт"


def _pair(p50: float | None, p95: float | None) -> str:
    return "–" if p50 is None or p95 is None else f"{number(p50, 1)} / {number(p95, 1)}"


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S") if moment else None
