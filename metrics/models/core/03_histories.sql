-- One algorithm for every history: of the stage, the owner, the budget, the amount field, the source and the day of
-- installation of a deal.
--
-- The origin is what the first event changed away from; then every event in the order of (moment, id); where an
-- event starts from a state that nobody told of, that state is put in («inferred»); and where the payload is newer than
-- the last event and differs from it, the difference stands provisionally («snapshot») until its event arrives.
-- So the result depends on what is known, never on the order in which it came.

create or replace temp table changes as
with told as (

    select
        id as event_id,
        entity_id as deal_id,
        created_at as moment,
        created_by as changed_by,
        type,
        value_before,
        value_after,
        cast(coalesce(
            value_after ->> '$[0].custom_field_value.field_id',
            value_before ->> '$[0].custom_field_value.field_id',
            nullif(regexp_extract(type, '^custom_field_(\d+)_value_changed$', 1), '')
        ) as bigint) as field_id
    from raw.events
    where entity_type = 'lead' and entity_id in (select deal_id from parsed) -- a card that nobody saw has no history

),

named as (

    select told.*, roles.role
    from told
    left join core.roles as roles
        on
            told.field_id = roles.field_id
            and roles.role in ('contract_amount', 'source', 'installation_date')

),

valued as (

    select
        deal_id,
        moment,
        event_id,
        changed_by,
        case
            when type = 'lead_status_changed' then 'stage'
            when type = 'entity_responsible_changed' then 'owner'
            when type = 'sale_field_changed' then 'price'
            when role = 'contract_amount' then 'amount'
            when role = 'source' then 'source'
            when role = 'installation_date' then 'installation'
        end as subject,
        unnest([
            {side: 'before', value: value_before},
            {side: 'after', value: value_after}
        ]) as told
    from named

),

words as (

    select
        * exclude (told),
        told.side as side,
        case subject
            when 'stage' then
                (told.value ->> '$[0].lead_status.pipeline_id') || '/' || (told.value ->> '$[0].lead_status.id')
            when 'owner' then told.value ->> '$[0].responsible_user.id'
            when 'price' then cast(money(json_extract_string(told.value, '$[0].*.*')[1]) as varchar)
            when 'amount' then cast(money(told.value ->> '$[0].custom_field_value.text') as varchar)
            when 'source' then coalesce(
                (
                    select any_value(label)
                    from core.options
                    where
                        enum_id = cast(told.value ->> '$[0].custom_field_value.enum_id' as bigint)
                        and field_id = cast(told.value ->> '$[0].custom_field_value.field_id' as bigint)
                ),
                nullif(told.value ->> '$[0].custom_field_value.text', '')
            )
            when 'installation' then cast(typed_day(told.value ->> '$[0].custom_field_value.text') as varchar)
        end as value
    from valued
    where subject is not null

)

select
    subject,
    deal_id,
    moment,
    event_id,
    any_value(changed_by) as changed_by,
    max(value) filter (side = 'before') as value_before,
    max(value) filter (side = 'after') as value_after
from words
group by all;

create or replace temp table present as
select deal_id, 'stage' as subject, pipeline_id || '/' || status_id as value from parsed
union all
select deal_id, 'owner', cast(owner_id as varchar) from parsed
union all
select deal_id, 'price', cast(price as varchar) from parsed
union all
select parsed.deal_id, 'amount', cast(money(role_values.words) as varchar)
from parsed
left join role_values
    on role_values.deal_id = parsed.deal_id and role_values.role = 'contract_amount'
union all
select parsed.deal_id, 'source', role_values.words
from parsed
left join role_values
    on role_values.deal_id = parsed.deal_id and role_values.role = 'source'
union all
select parsed.deal_id, 'installation', cast(typed_day(role_values.words) as varchar)
from parsed
left join role_values
    on role_values.deal_id = parsed.deal_id and role_values.role = 'installation_date'
where
    role_values.words is not null
    or parsed.deal_id in (select deal_id from changes where subject = 'installation');

create or replace temp table histories as
with linked as (

    select
        *,
        lag(value_after) over chain as known_before,
        row_number() over chain as number
    from changes
    window chain as (partition by subject, deal_id order by moment, event_id)

),

ends as (

    select
        subject,
        deal_id,
        arg_min(value_before, number) filter (value_before is not null and number = 1) as first_before,
        min(moment) as first_moment,
        arg_max({value: value_after}, number).value as last_value,
        max(moment) as last_moment
    from linked
    group by subject, deal_id

),

origins as (

    select
        present.subject,
        present.deal_id,
        case
            when ends.deal_id is not null then ends.first_before
            when present.subject = 'stage' and parsed.closed_at > parsed.created_at then parsed.pipeline_id || '/'
            else present.value
        end as value,
        least(parsed.created_at, coalesce(ends.first_moment, parsed.created_at)) as moment,
        '' as event_id,
        0 as place,
        parsed.created_by as changed_by,
        'created' as known_by
    from present
    inner join parsed using (deal_id)
    left join ends using (subject, deal_id)

),

gaps as (

    select subject, deal_id, value_before, moment, event_id, 1, null::bigint, 'inferred'
    from linked
    where number > 1 and value_before is distinct from known_before

),

steps as (

    select subject, deal_id, value_after, moment, event_id, 2, changed_by, 'event'
    from linked
    where
        value_after is distinct from value_before
        or (number > 1 and value_after is distinct from known_before)

),

tails as (

    select
        present.subject,
        present.deal_id,
        present.value,
        case
            when ends.deal_id is null then parsed.closed_at
            else greatest(parsed.updated_at, ends.last_moment)
        end,
        '~',
        3,
        parsed.updated_by,
        'snapshot'
    from present
    inner join parsed using (deal_id)
    left join ends using (subject, deal_id)
    where
        (
            ends.deal_id is not null
            and present.value is distinct from ends.last_value
            and parsed.updated_at >= ends.last_moment
        )
        or (ends.deal_id is null and present.subject = 'stage' and parsed.closed_at > parsed.created_at)

),

points as (

    select * from origins
    union all
    select * from gaps
    union all
    select * from steps
    union all
    select * from tails

)

select
    subject,
    deal_id,
    cast(row_number() over chain as integer) as seq,
    value,
    moment as entered_at,
    lead(moment) over chain as left_at,
    -- What orders the histories among each other: several things happen in one second, and event ids tell which first.
    strftime(moment, '%Y%m%dT%H%M%S') || '/' || event_id || '/' || place as key,
    changed_by,
    known_by
from points
window chain as (partition by subject, deal_id order by moment, event_id, place);
