-- A tombstone marks the object deleted and leaves its last payload readable.

merge into raw.records as kept
using (
    select seen.*, changed.is_newer, changed.is_later
    from seen
    inner join changed using (id)
) as seen
    on kept.stream = $stream and kept.id = seen.id
when matched then update set
    is_deleted = true,
    deleted_at = seen.version,
    flag_at = seen.asked_at
when not matched then insert
    (stream, id, version, payload_at, payload, payload_md5, is_deleted, deleted_at, flag_at)
    values ($stream, seen.id, seen.version, seen.asked_at, null, null, true, seen.version, seen.asked_at)
