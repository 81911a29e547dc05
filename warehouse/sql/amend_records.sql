-- What we keep of the changed: a row with another payload goes, for `insert_records` puts a new one in its place; of the
-- others only what they say of themselves is written. An update of a payload would have the payloads of all its many
-- neighbours packed anew; and what came last stands together, so that the ledgers unpack little beside it.

merge into raw.records as kept
using (
    select seen.*, changed.is_newer, changed.is_different, changed.is_later
    from seen
    inner join changed using (id)
) as seen
    on kept.stream = $stream and kept.id = seen.id
when matched and seen.is_newer and seen.is_different then delete
when matched and seen.is_newer and seen.is_later then update set
    version = seen.version,
    payload_at = seen.asked_at,
    is_deleted = false,
    deleted_at = null,
    flag_at = seen.asked_at
when matched and seen.is_newer then update set
    version = seen.version,
    payload_at = seen.asked_at
when matched and seen.is_later then update set
    is_deleted = false,
    deleted_at = null,
    flag_at = seen.asked_at
