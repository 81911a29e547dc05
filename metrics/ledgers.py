"""raw → core: every ledger row of a touched deal is taken out and made again, and there is no other way in.

That makes order and repetition harmless by construction: what stands in `core` is a function of what is known.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from metrics import history, slices
from metrics.beside import refresh_beside, touch_beside
from warehouse.database import Transaction
from warehouse.journal import read_note, set_note
from warehouse.records import touch_all

FOLDER = Path(__file__).parent / "models" / "core"
REVISION = 17  # of the statements in FOLDER: another number makes every row again
SLICE = 25_000  # deals whose histories are held in memory at once
PATH = ("new", "measure", "quote", "contract", "install", "won")  # funnel steps in order
PROOFS = ("bank", "confirmed", "invoice", "field")  # of a payment, the best first
REFERENCES = ("account", "users", "pipelines", "lead_fields", "loss_reasons")


class MappingBroken(Exception):
    """The mapping speaks of custom fields that the account does not have."""

    def __init__(self, unknown: Sequence["Role"]) -> None:
        super().__init__("; ".join(f"{role.key}: no custom field {role.field}" for role in unknown))
        self.unknown = tuple(unknown)


@dataclass(frozen=True, slots=True)
class Role:
    """A business role of a custom field of deals, given by id or by code; `key` is its place in the config."""

    role: str
    field: int | str
    key: str
    article: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the account's fields, pipelines and statuses mean to the business."""

    roles: tuple[Role, ...] = ()
    kinds: Mapping[int, str] = field(default_factory=dict)
    steps: Mapping[tuple[int, int], str] = field(default_factory=dict)
    last_payment: str = "won"
    confirmed_from: str = PROOFS[-1]
    percents: Mapping[int, int] = field(default_factory=dict)  # of the shares that are the same in every deal
    test_names: tuple[str, ...] = ()
    timezone: str | None = None
    account_url: str = ""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Deals whose rows were made again, and deals that are still to be done in another transaction."""

    done: int
    left: int


def refresh(tx: Transaction, meaning: Meaning) -> Refreshed:
    """Make the ledger rows of touched deals again, at most SLICE of them, for the histories of more need much memory.

    While some are left the ledgers are a mixture that must not be shown; every slice may be committed by itself.
    What marts may differ by from now on is gathered in metrics.slices.
    """
    slices.begin(tx)
    _prepare(tx, meaning)
    tx.execute(_sql("00_macros"))
    if _follow_references(tx, meaning):
        tx.execute(_sql("01_reference"))
    typed_anew = _follow_inputs(tx)
    if typed_anew:
        tx.execute(_sql("01_inputs"))
    if tx.execute("select 1 from raw.touched where stream in ('contacts', 'companies') limit 1"):
        tx.execute(_sql("01_clients"))
        slices.gather(tx, _OF_TOUCHED_CLIENTS)
        for names in ("contacts", "companies"):
            slices.note_columns(tx, names, "values ('*')")
    if tx.execute("select 1 from raw.events where type = 'entity_merged' limit 1"):
        tx.execute(_sql("01_merges"))
    refresh_beside(tx)
    tx.execute("delete from raw.touched where stream <> 'leads'")
    done = 0
    is_spent_otherwise = typed_anew
    while done < SLICE and (made := _make_again(tx, SLICE - done)):
        done += made
        is_spent_otherwise |= bool(tx.execute("select 1 from expenses_changed limit 1"))
    if is_spent_otherwise:
        tx.execute(_sql("10_outflows"))
    ((left,),) = tx.execute("select count(distinct id) from raw.touched")
    if left:  # what this slice changed is forgotten with the next one
        slices.forget(tx)
    return Refreshed(done, int(left))


def _make_again(tx: Transaction, most: int) -> int:
    """Make the rows of so many touched deals again; a bill among them touches the deal that it names."""
    tx.execute(
        "create or replace temp table touched_deals as "
        "select distinct id as deal_id from raw.touched order by 1 limit ?",
        [most],
    )
    ((made,),) = tx.execute("select count(*) from touched_deals")
    if made:
        slices.gather(tx, "from touched_deals")
        with history.kept(tx):
            for statement in _LEDGERS:
                tx.execute(_sql(statement))
        tx.execute("delete from raw.touched where id in (select deal_id from touched_deals)")
    return int(made)


def is_stale(tx: Transaction) -> bool:
    """Whether anything was touched since the last refresh."""
    return bool(tx.execute("select 1 from raw.touched limit 1"))


def _prepare(tx: Transaction, meaning: Meaning) -> None:
    """Write the mapping and the account's settings where the statements read them."""
    _settle_account(tx, meaning)
    tx.execute(f"set variable last_payment = '{meaning.last_payment}'")
    tx.execute(f"set variable confirmed_rank = {1 + PROOFS.index(meaning.confirmed_from)}")
    _fill(tx, "share_percents (position integer, percent integer)", [[*p] for p in meaning.percents.items()])
    _fill(tx, "test_names (word varchar)", [[word] for word in meaning.test_names])
    _fill(tx, "path (step varchar, rank integer)", [[step, rank] for rank, step in enumerate(PATH)])
    _fill(tx, "kind_map (pipeline_id bigint, kind varchar)", [[*pair] for pair in meaning.kinds.items()])
    rows = [[pipeline, status, step] for (pipeline, status), step in meaning.steps.items()]
    _fill(tx, "step_map (pipeline_id bigint, status_id bigint, step varchar)", rows)
    _settle_roles(tx, meaning)


