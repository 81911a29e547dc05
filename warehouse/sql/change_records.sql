-- What of the seen would change the kept (`is_news`). Seeing the same again is no news and writes nothing – but of what
-- changed a moment ago the time of the look is kept too, so that a page asked earlier and merged later stays older. (What
-- has no date of its own is dated by the look, and is never fresh: else every look at a small collection would write it.)
--
-- Newest wins: by the source's moment, among equals by the moment we asked; a census, read well after the fact, is
-- believed whatever the date on the object says ($by_census). Alive or trashed: by the moment we asked alone, since a
-- list shows what is there now, whatever the object's own date.
--
-- No payload is touched here: unpacking those we keep would cost seconds in a large account.

create or replace temp table changed as
with compared as (

    select
        seen.id,
        kept.id is null as is_new,
        coalesce(
            kept.payload_md5 is null
            or (seen.version, seen.asked_at) >= (kept.version, kept.payload_at)
            or ($by_census and seen.asked_at >= kept.payload_at),
            true
        ) as is_newer,
        kept.payload_md5 is distinct from seen.payload_md5 as is_different,
        coalesce(seen.asked_at >= kept.flag_at, true) as is_later,
        coalesce(kept.is_deleted, false) as was_deleted,
        kept.deleted_at as was_deleted_at,
        kept.flag_at as was_flagged_at,
        kept.deleted_at is distinct from seen.version as is_other_deletion,
        seen.version <> seen.asked_at and seen.asked_at - seen.version < interval 15 minute as is_fresh
    from seen
    left join raw.records as kept
        on kept.stream = $stream and kept.id = seen.id

),

judged as (

    select
        *,
        case
            when is_new then true
            when $tombstones then is_later and (not was_deleted or is_other_deletion)
            else (is_newer and is_different) or (was_deleted and is_later)
        end as is_news
    from compared

)

select id, is_new, is_newer, is_different, is_later, is_news, was_deleted, was_deleted_at, was_flagged_at
from judged
where is_news or (is_fresh and is_later and not $tombstones)
