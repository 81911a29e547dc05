"""The command line: one verb a function, nothing else."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import texts
from cli_frame import (
    BAD_USAGE,
    DONE,
    FAILED,
    IN_PART,
    check_names,
    fail,
    in_sentences,
    local_midnight,
    with_jobs,
)
from config import AMOCRM

if TYPE_CHECKING:
    from jobs import Jobs

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="vitrina: из amoCRM в таблицу, которую читает собственник.",
)

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="config.yaml (иначе VITRINA_CONFIG, иначе ./config.yaml)"),
]
Wait = Annotated[float | None, typer.Option("--wait", help="сколько секунд ждать занятое хранилище")]
AsJson = Annotated[bool, typer.Option("--json", help="для программ")]


@app.command()
def check(
    config: ConfigFile = None,
    wait: Wait = None,
    fields: Annotated[bool, typer.Option("--fields", help="показать поля сделок и их id")] = False,
) -> None:
    """Проверить настройки, токен, права, сопоставление полей, хранилище и таблицы."""
    import checks
    import screens

    with with_jobs(config, wait, {"amocrm", "google"}) as jobs:
        if fields:
            rows = [(f.field_id, f.code, f.type, f.name) for f in checks.fields(jobs.parts)]
            screens.table(None, ("id", "code", "type", "name"), rows)
            return
        problems = 0
        for finding in checks.check(jobs.parts):
            problems += finding.problem is not None
            mark = "[red]✗[/red]" if finding.problem else "[green]✓[/green]"
            screens.out.print(f"{mark} {finding.subject}: {finding.problem or finding.detail}")
        raise typer.Exit(FAILED if problems else DONE)


@app.command()
def sync(
    streams: Annotated[list[str] | None, typer.Argument(help="потоки; без них – все")] = None,
    *,
    since: Annotated[str | None, typer.Option(help="перечитать с этой даты, 2024-05-01")] = None,
    full: Annotated[bool, typer.Option("--full", help="перечитать всё с самого начала")] = False,
    deal: Annotated[int | None, typer.Option(help="перечитать одну сделку")] = None,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Забрать из amoCRM то, что изменилось."""
    import screens
    from jobs import STREAMS

    with with_jobs(config, wait, AMOCRM) as jobs:
        locale = jobs.parts.config.locale
        check_names("unknown_stream", streams or (), STREAMS, locale)
        moment = local_midnight(since, jobs) if since else None
        if deal is not None:
            changed = jobs.sync_deal(deal)
            if changed < 0:
                fail(texts.sentence("unknown_deal", locale, deal=deal), FAILED)
            screens.out.print(f"deal {deal}: {changed}")
            return
        with screens.progress() as report:
            synced = jobs.sync(streams or (), since=moment, full=full, report=report)
        for stream, changed in synced.changed.items():
            screens.out.print(f"{stream}: {changed}")
        _end_in_part(jobs, synced.errors)


