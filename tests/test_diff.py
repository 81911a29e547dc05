"""`vitrina diff`: which figures moved between two runs, and which ledger rows moved them, by whom."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli_stand import BAD_USAGE, DONE, Place, Stand, loaded, stand
from warehouse.database import Warehouse

__all__ = ["loaded", "stand"]

OF_DEAL = "select before from history.changes where ledger = 'deals' and deal_id = {deal} order by run_id"
OF_TURNOVER = ("turnover_by_month", "net_amount")


@pytest.fixture
def copy(loaded: Place, tmp_path: Path) -> Place:
    """A folder of its own in which `vitrina run` was called."""
    shutil.copytree(loaded.folder, tmp_path / "copy")
    return Place(tmp_path / "copy", loaded.content, loaded.secrets)


def last_run(place: Place) -> str:
    [(run,)] = place.rows("select max(run_id) from ops.runs where outcome = 'done'")
    return str(run)


def turnover(place: Place) -> dict[date, Decimal]:
    return dict(place.rows("select month, net_amount from mart.turnover_by_month"))


def diff(place: Place, *words: str) -> Any:
    done = place.call("diff", *words, "--json")
    assert done.exit_code == DONE, done.output
    return json.loads(done.output)


def raise_amount(stand: Stand, place: Place, by: int) -> int:
    """Somebody makes a signed contract dearer; its deal."""
    field = stand.company.premises.fields["Сумма договора"]
    [(deal, amount)] = place.rows(
        "select deal_id, contract_amount from core.deals where is_signed and not is_cancelled and is_sale "
        "and contract_amount > 0 and contract_on < today() - 2 order by 1 limit 1",
    )
    stand.company.account.update_lead(deal, fields={field: f"{amount + by}"})
    return int(deal)


def test_a_dearer_contract_moves_its_figures_and_is_named(stand: Stand, copy: Place) -> None:
    before, run = turnover(copy), last_run(copy)
    deal = raise_amount(stand, copy, 777)
    assert copy.call("run").exit_code == DONE
    after = turnover(copy)

    told = diff(copy, "--from", run)

    moved = {
        (each["mart"], each["column"]): each
        for each in told["figures"]
        if each["mart"] == "turnover_by_month"
    }
    net = moved["turnover_by_month", "net_amount"]
    month = date.fromisoformat(net["key"]["month"])
    assert Decimal(net["by"]) == after[month] - before.get(month, 0) == 777
    assert (Decimal(net["before"]), Decimal(net["after"])) == (before.get(month, 0), after[month])
    changes = {(each["deal_id"], each["ledger"]): each for each in told["changes"]}
    entry = changes[deal, "turnover_entries"]
    assert not entry["before"]
    assert Decimal(entry["after"]["amount"]) == 777
    card = changes[deal, "deals"]
    assert Decimal(card["after"]["contract_amount"]) - Decimal(card["before"]["contract_amount"]) == 777
    assert card["event"]
    assert card["who"]
    assert card["link"].endswith(f"/leads/detail/{deal}")
    assert told["is_whole"] is True
    # Rates stand in the same columns of the summary as sums, and changed deals alone do not tell how a rate moved.
    assert "summary" not in {each["mart"] for each in told["figures"]}


def test_what_moved_and_went_back_moved_nothing(stand: Stand, copy: Place) -> None:
    run = last_run(copy)
    name = stand.company.premises.fields["Закуп материалов"]
    [(deal,)] = copy.rows("select min(deal_id) from core.costs where article = 'Закуп материалов'")
    was = copy.rows(f"select amount from core.costs where deal_id = {deal} and article = 'Закуп материалов'")[
        0
    ][0]
    for value in (was + 5 if was else 5, None, was):
        stand.company.account.update_lead(deal, fields={name: None if value is None else f"{value}"})
        assert copy.call("run").exit_code == DONE

    told = diff(copy, "--from", run)

    assert [each for each in told["changes"] if (each["deal_id"], each["ledger"]) == (deal, "costs")] == []
    assert copy.rows(f"select count(*) from history.changes where deal_id = {deal} and ledger = 'costs'") == [
        (3 if was is not None else 2,)
    ]


def state(place: Place, deal: int) -> str:
    """The row of a deal as older versions kept it, whole."""
    [(line,)] = place.rows(
        "select cast(to_json(texts) as varchar) from (select columns(* exclude (updated_at))::varchar "
        f"from core.deals where deal_id = {deal}) as texts",
    )
    return str(line)


def cards(place: Place, *words: str) -> list[Any]:
    """What moved, and what was told of the deal's own row."""
    told = diff(place, OF_TURNOVER[0], *words)
    return [
        told["figures"],
        *((each["before"], each["after"]) for each in told["changes"] if each["ledger"] == "deals"),
    ]


