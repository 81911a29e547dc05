"""What people type into one cell: what is kept of it, and what is refused rather than guessed."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.inputs.checking import check
from connectors.inputs.folder import number_as_text
from connectors.inputs.tables import BY_NAME, Column, Kind
from connectors.inputs.values import Known, Unfit, parse

KNOWN = Known(managers={"Алёна Ким": 1, "Олег Ким": 2, "Олег Кин": 3}, ambiguous=("иван петров",))


def column(kind: Kind, **more: Any) -> Column:
    return Column("cell", "Клетка", kind, "", "", **more)


KEPT: list[tuple[Kind, str, str]] = [
    ("month", "05.2026", "2026-05-01"),
    ("month", "5.2026", "2026-05-01"),
    ("month", "2026-05", "2026-05-01"),
    ("month", "Май 2026", "2026-05-01"),
    ("month", "май 2026 г.", "2026-05-01"),
    ("month", "01.05.2026", "2026-05-01"),
    ("month", "2026-05-01 00:00:00", "2026-05-01"),
    ("month", "46143", "2026-05-01"),
    ("day", "12.05.2026", "2026-05-12"),
    ("day", "2026-05-12", "2026-05-12"),
    ("day", "46154", "2026-05-12"),
    ("money", "10 000,50", "10000.50"),
    ("money", "10\u00a0000.5 ₽", "10000.50"),
    ("money", "−7 руб.", "-7.00"),
    ("rate", "92,4481", "92.4481"),
    ("percent", "5%", "0.05"),
    ("percent", "7,5 %", "0.075"),
    ("percent", "0.05", "0.05"),
    ("percent", "1.2", "1.2"),
    ("number", "18,5", "18.5"),
    ("count", "12", "12"),
    ("flag", "Да", "true"),
    ("flag", "нет", "false"),
    ("currency", "usd", "USD"),
    ("deal", "12345678", "12345678"),
    ("deal", "https://acme.amocrm.ru/leads/detail/12345678?from=x", "12345678"),
    ("manager", "алена  ким", "алена  ким"),
    ("manager", "2", "2"),
]


@pytest.mark.parametrize(("kind", "text", "kept"), KEPT)
def test_what_people_mean_is_kept_in_one_form(kind: Kind, text: str, kept: str) -> None:
    assert parse(column(kind), text, KNOWN) == kept


REFUSED: list[tuple[Kind, str, str]] = [
    ("month", "15.05.2026", "month"),
    ("month", "13.2026", "month"),
    ("month", "скоро", "month"),
    ("day", "31.02.2026", "day"),
    ("day", "05/06/2026", "day"),
    ("money", "10 тыс.", "money"),
    ("money", "1,234.50", "money"),
    ("money", "1e5", "money"),
    ("money", "nan", "money"),
    ("money", "0,001", "kopecks"),
    ("money", "100000000000000", "too_large"),
    ("rate", "0", "rate"),
    ("percent", "5", "percent_sign"),
    ("percent", "пять%", "percent"),
    ("number", "32", "number"),
    ("count", "1,5", "count"),
    ("flag", "наверное", "flag"),
    ("currency", "доллары", "currency"),
    ("deal", "Окна Петрову", "deal"),
    ("manager", "Пётр", "manager_unknown"),
    ("manager", "Иван Петров", "manager_ambiguous"),
]


@pytest.mark.parametrize(("kind", "text", "reason"), REFUSED)
def test_what_is_not_sure_is_refused(kind: Kind, text: str, reason: str) -> None:
    with pytest.raises(Unfit) as refused:
        parse(column(kind), text, KNOWN)

    assert refused.value.kind == reason


def test_a_name_that_is_near_is_named() -> None:
    with pytest.raises(Unfit) as refused:
        parse(column("manager"), "Олег Кимм", KNOWN)

    assert refused.value.details == {"known": "Олег Ким, Олег Кин, Алёна Ким"}


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_every_kopeck_survives_a_spreadsheet(amount: Decimal) -> None:
    kept = parse(column("money"), number_as_text(float(amount)), KNOWN)

    assert Decimal(kept) == amount


DAYS = st.integers(1, 9).map(lambda number: f"0{number}.05.2026")
ROWS = st.lists(
    st.tuples(DAYS, st.sampled_from(["Касса", "касса", "Банк", ""]), st.sampled_from(["1", "2", "много"]))
)


@given(rows=ROWS, seed=st.integers())
def test_neither_order_nor_repetition_decides_what_is_taken(
    rows: list[tuple[str, str, str]], seed: int
) -> None:
    header = ("Дата", "Счёт", "Остаток")
    shuffled = [*rows, *rows[:2]]
    random.Random(seed).shuffle(shuffled)

    plainly = check(BY_NAME["cash"], [header, *rows], KNOWN)
    otherwise = check(BY_NAME["cash"], [header, *shuffled], KNOWN)

    assert sorted(map(str, otherwise.rows.values())) == sorted(map(str, plainly.rows.values()))


@given(rows=ROWS)
def test_every_row_is_taken_or_told_of(rows: list[tuple[str, str, str]]) -> None:
    checked = check(BY_NAME["cash"], [("Дата", "Счёт", "Остаток"), *rows], KNOWN)

    assert set(checked.rows) | {refusal.row for refusal in checked.refusals} == {*range(2, len(rows) + 2)}


RULES = [
    (("оплата", "5%", ""), []),
    (("оклад", "", "50 000"), []),
    (("оплата", "", ""), ["rate_needs_share"]),
    (("замер", "5%", ""), ["rate_needs_amount", "rate_has_both"]),
    (("оплата", "5%", "7"), ["rate_has_both"]),
]


@pytest.mark.parametrize(("cells", "reasons"), RULES)
def test_a_rule_has_a_rate_or_an_amount_as_its_base_asks(cells: tuple[str, ...], reasons: list[str]) -> None:
    checked = check(BY_NAME["rates"], [("База", "Ставка", "Сумма"), cells], KNOWN)

    assert [refusal.kind for refusal in checked.refusals] == reasons
