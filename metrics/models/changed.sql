-- Every ledger row that is another one at $until than at $since: its first and its last state, the last event that the
-- account told of the deal by then, and the last edit of its card. `states` holds the rows as they were at both moments.

with changes as (

    select
        ledger,
        deal_id,
        key,
        max(run_id) as run_id,
        max(changed_at) as changed_at
    from history.changes
    where changed_at > $since and changed_at <= $until
    group by ledger, deal_id, key

),

told as (

    select
        events.id,
        events.entity_id as deal_id,
        events.type,
        events.created_at,
        coalesce(users.name, cast(events.created_by as varchar)) as who
    from raw.events as events
    left join core.users as users on events.created_by = users.user_id
    where events.entity_type = 'lead' and events.entity_id in (select deal_id from changes)

),

cards as (

    select
        records.id as deal_id,
        make_timestamp(cast(records.payload ->> '$.updated_at' as bigint) * 1000000) as edited_at,
        coalesce(users.name, records.payload ->> '$.updated_by') as who
    from raw.records as records
    left join core.users as users
        on try_cast(records.payload ->> '$.updated_by' as bigint) = users.user_id
    where records.stream = 'leads' and records.id in (select deal_id from changes)

)

select
    changes.ledger,
    changes.deal_id,
    changes.key,
    states.was,
    states.now,
    changes.run_id,
    changes.changed_at,
    arg_max(told.type, (told.created_at, told.id)) as event,
    max(told.created_at) as event_at,
    arg_max(told.who, (told.created_at, told.id)) as event_by,
    any_value(cards.edited_at) as edited_at,
    any_value(cards.who) as edited_by
from changes
left join states on changes.ledger = states.ledger and changes.deal_id = states.deal_id and changes.key = states.key
left join told on changes.deal_id = told.deal_id and told.created_at <= changes.changed_at
left join cards on changes.deal_id = cards.deal_id
where states.was is distinct from states.now or changes.deal_id is null
group by all
order by changes.deal_id nulls first, changes.ledger, changes.key
