"""What goes on until it is stopped: the service, a long load, the demo."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from openpyxl import load_workbook
from typer.testing import CliRunner

import cli
import demo
from sandbox.amocrm import AmoServer
from tests.cli_stand import (
    DONE,
    FAILED,
    INTERRUPTED,
    ROOT,
    SECRET,
    Place,
    Stand,
    lines,
    loaded,
    place,
    stand,
    until,
)

__all__ = ["loaded", "place", "stand"]


@pytest.fixture
def serving(place: Place) -> Iterator[tuple[Place, "subprocess.Popen[str]", str]]:
    process = place.start("serve")
    assert process.stdout
    health = process.stdout.readline().strip()
    try:
        yield place, process, health
    finally:
        process.kill()
        process.communicate(timeout=20)


def test_the_service_takes_webhooks_lets_others_work_and_stops_when_asked(
    serving: tuple[Place, "subprocess.Popen[str]", str],
) -> None:
    place, process, health = serving
    door = health.replace("healthz", "webhooks/amocrm/")
    until(lambda: bool(requests.get(health, timeout=5).json()["built_at"]))

    answers = [requests.post(door + key, data=b"account[id]=1", timeout=5) for key in (SECRET, "wrong")]
    beside = place.call("sync", "users")
    place.content["webhooks"]["port"] = int(health.rsplit(":", maxsplit=1)[1].partition("/")[0])
    second = place.call("serve")
    process.send_signal(signal.SIGTERM)

    assert [answer.status_code for answer in answers] == [204, 404]
    assert beside.exit_code == DONE
    assert second.exit_code == FAILED
    assert "уже работает" in second.stderr
    assert process.wait(20) == DONE


def test_an_interrupted_load_says_so_and_is_taken_up_again(stand: Stand, place: Place) -> None:
    with AmoServer(stand.company.account, rate=0, latency=0.2) as slow:
        place.content["amocrm"]["url"] = slow.url
        place.secrets["VITRINA_AMOCRM_TOKEN"] = slow.token
        process = place.start("sync")
        until(lambda: bool(slow.asked("/leads")))
        for _ in range(3):  # who stops a group of processes sends two, who is impatient more
            process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[1]
        slow.latency = 0.0

        shown = place.call("status").stdout
        again = place.call("sync")

    assert process.returncode == INTERRUPTED
    assert "прервано" in shown
    assert lines(said)[-1].startswith("прервано; загруженное сохранено")
    assert "Traceback" not in said
    assert again.exit_code == DONE


def test_a_service_that_is_told_to_end_while_it_waits_tells_of_no_trouble(place: Place, stand: Stand) -> None:
    place.content["amocrm"]["requests_per_second"] = 1
    already = len(stand.amo.requests)
    process = place.start("serve")
    until(lambda: len(stand.amo.requests) > already)
    process.send_signal(signal.SIGTERM)

    said = process.communicate(timeout=20)[1]

    assert process.returncode == DONE
    assert [line for line in said.splitlines() if " INFO " not in line] == []


def test_a_folder_that_takes_no_files_is_not_taken_for_the_port(place: Place) -> None:
    (place.folder / "state" / "inbox" / "serving").mkdir(parents=True)

    done = place.call("serve")

    assert done.exit_code == FAILED
    assert len(lines(done.stderr)) == 1
    assert "не удаётся записать" in done.stderr
    assert "serving" in done.stderr


def test_a_demo_that_could_not_write_its_workbook_does_not_begin(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = CliRunner().invoke(cli.app, ["demo", "--once", "--folder", str(tmp_path / "file")])

    assert done.exit_code == FAILED
    assert "не удаётся записать" in done.stderr
    assert len(lines(done.stderr)) == 1


def test_a_demo_that_is_killed_politely_takes_its_files_away(place: Place, tmp_path: Path) -> None:
    place.secrets["TMPDIR"] = str(tmp_path)
    process = place.start("demo", "--once", "--no-browser")
    until(lambda: bool([*tmp_path.glob("vitrina-demo-*")]))
    process.send_signal(signal.SIGTERM)

    said = process.communicate(timeout=20)[1]

    assert process.returncode == INTERRUPTED
    assert lines(said)[-1] == "прервано, временные файлы убраны"
    assert [*tmp_path.glob("vitrina-demo-*")] == []


def test_two_signals_at_once_are_one() -> None:
    program = """
import signal
from seat import stop_signal

stop = stop_signal()
signal.raise_signal(signal.SIGINT)
signal.raise_signal(signal.SIGTERM)
print(stop.wait(5))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (DONE, "True\n", "")


def test_what_is_pressed_while_the_program_wakes_ends_it_without_a_traceback() -> None:
    program = """
import sys

class Pressed:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Pressed())
import vitrina
vitrina.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (INTERRUPTED, "")


def test_the_demo_plays_once_and_leaves_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "DEALS", 40)
    monkeypatch.setattr(demo, "MONTHS", 2)

    done = CliRunner().invoke(cli.app, ["demo", "--once", "--folder", str(tmp_path)], catch_exceptions=False)

    assert done.exit_code == DONE
    assert load_workbook(tmp_path / "vitrina-demo.xlsx").sheetnames[0] == "Сводка"
