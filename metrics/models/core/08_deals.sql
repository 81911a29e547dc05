-- One row per deal: its state, and every fact that a mart would otherwise have to find again in the history.

delete from core.deals where deal_id in (select deal_id from touched_deals);

create or replace temp table dated as
select
    parsed.* exclude (tags, elements, fields),
    reached.* exclude (deal_id),
    coalesce(day_begins(role_facts.lead_on), parsed.created_at) as lead_at,
    coalesce(role_facts.lead_on, local_day(parsed.created_at)) as lead_on,
    role_facts.* exclude (deal_id, lead_on, contract_on),
    contracts.contract_at,
    contracts.contract_on,
    coalesce(voided.is_void, false) as is_void,
    case when voided.is_void then greatest(voided.moment, contracts.contract_at) end as void_at,
    coalesce(binned.is_deleted, false) as is_binned,
    case when binned.is_deleted then binned.moment end as binned_at
from parsed
inner join reached using (deal_id)
left join role_facts using (deal_id)
left join contracts using (deal_id)
left join (
    select deal_id, arg_max(is_void, (moment, place)) as is_void, arg_max(moment, (moment, place)) as moment
    from standing
    group by deal_id
) as voided using (deal_id)
left join (
    select deal_id, arg_max(is_deleted, (moment, number)) as is_deleted, max(moment) as moment
    from trashed
    group by deal_id
) as binned using (deal_id);

insert into core.deals by name
with first_sources as (

    select deal_id, arg_min(value, seq) as source
    from histories
    where subject = 'source' and value is not null
    group by deal_id

),

latest_amounts as (

    select deal_id, arg_max({value: amount}, seq).value as amount
    from amounts
    group by deal_id

)

select
    dated.deal_id,
    dated.name,
    dated.pipeline_id,
    dated.status_id,
    dated.step,
    dated.owner_id,
    dated.contact_id,
    dated.company_id,
    dated.price,
    coalesce(dated.is_sale, false) as is_sale,
    dated.is_binned as is_deleted,
    dated.binned_at as deleted_at,
    dated.created_at,
    dated.updated_at,
    dated.closed_at,
    dated.lead_at,
    dated.lead_on,
    if(dated.processed_by is null, dated.owner_id, dated.processed_by.id) as lead_manager_id,
    first_sources.source,
    dated.call_result,
    dated.product,
    loss_reasons.name as loss_reason,
    latest_amounts.amount as contract_amount,
    dated.contract_at,
    dated.contract_on,
    signers.manager_id as contract_manager_id,
    dated.contract_on is not null as is_signed,
    dated.contract_on is not null and dated.is_void as is_cancelled,
    case when dated.contract_on is not null then local_day(dated.void_at) end as cancelled_on,
    dated.measure_at,
    local_day(dated.measure_at) as measure_on,
    dated.measure_manager_id,
    dated.contract_reached_at,
    local_day(dated.contract_reached_at) as contract_reached_on,
    dated.contract_reached_manager_id,
    case when dated.step = 'won' then local_day(dated.won_at) end as won_on,
    coalesce(dated.step = 'lost', false) as is_lost,
    case when dated.step = 'lost' then local_day(dated.lost_at) end as lost_on,
    dated.installation_on,
    dated.discount_amount,
    coalesce(dated.typed_act_on, case when dated.step = 'won' then local_day(dated.won_at) end) as act_on,
    dated.list_amount,
    dated.currency,
    dated.deal_id in (select deal_id from trials) as is_test,
    dated.expected_on
from dated
left join first_sources using (deal_id)
left join latest_amounts using (deal_id)
left join core.loss_reasons as loss_reasons using (loss_reason_id)
left join signers using (deal_id);
