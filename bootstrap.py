"""The composition root: a configuration in, running parts out; the only module that knows everyone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any

from config import GOOGLE_KEY, Config
from connectors.amocrm.client import Bounded, Client, Timeouts
from connectors.amocrm.pace import Pace
from connectors.amocrm.patience import Patience
from connectors.amocrm.shared_pace import SharedPace
from connectors.amocrm.source import AmoCrm
from connectors.amocrm.tokens import LongLived, OAuthPair, Tokens
from connectors.base import Digest
from metrics import catalog
from metrics.ledgers import Meaning, Role
from sync.inbox import Inbox
from warehouse.database import Limits, Transaction, Warehouse
from warehouse.pages import read_outline

if TYPE_CHECKING:
    from exports.google import Google

# Roles whose history the figures need, from events of their own.
TRACKED = ("contract_amount", "source", "installation_date")


def utc_now() -> datetime:
    """The one place below which nobody asks the clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """The running parts of one process, made from one configuration, each when it is first needed."""

    config: Config
    now: Callable[[], datetime] = utc_now

    @cached_property
    def warehouse(self) -> Warehouse:
        settings = self.config.warehouse
        limits = Limits(settings.memory_limit, settings.threads)
        return Warehouse(settings.path, limits=limits, wait=settings.wait)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.config.sync.inbox)

    @cached_property
    def catalog(self) -> catalog.Catalog:
        return catalog.load()

    @cached_property
    def client(self) -> Client:
        settings = self.config.amocrm
        timeouts = Timeouts(
            settings.connect_timeout, settings.read_timeout, settings.attempts, settings.give_up_after
        )
        return Client(settings.url, self.tokens, self.pace, timeouts, sleep=self.patience.sleep)

    @cached_property
    def pace(self) -> Pace:
        """One pace for all processes that work on this warehouse, a verb beside the service included."""
        settings, file = self.config.amocrm, self.config.warehouse.path.with_name("amocrm.pace")
        return SharedPace(
            file,
            int(settings.requests_per_second),
            sleep=self.patience.sleep,
            patience=settings.give_up_after,
        )

    @cached_property
    def patience(self) -> Patience:
        """What waits for amoCRM; ended when the process is to stop."""
        return Patience()

    @cached_property
    def tokens(self) -> Tokens:
        settings, secrets = self.config.amocrm, self.config.secrets
        if settings.oauth is None:
            return LongLived(secrets.amocrm_token.get_secret_value() if secrets.amocrm_token else "")
        return OAuthPair(
            settings.url,
            settings.oauth.client_id,
            secrets.amocrm_client_secret.get_secret_value() if secrets.amocrm_client_secret else "",
            settings.oauth.redirect_uri,
            settings.oauth.tokens_file,
            secrets.amocrm_code.get_secret_value() if secrets.amocrm_code else None,
            turn=lambda: self.pace.turn("tokens"),
        )

    def source(self, tracked_fields: tuple[int, ...] = ()) -> AmoCrm:
        """The account, with a stream of events for each field whose history is wanted."""
        return AmoCrm(self.client, read_digest, tracked_fields, self.now)

    @property
    def google(self) -> "Google":
        """The robot that writes what names no other, and reads what people type."""
        return self.robot(GOOGLE_KEY)

    def robot(self, variable: str) -> "Google":
        """The robot whose key this variable holds; by whatever key, a robot is one and has one budget."""
        secrets = self.config.secrets
        secret = secrets.google_key if variable == GOOGLE_KEY else secrets.google_keys.get(variable)
        key = json.loads(secret.get_secret_value()) if secret else {}
        name = str(key.get("client_email"))
        robots, turn = self._robots
        with turn:
            if name not in robots:
                robots[name] = self._connected(key)
            return robots[name]

    @cached_property
    def _robots(self) -> tuple[dict[str, "Google"], Lock]:
        return {}, Lock()

    def _connected(self, key: Mapping[str, Any]) -> "Google":
        from exports.google import connect
        from exports.pace import LONGEST

        settings = self.config.google
        return connect(
            key,
            settings.api_url,
            writes_per_minute=settings.writes_per_minute,
            reads_per_minute=settings.reads_per_minute,
            lines=partial(Bounded, LONGEST),
        )

    @cached_property
    def meaning(self) -> Meaning:
        mapping = self.config.mapping
        return Meaning(
            roles=tuple(_roles(self.config)),
            kinds={identity: pipeline.kind for identity, pipeline in mapping.pipelines.items()},
            steps={
                (identity, status): step
                for identity, pipeline in mapping.pipelines.items()
                for status, step in pipeline.steps.items()
            },
            last_payment=mapping.proof_of_last_payment,
            confirmed_from=mapping.payments_confirmed_from,
            percents={
                number: share.percent for number, share in enumerate(mapping.fields.shares) if share.percent
            },
            test_names=mapping.test_names,
            timezone=mapping.timezone,
            account_url=self.config.amocrm.url,
        )

    def tracked_fields(self, tx: Transaction) -> tuple[int, ...]:
        """The ids of the fields whose history the figures need, as far as the account has such fields."""
        fields = [role.field for role in self.meaning.roles if role.role in TRACKED]
        is_by_code = any(isinstance(field, str) for field in fields)
        code = "payload ->> '$.code'" if is_by_code else "null"  # else nothing need be unpacked
        known = tx.execute(
            f"select id, {code} from raw.records where stream = 'lead_fields' and not is_deleted"
        )
        ids: dict[int | str, int] = {code: identity for identity, code in known if code}
        ids |= {identity: identity for identity, _ in known}
        return tuple(dict.fromkeys(ids[field] for field in fields if field in ids))


def read_digest(body: bytes, collection: str, stamp: str) -> Digest:
    """A page's digest, read by DuckDB: its body never becomes Python objects."""
    outline = read_outline(body, collection, stamp)
    stamps = outline.stamps
    return Digest(
        outline.ids,
        min(stamps, default=None),
        max(stamps, default=None),
        outline.has_next,
        is_ordered=all(a <= b for a, b in pairwise(stamps)),
        is_reversed=all(a >= b for a, b in pairwise(stamps)),
    )


def _roles(config: Config) -> list[Role]:
    """The mapping's tree as flat roles: payments numbered, costs named."""
    roles: list[Role] = []
    for where, field in config.mapping.fields.mapped():
        name, *below = where
        key = "mapping.fields" + "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in where
        )
        if name in ("costs", "planned_costs"):
            roles.append(Role(name.removesuffix("s"), field, key, article=str(below[0]), position=len(roles)))
        elif name == "shares":
            number = int(below[0])
            part = config.mapping.fields.shares[number].role
            role = "share_manager" if below[1] == "manager" else "share_percent"
            roles.append(Role(role, field, key, article="" if part == "sale" else part, position=number))
        elif name == "prepayment":
            roles.append(Role(f"prepayment_{below[0]}", field, key))
        elif name == "payments":
            roles.append(Role(f"payment_{below[1]}", field, key, position=int(below[0])))
        else:
            roles.append(Role(str(name), field, key))
    for name, field in config.mapping.expenses.mapped():
        roles.append(Role(f"expense_{name}", field, f"mapping.expenses.{name}"))
    return roles
