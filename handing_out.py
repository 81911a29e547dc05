"""Marts handed out as files: one of them, or all of one build together."""

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from exports.plain import PlainForm, write_csv, write_json
from exports.replacing import replacing
from metrics.catalog import Catalog, Model
from warehouse.publish import NothingPublished, Shelf, read_published


def hand_out(published: Path, model: Model, form: PlainForm, path: Path) -> None:
    """Put one mart at `path`, whole or not at all; NothingPublished where it was not built yet."""
    with read_published(published) as shelf:
        if not shelf.has(model.relation):
            raise NothingPublished(published)
        _write(shelf, model, form, path)


def hand_out_all(published: Path, catalog: Catalog, form: PlainForm, folder: Path) -> list[Path]:
    """Put every mart that was built into `folder`, a file each, all as of one and the same build."""
    return list(_hand_out_all(published, catalog, form, folder))


def print_out(shelf: Shelf, model: Model, form: PlainForm, file: TextIO) -> None:
    """Write one mart as text."""
    names = [column.name for column in model.columns]
    write = write_csv if form == "csv" else write_json
    write(file, names, shelf.stream(model.relation, model.order))


def _hand_out_all(published: Path, catalog: Catalog, form: PlainForm, folder: Path) -> Iterator[Path]:
    with read_published(published) as shelf:
        for model in sorted(catalog, key=lambda each: each.name):
            if shelf.has(model.relation):
                path = folder / f"{model.name}.{form}"
                _write(shelf, model, form, path)
                yield path


def _write(shelf: Shelf, model: Model, form: PlainForm, path: Path) -> None:
    with replacing(path) as draft:
        if form == "parquet":
            shelf.save(model.relation, model.order, draft)
            return
        # Excel takes a file that begins with this mark for UTF-8, and everyone else skips it.
        encoding = "utf-8-sig" if form == "csv" else "utf-8"
        with draft.open("w", encoding=encoding, newline="") as file:
            print_out(shelf, model, form, file)
