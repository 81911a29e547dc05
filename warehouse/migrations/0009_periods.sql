-- Closed months: when and why, and what was reported for them. Facts of ours: making `core` again leaves them alone.

create table core.period_locks (
    month date not null,
    closed_at timestamp not null,
    run_id bigint not null,
    reopened_at timestamp,
    reopened_by varchar
);

-- What a closed month was reported with. `for_month` is another month where a row corrects one closed before.
create table core.frozen_figures (
    month date not null,
    for_month date not null,
    figure varchar not null,
    deal_id bigint not null,
    manager_id bigint,
    amount decimal(18, 2) not null
);

-- The slips of a closed month as they were handed out.
create table core.frozen_slips (
    month date not null,
    manager_id bigint,
    seq bigint not null,
    manager varchar,
    on_day date,
    deal_id bigint,
    name varchar,
    base varchar not null,
    role varchar not null,
    rule_id integer,
    kind varchar not null,
    for_month date not null,
    base_amount decimal(18, 2),
    rate decimal(18, 6),
    amount decimal(18, 2) not null,
    reason varchar
);
