"""The command line at work: what each verb does and shows."""

import copy
import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from openpyxl import load_workbook

from jobs import STREAMS
from tests.cli_stand import (
    BAD_USAGE,
    DONE,
    FAILED,
    IN_PART,
    ROBOT,
    Holder,
    Place,
    Stand,
    lines,
    loaded,
    place,
    place_of,
    stand,
)
from texts_streams import stream_title
from warehouse.database import Warehouse
from warehouse.journal import start_run

__all__ = ["loaded", "place", "stand"]

MARK = "✗"


def test_run_loads_builds_and_writes_every_book(stand: Stand, place: Place) -> None:
    done = place.call("run")

    assert done.exit_code == DONE
    spreadsheet = place.content["exports"]["books"][0]["spreadsheet"]
    assert stand.google.values(spreadsheet, "Сводка!A1:Z9")
    assert "Сводка" in load_workbook(place.folder / "company.xlsx").sheetnames
    loaded = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert "сделки" in loaded
    assert not [name for name in loaded if re.match(r"[a-z]", name)], "streams go by their titles"


def test_every_stream_has_a_title() -> None:
    assert [name for name in (*STREAMS, "events_field_7") if not re.search("[а-я]", stream_title(name))] == []


def test_a_second_run_has_nothing_new(loaded: Place) -> None:
    done = loaded.call("run")

    assert done.exit_code == DONE
    assert "owner: цифры те же" in done.stdout


def test_one_stream_is_synced_alone_once_the_account_is_known(loaded: Place) -> None:
    done = loaded.call("sync", "contacts", "--since", "2020-01-01")

    last_run = json.loads(loaded.call("status", "--json").stdout)["runs"][0]
    assert done.exit_code == DONE
    assert (last_run["job"], last_run["outcome"]) == ("sync contacts", "done")


def test_everything_is_read_again_on_demand(stand: Stand, loaded: Place) -> None:
    before = len(stand.amo.asked("/leads"))

    done = loaded.call("sync", "leads", "--full")

    assert done.exit_code == DONE
    assert len(stand.amo.asked("/leads")) > before


def test_one_deal_is_read_again(stand: Stand, loaded: Place) -> None:
    deal = next(iter(stand.company.account.leads))

    known, unknown = loaded.call("sync", "--deal", str(deal)), loaded.call("sync", "--deal", "1")

    assert known.exit_code == DONE
    assert unknown.exit_code == FAILED
    assert lines(unknown.stderr) == ["сделки 1 в аккаунте нет: ни среди действующих, ни в корзине"]


def test_a_named_mart_is_built_with_what_it_reads(loaded: Place) -> None:
    done = loaded.call("build", "receivables", "--full")

    assert done.exit_code == DONE
    assert "receivables" in done.stdout
    assert "deal_balances" in done.stdout
    assert "summary" not in done.stdout


def test_an_account_and_its_copy_agree(loaded: Place) -> None:
    done = loaded.call("reconcile")

    assert done.exit_code == DONE
    assert "расходятся этапов: 0" in done.stdout


def test_everything_is_computed_again_without_asking_the_account(stand: Stand, loaded: Place) -> None:
    before, asked = (
        loaded.call("show", "turnover_by_month", "--format", "csv").stdout,
        len(stand.amo.requests),
    )

    done = loaded.call("rebuild")

    assert done.exit_code == DONE
    assert loaded.call("show", "turnover_by_month", "--format", "csv").stdout == before
    assert len(stand.amo.requests) == asked


def test_a_dry_run_tells_and_writes_nothing(stand: Stand, loaded: Place, tmp_path: Path) -> None:
    fresh = place_of(stand, tmp_path)
    fresh.content["warehouse"] = {
        "path": str(loaded.folder / "state/vitrina.duckdb"),
        "published": str(loaded.folder / "state/vitrina-marts.duckdb"),
    }
    before = [seen.kind for seen in stand.google.requests].count("write")

    done = fresh.call("export", "--dry-run")

    assert done.exit_code == DONE
    assert "owner: было бы записано" in done.stdout
    assert [seen.kind for seen in stand.google.requests].count("write") == before
    assert not (tmp_path / "company.xlsx").exists()


