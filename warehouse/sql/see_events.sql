-- Pages of events → rows. An event never changes, so the first sight of it is kept.

create or replace temp table seen_events as
with items as (

    select unnest(json_extract(body, '$._embedded.events[*]')) as item
    from (select unnest($bodies::varchar[]) as body)

)

select
    item ->> '$.id' as id,
    item ->> '$.type' as type,
    item ->> '$.entity_type' as entity_type,
    cast(item ->> '$.entity_id' as bigint) as entity_id,
    cast(item ->> '$.created_by' as bigint) as created_by,
    make_timestamp(cast(item ->> '$.created_at' as bigint) * 1000000) as created_at,
    cast(item -> '$.value_before' as varchar) as value_before,
    cast(item -> '$.value_after' as varchar) as value_after
from items
qualify row_number() over (partition by item ->> '$.id') = 1
