-- Title:   Три базы оборота
-- Meaning: Один месяц в трёх видах — по договорам, по актам, по подтверждённым деньгам — и мост между ними: что из
--          договоров месяца в этом же месяце не сдано, что сдано по договорам других месяцев, что из сданного не
--          оплачено, что пришло за сданное в другие месяцы и что — авансом.
-- Grain:   month
-- Date:    дата договора, дата акта, дата платежа — у каждой базы своя
-- Reads:   core.deals, core.payments, mart.act_entries, mart.turnover_parts
-- Equals:  contract_amount = mart.turnover_parts.net_amount by month
--          act_amount = mart.act_entries.amount by month = month_of(acted_on)
--          paid_amount = mart.receipts_by_month.confirmed_amount by month
-- Total:   contract_amount, not_acted_amount, other_acts_amount, act_amount, not_paid_amount, other_paid_amount,
--          advance_amount, paid_amount, open_deals, open_amount
-- Columns:
--   month             | month | Месяц
--   contract_amount   | money | По договорам
--   not_acted_amount  | money | − не сдано в этом месяце
--   other_acts_amount | money | + сдано по договорам других месяцев
--   act_amount        | money | По актам
--   not_paid_amount   | money | − не оплачено в этом месяце
--   other_paid_amount | money | + оплачено за сданное в другие месяцы
--   advance_amount    | money | + авансы за ещё не сданное
--   paid_amount       | money | По деньгам
--   open_deals        | integer | Из договоров месяца не сдано и сегодня
--   open_amount       | money | На сумму
-- Drill:
--   from mart.turnover_credits as entries
--   month           = month_of(entries.booked_on)
--   contract_amount = sum(entries.amount)
--   from mart.act_entries as entries
--   month      = month_of(entries.acted_on)
--   act_amount = sum(entries.amount)
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id
--   where deals.is_sale and payments.is_confirmed and payments.paid_on <= getvariable('today')
--   month       = month_of(payments.paid_on)
--   paid_amount = sum(payments.amount)

with acts as (

    select
        month_of(acted_on) as month,
        sum(amount) as act_amount,
        sum(amount) filter (month_of(acted_on) = month_of(booked_on)) as same_amount
    from mart.act_entries
    group by month

),

unfinished as (

    select
        month_of(contract_on) as month,
        count(*) as open_deals,
        sum(contract_amount) as open_amount
    from core.deals
    where
        is_sale
        and is_signed
        and not is_cancelled
        and coalesce(coalesce(act_on, won_on) > getvariable('today'), true)
    group by month

),

work as (

    select deal_id, month_of(min(acted_on)) as act_month
    from mart.act_entries
    group by deal_id

),

paid as (

    select
        month_of(payments.paid_on) as month,
        sum(payments.amount) as paid_amount,
        sum(payments.amount) filter (work.act_month = month_of(payments.paid_on)) as same_paid,
        sum(payments.amount) filter (work.act_month < month_of(payments.paid_on)) as other_paid,
        sum(payments.amount) filter (
            work.act_month is null or work.act_month > month_of(payments.paid_on)
        ) as advance
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    left join work on payments.deal_id = work.deal_id
    where deals.is_sale and payments.is_confirmed and payments.paid_on <= getvariable('today')
    group by month

),

contracts as (

    select month, sum(net_amount) as contract_amount
    from mart.turnover_parts
    group by month

),

months as (

    select
        month,
        coalesce(sum(contract_amount), 0) as contract_amount,
        coalesce(sum(same_amount), 0) as same_amount,
        coalesce(sum(act_amount), 0) as act_amount,
        coalesce(sum(open_deals), 0) as open_deals,
        coalesce(sum(open_amount), 0) as open_amount,
        coalesce(sum(paid_amount), 0) as paid_amount,
        coalesce(sum(same_paid), 0) as same_paid,
        coalesce(sum(other_paid), 0) as other_paid,
        coalesce(sum(advance), 0) as advance
    from (
        from contracts union all by name from acts union all by name from unfinished union all by name from paid
    )
    group by month

)

select
    month,
    money(contract_amount) as contract_amount,
    money(same_amount - contract_amount) as not_acted_amount,
    money(act_amount - same_amount) as other_acts_amount,
    money(act_amount) as act_amount,
    money(same_paid - act_amount) as not_paid_amount,
    money(other_paid) as other_paid_amount,
    money(advance) as advance_amount,
    money(paid_amount) as paid_amount,
    whole(open_deals) as open_deals,
    money(open_amount) as open_amount
from months
order by month
