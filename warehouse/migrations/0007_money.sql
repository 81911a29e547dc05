-- What people type beside amoCRM, and the ledgers of money made from it.

-- Every accepted version of an input table: when, whence, by whom where that is known.
create table raw.input_versions (
    name varchar not null,
    version integer not null,
    accepted_at timestamp not null,
    origin varchar not null,
    author varchar,
    digest varchar not null
);

-- Its rows as they were typed, after validation: a JSON object, column → text.
create table raw.input_rows (
    name varchar not null,
    version integer not null,
    row integer not null,
    cells varchar not null
);

-- What was not taken at the last look, and why; row 0 speaks of the table as a whole.
create table ops.input_refusals (
    name varchar not null,
    row integer not null,
    column_name varchar,
    value varchar,
    message varchar not null,
    seen_at timestamp not null
);

create table core.plans (
    month date not null,
    whom varchar not null,
    manager_id bigint,
    measure varchar not null,
    version integer not null,
    valid_from date not null,
    amount decimal(18, 2) not null,
    author varchar
);

create table core.overheads (
    month date not null,
    article varchar not null,
    seq integer not null,
    amount decimal(18, 2) not null,
    direction varchar,
    due_on date,
    is_paid boolean not null,
    origin varchar not null,
    deal_id bigint
);

create table core.outflows (
    seq integer not null,
    on_day date not null,
    amount decimal(18, 2) not null,
    article varchar not null,
    is_paid boolean not null,
    origin varchar not null,
    deal_id bigint
);

create table core.ad_spend (
    month date not null,
    source varchar not null,
    seq integer not null,
    amount decimal(18, 2) not null
);

create table core.pay_rules (
    rule_id integer not null,
    whom varchar not null,
    manager_id bigint,
    role varchar not null,
    base varchar not null,
    rate decimal(9, 6),
    amount decimal(18, 2),
    tier_from decimal(9, 6) not null,
    scale varchar not null,
    valid_from date,
    valid_to date
);

create table core.worked_days (month date not null, manager_id bigint not null, days decimal(9, 2) not null);
create table core.cash (on_day date not null, account varchar not null, amount decimal(18, 2) not null);
create table core.calendar (on_day date not null, is_working boolean not null);
create table core.exchange_rates (on_day date not null, currency varchar not null, rate decimal(18, 6) not null);

create table core.deal_shares (
    deal_id bigint not null,
    seq integer not null,
    role varchar not null,
    manager_id bigint not null,
    share decimal(9, 6) not null
);

-- What the pipeline of expenses tells: `deal_id` is the expense, `target_id` the deal it was spent on, if any.
create table core.expenses (
    deal_id bigint not null,
    target_id bigint,
    article varchar not null,
    direction varchar,
    amount decimal(18, 2),
    spent_on date not null,
    due_on date,
    paid_on date,
    is_paid boolean not null
);

-- Money in a currency whose rate is not known has no amount.
-- Tables made anew, for DuckDB refuses a third `alter` of a filled one in the same transaction. What stood in them is
-- made again from `raw` at the next build.
drop table core.payments;
drop table core.costs;

create table core.payments (
    deal_id bigint not null,
    seq integer not null,
    kind varchar not null,
    paid_on date,
    amount decimal(18, 2),
    origin varchar not null,
    proof varchar default 'field',
    is_confirmed boolean default true,
    currency varchar,
    original_amount decimal(18, 2),
    document varchar
);

create table core.costs (
    deal_id bigint not null,
    article varchar not null,
    amount decimal(18, 2),
    planned_amount decimal(18, 2),
    origin varchar
);

create or replace table core.deals as
select
    *,
    cast(null as date) as act_on,
    cast(null as decimal(18, 2)) as list_amount,
    cast(null as varchar) as currency,
    cast(null as date) as expected_on
from core.deals;

alter table core.deals add column is_test boolean default false;

delete from ops.notes where name = 'ledgers';
