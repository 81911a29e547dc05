"""The verbs that keep the warehouse true: reconcile and rebuild."""

from typing import Annotated

import typer

from cli_frame import IN_PART, ConfigFile, Wait, check_names, with_jobs
from config import AMOCRM


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(reconcile)
    app.command()(rebuild)


def reconcile(
    streams: Annotated[
        list[str] | None, typer.Argument(help="leads, contacts, companies; без них – все")
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="признать удалённым всё, чего в amoCRM больше нет")
    ] = False,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Сверить каждую запись с amoCRM по номеру, исправить расхождения и показать их."""
    import screens
    from jobs import RECONCILED

    with with_jobs(config, wait, AMOCRM) as jobs:
        check_names("unknown_stream", streams or (), RECONCILED, jobs.parts.config.locale)
        with screens.progress() as report:
            found = jobs.reconcile(streams or RECONCILED, accept_loss=accept_loss, report=report)
        screens.reconciled(found)
        if not all(each.agrees for each in found):
            raise typer.Exit(IN_PART)


def rebuild(config: ConfigFile = None, wait: Wait = None) -> None:
    """Пересчитать книги учёта и витрины заново из загруженного; amoCRM при этом не спрашивается."""
    import screens

    with with_jobs(config, wait, ()) as jobs:
        built = jobs.build(full=True)
        screens.out.print(f"Пересчитано сделок: {built.deals}, витрин: {len(built.models)}")
