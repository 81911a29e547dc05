"""`vitrina explain`: the rows behind a figure, down to the ledgers, and whether they add up."""

import json
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from exports.layout import LAYOUT
from metrics.catalog import load
from tests.cli_stand import BAD_USAGE, DONE, IN_PART, Place, loaded, stand

__all__ = ["loaded", "stand"]

SHOWN = [block.mart for tab in LAYOUT for block in tab.blocks]


def told(place: Place, *words: str) -> Any:
    done = place.call("explain", *words, "--json")
    assert done.exit_code in (DONE, IN_PART), done.output
    return json.loads(done.output)


def test_the_rows_of_a_month_are_its_turnover_and_lead_to_their_deals(loaded: Place) -> None:
    [(month, net)] = loaded.rows(
        "select cast(month as varchar), net_amount from mart.turnover_by_month order by 1 limit 1"
    )

    proof = told(loaded, "turnover_by_month", f"month={month[:7]}", "--column", "net_amount")

    assert proof["agrees"] is True
    assert [(each["column"], Decimal(each["shown"])) for each in proof["figures"]] == [("net_amount", net)]
    ledger = proof["levels"][-1]
    assert ledger["relation"] == "core.turnover_entries"
    assert sum(Decimal(row["amount"]) for row in ledger["rows"]) == net
    address = loaded.content["amocrm"]["url"]
    assert all(row["link"] == f"{address}/leads/detail/{row['deal_id']}" for row in ledger["rows"])


def test_a_debt_is_followed_down_to_its_payments(loaded: Place) -> None:
    [(deal_id, received)] = loaded.rows(
        "select deal_id, received_amount from mart.receivables where received_amount > 0 order by 1 limit 1",
    )

    proof = told(loaded, "receivables", f"deal_id={deal_id}")

    assert proof["agrees"] is True
    payments = next(level for level in proof["levels"] if level["relation"] == "core.payments")
    paid = [Decimal(row["amount"]) for row in payments["rows"]]
    assert sum(paid) >= received > 0


@pytest.mark.parametrize("mart", SHOWN)
def test_every_table_of_the_book_can_be_explained(loaded: Place, mart: str) -> None:
    model = load()[mart]
    found = loaded.rows(f"select {', '.join(model.grain)} from mart.{mart} limit 1")
    if not found:
        pytest.skip("this company has no row of it")
    where = [
        f"{key}={'' if value is None else value}" for key, value in zip(model.grain, found[0], strict=True)
    ]

    done = loaded.call("explain", mart, *where)

    assert done.exit_code == DONE, done.output
    assert model.title in done.output


@pytest.mark.parametrize("column", ["today", "week", "month", "previous"])
def test_every_line_of_the_summary_leads_to_its_rows(loaded: Place, column: str) -> None:
    lines = loaded.rows(f"select line, figure, {column} from mart.summary order by line")
    for line, figure, shown in lines:
        proof = told(loaded, "summary", f"line={line}", "--column", column)

        assert proof["agrees"] is True, figure
        assert all(level["rows"] for level in proof["levels"]) or not shown, figure
        assert not shown or any("deal_id" in row for level in proof["levels"] for row in level["rows"]), (
            figure
        )


def test_only_the_rows_of_the_asked_period_are_shown(loaded: Place) -> None:
    [(leads,)] = loaded.rows("select month from mart.summary where line = 12")
    [(note,)] = loaded.rows("select value from ops.notes where name = 'build'")
    month = json.loads(note)["today"][:7]

    of_leads = told(loaded, "summary", "line=12", "--column", "month")["levels"][0]["rows"]
    of_rate = told(loaded, "summary", "line=17", "--column", "month")["levels"][0]["rows"]

    assert len(of_leads) == leads
    assert {row["lead_on"][:7] for row in of_leads} == {month}
    assert all(max(row["lead_on"], row["contract_reached_on"] or "") > month for row in of_rate)


def test_a_gap_of_the_summary_leads_to_the_deals_that_have_it(loaded: Place) -> None:
    [(gaps,)] = loaded.rows("select today from mart.summary where line = 23")

    proof = told(loaded, "summary", "line=23")

    deals = next(level for level in proof["levels"] if level["relation"] == "mart.profit_by_deal")
    assert len(deals["rows"]) == gaps > 0
    assert all(row["articles_known"] < row["articles_total"] for row in deals["rows"])


def test_a_figure_that_its_rows_do_not_give_is_said_and_ends_in_part(loaded: Place) -> None:
    [(month,)] = loaded.rows("select cast(max(month) as varchar) from mart.turnover_by_month")
    published = str(loaded.folder / "state" / "vitrina-marts.duckdb")
    add = f"update mart.turnover_by_month set signed_amount = signed_amount + ? where month = date '{month}'"

    with duckdb.connect(published) as file:
        file.execute(add, [Decimal("0.01")])
    try:
        done = loaded.call("explain", "turnover_by_month", f"month={month}")
    finally:
        with duckdb.connect(published) as file:
            file.execute(add, [Decimal("-0.01")])

    assert done.exit_code == IN_PART
    assert "НЕ СХОДИТСЯ" in done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nonsense",), "нет такой витрины: nonsense"),
        (("turnover_by_month",), "подходит больше одной строки"),
        (("turnover_by_month", "month=1999-01"), "такой строки в витрине нет"),
        (("turnover_by_month", "month"), "month: строка задаётся как столбец=значение"),
        (("turnover_by_month", "height=1"), "нет такого столбца: height"),
        (("turnover_by_month", "month=2026-01", "--column", "height"), "нет такого столбца: height"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(
    loaded: Place, words: tuple[str, ...], says: str
) -> None:
    done = loaded.call("explain", *words)

    assert done.exit_code == BAD_USAGE
    assert done.output.startswith(says), done.output


def test_a_person_is_found_by_name(loaded: Place) -> None:
    [(month, manager)] = loaded.rows(
        "select cast(month as varchar), manager from mart.turnover_by_manager order by all limit 1"
    )

    done = loaded.call("explain", "turnover_by_manager", f"month={month}", f"manager={manager}")

    assert done.exit_code == DONE, done.output
