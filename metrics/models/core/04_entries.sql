-- Owners, then stages with the owner of the moment.

delete from core.owner_entries where deal_id in (select deal_id from touched_deals);

insert into core.owner_entries
select deal_id, seq, cast(value as bigint), entered_at, left_at, changed_by, known_by
from histories
where subject = 'owner';

-- Owners by moment: an owner for no time at all answers for nothing; the first one also for what is dated before him.
create or replace temp table owners as
select
    deal_id,
    cast(value as bigint) as owner_id,
    case
        when row_number() over (partition by deal_id order by seq) = 1 then timestamp '1900-01-01'
        else entered_at
    end as entered_at
from histories
where subject = 'owner' and (left_at is null or left_at > entered_at);

delete from core.stage_entries where deal_id in (select deal_id from touched_deals);

create or replace temp table stages as
with entries as (

    select
        deal_id,
        seq,
        cast(split_part(value, '/', 1) as bigint) as pipeline_id,
        cast(nullif(split_part(value, '/', 2), '') as bigint) as status_id,
        entered_at,
        left_at,
        changed_by,
        known_by
    from histories
    where subject = 'stage' and value is not null

),

stepped as (

    select
        entries.*,
        pipelines.kind,
        case
            when entries.status_id is null and pipelines.kind in ('sales', 'service') then 'new'
            else statuses.step
        end as step,
        case
            when entries.status_id is null and pipelines.kind in ('sales', 'service') then 0
            else statuses.rank
        end as rank
    from entries
    left join core.pipelines as pipelines using (pipeline_id)
    left join core.statuses as statuses using (pipeline_id, status_id)

)

select
    stepped.*,
    lag(step) over (partition by stepped.deal_id order by seq) as previous_step,
    owners.owner_id as manager_id
from stepped
asof left join owners
    on owners.deal_id = stepped.deal_id and stepped.entered_at >= owners.entered_at;

insert into core.stage_entries
select
    deal_id,
    seq,
    pipeline_id,
    status_id,
    step,
    rank,
    previous_step,
    entered_at,
    left_at,
    local_day(entered_at),
    changed_by,
    manager_id,
    known_by
from stages;
