-- What of the seen would change the kept. Seeing the same again changes nothing, so it writes nothing.
-- Newest wins: by the source's moment, among equals by the moment we asked; a census, read well after the fact, is
-- believed whatever the date on the object says ($by_census). Alive or trashed: by the latter alone,
-- since a list shows what is there now, whatever the object's own date.

create or replace temp table changed as
select
    seen.id,
    seen.version,
    seen.payload,
    seen.asked_at,
    kept.id is null
        or kept.payload is null
        or (seen.version, seen.asked_at) >= (kept.version, kept.payload_at)
        or ($by_census and seen.asked_at >= kept.payload_at)
        as is_newer,
    kept.id is null or seen.asked_at >= kept.flag_at as is_later
from seen
left join raw.records as kept
    on kept.stream = $stream and kept.id = seen.id
where
    case
        when kept.id is null then true
        when $tombstones then
            seen.asked_at >= kept.flag_at
            and (not kept.is_deleted or kept.deleted_at is distinct from seen.version)
        else
            (
                (
                    kept.payload is null
                    or (seen.version, seen.asked_at) >= (kept.version, kept.payload_at)
                    or ($by_census and seen.asked_at >= kept.payload_at)
                )
                and kept.payload is distinct from seen.payload
            )
            or (kept.is_deleted and seen.asked_at >= kept.flag_at)
    end