def test_a_named_book_is_written_alone(stand: Stand, loaded: Place, tmp_path: Path) -> None:
    workbook = tmp_path / "alone.xlsx"
    loaded.content["exports"]["books"].append({"name": "alone", "kind": "xlsx", "path": str(workbook)})

    done = loaded.call("export", "alone")

    loaded.content["exports"]["books"].pop()
    assert done.exit_code == DONE
    assert workbook.exists()
    assert [line.partition(":")[0] for line in lines(done.stdout)] == ["alone"]


def test_status_for_programs_is_json(loaded: Place) -> None:
    done = loaded.call("status", "--json")

    told = json.loads(done.stdout)
    assert told["stopped"] == {}
    assert told["records"]["leads"] > 0
    assert told["data_at"]
    assert told["waiting_deliveries"] == 0


def test_status_tells_the_time_of_the_account_as_the_books_do(loaded: Place) -> None:
    told = json.loads(loaded.call("status", "--json").stdout)

    shown = lines(loaded.call("status").stdout)[0]
    here = datetime.fromisoformat(told["data_at"]).astimezone(ZoneInfo("Europe/Moscow"))
    assert told["zone"] == "Europe/Moscow"
    assert shown.split(maxsplit=2)[2] == f"{here:%d.%m.%Y %H:%M:%S}"


def test_status_calls_streams_what_people_do_and_what_sync_is_told(loaded: Place) -> None:
    shown = loaded.call("status").stdout

    cells = [
        [cell.strip() for cell in line.strip("│").split("│")] for line in shown.splitlines() if "│" in line
    ]
    names = {name: title for title, name, *_ in cells if name in STREAMS}
    assert names["leads"] == "сделки"
    assert list(names) == [name for name in STREAMS if name in names]  # in the order of loading
    assert names["loss_reasons"] == "причины отказа"


def test_a_run_that_was_killed_does_not_go_on_for_ever(place: Place) -> None:
    warehouse = Warehouse(place.folder / "state" / "vitrina.duckdb")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(20)
    with warehouse.transaction("test") as tx:
        start_run(tx, "sync all", gone.pid, datetime(2026, 3, 1, tzinfo=UTC))
        start_run(tx, "sync leads", os.getpid(), datetime(2026, 3, 1, tzinfo=UTC))

    shown = place.call("status").stdout

    assert ["не закончен" in line for line in shown.splitlines() if "sync all" in line] == [True]
    assert ["идёт" in line for line in shown.splitlines() if "sync leads" in line] == [True]


def test_status_speaks_before_anything_was_loaded(place: Place) -> None:
    done, told = place.call("status"), place.call("status", "--json")

    assert done.exit_code == DONE
    assert "ещё не загружены" in done.stdout
    assert json.loads(told.stdout)["data_at"] is None


def test_a_mart_is_the_same_in_every_form(loaded: Place) -> None:
    as_table = loaded.call("show", "funnel_by_month")
    as_csv = loaded.call("show", "funnel_by_month", "--format", "csv")
    as_json = loaded.call("show", "funnel_by_month", "--format", "json")

    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert rows
    assert [row["leads"] for row in rows] == [str(row["leads"]) for row in json.loads(as_json.stdout)]
    assert "Воронка по месяцам" in as_table.stdout
    assert rows[0]["month"][5:7] + "." + rows[0]["month"][:4] in as_table.stdout


def test_figures_on_the_terminal_look_as_on_the_sheet(loaded: Place) -> None:
    shown = loaded.call("show", "summary").stdout

    assert "₽" in shown
    assert "%" in shown
    assert "Вид числа" not in shown


def test_a_mart_is_shown_while_the_warehouse_is_held(loaded: Place) -> None:
    with Holder(loaded.folder / "state/vitrina.duckdb"):
        done = loaded.call("show", "summary", "--format", "csv")

    assert done.exit_code == DONE


def test_every_mart_has_a_definition(loaded: Place) -> None:
    all_of_them = loaded.call("models").stdout
    one = loaded.call("models", "receivables").stdout

    assert "receivables" in all_of_them
    assert "Дебиторская задолженность" in one
    assert "Строка: deal_id" in one


def test_check_finds_nothing_wrong_where_all_is_right(loaded: Place) -> None:
    done = loaded.call("check")

    assert done.exit_code == DONE
    assert MARK not in done.stdout
    assert "Окна Плюс" in done.stdout


