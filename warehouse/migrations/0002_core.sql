-- The ledgers that every figure is a sum over, and the reference tables beside them.

create table core.settings (
    account_id bigint,
    account_url varchar,
    timezone varchar not null,
    currency varchar
);

-- Business role of a custom field; `article` names a cost, `position` numbers the payments.
create table core.roles (
    role varchar not null,
    article varchar,
    position integer not null,
    field_id bigint not null
);

create table core.users (user_id bigint, name varchar, is_active boolean);
create table core.pipelines (pipeline_id bigint, name varchar, kind varchar, sort integer, is_archive boolean);
create table core.statuses (
    pipeline_id bigint,
    status_id bigint,
    name varchar,
    sort integer,
    step varchar,
    rank integer
);
create table core.options (field_id bigint, enum_id bigint, label varchar);
create table core.loss_reasons (loss_reason_id bigint, name varchar);
create table core.contacts (contact_id bigint, name varchar);
create table core.companies (company_id bigint, name varchar);

create table core.deals (
    deal_id bigint not null,
    name varchar,
    pipeline_id bigint,
    status_id bigint,
    step varchar,
    owner_id bigint,
    contact_id bigint,
    company_id bigint,
    price decimal(18, 2),
    is_sale boolean not null,
    is_deleted boolean not null,
    deleted_at timestamp,
    created_at timestamp not null,
    updated_at timestamp not null,
    closed_at timestamp,
    lead_at timestamp not null,
    lead_on date not null,
    lead_manager_id bigint,
    source varchar,
    call_result varchar,
    product varchar,
    loss_reason varchar,
    contract_amount decimal(18, 2),
    contract_at timestamp,
    contract_on date,
    contract_manager_id bigint,
    is_signed boolean not null,
    is_cancelled boolean not null,
    cancelled_on date,
    measure_at timestamp,
    measure_on date,
    measure_manager_id bigint,
    contract_reached_at timestamp,
    contract_reached_on date,
    contract_reached_manager_id bigint,
    won_on date,
    is_lost boolean not null,
    lost_on date,
    installation_on date,
    discount_amount decimal(18, 2)
);

create table core.stage_entries (
    deal_id bigint not null,
    seq integer not null,
    pipeline_id bigint,
    status_id bigint,
    step varchar,
    rank integer,
    previous_step varchar,
    entered_at timestamp not null,
    left_at timestamp,
    entered_on date not null,
    changed_by bigint,
    manager_id bigint,
    known_by varchar not null
);

create table core.owner_entries (
    deal_id bigint not null,
    seq integer not null,
    owner_id bigint,
    entered_at timestamp not null,
    left_at timestamp,
    changed_by bigint,
    known_by varchar not null
);

create table core.amount_changes (
    deal_id bigint not null,
    seq integer not null,
    changed_at timestamp not null,
    changed_on date not null,
    amount_before decimal(18, 2),
    amount_after decimal(18, 2),
    known_by varchar not null
);

create table core.turnover_entries (
    deal_id bigint not null,
    seq integer not null,
    kind varchar not null,
    booked_at timestamp not null,
    booked_on date not null,
    amount decimal(18, 2) not null,
    manager_id bigint
);

create table core.payments (
    deal_id bigint not null,
    seq integer not null,
    kind varchar not null,
    paid_on date,
    amount decimal(18, 2) not null,
    origin varchar not null
);

create table core.costs (
    deal_id bigint not null,
    article varchar not null,
    amount decimal(18, 2)
);
