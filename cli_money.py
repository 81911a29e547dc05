"""The verbs for those who answer for the money: explain, periods, differences."""

from typing import Annotated

import typer

import texts
from cli_frame import BAD_USAGE, IN_PART, ConfigFile, Wait, check_names, fail, with_jobs

AsJson = Annotated[bool, typer.Option("--json", help="для программ")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(explain)


def explain(
    model: Annotated[str, typer.Argument(help="витрина")],
    where: Annotated[
        list[str] | None, typer.Argument(help="какая строка: столбец=значение, например month=2026-10")
    ] = None,
    *,
    column: Annotated[str | None, typer.Option("--column", help="только строки этого столбца")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="сколько строк показать")] = 100,
    config: ConfigFile = None,
    wait: Wait = None,
    as_json: AsJson = False,
) -> None:
    """Показать строки книг учёта, из которых сложилась цифра, со ссылками на сделки, и сверить сумму."""
    import screens_money
    from explaining import NoSuchColumn, NoSuchRow
    from explaining import explain as explained

    with with_jobs(config, wait, ()) as jobs:
        locale = jobs.parts.config.locale
        check_names("unknown_model", [model], sorted(each.name for each in jobs.parts.catalog), locale)
        asked = dict(_pair(words, locale) for words in where or ())
        try:
            told = explained(jobs, model, asked, column)
        except NoSuchColumn as error:
            fail(
                texts.sentence("unknown_column", locale, name=error.name, known=", ".join(error.known)),
                BAD_USAGE,
            )
        except NoSuchRow as error:
            kind = "several_rows" if error.found else "no_row"
            fail(texts.sentence(kind, locale, known="\n  ".join(error.rows) or "–"), BAD_USAGE)
        if as_json:
            print(told.as_json())
        else:
            screens_money.explained(told, jobs.parts.catalog, limit)
        if told.proof.agrees is False:
            raise typer.Exit(IN_PART)


def _pair(words: str, locale: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not equals:
        fail(texts.sentence("bad_condition", locale, text=words), BAD_USAGE)
    return name.strip(), value.strip()
