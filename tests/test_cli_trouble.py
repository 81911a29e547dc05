"""The command line in trouble: one sentence that says what to do, and the exit code that belongs to it."""

import re
import signal
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from cli_frame import interruptible
from sandbox.amocrm import faults
from tests.cli_stand import (
    BAD_USAGE,
    BUSY,
    FAILED,
    IN_PART,
    Holder,
    Place,
    Stand,
    lines,
    loaded,
    place,
    stand,
)

__all__ = ["loaded", "place", "stand"]

MARK = "✗"


def test_all_that_is_wrong_with_the_configuration_is_told_at_once(place: Place) -> None:
    place.content |= {"logg": {}, "amocrm": {"url": "https://acme.amocrm.ru", "pace": 3}}

    done = place.call("check", secrets={"VITRINA_AMOCRM_TOKEN": None})

    assert done.exit_code == BAD_USAGE
    assert all(wrong in done.stderr for wrong in ("logg", "log?", "amocrm.pace", "VITRINA_AMOCRM_TOKEN"))


def test_an_account_that_answers_nothing_is_left_soon(place: Place, stand: Stand) -> None:
    place.content["amocrm"] |= {"read_timeout": 0.2, "give_up_after": 1}
    stand.amo.faults.add(faults.hang(0.5), times=1000)
    began = time.monotonic()

    done = place.call("sync")
    stand.amo.faults.clear()

    assert done.exit_code == FAILED
    assert len(lines(done.stderr)) == 1
    assert "ни на один запрос не отвечает" in done.stderr
    assert time.monotonic() - began < 5
    assert "amoCRM не отвечает на запросы" in place.call("status").stdout


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["check", "--config", str(tmp_path / "none.yaml")])

    assert done.exit_code == BAD_USAGE
    assert "none.yaml" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["sync", "nothing"],
        ["sync", "--since", "yesterday"],
        ["sync", "leads", "--deal", "7"],
        ["build", "nothing"],
        ["show", "nothing"],
        ["models", "nothing"],
        ["export", "nothing"],
        ["show", "summary", "--format", "xml"],
        ["nothing"],
    ],
)
def test_what_nobody_can_mean_is_refused(loaded: Place, words: list[str]) -> None:
    done = loaded.call(*words)

    assert done.exit_code == BAD_USAGE
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing"], "нет команды «nothing»"),
        (["syncc"], "нет команды «syncc»; может быть, sync"),
        (["inputs", "nothing"], "нет команды «nothing»"),
        (["sync", "--nothing"], "нет параметра «--nothing»"),
        (["sync", "--deal"], "после --deal нужно значение"),
        (["sync", "--deal", "x"], "--deal: нужно целое число"),
        (["status", "--json=3"], "после --json значения не бывает"),
        (["status", "--wait", "x"], "--wait: нужно число"),
        (["status", "--wait", "-3"], "--wait: нужно число не меньше 0"),
        (["status", "more"], "лишнее: more"),
        (["show"], "не хватает model"),
        (
            ["show", "summary", "--format", "xml"],
            "--format: нужно одно из: 'table', 'csv', 'json', 'parquet'",
        ),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_told_in_russian(words: list[str], told: str) -> None:
    done = CliRunner().invoke(cli.app, words, prog_name="vitrina")

    (said,) = lines(done.stderr)
    assert done.exit_code == BAD_USAGE
    assert said.startswith(f"{told}; как правильно: vitrina")
    assert said.endswith("--help")


@pytest.mark.parametrize(
    ("words", "panels"),
    [
        (["--help"], {"Параметры", "Команды"}),
        (["period"], {"Параметры", "Команды"}),
        (["sync", "--help"], {"Аргументы", "Параметры"}),
        (["period", "close", "--help"], {"Аргументы", "Параметры"}),
    ],
)
def test_help_is_headed_in_russian(words: list[str], panels: set[str]) -> None:
    done = CliRunner().invoke(cli.app, words, prog_name="vitrina")

    assert set(re.findall(r"╭─ (\w+) ", done.output)) == panels
    assert re.search(r"--help .*показать эту справку", done.output)


def test_what_fails_because_of_an_interrupt_is_the_interrupt() -> None:
    def fall_out_of_work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            raise OSError("told to stop while waiting")

    with pytest.raises(KeyboardInterrupt), interruptible(lambda: None):
        fall_out_of_work()
    with pytest.raises(OSError, match="full"), interruptible(lambda: None):
        raise OSError("full")


@pytest.mark.parametrize("verb", ["sync", "run"])
def test_a_wrong_token_is_one_sentence(place: Place, verb: str) -> None:
    done = place.call(verb, secrets={"VITRINA_AMOCRM_TOKEN": "wrong"})

    assert done.exit_code == FAILED
    (said,) = lines(done.stderr)
    assert "токен" in said
    assert "VITRINA_AMOCRM_TOKEN" in said


