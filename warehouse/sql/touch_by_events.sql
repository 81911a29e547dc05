-- New events → the objects whose rows they change. A deleted note is named in the value, not as the entity.

insert into raw.touched
select distinct
    case entity_type when 'lead' then 'leads' when 'task' then 'tasks' end,
    entity_id
from new_events
where entity_type in ('lead', 'task') and type <> 'common_note_deleted'
union
select
    entity_type || '_notes',
    cast(coalesce(value_after ->> '$[0].note.id', value_before ->> '$[0].note.id') as bigint)
from new_events
where
    type = 'common_note_deleted'
    and coalesce(value_after ->> '$[0].note.id', value_before ->> '$[0].note.id') is not null
