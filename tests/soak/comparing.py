"""Is one warehouse what another is? What a later comer cannot know is taken out of both, and nothing else."""

from jobs import Jobs
from sandbox.amocrm import AmoServer
from sandbox.amocrm.account import Account
from tests.harness import Tables, differences, rows

DATED = ("leads", "contacts", "companies", "tasks")
ALIVE = (
    f"select stream, id, if(stream in {DATED}, version, null), payload from raw.records where not is_deleted"
)
"""What the account shows. Other streams carry no date of their own: their version is when they were read."""

NOT_OF_RAW = ("core.drift", "core.labels")
"""Kept as it was noticed, while it happened: who comes later has noticed nothing."""


def raw(jobs: Jobs, trash: set[int]) -> Tables:
    """Everything that was received and that still can be: living objects, all events, and what lies in the trash."""
    return {
        "raw.records, alive": rows(jobs, f"{ALIVE} order by 1, 2"),
        "raw.records, in the trash": [
            row
            for row in rows(
                jobs, "select id from raw.records where stream = 'leads' and is_deleted order by 1"
            )
            if row[0] in trash
        ],
        "raw.events": rows(jobs, "from raw.events order by all"),
    }


def in_the_trash(account: Account) -> set[int]:
    return {lead.id for lead in account.leads.values() if lead.deleted_at is not None and not lead.purged}


def derived(jobs: Jobs) -> Tables:
    """Everything that is made of raw: the ledgers and all marts."""
    names = rows(
        jobs,
        "select schema_name, table_name from duckdb_tables() where schema_name in ('core', 'mart') order by 1, 2",
    )
    return {
        f"{schema}.{name}": rows(jobs, f"from {schema}.{name} order by all")
        for schema, name in names
        if f"{schema}.{name}" not in NOT_OF_RAW
    }


def rebuilt(jobs: Jobs, copy: Jobs, *, without_the_gone: bool) -> Tables:
    """Ledgers and marts made from nothing but raw, in a warehouse of their own.

    `without_the_gone`: as if what was deleted had never been. Who comes later finds no card behind a deleted
    deal, contact or task, only the number of the deal while it lies in the trash; so neither its ledgers nor its
    share in a sum nor whom it was merged into can be the same. Of all that lives, everything must be.
    """
    with copy.parts.warehouse.open("test") as session:
        session.execute(f"attach '{jobs.parts.config.warehouse.path}' as origin (read_only)")
        received = session.execute(
            "select table_name from duckdb_tables() where database_name = 'origin' and schema_name = 'raw'"
        )
        for (name,) in received:
            session.execute(f"insert into raw.{name} by name from origin.raw.{name}")
        session.execute("detach origin")
        if without_the_gone:
            session.execute("delete from raw.records where is_deleted")
            session.execute(
                "delete from raw.events where entity_type = 'lead' "
                "and entity_id not in (select id from raw.records where stream = 'leads')"
            )
    copy.build(full=True)
    return derived(copy)


def lost_deliveries(
    server: AmoServer, jobs: Jobs, back_dated: set[int]
) -> tuple[int, int, list[tuple[str, int]]]:
    """Of all that the door has answered with success: how many deliveries there were, how many different changes
    they told of, and the changes that are missing here: the object lives, and we know only an older state of it.

    Several changes of one object may have become one; what was set aside would show here as missing. Of deals that
    were `back_dated` dates tell nothing: whoever asks after the change that was told may be shown an earlier date.
    """
    account = server.account
    kept = {
        (stream, identity): version
        for stream, identity, version in rows(
            jobs,
            "select stream, id, epoch(if(is_deleted, greatest(version, deleted_at), version))::bigint "
            "from raw.records",
        )
    }
    alive = {
        stream: {identity for identity, one in things.items() if not getattr(one, "deleted_at", 0)}
        for stream, things in (
            ("leads", account.leads),
            ("contacts", account.contacts),
            ("companies", account.companies),
            ("tasks", account.tasks),
        )
    }
    good = [sent for sent in server.deliveries if sent.is_good]
    told = {
        change
        for sent in good
        for change in jobs.parts.source().understand(sent.body).changes
        if change.stream in alive
    }
    missing = {
        (change.stream, change.id)
        for change in told
        if change.id in alive[change.stream]
        and change.action not in {"delete", "note"}
        and change.moment is not None
        and not (change.stream == "leads" and change.id in back_dated)
        and kept.get((change.stream, change.id), 0) < change.moment.timestamp()
    }
    return len(good), len(told), sorted(missing)


__all__ = ["derived", "differences", "in_the_trash", "lost_deliveries", "raw", "rebuilt"]
