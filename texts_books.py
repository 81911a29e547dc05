"""What people read when they hand figures out to files and books, in the language of the config."""

from decimal import Decimal
from typing import Final

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "format_and_out": (
        (
            "--format и --out нужны вместе: show кладёт csv, json или parquet в файл, export – xlsx в файл, "
            "csv или parquet в папку"
        ),
        (
            "--format and --out go together: show puts csv, json or parquet into a file, export xlsx into a file, "
            "csv or parquet into a folder"
        ),
    ),
    "out_alone": (
        "--out нельзя сочетать с --dry-run и с именами книг: в файлы кладётся всё",
        "--out goes with neither --dry-run nor names of books: everything goes to the files",
    ),
    "no_spreadsheet": (
        "{name}: это не таблица Google, испытывать нечего; таблицы: {known}",
        "{name} is no Google spreadsheet, there is nothing to prove; spreadsheets: {known}",
    ),
    "proof_interrupted": (
        "прервано: испытана не вся таблица",
        "interrupted: the spreadsheet was not tried out in full",
    ),
    "parquet_out": (
        "parquet не для экрана: укажите файл, --out файл.parquet",
        "parquet is not for the terminal: name a file, --out file.parquet",
    ),
}


def sentence(key: str, locale: str, **details: object) -> str:
    """One of these sentences."""
    return _SENTENCES[key][locale == "en"].format(**details)


def coverage(words: str, part: int | Decimal, whole: int | Decimal, *, is_counted: bool) -> str:
    """How much of a figure is known; not all of it never reads as 100 %."""
    percent = f"{Decimal(int(part * 1000 // whole)) / 10:.1f}".replace(".", ",").removesuffix(",0")
    if not is_counted:
        return f"{words}: {percent} %"
    some, every = (f"{number:,}".replace(",", "\u00a0") for number in (part, whole))
    return f"{words}: {some} из {every} ({percent} %)"
