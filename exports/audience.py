"""What somebody may see of the marts: all of it, or what is granted; the tabs that come of it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from exports.grants import GRANTS, MANAGER_TABS, MANAGER_TITLES, OWN, ROWS
from exports.layout import BlockLayout, TabLayout

OWNER, MANAGER = "owner", "manager"
AUDIENCES = (OWNER, *GRANTS)

Show = tuple[tuple[str, tuple[str, ...]], ...]
"""Marts with their columns; no columns: all that the audience may see of the mart."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be seen of a mart; None stands for all columns.

    `rows`: of the rows those in which each of these columns has one of its values.
    """

    columns: frozenset[str] | None = None
    rows: tuple[tuple[str, tuple[str | int, ...]], ...] = ()

    def allows(self, column: str) -> bool:
        return self.columns is None or column in self.columns

    def among(self, columns: Sequence[str]) -> "Grant":
        """The same, of these columns alone; of all, if none is named."""
        if not columns:
            return self
        return replace(self, columns=frozenset(name for name in columns if self.allows(name)))


@dataclass(frozen=True, slots=True)
class Rights:
    """What one book may show. `show`: the marts that its owner has chosen, everything granted if none.

    `manager`: whose rows alone are shown, for the book of a manager.
    """

    audience: str = OWNER
    show: Show = ()
    manager: int | None = None

    def __post_init__(self) -> None:
        if (self.audience == MANAGER) != (self.manager is not None):
            raise ValueError(f"{self.audience}: the rows of one manager go with his book, and with no other")

    @property
    def is_everything(self) -> bool:
        return self.audience == OWNER and not self.show

    def granted(self, mart: str) -> Grant | None:
        """What the audience may see of a mart, whatever its owner has chosen; None: nothing."""
        if self.audience == OWNER:
            return Grant()
        columns = GRANTS[self.audience].get(mart)
        if columns is None:
            return None
        kinds = ROWS.get(self.audience, {}).get(mart)
        own = () if self.manager is None else ((OWN, (self.manager,)),)
        return Grant(frozenset(columns.split()), (*own, *([] if kinds is None else [kinds])))

    def grant(self, mart: str) -> Grant | None:
        """What this book may show of a mart; None: nothing."""
        grant, chosen = self.granted(mart), dict(self.show)
        if grant is None or not chosen:
            return grant
        return grant.among(chosen[mart]) if mart in chosen else None

    def layout(self, layout: Sequence[TabLayout]) -> tuple[TabLayout, ...]:
        """The tabs of this book: those of `layout` of which anything may be shown."""
        if self.is_everything:
            return tuple(layout)
        tabs = (self._tab(tab) for tab in layout)
        return tuple(tab for tab in tabs if tab is not None)

    def _tab(self, tab: TabLayout) -> TabLayout | None:
        allowed = (
            self._block(block, grant) for block in tab.blocks if (grant := self.grant(block.mart)) is not None
        )
        blocks = tuple(block for block in allowed if block.columns != ())
        if tab.blocks and not blocks:
            return None
        title = MANAGER_TABS.get(tab.key, tab.title) if self.audience == MANAGER else tab.title
        return replace(tab, title=title, blocks=blocks, scope=self._scope(block.mart for block in blocks))

    def _block(self, block: BlockLayout, grant: Grant) -> BlockLayout:
        columns = block.columns and tuple(name for name in block.columns if grant.allows(name))
        title = MANAGER_TITLES.get(block.mart, block.title) if self.audience == MANAGER else block.title
        return replace(block, title=title, columns=columns)

    def _scope(self, marts: Iterable[str]) -> str:
        """For whom a tab with these marts is: another name for other people, or for another choice of theirs."""
        chosen = dict(self.show)
        names = [self.audience, *([] if self.manager is None else [str(self.manager)])]
        if chosen:
            choice = json.dumps([[mart, sorted(chosen[mart])] for mart in sorted(marts)])
            names.append(hashlib.sha256(choice.encode()).hexdigest()[:8])
        return " ".join(names)
