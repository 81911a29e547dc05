"""The catalogue: headers are read as written, and a broken rule names its file and line."""

import re
from pathlib import Path

import pytest

from metrics.catalog import Catalog, CatalogBroken, Column, Model, UnknownModel, load, read
from metrics.history import LEDGERS
from metrics.slices import ARITHMETIC, words

HEADER = """\
-- Title:   Заявки по дням
-- Meaning: Сколько заявок
--          пришло за день.
-- Grain:   day, source
-- Date:    дата заявки
-- Reads:   core.deals
-- Columns:
--   day    | date    | День
--   source | text    | Источник
--   leads  | integer | Заявки
"""
SELECT = "select 1 from core.deals -- mart.nothing is only a comment\n"


def write(folder: Path, name: str, text: str = HEADER + SELECT) -> Path:
    file = folder / f"{name}.sql"
    file.write_text(text, encoding="utf-8")
    return file


def mart(reads: str) -> str:
    """A mart that reads what is named."""
    header = HEADER.replace("core.deals", reads)
    return header + "select 1 from " + " cross join ".join(reads.split(", ")) + "\n"


def test_a_header_says_everything_about_a_mart(tmp_path: Path) -> None:
    model = read(write(tmp_path, "leads"))

    assert model.name == "leads"
    assert model.title == "Заявки по дням"
    assert model.meaning == "Сколько заявок пришло за день."
    assert model.grain == ("day", "source")
    assert model.date_base == "дата заявки"
    assert model.reads == ("core.deals",)
    assert model.columns == (
        Column("day", "date", "День"),
        Column("source", "text", "Источник"),
        Column("leads", "integer", "Заявки"),
    )
    assert model.sql == SELECT.strip()


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("-- Title:   Заявки по дням", "-- Heading: Заявки по дням", 1),
        ("-- Date:    дата заявки", "-- Title: ещё раз", 5),
        ("-- Date:    дата заявки", "--Date: дата заявки", 5),
        ("-- Date:    дата заявки\n", "", 9),
        ("-- Date:    дата заявки", "-- Date:", 10),
        ("-- Grain:   day, source", "-- Grain:   day, region", 4),
        ("-- Grain:   day, source", "-- Grain:   day, day", 4),
        ("--   leads  | integer | Заявки", "--   leads  | integer", 10),
        ("--   leads  | integer | Заявки", "--   leads  | integer | ", 10),
        ("--   leads  | integer | Заявки", "--   Leads  | integer | Заявки", 10),
        ("--   leads  | integer | Заявки", "--   leads  | float   | Заявки", 10),
        ("--   leads  | integer | Заявки", "--   day    | integer | Заявки", 10),
        ("-- Reads:   core.deals", "-- Reads:   core.deals, core.users", 6),
        ("-- Date:    дата заявки", "-- Date:    дата заявки\n-- Refresh: month", 6),
        ("-- Date:    дата заявки", "-- Date:    дата заявки\n-- Refresh: deal_id", 6),
        (SELECT, "select 1 from core.deals, core.users\n", 6),
        (SELECT, "select 1 from core.deals, raw.records\n", 6),
        (SELECT, "", 11),
        (SELECT, "-- nothing but a comment\n", 11),
        (SELECT, "select 1 from core.deals; select 2\n", 11),
    ],
)
def test_a_broken_rule_names_file_and_line(tmp_path: Path, right: str, wrong: str, line: int) -> None:
    text = (HEADER + SELECT).replace(right, wrong, 1)

    with pytest.raises(CatalogBroken, match=rf"^leads\.sql:{line}: "):
        read(write(tmp_path, "leads", text))


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogBroken, match=r"^leads\.sql:1: "):
        read(write(tmp_path, "leads", "select 1"))


def test_a_mart_by_deal_reads_only_what_is_of_the_deal(tmp_path: Path) -> None:
    header = HEADER.replace("core.deals", "mart.all_deals\n-- Refresh: deal_id")
    by_deal = header.replace("day, source", "deal_id").replace("day    | date   ", "deal_id | deal  ")
    write(tmp_path, "all_deals", mart("core.deals"))
    write(tmp_path, "one_deal", by_deal + "select 1 from mart.all_deals\n")

    with pytest.raises(CatalogBroken, match=r"^one_deal\.sql: Refresh is by deal, but"):
        load(tmp_path)


@pytest.mark.parametrize("clock", ["now()", "current_date", "today() - 1", "Current_Timestamp"])
def test_a_mart_that_reads_the_clock_is_refused(tmp_path: Path, clock: str) -> None:
    """It would be left as it is for as long as nothing that it reads changes."""
    write(tmp_path, "one_deal", mart("core.deals") + f"where {clock} is not null\n")

    with pytest.raises(CatalogBroken, match=r"^one_deal\.sql: it reads the clock"):
        load(tmp_path)


