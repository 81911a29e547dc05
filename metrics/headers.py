"""One mart: what it means, read from the header above its select."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from metrics.drills import Drill, parse
from metrics.relations import Identity, Route, read_identity, read_route
from metrics.totals import ROWS, Coverage, Total, read_coverage, read_totals, sums_of

FORMATS: Mapping[str, str] = {
    "text": r"VARCHAR",
    "integer": r"BIGINT|INTEGER",
    "year": r"BIGINT|INTEGER",
    "money": r"DECIMAL\(18,2\)",
    "percent": r"DECIMAL\(18,6\)",
    "change": r"DECIMAL\(18,6\)",
    "date": r"DATE",
    "month": r"DATE",
    "datetime": r"TIMESTAMP",
    "days": r"BIGINT|INTEGER",
    "number": r"DECIMAL\(\d+,\d+\)",
    "deal": r"BIGINT",
    "by_row": r"DECIMAL\(\d+,\d+\)",
    "hidden": r"(?!DOUBLE|FLOAT).*",
}
"""How a column is shown → the DuckDB types it may have: money and shares are never binary fractions."""

KEYS = ("Title", "Meaning", "Grain", "Date", "Reads", "Columns")
OPTIONAL = ("Equals", "Drill", "Refresh", "Total", "Coverage")
BY_DEAL = "deal_id"
"""`Refresh: deal_id`: every row speaks of one deal and is made of that deal's rows alone, of REFERENCE and of the
variables. Such a mart is made again for the deals that changed; the order of its rows is that of its grain. Other
columns of the grain in its place: it is made again for their values that changes concern, as its routes say."""

_ENTRY = re.compile(r"-- (?P<key>[A-Z]\w*): *(?P<value>.*)")
_CONTINUATION = re.compile(r"-- {2,}(?P<value>\S.*)")
_COMMENT = re.compile(r"--[^\n]*")
_RELATION = re.compile(r"\b(?:core|history|mart|ops|raw)\.[a-z_]\w*")
Relation = TypeVar("Relation")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class CatalogBroken(Exception):
    """The files of the marts contradict their own rules; the message says where."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a mart: how it is shown and what people call it."""

    name: str
    format: str
    label: str


