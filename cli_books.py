"""The verbs that hand figures out: to the books, to the terminal, to files for analysts."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import texts
import texts_books
from cli_frame import BAD_USAGE, DONE, FAILED, IN_PART, ConfigFile, Wait, check_names, fail, with_jobs

if TYPE_CHECKING:
    from jobs import Jobs

Out = Annotated[Path | None, typer.Option("--out", help="файл, у export csv и parquet – папка")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(export)
    app.command()(show)


def export(
    books: Annotated[list[str] | None, typer.Argument(help="книги; без них – все")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="только сказать, что было бы записано")] = False,
    form: Annotated[
        Literal["xlsx", "csv", "parquet"] | None,
        typer.Option("--format", help="вместе с --out: книга Excel в файл или все витрины в папку"),
    ] = None,
    out: Out = None,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Записать витрины в таблицы и книги; с --out – в файлы, ничего другого не трогая."""
    with with_jobs(config, wait, set() if out else {"google"}) as jobs:
        locale = jobs.parts.config.locale
        if (form is None) != (out is None):
            fail(texts_books.sentence("format_and_out", locale), BAD_USAGE)
        if form is None or out is None:
            raise typer.Exit(write_books(jobs, books or (), dry_run=dry_run))
        if dry_run or books:
            fail(texts_books.sentence("out_alone", locale), BAD_USAGE)
        _hand_out(jobs, form, out)


def show(
    model: Annotated[str, typer.Argument(help="витрина")],
    form: Annotated[
        Literal["table", "csv", "json", "parquet"],
        typer.Option(
            "--format", help="вид: таблица для людей или данные для программ; parquet – только в файл"
        ),
    ] = "table",
    out: Out = None,
    config: ConfigFile = None,
) -> None:
    """Показать строки витрины или положить их в файл; хранилище при этом не занимается."""
    import screens
    from handing_out import hand_out, print_out
    from warehouse.publish import read_published

    with with_jobs(config, None, ()) as jobs:
        settings, catalog = jobs.parts.config, jobs.parts.catalog
        check_names("unknown_model", [model], sorted(each.name for each in catalog), settings.locale)
        if form == "parquet" and out is None:
            fail(texts_books.sentence("parquet_out", settings.locale), BAD_USAGE)
        if out is not None:
            if form == "table":
                fail(texts_books.sentence("format_and_out", settings.locale), BAD_USAGE)
            hand_out(settings.warehouse.published, catalog[model], form, out)
            screens.out.print(str(out), markup=False)
            return
        with read_published(settings.warehouse.published) as shelf:
            if not shelf.has(catalog[model].relation):
                fail(texts.sentence("nothing_published", settings.locale), FAILED)
            if form == "table":
                screens.mart(catalog[model], shelf.stream(catalog[model].relation, catalog[model].order))
            else:
                print_out(shelf, catalog[model], form, sys.stdout)


def _hand_out(jobs: "Jobs", form: Literal["xlsx", "csv", "parquet"], out: Path) -> None:
    import screens
    from exporting import Exporter
    from handing_out import hand_out_all

    settings = jobs.parts.config
    if form == "xlsx":
        Exporter(jobs).save(out)
        screens.out.print(str(out), markup=False)
        return
    written = hand_out_all(settings.warehouse.published, jobs.parts.catalog, form, out)
    screens.out.print(f"{out}: витрин {len(written)}", markup=False)


def write_books(jobs: "Jobs", names: Sequence[str], *, dry_run: bool = False) -> int:
    """Write the books and tell what became of each; the exit code."""
    import screens
    from exporting import Exporter

    config = jobs.parts.config
    exporter = Exporter(jobs)
    check_names("unknown_book", names, exporter.names, config.locale)
    if not config.exports.books:
        fail(texts.sentence("no_books", config.locale), BAD_USAGE)
    exported = exporter.export(names, dry_run=dry_run)
    for book in exported:
        screens.book(book.name, book.tabs, book.cells, error=book.error, dry_run=dry_run)
        screens.held(book.name, book.held)
    failed = sum(book.error is not None for book in exported)
    if failed == len(exported):
        return FAILED
    return IN_PART if failed or any(book.held for book in exported) else DONE
