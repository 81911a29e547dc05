-- The bound on created_at keeps the look-up to the part of the table that these events could be in.

create or replace temp table new_events as
select seen.*
from seen_events as seen
where not exists (
    select 1
    from raw.events as kept
    where
        kept.id = seen.id
        and kept.created_at between
            (select min(created_at) from seen_events) and (select max(created_at) from seen_events)
)
