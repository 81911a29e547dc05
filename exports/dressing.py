"""Charts, colours and protection of a tab: put there once for each shape of them, under numbers of our own."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Any

from exports.charts import chart_place, chart_spec
from exports.drawing import Request
from exports.known import OURS, Dress, KnownTab, own_id
from exports.overlay import Rule
from exports.plan import FIRST_ROW, TITLE_ROW, Tab
from exports.stamp import IS_ALARMED, STAMP_FORMATS
from exports.tones import ALARMED, Tone, rgb

FASHION = 3
"""Raised when the dressing itself changes: every tab is then dressed anew, once."""

WARNING = "Это пишет vitrina: правка здесь пропадёт при следующем обновлении."


@dataclass(frozen=True, slots=True)
class Dressing:
    """The requests, and how the tab is dressed once they have landed; `print` tells one shape from another."""

    requests: tuple[Request, ...]
    dress: Dress
    print: str
    charts: tuple[int, ...]


def dressing(tab: Tab, shown: KnownTab, width: int, *, elsewhere: frozenset[int]) -> Dressing:
    """What brings charts, colours and protection to the shape of `tab`; nothing, where they once had it.

    What people changed of ours since then stays changed, and what they added is not touched. `elsewhere`: the charts
    that stand on other tabs, for people may move one of ours there.
    """
    worn = shown.mark.print if shown.mark else ""
    charts = {chart_id(tab, chart.key): chart for chart in tab.charts}
    wanted = _print([FASHION, IS_ALARMED, width, [*map(astuple, tab.charts), *map(astuple, tab.rules)]])
    if wanted == worn:
        return Dressing((), shown.dress, worn, shown.mark.charts if shown.mark else ())
    requests: list[Request] = []
    present = shown.dress.charts
    gone = [
        each for each in (shown.mark.charts if shown.mark else ()) if each not in charts and each in present
    ]
    requests += ({"deleteEmbeddedObject": {"objectId": each}} for each in gone)
    for number, chart in charts.items():
        spec = chart_spec(chart, shown.sheet_id)
        if number in present | elsewhere:
            requests.append({"updateChartSpec": {"chartId": number, "spec": spec}})
        else:
            place = chart_place(chart, shown.sheet_id)
            requests.append({"addChart": {"chart": {"chartId": number, "spec": spec, "position": place}}})
    requests += _rules(tab, shown)
    requests += _protection(tab, shown, width)
    theirs = tuple(each for each in shown.dress.rules if not each)
    dress = Dress(
        (present - set(gone)) | (set(charts) - elsewhere),
        (*theirs, True, *(True for _ in tab.rules)),
        shown.dress.protected | {protection_id(tab)},
        shown.dress.is_protected_whole,
    )
    return Dressing(tuple(requests), dress, wanted, tuple(charts))


def chart_id(tab: Tab, key: str) -> int:
    return own_id(f"{tab.key}/chart/{key}")


def protection_id(tab: Tab) -> int:
    return own_id(f"{tab.key}/protection")


def _rules(tab: Tab, shown: KnownTab) -> Iterator[Request]:
    """Ours go, the last first, so that no number shifts; the new ones stand after those of people, which win."""
    ours = [place for place, is_ours in enumerate(shown.dress.rules) if is_ours]
    for place in reversed(ours):
        yield {"deleteConditionalFormatRule": {"sheetId": shown.sheet_id, "index": place}}
    start = len(shown.dress.rules) - len(ours)
    stamp = {"sheetId": shown.sheet_id, "startRowIndex": 0, "endRowIndex": TITLE_ROW}
    stamp |= {"startColumnIndex": 0, "endColumnIndex": len(STAMP_FORMATS)}
    new = [_rule([stamp], IS_ALARMED.removeprefix("="), ALARMED)]
    new += [_rule(_columns(rule, shown.sheet_id), rule.formula, rule.tone) for rule in tab.rules]
    for place, rule in enumerate(new, start):
        yield {"addConditionalFormatRule": {"index": place, "rule": rule}}


def _columns(rule: Rule, sheet_id: int) -> list[dict[str, int]]:
    area = {"sheetId": sheet_id, "startRowIndex": FIRST_ROW}
    return [area | {"startColumnIndex": each, "endColumnIndex": each + 1} for each in rule.columns]


def _rule(ranges: list[dict[str, int]], meant: str, tone: Tone) -> dict[str, Any]:
    formula = f'=AND({meant};N("{OURS}")=0)'
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    return {"ranges": ranges, "booleanRule": {"condition": condition, "format": _tone(tone)}}


def _tone(tone: Tone) -> dict[str, Any]:
    look: dict[str, Any] = {"textFormat": {"foregroundColorStyle": {"rgbColor": rgb(tone.text)}}}
    if tone.background:
        look["backgroundColorStyle"] = {"rgbColor": rgb(tone.background)}
    return look


def _protection(tab: Tab, shown: KnownTab, width: int) -> Iterator[Request]:
    """Our columns warn whoever types there; a tab that its owner protected whole is left at that."""
    area = {"sheetId": shown.sheet_id, "startColumnIndex": 0, "endColumnIndex": width}
    number = protection_id(tab)
    if number in shown.dress.protected:
        changed = {"protectedRangeId": number, "range": area}
        yield {"updateProtectedRange": {"protectedRange": changed, "fields": "range"}}
    elif not shown.dress.is_protected_whole:
        ours = {"protectedRangeId": number, "range": area, "description": WARNING, "warningOnly": True}
        yield {"addProtectedRange": {"protectedRange": ours}}


def _print(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:16]