def test_check_tells_whether_the_typed_spreadsheet_is_shared(stand: Stand, place: Place) -> None:
    ours = stand.google.create_spreadsheet("Ввод", share={ROBOT: "writer"})
    for spreadsheet, line in (
        (ours, "✓ inputs.spreadsheet: Ввод"),
        (stand.google.create_spreadsheet("Чужая", share={}), f"{MARK} inputs.spreadsheet: Таблица "),
    ):
        place.content["inputs"] = {"spreadsheet": spreadsheet}

        done = place.call("check")

        assert any(each.startswith(line) for each in lines(done.stdout)), done.stdout


def test_check_shows_the_numbers_that_a_mapping_needs(stand: Stand, place: Place) -> None:
    shown = place.call("check", "--fields").stdout

    place_names = stand.company.premises
    assert str(stand.company.mapping["fields"]["contract_amount"]) in shown
    assert str(place_names.pipelines["Продажи"]) in shown
    assert str(next(iter(place_names.statuses["Продажи"].values()))) in shown


def test_a_reader_that_goes_away_is_no_trouble(place: Place) -> None:
    process = place.start("models")
    assert process.stdout
    assert process.stderr
    process.stdout.close()

    said = process.stderr.read()
    process.wait(20)
    process.stderr.close()

    assert said == ""


def test_each_manager_has_a_book_with_his_own_rows(stand: Stand, loaded: Place, tmp_path: Path) -> None:
    other = "managers@project.iam.gserviceaccount.com"
    with duckdb.connect(str(loaded.folder / "state" / "vitrina-marts.duckdb"), read_only=True) as file:
        deals = file.execute("select deal_id, manager_id, manager, name from mart.profit_by_deal").fetchall()
    one, two = sorted({manager for _, manager, _, _ in deals})[:2]
    sheets = {who: stand.google.create_spreadsheet("Своя", share={other: "writer"}) for who in (one, two, 1)}
    content = copy.deepcopy(loaded.content)
    content["exports"]["books"] = [
        {
            "name": "managers",
            "kind": "sheets",
            "for": "manager",
            "spreadsheets": sheets,
            "key_env": "VITRINA_KEY",
        },
        {"name": "files", "kind": "xlsx", "for": "manager", "path": str(tmp_path / "{id}.xlsx")},
    ]
    key = json.dumps(stand.google.service_account(other))
    there = Place(loaded.folder, content, {**loaded.secrets, "VITRINA_KEY": key})

    done = there.call("export")

    assert done.exit_code == IN_PART
    assert "книга managers: в amoCRM нет сотрудника с номером 1, исправьте его в exports.books" in done.output
    assert there.call("export", f"managers/{two}").exit_code == DONE
    checked = lines(there.call("check").stdout)
    assert [line for line in checked if line.startswith(MARK)] == [
        f"{MARK} managers/1: книга managers/1: в amoCRM нет сотрудника с номером 1, исправьте его в exports.books"
    ]
    for who in (one, two):
        own = {name for _, manager, _, name in deals if manager == who}
        foreign = {
            str(each) for deal, manager, *names in deals if manager != who for each in (deal, *names)
        } - own
        told = {str(cell) for line in stand.google.values(sheets[who], "Мои сделки") for cell in line}
        book = load_workbook(tmp_path / f"{who}.xlsx")
        cells = {str(cell) for tab in book for line in tab.iter_rows(values_only=True) for cell in line}
        assert not re.search("[a-z]_[a-z]", str(stand.google.values(sheets[who], "Определения")))
        assert own <= told & cells
        assert (told | cells).isdisjoint(foreign)


def test_a_book_cannot_show_what_its_readers_may_not_see(loaded: Place, tmp_path: Path) -> None:
    content = copy.deepcopy(loaded.content)
    show = {"payroll": "all", "leads_by_mont": "all", "leads_by_day": ["leeds"], "lost_reasons": ["deals"]}
    book = {
        "name": "ads",
        "kind": "xlsx",
        "for": "marketer",
        "path": str(tmp_path / "ads.xlsx"),
        "show": show,
    }
    content["exports"]["books"] = [book]

    done = Place(loaded.folder, content, loaded.secrets).call("export")

    assert done.exit_code == BAD_USAGE
    told = [line.strip().removeprefix("exports.books[0].show.") for line in lines(done.stderr)[1:]]
    assert told == [
        "leads_by_day: столбца leeds у этой витрины нет: исправьте имя (leads?)",
        "leads_by_mont: такой витрины в книгах нет: названия показывает vitrina models (leads_by_month?)",
        "lost_reasons: столбец deals этой аудитории не показывают: уберите его или смените for",
        "payroll: этой аудитории витрину не показывают: уберите её или смените for",
    ]
