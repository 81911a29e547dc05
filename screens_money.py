"""What the verbs for money show."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.markup import escape

from explaining import DEAL, Explained, label
from ledger_words import COLUMNS, EVENTS, LEDGERS, SHOWN, VALUES
from metrics.catalog import Catalog, Model
from metrics.differences import Changed
from metrics.periods import Lock
from metrics.proofs import Level
from screens import out, shown, table
from tracing import Traced


def explained(told: Explained, catalog: Catalog, limit: int) -> None:
    """A figure, its definition, and the rows behind it with the pages of their deals."""
    proof = told.proof
    model = proof.model
    out.print(f"[bold]{escape(model.title)}[/bold]\n{escape(model.meaning)}\nДата: {escape(model.date_base)}")
    out.print(escape("Строка: " + ", ".join(f"{key} = {proof.row[key]}" for key in model.grain)))
    if proof.cells:
        rows = [
            (
                cell.label,
                shown(cell.shown, cell.format),
                shown(cell.added_up, cell.format),
                _mark(cell.agrees),
            )
            for cell in proof.cells
        ]
        table(None, ("Показатель", "В витрине", "Сумма строк", ""), rows)
    for level in (level for level in proof.levels if level.rows):
        _level(told, level, catalog, limit)
    verdict = {
        True: "Суммы строк сходятся с витриной",
        False: "[red]Суммы строк не сходятся с витриной[/red]",
        None: "Эта витрина не складывается из строк: показано то, что она читает",
    }
    out.print(verdict[proof.agrees])


def _mark(agrees: bool | None) -> str:
    return "" if agrees is None else "сходится" if agrees else "НЕ СХОДИТСЯ"


def _level(told: Explained, level: Level, catalog: Catalog, limit: int) -> None:
    schema, _, name = level.relation.partition(".")
    model = catalog[name] if schema == "mart" else None
    title = model.title if model else told.title(level)
    columns = _columns(level, model)
    places = [level.columns.index(column) for column in columns]
    rows = [[_cell(told, column, row[place]) for column, place in zip(columns, places, strict=True)]
            for row in level.rows[:limit]]  # fmt: skip
    if DEAL in columns:
        number = level.columns.index(DEAL)
        rows = [
            [*cells, told.link(row[number]) if row[number] else ""]
            for cells, row in zip(rows, level.rows, strict=False)
        ]
    heads = [label(column, model) for column in columns] + (["Ссылка"] if DEAL in columns else [])
    cut = f", показаны первые {limit}" if len(level.rows) > limit else ""
    check = f" – {_mark(level.agrees)}" if level.agrees is not None else ""
    out.print(f"\n[bold]{escape(title)}[/bold] ({level.relation}): строк {len(level.rows)}{cut}{check}")
    table(None, heads, rows)


def _columns(level: Level, model: Model | None) -> Sequence[str]:
    if model is not None:
        return [each.name for each in model.columns if each.format != "hidden"]
    return [each for each in SHOWN.get(level.relation, level.columns) if each in level.columns]


def _cell(told: Explained, column: str, value: Any) -> object:
    if column == DEAL:
        return str(value) if value is not None else ""
    value = told.local(value)
    return VALUES.get(value, value) if isinstance(value, str) and column not in ("name", "source") else value


def periods(locks: Sequence[Lock], zone: ZoneInfo) -> None:
    """Closed months, and those that were opened again."""
    if not locks:
        out.print("ни один месяц не закрыт; закрыть: vitrina period close 2026-10")
        return
    rows = [
        (
            f"{lock.month:%Y-%m}",
            f"{lock.closed_at.astimezone(zone):%d.%m.%Y %H:%M}",
            f"{lock.reopened_at.astimezone(zone):%d.%m.%Y %H:%M}, {lock.reopened_by}"
            if lock.reopened_at
            else "",
            "открыт снова" if lock.reopened_at else "закрыт",
        )
        for lock in locks
    ]
    table(None, ("Месяц", "Закрыт", "Открыт снова", "Состояние"), rows)


def traced(told: Traced, limit: int) -> None:
    """Figures that moved, and the changed rows of the ledgers with who changed them."""
    out.print(f"С {_at(told, told.since)} по {_at(told, told.until)}")
    rows = [
        (
            each.model.title,
            ", ".join(f"{key}={value}" for key, value in each.moved.key.items()),
            each.label,
            shown(each.before, each.format),
            shown(each.after, each.format),
            shown(each.moved.by, each.format),
        )
        for each in told.figures[:limit]
    ]
    cut = f", показаны первые {limit}" if len(told.figures) > limit else ""
    out.print(f"\n[bold]Изменились цифры[/bold]: {len(told.figures)}{cut}")
    if rows:
        table(None, ("Таблица", "Строка", "Показатель", "Было", "Стало", "Изменение"), rows)
    cut = f", показаны первые {limit}" if len(told.changes) > limit else ""
    out.print(f"\n[bold]Из-за чего[/bold]: строк учёта {len(told.changes)}{cut}")
    if told.changes:
        heads = ("Сделка", "Книга учёта", "Что изменилось", "Откуда известно", "Кто", "Запуск", "Ссылка")
        table(None, heads, [_change(told, each) for each in told.changes[:limit]])
    for name, version, moment, author in told.inputs:
        who = author or "автор неизвестен"
        out.print(escape(f"Принята входная таблица {name}, версия {version}, {_at(told, moment)}, {who}"))
    if not told.is_whole:
        out.print(
            "Часть учёта за это время пересчитана целиком (сменились настройки или версия): построчно не показано"
        )


def _change(told: Traced, each: Changed) -> tuple[object, ...]:
    ledger = LEDGERS.get(f"core.{each.ledger}", each.ledger)
    if each.deal_id is None:
        return ("", ledger, "пересчитано целиком", "", "", str(each.run_id), "")
    known = (
        f"{EVENTS.get(each.event, each.event)}, {_at(told, each.event_at)}"
        if each.event and each.event_at
        else ""
    )
    return (
        str(each.deal_id),
        ledger,
        _what(each),
        known,
        each.who or "",
        str(each.run_id),
        told.link(each.deal_id),
    )


def _what(each: Changed) -> str:
    """The values that differ; of a new or a vanished row those that people know it by."""
    if each.before and each.after:
        return ", ".join(
            f"{_name(name)}: {_text(each.before.get(name))} → {_text(each.after.get(name))}"
            for name in each.columns
        )
    row = each.after or each.before
    known = SHOWN.get(f"core.{each.ledger}", tuple(row))
    values = ", ".join(
        f"{_name(name)} {_text(row[name])}" for name in known if row.get(name) is not None and name != DEAL
    )
    return f"{'добавлена' if each.after else 'исчезла'}: {values}"


def _name(column: str) -> str:
    return COLUMNS.get(column, column)


def _text(value: str | None) -> str:
    return "пусто" if value is None else VALUES.get(value, value)


def _at(told: Traced, moment: datetime) -> str:
    return f"{moment.astimezone(told.zone):%d.%m.%Y %H:%M:%S}"
