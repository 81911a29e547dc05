"""The verbs that keep the warehouse true: reconcile, rebuild, and those of the webhooks."""

from typing import Annotated

import typer

from cli_frame import IN_PART, ConfigFile, Wait, check_names, with_jobs
from config import AMOCRM

webhooks = typer.Typer(no_args_is_help=True, help="Подписка на вебхуки amoCRM и отложенные вебхуки.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(reconcile)
    app.command()(rebuild)
    app.add_typer(webhooks, name="webhooks")


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


@webhooks.command("list")
def list_webhooks(config: ConfigFile = None, wait: Wait = None) -> None:
    """Показать все подписки аккаунта; секретная часть адресов скрыта."""
    import screens
    from hooks import Hooks, shown

    with with_jobs(config, wait, AMOCRM) as jobs:
        rows = [
            (shown(one.destination), "включена" if one.is_enabled else "выключена", len(one.events))
            for one in Hooks(jobs.parts).all()
        ]
        screens.table(None, ("Адрес", "Состояние", "Событий"), rows)


@webhooks.command()
def subscribe(config: ConfigFile = None, wait: Wait = None) -> None:
    """Подписать webhooks.public_url на все нужные события; повторная подписка включает выключенную."""
    import screens
    from hooks import Hooks, shown

    with with_jobs(config, wait, {"amocrm", "webhook"}) as jobs:
        ours = Hooks(jobs.parts).subscribe()
        state = "включена" if ours.is_enabled else "выключена: включите её в настройках amoCRM"
        screens.out.print(f"{shown(ours.destination)}: {state}, событий: {len(ours.events)}")


@webhooks.command()
def unsubscribe(config: ConfigFile = None, wait: Wait = None) -> None:
    """Снять подписку webhooks.public_url; пока этот ключ задан, serve подпишется снова."""
    import screens
    from hooks import Hooks

    with with_jobs(config, wait, {"amocrm", "webhook"}) as jobs:
        was = Hooks(jobs.parts).unsubscribe()
        screens.out.print("Подписка снята" if was else "Подписки и не было")
        screens.out.print(
            "«vitrina serve» подпишется снова; чтобы остаться на опросе, уберите webhooks.public_url"
        )


@webhooks.command()
def replay(config: ConfigFile = None, wait: Wait = None) -> None:
    """Разобрать отложенные вебхуки ещё раз, например после обновления программы."""
    import screens

    with with_jobs(config, wait, AMOCRM) as jobs:
        returned = jobs.parts.inbox.replay()
        drained = jobs.drain()
        screens.out.print(
            f"Возвращено: {returned}, разобрано: {drained.deliveries}, снова отложено: {drained.set_aside}"
        )
