-- Touched tasks. When and by whom one was done, only an event tells; one that was opened again is not done.

delete from core.tasks where task_id in (select id from raw.touched where stream = 'tasks');

insert into core.tasks by name
with told as (

    select
        records.id as task_id,
        records.version as updated_at,
        records.is_deleted,
        from_json(
            records.payload,
            '{
                "entity_type": "VARCHAR", "entity_id": "BIGINT", "responsible_user_id": "BIGINT",
                "task_type_id": "BIGINT", "text": "VARCHAR", "created_by": "BIGINT", "created_at": "BIGINT",
                "complete_till": "BIGINT", "is_completed": "BOOLEAN", "result": {"text": "VARCHAR"}
            }'
        ) as task
    from raw.records as records
    where records.rowid in (
        select rowid
        from raw.records
        where
            stream = 'tasks'
            and payload_md5 is not null
            and id in (select id from raw.touched where stream = 'tasks')
    )

),

happened as (

    select
        entity_id as task_id,
        max(created_at) filter (type = 'task_completed') as completed_at,
        arg_max(created_by, (created_at, id)) filter (type = 'task_completed') as completed_by,
        bool_or(type = 'task_deleted') as is_deleted
    from raw.events
    where entity_type = 'task' and entity_id in (select task_id from told)
    group by entity_id

)

select
    told.task_id,
    case when task.entity_type = 'leads' then task.entity_id end as deal_id,
    task.entity_type as entity_type,
    task.entity_id as entity_id,
    task.responsible_user_id as owner_id,
    task.task_type_id as type_id,
    task.text as text,
    task.result.text as result,
    task.created_by as created_by,
    unix_moment(task.created_at) as created_at,
    local_day(unix_moment(task.created_at)) as created_on,
    unix_moment(task.complete_till) as due_at,
    local_day(unix_moment(task.complete_till)) as due_on,
    coalesce(task.is_completed, false) as is_completed,
    case when task.is_completed then happened.completed_at end as completed_at,
    case when task.is_completed then local_day(happened.completed_at) end as completed_on,
    case when task.is_completed then happened.completed_by end as completed_by,
    told.updated_at,
    told.is_deleted or coalesce(happened.is_deleted, false) as is_deleted
from told
left join happened using (task_id);

-- What the kinds of tasks are called stands with the account; the two that every account has are often not listed.
create or replace temp table task_types as
select
    coalesce(told.type_id, usual.type_id) as type_id,
    coalesce(told.name, usual.name) as name
from (
    select cast(type ->> '$.id' as bigint) as type_id, type ->> '$.name' as name
    from raw.records as records, unnest(json_extract(payload, '$._embedded.task_types[*]')) as types(type)
    where stream = 'account' and payload_md5 is not null
) as told
full join (values (1, 'Связаться'), (2, 'Встреча')) as usual(type_id, name) using (type_id);

update core.tasks
set type = task_types.name
from task_types
where task_types.type_id = tasks.type_id and tasks.type is distinct from task_types.name;
