-- Pages as they came → a row for every object on them. Of one that stands twice the older is dropped right after:
-- that looks at ids and dates only, and does not carry the texts along.
--
-- An item is read once for its head and once as text. The self link repeats the question we asked (it is the one link
-- with a query), so it is left out: two ways of asking must not look like two versions of an object.

create or replace temp table sighted as
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
        from_json(item, '{"id": "BIGINT", "updated_at": "BIGINT", "is_deleted": "BOOLEAN"}') as head,
        regexp_replace(
            cast(item as varchar), ',"_links":\{"self":\{"href":"[^"]*\?[^"]*"\}\}', ''
        ) as payload,
        asked_at
    from items

)

select
    head.id as id,
    coalesce(if($is_dated, make_timestamp(head.updated_at * 1000000), null), asked_at) as version,
    payload,
    md5_number_lower(payload) as payload_md5,
    asked_at,
    coalesce(head.is_deleted, false) as is_trashed
from records
