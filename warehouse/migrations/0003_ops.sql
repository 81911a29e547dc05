-- What was done, when, and how it ended.

create sequence ops.run_numbers;

create table ops.runs (
    run_id bigint not null,
    job varchar not null,
    pid integer not null,
    started_at timestamp not null,
    ended_at timestamp,
    outcome varchar,
    records bigint,
    note varchar
);

-- One row per webhook delivery digested: how long each leg took.
create table ops.deliveries (
    received_at timestamp not null,
    merged_at timestamp not null,
    built_at timestamp,
    exported_at timestamp
);

-- Facts of which only the present value matters: fingerprints, last build, what stopped a stream.
create table ops.notes (
    name varchar not null,
    value varchar not null,
    noted_at timestamp not null
);
