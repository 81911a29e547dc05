-- Title:   Вес сделок в общих расходах
-- Meaning: По чему общие расходы месяца делятся между его договорами: оборот, валовая прибыль, поровну или дни в работе —
--          что выбрано в настройках; отрицательное не весит ничего.
-- Grain:   month, deal_id
-- Date:    месяц расхода
-- Reads:   core.deals, core.overheads, mart.profit_by_deal
-- Columns:
--   month   | month   | Месяц
--   deal_id | deal    | Сделка
--   weight  | integer | Вес

with months as (

    select distinct month from core.overheads

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

    select contracts.*
    from contracts
    semi join months on contracts.month = months.month
    union all
    select
        months.month,
        working.deal_id,
        1 + least(working.last_day, last_day(months.month)) - greatest(working.first_day, months.month) as weight
    from months
    inner join working on working.first_day <= last_day(months.month) and working.last_day >= months.month

)

select month, deal_id, cast(weight as bigint) as weight
from weights
order by month, deal_id