@dataclass(frozen=True, slots=True)
class Model:
    """A mart: one select with its definition."""

    name: str
    title: str
    meaning: str
    grain: tuple[str, ...]
    date_base: str
    reads: tuple[str, ...]
    columns: tuple[Column, ...]
    sql: str
    identities: tuple[Identity, ...] = ()
    drills: tuple[Drill, ...] = ()
    refresh: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    totals: tuple[Total, ...] = ()
    coverage: tuple[Coverage, ...] = ()

    @property
    def is_by_deal(self) -> bool:
        """Whether it is made again deal by deal."""
        return self.refresh == (BY_DEAL,)

    @property
    def relation(self) -> str:
        """Its table."""
        return f"mart.{self.name}"

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that its rows must be put in order by; none where they stand in their order."""
        return self.grain if self.refresh else ()

    @property
    def upstream(self) -> tuple[str, ...]:
        """The marts that this one reads."""
        return tuple(
            name for schema, _, name in (read.partition(".") for read in self.reads) if schema == "mart"
        )

    @property
    def beside(self) -> tuple[str, ...]:
        """The marts that its totals take something of."""
        sums = sums_of([*self.totals, *self.coverage])
        return tuple(dict.fromkeys(each.mart for each in sums if each.mart is not None))


def read(file: Path) -> Model:
    """Read one mart."""
    lines = file.read_text(encoding="utf-8").splitlines()
    length = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    entries = _entries(file, lines[:length])
    columns = tuple(_column(file, number, text) for number, text in entries["Columns"])
    model = Model(
        name=file.stem,
        title=_text(entries, "Title"),
        meaning=_text(entries, "Meaning"),
        grain=_list(file, entries, "Grain"),
        date_base=_text(entries, "Date"),
        reads=_list(file, entries, "Reads"),
        columns=columns,
        sql="\n".join(lines[length:]).strip(),
        identities=_relations(file, entries.get("Equals", []), read_identity),
        drills=_drills(file, entries, columns),
        refresh=tuple(name.strip() for _, text in entries.get("Refresh", [])[:1] for name in text.split(",")),
        routes=_relations(file, entries.get("Refresh", [])[1:], read_route),
        totals=_added_up(file, entries, "Total", read_totals),
        coverage=_added_up(file, entries, "Coverage", read_coverage),
    )
    _check(file, entries, model)
    return model


_Entries = dict[str, list[tuple[int, str]]]


def _entries(file: Path, header: list[str]) -> _Entries:
    entries: _Entries = {}
    current: list[tuple[int, str]] | None = None
    for number, line in enumerate(header, start=1):
        if entry := _ENTRY.fullmatch(line):
            key, value = entry["key"], entry["value"].strip()
            if key not in (*KEYS, *OPTIONAL) or key in entries:
                known = ", ".join((*KEYS, *OPTIONAL))
                raise _broken(file, number, f"{key!r} stands twice or is none of {known}")
            current = entries[key] = [(number, value)] if value else []
        elif (continuation := _CONTINUATION.fullmatch(line)) and current is not None:
            current.append((number, continuation["value"].strip()))
        else:
            raise _broken(file, number, f"{line!r} is neither «-- Key: value» nor its continuation")
    for key in KEYS:
        if not entries.get(key):
            raise _broken(file, len(header) or 1, f"the header says nothing under {key!r}")
    return entries


def _text(entries: _Entries, key: str) -> str:
    return " ".join(text for _, text in entries[key])


def _list(file: Path, entries: _Entries, key: str) -> tuple[str, ...]:
    items = tuple(item.strip() for item in _text(entries, key).rstrip(",").split(","))
    if len(set(items)) != len(items):
        raise _broken(file, entries[key][0][0], f"{key} names something twice")
    return items


def _column(file: Path, number: int, text: str) -> Column:
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or not parts[2]:
        raise _broken(file, number, f"{text!r} is not «name | format | label»")
    if parts[1] not in FORMATS:
        raise _broken(file, number, f"format {parts[1]!r} is none of {', '.join(FORMATS)}")
    name, shown_as, label = parts
    return Column(name, shown_as, label)


def _relations(
    file: Path, lines: list[tuple[int, str]], parse: Callable[[str], Relation]
) -> tuple[Relation, ...]:
    found = []
    for number, text in lines:
        try:
            found.append(parse(text))
        except ValueError as error:
            raise _broken(file, number, str(error)) from None
    return tuple(found)


def _drills(file: Path, entries: _Entries, columns: tuple[Column, ...]) -> tuple[Drill, ...]:
    told = entries.get("Drill", [])
    try:
        return parse(
            [text for _, text in told],
            _list(file, entries, "Grain"),
            [column.name for column in columns],
        )
    except ValueError as error:
        raise _broken(file, told[0][0], f"Drill: {error}") from None


def _added_up(
    file: Path, entries: _Entries, key: str, parse: Callable[[list[str]], tuple[Relation, ...]]
) -> tuple[Relation, ...]:
    told = entries.get(key, [])
    try:
        return parse([text for _, text in told])
    except ValueError as error:
        raise _broken(file, told[0][0], f"{key}: {error}") from None


def _check_totals(file: Path, entries: _Entries, model: Model) -> None:
    known = {column.name for column in model.columns}
    shown = {column.name for column in model.columns if column.format not in ("hidden", "text")}
    if strange := [total.column for total in model.totals if total.column not in shown]:
        where = entries["Total"][0][0]
        raise _broken(file, where, f"Total names {', '.join(strange)}, which is no column of figures")
    for key, items in (("Total", model.totals), ("Coverage", model.coverage)):
        named = {name for item in items for each in item.sums for name in each.columns}
        if unknown := named - known - {ROWS}:
            where = entries[key][0][0]
            raise _broken(file, where, f"{key}: {', '.join(sorted(unknown))} is no column of the mart")


def _check(file: Path, entries: _Entries, model: Model) -> None:
    _check_totals(file, entries, model)
    names: set[str] = set()
    for (number, _), column in zip(entries["Columns"], model.columns, strict=True):
        if column.name in names:
            raise _broken(file, number, f"column {column.name!r} stands twice")
        names.add(column.name)
    for name in model.grain:
        if name not in names:
            raise _broken(file, entries["Grain"][0][0], f"grain {name!r} is not a column")
    for (number, text), identity in zip(entries.get("Equals", ()), model.identities, strict=True):
        if strange := {identity.column, *(key for key, _ in identity.keys)} - names - {"rows"}:
            raise _broken(
                file, number, f"{text!r} speaks of {', '.join(sorted(strange))}, which is no column"
            )
    if model.refresh and not (set(model.refresh) <= set(model.grain) and (model.is_by_deal or model.routes)):
        where = entries["Refresh"][0][0]
        raise _broken(file, where, f"Refresh can only be {BY_DEAL}, or others with routes, of the grain")
    bare = _COMMENT.sub("", model.sql)
    if not bare.strip() or ";" in bare:
        first = max(number for lines in entries.values() for number, _ in lines) + 1
        raise _broken(file, first, "one bare select without a semicolon must follow the header")
    declared, used = set(model.reads), set(_RELATION.findall(bare))
    if declared != used:
        difference = ", ".join(sorted(declared ^ used))
        raise _broken(file, entries["Reads"][0][0], f"Reads and the select differ in {difference}")


def _broken(file: Path, number: int, what: str) -> CatalogBroken:
    return CatalogBroken(f"{file.name}:{number}: {what}")
