"""What an administrator changes in amoCRM is told, in status and in the sheet; no figure moves in silence."""

import json
from typing import Any

import pytest
from openpyxl import load_workbook

from sandbox.amocrm.fields import Field
from tests.cli_stand import DONE, IN_PART, until
from tests.shop import SOON, Shop, company, oauth_shop, origin, serving, shop, stamp_of

__all__ = ["company", "oauth_shop", "origin", "shop"]


def follow(shop: Shop) -> dict[str, Any]:
    """Take over what was changed, compute and write; what status says."""
    for verb in (["sync"], ["build"], ["export"]):
        done = shop.place.call(*verb)
        assert done.exit_code in (DONE, IN_PART), done.output
    told: dict[str, Any] = json.loads(shop.place.call("status", "--json").stdout)
    return told


def flaws(told: dict[str, Any]) -> dict[str, str]:
    return {flaw["key"]: flaw["kind"] for flaw in told["mapping_flaws"]}


def changes(told: dict[str, Any], identity: int) -> list[tuple[str, str | None, str | None]]:
    return [
        (one["kind"], one["before"], one["after"]) for one in told["schema_changes"] if one["id"] == identity
    ]


def quality(shop: Shop) -> str:
    """All that stands on the tab of the data's quality."""
    tab = load_workbook(shop.place.folder / "book.xlsx")["Качество данных"]
    return "\n".join(str(cell) for row in tab.iter_rows(values_only=True) for cell in row if cell is not None)


def figures(shop: Shop) -> list[str]:
    """The marts on which an owner decides."""
    names = (
        "turnover_by_month",
        "funnel_by_month",
        "source_totals",
        "receivables",
        "profit_by_deal",
        "manager_totals",
    )
    return [shop.place.call("show", name, "--format", "csv").stdout for name in names]


def field(shop: Shop, role: str) -> Field:
    return shop.amo.account.fields[shop.place.content["mapping"]["fields"][role]]


def of_kind(shop: Shop, kind: str) -> int:
    """The first mapped pipeline of this kind."""
    pipelines: dict[int, dict[str, Any]] = shop.place.content["mapping"]["pipelines"]
    return next(identity for identity, pipeline in pipelines.items() if pipeline["kind"] == kind)


def test_a_renamed_field_changes_nothing_and_is_told(shop: Shop) -> None:
    before, source = figures(shop), field(shop, "source")
    old = source.name
    shop.amo.account.rename_field(source.id, "Откуда пришёл")

    told = follow(shop)

    shop.amo.account.rename_field(source.id, old)
    assert figures(shop) == before
    assert flaws(told) == {}
    assert changes(told, source.id) == [("переименовано", old, "Откуда пришёл")]
    assert "переименовано" in quality(shop)
    assert shop.stamp() == "данные полные"


def test_a_deleted_field_is_told_with_the_figures_that_need_it(shop: Shop) -> None:
    lost = field(shop, "discount")
    shop.amo.account.delete_field(lost.id)

    told = follow(shop)

    assert flaws(told) == {"mapping.fields.discount": "field_deleted"}
    assert changes(told, lost.id) == [("удалено", lost.name, None)]
    assert shop.stamp() == f"данные полные; поле «{lost.name}» удалено в amoCRM: цифры неверны – скидки"
    assert f"поле «{lost.name}» удалено в amoCRM" in quality(shop)
    assert "впишите его номер в mapping.fields.discount" in quality(shop)
    assert "mapping.fields.discount: поле" in shop.place.call("status").stdout


def test_a_tracked_field_that_is_gone_stops_nothing(shop: Shop) -> None:
    lost = field(shop, "contract_amount")
    shop.amo.account.delete_field(lost.id)

    told = follow(shop)

    assert told["stopped"] == {}
    assert flaws(told)["mapping.fields.contract_amount"] == "field_deleted"
    assert "суммы договоров" in shop.stamp()
    assert not [one for one in shop.amo.requests if one.status >= 400]


def test_a_field_made_anew_is_told_with_its_new_number_and_comes_right(shop: Shop) -> None:
    lost = field(shop, "product")
    shop.amo.account.delete_field(lost.id)
    heir = shop.amo.account.add_field(
        lost.name, lost.type, [choice.value for choice in lost.choices.values()]
    )

    told = follow(shop)

    (flaw,) = [flaw for flaw in told["mapping_flaws"] if flaw["subject_id"] == lost.id]
    assert flaw["kind"] == "field_made_anew"
    assert f"новый номер {heir} в mapping.fields.product" in flaw["remedy"]
    assert changes(told, heir) == [("заведено заново", None, lost.name)]
    assert "заведено заново" in shop.stamp()

    shop.place.content["mapping"]["fields"]["product"] = heir
    try:
        assert "mapping.fields.product" not in flaws(follow(shop))
    finally:
        shop.place.content["mapping"]["fields"]["product"] = lost.id


