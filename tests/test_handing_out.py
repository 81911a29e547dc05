"""Marts as files for analysts: exact amounts, real types, and nothing that a spreadsheet would carry out."""

import csv
import io
import json
import os
import re
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from exports.plain import write_csv, write_json
from exports.replacing import ABANDONED, replacing
from tests.cli_stand import BAD_USAGE, DONE, FAILED, Place, loaded, place, stand

__all__ = ["loaded", "place", "stand"]

HOSTILE = ["=1+1", "+7 916", "-5", "@x", "\t=1", "0050", 'a "quoted", text', "-", "", "две\nстроки"]


def test_texts_of_a_csv_never_wake_up_and_numbers_stay_numbers() -> None:
    file = io.StringIO()
    row = (Decimal("-1234567.50"), date(2026, 5, 1), datetime(2026, 5, 1, 9, 5), True, None, ["a", "б"])

    write_csv(
        file, ["text", "money", "day", "at", "flag", "empty", "list"], [(text, *row) for text in HOSTILE]
    )

    _, *lines = csv.reader(io.StringIO(file.getvalue()))
    assert [line[0] for line in lines] == [
        "'=1+1",
        "'+7 916",
        "'-5",
        "'@x",
        "'\t'=1",
        *HOSTILE[5:7],
        "'-",
        *HOSTILE[8:],
    ]
    assert lines[0][1:] == ["-1234567.50", "2026-05-01", "2026-05-01 09:05:00", "true", "", '["a", "б"]']


@pytest.mark.parametrize(
    "text", ["Окна;=1+1", "Окна; +7 916", "Окна\n-5", "Окна\r\n\t@x", "=1;=2", "Окна;;=3", "\n=4"]
)
def test_texts_of_a_csv_do_not_wake_up_either_where_semicolons_part_cells(text: str) -> None:
    file = io.StringIO()

    write_csv(file, ["text", "list"], [(text, [text])])

    cells = re.split(r"[;\t\r\n]", file.getvalue())
    assert not [cell for cell in cells if cell.lstrip(' ",[').startswith(("=", "+", "-", "@"))]
    _, (shown, _) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert shown.replace("'", "") == text


@pytest.mark.parametrize("rows", [[], [(1,)], [(1,), (None,)]])
def test_json_is_a_list_whatever_its_length(rows: list[tuple[int | None]]) -> None:
    file = io.StringIO()

    write_json(file, ["n"], rows)

    assert json.loads(file.getvalue()) == [{"n": n} for (n,) in rows]


def test_a_file_that_fails_leaves_the_former_one(tmp_path: Path) -> None:
    path = tmp_path / "mart.csv"
    path.write_text("former", encoding="utf-8")

    with pytest.raises(UnicodeEncodeError), replacing(path) as draft:
        draft.write_text("half\ud800", encoding="utf-8")

    assert [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()] == ["former"]


def test_the_draft_of_somebody_who_was_killed_goes_with_the_next_file(tmp_path: Path) -> None:
    path = tmp_path / "mart [1].csv"
    for name, age in (("killed", ABANDONED + 60), ("at work", ABANDONED - 60)):
        draft = tmp_path / f".{path.name}.{name}.part"
        draft.touch()
        os.utime(draft, (time.time() - age,) * 2)

    with replacing(path) as draft:
        draft.write_text("new", encoding="utf-8")

    assert {each.name for each in tmp_path.iterdir()} == {path.name, f".{path.name}.at work.part"}


def test_every_mart_goes_to_a_folder_with_its_types(loaded: Place, tmp_path: Path) -> None:
    as_csv = loaded.call("export", "--format", "csv", "--out", str(tmp_path / "csv"))
    as_parquet = loaded.call("export", "--format", "parquet", "--out", str(tmp_path / "parquet"))

    assert (as_csv.exit_code, as_parquet.exit_code) == (DONE, DONE)
    published = duckdb.connect(str(loaded.folder / "state/vitrina-marts.duckdb"), read_only=True)
    names = {
        name
        for (name,) in published.sql(
            "select table_name from duckdb_tables() where schema_name = 'mart'"
        ).fetchall()
    }
    assert {path.stem for path in (tmp_path / "csv").iterdir()} == names
    assert {path.stem for path in (tmp_path / "parquet").iterdir()} == names
    for name in sorted(names):
        file = tmp_path / "parquet" / f"{name}.parquet"
        read = published.sql(f"from read_parquet('{file}')")
        kept = published.sql(f"from mart.{name}")
        assert (read.columns, read.types) == (kept.columns, kept.types), name
        assert sorted(map(repr, read.fetchall())) == sorted(map(repr, kept.fetchall())), name
        text = (tmp_path / "csv" / f"{name}.csv").read_text(encoding="utf-8")
        assert text.startswith("\ufeff")
        header, *rows = csv.reader(io.StringIO(text[1:]))
        assert (header, len(rows)) == (
            kept.columns,
            published.sql(f"select count(*) from mart.{name}").fetchall()[0][0],
        )
    published.close()


def test_one_mart_goes_to_a_file(loaded: Place, tmp_path: Path) -> None:
    file = tmp_path / "new" / "months.parquet"

    done = loaded.call("show", "turnover_by_month", "--format", "parquet", "--out", str(file))

    assert done.exit_code == DONE
    ((kind,),) = duckdb.sql(f"select distinct typeof(net_amount) from read_parquet('{file}')").fetchall()
    assert kind.startswith("DECIMAL")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "summary", "--format", "parquet"), BAD_USAGE),
        (("show", "summary", "--out", "x.csv"), BAD_USAGE),
        (("export", "--format", "csv"), BAD_USAGE),
        (("export", "--out", "x"), BAD_USAGE),
        (("export", "owner", "--format", "csv", "--out", "x"), BAD_USAGE),
        (("export", "--dry-run", "--format", "csv", "--out", "x"), BAD_USAGE),
        (("export", "--format", "parquet", "--out", "config.yaml"), FAILED),
        (("show", "summary", "--format", "parquet", "--out", "config.yaml/x.parquet"), FAILED),
    ],
)
def test_what_cannot_be_handed_out_is_told_in_a_sentence(
    loaded: Place, words: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(loaded.folder)

    done = loaded.call(*words)

    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (code, 1), done.stderr


def test_a_workbook_goes_to_a_file_of_the_moment(loaded: Place, tmp_path: Path) -> None:
    done = loaded.call("export", "--format", "xlsx", "--out", str(tmp_path / "now.xlsx"))

    assert done.exit_code == DONE
    book = load_workbook(tmp_path / "now.xlsx")
    assert book.sheetnames == load_workbook(loaded.folder / "company.xlsx").sheetnames
    assert book["Сводка"]["G1"].value is None, "a copy of the moment does not grow stale"


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_place_that_is_a_folder_is_named_as_it_was_given(loaded: Place, tmp_path: Path, form: str) -> None:
    told = loaded.call("show", "summary", "--format", form, "--out", str(tmp_path))

    assert (told.exit_code, told.stderr.count("\n")) == (FAILED, 1)
    assert f"{tmp_path} (" in told.stderr
    assert ".part" not in told.stderr


def test_a_parquet_that_cannot_be_written_is_told_in_the_words_of_the_system(
    loaded: Place, tmp_path: Path
) -> None:
    path = tmp_path / f"{'x' * 300}.parquet"

    told = loaded.call("show", "summary", "--format", "parquet", "--out", str(path))

    assert (told.exit_code, told.stderr.count("\n")) == (FAILED, 1)
    assert f"{path} (File name too long)" in told.stderr
