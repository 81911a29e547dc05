-- Payments and direct costs of touched deals.

delete from core.payments where deal_id in (select deal_id from touched_deals);

create or replace temp table paid as
with sums as (

    select deal_id, role, position, money(words) as amount
    from role_values
    where role in ('prepayment_amount', 'payment_amount')

),

days as (

    select deal_id, role, position, typed_day(words) as paid_on
    from role_values
    where role in ('prepayment_date', 'payment_date')

)

select
    sums.deal_id,
    case when sums.role = 'prepayment_amount' then 0 else 1 + sums.position end as seq,
    case when sums.role = 'prepayment_amount' then 'prepayment' else 'payment' end as kind,
    -- A prepayment comes with the contract; a further payment without a date is a promise, not money.
    case
        when sums.role = 'prepayment_amount' then coalesce(days.paid_on, deals.contract_on)
        else days.paid_on
    end as paid_on,
    sums.amount,
    'field' as origin
from sums
inner join core.deals as deals using (deal_id)
left join days
    on
        days.deal_id = sums.deal_id
        and days.position = sums.position
        and days.role = replace(sums.role, '_amount', '_date')
where sums.amount is not null and sums.amount <> 0;

insert into core.payments (deal_id, seq, kind, paid_on, amount, origin)
select deal_id, cast(seq as integer), kind, paid_on, amount, origin
from paid;

-- Where no field proves the last payment, the won deal does: the rest came on the day it was won.
insert into core.payments (deal_id, seq, kind, paid_on, amount, origin)
select
    deals.deal_id,
    1000,
    'rest',
    deals.won_on,
    deals.contract_amount - coalesce(dated.amount, 0),
    'won'
from core.deals as deals
left join (
    select deal_id, sum(amount) as amount
    from paid
    where paid_on is not null
    group by deal_id
) as dated using (deal_id)
where
    getvariable('last_payment') = 'won'
    and deals.deal_id in (select deal_id from touched_deals)
    and deals.won_on is not null
    and deals.is_signed
    and deals.contract_amount > coalesce(dated.amount, 0);

delete from core.costs where deal_id in (select deal_id from touched_deals);

-- A cost never filled in is not known, not zero: it has its row, and no amount.
insert into core.costs (deal_id, article, amount)
select deals.deal_id, roles.article, money(role_values.words)
from core.deals as deals
inner join (select article, position from core.roles where role = 'cost') as roles on true
left join role_values
    on
        role_values.deal_id = deals.deal_id
        and role_values.role = 'cost'
        and role_values.article = roles.article
where
    deals.is_signed
    and deals.is_sale
    and deals.deal_id in (select deal_id from touched_deals);
