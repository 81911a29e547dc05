-- What stands beside the deals: tasks, calls, catalogues, invoices, incoming leads, tags, groups, customers, all fields.

-- What everything is called, and was called: `part_id` is an option of a field or a stage of a pipeline.
-- since: null for what was there at the first look. until: null while it is called so.
create table core.labels (
    stream varchar not null,
    id bigint not null,
    part_id bigint,
    label varchar not null,
    since timestamp,
    until timestamp
);

create table core.tasks (
    task_id bigint not null,
    deal_id bigint,
    entity_type varchar,
    entity_id bigint,
    owner_id bigint,
    type_id bigint,
    type varchar,
    text varchar,
    result varchar,
    created_by bigint,
    created_at timestamp,
    created_on date,
    due_at timestamp,
    due_on date,
    is_completed boolean not null,
    completed_at timestamp,
    completed_on date,
    completed_by bigint,
    updated_at timestamp not null,
    is_deleted boolean not null
);

create table core.calls (
    call_id bigint not null,
    entity_type varchar not null,
    entity_id bigint,
    deal_id bigint,
    contact_id bigint,
    company_id bigint,
    direction varchar not null,
    called_at timestamp not null,
    called_on date not null,
    duration integer,
    status varchar,
    result varchar,
    phone varchar,
    caller varchar,
    manager_id bigint,
    link varchar,
    updated_at timestamp not null,
    is_deleted boolean not null
);

create table core.catalogs (catalog_id bigint, name varchar, kind varchar);

-- Every element of every list. prices: of each of its fields that holds a price.
create table core.elements (
    element_id bigint not null,
    catalog_id bigint,
    name varchar,
    sku varchar,
    price decimal(18, 2),
    prices map(bigint, decimal(18, 2)),
    updated_at timestamp not null,
    is_deleted boolean not null
);

-- What an element of the list of invoices says of money; `state` is its status in our words.
create table core.bills (
    invoice_id bigint not null,
    name varchar,
    status varchar,
    state varchar,
    amount decimal(18, 2),
    paid_amount decimal(18, 2),
    due_on date,
    paid_at timestamp,
    paid_on date,
    positions bigint,
    updated_at timestamp not null,
    is_deleted boolean not null
);

create table core.deal_elements (
    deal_id bigint not null,
    element_id bigint not null,
    catalog_id bigint,
    quantity decimal(18, 3),
    price_id bigint
);

create table core.deal_tags (deal_id bigint not null, tag_id bigint not null, name varchar);
create table core.tag_names (tag_id bigint, name varchar);

-- A deal waits in «Неразобранное», or waited.
create table core.unsorted (
    deal_id bigint not null,
    uid varchar,
    category varchar,
    source varchar,
    pipeline_id bigint,
    contact_id bigint,
    came_at timestamp,
    came_on date,
    is_waiting boolean not null,
    left_at timestamp
);

alter table core.users add column group_id bigint;
alter table core.users add column role_id bigint;
create table core.groups (group_id bigint, name varchar);
create table core.user_roles (role_id bigint, name varchar);

create table core.customers (
    customer_id bigint not null,
    name varchar,
    owner_id bigint,
    status_id bigint,
    contact_id bigint,
    company_id bigint,
    next_amount decimal(18, 2),
    next_on date,
    total_amount decimal(18, 2),
    purchases bigint,
    average_amount decimal(18, 2),
    created_at timestamp,
    updated_at timestamp not null,
    is_deleted boolean not null
);

create table core.purchases (
    purchase_id bigint not null,
    customer_id bigint,
    amount decimal(18, 2),
    comment varchar,
    purchased_at timestamp,
    purchased_on date,
    is_deleted boolean not null
);

-- The fields of deals as the account defines them now, or last did; and their values, as they came, a deal to a row:
-- that costs a build next to nothing, and they become rows when somebody asks.
create table core.fields (field_id bigint, code varchar, name varchar, type varchar, is_deleted boolean);

create table core.deal_values (
    deal_id bigint not null,
    fields struct(
        field_id bigint,
        "values" struct("value" json, enum_id bigint, catalog_element_id bigint)[]
    )[]
);

-- What stands on a deal's card, with what it is called and costs now.
create view core.products as
select
    links.deal_id,
    links.element_id as product_id,
    links.catalog_id,
    catalogs.name as catalog,
    elements.name,
    elements.sku,
    links.quantity,
    coalesce(elements.prices[links.price_id], elements.price) as price,
    cast(links.quantity * coalesce(elements.prices[links.price_id], elements.price) as decimal(18, 2)) as amount,
    elements.updated_at,
    coalesce(elements.is_deleted, false) as is_deleted
from core.deal_elements as links
left join core.elements as elements using (element_id)
left join core.catalogs as catalogs on catalogs.catalog_id = links.catalog_id
where catalogs.kind is distinct from 'invoices';

-- A row for each deal that an invoice stands on; an invoice on no card has its row without a deal.
create view core.invoices as
select
    links.deal_id,
    bills.*
from core.bills as bills
left join core.deal_elements as links on links.element_id = bills.invoice_id;

-- A tag is called as the list of tags calls it now.
create view core.tags as
select links.deal_id, links.tag_id, coalesce(names.name, links.name) as name
from core.deal_tags as links
left join core.tag_names as names using (tag_id);

-- Every filled custom field of every deal, a row for each of its values; an option is called as it is called now.
create view core.deal_fields as
with by_field as (

    select deal_id, unnest(fields) as field
    from core.deal_values

),

items as (

    select
        deal_id,
        field.field_id as field_id,
        generate_subscripts(field."values", 1) as seq,
        unnest(field."values") as item
    from by_field

),

named as (

    select
        items.deal_id,
        items.field_id,
        fields.code as field_code,
        fields.name as field_name,
        fields.type as field_type,
        cast(items.seq as integer) as seq,
        coalesce(options.label, items.item.value ->> '$', cast(items.item.catalog_element_id as varchar)) as value,
        items.item.enum_id as enum_id
    from items
    left join core.fields as fields using (field_id)
    left join core.options as options
        on options.field_id = items.field_id and options.enum_id = items.item.enum_id

)

select
    *,
    case
        when field_type in ('numeric', 'monetary', 'price')
            then try_cast(replace(replace(replace(trim(value), ' ', ''), chr(160), ''), ',', '.') as decimal(18, 4))
    end as number,
    case
        when field_type in ('date', 'date_time', 'birthday')
            then make_timestamp(try_cast(value as bigint) * 1000000)
    end as moment,
    case when field_type = 'checkbox' then try_cast(value as boolean) end as flag
from named;
