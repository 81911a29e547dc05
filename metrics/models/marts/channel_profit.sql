-- Title:   Прибыльность каналов
-- Meaning: Что дал источник за месяц и чего стоила реклама: цена заявки, цена договора, отдача — валовая прибыль минус
--          реклама, делённая на рекламу. Источник — первый записанный в сделке; заявки, договоры и прибыль — этого
--          месяца, а не одной и той же когорты. Без расхода на рекламу показатели пусты.
-- Grain:   month, source
-- Date:    заявки — дата заявки, договоры и прибыль — дата договора, реклама — её месяц
-- Reads:   core.ad_spend, mart.funnel_by_source, mart.profit_by_deal, mart.turnover_parts
-- Equals:  net_amount = mart.turnover_parts.net_amount by month, source
--          leads = mart.leads_by_month.leads by month
--          profit_amount = mart.profit_by_deal.profit_amount by month = month_of(contract_on), source
-- Total:   leads, contracts, net_amount, profit_amount, spend_amount
--          lead_cost = spend_amount / leads where spend_amount is not null
--          contract_cost = spend_amount / contracts where spend_amount is not null
--          return_rate = profit_amount - spend_amount where spend_amount is not null / spend_amount
-- Coverage: прибыль известна = mart.profit_by_deal.rows where profit_amount is not null / mart.profit_by_deal.rows
--          источник заполнен = leads where source <> 'не заполнено' / leads
-- Columns:
--   month           | month   | Месяц
--   source          | text    | Источник
--   leads           | integer | Заявки
--   contracts       | integer | Подписано договоров
--   net_amount      | money   | Чистый оборот
--   profit_amount   | money   | Валовая прибыль
--   coverage        | text    | Прибыль известна
--   spend_amount    | money   | Реклама
--   lead_cost       | money   | Цена заявки
--   contract_cost   | money   | Цена договора
--   return_rate     | percent | Отдача рекламы
-- Drill:
--   from mart.turnover_parts as parts
--   month      = parts.month
--   source     = parts.source
--   contracts  = sum(parts.contracts)
--   net_amount = sum(parts.net_amount)
--   from mart.funnel_by_source as funnel
--   month  = funnel.month
--   source = funnel.source
--   leads  = sum(funnel.leads)
--   from mart.profit_by_deal as deals
--   month         = month_of(deals.contract_on)
--   source        = deals.source
--   profit_amount = sum(deals.profit_amount)
--   from core.ad_spend as spent
--   month        = spent.month
--   source       = filled(spent.source)
--   spend_amount = sum(spent.amount)

with movements as (

    select month, source, leads
    from mart.funnel_by_source
    union all by name
    select month, source, contracts, net_amount
    from mart.turnover_parts
    union all by name
    select
        month_of(contract_on) as month,
        source,
        profit_amount,
        1 as deals,
        cast(is_complete as integer) as complete_deals
    from mart.profit_by_deal
    union all by name
    select month, filled(source) as source, amount as spend_amount
    from core.ad_spend

),

channels as (

    select
        month,
        source,
        whole(coalesce(sum(leads), 0)) as leads,
        whole(coalesce(sum(contracts), 0)) as contracts,
        coalesce(sum(net_amount), 0) as net_amount,
        sum(profit_amount) as profit_amount,
        whole(coalesce(sum(deals), 0)) as deals,
        whole(coalesce(sum(complete_deals), 0)) as complete_deals,
        sum(spend_amount) as spend_amount
    from movements
    group by month, source

)

select
    month,
    source,
    leads,
    contracts,
    money(net_amount) as net_amount,
    money(profit_amount) as profit_amount,
    coverage(complete_deals, deals) as coverage,
    money(spend_amount) as spend_amount,
    average(spend_amount, leads) as lead_cost,
    average(spend_amount, contracts) as contract_cost,
    share(coalesce(profit_amount, 0) - spend_amount, spend_amount) as return_rate
from channels
where leads > 0 or contracts > 0 or net_amount <> 0 or deals > 0 or spend_amount is not null
order by month, source
