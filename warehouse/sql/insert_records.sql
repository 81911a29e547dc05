-- What is new or has another payload. One row per key by construction; no index is leaned on. What was known of the trash
-- stays where the page is older than that.

insert into raw.records
    (stream, id, version, payload_at, payload, payload_md5, is_deleted, deleted_at, flag_at)
select
    $stream,
    seen.id,
    seen.version,
    seen.asked_at,
    seen.payload,
    seen.payload_md5,
    changed.was_deleted and not changed.is_later,
    if(changed.is_later, null, changed.was_deleted_at),
    if(changed.is_later, seen.asked_at, changed.was_flagged_at)
from seen
inner join changed using (id)
where changed.is_newer and changed.is_different
