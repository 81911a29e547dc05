-- What fields, options, pipelines, stages and people are called, and were called: a row for each label and its time.
-- `since` is null for what was there at the first look. Whatever is gone or called otherwise has its label closed.

create or replace temp table labels_now as
with told as (

    select id, payload
    from raw.records
    where stream = $stream and not is_deleted and payload_md5 is not null

)

select id, cast(null as bigint) as part_id, payload ->> '$.name' as label
from told
union all
select id, cast(option ->> '$.id' as bigint), option ->> '$.value'
from told, unnest(json_extract(payload, '$.enums[*]')) as options(option)
union all
select id, cast(stage ->> '$.id' as bigint), stage ->> '$.name'
from told, unnest(json_extract(payload, '$._embedded.statuses[*]')) as stages(stage);

update core.labels
set until = $noticed
where
    stream = $stream
    and until is null
    and not exists (
        select 1
        from labels_now as now
        where
            now.id = labels.id
            and now.part_id is not distinct from labels.part_id
            and now.label is not distinct from labels.label
    );

insert into core.labels
select
    $stream,
    now.id,
    now.part_id,
    now.label,
    case when exists (select 1 from core.labels where stream = $stream) then $noticed end,
    null
from labels_now as now
where
    now.label is not null
    and not exists (
        select 1
        from core.labels as kept
        where
            kept.stream = $stream
            and kept.until is null
            and kept.id = now.id
            and kept.part_id is not distinct from now.part_id
            and kept.label = now.label
    )
