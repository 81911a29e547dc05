-- What the source said, as it said it, and how far we have listened.

create schema raw;
create schema core;
create schema mart;
create schema ops;

create table ops.migrations (
    name varchar not null,
    applied_at timestamptz not null
);

-- The newest version of every object. A tombstone keeps the last payload.
-- payload_at / flag_at: when we asked for the payload / for what decided is_deleted.
-- payload_md5: tells whether a payload differs without unpacking the old ones; null where there is none.
create table raw.records (
    stream varchar not null,
    id bigint not null,
    version timestamp not null,
    payload_at timestamp not null,
    payload varchar using compression zstd,
    payload_md5 ubigint,
    is_deleted boolean not null,
    deleted_at timestamp,
    flag_at timestamp not null
);

-- Events are immutable: first seen is last seen.
create table raw.events (
    id varchar not null,
    type varchar not null,
    entity_type varchar not null,
    entity_id bigint not null,
    created_by bigint,
    created_at timestamp not null,
    value_before varchar,
    value_after varchar
);

-- cursor: the newest change handed over, by the source's clock.
-- complete_until: everything up to here was asked for and answered.
create table raw.cursors (
    stream varchar not null,
    cursor timestamp not null,
    complete_until timestamp not null
);

-- A backfill in flight: what is still to be walked.
create table raw.windows (
    stream varchar not null,
    since timestamp not null,
    until timestamp not null
);

-- Objects whose ledger rows are to be made again.
create table raw.touched (
    stream varchar not null,
    id bigint not null
);
