-- Owners, then stages with the owner of the moment.

delete from core.owner_entries where deal_id in (select deal_id from touched_deals);

insert into core.owner_entries
select deal_id, seq, cast(value as bigint), entered_at, left_at, changed_by, known_by
from histories
where subject = 'owner';

-- Owners in the order of all that happened; the first one answers also for what is dated before him.
create or replace temp table owners as
select deal_id, cast(value as bigint) as owner_id, if(seq = 1, '', key) as key
from histories
where subject = 'owner';

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
        key,
        changed_by,
        known_by
    from histories
    where subject = 'stage' and value is not null

),

placed as (

    select
        entries.*,
        pipelines.kind,
        min(entries.seq) filter (pipelines.kind = 'sales') over (partition by entries.deal_id) as first_sales_seq,
        coalesce(statuses.step, if(entries.status_id is null and pipelines.kind in ('sales', 'service'), 'new', null))
            as step,
        coalesce(statuses.rank, if(entries.status_id is null and pipelines.kind in ('sales', 'service'), 0, null))
            as rank
    from entries
    left join core.pipelines as pipelines using (pipeline_id)
    left join core.statuses as statuses using (pipeline_id, status_id)

),

-- The path begins where the deal first comes to sales: a repair that becomes a sale was no measurement before.
stepped as (

    select
        * exclude (step, rank),
        if(coalesce(seq < first_sales_seq, false), null, step) as step,
        if(coalesce(seq < first_sales_seq, false), null, rank) as rank
    from placed

),

-- A deal has few owners, so all of them are tried: an as-of join by text takes many times as long.
owned as (

    select stepped.deal_id, stepped.seq, arg_max({id: owners.owner_id}, owners.key).id as manager_id
    from stepped
    inner join owners
        on owners.deal_id = stepped.deal_id and owners.key <= stepped.key
    group by stepped.deal_id, stepped.seq

)

select
    stepped.*,
    lag(step) over (partition by stepped.deal_id order by seq) as previous_step,
    owned.manager_id
from stepped
left join owned using (deal_id, seq);

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
