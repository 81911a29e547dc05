-- Touched incoming leads. The list shows those that wait; one that left it was accepted or declined by then.

delete from core.unsorted where deal_id in (select id from raw.touched where stream = 'unsorted');

insert into core.unsorted by name
with told as (

    select
        id as deal_id,
        is_deleted,
        deleted_at,
        from_json(
            payload,
            '{
                "uid": "VARCHAR", "category": "VARCHAR", "source_name": "VARCHAR", "pipeline_id": "BIGINT",
                "created_at": "BIGINT", "_embedded": {"contacts": [{"id": "BIGINT"}]}
            }'
        ) as request
    from raw.records
    where
        stream = 'unsorted'
        and payload_md5 is not null
        and id in (select id from raw.touched where stream = 'unsorted')

)

select
    deal_id,
    request.uid as uid,
    request.category as category,
    request.source_name as source,
    request.pipeline_id as pipeline_id,
    request._embedded.contacts[1].id as contact_id,
    unix_moment(request.created_at) as came_at,
    local_day(unix_moment(request.created_at)) as came_on,
    not is_deleted as is_waiting,
    case when is_deleted then deleted_at end as left_at
from told;
