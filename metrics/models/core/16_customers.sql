-- Touched customers and purchases.

delete from core.customers where customer_id in (select id from raw.touched where stream = 'customers');

insert into core.customers by name
with told as (

    select
        id as customer_id,
        version as updated_at,
        is_deleted,
        from_json(
            payload,
            '{
                "name": "VARCHAR", "responsible_user_id": "BIGINT", "status_id": "BIGINT", "next_price": "VARCHAR",
                "next_date": "BIGINT", "ltv": "VARCHAR", "purchases_count": "BIGINT", "average_check": "VARCHAR",
                "created_at": "BIGINT",
                "_embedded": {"contacts": [{"id": "BIGINT"}], "companies": [{"id": "BIGINT"}]}
            }'
        ) as customer
    from raw.records
    where
        stream = 'customers'
        and payload_md5 is not null
        and id in (select id from raw.touched where stream = 'customers')

)

select
    customer_id,
    customer.name as name,
    customer.responsible_user_id as owner_id,
    customer.status_id as status_id,
    customer._embedded.contacts[1].id as contact_id,
    customer._embedded.companies[1].id as company_id,
    money(customer.next_price) as next_amount,
    local_day(unix_moment(customer.next_date)) as next_on,
    money(customer.ltv) as total_amount,
    customer.purchases_count as purchases,
    money(customer.average_check) as average_amount,
    unix_moment(customer.created_at) as created_at,
    updated_at,
    is_deleted
from told;

delete from core.purchases where purchase_id in (select id from raw.touched where stream = 'transactions');

insert into core.purchases
select
    id,
    coalesce(
        cast(payload ->> '$.customer_id' as bigint), cast(payload ->> '$._embedded.customer.id' as bigint)
    ),
    money(payload ->> '$.price'),
    nullif(payload ->> '$.comment', ''),
    unix_moment(payload ->> '$.completed_at'),
    local_day(unix_moment(payload ->> '$.completed_at')),
    is_deleted
from raw.records
where
    stream = 'transactions'
    and payload_md5 is not null
    and id in (select id from raw.touched where stream = 'transactions');
