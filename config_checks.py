"""What a section and a single value of the configuration may be."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError


def wrong(kind: str, **details: object) -> PydanticCustomError:
    """A value that cannot be used; the sentence for people is found by its kind."""
    return PydanticCustomError(kind, "{kind}", {"kind": kind, **details})


def _path(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path())
    return Path(folder) / path.expanduser()


def is_here(host: str) -> bool:
    """Whether the host is this very machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _address(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise wrong("address") from None
    scheme_fits = parts.scheme == "https" or (parts.scheme == "http" and is_here(host))
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if not (scheme_fits and bare and re.fullmatch(r"[a-z0-9.:-]+", host)):
        raise wrong("address")
    if host.startswith("www."):
        raise wrong("address_www")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _redirect(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise wrong("redirect")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("zone") from None
    return name


def _field(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise wrong("field")


def _spreadsheet(text: str) -> str:
    address = re.search(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)(?:[/?#]|$)", text)
    if address and address[1] != "e":  # …/d/e/… is a published copy, which cannot be written
        return address[1]
    if re.fullmatch(r"[A-Za-z0-9_-]+", text):
        return text
    raise wrong("spreadsheet")


def _xlsx(path: Path) -> Path:
    if path.suffix.lower() != ".xlsx":
        raise wrong("xlsx")
    return path


def _columns(value: object) -> tuple[str, ...]:
    """Columns by name, or ALL of them."""
    if value == ALL:
        return (ALL,)
    names = value if isinstance(value, list | tuple) else ()
    if names and all(isinstance(name, str) and name for name in names):
        return tuple(names)
    raise wrong("columns", all=ALL)


def _variable(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", text):
        raise wrong("variable")
    return text


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*(\.\d+)? ?([KMGT]i?B)", text, re.IGNORECASE):
        raise wrong("memory")
    return text


ALL = "all"  # in the place of a list of columns

Whole = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
Seconds = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]
Some = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)]
Count = Annotated[Whole, Field(ge=1)]
Text = Annotated[str, Strict(), Field(min_length=1)]
FilePath = Annotated[Path, AfterValidator(_path)]
Address = Annotated[str, Strict(), AfterValidator(_address)]
FieldRef = Annotated[int | str, PlainValidator(_field)]
Xlsx = Annotated[FilePath, AfterValidator(_xlsx)]
Redirect = Annotated[Text, AfterValidator(_redirect)]
Zone = Annotated[Text, AfterValidator(_zone)]
Memory = Annotated[Text, AfterValidator(_memory)]
Columns = Annotated[tuple[str, ...], PlainValidator(_columns)]
Variable = Annotated[Text, AfterValidator(_variable)]
Spreadsheet = Annotated[Text, AfterValidator(_spreadsheet)]


class Section(BaseModel):
    """A part of the file; an empty one means its defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_means_defaults(cls, value: Any) -> Any:
        return {} if value is None else value


def defaults() -> Any:
    """A section that may be left out: all its keys have defaults."""
    return Field(default={})
