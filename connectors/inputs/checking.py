"""A table as people typed it → rows that can be used, and what is wrong with the others. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.inputs.tables import Column, Table, plain
from connectors.inputs.values import Known, Unfit, parse

Grid = Sequence[Sequence[str]]
Cells = dict[str, str]

REMARKS = "Ошибки"  # the header of the column in which we answer
HEADER_WITHIN = 10  # rows; people put a title or a remark above their table


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that was not taken: where, what stood there, and the kind of the sentence; row 0: the whole table."""

    row: int
    kind: str
    column: str | None = None
    value: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Checked:
    """What a table says: rows by their number in it, and refusals; `is_readable`: there is a table at all."""

    rows: dict[int, Cells] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    is_readable: bool = True
    header: int = 0
    width: int = 0

    def refuse(
        self, row: int, kind: str, column: Column | None = None, value: str = "", **details: object
    ) -> None:
        title = column.title if column else None
        self.refusals.append(Refusal(row, kind, title, value or None, details))


def check(
    table: Table,
    grid: Grid,
    known: Known,
    *,
    missing_deals: Callable[[Collection[int]], Collection[int]] = lambda _: (),
    standing: Sequence[Cells] = (),
) -> Checked:
    """The rows that can be used; `standing` are those of the version in force.

    A row whose key can be read and whose value cannot keeps the value in force. Rows that contradict each other
    are all refused and a repeated row counts once, so the order of the rows decides nothing.
    """
    checked = Checked()
    places = _header(table, grid, checked)
    if places is None:
        return checked
    in_force = {_key(table, cells): cells for cells in standing} if table.key else {}
    kept: dict[int, Cells] = {}
    filled = 0
    for number, line in enumerate(grid[checked.header :], checked.header + 1):
        texts = {key: line[at].strip() for key, at in places.items() if at < len(line)}
        if not any(texts.values()):
            continue
        filled += 1
        cells, is_whole = _row(table, number, texts, known, checked)
        if is_whole:
            checked.rows[number] = cells
        elif table.key and set(table.required_key) <= set(cells) and _key(table, cells) in in_force:
            kept[number] = in_force[_key(table, cells)]
            checked.refuse(number, "still_in_force")
    _drop_unknown_deals(table, checked, missing_deals)
    _drop_contradictions(table, checked)
    _drop_repetitions(checked)
    taken = {_key(table, cells) for cells in checked.rows.values()} if table.key else set()
    for number, cells in kept.items():
        if _key(table, cells) not in taken:
            checked.rows[number] = cells
    if filled and not checked.rows and standing:
        checked.is_readable = False
        checked.refuse(0, "no_good_row")
    return checked


def _header(table: Table, grid: Grid, checked: Checked) -> dict[str, int] | None:
    """Where each column stands; None, and the reason, if one that is needed is not there."""
    best: dict[str, int] = {}
    titles = {plain(column.title): column.key for column in table.columns}
    for number, line in enumerate(grid[:HEADER_WITHIN], 1):
        found: dict[str, int] = {}
        for at, text in enumerate(line):
            key = titles.get(plain(text))
            if key is None:
                continue
            if key in found:
                checked.is_readable = False
                checked.refuse(0, "column_twice", value=text)
                return None
            found[key] = at
        if len(found) > len(best):
            best, checked.header, checked.width = found, number, len(line)
    absent = [column.title for column in table.required if column.key not in best]
    if absent:
        checked.is_readable = False
        checked.refuse(0, "columns_missing", columns=", ".join(absent))
        return None
    return best


def _row(
    table: Table, number: int, texts: Mapping[str, str], known: Known, checked: Checked
) -> tuple[Cells, bool]:
    cells: Cells = {}
    is_whole = True
    for column in table.columns:
        text = texts.get(column.key, "") or column.default
        if not text:
            if column.is_required:
                checked.refuse(number, "required", column)
                is_whole = False
            continue
        try:
            cells[column.key] = parse(column, text, known) if texts.get(column.key) else text
        except Unfit as unfit:
            checked.refuse(number, unfit.kind, column, text, **unfit.details)
            is_whole = False
            continue
        if column.kind == "manager" and known.managers:
            cells["manager_id"] = str(known.manager(text))
    if is_whole:
        is_whole = _fits_together(table, number, cells, known, checked)
    return cells, is_whole


def _fits_together(table: Table, number: int, cells: Cells, known: Known, checked: Checked) -> bool:
    """What several columns must agree about."""
    before = len(checked.refusals)
    if table.name == "rates":
        per_event = cells["base"] in ("fixed", "measurement", "installation")
        if ("amount" if per_event else "rate") not in cells:
            checked.refuse(number, "rate_needs_amount" if per_event else "rate_needs_share")
        if ("rate" if per_event else "amount") in cells:
            checked.refuse(number, "rate_has_both")
        if cells.get("valid_to", "9999") < cells.get("valid_from", ""):
            checked.refuse(number, "ends_before_it_begins")
    if table.name == "expenses":
        if "amount" not in cells and "planned_amount" not in cells:
            checked.refuse(number, "no_amount")
        if "deal_id" in cells and cells.get("months", "1") != "1":
            checked.refuse(number, "deal_over_months")
    if table.name == "payments" and cells.get("currency", known.currency) != known.currency:
        rated_from = known.rated_from.get(cells["currency"])
        if rated_from is None or rated_from > cells["paid_on"]:
            checked.refuse(number, "no_rate", currency=cells["currency"])
    return len(checked.refusals) == before


def _key(table: Table, cells: Mapping[str, str]) -> tuple[str, ...]:
    """What a row speaks of; a person is the same under any spelling."""
    return tuple(
        cells.get("manager_id") or plain(cells.get(name, ""))
        if name in ("whom", "manager")
        else plain(cells.get(name, ""))
        for name in table.key
    )


def _drop_unknown_deals(
    table: Table, checked: Checked, missing_deals: Callable[[Collection[int]], Collection[int]]
) -> None:
    column = next((column for column in table.columns if column.kind == "deal"), None)
    named = {number: int(cells["deal_id"]) for number, cells in checked.rows.items() if "deal_id" in cells}
    if column is None or not named:
        return
    missing = set(missing_deals(set(named.values())))
    for number, deal in named.items():
        if deal in missing:
            del checked.rows[number]
            checked.refuse(number, "deal_unknown", column, str(deal))


def _drop_contradictions(table: Table, checked: Checked) -> None:
    if not table.key:
        return
    told: dict[tuple[str, ...], dict[int, Cells]] = defaultdict(dict)
    for number, cells in checked.rows.items():
        told[_key(table, cells)][number] = cells
    for rows in told.values():
        if len({tuple(sorted(cells.items())) for cells in rows.values()}) > 1:
            for number in rows:
                others = ", ".join(str(other) for other in rows if other != number)
                checked.refuse(number, "contradiction", rows=others)
                del checked.rows[number]


def _drop_repetitions(checked: Checked) -> None:
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for number, cells in list(checked.rows.items()):
        words = tuple(sorted(cells.items()))
        if words in seen:
            checked.refuse(number, "repetition", first=seen[words])
            del checked.rows[number]
        else:
            seen[words] = number
