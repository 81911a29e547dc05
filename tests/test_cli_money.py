"""`vitrina period`: a month closed, corrected and opened again, by the command line against the stand-in company."""

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli_stand import BAD_USAGE, DONE, FAILED, Place, Stand, loaded, stand

__all__ = ["loaded", "stand"]

COST = "Закуп материалов"


@pytest.fixture
def copy(loaded: Place, tmp_path: Path) -> Place:
    """A folder of its own in which `vitrina run` was called."""
    shutil.copytree(loaded.folder, tmp_path / "copy")
    return Place(tmp_path / "copy", loaded.content, loaded.secrets)


def last_month() -> date:
    return (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)


def everything(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    names = place.rows(
        "select distinct schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'mart')",
    )
    return {name: place.rows(f"from {name} order by all") for (name,) in names}


def test_what_was_typed_last_is_closed_with_its_month(copy: Place) -> None:
    """Money typed since the last build belongs to the month as reported; it is no adjustment of it later."""
    first = last_month()
    [(deal,)] = copy.rows("select min(deal_id) from core.deals where is_signed and not is_cancelled")
    table = copy.folder / "inputs" / "Платежи.csv"
    table.parent.mkdir(exist_ok=True)
    table.write_text(
        f"Дата;Сделка;Сумма;Чем подтверждено;Документ\n{first:%d.%m.%Y};{deal};9 000 000;банк;п/п 1",
        encoding="utf-8",
    )
    os.utime(table, (0, 0))

    closed = copy.call("period", "close", f"{first:%Y-%m}")
    ran = copy.call("run")

    assert (closed.exit_code, ran.exit_code) == (DONE, DONE), closed.output + ran.output
    assert copy.rows(f"select amount from core.payments where deal_id = {deal} and amount = 9000000") != []
    assert copy.rows(f"select * from mart.adjustments where deal_id = {deal} and figure = 'received'") == []


def test_a_closed_month_stays_and_its_late_cost_is_an_adjustment(stand: Stand, copy: Place) -> None:
    """A cost typed after the closing changes the profit of the open month, and a rebuild changes nothing."""
    month = f"{last_month():%Y-%m}"
    first = f"date '{last_month()}'"
    profit = (
        "select coalesce(sum(amount), 0) from mart.reported_by_month "
        f"where month = {first} and figure = 'gross_profit'"
    )
    [(deal, missing)] = copy.rows(
        "select deal_id, contract_amount from mart.profit_by_deal "
        f"where date_trunc('month', contract_on) = {first} limit 1",
    )

    closed = copy.call("period", "close", month)
    before = copy.rows(profit)
    fields = {
        stand.company.premises.fields[name]: 1_000
        for name in (COST, "Расходы на доставку", "Расходы на монтаж")
    }
    stand.company.account.update_lead(deal, fields=fields)
    ran = copy.call("run")
    built = everything(copy)
    again = copy.call("rebuild")

    assert (closed.exit_code, ran.exit_code, again.exit_code) == (DONE, DONE, DONE), (
        closed.output + ran.output
    )
    assert month in closed.output
    assert copy.rows(profit) == before
    adjusted = copy.rows(
        "select for_month, deal_id, current_amount from mart.adjustments where figure = 'gross_profit'"
    )
    assert (last_month(), deal, missing - 3_000) in adjusted
    assert everything(copy) == built
    opened = copy.call("period", "reopen", month, "--yes")
    assert opened.exit_code == DONE
    assert copy.rows("select count(*) from mart.adjustments where for_month = " + first) == [(0,)]
    listed = copy.call("period", "list").output
    assert month in listed
    assert "открыт снова" in listed


def test_what_cannot_be_closed_or_opened_is_said_in_a_sentence(copy: Place) -> None:
    month, running = f"{last_month():%Y-%m}", f"{datetime.now(UTC):%Y-%m}"

    answers = [
        copy.call("period", *words)
        for words in (
            ("close", running), ("close", month), ("close", f"{last_month():%m.%Y}"), ("reopen", month),
            ("reopen", running, "--yes"), ("close", "2026-13"), ("close", "soon"),
        )
    ]  # fmt: skip

    told = [(answer.exit_code, answer.output.partition("\n")[0]) for answer in answers]
    assert [code for code, _ in told] == [FAILED, DONE, FAILED, BAD_USAGE, FAILED, BAD_USAGE, BAD_USAGE]
    assert told[0][1].startswith(f"месяц {running} ещё не закончился")
    assert told[2][1].startswith(f"месяц {month} уже закрыт")
    assert told[3][1].startswith(f"сданные цифры месяца {month} заменятся текущими")
    assert told[4][1].startswith(f"месяц {running} и так открыт")
    assert told[5][1].startswith("2026-13: нужен месяц вида 2026-10")


def test_older_open_months_are_closed_along(copy: Place) -> None:
    months = copy.rows(
        "select distinct month from mart.turnover_parts where month < date_trunc('month', today()) order by 1",
    )

    done = copy.call("period", "close", f"{last_month():%Y-%m}")

    assert done.exit_code == DONE
    locked = copy.rows("select month from core.period_locks order by 1")
    assert set(months) | {(last_month(),)} <= set(locked)
    assert copy.rows("select count(*) > 0 from core.frozen_figures") == [(True,)]


def test_half_an_account_is_not_closed(stand: Stand, loaded: Place, tmp_path: Path) -> None:
    empty = Place(tmp_path, loaded.content, loaded.secrets)

    done = empty.call("period", "close", "2020-01")

    assert done.exit_code == FAILED
    assert done.output.startswith("первая загрузка ещё не закончена")
