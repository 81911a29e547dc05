"""What the command line shows: tables, progress, plain lines where nobody watches."""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from texts_streams import stream_title

if TYPE_CHECKING:
    from metrics.catalog import Catalog, Model
    from sync.reconcile import Reconciled

UNWATCHED_WIDTH = 200  # of tables that go to a file or another program

out = Console(
    highlight=False,
    soft_wrap=not sys.stdout.isatty(),
    width=None if sys.stdout.isatty() else UNWATCHED_WIDTH,
)
err = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

Report = Callable[[str, int, float], None]


@contextlib.contextmanager
def progress() -> Iterator[Report]:
    """A bar for each stream while somebody watches; otherwise one line when a stream is through."""
    if not err.is_terminal:
        yield _plain_report
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[records]:>9}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=False) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stream: str, records: int, share: float) -> None:
            if stream not in tasks:
                tasks[stream] = bars.add_task(stream_title(stream), total=1.0, records="")
            bars.update(tasks[stream], completed=share, records=number(records))

        yield report


def _plain_report(stream: str, records: int, share: float) -> None:
    if share >= 1.0:
        err.print(f"{stream_title(stream)}: {records}", markup=False)


def finding(subject: str, detail: str, problem: str | None) -> None:
    """One line of `vitrina check`."""
    mark = "[red]✗[/red]" if problem else "[green]✓[/green]"
    names_itself = problem is not None and problem.startswith(subject)
    out.print(f"{mark} {escape(problem if problem and names_itself else f'{subject}: {problem or detail}')}")


def book(name: str, tabs: Sequence[str], cells: int, *, error: Exception | None, dry_run: bool) -> None:
    """What became of one book, or would have become of it."""
    if error is not None:
        err.print(f"{name}: {error}", markup=False)
    elif tabs:
        verb = "было бы записано" if dry_run else "записано"
        out.print(escape(f"{name}: {verb} листов {len(tabs)} ({', '.join(tabs)}), ячеек {number(cells)}"))
    else:
        out.print(escape(f"{name}: цифры те же, кроме отметки «Данные на …» писать нечего"))


def held(name: str, tabs: Sequence[str]) -> None:
    """The tabs of a book that were left as they were, because a sum does not hold."""
    if tabs:
        err.print(f"{name}: не обновлены листы, где итог не сходится: {', '.join(tabs)}", markup=False)


def table(
    title: str | None,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    to_the_right: Sequence[bool] | None = None,
) -> None:
    """A table on the terminal; numbers stand to the right, unless `to_the_right` says which columns do."""
    if not rows:
        out.print(f"{escape(title)}: нет строк" if title else "нет строк")
        return
    shown = Table(title=title, title_justify="left", header_style="bold")
    for place, header in enumerate(headers):
        right = to_the_right[place] if to_the_right else _are_numbers([row[place] for row in rows])
        shown.add_column(header, justify="right" if right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(_cell(value) for value in row))
    out.print(shown)


def _are_numbers(values: Sequence[object]) -> bool:
    return any(isinstance(value, int | Decimal) for value in values) and not any(
        isinstance(value, str) for value in values
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, int | Decimal):
        return number(value)
    if isinstance(value, datetime):
        return value.strftime("%d.%m.%Y %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return escape(str(value))


def number(value: float | Decimal, places: int | None = None) -> str:
    """With a blank between thousands and a comma, as people here write."""
    text = f"{value:,}" if places is None else f"{value:,.{places}f}"
    return text.replace(",", "\u00a0").replace(".", ",")


def shown(value: object, shown_as: str) -> object:
    """A mart's value as its format says: whole roubles, per cents, months."""
    if value is None:
        return None
    if isinstance(value, Decimal | int):
        match shown_as:
            case "percent" | "change":
                return f"{number(Decimal(value) * 100, 1)}\u00a0%"
            case "money":
                return f"{number(Decimal(value), 0)}\u00a0₽"
            case "deal" | "year":
                return str(value)
            case "integer" | "days":
                return number(Decimal(value), 0)
            case "number":
                return number(Decimal(value), 1)
    if shown_as == "month" and isinstance(value, date):
        return value.strftime("%m.%Y")
    return value


def mart(model: "Model", rows: Iterable[Sequence[object]]) -> None:
    """A mart's rows for a person, as the tabs show them: without technical columns, every number in its format."""
    out.print(f"[bold]{escape(model.title)}[/bold]\n{escape(model.meaning)}")
    columns = [(place, column) for place, column in enumerate(model.columns) if column.format != "hidden"]
    by_row = next((place for place, column in enumerate(model.columns) if column.name == "format"), None)
    cells = [
        [
            shown(
                row[place],
                str(row[by_row]) if column.format == "by_row" and by_row is not None else column.format,
            )
            for place, column in columns
        ]
        for row in rows
    ]
    to_the_right = [column.format not in ("text", "date", "month", "datetime") for _, column in columns]
    table(None, [column.label for _, column in columns], cells, to_the_right)


def definitions(catalog: "Catalog", name: str | None) -> None:
    """Every mart in a line each, or one of them whole."""
    if name is None:
        known = sorted(catalog, key=lambda model: model.name)
        rows = [(model.name, model.title, ", ".join(model.grain), model.date_base) for model in known]
        table(None, ("mart", "Название", "Строка", "По какой дате"), rows)
        return
    model = catalog[name]
    out.print(f"[bold]{model.name}[/bold]  {escape(model.title)}\n{escape(model.meaning)}")
    out.print(f"Строка: {', '.join(model.grain)}\nДата: {model.date_base}\nИз чего: {', '.join(model.reads)}")
    table(None, ("column", "Столбец", "Формат"), [(c.name, c.label, c.format) for c in model.columns])


def reconciled(found: Sequence["Reconciled"]) -> None:
    """What a reconciliation found: by stream, and for deals by stage."""
    rows = [(stream_title(each.stream), each.read, each.healed, each.gone) for each in found]
    table(None, ("Что сверено", "В amoCRM", "Исправлено у нас", "Больше нет в amoCRM"), rows)
    stages = [stage for each in found for stage in each.stages]
    differing = [stage for stage in stages if not stage.agrees]
    deals, amount = sum(stage.live_deals for stage in stages), sum(stage.live_amount for stage in stages)
    out.print(
        f"Этапов: {len(stages)}, сделок: {number(deals)}, бюджет: {number(amount)}; "
        f"расходятся этапов: {len(differing)}"
    )
    if differing:
        headers = ("Воронка", "Этап", "В amoCRM", "Бюджет", "У нас", "Бюджет у нас", "Изменились позже")
        table(
            None,
            headers,
            [
                (
                    str(stage.pipeline_id),
                    str(stage.status_id),
                    stage.live_deals,
                    stage.live_amount,
                    stage.our_deals,
                    stage.our_amount,
                    stage.changed_since,
                )
                for stage in differing
            ],
        )
