-- Pages as they came → a row for every object on them. Of one that stands twice the older is dropped right after:
-- that looks at ids and dates only, and does not carry the texts along.
--
-- An item is read once for its head and once as text. The self link repeats the question we asked (it is the one link
-- with a query), so it is left out: two ways of asking must not look like two versions of an object.

create or replace temp table sighted as
with items as (

    select
        asked_at,
        unnest(json_extract(decode(body), $path)) as item
    from bodies

),

records as (

    select
        json_extract_string(item, ['$.id', '$.updated_at', '$.is_deleted']) as head,
        regexp_replace(
            cast(item as varchar), ',"_links":\{"self":\{"href":"[^"]*\?[^"]*"\}\}', ''
        ) as payload,
        asked_at
    from items

)

select
    try_cast(head[1] as bigint) as id,
    coalesce(if($is_dated, make_timestamp(try_cast(head[2] as bigint) * 1000000), null), asked_at) as version,
    payload,
    md5_number_lower(payload) as payload_md5,
    asked_at,
    coalesce(head[3] = 'true', false) as is_trashed
from records
