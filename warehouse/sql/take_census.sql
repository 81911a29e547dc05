-- What the pages just seen say of every object: enough to compare stages and sums.

insert into raw.census
select
    $stream,
    id,
    asked_at,
    cast(payload ->> '$.pipeline_id' as bigint),
    cast(payload ->> '$.status_id' as bigint),
    cast(coalesce(payload ->> '$.price_with_minor_units', payload ->> '$.price') as decimal(18, 2))
from seen