def test_what_follows_more_than_changed_deals_is_read_by_a_route(tmp_path: Path) -> None:
    """Its readers by deal would otherwise keep the rows of the deals that only the route reaches."""
    by_deal = HEADER.replace("day, source", "deal_id").replace("day    | date   ", "deal_id | deal  ")
    routed = "core.deals, mart.all_deals\n-- Refresh: deal_id\n--          mart.all_deals by deal_id"
    reader = "mart.one_deal\n-- Refresh: deal_id"
    write(tmp_path, "all_deals", mart("core.deals"))
    write(
        tmp_path,
        "one_deal",
        by_deal.replace("core.deals", routed) + "select 1 from core.deals, mart.all_deals",
    )
    write(tmp_path, "reader", by_deal.replace("core.deals", reader) + "select 1 from mart.one_deal")

    with pytest.raises(CatalogBroken, match=r"^reader\.sql: .* mart\.one_deal follows more"):
        load(tmp_path)

    write(
        tmp_path,
        "reader",
        by_deal.replace("core.deals", f"{reader}\n--          mart.one_deal by deal_id")
        + "select 1 from mart.one_deal",
    )
    assert load(tmp_path)["reader"].is_by_deal


def test_nothing_is_read_or_left_out_behind_the_back_of_a_mart() -> None:
    """What a build follows is told by the texts of the marts: by the relations and columns that they name."""
    arithmetic = re.sub(r"--.*", "", ARITHMETIC.read_text(encoding="utf-8"))
    assert re.findall(r"\b(?:core|history|mart|ops|raw)\.", arithmetic) == []
    for model in load():
        assert re.findall(r"'(?:core|mart)\.", model.sql) == []
        for ledger, idle in LEDGERS.items():
            if f"core.{ledger}" in model.reads:
                assert words(model).isdisjoint(idle), f"{model.name} reads what is no change of core.{ledger}"


def test_marts_stand_after_those_they_read(tmp_path: Path) -> None:
    write(tmp_path, "a_total", mart("mart.b_parts, mart.c_facts"))
    write(tmp_path, "b_parts", mart("mart.c_facts, core.users"))
    write(tmp_path, "c_facts", mart("core.deals"))
    write(tmp_path, "d_other", mart("core.deals"))

    catalog = load(tmp_path)

    names = [model.name for model in catalog]
    assert names.index("c_facts") < names.index("b_parts") < names.index("a_total")
    assert sorted(names) == ["a_total", "b_parts", "c_facts", "d_other"]
    assert [model.name for model in catalog.needed_for(["b_parts"])] == ["c_facts", "b_parts"]


def test_marts_that_read_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", mart("mart.b"))
    write(tmp_path, "b", mart("mart.a"))

    with pytest.raises(CatalogBroken, match=r"in a circle: . → . → .$"):
        load(tmp_path)


def test_a_mart_that_reads_a_missing_one_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", mart("mart.gone"))

    with pytest.raises(CatalogBroken, match=r"a\.sql: reads mart\.gone"):
        load(tmp_path)


def test_an_unknown_name_is_said_so() -> None:
    with pytest.raises(UnknownModel, match="'nonsense'"):
        Catalog(())["nonsense"]


PROMISED = {
    "leads_by_day", "leads_by_week", "leads_by_month",
    "funnel_by_month", "funnel_by_source", "funnel_by_manager", "funnel_by_product",
    "source_totals", "manager_totals", "lost_reasons",
    "turnover_by_month", "turnover_by_manager", "average_check_by_manager",
    "receivables", "receivables_ageing", "client_debts", "payment_schedule", "payment_schedule_deals",
    "profit_by_deal", "profit_by_product", "profit_by_manager", "profit_by_month", "summary",
}  # fmt: skip


def test_every_promised_mart_is_there_and_is_called_by_one_title() -> None:
    catalog = load()

    assert {model.name for model in catalog} >= PROMISED
    assert len({model.title for model in catalog}) == len(catalog)


@pytest.mark.parametrize("model", list(load()), ids=lambda model: str(model.name))
def test_a_mart_reads_only_ledgers_and_marts_and_speaks_russian(model: Model) -> None:
    assert all(relation.startswith(("core.", "mart.")) for relation in model.reads)
    for text in (model.title, model.meaning, model.date_base, *(column.label for column in model.columns)):
        assert any("а" <= letter.lower() <= "я" for letter in text), text
    assert model.meaning.endswith(".")
    labels = [column.label for column in model.columns if column.format != "hidden"]
    assert len(set(labels)) == len(labels)
