"""The verbs for those who answer for the money: explain, periods, differences."""

import contextlib
import re
from datetime import date
from typing import Annotated

import typer

import texts
from cli_frame import (
    BAD_USAGE,
    FAILED,
    IN_PART,
    ConfigFile,
    Wait,
    check_names,
    fail,
    tell_inputs,
    with_jobs,
)

period = typer.Typer(no_args_is_help=True, help="Закрытие месяца: сданные цифры больше не меняются.")

Month = Annotated[str, typer.Argument(help="месяц, 2026-10")]
AsJson = Annotated[bool, typer.Option("--json", help="для программ")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(explain)
    app.command()(diff)
    app.add_typer(period, name="period")


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


def diff(
    model: Annotated[str | None, typer.Argument(help="витрина; без неё – все листы книги")] = None,
    where: Annotated[list[str] | None, typer.Argument(help="какая строка: столбец=значение")] = None,
    *,
    since: Annotated[
        str, typer.Option("--from", help="с какого момента: 2026-10-01, 2026-10-01T09:30 или номер запуска")
    ],
    until: Annotated[str | None, typer.Option("--to", help="по какой момент; без него – по сейчас")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="сколько строк показать")] = 100,
    config: ConfigFile = None,
    wait: Wait = None,
    as_json: AsJson = False,
) -> None:
    """Показать, какие цифры изменились между двумя моментами, какие строки учёта их изменили, кто и когда."""
    import screens_money
    from tracing import Backwards, NoSuchMoment, trace

    with with_jobs(config, wait, ()) as jobs:
        locale = jobs.parts.config.locale
        known = sorted(each.name for each in jobs.parts.catalog)
        check_names("unknown_model", [model] if model else [], known, locale)
        asked = dict(_pair(words, locale) for words in where or ())
        if model:
            names = [column.name for column in jobs.parts.catalog[model].columns]
            check_names("unknown_column", [name for name in asked if name != "column"], names, locale)
        try:
            traced = trace(jobs, since, until, model, asked)
        except NoSuchMoment as error:
            fail(texts.sentence("bad_moment", locale, text=error.text), BAD_USAGE)
        except Backwards:
            fail(texts.sentence("backwards", locale, since=since, until=until or "–"), BAD_USAGE)
        if as_json:
            print(traced.as_json())
        else:
            screens_money.traced(traced, limit)


def _pair(words: str, locale: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not equals:
        fail(texts.sentence("bad_condition", locale, text=words), BAD_USAGE)
    return name.strip(), value.strip()


@period.command("list")
def list_periods(config: ConfigFile = None, wait: Wait = None) -> None:
    """Показать, какие месяцы закрыты, когда, и какие открывали снова."""
    import screens_money
    from closing import Closing

    with with_jobs(config, wait, ()) as jobs:
        screens_money.periods(Closing(jobs).list(), jobs.zone())


@period.command()
def close(month: Month, config: ConfigFile = None, wait: Wait = None) -> None:
    """Закрыть месяц и все более ранние открытые: их цифры и листки закрепляются такими, какие есть."""
    import screens
    from closing import AlreadyClosed, Closing, NotOver

    with with_jobs(config, wait, {"inputs"}) as jobs:
        locale = jobs.parts.config.locale
        wanted = _month(month, locale)
        tell_inputs(jobs.inputs.take(), locale)
        try:
            closed = Closing(jobs).close(wanted)
        except NotOver as error:
            told = {"month": f"{error.month:%Y-%m}", "day": f"{error.first_day:%d.%m.%Y}"}
            fail(texts.sentence("month_not_over", locale, **told), FAILED)
        except AlreadyClosed as error:
            at = error.closed_at.astimezone(jobs.zone())
            told = {"month": f"{error.month:%Y-%m}", "at": f"{at:%d.%m.%Y %H:%M}"}
            fail(texts.sentence("month_closed", locale, **told), FAILED)
        screens.out.print(f"Закрыто месяцев: {len(closed)} ({', '.join(f'{each:%Y-%m}' for each in closed)})")


@period.command()
def reopen(
    month: Month,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="да, сданные цифры месяца больше не нужны")] = False,
    config: ConfigFile = None,
    wait: Wait = None,
) -> None:
    """Открыть закрытый месяц: он снова показывает текущие данные; закрытие и открытие остаются в списке."""
    import screens
    from closing import Closing, NotClosed

    with with_jobs(config, wait, ()) as jobs:
        locale = jobs.parts.config.locale
        which = _month(month, locale)
        if not yes:
            fail(texts.sentence("reopen_needs_yes", locale, month=f"{which:%Y-%m}"), BAD_USAGE)
        try:
            Closing(jobs).reopen(which)
        except NotClosed:
            fail(texts.sentence("month_open", locale, month=f"{which:%Y-%m}"), FAILED)
        screens.out.print(f"Месяц {which:%Y-%m} открыт")


def _month(text: str, locale: str) -> date:
    """The first day of a month written 2026-10 or 10.2026."""
    if found := re.fullmatch(r"(?P<year>\d{4})-(?P<month>\d\d)|(?P<m>\d\d)\.(?P<y>\d{4})", text):
        with contextlib.suppress(ValueError):
            return date(int(found["year"] or found["y"]), int(found["month"] or found["m"]), 1)
    return fail(texts.sentence("bad_month", locale, text=text), BAD_USAGE)
