-- Small tables beside the ledgers, made whole from the last snapshots; what vanished keeps its last name.

delete from core.users;

insert into core.users
select
    id,
    payload ->> '$.name',
    coalesce(payload ->> '$.rights.is_active' = 'true', false) and not is_deleted,
    coalesce(
        cast(payload ->> '$.rights.group_id' as bigint), cast(payload ->> '$._embedded.groups[0].id' as bigint)
    ),
    coalesce(cast(payload ->> '$.rights.role_id' as bigint), cast(payload ->> '$._embedded.roles[0].id' as bigint))
from raw.records
where stream = 'users' and payload_md5 is not null;

delete from core.loss_reasons;

insert into core.loss_reasons
select id, payload ->> '$.name'
from raw.records
where stream = 'loss_reasons' and payload_md5 is not null;

delete from core.pipelines;

insert into core.pipelines
select
    id,
    payload ->> '$.name',
    kind_map.kind,
    cast(payload ->> '$.sort' as integer),
    coalesce(payload ->> '$.is_archive' = 'true', false) or is_deleted
from raw.records
left join kind_map on kind_map.pipeline_id = id
where stream = 'pipelines' and payload_md5 is not null;

delete from core.statuses;

-- A status that is not mapped stands where its sort puts it: at the last mapped step of the path before it.
insert into core.statuses
with told as (

    select
        records.id as pipeline_id,
        cast(status ->> '$.id' as bigint) as status_id,
        status ->> '$.name' as name,
        cast(status ->> '$.sort' as integer) as sort
    from raw.records as records, unnest(json_extract(payload, '$._embedded.statuses[*]')) as statuses(status)
    where stream = 'pipelines' and payload_md5 is not null

),

mapped as (

    select told.*, step_map.step, path.rank, pipelines.kind
    from told
    inner join core.pipelines as pipelines using (pipeline_id)
    left join step_map using (pipeline_id, status_id)
    left join path using (step)

),

placed as (

    select
        *,
        max(rank) over (
            partition by pipeline_id order by sort, status_id
            rows between unbounded preceding and current row
        ) as rank_so_far
    from mapped

)

select
    placed.pipeline_id,
    placed.status_id,
    placed.name,
    placed.sort,
    case when placed.kind in ('sales', 'service') then coalesce(placed.step, path.step, 'new') end,
    case
        when placed.kind in ('sales', 'service') and placed.step is null then coalesce(placed.rank_so_far, 0)
        when placed.kind in ('sales', 'service') then placed.rank
    end
from placed
left join path on placed.step is null and path.rank = placed.rank_so_far;

delete from core.fields;

insert into core.fields
select id, payload ->> '$.code', payload ->> '$.name', payload ->> '$.type', is_deleted
from raw.records
where stream = 'lead_fields' and payload_md5 is not null;

delete from core.options;

-- What the options of select fields are called now.
insert into core.options
select
    records.id as field_id,
    cast(enum ->> '$.id' as bigint) as enum_id,
    enum ->> '$.value' as label
from raw.records as records, unnest(json_extract(payload, '$.enums[*]')) as enums(enum)
where stream = 'lead_fields' and payload_md5 is not null;
