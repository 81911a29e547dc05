-- The day of installation over time: the first one known, then each time it was moved, taken out or typed anew.

delete from core.installation_changes where deal_id in (select deal_id from touched_deals);

insert into core.installation_changes by name
with days as (

    select
        deal_id,
        seq,
        entered_at,
        key,
        changed_by,
        known_by,
        cast(value as date) as day_after
    from histories
    where subject = 'installation'

),

compared as (

    select
        *,
        lag(day_after) over (partition by deal_id order by seq) as day_that_stood,
        last_value(day_after ignore nulls) over (
            partition by deal_id order by seq rows between unbounded preceding and 1 preceding
        ) as day_before
    from days

),

changed as (

    select *
    from compared
    where day_after is distinct from day_that_stood

),

owned as (

    select changed.deal_id, changed.seq, arg_max({id: owners.owner_id}, owners.key).id as manager_id
    from changed
    inner join owners
        on owners.deal_id = changed.deal_id and owners.key <= changed.key
    group by changed.deal_id, changed.seq

)

select
    changed.deal_id,
    cast(row_number() over (partition by changed.deal_id order by changed.seq) as integer) as seq,
    changed.entered_at as changed_at,
    local_day(changed.entered_at) as changed_on,
    changed.day_before,
    changed.day_after,
    changed.changed_by,
    owned.manager_id,
    changed.known_by
from changed
left join owned using (deal_id, seq);