@app.command()
def build(
    models: Annotated[list[str] | None, typer.Argument(help="витрины; без них – все")] = None,
    full: Annotated[bool, typer.Option("--full", help="пересчитать и все книги учёта")] = False,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Пересчитать витрины и опубликовать их."""
    import screens

    with with_jobs(config, wait, ()) as jobs:
        known = [model.name for model in jobs.parts.catalog]
        check_names("unknown_model", models or (), known, jobs.parts.config.locale)
        built = jobs.build(models or (), full=full)
        rows = [(model.name, model.rows, round(model.seconds * 1000)) for model in built.models]
        screens.table(None, ("mart", "rows", "ms"), rows)
        screens.out.print(f"deals: {built.deals}")


@app.command()
def export(
    books: Annotated[list[str] | None, typer.Argument(help="книги; без них – все")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="только сказать, что было бы записано")] = False,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Записать витрины в таблицы и книги."""
    with with_jobs(config, wait, {"google"}) as jobs:
        _export(jobs, books or (), dry_run=dry_run)


@app.command()
def run(config: ConfigFile = None, wait: Wait = None) -> None:
    """Один раз: забрать, пересчитать, записать."""
    import screens

    with with_jobs(config, wait, {"amocrm", "google"}) as jobs:
        with screens.progress() as report:
            synced = jobs.sync(report=report)
        built = jobs.build()
        screens.out.print(
            f"records: {sum(synced.changed.values())}, deals: {built.deals}, marts: {len(built.models)}"
        )
        if jobs.parts.config.exports.books:
            _export(jobs, ())
        _end_in_part(jobs, synced.errors)


@app.command()
def serve(config: ConfigFile = None, wait: Wait = None) -> None:
    """Работать: принимать вебхуки, опрашивать, пересчитывать, обновлять таблицы."""
    from exporting import Exporter
    from service import Service, stop_signal

    with with_jobs(config, wait, {"amocrm", "webhook", "google"}) as jobs:
        settings = jobs.parts.config
        secret = settings.secrets.webhook.get_secret_value() if settings.secrets.webhook else ""
        door = settings.webhooks
        try:
            service = Service(
                jobs, Exporter(jobs), host=door.host, port=door.port, secret=secret, max_body=door.max_body
            )
        except OSError:
            fail(texts.sentence("port_taken", settings.locale, host=door.host, port=door.port), FAILED)
        stop = stop_signal()
        service.start()
        print(f"http://{service.door.host}:{service.door.port}/healthz", flush=True)
        stop.wait()
        service.stop()


@app.command()
def status(config: ConfigFile = None, wait: Wait = None, as_json: AsJson = False) -> None:
    """Показать, насколько свежи данные, что идёт и что остановлено."""
    import screens
    from status import read_status

    with with_jobs(config, wait, ()) as jobs:
        state = read_status(jobs)
        if as_json:
            print(state.as_json())
        else:
            screens.status(state)


@app.command()
def models(name: Annotated[str | None, typer.Argument(help="витрина")] = None) -> None:
    """Показать, что означает каждая витрина."""
    import screens
    from metrics import catalog

    known = catalog.load()
    check_names("unknown_model", [name] if name else [], [model.name for model in known], "ru")
    screens.definitions(known, name)


@app.command()
def show(
    model: Annotated[str, typer.Argument(help="витрина")],
    form: Annotated[Literal["table", "csv", "json"], typer.Option("--format")] = "table",
    config: ConfigFile = None,
) -> None:
    """Показать строки витрины; хранилище при этом не занимается."""
    import screens
    from warehouse.publish import read_published

    with with_jobs(config, None, ()) as jobs:
        known = [each.name for each in jobs.parts.catalog]
        check_names("unknown_model", [model], known, jobs.parts.config.locale)
        with read_published(jobs.parts.config.warehouse.published) as shelf:
            rows = shelf.table(f"mart.{model}")
        if rows is None:
            fail(texts.sentence("nothing_published", jobs.parts.config.locale), FAILED)
        screens.mart(jobs.parts.catalog[model], rows, form)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="один проход без страницы")] = False,
    folder: Annotated[Path, typer.Option(help="куда положить книгу и хранилище")] = Path(),
    browser: Annotated[bool, typer.Option(help="открыть страницу в браузере")] = True,
) -> None:
    """Показать продукт живьём: без аккаунта, без ключей, на этой машине."""
    import demo as show_case

    with in_sentences("ru"):
        show_case.play(folder, once=once, browser=browser)


def main() -> None:
    """The command `vitrina`."""
    app()


def _export(jobs: "Jobs", names: Sequence[str], *, dry_run: bool = False) -> None:
    import screens
    from exporting import Exporter

    config = jobs.parts.config
    check_names("unknown_book", names, [book.name for book in config.exports.books], config.locale)
    if not config.exports.books:
        fail(texts.sentence("no_books", config.locale), BAD_USAGE)
    exported = Exporter(jobs).export(names, dry_run=dry_run)
    for book in exported:
        if book.error is None:
            screens.out.print(f"{book.name}: {len(book.tabs)} листов, {book.bytes} байт")
        else:
            screens.err.print(f"{book.name}: {book.error}", markup=False)
    failed = sum(book.error is not None for book in exported)
    if failed:
        raise typer.Exit(FAILED if failed == len(exported) else IN_PART)


def _end_in_part(jobs: "Jobs", errors: Mapping[str, Exception]) -> None:
    config = jobs.parts.config
    for stream, error in errors.items():
        text = texts.source_error(
            type(error).__name__, detail=str(error), where=config.amocrm.url, locale=config.locale
        )
        print(f"{stream}: {text}", file=sys.stderr)
    if errors:
        raise typer.Exit(IN_PART)
