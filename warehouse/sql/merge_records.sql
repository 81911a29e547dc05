-- Keep what changed. One row per key by construction; no index is leaned on.

merge into raw.records as kept
using (
    select seen.*, changed.is_newer, changed.is_later
    from seen
    inner join changed using (id)
) as seen
    on kept.stream = $stream and kept.id = seen.id
when matched then update set
    version = case when seen.is_newer then seen.version else kept.version end,
    payload_at = case when seen.is_newer then seen.asked_at else kept.payload_at end,
    payload = case when seen.is_newer then seen.payload else kept.payload end,
    is_deleted = case when seen.is_later then false else kept.is_deleted end,
    deleted_at = case when seen.is_later then null else kept.deleted_at end,
    flag_at = greatest(kept.flag_at, seen.asked_at)
when not matched then insert
    (stream, id, version, payload_at, payload, is_deleted, deleted_at, flag_at)
    values ($stream, seen.id, seen.version, seen.asked_at, seen.payload, false, null, seen.asked_at)
