"""What we know of a spreadsheet: its tabs, and the marks that we left on them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from exports.plan import FIRST_ROW, Row

TAB_KEY = "vitrina_tab"
RUN_KEY = "vitrina_run"
DRAFT_KEY = "vitrina_draft"
_FIRST_HEAD = 3  # rows above the figures in tabs whose mark says nothing of it
OURS = "vitrina"
"""Stands in the formula of each of our colour rules: rules have no number, and people add their own between them."""

FIELDS = (
    "spreadsheetId,properties(locale,timeZone),developerMetadata,"
    "sheets(properties(sheetId,title,index,sheetType,gridProperties(rowCount,columnCount)),developerMetadata,"
    "charts(chartId),conditionalFormats(booleanRule(condition(values))),protectedRanges(protectedRangeId,range))"
)
"""All that is asked of Google about a spreadsheet."""


@dataclass(frozen=True, slots=True)
class BlockMark:
    """Where a block stands, how many rows it takes from its heading down, and what was last written there.

    `lines`, what stands in each row, is remembered by this process alone: a mark on a sheet has no room for it.
    """

    column: int
    width: int
    rows: int
    hash: str
    lines: tuple[Row, ...] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TabMark:
    """Our note on a tab; it moves with the tab when people rename, move or hide it.

    `width`: so many columns have ever been ours; what stands to the right is other people's.
    `print`: the shape of the charts, colours and protection that we last put there; `charts`: their numbers.
    `scope`: for whom it was made, empty for the owner. `head`: how many rows stand above the figures.
    """

    key: str
    schema: str
    width: int
    blocks: tuple[BlockMark, ...]
    print: str = ""
    charts: tuple[int, ...] = ()
    scope: str = ""
    head: int = FIRST_ROW

    def dump(self) -> str:
        blocks = [[block.column, block.width, block.rows, block.hash] for block in self.blocks]
        mark = {"tab": self.key, "schema": self.schema, "width": self.width, "head": self.head}
        mark["blocks"] = blocks
        scope = {"scope": self.scope} if self.scope else {}
        return _json(mark | {"print": self.print, "charts": self.charts} | scope)


@dataclass(frozen=True, slots=True)
class Dress:
    """What lies over a tab, ours and people's: charts and protected ranges by number, rules in their order.

    `rules`: of each whether it is ours; `is_protected_whole`: somebody protected all of the tab.
    """

    charts: frozenset[int] = frozenset()
    rules: tuple[bool, ...] = ()
    protected: frozenset[int] = frozenset()
    is_protected_whole: bool = False


@dataclass(frozen=True, slots=True)
class KnownTab:
    """A tab of the spreadsheet, ours or not; `mark_id` tells its mark from others.

    `is_draft`: it is hidden and ours, left over from a large change that never came to be shown.
    """

    sheet_id: int
    title: str
    rows: int
    columns: int
    mark: TabMark | None = None
    mark_id: int = 0
    dress: Dress = Dress()
    is_draft: bool = False

    @property
    def cells(self) -> int:
        return self.rows * self.columns


@dataclass(frozen=True, slots=True)
class Known:
    """A spreadsheet as it was when we last looked or wrote; `token` names the last batch that landed.

    `healed_at`: when all values were last written, those too that had not changed; seconds since 1970.
    `unhealed`: the keys of the tabs where that is under way and still to be done.
    """

    time_zone: str
    tabs: tuple[KnownTab, ...]
    run_id: int | None = None
    token: str | None = None
    healed_at: float | None = None
    unhealed: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Nothing of ours has ever been written there."""
        return self.run_id is None

    @property
    def cells(self) -> int:
        return sum(tab.cells for tab in self.tabs)

    def find(self, key: str) -> KnownTab | None:
        """Our tab of this key; of a tab and its copies made by people, the one that we made."""
        found = [tab for tab in self.tabs if tab.mark is not None and tab.mark.key == key]
        return min(found, key=lambda tab: tab.mark_id != own_id(key), default=None)


def free_title(title: str, tabs: Sequence[KnownTab]) -> str:
    """`title`, with a number if it is taken."""
    taken = {tab.title.casefold() for tab in tabs}
    free, number = title, 2
    while free.casefold() in taken:
        free, number = f"{title} {number}", number + 1
    return free


def own_id(key: str) -> int:
    """The number that we give to a tab, and to its mark, when we make it: always the same for a key."""
    return crc32(key.encode()) % (2**31 - 1) + 1


def read_known(reply: Mapping[str, Any]) -> Known:
    """Understand Google's answer to FIELDS."""
    sheets = sorted(reply.get("sheets", ()), key=lambda sheet: sheet["properties"].get("index", 0))
    run = next((m for m in reply.get("developerMetadata", ()) if m.get("metadataKey") == RUN_KEY), None)
    mark = _loaded(run) if run else {}
    return Known(
        time_zone=reply["properties"]["timeZone"],
        tabs=tuple(_tab(sheet) for sheet in sheets),
        run_id=run["metadataId"] if run else None,
        token=mark.get("token"),
        healed_at=mark.get("healed_at"),
        unhealed=tuple(mark.get("unhealed", ())),
    )


def dump_run(run: int, token: str, healed_at: float | None, unhealed: Sequence[str]) -> str:
    mark = {"run": run, "token": token, "healed_at": healed_at}
    return _json(mark | ({"unhealed": unhealed} if unhealed else {}))


def _tab(sheet: Mapping[str, Any]) -> KnownTab:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    mark, mark_id, is_draft = None, 0, False
    for metadata in sheet.get("developerMetadata", ()):
        is_draft |= metadata.get("metadataKey") == DRAFT_KEY
        if metadata.get("metadataKey") == TAB_KEY:
            mark, mark_id = _mark(_loaded(metadata)), metadata["metadataId"]
    rows, columns = grid.get("rowCount", 0), grid.get("columnCount", 0)
    sheet_id, title = properties.get("sheetId", 0), properties["title"]
    return KnownTab(sheet_id, title, rows, columns, mark, mark_id, _dress(sheet), is_draft)


def _dress(sheet: Mapping[str, Any]) -> Dress:
    protected = sheet.get("protectedRanges", ())
    return Dress(
        frozenset(chart["chartId"] for chart in sheet.get("charts", ())),
        tuple(_is_ours(rule) for rule in sheet.get("conditionalFormats", ())),
        frozenset(each["protectedRangeId"] for each in protected),
        any(not any(name.endswith("Index") for name in each.get("range", {})) for each in protected),
    )


def _is_ours(rule: Mapping[str, Any]) -> bool:
    values = rule.get("booleanRule", {}).get("condition", {}).get("values", ())
    return any(f'"{OURS}"' in value.get("userEnteredValue", "") for value in values)


def _mark(value: Mapping[str, Any]) -> TabMark | None:
    try:
        blocks = tuple(BlockMark(*block) for block in value["blocks"])
        charts, dress, scope = tuple(value.get("charts", ())), value.get("print", ""), value.get("scope", "")
        head = value.get("head", _FIRST_HEAD)
        return TabMark(value["tab"], value["schema"], value["width"], blocks, dress, charts, scope, head)
    except (KeyError, TypeError):
        return None  # not readable, so not ours to touch


def _loaded(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        value = json.loads(metadata.get("metadataValue", ""))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
