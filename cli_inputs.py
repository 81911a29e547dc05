"""The verbs of the tables that people type: what is accepted, what is refused, an empty form."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import texts_inputs
from cli_frame import BAD_USAGE, FAILED, IN_PART, ConfigFile, Wait, fail, with_jobs

if TYPE_CHECKING:
    from jobs import Jobs

inputs = typer.Typer(help="Таблицы, которые люди заполняют сами: планы, расходы, ставки, платежи.")

REFUSED = ("Таблица", "Строка", "Столбец", "Значение", "Что исправить")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.add_typer(inputs, name="inputs")


@inputs.callback(invoke_without_command=True)
def accepted(context: typer.Context, config: ConfigFile = None, wait: Wait = None) -> None:
    """Таблицы, которые люди заполняют сами; без подкоманды – показать, что принято и что нет."""
    if context.invoked_subcommand is None:
        list_inputs(history=False, config=config, wait=wait)


@inputs.command("list")
def list_inputs(
    history: Annotated[bool, typer.Option("--history", help="все версии, а не только действующие")] = False,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Показать, что принято, когда и от кого, и что не принято."""
    import screens
    from answers import title_of
    from warehouse.inputs import refusals, versions

    with with_jobs(config, wait, ()) as jobs:
        zone = jobs.zone()
        with jobs.parts.warehouse.transaction("inputs list") as tx:
            told, refused = versions(tx), refusals(tx)
        newest = {each.name: each.version for each in reversed(told)}
        rows = [
            (
                title_of(each.name),
                each.version,
                each.rows,
                each.accepted_at.astimezone(zone).replace(tzinfo=None),
                each.origin,
                each.author or "",
            )
            for each in told
            if history or newest[each.name] == each.version
        ]
        if rows:
            screens.table(None, ("Таблица", "Версия", "Строк", "Принята", "Откуда", "Кто"), rows)
        else:
            screens.out.print("ещё ничего не принято; пустые таблицы: vitrina inputs template")
        if refused:
            screens.table("Не принято", REFUSED, [_shown(*each) for each, _ in refused])


@inputs.command("check")
def check_inputs(config: ConfigFile = None, wait: Wait = None) -> None:
    """Проверить таблицы, ничего не принимая."""
    import screens
    from answers import title_of

    with with_jobs(config, wait, {"inputs"}) as jobs:
        look = jobs.inputs.check()
        for name, checked in look.checked.items():
            screens.out.print(f"{title_of(name)}: годных строк {len(checked.rows)}", markup=False)
        if look.refused:
            screens.table("Не принято", REFUSED, [_shown(*each) for each in look.refused])
            raise typer.Exit(IN_PART)


@inputs.command()
def template(
    form: Annotated[
        Literal["xlsx", "csv", "sheets"] | None,
        typer.Option(
            "--format",
            help="книга Excel, файлы csv или листы inputs.spreadsheet; без неё – xlsx, с ней – sheets",
        ),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="папка; без неё – inputs.folder")] = None,
    config: ConfigFile = None,
) -> None:
    """Положить пустые таблицы с пояснениями и примерами; то, что уже есть, не трогается."""
    import screens
    from answers import TemplateExists, write_blank_book, write_blank_files

    with with_jobs(config, None, {"inputs"} if form in (None, "sheets") and to is None else ()) as jobs:
        settings = jobs.parts.config
        if form == "sheets" or (form is None and to is None and settings.inputs.spreadsheet):
            _make_tabs(jobs)
            return
        write = write_blank_files if form == "csv" else write_blank_book
        try:
            written = write(to or settings.inputs.folder)
        except TemplateExists as error:
            fail(texts_inputs.sentence("template_exists", settings.locale, path=error.path), BAD_USAGE)
        for path in written:
            screens.out.print(str(path), markup=False)


def _make_tabs(jobs: "Jobs") -> None:
    import screens
    from inputs import StaffUnknown

    settings = jobs.parts.config
    if settings.inputs.spreadsheet is None:
        fail(texts_inputs.sentence("no_typed_spreadsheet", settings.locale), BAD_USAGE)
    try:
        made = jobs.inputs.provide()
    except StaffUnknown:
        fail(texts_inputs.sentence("staff_unknown", settings.locale), FAILED)
    screens.out.print(
        f"Сделано листов: {len(made)} ({', '.join(made)})" if made else "Все листы уже есть", markup=False
    )


def _shown(name: str, row: int, column: str | None, value: str | None, message: str) -> tuple[object, ...]:
    from answers import title_of

    return title_of(name), row or "вся", column, value, message
