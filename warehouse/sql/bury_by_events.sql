-- Notes and tasks have no trash and no stub: that one is gone, only its event tells, and it does not come back.

update raw.records as kept
set
    is_deleted = true,
    deleted_at = gone.moment,
    flag_at = greatest(kept.flag_at, gone.moment)
from (
    select stream, id, max(moment) as moment
    from (
        select 'tasks' as stream, entity_id as id, created_at as moment
        from new_events
        where entity_type = 'task' and type = 'task_deleted'
        union all
        select
            entity_type || '_notes',
            cast(coalesce(value_after ->> '$[0].note.id', value_before ->> '$[0].note.id') as bigint),
            created_at
        from new_events
        where type = 'common_note_deleted'
    )
    group by stream, id
) as gone
where kept.stream = gone.stream and kept.id = gone.id and not kept.is_deleted