def test_rows_are_put_together_again_from_what_differed(stand: Stand, copy: Place) -> None:
    """Each change keeps the columns that it changed; what is told are whole rows, at any moment, of old files too."""
    runs = [last_run(copy)]
    deal = raise_amount(stand, copy, 0)
    states, nets = [state(copy, deal)], [sum(turnover(copy).values())]
    for by, name in ((100, None), (0, "Иначе"), (-30, "Ещё иначе")):
        raise_amount(stand, copy, by)
        if name:
            stand.company.account.update_lead(deal, name=name)
        assert copy.call("run").exit_code == DONE
        runs.append(last_run(copy))
        states.append(state(copy, deal))
        nets.append(sum(turnover(copy).values()))
    kept = [set(json.loads(line)) for (line,) in copy.rows(OF_DEAL.format(deal=deal))]
    assert kept[1] == {"name"}
    assert "contract_amount" in kept[0]
    assert "name" not in kept[0]
    pairs = [(0, 1), (0, 2), (1, 3)]

    def told() -> list[Any]:
        return [cards(copy, "--from", runs[start], "--to", runs[end]) for start, end in pairs]

    found = told()

    for (start, end), (figures, (before, after)) in zip(pairs, found, strict=True):
        assert (before, after) == (json.loads(states[start]), json.loads(states[end]))
        moved = [Decimal(each["by"]) for each in figures if each["column"] == OF_TURNOVER[1]]
        assert moved == [nets[end] - nets[start]]
    for run, before, after in zip(runs[1:], states[:-1], states[1:], strict=True):
        with Warehouse(copy.folder / "state" / "vitrina.duckdb").transaction("test") as tx:
            tx.execute(
                "update history.changes set before = ?, after = ? "
                "where ledger = 'deals' and deal_id = ? and run_id = ?",
                [before, after, deal, int(run)],
            )
    assert told() == found


def test_one_figure_is_traced_and_read_by_a_person(stand: Stand, copy: Place) -> None:
    run = last_run(copy)
    deal = raise_amount(stand, copy, 300)
    assert copy.call("run").exit_code == DONE

    done = copy.call("diff", "receivables", f"deal_id={deal}", "--from", run)

    assert done.exit_code == DONE, done.output
    assert "Изменились цифры" in done.output
    assert f"/leads/detail/{deal}" in done.output


def test_a_rebuild_that_changes_nothing_is_no_change(copy: Place) -> None:
    run = last_run(copy)
    assert copy.call("rebuild").exit_code == DONE

    told = diff(copy, "--from", run)

    assert (told["figures"], told["changes"]) == ([], [])


def test_changes_are_kept_for_as_many_days_as_the_config_says(stand: Stand, copy: Place) -> None:
    raise_amount(stand, copy, 50)
    copy.call("run")
    assert copy.rows("select count(*) > 0 from history.changes") == [(True,)]
    long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=93)
    copy.rows(f"update history.changes set changed_at = timestamp '{long_ago}'")

    copy.call("build")

    assert copy.rows("select count(*) from history.changes") == [(0,)]


@pytest.mark.parametrize("moment", ["soon", "999999", "2026-13-01"])
def test_a_moment_that_is_none_is_said_so(copy: Place, moment: str) -> None:
    done = copy.call("diff", "--from", moment)

    assert done.exit_code == BAD_USAGE
    assert done.output.startswith(f"{moment}: нужен день")


@pytest.mark.parametrize(
    "moments", [["--from", "3000-01-01"], ["--from", "2026-10-02", "--to", "2026-10-01"]]
)
def test_moments_the_wrong_way_round_are_said_so(copy: Place, moments: list[str]) -> None:
    done = copy.call("diff", *moments)

    assert done.exit_code == BAD_USAGE
    assert "первый момент должен быть раньше второго" in done.output
