"""How long a change in amoCRM takes to its cell: measured change by change, told on every tab and by `status`."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from exporting import Exporter
from jobs import Jobs
from status import read_status
from tests.harness import Office, an_office, rows


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with an_office(tmp_path, deals=12, months=1) as office:
        yield office


def test_the_books_tell_how_long_changes_took_and_what_people_typed_wrong(
    office: Office, tmp_path: Path
) -> None:
    path, typed = tmp_path / "book.xlsx", tmp_path / "typed"
    beside = tmp_path / "beside.xlsx"
    books = [
        {"name": "excel", "kind": "xlsx", "path": str(path), "show": {"refused_inputs": "all"}},
        {
            "name": "ads",
            "kind": "xlsx",
            "path": str(beside),
            "for": "marketer",
            "show": {"lost_reasons": "all"},
        },
    ]
    jobs = office.product("one", exports={"books": books, "stamp_every": 0}, inputs={"folder": str(typed)})
    typed.mkdir()
    (typed / "Планы.csv").write_text("Месяц;Показатель;Значение\n2026-05;такого нет;1\n", encoding="utf-8")
    exporter = Exporter(jobs)
    jobs.sync()
    deals = [deal for (deal,) in rows(jobs, "select id from raw.records where stream = 'leads' limit 3")]

    def bring() -> str:
        jobs.sync()
        jobs.inputs.take()
        jobs.build()
        exporter.export()
        return words_of(path)

    assert "до ячейки" not in bring(), "what was there before us is not timed"
    for deal, seconds in zip(deals, (10, 20, 30), strict=True):
        office.company.account.update_lead(deal, price=1_000 + deal)
        office.clock.pass_by(seconds)
    bring()
    office.clock.pass_by(600)
    again = bring()

    assert again.endswith("от правки в amoCRM до ячейки 50 с, в 95 % случаев до 59 с")
    assert "в таблицах ввода не принято мест: " in again
    other = words_of(beside)
    assert other.startswith("данные полные · от правки"), "who may not see what is refused is not told of it"
    assert read_delay(jobs) == pytest.approx([50, 59], abs=1)
    office.clock.pass_by(3600)
    assert read_delay(jobs) == [None, None], "an hour later nobody cares"


def words_of(path: Path) -> str:
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()), read_only=True)
    return str(book.worksheets[0]["H1"].value)


def read_delay(jobs: Jobs) -> list[float | None]:
    delay = read_status(jobs).delay
    return [delay.change_to_cell_p50, delay.change_to_cell_p95]
