"""Rows as plain files for analysts: exact, typed as far as the format goes, and harmless to open in a spreadsheet."""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal, TextIO

PlainForm = Literal["csv", "json", "parquet"]

_WAKING = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet that opens a csv takes a text that begins so for a formula."""


def write_csv(file: TextIO, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Commas, amounts with a point and all their places, ISO dates; what would wake up as a formula gets a `'`."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_text(value) for value in row] for row in rows)


def write_json(file: TextIO, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A list of objects, a line for each; exact amounts are texts."""
    lead = "["
    for row in rows:
        file.write(lead + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str))
        lead = ",\n"
    file.write("]\n" if lead != "[" else "[]\n")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A draft beside `path` that takes its place at the end of the block; after a failure nothing is left of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield draft
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value}" if value.startswith(_WAKING) else value
        case datetime():
            return value.isoformat(sep=" ")
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)
