"""The shape of config.yaml: every key, its type, its bounds and its default."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, PrivateAttr, ValidationInfo, field_validator

from config_books import Exports
from config_checks import (
    Address,
    Count,
    FilePath,
    Memory,
    Redirect,
    Seconds,
    Section,
    Some,
    Spreadsheet,
    Switch,
    Text,
    Whole,
    defaults,
    is_here,
    wrong,
)
from config_mapping import Roles
from config_problems import DEFAULT_LOCALE, Locale
from config_secrets import Secrets

PACE_ALLOWED = 7  # amoCRM's own limit, requests a second for one integration


class OAuth(Section):
    client_id: Text
    redirect_uri: Redirect
    tokens_file: FilePath = Path("state/amocrm_tokens.json")


class Streams(Section):
    notes: Switch = True
    task_events: Switch = True
    links: Switch = True
    catalogs: Switch = True
    unsorted: Switch = True
    tags: Switch = True
    groups: Switch = True
    roles: Switch = True
    trash_events: Switch = True
    customers: Switch = False


class AmoCrm(Section):
    url: Address
    requests_per_second: Some = 7
    connect_timeout: Some = 5
    read_timeout: Some = 30
    attempts: Count = 6
    give_up_after: Some = 300
    parallel_pages: Annotated[Count, Field(le=32)] = 6
    streams: Streams = defaults()
    oauth: OAuth | None = None

    @field_validator("requests_per_second")
    @classmethod
    def _pace_is_allowed(cls, pace: float, info: ValidationInfo) -> float:
        url = info.data.get("url")
        if pace > PACE_ALLOWED and not (url and is_here(urlsplit(url).hostname or "")):
            raise wrong("pace", allowed=PACE_ALLOWED)
        return pace


class Warehouse(Section):
    path: FilePath = Path("state/vitrina.duckdb")
    published: FilePath = Path("state/vitrina-marts.duckdb")
    memory_limit: Memory = "512MB"
    threads: Count = 2
    wait: Seconds = 30
    history_days: Count = 92

    @field_validator("published")
    @classmethod
    def _is_a_file_of_its_own(cls, published: Path, info: ValidationInfo) -> Path:
        if published == info.data.get("path"):
            raise wrong("same_file")
        return published


class Every(Section):
    probe: Count = 5
    leads: Count = 60
    events: Count = 30
    contacts: Count = 300
    companies: Count = 300
    tasks: Count = 300
    reference: Count = 900
    trash: Count = 300
    notes: Count = 120
    links: Count = 300
    catalogs: Count = 900
    unsorted: Count = 300
    customers: Count = 3600


class Loss(Section):
    share: Annotated[float, Field(gt=0, le=1)] = 0.05
    at_least: Count = 20


class Sync(Section):
    overlap: Seconds = 600
    settle: Seconds = 5
    every: Every = defaults()
    inbox: FilePath = Path("state/inbox")
    drain_every: Some = 1
    since: date | None = None
    loss: Loss = defaults()
    reconcile_hour: Annotated[Whole, Field(ge=0, le=23)] = 3


class Webhooks(Section):
    public_url: Address | None = None
    host: Text = "127.0.0.1"
    port: Annotated[Whole, Field(ge=0, le=65535)] = 8080
    max_body: Annotated[Whole, Field(ge=1024)] = 1_048_576


class Google(Section):
    api_url: Address | None = None
    writes_per_minute: Count = 50
    reads_per_minute: Count = 50


class Money(Section):
    """What the figures of money cannot know from the account."""

    overhead_key: Literal["turnover", "gross_profit", "equal", "days_in_work"] = "turnover"
    large_check: Count = 500_000
    cash_days: Annotated[Count, Field(le=366)] = 60
    careful_share: Annotated[float, Field(ge=0, le=1)] = 0.8
    wages_day: Annotated[Count, Field(le=31)] | None = None
    wages_articles: tuple[Text, ...] = ("Зарплата",)


class Inputs(Section):
    """Tables that people type: in a folder, or in the tabs of a spreadsheet whose id stands here."""

    folder: FilePath = Path("inputs")
    spreadsheet: Spreadsheet | None = None
    every: Count = 60
    articles: tuple[Text, ...] = ()


class Log(Section):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Config(Section):
    """The whole file, together with the secrets and with the place of the file itself."""

    locale: Locale = DEFAULT_LOCALE
    amocrm: AmoCrm = defaults()
    warehouse: Warehouse = defaults()
    sync: Sync = defaults()
    mapping: Roles = defaults()
    inputs: Inputs = defaults()
    webhooks: Webhooks = defaults()
    google: Google = defaults()
    exports: Exports = defaults()
    money: Money = defaults()
    log: Log = defaults()

    _secrets: Secrets = PrivateAttr(default=Secrets())
    _file: Path | None = PrivateAttr(default=None)

    @property
    def secrets(self) -> Secrets:
        return self._secrets

    @property
    def file(self) -> Path | None:
        return self._file

    def with_wait(self, seconds: float) -> "Config":
        """The same configuration, waiting so long for a busy warehouse."""
        warehouse = self.warehouse.model_copy(update={"wait": seconds})
        return self.model_copy(update={"warehouse": warehouse}).completed(self._secrets, self._file)

    def completed(self, secrets: Secrets, file: Path | None) -> "Config":
        """The same configuration with its secrets and its place."""
        whole = self.model_copy()
        whole._secrets, whole._file = secrets, file  # noqa: SLF001 – its own copy
        return whole


def known_keys(annotation: object = Config, where: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every key that the file may hold; `*` stands for a number or a chosen name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            path = (*where, field.alias or name)
            yield path
            yield from known_keys(field.annotation, path)
    elif get_origin(annotation) in (dict, tuple):
        for part in get_args(annotation):
            yield from known_keys(part, (*where, "*"))
    else:
        for part in get_args(annotation):
            yield from known_keys(part, where)
