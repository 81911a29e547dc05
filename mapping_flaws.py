"""Whether the mapping still fits the account: what it speaks of may be gone there, made anew, retyped, archived."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import texts_flaws
from metrics.ledgers import Meaning, Role
from warehouse.database import Transaction
from warehouse.journal import read_note, set_note

SEEN = "mapping seen"  # the note of what was looked at last
RETYPED_DAYS = 30
"""For so many days a field whose type changed is told of, where the new type would do; then somebody has looked."""

_DATES = frozenset({"date", "date_time", "birthday"})
_AMOUNTS = frozenset({"numeric", "monetary", "price"})
_WORDS = frozenset({"text", "textarea", "select", "radiobutton"})
_FIT_FOR_DATES, _FIT_FOR_AMOUNTS = _DATES | _WORDS, _AMOUNTS | _WORDS
_DATE_ROLES = frozenset(
    {"lead_date", "contract_date", "prepayment_date", "payment_date", "installation_date"}
)
_AMOUNT_ROLES = frozenset({"contract_amount", "prepayment_amount", "payment_amount", "discount", "cost"})


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place of the mapping that no longer fits; in the words of people."""

    key: str
    subject_id: int
    kind: str
    since_on: date | None
    what: str
    figures: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """A field or a pipeline as the last snapshot shows it; what only the other kind has is empty."""

    id: int
    name: str
    type: str
    code: str | None
    gone_on: date | None
    is_gone: bool
    is_archive: bool


def keep_flaws(tx: Transaction, meaning: Meaning) -> list[Flaw]:
    """Look at the last snapshots, keep what does not fit and return it; the variable `today` is set.

    While neither they nor the mapping nor the day are other ones, what was found stands.
    """
    ((zone, today),) = tx.execute("select any_value(timezone), getvariable('today') from core.settings")
    seen = [
        f"{today}",
        read_note(tx, "reference"),
        tx.execute("select count(*), max(noticed_on) from core.drift"),
    ]
    if json.dumps(seen, default=str) == read_note(tx, SEEN):
        return read_flaws(tx)
    tx.execute("delete from core.mapping_flaws")
    shown = _snapshots(tx, zone)
    flaws = [
        *_of_fields(tx, meaning, shown["lead_fields"], today),
        *_of_pipelines(tx, meaning, shown["pipelines"]),
    ]
    for flaw in flaws:
        row = [flaw.key, flaw.subject_id, flaw.kind, flaw.since_on, flaw.what, flaw.figures, flaw.remedy]
        tx.execute("insert into core.mapping_flaws values (?, ?, ?, ?, ?, ?, ?)", row)
    set_note(tx, SEEN, json.dumps(seen, default=str), datetime.now(UTC))
    return flaws


def read_flaws(tx: Transaction) -> list[Flaw]:
    """What the last build found, by key."""
    return [
        Flaw(*row)
        for row in tx.execute(
            "select key, subject_id, kind, since_on, what, figures, remedy from core.mapping_flaws order by key"
        )
    ]


def _of_fields(tx: Transaction, meaning: Meaning, known: Mapping[int, _Shown], today: date) -> Iterator[Flaw]:
    by_code = {
        each.code: each for each in sorted(known.values(), key=lambda each: not each.is_gone) if each.code
    }
    retyped = _retyped(tx)
    for role in meaning.roles:
        field = known.get(role.field) if isinstance(role.field, int) else by_code.get(role.field)
        if field is None:
            continue
        if field.is_gone:
            heirs = [each.id for each in known.values() if each.name == field.name and not each.is_gone]
            kind = "field_made_anew" if heirs else "field_deleted"
            yield _flaw(kind, role, field.id, field.gone_on, name=field.name, heir=max(heirs, default=0))
        elif not _is_fit(role, field):
            yield _flaw(
                "field_unfit", role, field.id, retyped.get(field.id), name=field.name, type=field.type
            )
        elif field.id in retyped and (today - retyped[field.id]).days < RETYPED_DAYS:
            yield _flaw("field_retyped", role, field.id, retyped[field.id], name=field.name, type=field.type)


def _snapshots(tx: Transaction, zone: str) -> dict[str, dict[int, _Shown]]:
    """Fields and pipelines by id. By their places, for to look for two streams would have all payloads unpacked."""
    rows = tx.execute(
        "select stream, id, payload ->> '$.name', payload ->> '$.type', payload ->> '$.code', "
        "cast(deleted_at at time zone 'UTC' at time zone $zone as date), is_deleted, "
        "coalesce(payload ->> '$.is_archive' = 'true', false) "
        "from raw.records where rowid in (select rowid from raw.records "
        "where stream in ('lead_fields', 'pipelines') and payload_md5 is not null)",
        {"zone": zone},
    )
    found: dict[str, dict[int, _Shown]] = {"lead_fields": {}, "pipelines": {}}
    for stream, *row in rows:
        found[stream][row[0]] = _Shown(*row)
    return found


def _retyped(tx: Transaction) -> Mapping[int, date]:
    return dict(
        tx.execute(
            "select id, max(noticed_on) from core.drift "
            "where stream = 'lead_fields' and kind = 'сменился тип' group by id"
        )
    )


def _is_fit(role: Role, field: _Shown) -> bool:
    if role.role in _DATE_ROLES:
        return field.type in _FIT_FOR_DATES
    return role.role not in _AMOUNT_ROLES or field.type in _FIT_FOR_AMOUNTS


def _of_pipelines(tx: Transaction, meaning: Meaning, pipelines: Mapping[int, _Shown]) -> Iterator[Flaw]:
    places = set(tx.execute("select pipeline_id, status_id from core.statuses"))
    for identity in meaning.kinds:
        if identity not in pipelines:
            continue
        shown = pipelines[identity]
        name = shown.name
        key = f"mapping.pipelines.{identity}"
        if shown.is_gone or shown.is_archive:
            kind = "pipeline_deleted" if shown.is_gone else "pipeline_archived"
            yield _told(kind, key, identity, shown.gone_on, "", name=name)
            continue
        for pipeline, status in meaning.steps:
            if pipeline == identity and (pipeline, status) not in places:
                yield _told(
                    "status_deleted", f"{key}.steps.{status}", status, None, "", name=name, status=status
                )


def _flaw(kind: str, role: Role, identity: int, since_on: date | None, **details: object) -> Flaw:
    return _told(kind, role.key, identity, since_on, role.role, **details)


def _told(kind: str, key: str, identity: int, since_on: date | None, role: str, **details: object) -> Flaw:
    what, remedy = texts_flaws.flaw(kind, key=key, **details)
    return Flaw(key, identity, kind, since_on, what, texts_flaws.figures_of(role), remedy)
