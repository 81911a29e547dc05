"""The command line: one verb a function, nothing else."""

import errno
from pathlib import Path
from typing import Annotated

import typer

import cli_books
import cli_inputs
import cli_money
import cli_upkeep
import texts
import texts_stamp
from cli_books import write_books
from cli_frame import (
    BAD_USAGE,
    DONE,
    FAILED,
    IN_PART,
    INTERRUPTED,
    ConfigFile,
    Verbs,
    Wait,
    check_names,
    check_switches,
    fail,
    in_sentences,
    local_midnight,
    tell_inputs,
    tell_stopped,
    with_jobs,
)
from cli_live import prove
from config import AMOCRM

app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="vitrina: из amoCRM в таблицу, которую читает собственник.",
)

AsJson = Annotated[bool, typer.Option("--json", help="для программ")]


@app.command()
def check(
    config: ConfigFile = None,
    wait: Wait = None,
    fields: Annotated[
        bool, typer.Option("--fields", help="показать номера полей сделок, воронок и этапов")
    ] = False,
    live: Annotated[
        str | None,
        typer.Option("--live", metavar="BOOK", help="испытать таблицу Google этой книги на скрытом листе"),
    ] = None,
) -> None:
    """Проверить настройки, токен, права, сопоставление полей, хранилище и таблицы."""
    import checks
    import screens

    if live is not None:
        raise typer.Exit(prove(config, live))
    with with_jobs(config, wait, {"amocrm", "google", "inputs"}) as jobs:
        if fields:
            rows = [(str(f.field_id), f.code, f.type, f.name) for f in checks.fields(jobs.parts)]
            screens.table(None, ("Поле", "Код", "Тип", "Название"), rows)
            places = [
                (str(s.pipeline_id), s.pipeline, str(s.status_id), s.name)
                for s in checks.statuses(jobs.parts)
            ]
            screens.table(None, ("Номер воронки", "Воронка", "Номер этапа", "Этап"), places)
            return
        problems = 0
        for finding in checks.check(jobs.parts):
            problems += finding.problem is not None
            screens.finding(finding.subject, finding.detail, finding.problem)
        raise typer.Exit(FAILED if problems else DONE)


@app.command()
def sync(
    streams: Annotated[list[str] | None, typer.Argument(help="потоки; без них – все")] = None,
    *,
    since: Annotated[str | None, typer.Option(help="перечитать с этой даты, 2024-05-01")] = None,
    full: Annotated[bool, typer.Option("--full", help="перечитать всё с самого начала")] = False,
    deal: Annotated[int | None, typer.Option(help="перечитать одну сделку")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="только сказать, что изменилось бы")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="вместе с --dry-run: для программ")] = False,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Забрать из amoCRM то, что изменилось."""
    import screens
    from cli_rehearse import rehearse
    from jobs import STREAMS

    with with_jobs(config, wait, AMOCRM) as jobs:
        locale = jobs.parts.config.locale
        check_names("unknown_stream", streams or (), STREAMS, locale)
        check_switches(jobs, streams or ())
        if deal is not None and (streams or since or full):
            fail(texts.sentence("deal_alone", locale), BAD_USAGE)
        if as_json and not dry_run:
            fail(texts.sentence("json_alone", locale), BAD_USAGE)
        if dry_run:
            rehearse(jobs, streams or (), since, full=full, deal=deal, as_json=as_json)
            return
        moment = local_midnight(since, jobs) if since else None
        if deal is not None:
            changed = jobs.sync_deal(deal)
            if changed < 0:
                fail(texts.sentence("unknown_deal", locale, deal=deal), FAILED)
            screens.out.print(f"Сделка {deal}: новых и изменённых записей {changed}")
            return
        with screens.progress() as report:
            synced = jobs.sync(streams or (), since=moment, full=full, report=report)
        if synced.changed:
            screens.out.print(f"Новых и изменённых записей: {sum(synced.changed.values())}")
        tell_stopped(jobs, synced)


@app.command()
def build(
    models: Annotated[list[str] | None, typer.Argument(help="витрины; без них – все")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="пересчитать все сделки, а не только изменившиеся")
    ] = False,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Пересчитать витрины и опубликовать их."""
    import screens

    with with_jobs(config, wait, {"inputs"}) as jobs:
        known = sorted(model.name for model in jobs.parts.catalog)
        check_names("unknown_model", models or (), known, jobs.parts.config.locale)
        tell_inputs(jobs.inputs.take(), jobs.parts.config.locale)
        built = jobs.build(models or (), full=full)
        rows = [(model.name, model.rows, round(model.seconds * 1000)) for model in built.models]
        screens.table(None, ("mart", "Строк", "мс"), rows)
        screens.out.print(f"Пересчитано сделок: {built.deals}")
        for each in built.broken:
            screens.err.print(texts_stamp.identity_broken(each.model, each.text, each.key), markup=False)
        raise typer.Exit(IN_PART if built.broken else DONE)


