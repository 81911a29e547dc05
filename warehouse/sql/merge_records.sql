-- Keep what changed. One row per key by construction; no index is leaned on. Only what is new is written, and nothing
-- old is read: a payload is unpacked by nobody but the ledgers.

merge into raw.records as kept
using (
    select seen.*, changed.is_newer, changed.is_later
    from seen
    inner join changed using (id)
) as seen
    on kept.stream = $stream and kept.id = seen.id
when matched and seen.is_newer and seen.is_later then update set
    version = seen.version,
    payload_at = seen.asked_at,
    payload = seen.payload,
    payload_md5 = seen.payload_md5,
    is_deleted = false,
    deleted_at = null,
    flag_at = seen.asked_at
when matched and seen.is_newer then update set
    version = seen.version,
    payload_at = seen.asked_at,
    payload = seen.payload,
    payload_md5 = seen.payload_md5
when matched and seen.is_later then update set
    is_deleted = false,
    deleted_at = null,
    flag_at = seen.asked_at
when not matched then insert
    (stream, id, version, payload_at, payload, payload_md5, is_deleted, deleted_at, flag_at)
    values (
        $stream, seen.id, seen.version, seen.asked_at, seen.payload, seen.payload_md5, false, null, seen.asked_at
    )
