-- Title:   Источники: итог
-- Meaning: Какой источник тёплый, а какой даёт одни отказы: заявки, что с ними стало, договоры, оборот и
--          прибыль за всё время по первому записанному источнику сделки; прибыль — только по сделкам, где
--          заполнены сумма и все расходы.
-- Grain:   source
-- Date:    за всё время
-- Reads:   mart.funnel_parts, mart.profit_by_deal, mart.turnover_parts
-- Equals:  net_amount = mart.turnover_parts.net_amount by source
--          profit_amount = mart.profit_by_deal.profit_amount by source
-- Total:   leads, measure_leads, contract_leads, lost_leads, contracts, net_amount, profit_amount
--          measure_rate = measure_leads / leads
--          contract_rate = contract_leads / leads
--          lost_rate = lost_leads / leads
--          average_amount = mart.turnover_parts.signed_amount / mart.turnover_parts.priced_contracts
--          margin_rate = profit_amount / mart.profit_by_deal.contract_amount where profit_amount is not null
-- Coverage: прибыль известна = mart.profit_by_deal.rows where profit_amount is not null / mart.profit_by_deal.rows
--          источник заполнен = leads where source <> 'не заполнено' / leads
-- Columns:
--   source         | text    | Источник
--   leads          | integer | Заявки
--   measure_leads  | integer | Дошли до замера/КП
--   measure_rate   | percent | Конверсия в замер/КП
--   contract_leads | integer | Дошли до договора
--   contract_rate  | percent | Конверсия в договор
--   lost_leads     | integer | Сейчас в отказе
--   lost_rate      | percent | Конверсия в отказ
--   contracts      | integer | Подписано договоров
--   net_amount     | money   | Чистый оборот
--   average_amount | money   | Средний чек
--   profit_amount  | money   | Валовая прибыль
--   margin_rate    | percent | Маржа
--   coverage       | text    | Прибыль известна
-- Drill:
--   from mart.funnel_parts as parts
--   source         = parts.source
--   leads          = sum(parts.leads)
--   measure_leads  = sum(parts.measure_leads)
--   contract_leads = sum(parts.contract_leads)
--   lost_leads     = sum(parts.lost_leads)
--   from mart.turnover_parts as parts
--   source         = parts.source
--   contracts      = sum(parts.contracts)
--   net_amount     = sum(parts.net_amount)
--   average_amount = average(sum(parts.signed_amount), sum(parts.priced_contracts))
--   from mart.profit_by_deal as deals
--   source        = deals.source
--   profit_amount = sum(deals.profit_amount)

with leads as (

    select
        source,
        sum(leads) as leads,
        sum(measure_leads) as measure_leads,
        sum(contract_leads) as contract_leads,
        sum(lost_leads) as lost_leads
    from mart.funnel_parts
    group by source

),

turnover as (

    select
        source,
        sum(contracts) as contracts,
        sum(priced_contracts) as priced_contracts,
        sum(signed_amount) as signed_amount,
        sum(net_amount) as net_amount
    from mart.turnover_parts
    group by source

),

profit as (

    select
        source,
        count(*) as deals,
        count(*) filter (is_complete) as complete_deals,
        sum(contract_amount) filter (is_complete) as complete_amount,
        sum(profit_amount) as profit_amount
    from mart.profit_by_deal
    group by source

),

totals as (

    select
        source,
        whole(coalesce(sum(leads), 0)) as leads,
        whole(coalesce(sum(measure_leads), 0)) as measure_leads,
        whole(coalesce(sum(contract_leads), 0)) as contract_leads,
        whole(coalesce(sum(lost_leads), 0)) as lost_leads,
        whole(coalesce(sum(contracts), 0)) as contracts,
        money(coalesce(sum(net_amount), 0)) as net_amount,
        average(sum(signed_amount), sum(priced_contracts)) as average_amount,
        money(sum(profit_amount)) as profit_amount,
        share(sum(profit_amount), sum(complete_amount)) as margin_rate,
        coverage(
            whole(coalesce(sum(complete_deals), 0)), whole(coalesce(sum(deals), 0))
        ) as coverage
    from (from leads union all by name from turnover union all by name from profit)
    group by source

)

select
    source,

    leads,
    measure_leads,
    share(measure_leads, leads) as measure_rate,
    contract_leads,
    share(contract_leads, leads) as contract_rate,
    lost_leads,
    share(lost_leads, leads) as lost_rate,

    contracts,
    net_amount,
    average_amount,
    profit_amount,
    margin_rate,
    coverage
from totals
order by source
