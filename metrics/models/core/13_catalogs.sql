-- The lists, and their touched elements. An element knows its list by number only, so with a list all are made again.

insert into raw.touched
select distinct 'catalog_elements', records.id
from raw.records as records
where
    records.stream = 'catalog_elements'
    and exists (select 1 from raw.touched where stream = 'catalogs');

delete from core.catalogs;

insert into core.catalogs
select id, payload ->> '$.name', payload ->> '$.type'
from raw.records
where stream = 'catalogs' and payload_md5 is not null;

create or replace temp table elements_told as
select
    records.id as element_id,
    records.is_deleted,
    from_json(
        records.payload,
        '{
            "catalog_id": "BIGINT", "name": "VARCHAR", "updated_at": "BIGINT",
            "custom_fields_values": [{
                "field_id": "BIGINT", "field_code": "VARCHAR", "field_name": "VARCHAR", "field_type": "VARCHAR",
                "values": [{"value": "JSON", "enum_code": "VARCHAR"}]
            }]
        }'
    ) as element
from raw.records as records
where
    records.stream = 'catalog_elements'
    and records.payload_md5 is not null
    and records.id in (select id from raw.touched where stream = 'catalog_elements');

create or replace temp table element_fields as
select
    element_id,
    field.field_id as field_id,
    coalesce(field.field_code, '') as code,
    lower(field.field_name) as name,
    field.field_type as type,
    field."values"[1].value ->> '$' as words,
    lower(field."values"[1].enum_code) as enum_code,
    field."values" as items
from (select element_id, unnest(element.custom_fields_values) as field from elements_told);

delete from core.elements where element_id in (select element_id from elements_told);

insert into core.elements
select
    told.element_id,
    told.element.catalog_id,
    told.element.name,
    known.sku,
    known.price,
    known.prices,
    unix_moment(told.element.updated_at),
    told.is_deleted
from elements_told as told
left join (
    select
        element_id,
        nullif(max(words) filter (code = 'SKU'), '') as sku,
        coalesce(
            max(money(words)) filter (code = 'PRICE'), arg_min(money(words), field_id) filter (type = 'price')
        ) as price,
        map_from_entries(
            list((field_id, money(words)) order by field_id) filter (type = 'price' or contains(code, 'PRICE'))
        ) as prices
    from element_fields
    group by element_id
) as known using (element_id);

delete from core.bills where invoice_id in (select element_id from elements_told);

-- The codes of the status differ by account and language; where there is none, its name in Russian tells.
insert into core.bills
with known as (

    select
        element_id,
        max(words) filter (code = 'BILL_STATUS') as status,
        max(enum_code) filter (code = 'BILL_STATUS') as status_code,
        max(money(words)) filter (code = 'BILL_PRICE') as price,
        arg_min(words, field_id) filter (
            type in ('date', 'date_time')
            and (contains(code, 'DUE') or name like '%срок%опла%' or name like '%оплатить до%')
        ) as due,
        max(words) filter (code = 'BILL_PAYMENT_DATE') as paid,
        any_value(items) filter (code = 'ITEMS') as items
    from element_fields
    group by element_id

),

typed as (

    select
        told.element_id,
        told.element.name as name,
        known.status,
        case
            when status_code in ('created', 'partially_paid', 'paid', 'refunded', 'cancelled') then status_code
            when status_code in ('returned', 'refund') then 'refunded'
            when status_code = 'canceled' then 'cancelled'
            when lower(status) like 'част%' then 'partially_paid'
            when lower(status) like 'оплач%' then 'paid'
            when lower(status) like 'возв%' then 'refunded'
            when lower(status) like 'отмен%' or lower(status) like 'аннул%' then 'cancelled'
            when lower(status) like 'созд%' or lower(status) like 'выст%' or status is null then 'created'
        end as state,
        coalesce(
            known.price,
            cast(list_sum(list_transform(known.items, lambda item: money(item.value ->> '$.total_sum'))) as decimal(18, 2))
        ) as amount,
        typed_day(known.due) as due_on,
        make_timestamp(try_cast(known.paid as bigint) * 1000000) as paid_at,
        coalesce(len(known.items), 0) as positions,
        unix_moment(told.element.updated_at) as updated_at,
        told.is_deleted
    from elements_told as told
    inner join core.catalogs as catalogs on catalogs.catalog_id = told.element.catalog_id and catalogs.kind = 'invoices'
    left join known using (element_id)

)

select
    element_id,
    name,
    status,
    state,
    amount,
    case
        when state = 'paid' then amount
        when state in ('created', 'refunded', 'cancelled') then 0
    end,
    due_on,
    paid_at,
    local_day(paid_at),
    positions,
    updated_at,
    is_deleted
from typed;

-- An invoice is money of its deal.
insert into raw.touched
select distinct 'leads', links.deal_id
from core.deal_elements as links
inner join core.bills as bills on bills.invoice_id = links.element_id
where links.element_id in (select element_id from elements_told);
