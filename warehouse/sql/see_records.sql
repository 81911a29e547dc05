-- Pages as they came → one row per object: the newest of what these pages say.
-- The self link repeats the question we asked, so it is the one thing left out.

create or replace temp table seen as
with pages as (

    select
        unnest($bodies::varchar[]) as body,
        unnest($moments::timestamp[]) as asked_at

),

items as (

    select
        asked_at,
        unnest(json_extract(body, $path)) as item
    from pages

),

records as (

    select
        cast(item ->> '$.id' as bigint) as id,
        coalesce(make_timestamp(cast(item ->> $stamp as bigint) * 1000000), asked_at) as version,
        cast(json_merge_patch(item, '{"_links": null}') as varchar) as payload,
        asked_at,
        coalesce(item ->> '$.is_deleted' = 'true', false) as is_trashed
    from items

)

select *
from records
where is_trashed = $tombstones or not $tombstones
qualify row_number() over (partition by id order by version desc, asked_at desc) = 1
