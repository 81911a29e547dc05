"""Protected ranges: who may change which cells."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.google.areas import Area
from sandbox.google.book import Json, Tab
from sandbox.google.errors import Invalid

_REFUSAL = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


@dataclass(frozen=True, slots=True)
class Editor:
    """The account on whose behalf a spreadsheet is changed."""

    email: str
    is_owner: bool = False


def may_edit(protected: Json, editor: Editor) -> bool:
    """The owner always may; others when they are named, or when the range only warns."""
    named = protected.get("editors", {}).get("users", [])
    return editor.is_owner or bool(protected.get("warningOnly")) or editor.email in named


def guard(tab: Tab, editor: Editor, area: Area) -> None:
    """Refuse when any cell of `area` is protected from this editor."""
    for protected in tab.protected.values():
        if may_edit(protected, editor):
            continue
        common = tab.area(protected["range"]).common(area)
        if common.is_empty:
            continue
        free = [tab.area(item) for item in protected.get("unprotectedRanges", [])]
        if not any(common.within(item) for item in free):
            raise Invalid(_REFUSAL)


def guard_whole(tab: Tab, editor: Editor) -> None:
    """Refuse what concerns the tab as a whole when the tab is protected from this editor."""
    for protected in tab.protected.values():
        if not may_edit(protected, editor) and is_whole_sheet(protected):
            raise Invalid(_REFUSAL)


def is_whole_sheet(protected: Json) -> bool:
    return not any(name.endswith("Index") for name in protected["range"])
