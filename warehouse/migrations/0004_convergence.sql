-- What it takes to be sure that the warehouse equals the account.

-- One census of a stream under way: every object the account showed, as it showed it.
create table raw.census (
    stream varchar not null,
    id bigint not null,
    asked_at timestamp not null,
    pipeline_id bigint,
    status_id bigint,
    price decimal(18, 2)
);

-- Each reconciliation, by pipeline and stage: what the account showed and what we had after it.
create table ops.reconciliations (
    run_id bigint not null,
    checked_at timestamp not null,
    pipeline_id bigint,
    status_id bigint,
    live_deals bigint not null,
    live_amount decimal(18, 2) not null,
    our_deals bigint not null,
    our_amount decimal(18, 2) not null,
    changed_since bigint not null
);

-- What became of fields, options, pipelines and stages.
create table core.drift (
    noticed_at timestamp not null,
    noticed_on date not null,
    stream varchar not null,
    id bigint not null,
    kind varchar not null,
    before varchar,
    after varchar
);

-- Deals that a merge took into another one: they count there, once.
create table core.merges (
    deal_id bigint not null,
    survivor_id bigint not null,
    merged_at timestamp not null,
    merged_on date not null,
    evidence varchar not null
);
