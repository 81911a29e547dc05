-- Who was merged into whom. amoCRM tells only that a deal took others in («entity_merged», without their names), and
-- that others went away. A deal that lies in the trash since that very moment is held for taken in where it shares a
-- contact with the survivor, or where the same person did both within two seconds. A deal that came back is not merged.

create or replace temp table merges_now as
with survivors as (

    select events.entity_id as survivor_id, events.created_at as moment, events.created_by
    from raw.events as events
    where events.type = 'entity_merged' and events.entity_type = 'lead'

),

gone as (

    select
        records.id as deal_id,
        coalesce(last_deletion.moment, records.deleted_at) as moment,
        last_deletion.created_by,
        list_transform(json_extract(records.payload, '$._embedded.contacts[*].id'), lambda id: cast(id as bigint))
            as contacts
    from raw.records as records
    left join (
        select
            entity_id,
            max(created_at) filter (type = 'lead_deleted') as moment,
            arg_max(created_by, created_at) filter (type = 'lead_deleted') as created_by,
            arg_max(type, (created_at, id)) as last_type
        from raw.events
        where entity_type = 'lead' and type in ('lead_deleted', 'lead_restored')
        group by entity_id
    ) as last_deletion
        on last_deletion.entity_id = records.id
    where
        records.stream = 'leads'
        and (select count(*) from survivors) > 0
        and records.is_deleted
        and coalesce(last_deletion.last_type, 'lead_deleted') = 'lead_deleted'

),

candidates as (

    select
        gone.deal_id,
        survivors.survivor_id,
        survivors.moment as merged_at,
        case
            when list_has_any(
                gone.contacts,
                list_transform(
                    json_extract(kept.payload, '$._embedded.contacts[*].id'), lambda id: cast(id as bigint)
                )
            ) then 'contact'
            when
                gone.created_by = survivors.created_by
                and abs(epoch(gone.moment) - epoch(survivors.moment)) <= 2
                then 'author'
        end as evidence,
        abs(epoch(gone.moment) - epoch(survivors.moment)) as distance
    from gone
    inner join survivors
        on
            survivors.survivor_id <> gone.deal_id
            and survivors.moment between gone.moment - interval 10 second and gone.moment + interval 10 second
    inner join raw.records as kept
        on kept.stream = 'leads' and kept.id = survivors.survivor_id
            -- What went into the trash later, or was taken in itself, had taken in what it had.
            and (not kept.is_deleted or kept.deleted_at > survivors.moment + interval 10 second)

),

-- A merge takes in four deals at most. Where a contact proves it, a deletion at the same moment proves nothing more;
-- and more deletions than a merge can take in are somebody clearing up.
weighed as (

    select
        *,
        bool_or(evidence = 'contact') over event as is_proven,
        count(*) over event as deletions
    from candidates
    where evidence is not null
    window event as (partition by survivor_id, merged_at)

)

select deal_id, survivor_id, merged_at, local_day(merged_at) as merged_on, evidence
from weighed
where evidence = 'contact' or (not is_proven and deletions <= 4)
qualify row_number() over (
    partition by deal_id order by evidence = 'contact' desc, distance, survivor_id
) = 1;

create or replace temp table merges_changed as
(from core.merges except from merges_now)
union
(from merges_now except from core.merges);

-- What was told of one that was taken in is told of the survivor, before and after.
create or replace temp table survivors_then as from survivors;

delete from core.merges;

insert into core.merges by name from merges_now;

insert into raw.touched
select 'leads', deal_id from merges_changed
union
select 'leads', expenses.deal_id
from core.expenses as expenses
inner join (select * from survivors_then union select * from survivors) as ways
    on expenses.target_id in (ways.deal_id, ways.survivor_id)
where ways.deal_id in (select deal_id from merges_changed)
union
select 'leads', ways.survivor_id
from (select * from survivors_then union select * from survivors) as ways
where
    ways.deal_id in (select deal_id from merges_changed)
    or ways.deal_id in (select id from raw.touched where stream = 'leads');