@app.command()
def run(config: ConfigFile = None, wait: Wait = None) -> None:
    """Один раз: забрать, пересчитать, записать."""
    import screens

    with with_jobs(config, wait, {"amocrm", "google", "inputs"}) as jobs:
        with screens.progress() as report:
            jobs.get_to_know(report)
            synced = jobs.sync(report=report)
        tell_inputs(jobs.inputs.take(), jobs.parts.config.locale)
        built = jobs.build()
        screens.out.print(
            f"Новых и изменённых записей: {sum(synced.changed.values())}, "
            f"пересчитано сделок: {built.deals}, витрин: {len(built.models)}"
        )
        failed = write_books(jobs, ()) if jobs.parts.config.exports.books else DONE
        tell_stopped(jobs, synced)
        raise typer.Exit(IN_PART if failed else DONE)


@app.command()
def serve(config: ConfigFile = None, wait: Wait = None) -> None:
    """Работать: принимать вебхуки, опрашивать, пересчитывать, обновлять таблицы."""
    from exporting import Exporter
    from seat import AlreadyServing, stop_signal
    from service import Service

    with with_jobs(config, wait, {"amocrm", "webhook", "google", "inputs"}, is_service=True) as jobs:
        settings = jobs.parts.config
        jobs.parts.inbox.waiting(1)  # what is wrong with its folder is told before the door is tried
        secret = settings.secrets.webhook.get_secret_value() if settings.secrets.webhook else ""
        door = settings.webhooks
        try:
            service = Service(
                jobs, Exporter(jobs), host=door.host, port=door.port, secret=secret, max_body=door.max_body
            )
        except AlreadyServing as error:
            fail(texts.sentence("already_serving", settings.locale, pid=error.pid), FAILED)
        except OSError as error:
            if error.filename is not None:  # not the port but the folder: its sentence is everybody's
                raise
            kind = "port_taken" if error.errno == errno.EADDRINUSE else "port_refused"
            place = {"host": door.host, "port": door.port, "reason": error.strerror}
            fail(texts.sentence(kind, settings.locale, **place), FAILED)
        stop = stop_signal()
        service.start()
        print(f"http://{service.door.host}:{service.door.port}/healthz", flush=True)
        stop.wait()
        service.stop()


@app.command()
def status(config: ConfigFile = None, wait: Wait = None, as_json: AsJson = False) -> None:
    """Показать, насколько свежи данные, что идёт и что остановлено."""
    import screens_status
    from status import read_status

    with with_jobs(config, wait, ()) as jobs:
        state = read_status(jobs)
        if as_json:
            print(state.as_json())
        else:
            screens_status.status(state)


@app.command()
def models(name: Annotated[str | None, typer.Argument(help="витрина")] = None) -> None:
    """Показать, что означает каждая витрина."""
    import screens
    from metrics import catalog

    known = catalog.load()
    check_names("unknown_model", [name] if name else [], sorted(model.name for model in known), "ru")
    screens.definitions(known, name)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="один проход без страницы")] = False,
    folder: Annotated[Path, typer.Option(help="куда положить книгу Excel")] = Path(),
    browser: Annotated[bool, typer.Option(help="открыть страницу в браузере")] = True,
) -> None:
    """Показать продукт живьём: без аккаунта, без ключей, на этой машине."""
    import demo as show_case

    with in_sentences("ru"):
        try:
            show_case.play(folder, once=once, browser=browser)
        except KeyboardInterrupt:
            fail(texts.sentence("demo_interrupted", "ru"), INTERRUPTED)


cli_books.register(app)
cli_upkeep.register(app)
cli_inputs.register(app)
cli_money.register(app)


def main() -> None:
    """The command `vitrina`."""
    app()