def test_a_field_with_a_code_made_anew_is_followed_by_its_code(shop: Shop) -> None:
    account = shop.amo.account
    first = account.add_field("Код", "text", code="MEASURE")
    fields = {**shop.place.content["mapping"]["fields"], "installation_date": "MEASURE"}
    shop.place.content["mapping"] = {**shop.place.content["mapping"], "fields": fields}
    follow(shop)
    account.delete_field(first)
    second = account.add_field("Код", "text", code="MEASURE")

    told = follow(shop)

    assert "mapping.fields.installation_date" not in flaws(told)
    assert changes(told, second) == [("заведено заново", None, "Код")]


@pytest.mark.parametrize(("kind", "flaw"), [("checkbox", "field_unfit"), ("text", "field_retyped")])
def test_a_field_that_changes_its_type_is_told(shop: Shop, kind: str, flaw: str) -> None:
    costs = shop.place.content["mapping"]["fields"]["costs"]
    article, identity = next(iter(costs.items()))
    definition = shop.amo.account.fields[identity]
    old, definition.type = definition.type, kind
    definition.rename(definition.name)

    told = follow(shop)

    definition.type = old
    definition.rename(definition.name)
    assert flaws(told)[f"mapping.fields.costs.{article}"] == flaw
    assert "сменился тип" in quality(shop)
    assert f"поле «{definition.name}»" in shop.stamp()
    assert "расходы, прибыль" in shop.stamp()


def test_options_that_come_go_and_are_renamed_are_told(shop: Shop) -> None:
    account, calls = shop.amo.account, field(shop, "call_result")
    renamed, gone = list(calls.choices.values())[:2]
    account.add_choice(calls.id, "Перезвонить")
    account.rename_choice(calls.id, renamed.id, "Новое слово")
    account.delete_choice(calls.id, gone.id)

    told = changes(follow(shop), calls.id)

    assert sorted(told, key=str) == sorted(
        [
            ("вариант: добавлено", None, f"{calls.name}: Перезвонить"),
            ("вариант: переименовано", f"{calls.name}: {renamed.value}", f"{calls.name}: Новое слово"),
            ("вариант: удалено", f"{calls.name}: {gone.value}", None),
        ],
        key=str,
    )
    assert "Новое слово" in quality(shop)


def test_stages_that_are_renamed_moved_and_removed_are_told(shop: Shop) -> None:
    account = shop.amo.account
    pipeline = next(
        one for one, kind in shop.place.content["mapping"]["pipelines"].items() if kind["kind"] == "sales"
    )
    stages = account.pipelines[pipeline].statuses
    renamed, moved, removed = (account.status(pipeline, name) for name in ("Перенос", "Замер", "КП"))
    account.rename_status(pipeline, renamed, "Отложено")
    account.move_status(pipeline, moved, max(one.sort for one in stages.values() if one.is_editable) + 5)
    account.delete_status(pipeline, removed)

    told = follow(shop)

    assert {kind for kind, *_ in changes(told, pipeline)} == {
        "этап: переименовано",
        "этап: удалено",
        "этапы переставлены",
    }
    assert flaws(told)[f"mapping.pipelines.{pipeline}.steps.{removed}"] == "status_deleted"
    assert f"этап {removed} воронки" in shop.stamp()
    assert "все показатели воронки" in shop.stamp()


def test_an_archived_pipeline_is_told_until_it_is_back(shop: Shop) -> None:
    pipeline = of_kind(shop, "service")
    shop.amo.account.archive_pipeline(pipeline)
    archived = follow(shop)
    stamp = shop.stamp()
    shop.amo.account.archive_pipeline(pipeline, is_archive=False)
    back = follow(shop)

    assert flaws(archived)[f"mapping.pipelines.{pipeline}"] == "pipeline_archived"
    assert "отправлена в архив amoCRM" in stamp
    assert f"mapping.pipelines.{pipeline}" not in flaws(back)
    assert next(kind for kind, *_ in changes(back, pipeline)) == "возвращено из архива"


def test_a_mapping_that_names_no_field_of_the_account_keeps_the_figures_and_says_so(shop: Shop) -> None:
    shop.stamp()
    before = shop.figures()
    fields = {**shop.place.content["mapping"]["fields"], "source": 999}
    shop.place.content["mapping"] = {**shop.place.content["mapping"], "fields": fields}

    done = shop.place.call("build")

    assert done.exit_code != DONE
    assert shop.stamp().endswith(", синхронизация остановлена: в mapping названо поле, которого в amoCRM нет")
    assert shop.figures() == before
    assert "build" in shop.stopped()


def test_the_service_names_what_does_not_fit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = field(shop, "lead_date")
    shop.amo.account.delete_field(lost.id)

    with serving(shop, monkeypatch) as service:
        until(lambda: "mapping.fields.lead_date" in service.health()["mapping_flaws"], SOON)
        until(lambda: f"поле «{lost.name}» удалено в amoCRM" in stamp_of(shop), SOON)

        assert service.health()["ok"]


def test_a_service_that_cannot_build_from_its_first_moment_says_so_in_the_books(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {**shop.place.content["mapping"]["fields"], "source": 999}
    shop.place.content["mapping"] = {**shop.place.content["mapping"], "fields": fields}

    with serving(shop, monkeypatch) as service:
        until(lambda: "в mapping названо поле, которого в amoCRM нет" in stamp_of(shop), SOON)

        assert not service.health()["ok"]
        assert service.health()["problem"].startswith("MappingBroken")