def _settle_account(tx: Transaction, meaning: Meaning) -> None:
    """Keep whose figures these are. The account is typed in its own zone, days are those of the mapping's."""
    account, told, currency = _account(tx)
    timezone = meaning.timezone or told or "UTC"
    tx.execute("delete from core.settings")
    _add(tx, "core.settings", [[account, meaning.account_url, timezone, currency]])
    tx.execute(f"set variable account_tz = '{timezone}'")
    tx.execute(f"set variable source_tz = '{told or timezone}'")


def _account(tx: Transaction) -> tuple[int | None, str | None, str | None]:
    """The account with its zone and currency; its payload is not unpacked again while it stays the same."""
    [(mark,)] = tx.execute(
        "select any_value(payload_md5) from raw.records where stream = 'account' and not is_deleted"
    )
    known = json.loads(read_note(tx, "account") or "{}")
    if known.get("payload") != f"{mark}":
        [told] = tx.execute(
            "select any_value(id), any_value(payload ->> '$._embedded.datetime_settings.timezone'), "
            "any_value(payload ->> '$.currency') from raw.records where stream = 'account' and not is_deleted"
        )
        known = {"payload": f"{mark}", "account": told}
        set_note(tx, "account", json.dumps(known), datetime.now(UTC))
    account, timezone, currency = known["account"]
    return account, timezone, currency


def check_roles(tx: Transaction, meaning: Meaning) -> None:
    """MappingBroken if a role names a field that the account, as far as it is loaded, does not have."""
    _resolved(tx, meaning)


def _resolved(tx: Transaction, meaning: Meaning) -> list[tuple[Role, int | None]]:
    """Resolve codes to ids. Before the field definitions are loaded, ids are taken at their word."""
    is_by_code = any(isinstance(role.field, str) for role in meaning.roles)
    code = "payload ->> '$.code'" if is_by_code else "null"  # else nothing need be unpacked
    known = tx.execute(
        f"select id, {code} from raw.records where stream = 'lead_fields' and payload_md5 is not null "
        "order by is_deleted desc"  # of two fields with one code, the one that is alive counts
    )
    by_code = {code: identity for identity, code in known if code}
    ids = {identity for identity, _ in known}
    resolved = [
        (role, role.field if isinstance(role.field, int) else by_code.get(role.field))
        for role in meaning.roles
    ]
    unknown = [role for role, identity in resolved if known and identity not in ids]
    if unknown:
        raise MappingBroken(unknown)
    return resolved


def _settle_roles(tx: Transaction, meaning: Meaning) -> None:
    resolved = _resolved(tx, meaning)
    tx.execute("delete from core.roles")
    rows = [
        [role.role, role.article, role.position, identity]
        for role, identity in resolved
        if identity is not None
    ]
    _add(tx, "core.roles", rows)


def _follow_references(tx: Transaction, meaning: Meaning) -> bool:
    """Whether the reference tables are to be made again.

    A changed meaning (mapping, stages, options, zone, our own statements) also touches every deal; a user's name not.
    """
    told = tx.execute(
        "select stream, id, payload_md5, is_deleted from raw.records where list_contains(?, stream) order by 1, 2",
        [list(REFERENCES)],
    )
    parts: list[object] = [
        REVISION,
        repr(meaning.roles),
        repr(sorted(meaning.kinds.items())),
        repr(sorted(meaning.steps.items())),
        meaning.last_payment,
        meaning.confirmed_from,
        repr(sorted(meaning.percents.items())),
        meaning.test_names,
        tx.execute("select timezone, currency from core.settings"),
        _names_of_sharers(tx, meaning),
        [row for row in told if row[0] not in ("account", "users")],
    ]
    if _noted(tx, "ledgers", parts):
        for stream in ("leads", "contacts", "companies"):
            touch_all(tx, stream)
        touch_beside(tx)
    return _noted(tx, "reference", [*parts, told])


def _names_of_sharers(tx: Transaction, meaning: Meaning) -> list[tuple[object, ...]]:
    """What users are called, where fields of deals name them; elsewhere a name makes no ledger another one."""
    if all(role.role != "share_manager" for role in meaning.roles):
        return []
    return tx.execute(
        "select id, payload ->> '$.name', payload ->> '$.rights.is_active', is_deleted from raw.records "
        "where stream = 'users' and payload_md5 is not null order by id"
    )


def _follow_inputs(tx: Transaction) -> bool:
    """Whether the ledgers that people type are to be made again."""
    told = tx.execute("select name, version, digest from raw.input_versions order by name, version")
    return _noted(tx, "typed ledgers", [told, read_note(tx, "ledgers")])


def _noted(tx: Transaction, name: str, parts: list[object]) -> bool:
    """Keep the fingerprint of `parts`; whether it is another one than before."""
    fingerprint = hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
    if fingerprint == read_note(tx, name):
        return False
    set_note(tx, name, fingerprint, datetime.now(UTC))
    return True


def _fill(tx: Transaction, table: str, rows: Sequence[Sequence[object]]) -> None:
    name = table.partition(" ")[0]
    tx.execute(f"create or replace temp table {table}")
    _add(tx, name, rows)


def _add(tx: Transaction, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Add these few rows in one statement."""
    if rows:
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        tx.execute(f"insert into {table} values {places}", [value for row in rows for value in row])


_OF_TOUCHED_CLIENTS = """
    select deal_id from core.deals
    where
        contact_id in (select id from raw.touched where stream = 'contacts')
        or company_id in (select id from raw.touched where stream = 'companies')
"""

_LEDGERS = (
    "02_parsed",
    "02_beside",
    "03_histories",
    "04_entries",
    "05_amounts",
    "05_installations",
    "06_contracts",
    "06_currency",
    "07_turnover",
    "08_deals",
    "08_invoices",
    "08_shares",
    "08_expenses",
    "09_money",
    "09_costs",
)


@cache
def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