@pytest.mark.parametrize("verb", ["sync", "run"])
def test_an_unreachable_host_is_one_sentence(place: Place, free_port: int, verb: str) -> None:
    place.content["amocrm"] = {"url": f"http://127.0.0.1:{free_port}", "attempts": 1}

    done = place.call(verb)

    assert done.exit_code == FAILED
    (said,) = lines(done.stderr)
    assert f"http://127.0.0.1:{free_port} не отвечает" in said
    assert "amocrm.url" in said


def test_an_unknown_field_is_named_with_its_key(stand: Stand, place: Place) -> None:
    mapping = stand.company.mapping
    place.content["mapping"] = {**mapping, "fields": {**mapping["fields"], "call_result": 999}}

    before = len(stand.amo.asked("/api/v4/leads"))

    run, check = place.call("run"), place.call("check")

    assert run.exit_code == BAD_USAGE
    (said,) = lines(run.stderr)[-1:]
    assert said.startswith("mapping.fields.call_result: в аккаунте нет поля сделки 999")
    assert len(stand.amo.asked("/api/v4/leads")) == before, "told before hours of loading"
    assert check.exit_code == FAILED
    (found,) = [line for line in lines(check.stdout) if MARK in line]
    assert found.startswith(f"{MARK} mapping.fields.call_result: в аккаунте нет поля")


def test_a_mapping_without_pipelines_is_no_mapping(place: Place) -> None:
    place.content["mapping"] = {}

    done = place.call("check")

    assert done.exit_code == FAILED
    assert "ни одна воронка не названа" in done.stdout


def test_a_spreadsheet_that_is_not_shared_names_the_robot(stand: Stand, loaded: Place) -> None:
    strange = stand.google.create_spreadsheet("Чужая")
    mine = loaded.content["exports"]["books"][0]
    loaded.content["exports"]["books"][0] = {**mine, "spreadsheet": strange}

    alone, both, check = loaded.call("export", "owner"), loaded.call("export"), loaded.call("check")

    loaded.content["exports"]["books"][0] = mine
    assert [done.exit_code for done in (alone, both, check)] == [FAILED, IN_PART, FAILED]
    (said,) = lines(alone.stderr)
    assert "robot@project.iam.gserviceaccount.com" in said
    assert "«Редактор»" in said


@pytest.mark.parametrize(
    ("section", "key", "words"),
    [
        ("warehouse", "path", ["sync"]),
        ("warehouse", "path", ["status"]),
        ("sync", "inbox", ["status"]),
        ("sync", "inbox", ["serve"]),
        ("sync", "inbox", ["check"]),
    ],
)
def test_a_folder_that_takes_no_files_is_named(
    place: Place, section: str, key: str, words: list[str]
) -> None:
    (place.folder / "blocked").write_text("a file where a folder should be")
    place.content.setdefault(section, {})[key] = "blocked/within"

    done = place.call(*words)

    assert done.exit_code == FAILED
    (said,) = [line for line in lines(done.output) if "blocked" in line]
    assert "права на папку" in said


def test_a_workbook_that_cannot_be_written_is_found_before_and_told_after(
    loaded: Place, tmp_path: Path
) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    mine = loaded.content["exports"]["books"][1]
    loaded.content["exports"]["books"][1] = {**mine, "path": str(tmp_path / "blocked/company.xlsx")}

    check, export = loaded.call("check"), loaded.call("export", "excel")

    loaded.content["exports"]["books"][1] = mine
    assert (check.exit_code, export.exit_code) == (FAILED, FAILED)
    assert f"{MARK} excel" in check.stdout
    assert len(lines(export.stderr)) == 1


def test_figures_are_not_there_before_they_were_built(place: Place) -> None:
    for words in (["show", "summary"], ["export"]):
        done = place.call(*words)

        assert done.exit_code == FAILED
        assert lines(done.stderr) == ["витрины ещё не построены: выполните «vitrina run»"]


def test_a_busy_warehouse_names_its_holder(loaded: Place) -> None:
    with Holder(loaded.folder / "state/vitrina.duckdb") as pid:
        done = [loaded.call(verb, "--wait", "0.1") for verb in ("status", "sync", "build", "export")]

    assert [each.exit_code for each in done] == [BUSY] * 4
    assert all(f"PID {pid} (a long job" in each.stderr and "--wait" in each.stderr for each in done)


def test_who_reads_english_is_told_in_english(place: Place) -> None:
    place.content["locale"] = "en"

    done = place.call("sync", secrets={"VITRINA_AMOCRM_TOKEN": "wrong"})

    assert "does not accept the token" in done.stderr
