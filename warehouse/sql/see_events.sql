-- Pages of events → rows. An event never changes, so the first sight of it is kept.

create or replace temp table seen_events as
with items as (

    select unnest(json_extract(decode(body), '$._embedded.events[*]')) as item
    from bodies

),

events as (

    select
        json_extract(
            item,
            [
                '$.id', '$.type', '$.entity_type', '$.entity_id', '$.created_by', '$.created_at',
                '$.value_before', '$.value_after'
            ]
        ) as part
    from items

)

select
    part[1] ->> '$' as id,
    part[2] ->> '$' as type,
    part[3] ->> '$' as entity_type,
    cast(part[4] as bigint) as entity_id,
    cast(part[5] as bigint) as created_by,
    make_timestamp(cast(part[6] as bigint) * 1000000) as created_at,
    cast(part[7] as varchar) as value_before,
    cast(part[8] as varchar) as value_after
from events
qualify row_number() over (partition by part[1] ->> '$') = 1
