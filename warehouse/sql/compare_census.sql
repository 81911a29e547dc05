-- The account and the warehouse by pipeline and stage. A deal that we heard of again after the census page that
-- showed it has a right to differ: `changed_since` counts those, and they are compared as the census saw them.

with ours as (

    select
        records.id,
        records.is_deleted,
        cast(payload ->> '$.pipeline_id' as bigint) as pipeline_id,
        cast(payload ->> '$.status_id' as bigint) as status_id,
        cast(coalesce(payload ->> '$.price_with_minor_units', payload ->> '$.price') as decimal(18, 2)) as price,
        greatest(records.payload_at, records.flag_at) as heard_at
    from raw.records as records
    where stream = $stream and payload_md5 is not null

),

theirs as (

    select * exclude (stream)
    from raw.census
    where stream = $stream
    qualify row_number() over (partition by id order by asked_at desc) = 1

),

paired as (

    select
        theirs.id is not null as is_theirs,
        ours.id is not null and not ours.is_deleted as is_ours,
        theirs.pipeline_id as their_pipeline,
        theirs.status_id as their_status,
        coalesce(theirs.price, 0) as their_price,
        ours.pipeline_id as our_pipeline,
        ours.status_id as our_status,
        coalesce(ours.price, 0) as our_price,
        coalesce(ours.heard_at > coalesce(theirs.asked_at, $since), false) as is_newer
    from ours
    full join theirs on theirs.id = ours.id

),

sides as (

    select their_pipeline as pipeline_id, their_status as status_id, 1 as live, their_price as live_amount,
        0 as our, 0 as our_amount, 0 as newer
    from paired
    where is_theirs
    union all
    select
        if(is_newer and is_theirs, their_pipeline, our_pipeline),
        if(is_newer and is_theirs, their_status, our_status),
        0,
        0,
        1,
        if(is_newer and is_theirs, their_price, our_price),
        if(is_newer, 1, 0)
    from paired
    where (is_ours and (is_theirs or not is_newer)) or (is_theirs and is_newer and not is_ours)

)

select
    pipeline_id,
    status_id,
    cast(sum(live) as bigint) as live_deals,
    cast(sum(live_amount) as decimal(18, 2)) as live_amount,
    cast(sum(our) as bigint) as our_deals,
    cast(sum(our_amount) as decimal(18, 2)) as our_amount,
    cast(sum(newer) as bigint) as changed_since
from sides
group by pipeline_id, status_id
order by pipeline_id, status_id
