-- A deal told in another currency is worth what it was on the day of its contract, before that on the day of the lead.
-- Without a rate its amounts are missing.

create or replace temp table deal_rates as
select dated.deal_id, rates.rate
from (
    select
        role_facts.deal_id,
        role_facts.currency,
        coalesce(contracts.contract_on, role_facts.lead_on, local_day(parsed.created_at)) as on_day
    from role_facts
    inner join parsed using (deal_id)
    left join contracts using (deal_id)
    where role_facts.currency is not null
) as dated
asof left join core.exchange_rates as rates
    on rates.currency = dated.currency and rates.on_day <= dated.on_day;

update amounts
set
    amount = in_base(amounts.amount, deal_rates.rate),
    amount_before = in_base(amounts.amount_before, deal_rates.rate)
from deal_rates
where deal_rates.deal_id = amounts.deal_id;

update core.amount_changes
set
    amount_after = in_base(amount_changes.amount_after, deal_rates.rate),
    amount_before = in_base(amount_changes.amount_before, deal_rates.rate)
from deal_rates
where deal_rates.deal_id = amount_changes.deal_id;

update parsed
set price = in_base(parsed.price, deal_rates.rate)
from deal_rates
where deal_rates.deal_id = parsed.deal_id;

update role_facts
set
    discount_amount = in_base(role_facts.discount_amount, deal_rates.rate),
    list_amount = in_base(role_facts.list_amount, deal_rates.rate)
from deal_rates
where deal_rates.deal_id = role_facts.deal_id;
