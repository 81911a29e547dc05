"""A total that is not the sum of its drill-down: its tab keeps what it showed and says so, the others go on."""

from dataclasses import replace

import pytest

from metrics import catalog
from metrics.catalog import Catalog, Model
from tests.cli_stand import DONE, IN_PART, Place, Stand, place_of, stand
from tests.independent.reading import read_workbook

__all__ = ["stand"]
SAYS = "лист не обновлён: итог не сходится с расшифровкой (turnover_by_month: net_amount = "


def falsified(model: Model) -> Model:
    """Turnover with a kopeck too much in every month."""
    if model.name != "turnover_by_month":
        return model
    sql = f"select * replace (money(net_amount + 0.01) as net_amount) from (\n{model.sql}\n) order by month"
    return replace(model, sql=sql)


@pytest.fixture(scope="module")
def place(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Shown once in good order, then built with a sum that does not hold."""
    there = place_of(stand, tmp_path_factory.mktemp("held"))
    there.content["exports"]["stamp_every"] = 0
    assert there.call("run").exit_code == DONE
    return there


def test_its_tab_is_left_alone_and_says_so(
    place: Place, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = place.content["exports"]["books"][0]["spreadsheet"]
    before = stand.google.values(sheet, "Оборот!A2:K40")
    false = Catalog(tuple(map(falsified, catalog.load())))
    with monkeypatch.context() as changed:
        changed.setattr(catalog, "load", lambda: false)
        built, exported = place.call("build"), place.call("export")

    assert (built.exit_code, exported.exit_code) == (IN_PART, IN_PART)
    assert SAYS in built.output
    assert "не обновлены листы, где итог не сходится: Оборот" in exported.output
    assert stand.google.values(sheet, "Оборот!A2:K40") == before
    assert stand.google.values(sheet, "Оборот!H1")[0][0].startswith(SAYS)
    assert stand.google.values(sheet, "Менеджеры!H1") == [["данные полные"]]
    book = read_workbook(place.folder / "company.xlsx")
    turnover, managers = book["Оборот"], book["Менеджеры"]
    assert turnover[0][7].startswith(SAYS)
    assert turnover[5][0] == "лист не обновлён"
    assert len(turnover) == 6 < len(managers)

    assert (place.call("build").exit_code, place.call("export").exit_code) == (DONE, DONE)
    assert stand.google.values(sheet, "Оборот!H1") == [["данные полные"]]
