"""Rows as plain files for analysts: exact, typed as far as the format goes, and harmless to open in a spreadsheet."""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, TextIO

PlainForm = Literal["csv", "json", "parquet"]

_WAKING = re.compile(r"^(?=[=+\-@\t\r\n])|(?<=[;\t\r\n])(?= *[=+\-@])")
"""Where a spreadsheet that opens a csv takes the rest of a text for a formula: at its beginning, and behind whatever
parts cells for a reader who does not take commas, as Excel does in Russian, where quotes hold nothing together."""


def write_csv(file: TextIO, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Commas, amounts with a point and all their places, ISO dates; a `'` before what would wake up as a formula."""
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


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _WAKING.sub("'", value)
        case datetime():
            return value.isoformat(sep=" ")
        case list() | dict():
            return _text(json.dumps(value, ensure_ascii=False, default=str))
        case _:
            return str(value)
