"""Tables that people type in a folder: what comes in, what is refused, what stays in force."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bootstrap import Parts
from config import load
from inputs import Look
from jobs import Jobs
from metrics import ledgers
from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import demo_company
from sandbox.google.server import GoogleServer
from tests.cli_stand import BAD_USAGE, DONE, IN_PART, Place, Stand, place_of, until
from warehouse.database import Warehouse
from warehouse.publish import read_published

PLANS = ("Месяц", "Кому", "Показатель", "План", "Действует с")
PAYMENTS = ("Дата", "Сделка", "Сумма", "Валюта", "Чем подтверждено", "Документ")


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    company = demo_company(deals=20, months=1)
    with AmoServer(company.account, rate=0) as amo, GoogleServer(quotas=False, validate=True) as google:
        yield Stand(company, amo, google)


@pytest.fixture(scope="module")
def loaded_place(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Place:
    there = place_of(stand, tmp_path_factory.mktemp("inputs"))
    there.content["exports"] = {"books": []}
    assert there.call("run").exit_code == DONE
    return there


@pytest.fixture
def place(loaded_place: Place) -> Place:
    """The account is loaded, and nobody has typed anything yet."""
    (loaded_place.folder / "state" / "vitrina.duckdb").exists()
    with warehouse(loaded_place).transaction("clear") as tx:
        for table in ("raw.input_versions", "raw.input_rows", "ops.input_refusals"):
            tx.execute(f"delete from {table}")
        tx.execute("delete from ops.notes where name = 'inputs'")
    folder = loaded_place.folder / "inputs"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return loaded_place


def warehouse(place: Place) -> Warehouse:
    return Warehouse(place.folder / "state" / "vitrina.duckdb")


def ask(place: Place, sql: str) -> list[tuple[Any, ...]]:
    with warehouse(place).transaction("look") as tx:
        return tx.execute(sql)


def type_csv(
    place: Place, title: str, header: Sequence[str], *rows: Sequence[str], encoding: str = "utf-8"
) -> Path:
    """Save a table; as if some time ago, so that nobody waits for it to settle."""
    path = place.folder / "inputs" / f"{title}.csv"
    path.write_bytes("\n".join(";".join(line) for line in (header, *rows)).encode(encoding))
    return aged(path)


def type_xlsx(place: Place, name: str, tabs: Mapping[str, Sequence[Sequence[object]]], author: str) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.properties.lastModifiedBy = author
    path = place.folder / "inputs" / name
    book.save(path)
    return aged(path)


AGES = iter(range(1, 10_000))


def aged(path: Path) -> Path:
    moment = time.time() - 100_000 + next(AGES)
    os.utime(path, (moment, moment))
    return path


def take(place: Place) -> Look:
    """Read the tables and make the ledgers, as every build does first."""
    parts = Parts(load(place.write(), place.secrets, ()))
    look = Jobs(parts).inputs.take()
    with parts.warehouse.transaction("ledgers") as tx:
        assert ledgers.refresh(tx, parts.meaning).left == 0
    return look


def deal_of(place: Place) -> int:
    return int(ask(place, "select min(deal_id) from core.deals where is_signed and not is_cancelled")[0][0])


def refused(place: Place) -> list[tuple[Any, ...]]:
    return ask(place, "select name, row, column_name, value from ops.input_refusals order by all")


def accepted(place: Place) -> list[tuple[Any, ...]]:
    return ask(place, "select name, version, author from raw.input_versions order by all")


def test_a_bad_row_is_refused_beside_the_table_and_the_good_rows_are_used(place: Place) -> None:
    type_csv(
        place, "Планы", PLANS,
        ("05.2026", "", "оборот", "1 500 000,50", ""),
        ("май 2026", "", "поступления", "10 тыс.", ""),
    )  # fmt: skip

    done = place.call("build")

    assert done.exit_code == DONE
    assert refused(place) == [("plans", 3, "План", "10 тыс.")]
    answer = (place.folder / "inputs" / "Планы.ошибки.csv").read_text(encoding="utf-8-sig")
    assert "3;План;10 тыс.;нужно число" in answer
    assert accepted(place) == [("plans", 1, None)]
    assert "10 тыс." in place.call("inputs").output


def test_a_corrected_row_takes_its_answer_away(place: Place) -> None:
    type_csv(
        place,
        "Деньги",
        ("Дата", "Счёт", "Остаток"),
        ("01.05.2026", "Касса", "много"),
        ("02.05.2026", "Касса", "5"),
    )
    take(place)
    assert (place.folder / "inputs" / "Деньги.ошибки.csv").exists()

    type_csv(
        place,
        "Деньги",
        ("Дата", "Счёт", "Остаток"),
        ("01.05.2026", "Касса", "7"),
        ("02.05.2026", "Касса", "5"),
    )
    done = place.call("inputs", "check")
    take(place)

    assert done.exit_code == DONE
    assert not (place.folder / "inputs" / "Деньги.ошибки.csv").exists()
    assert refused(place) == []
    assert [version for _, version, _ in accepted(place)] == [1, 2]


def test_checking_accepts_nothing_and_writes_nothing(place: Place) -> None:
    type_csv(place, "Планы", PLANS, ("05.2026", "", "", "сто", ""), ("06.2026", "", "", "100", ""))

    done = place.call("inputs", "check")

    assert done.exit_code == IN_PART
    assert "сто" in done.output
    assert accepted(place) == []
    assert [file.name for file in (place.folder / "inputs").iterdir()] == ["Планы.csv"]


def test_a_workbook_tells_its_author_and_exact_kopecks(place: Place) -> None:
    sum_of_floats = 0.1 + 0.2
    type_xlsx(
        place,
        "Ввод.xlsx",
        {"Реклама": [("Месяц", "Источник", "Сумма"), ("05.2026", "Сайт", sum_of_floats)]},
        "Анна",
    )

    take(place)

    assert accepted(place) == [("ads", 1, "Анна")]
    assert ask(place, "select source, amount from core.ad_spend") == [("Сайт", Decimal("0.30"))]


@pytest.mark.parametrize(
    "ruin",
    [
        lambda path: path.write_bytes(path.read_bytes()[:700]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["half written", "emptied", "gone"],
)
def test_a_table_that_cannot_be_read_leaves_its_last_version_in_force(place: Place, ruin: Any) -> None:
    path = type_xlsx(
        place, "Реклама.xlsx", {"Лист1": [("Месяц", "Источник", "Сумма"), ("05.2026", "Сайт", 12)]}, "Анна"
    )
    place.call("build")

    ruin(path)
    if path.exists():
        aged(path)
    done = place.call("build")

    assert done.exit_code == DONE
    assert [(name, row) for name, row, *_ in refused(place)] == [("ads", 0)]
    assert "действует прежняя версия" in place.call("inputs").output
    assert ask(place, "select amount from core.ad_spend") == [(Decimal(12),)]


def test_a_missing_column_leaves_the_last_version_in_force(place: Place) -> None:
    type_csv(place, "Курсы", ("Дата", "Валюта", "Курс"), ("01.05.2026", "USD", "92,4481"))
    take(place)

    type_csv(place, "Курсы", ("Дата", "Валюта", "Цена"), ("01.05.2026", "USD", "10"))
    take(place)

    assert ask(place, "select rate from core.exchange_rates") == [(Decimal("92.448100"),)]
    assert [row for _, row, *_ in refused(place)] == [0]


def test_a_refused_row_with_a_key_keeps_its_former_value(place: Place) -> None:
    header = ("Дата", "Валюта", "Курс")
    type_csv(place, "Курсы", header, ("01.05.2026", "USD", "90"), ("01.05.2026", "EUR", "100"))
    take(place)

    type_csv(place, "Курсы", header, ("01.05.2026", "USD", "девяносто"), ("01.05.2026", "EUR", "101"))
    take(place)

    assert ask(place, "select currency, rate from core.exchange_rates order by 1") == [
        ("EUR", Decimal(101)),
        ("USD", Decimal(90)),
    ]


def test_the_order_of_rows_and_their_repetition_decide_nothing(place: Place) -> None:
    header = ("Месяц", "Источник", "Сумма")
    rows = [("05.2026", "Сайт", "10"), ("05.2026", "Авито", "20"), ("06.2026", "Сайт", "30")]
    type_csv(place, "Реклама", header, *rows)
    take(place)
    before = ask(place, "from core.ad_spend order by all")

    type_csv(place, "Реклама", header, *reversed(rows), rows[0])
    take(place)

    assert ask(place, "from core.ad_spend order by all") == before
    assert len(accepted(place)) == 1
    assert [(row, column) for _, row, column, _ in refused(place)] == [(5, None)]


def test_rows_that_contradict_each_other_are_all_refused(place: Place) -> None:
    header = ("Дата", "Счёт", "Остаток")
    type_csv(
        place,
        "Деньги",
        header,
        ("01.05.2026", "Касса", "1"),
        ("01.05.2026", "касса", "2"),
        ("02.05.2026", "Касса", "3"),
    )

    take(place)

    assert ask(place, "select amount from core.cash") == [(Decimal(3),)]
    assert [row for _, row, *_ in refused(place)] == [2, 3]


def test_an_unknown_name_is_refused_with_those_that_are_near(place: Place) -> None:
    ((name, identity),) = ask(place, "select name, user_id from core.users order by 2 limit 1")
    type_csv(
        place,
        "Планы",
        PLANS,
        ("05.2026", name[:-1] + "ъъ", "", "1", ""),
        ("06.2026", name.upper(), "", "2", ""),
    )

    take(place)

    assert ask(place, "select manager_id, amount from core.plans") == [(identity, Decimal(2))]
    assert name in ask(place, "select message from ops.input_refusals")[0][0]


def test_an_unknown_deal_is_refused_and_its_money_counts_nowhere(place: Place) -> None:
    type_csv(place, "Платежи", PAYMENTS, ("01.05.2026", "999999999", "5", "", "", ""))

    take(place)

    assert refused(place) == [("payments", 2, "Сделка", "999999999")]
    assert ask(place, "select count(*) from core.payments where origin = 'input'") == [(0,)]


def test_what_excel_writes_as_csv_in_russia_is_understood(place: Place) -> None:
    type_csv(
        place, "Праздники", ("Дата", "Рабочий"), ("09.05.2026", ""), ("10.05.2026", "да"), encoding="cp1251"
    )

    take(place)

    assert [is_working for _, is_working in ask(place, "from core.calendar order by 1")] == [False, True]


def test_nothing_is_read_again_while_nothing_changes(place: Place) -> None:
    type_csv(place, "Планы", PLANS, ("05.2026", "", "", "сто", ""), ("06.2026", "", "", "100", ""))
    place.call("build")
    before = ask(place, "select count(*) from ops.runs where job = 'inputs'")

    again = place.call("build")

    assert ask(place, "select count(*) from ops.runs where job = 'inputs'") == before
    assert "не принято мест: 1" in again.output


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_empty_tables_are_accepted_as_they_are_and_never_overwritten(place: Place, form: str) -> None:
    assert place.call("inputs", "template", "--format", form).exit_code == DONE
    for file in (place.folder / "inputs").iterdir():
        aged(file)

    assert place.call("inputs", "check").exit_code == DONE
    assert place.call("build").exit_code == DONE
    assert (accepted(place), refused(place)) == ([], [])
    assert place.call("inputs", "template", "--format", form).exit_code == BAD_USAGE


def test_every_example_of_the_template_can_be_used(place: Place) -> None:
    from connectors.inputs.tables import TABLES
    from connectors.inputs.values import Known, parse

    examples = [column for table in TABLES for column in table.columns if column.example]

    kept = [parse(column, column.example, Known(managers={"Иван Петров": 1})) for column in examples]

    assert len(kept) > 30


def test_a_row_of_a_deal_that_comes_later_is_taken_when_it_comes(stand: Stand, place: Place) -> None:
    account = stand.company.account
    known = max(account.leads)
    old = account.leads[known]
    deal = account.add_lead(
        "Позже",
        pipeline_id=old.pipeline_id,
        status_id=old.status_id,
        responsible_user_id=old.responsible_user_id,
    )
    type_csv(place, "Платежи", PAYMENTS, ("01.05.2026", str(deal), "5", "", "банк", ""))
    take(place)
    assert accepted(place) == []

    assert place.call("sync", "leads").exit_code == DONE
    take(place)

    assert ask(place, "select deal_id, amount, proof from core.payments where origin = 'input'") == [
        (deal, Decimal(5), "bank")
    ]


def test_the_service_takes_what_is_typed_and_shows_what_it_does_not(place: Place) -> None:
    place.content["inputs"] = {"every": 1}
    process = place.start("serve")
    try:
        type_csv(
            place,
            "Деньги",
            ("Дата", "Счёт", "Остаток"),
            ("01.05.2026", "Касса", "7"),
            ("02.05.2026", "Касса", "?"),
        )
        until(
            lambda: published(place, "select title, row_number from mart.refused_inputs") == [("Деньги", 3)],
            60,
        )
    finally:
        process.kill()
        process.communicate(timeout=20)
        del place.content["inputs"]
    assert ask(place, "select amount from core.cash") == [(Decimal(7),)]


def published(place: Place, sql: str) -> list[tuple[Any, ...]]:
    with read_published(place.folder / "state" / "vitrina-marts.duckdb") as shelf:
        return shelf.rows(sql)
