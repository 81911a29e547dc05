-- Payments of touched deals. Several origins tell of the same money, so a better proof takes in what a weaker one tells,
-- the oldest of it first, and only what no better one covers stays with its own: nothing counts twice.

create or replace temp table claims as
with sums as (

    select deal_id, role, position, money(words) as amount
    from role_values
    where role in ('prepayment_amount', 'payment_amount')

),

days as (

    select deal_id, role, position, typed_day(words) as paid_on
    from role_values
    where role in ('prepayment_date', 'payment_date')

),

fields as (

    select
        sums.deal_id,
        4 as rank,
        'field' as origin,
        'field' as proof,
        case when sums.role = 'prepayment_amount' then 0 else 1 + sums.position end as seq,
        case when sums.role = 'prepayment_amount' then 'prepayment' else 'payment' end as kind,
        -- A prepayment comes with the contract; a further payment without a date is a promise, not money.
        case
            when sums.role = 'prepayment_amount' then coalesce(days.paid_on, deals.contract_on)
            else days.paid_on
        end as paid_on,
        sums.amount as told_amount,
        deals.currency,
        cast(null as varchar) as document
    from sums
    inner join core.deals as deals using (deal_id)
    left join days
        on
            days.deal_id = sums.deal_id
            and days.position = sums.position
            and days.role = replace(sums.role, '_amount', '_date')

),

bills as (

    select
        deal_id,
        3 as rank,
        'invoice' as origin,
        'invoice' as proof,
        2000 + row_number() over (partition by deal_id order by paid_on, amount, document) as seq,
        'payment' as kind,
        paid_on,
        amount as told_amount,
        cast(null as varchar) as currency,
        document
    from invoice_payments

),

typed as (

    select
        deal_id,
        if(proof = 'bank', 1, 2) as rank,
        'input' as origin,
        proof,
        3000 + row_number() over (partition by deal_id order by paid_on, cells) as seq,
        'payment' as kind,
        paid_on,
        amount as told_amount,
        nullif(currency, (select settings.currency from core.settings as settings)) as currency,
        document
    from (
        select
            coalesce(survivors.survivor_id, cast(cells ->> '$.deal_id' as bigint)) as deal_id,
            cast(cells ->> '$.paid_on' as date) as paid_on,
            cast(cells ->> '$.amount' as decimal(18, 2)) as amount,
            cells ->> '$.currency' as currency,
            cells ->> '$.proof' as proof,
            cells ->> '$.document' as document,
            cells
        from raw.input_rows
        left join survivors on survivors.deal_id = cast(cells ->> '$.deal_id' as bigint)
        where
            name = 'payments'
            and version = (select max(version) from raw.input_versions where name = 'payments')
    )
    where deal_id in (select deal_id from touched_deals)

),

told as (

    select * from fields where told_amount is not null and told_amount <> 0
    union all by name
    select * from bills
    union all by name
    select * from typed where told_amount <> 0

)

select
    told.* exclude (seq, told_amount),
    cast(told.seq as integer) as seq,
    case when told.currency is not null then told.told_amount end as original_amount,
    if(told.currency is null, told.told_amount, in_base(told.told_amount, rates.rate)) as amount
from (
    select told.*, coalesce(told.paid_on, deals.contract_on, deals.lead_on) as rated_on
    from told
    inner join core.deals as deals using (deal_id)
) as told
asof left join core.exchange_rates as rates
    on rates.currency = told.currency and rates.on_day <= told.rated_on;

delete from core.payments where deal_id in (select deal_id from touched_deals);

insert into core.payments by name
with lined_up as (

    select
        *,
        sum(abs(amount)) over (
            partition by deal_id, amount < 0, rank order by paid_on nulls last, seq
            rows between unbounded preceding and current row
        ) as reaches
    from claims

),

-- A promise without a day covers nothing.
totals as (

    select
        deal_id,
        amount < 0 as is_refund,
        rank,
        coalesce(sum(abs(amount)) filter (paid_on is not null), 0) as total
    from claims
    where amount is not null
    group by all

),

covers as (

    select
        deal_id,
        is_refund,
        rank,
        coalesce(
            max(total) over (
                partition by deal_id, is_refund order by rank rows between unbounded preceding and 1 preceding
            ),
            0
        ) as covered
    from totals

)

select
    lined_up.deal_id,
    lined_up.seq,
    lined_up.kind,
    lined_up.paid_on,
    cast(
        sign(lined_up.amount) * least(abs(lined_up.amount), lined_up.reaches - covers.covered) as decimal(18, 2)
    ) as amount,
    lined_up.origin,
    lined_up.proof,
    lined_up.rank <= getvariable('confirmed_rank') as is_confirmed,
    lined_up.currency,
    lined_up.original_amount,
    lined_up.document
from lined_up
left join covers
    on
        covers.deal_id = lined_up.deal_id
        and covers.is_refund = (lined_up.amount < 0)
        and covers.rank = lined_up.rank
where lined_up.amount is null or lined_up.reaches > covers.covered
order by lined_up.deal_id, lined_up.seq;

-- Where no field proves the last payment, the won deal does: the rest came on the day it was won. It is told by the
-- same people as the fields are. What was given back since came before, unless the price fell by it.
insert into core.payments by name
with prices as (

    select
        deal_id,
        sum(amount) over chain as price,
        lead(booked_on) over chain as until_on
    from core.turnover_entries
    where deal_id in (select deal_id from touched_deals)
    window chain as (partition by deal_id order by seq)

),

falls as (

    select deals.deal_id, greatest(max(prices.price) - any_value(deals.contract_amount), 0) as amount
    from core.deals as deals
    inner join prices on deals.deal_id = prices.deal_id
    where coalesce(prices.until_on >= deals.won_on, true)
    group by deals.deal_id

),

dated as (

    select
        payments.deal_id,
        sum(payments.amount) as amount,
        -coalesce(sum(payments.amount) filter (payments.amount < 0 and payments.paid_on >= deals.won_on), 0) as returned
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    where payments.paid_on is not null and payments.deal_id in (select deal_id from touched_deals)
    group by payments.deal_id

),

rests as (

    select
        deals.deal_id,
        deals.won_on,
        deals.contract_amount
        - coalesce(dated.amount, 0)
        - greatest(coalesce(dated.returned, 0) - coalesce(falls.amount, 0), 0) as amount
    from core.deals as deals
    left join dated on deals.deal_id = dated.deal_id
    left join falls on deals.deal_id = falls.deal_id
    where deals.won_on is not null and deals.is_signed and deals.deal_id in (select deal_id from touched_deals)

)

select
    deal_id,
    1000 as seq,
    'rest' as kind,
    won_on as paid_on,
    amount,
    'won' as origin,
    'won' as proof,
    getvariable('confirmed_rank') >= 4 as is_confirmed
from rests
where amount > 0 and getvariable('last_payment') = 'won';
