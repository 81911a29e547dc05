-- Title:   Общие расходы по сделкам
-- Meaning: Общие расходы месяца, разделённые до копейки между договорами месяца по ключу из настроек: по обороту, по
--          валовой прибыли, поровну или по дням в работе; остаток копеек — на самую крупную долю. Что делить не на
--          кого, стоит строкой без сделки.
-- Grain:   month, deal_id
-- Date:    месяц расхода
-- Reads:   core.deals, core.overheads, mart.profit_by_deal
-- Equals:  amount = mart.overhead_totals.amount by month
-- Columns:
--   month   | month | Месяц
--   deal_id | deal  | Сделка
--   amount  | money | Доля общих расходов

with totals as (

    select month, sum(amount) as amount
    from core.overheads
    group by month

),

contracts as (

    select
        month_of(contract_on) as month,
        deal_id,
        case getvariable('overhead_key')
            when 'turnover' then kopecks(greatest(coalesce(contract_amount, 0), 0))
            when 'gross_profit' then kopecks(greatest(coalesce(profit_amount, 0), 0))
            else 1
        end as weight
    from mart.profit_by_deal
    where getvariable('overhead_key') <> 'days_in_work'

),

working as (

    select
        profits.deal_id,
        profits.contract_on as first_day,
        greatest(
            least(coalesce(deals.act_on, deals.won_on, getvariable('today')), getvariable('today')),
            profits.contract_on
        ) as last_day
    from mart.profit_by_deal as profits
    inner join core.deals as deals on profits.deal_id = deals.deal_id
    where getvariable('overhead_key') = 'days_in_work'

),

weights as (

    select month, deal_id, weight from contracts
    union all
    select
        totals.month,
        working.deal_id,
        1 + least(working.last_day, last_day(totals.month)) - greatest(working.first_day, totals.month) as weight
    from totals
    inner join working on working.first_day <= last_day(totals.month) and working.last_day >= totals.month

),

baskets as (

    select
        weights.month as basket,
        weights.deal_id as line,
        cast(weights.weight as bigint) as weight,
        totals.amount
    from weights
    inner join totals on weights.month = totals.month

),

shares as (

    select basket as month, line as deal_id, share as amount
    from divided('baskets')
    where share is not null

)

select month, deal_id, amount
from shares
union all
select totals.month, null as deal_id, money(totals.amount) as amount
from totals
where totals.month not in (select month from shares)
order by month, deal_id
