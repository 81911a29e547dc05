-- When a deal was signed, by whom, and when it stopped and began again to count.

create or replace temp table reached as
select
    deal_id,
    -- A deal that was merged into another one counts there; a trial counts nowhere.
    bool_or(kind = 'sales')
        and deal_id not in (select deal_id from core.merges)
        and deal_id not in (select deal_id from trials) as is_sale,
    min(entered_at) filter (rank >= (select rank from path where step = 'measure')) as measure_at,
    min(entered_at) filter (rank >= (select rank from path where step = 'contract')) as contract_reached_at,
    arg_min({id: manager_id}, seq) filter (
        seq >= greatest(2, first_sales_seq) and step is distinct from 'new'
    ) as processed_by,
    arg_min({id: manager_id}, seq) filter (
        rank >= (select rank from path where step = 'measure')
    ).id as measure_manager_id,
    arg_min({id: manager_id}, seq) filter (
        rank >= (select rank from path where step = 'contract')
    ).id as contract_reached_manager_id,
    arg_max({step: step}, seq).step as step,
    max(entered_at) filter (step = 'lost' and previous_step is distinct from 'lost') as lost_at,
    max(entered_at) filter (step = 'won' and previous_step is distinct from 'won') as won_at
from stages
group by deal_id;

create or replace temp table role_facts as
select
    deal_id,
    typed_day(max(words) filter (role = 'lead_date')) as lead_on,
    typed_day(max(words) filter (role = 'contract_date')) as contract_on,
    typed_day(max(words) filter (role = 'installation_date')) as installation_on,
    money(max(words) filter (role = 'discount')) as discount_amount,
    max(words) filter (role = 'call_result') as call_result,
    max(words) filter (role = 'product') as product,
    typed_day(max(words) filter (role = 'act_date')) as typed_act_on,
    typed_day(max(words) filter (role = 'expected_date')) as expected_on,
    money(max(words) filter (role = 'list_amount')) as list_amount,
    nullif(
        currency_code(max(words) filter (role = 'currency')), (select currency from core.settings)
    ) as currency
from role_values
group by deal_id;

create or replace temp table contracts as
select
    deal_id,
    on_day as contract_on,
    -- Signed on the day the stage was reached: that moment. Dated otherwise: the end of the day written down.
    if(is_dated_otherwise, day_begins(on_day + 1) - interval 1 second, contract_reached_at) as contract_at,
    day_begins(on_day + 1) as day_ends_at,
    if(is_dated_otherwise, null, contract_reached_manager_id) as manager_id
from (
    select
        reached.deal_id,
        reached.contract_reached_at,
        reached.contract_reached_manager_id,
        coalesce(local_day(reached.contract_reached_at) <> role_facts.contract_on, true)
            and role_facts.contract_on is not null as is_dated_otherwise,
        coalesce(role_facts.contract_on, local_day(reached.contract_reached_at)) as on_day
    from reached
    left join role_facts using (deal_id)
    where reached.is_sale
)
where on_day is not null;

-- Who answers for a contract: the owner when it was signed.
create or replace temp table signers as
select
    contracts.deal_id,
    coalesce(any_value(contracts.manager_id), arg_max({id: owners.owner_id}, owners.key).id) as manager_id
from contracts
left join owners
    on
        owners.deal_id = contracts.deal_id
        and owners.key <= strftime(contracts.contract_at, '%Y%m%dT%H%M%S') || '/~~'
group by contracts.deal_id;

-- Trash: events where they tell, else what the last look at the account showed.
create or replace temp table trashed as
with told as (

    select
        entity_id as deal_id,
        created_at as moment,
        type = 'lead_deleted' as is_deleted,
        row_number() over (partition by entity_id order by created_at, id) as number,
        row_number() over (partition by entity_id order by created_at desc, id desc) as number_from_end
    from raw.events
    where
        entity_type = 'lead'
        and type in ('lead_deleted', 'lead_restored')
        and entity_id in (select deal_id from parsed)

),

seen as (

    select
        parsed.deal_id,
        case
            when parsed.is_deleted then greatest(parsed.deleted_at, coalesce(told.moment, parsed.deleted_at))
            else greatest(parsed.updated_at, told.moment)
        end as moment,
        parsed.is_deleted,
        coalesce(told.number, 0) + 1 as number
    from parsed
    left join told on told.deal_id = parsed.deal_id and told.number_from_end = 1
    where
        parsed.is_deleted is distinct from coalesce(told.is_deleted, false)
        and (told.moment is null or parsed.flag_at > told.moment)

)

-- Deleted and restored within one second: the number tells what came last.
select deal_id, moment, number, is_deleted from told
union all
select deal_id, moment, number, is_deleted from seen;

-- A contract counts while its deal is neither lost nor in the trash.
create or replace temp table standing as
with turns as (

    select deal_id, entered_at as moment, seq as place, {value: coalesce(step = 'lost', false)} as lost, null as trash
    from stages
    union all
    select deal_id, moment, 1000000 + number, null, {value: is_deleted}
    from trashed

),

states as (

    select
        deal_id,
        moment,
        place,
        coalesce(last_value(lost ignore nulls) over chain.value, false)
            or coalesce(last_value(trash ignore nulls) over chain.value, false) as is_void
    from turns
    window chain as (
        partition by deal_id order by moment, place rows between unbounded preceding and current row
    )

)

select deal_id, moment, place, is_void
from states
qualify is_void is distinct from coalesce(lag(is_void) over (partition by deal_id order by moment, place), false);
