"""Google Sheets: the plan against what is there, as one batch that lands whole or not at all."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from exports.colours import TAB_COLOURS
from exports.drawing import Request
from exports.known import RUN_KEY, Known, KnownTab, dump_run, free_title, own_id
from exports.plan import FIRST_ROW, Plan, Tab
from exports.stamp import seconds_ahead
from exports.tabs import mark_request, update_tab
from exports.tones import rgb

SPARE_ROWS = 200
SPARE_COLUMNS = 6
MOVING = frozenset({"insertDimension", "deleteConditionalFormatRule"})
"""Requests that do something else when they are carried out once more."""

PLACE = "vitrina"  # the tab that stands there while all others are made anew


@dataclass(frozen=True, slots=True)
class Batch:
    """One request to Google, and what will be known of the spreadsheet once it has landed.

    `cells`: how many cells each tab sends; a tab that did not change is not among them.
    """

    token: str
    requests: tuple[Request, ...]
    body: bytes
    after: Known
    cells: dict[str, int]

    @property
    def is_only_stamp(self) -> bool:
        kinds = {kind for request in self.requests for kind in request}
        return not self.cells and kinds <= {"updateCells", "updateDeveloperMetadata"}

    @property
    def counts_places(self) -> bool:
        """Whether it speaks of rules by their place, which people may have changed since we looked."""
        return any("deleteConditionalFormatRule" in request for request in self.requests)


def make_batch(
    plan: Plan,
    known: Known,
    *,
    run: int,
    token: str,
    locale: str,
    time_zone: str,
    whole: Collection[str] = (),
    healed_at: float | None = None,
    unhealed: Sequence[str] = (),
) -> Batch:
    """What makes the spreadsheet show `plan`: changed blocks, every tab's stamp, and our marks.

    Only values of our own cells are written, so what people added stays: their tabs, notes, formats, names
    and order of tabs, columns to the right. Only a tab that is missing, or whose shape is another now, is
    drawn; of tabs in `whole` also the values that did not change are repeated. `healed_at`: when that was last done
    to all of them; `unhealed`: where it is still to be done. In a book that is not the owner's no tab stays that was
    made for others, nor a copy of one.
    """
    going = _going(plan, known)
    left = replace(known, tabs=tuple(tab for tab in known.tabs if tab not in going and not tab.is_draft))
    zone = time_zone if known.is_new else known.time_zone
    ahead = seconds_ahead(zone, time_zone, plan.stamp.checked_at)
    tabs, requests, cells = list(left.tabs), [*sweeping(known), *_leave(going, known)], {}
    place, is_drawn = -1, False
    for tab in plan.tabs:
        shown = left.find(tab.key)
        if shown is None:
            place += 1
            shown = _new_tab(tab, tabs, {gone.sheet_id for gone in going})
            tabs.insert(place, shown)
            requests.append(_add(shown, place, TAB_COLOURS.get(tab.key)))
        place = tabs.index(shown)
        elsewhere = frozenset(chart for each in tabs if each is not shown for chart in each.dress.charts)
        update = update_tab(
            tab, shown, plan.stamp_of(tab), ahead=ahead, whole=tab.key in whole, elsewhere=elsewhere
        )
        requests += update.requests
        is_drawn |= update.is_drawn
        tabs[place] = update.after
        if update.cells:
            cells[update.after.title] = update.cells
    if going:
        requests.append({"deleteSheet": {"sheetId": own_id(PLACE)}})
    settings = _settings({"locale": locale, "timeZone": time_zone} if known.is_new else {}, is_drawn=is_drawn)
    value = dump_run(run, token, healed_at, unhealed)
    run_id, marking = _run_mark(known.run_id, token, value, is_anew=any(map(MOVING.intersection, requests)))
    requests = [*settings, *requests, *marking]
    after = Known(zone, tuple(tabs), run_id, token, healed_at, tuple(unhealed))
    return Batch(token, tuple(requests), encoded(requests), after, cells)


def _run_mark(before: int | None, token: str, value: str, *, is_anew: bool) -> tuple[int, list[Request]]:
    """The number of the run's mark, and what leaves it.

    What must not land twice, as where an answer was long in coming, leaves it anew: Google takes no number twice.
    """
    everywhere = {"spreadsheet": True}
    if before is None or not is_anew:
        number = own_id(RUN_KEY) if before is None else before
        return number, [mark_request(RUN_KEY, number, value, everywhere, is_new=before is None)]
    number = own_id(f"{RUN_KEY}/{token}")
    old = {"dataFilter": {"developerMetadataLookup": {"metadataId": before}}}
    new = mark_request(RUN_KEY, number, value, everywhere, is_new=True)
    return number, [{"deleteDeveloperMetadata": old}, new]


def _settings(settings: dict[str, str], *, is_drawn: bool) -> Iterator[Request]:
    """Settings of the spreadsheet; with a new shape it is asked to calculate by itself, for the stamp."""
    if is_drawn:
        settings = settings | {"autoRecalc": "MINUTE"}
    if settings:
        yield {"updateSpreadsheetProperties": {"properties": settings, "fields": ",".join(settings)}}


def _going(plan: Plan, known: Known) -> list[KnownTab]:
    """Our tabs, and copies of them, that show what is not for the readers of this book."""
    scopes = {tab.key: tab.scope for tab in plan.tabs}
    if not any(scopes.values()):
        return []
    return [tab for tab in known.tabs if tab.mark is not None and scopes.get(tab.mark.key) != tab.mark.scope]


def _leave(going: Sequence[KnownTab], known: Known) -> Iterator[Request]:
    """Delete these tabs; a spreadsheet cannot be without any, so one more stands there until the new ones do."""
    if going:
        title = free_title(PLACE, known.tabs)
        yield {"addSheet": {"properties": {"sheetId": own_id(PLACE), "title": title}}}
    for tab in going:
        yield {"deleteSheet": {"sheetId": tab.sheet_id}}


def sweeping(known: Known) -> list[Request]:
    """What takes away the drafts that somebody left behind."""
    return [{"deleteSheet": {"sheetId": tab.sheet_id}} for tab in known.tabs if tab.is_draft]


def encoded(requests: Sequence[Request]) -> bytes:
    """Compact UTF-8: about half of what escaped and spaced JSON takes for Russian texts."""
    content = {"requests": requests}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _new_tab(tab: Tab, tabs: Sequence[KnownTab], gone: Collection[int]) -> KnownTab:
    sheet_id = own_id(tab.key)
    while sheet_id in {each.sheet_id for each in tabs}.union(gone):
        sheet_id += 1
    rows = max(FIRST_ROW + len(block.rows) for block in tab.blocks) + SPARE_ROWS
    return KnownTab(sheet_id, free_title(tab.title, tabs), rows, tab.width + SPARE_COLUMNS)


def _add(tab: KnownTab, index: int, colour: str | None) -> Request:
    """The number is ours, so the same batch can fill the tab, and a repeat cannot make a second one."""
    grid = {"rowCount": tab.rows, "columnCount": tab.columns, "frozenRowCount": FIRST_ROW}
    properties = {"sheetId": tab.sheet_id, "title": tab.title, "index": index, "gridProperties": grid}
    if colour is not None:
        properties["tabColorStyle"] = {"rgbColor": rgb(colour)}
    return {"addSheet": {"properties": properties}}
